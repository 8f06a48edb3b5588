"""The words with which people tell each other a credential, in many languages, and how its value is read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from filters.redact.secrets.phrases import is_phrase
from filters.redact.secrets.strength import weigh

if TYPE_CHECKING:
    from filters.redact.rule import Range

_WIFI: Final = r"(?:wi-?fi|wlan|wpa2?|hotspot|network)"
# Names of passwords in Latin letters, some with the endings of their language
PASSWORDS: Final = (
    r"(?:pass(?:word|code|phrase|wd|wort)s?|passwd|p[/.]w\.?|pass[ ](?:word|phrase)|psk|"
    r"[a-z]{2,14}[ ]pass(?=[ ]{0,2}(?:is|was|[:=\u2192])[ ])|pass(?=[ ]{0,2}(?:is|[:=\u2192])[ ])|"
    r"(?<=[,;&][ ])pass(?=[ ][^\s]{0,40}[0-9])|pwd|pw|"
    rf"{_WIFI}[ \-](?:key|code|pin|schl\u00fcssel|pass)|(?:code|cl\u00e9|chiave|clave|chave|klucz)[ ](?:du[ ]|"
    rf"de[ ]la[ ])?{_WIFI}|"
    r"(?:zugangs|freischalt|zugriffs)code|kennw(?:ort|\u00f6rter)s?|(?:code|mot)[ ]d'acc[e\u00e8]s|"
    r"c\u00f3digo[ ]de[ ]acces?so|"
    r"codice[ ]d(?:i[ ]|')accesso|wachtwoord|contrase\u00f1a|contrasena|contrasenya|pasahitza|"
    r"clave(?:[ ](?:de[ ]acceso|secreta|maestra))?|senha|palavra[ \-]passe|mot[ _]de[ _]passe|mdp|"
    r"parol[a\u0103](?:n\u0131z|m\u0131z)?(?:[ ]d'(?:ordine|accesso))?|has[l\u0142][oa]|"
    r"[\u015f\u015e]ifre\w{0,6}|[\u043f\u041f]\u0430\u0440\u043e\u043b[\u0430-\u044f\u0456\u0457\u0454]{1,3}|"
    r"l\u00f6sen(?:ord(?:et)?)?|salasana(?:si|mme)?|tunnussana|adgangskode[nr]?|kodeord(?:et)?|hesl[oa]|"
    r"jelsz[\u00f3a]\w{0,3}|"
    r"passord(?:et)?|lozinka|geslo|slapta\u017eodis|parool|lykilor\u00f0|parole|m\u1eadt[ ]kh\u1ea9u|"
    r"kata[ ](?:sandi(?:nya)?|laluan)|sandi(?:nya)?)"
)
KEYS: Final = (
    r"(?:[a-z]{2,14}[ \-](?:key|token|secret)|(?:api[ \-]?|zugangs|zugriffs|geheim|sicherheits)schl\u00fcssel|"
    r"(?:api|access|secret|auth|client)[_\-]?(?:key|token|secret)|x-(?:[a-z]{2,12}-){1,2}(?:key|token|secret)|"
    r"(?:token|secret)(?=[ ](?:(?:is|=|->|est|es|\u00e9)[ ])?[^\s]{0,40}[0-9])|pat(?=(?:[ ](?:is|=|->)|:)[ ])|"
    r"api[ \-](?:nyckel|n\u00f8kkel|n\u00f8gle|avain|anahtar\u0131|"
    r"kl\u00ed\u010d|k\u013e\u00fa\u010d|kulcs)\w{0,2}|kh\u00f3a[ ]api|(?:secret|token)[ ]for[ ]the[ ][a-z]{2,14}|"
    r"cl\u00e9[ ](?:d'|de[ ]l')?(?:api|acc\u00e8s|secr\u00e8te)|chiave[ ](?:api|segreta|d'accesso|di[ ]accesso)|"
    r"chave[ ](?:(?:de|da)[ ])?(?:api|acesso|secreta)|clave[ ](?:(?:de[ ])?(?:la[ ])?api|privada)|klucz[ ]api|"
    r"api[ \-]sleutel|geheimnis|[\u043a\u041a]\u043b\u044e\u0447[ ]api|api[ \-]\u043a\u043b\u044e\u0447|"
    r"[\u0442\u0422]\u043e\u043a\u0435\u043d|(?:\u0441\u0435\u043a\u0440\u0435\u0442\u043d\u044b\u0439|"
    r"\u0421\u0435\u043a\u0440\u0435\u0442\u043d\u044b\u0439)[ ]\u043a\u043b\u044e\u0447|(?:le|un|mon|votre)[ ]jeton|"
    r"(?:jeton|token)[ ](?:d'acc\u00e8s|de[ ]acceso|de[ ]acesso|api))"
)
# What surely says that a value follows, and what may say so, or is a word of another language
_SURE: Final = (
    r"is|was|ist|lautet|lauten|jest|\u00e4r|will[ ]be|has[ ]been|should[ ]be|would[ ]be|set[ ]to|set[ ]as|"
    r"(?:changed|reset|updated|rotated)[ ]to|=|:|->|\u2192|=>|now|still|just|set|changed|reset|were|currently|"
    r"war|era|"
    r"einfach|olarak|is:|both"
)
_MAYBE: Final = (
    r"are|est|es|\u00e9|\u00e8|e|to|er|on|je|-|\u2014|\u2013|auf|wurde|ahora|maintenant|sera|\u00e0|a|como|also|"
    r"…|\u00e9s|este|l\u00e0|adalah|yra|az|"
    r"ialah|do|mu"
)
# How a value shows that it is no next word of the sentence: by a digit or a symbol, by capitals
# within, by words joined by hyphens, or because nothing follows it
JOINED: Final = r"[a-z]{3,16}[\-_][a-z]{3,16}[\-_][a-z]{3}"
_SHOWS: Final = (
    rf"(?=[^\s]{{0,60}}(?:[0-9!@#$%^&*+?~]|(?-i:[a-z][A-Z]))|[^\s]{{6,60}}$|{JOINED}|"
    r"(?<=['\"`])[a-z]{3,12}[ ][a-z]{3,12}[ ])"
)
_SYMBOL: Final = (
    r"(?=[^\s]{0,60}(?:[0-9@#$%^&*+~]|!\w|(?-i:[a-z][A-Z][a-zA-Z]{0,40}[a-z][A-Z]))|"
    rf"{JOINED})"
)
# `the password for staging is …`: a few words, none of which ends a sentence
_WORD: Final = r"[\w.@'/\-\u00c0-\u024f\u1e00-\u1eff]{0,30}[\w'/\u00c0-\u024f\u1e00-\u1eff]"
_GAP: Final = rf"(?P<gap>(?:[ ](?:{_WORD}|\([^()\n]{{1,40}}\)|\[[^\[\]\n]{{1,24}}\])){{0,7}}?)"
# Words after the name with which it goes on to say whose it is
_WHOSE: Final = re.compile(
    r"[ ](?:for|of|to|on|in|at|f\u00fcr|von|vom|zum|zur|des|der|pour|de|du|d'|des|para|do|da|per|di|del|della|voor|"
    r"you|we|i|that|\u043e\u0442|\u0434\u043b\u044f|dla|i\u00e7in|k|til|till|pentru|is|was|[(\[])(?![\w])",
    re.IGNORECASE,
)
OPEN: Final = r"(?:&(?:quot|\#39|apos);)?(?:<(?:b|strong|code|kbd|tt|i|em)>)?[`'\"*«\u201c\u201e\u300c\u300e]{0,3}"
VALUE: Final = (
    r"(?P<value>(?<=['\"`])[a-z]{3,12}(?:[ ][a-z]{3,12}){2,7}(?:[ ]\d{1,4})?(?=['\"`])|"
    r"[^\s`'\"«\u201c\u201e=:<\u00a0][^\s`'\"«»\u201c\u201d<\u00a0]{3,399})"
)
_ARROW: Final = r"->|=>|\u2192|\u279c|\u27a1\ufe0f?|\U0001f449"
_SIGN: Final = rf"[*_]{{0,2}}[ ]{{0,2}}(?:[:=\uff1a]{{1,2}}|{_ARROW})[*_]{{0,2}}[ ]{{1,2}}"
# What people are asked to do at a prompt, and what has become of a credential
_DO: Final = (
    r",?[ ](?:please[ ])?(?:enter|type|use|try|put)[ ]|"
    r"(?:[ ](?:rotated|changed|reset|updated|renewed))?,[ ](?:which[ ]is|now|it'?s|it[ ]is)(?:[ ]now)?[ ]"
)
SENTENCE: Final = re.compile(
    rf"(?<![\w\-])(?:(?P<pass>{PASSWORDS})|(?P<key>{KEYS}))(?=[ :=(\u2192,'*_\uff1a])"
    rf"(?:{_GAP}(?P<is>(?:,[ ]which)?(?:{_SIGN}|[ ]{{1,2}}(?:(?:{_SURE}|"
    rf"{_MAYBE})[ ]{{1,2}}){{0,2}}(?:(?:{_SURE})[ ]{{1,2}}(?={OPEN}{_SHOWS})|"
    rf"(?:{_MAYBE})[ ]{{1,2}}(?={OPEN}{_SYMBOL})))|'s[ ](?={OPEN}{_SYMBOL})|[ ]\((?={OPEN}{_SYMBOL})|"
    rf"(?:{_DO})(?={OPEN}{_SYMBOL}))|,[ ](?![`'\"])|[ ])"
    rf"(?P<quote>{OPEN}){VALUE}",
    re.IGNORECASE | re.ASCII | re.MULTILINE,
)
# The same for a value that shows nothing: the first word after what says that one follows
PLAIN: Final = re.compile(
    rf"(?<![\w\-])(?:(?P<pass>{PASSWORDS})|(?P<key>{KEYS}))(?=[ ]){_GAP}"
    rf"(?P<is>[ ]{{1,2}}(?:(?:{_SURE}|est|es|\u00e9|\u00e8)[ ]{{1,2}}){{1,3}})(?P<quote>{OPEN})(?=[a-z.\-_]{{8}})"
    rf"{VALUE}",
    re.IGNORECASE | re.ASCII,
)
# The names once more for the prefilter. It is quick where plain letters begin a trigger, and those
# outside ASCII stand in branches of their own.
_STEMS: Final = (
    "password|passwort|passwords|passworts|passwd|passcode|passphrase|pass word|pass phrase|wifi|wi-fi|wlan|wpa|wpa2|"
    "hotspot|network key|network code|network pin|network pass|network-key|code du|code de|code d'acces|klucz|"
    "chiave|chave|clave|zugangscode|freischaltcode|zugriffscode|kennwort|kennworts|acceso|acesso|accesso|wachtwoord|"
    "contrasena|contrasenya|pasahitza|senha|palavra passe|palavra-passe|mot de passe|mot_de_passe|parola|haslo|hasla|"
    "adgangskode|adgangskoden|kodeord|kodeordet|heslo|hesla|passord|passordet|lozinka|geslo|parool|parole|sandi|"
    "sandinya|laluan"
)
_OTHER_STEMS: Final = (
    "kennw\u00f6rter|d'acc\u00e8s|cl\u00e9 wifi|cl\u00e9 du|cl\u00e9 de|contrase\u00f1a|parol\u0103|"
    "parolan\u0131z|parolam\u0131z|"
    "slapta\u017eodis|lykilor\u00f0|m\u1eadt kh\u1ea9u"
)
_INFLECTED: Final = "jelsz|salasan|tunnussana"
_OTHER_INFLECTED: Final = (
    "\u015fifre|\u015eifre|\u043f\u0430\u0440\u043e\u043b|\u041f\u0430\u0440\u043e\u043b|has\u0142|"
    "l\u00f6sen"
)
_SHORT: Final = r"pw|pw[.]|pwd|psk|mdp|p/w|p[.]w|pass"
_KEY_STEMS: Final = (
    "key|token|secret|api|segreta|secreta|privada|sleutel|geheimnis|jeton|avain|kulcs|nyckel|nyckeln|"
    "pat"
)
_OTHER_KEY_STEMS: Final = (
    "schl\u00fcssel|secr\u00e8te|acc\u00e8s|n\u00f8kkel|n\u00f8kkelen|n\u00f8gle|n\u00f8glen|anahtar\u0131|kl\u00ed\u010d|"
    "k\u013e\u00fa\u010d|\u043a\u043b\u044e\u0447|\u0442\u043e\u043a\u0435\u043d|\u0422\u043e\u043a\u0435\u043d"
)
_SIGNED: Final = r"(?:[ ]|:[ ]|,[ ]|'s[ ]|:[*_:])[^\n]*(?:[0-9]|[a-z][\-_][a-z]{3,16}[\-_][a-z])"
_MIXED: Final = r"(?:[ ]|:[ ])[^\n]*(?:[0-9][a-z]|[a-z!@#$%^&*_\-][0-9]{2})"
SENTENCE_TRIGGER: Final = re.compile(
    rf"(?:{_STEMS}){_SIGNED}|(?:{_OTHER_STEMS}){_SIGNED}|(?:{_SHORT}){_SIGNED}|(?:{_INFLECTED})[^\n]*[0-9]|"
    rf"(?:{_OTHER_INFLECTED})[^\n]*[0-9]|(?:{_KEY_STEMS}){_MIXED}|(?:{_OTHER_KEY_STEMS}){_MIXED}",
    re.IGNORECASE | re.ASCII,
)
PLAIN_TRIGGER: Final = re.compile(
    r"(?:password|passwort|passphrase|passcode|pwd|pw|mot de passe|senha|kennwort|wachtwoord|parola|clave|contrase|key|"
    r"token|secret)[^\n]*[ ](?:is|ist|lautet|to|was|es|est|\u00e9)[ ]{1,2}['\"`*]{0,3}"
    r"(?:[a-z]{2,16}[.\-_][a-z]{2,16}[.\-_][a-z]{2}|[a-z]{9})",
    re.IGNORECASE | re.ASCII,
)
_TRAIL: Final = re.compile(r"(?:[(.,;:!?)\]}>'\"`*»\u201d]|--)+$")
_ENDS: Final = re.compile(r"\\+[nrt\"']|&quot;|&\#39;|&lt;|</|<br|\{[a-z]{1,12}\}|\{[a-z]{3,8}$")
_DIGIT: Final = re.compile(r"\d")
_ENOUGH: Final = 6
# A count, a keyword argument, an option, a bracket, or a word of a script without blanks
_OTHERWISE: Final = re.compile(
    r"\d{1,3}-[a-z]+$|\d{1,3}(?:px|em|ch|bits?|bytes?|chars?|digits?|rd|th|st|nd|m?s|x|[km]b?|h|min|days?)$|"
    r"[a-z_][a-z0-9_]{1,30}=|--?[a-z]|[\[({<]|.{0,99}[\u3000-\ud7ff]{3}|.{0,99}[\u3040-\ud7ff]$"
)
# What is enciphered, or the name of a constant
_NEVER: Final = re.compile(
    r"(?:ENC|enc|AES|RSA|vault|VAULT|crypt)[(\[]|[A-Z]{2,24}(?:_[A-Z]{2,24})+(?:_?\d{1,4})?$"
)
_STRONG_ODD: Final = 30.0
_KNOWN_ODD: Final = 22.0
# Of a value without digits
_LETTERS_ODD: Final = 26.0
_STRONG_CLASSES: Final = 3
_KNOWN: Final = re.compile(r"[A-Za-z]{1,8}-?(?:v?\d+(?:\.\d+)*)", re.ASCII)
# Words as people join them to a passphrase, and not those of a path or a module
_WORDS: Final = re.compile(r"[A-Za-z]{3,16}(?:[\-_][A-Za-z]{3,16}){2,7}!?")
_TYPE: Final = re.compile(r"[A-Za-z]{3,16}\d{0,3}(?:\(\d{1,5}\))?", re.ASCII)
_EDGE: Final = 399


def says_whose(gap: str) -> bool:
    """Tell whether the words after a name say whose it is: `for staging`."""
    return _WHOSE.match(gap) is not None


def trimmed(match: re.Match[str]) -> Range:
    """Leave out what punctuates the sentence; a `!` at the end belongs to a password."""
    start, end = match.span("value")
    stop = _ENDS.search(match.string, start, end)
    text = match.string[start : end if stop is None else stop.start()]
    trail = _TRAIL.search(text)
    if trail is None:
        return start, start + len(text)
    kept = 1 if trail[0][0] in "!?*" and "*" not in match["quote"] else 0
    return start, start + trail.start() + kept


def is_strong(value: str) -> bool:
    """Tell whether a value shows by itself that it is no next word of the sentence."""
    if len(value) < _ENOUGH:
        return False
    if _DIGIT.search(value) is None:
        if _WORDS.fullmatch(value) is not None:
            return is_phrase(value)
        weight = weigh(value)
        return weight.odd >= _LETTERS_ODD and weight.classes > 1 and weight.number == 0
    return _KNOWN.fullmatch(value) is None or weigh(value).odd >= _KNOWN_ODD


def is_otherwise(value: str) -> bool:
    """Tell whether a value is something else than a credential, or was cut off."""
    if _NEVER.match(value) is not None or len(value) >= _EDGE:
        return True
    if _OTHERWISE.match(value) is None:
        return False
    weight = weigh(value)
    return not value.isascii() or weight.odd < _STRONG_ODD or weight.classes < _STRONG_CLASSES


def says_nothing(value: str) -> bool:
    """Tell whether a cell holds the type of a column, no value: `varchar(255)`."""
    return _TYPE.fullmatch(value) is not None
