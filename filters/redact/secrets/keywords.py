"""Read the name that a value is given: how surely it names a credential."""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache
from string import digits
from typing import Final


class Grade(IntEnum):
    """How surely a name names a credential, from not at all to a password."""

    NONE = 0
    BARE = 1  # `key`, `salt`: anything may be called so
    WEAK = 2  # `token`, `auth`, `session`
    SECRET = 3  # `client_secret`, `api_key`, `access_token`: random values
    SHORT = 4  # `pin`, `otp`: digits
    LOOSE = 5  # `pass`, `pw`, `psk`: passwords, but short words of other meanings too
    PASSWORD = 6


# What every name of a credential holds, in any case. Letters stand in classes of their own, without
# IGNORECASE: `re` then skips ahead to the first, and the second tells most words apart.
_ENDS: Final = "(?![a-zA-Z])"
ANCHOR: Final = (
    r"[abckmopstwABCKMOPSTW](?:"
    r"[aA](?:(?<=[pP].)(?:[sS][sS](?![eiEI])|[rR][oO][lL][aA])|(?<=[sS].)(?:[lL][tT]|(?i:lasana))|(?<=[wW].)"
    r"(?i:chtwoord))|"
    r"[eE](?:(?<=[sS].)(?i:cret|nha|ss)|(?<=[kK].)(?:[yY](?![bewfhpBEWFHP])|(?i:nnwort))|(?<=[bB].)(?i:arer))|"
    r"[oO](?:(?<=[tT].)[kK][eE][nN](?![iI])|(?<=[cC].)(?i:ntrase(?:n|\u00f1)a))|"
    r"[wW](?<=[pP].)|[sS](?<=[pP].)[wWkK]|"
    rf"[iI](?<=[pP].)[nN]{_ENDS}|[rR](?<=[cC].)[eE][dD](?:[sS]|(?i:entials?))?{_ENDS}|[lL](?<=[cC].)(?i:ave)|"
    r"[uU](?<=[aA].)[tT][hH](?![oO][rR](?![iI][zZ])|[eE][nN])|"
    rf"[dD](?:(?<=[mM].)[pP]|(?<=[aA].)(?i:gangskode))|[tT](?<=[oO].)[pP]{_ENDS})"
)
# The same with the rest of the name, for the prefilter, which knows no look-around: names of
# passwords, and names of many meanings
_TAIL: Final = r"[\w.$\-]*"


def _unless(letters: str) -> str:
    """Spell the rest of a name that does not go on with one of some letters."""
    return rf"(?:(?:[.$\-]|[^\W{letters}]){_TAIL})?"


PASS_BYTES: Final = (
    rf"(?:pass{_unless('ei')}|pw(?:d\w*)?{_unless('a-z')}|(?:psw|psk|parola|senha|clave|contrase(?:n|\u00f1)a|kennwort|wachtwoord|mdp|"
    rf"salasana|adgangskode){_TAIL})"
)
SECRET_BYTES: Final = rf"(?:token{_unless('i')}|cred(?:s|entials?)?{_unless('a-z')}|secret{_TAIL})"
STRONG_BYTES: Final = rf"(?:{PASS_BYTES}|{SECRET_BYTES})"
SHORT_BYTES: Final = rf"(?:pin|otp){_unless('a-z')}"
WEAK_BYTES: Final = (
    rf"(?:key{_unless('bewfhp')}|auth(?:or(?:iz{_TAIL})?|o?{_unless('oe')})|(?:sess|salt|bearer){_TAIL}|"
    rf"{SHORT_BYTES})"
)


def run_bytes(of: str, least: int) -> str:
    """Spell a run of at least `least` characters of a class with a digit or symbol among them, for the prefilter."""
    odd = "[0-9!#$%^&*+?~@]"
    half = least // 2
    return rf"(?:{of}*{odd}{of}{{{half}}}|{of}{{{half}}}{of}*{odd})"


# Words by hyphens; random letters around one
WORDS_BYTES: Final = "[a-z]+-[a-z]+-[a-z]{3}"
CASES_BYTES: Final = r"(?-i:[a-z]+[A-Z][a-zA-Z]*[\-_][a-zA-Z]{4})"


# Names outside ASCII: Russian, Polish, Turkish, Korean, Japanese, Chinese,
# Serbian and Bulgarian, Greek, Hebrew, Arabic, Persian, Thai, Hindi, Bengali, Georgian, Armenian, Kazakh
FOREIGN: Final = (
    r"(?:\u043f\u0430\u0440\u043e\u043b[\u0430-\u044f]{1,3}|\u041f\u0430\u0440\u043e\u043b[\u0430-\u044f]{1,3}|"
    r"has\u0142[oa]|Has\u0142[oa]|\u015fifre(?:si|niz|n|m)?|\u015eifre(?:si|niz|n|m)?|"
    r"\ube44\ubc00\ubc88\ud638|\ube44\ubc88|\uc554\ud638(?!\ud654)|\ud328\uc2a4\uc6cc\ub4dc|"
    r"\u30d1\u30b9\u30ef\u30fc\u30c9|\u6697\u8a3c\u756a\u53f7|\u5bc6\u7801|\u53e3\u4ee4|\u5bc6\u78bc|"
    r"[\u043b\u041b]\u043e\u0437\u0438\u043d\u043a[\u0430\u0435\u0443]|"
    r"[\u043f\u041f]\u0430\u0440\u043e\u043b[\u0430\u0456\u0457]\w{0,2}|"
    r"[\u03ba\u039a]\u03c9\u03b4\u03b9\u03ba(?:\u03cc\u03c2|\u03cc|\u03bf\u03cd)|(?:\u05d4|"
    r"\u05dc)?\u05e1\u05d9\u05e1\u05de(?:\u05d4|\u05d0|\u05ea)|"
    r"\u0643\u0644\u0645(?:\u0629|\u0647) (?:\u0627\u0644)?(?:\u0645\u0631\u0648\u0631|\u0633\u0631)|"
    r"\u0643\u0644\u0645\u0629 \u0627\u0644\u0645\u0631\u0648\u0631|\u0631\u0645\u0632 \u0639\u0628\u0648\u0631|"
    r"\u06af\u0630\u0631\u0648\u0627\u0698\u0647|\u0e23\u0e2b\u0e31\u0e2a\u0e1c\u0e48\u0e32\u0e19|"
    r"\u092a\u093e\u0938\u0935\u0930\u094d\u0921|\u09aa\u09be\u09b8\u0993\u09af\u09bc\u09be\u09b0\u09cd\u09a1|"
    r"\u10de\u10d0\u10e0\u10dd\u10da\u10d8|\u0563\u0561\u0572\u057f\u0576\u0561\u0562\u0561\u057c|"
    r"\u049b\u04b1\u043f\u0438\u044f ?\u0441\u04e9\u0437|\u043a\u0456\u043b\u0442\u0441\u04e9\u0437)"
)
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])s?|[A-Z]?[a-z]+|[^\W\d_]+")
_PLAIN: Final = str.maketrans("\u00f1\u0142\u015f\u015e", "nlss")
_FOREIGN: Final = re.compile(
    r"\u043f\u0430\u0440\u043e\u043b\w*|(?:.*(?:\ube44\ubc00\ubc88\ud638|\ube44\ubc88|\uc554\ud638|"
    r"\ud328\uc2a4\uc6cc\ub4dc|"
    r"\u30d1\u30b9\u30ef\u30fc\u30c9|\u6697\u8a3c\u756a\u53f7|\u5bc6\u7801|\u53e3\u4ee4|\u5bc6\u78bc))"
)
_PASSWORD: Final = re.compile(
    r"\w*(?:password|passwd|passphrase|passwort|passcode|kennwort|wachtwoord|contrasenya|"
    r"contrasena|senha|haslo|heslo|sifre|parola|passord|losenord|lozinka|jelszo|salasana|adgangskode)|(?:\w{2,})?"
    r"(?:pwds?|passwds?|passwords)|psswd|pswd|psw|passw"
)
_LOOSE: Final = re.compile(r"pass|pw|psk|mdp|clave|parole|passe")
_USER_PASS: Final = re.compile(
    r"(?:db|user|usr|root|admin|my|smtp|mail|ftp|sql|mysql|pg|ssh|wifi|login|redis|http|proxy|key|"
    r"new|old|smb|rpc|ssl|master|remote|local|email|zip|pdf|cert|p12|pfx|jks|svc|service|irc|sftp|rdp|vnc|sip|wpa|router|"
    r"backup|enable|jdbc|oracle|postgres|pgsql|store|sudo|web|vpn|ldap|bind|auth|app|test|imap|mqtt|server|host|client|amqp|rabbit|mongo)"
    r"(?:pass|pw|psk)"
)
_SECRET: Final = re.compile(
    r"\w*(?:secret|apikey|authkey|secretkey|accesskey|privatekey|masterkey|signingkey|"
    r"encryptionkey|authtoken|accesstoken|apitoken)s?|credentials?|creds?"
)
# What a word says by itself
_SINGLE: Final = (
    (_LOOSE, Grade.LOOSE),
    (re.compile(r"pin|otp"), Grade.SHORT),
    (_SECRET, Grade.SECRET),
    (re.compile(r"auth|bearer|session(?:id|key)?|sessid|authorization"), Grade.WEAK),
    (re.compile(r"salt"), Grade.BARE),
)
_KEY_OF_TEXT: Final = """
    api secret private access auth encryption encrypt signing sign master client consumer app
    account storage shared subscription service license licence admin hmac jwt aes cipher
    session webhook deploy crypto application cookie functions host authorization authentication
    sas server write read ingest security wpa wep wifi decryption rest product activation
"""
_KEY_OF: Final = frozenset(_KEY_OF_TEXT.split())
_WHOSE_TEXT: Final = """
    auth access api bot refresh bearer secret private personal oauth deploy user app account
    admin service github gitlab slack npm jwt id identity registration runner vault telegram
    discord security verification webhook push device authentication session ci hub login
"""
_WHOSE: Final = frozenset(_WHOSE_TEXT.split())
# Words after the keyword that do not change what is named
_SUFFIX_TEXT: Final = """
    prod production dev development staging stage live old new current default value str string
    plain plaintext clear text raw env local v main primary secondary backup data base b hex
    hash digest hashed encrypted confirm confirmation repeat again tmp temp real val encoded b64
    md test s me one two three first second is was
"""
_SUFFIX: Final = frozenset(_SUFFIX_TEXT.split())
# Words after the keyword that name something about the credential, not the credential
_ABOUT_TEXT: Final = """
    name names label labels field fields id ids type types url uri urls path paths file files
    filename dir header headers prefix suffix length len size min max hint placeholder prompt
    title message msg msgs error errors err errs policy policies regex regexp pattern format
    param params parameter column columns input form view class cls selector template reset
    count expiry expires expiration ttl lifetime alg algorithm algo encoder encoding provider
    manager store endpoint service ref refs reference arn version enabled disabled required mode
    method methods scope scopes kind strategy generator factory helper util utils handler
    callback fn func function button link page screen modal dialog icon css style color help
    tooltip description desc validator validation rule rules strength requirements tokenizer
    tokens word words board code event events down up press frame frames map maps set list array
    table index idx schema usage purpose source env var variable variables group groups item
    items node nodes attr attribute property properties attributes chain ring pair bits bytes
    curve model expired invalid missing failed changed updated created incorrect wrong mismatch
    empty notification subject email mail address issuer audience info status state option
    options time timeout date at secs seconds days hours age lookup tests spec specs mock
    fixture interval limit offset position pos line flow grant server host port realm domain
    user username account role charset cost rounds iterations hasher filter middleware guard
    module plugin package lib library client sdk separator delimiter char chars comment text
    i18n locale translation cache visibility visible show hide toggle eye strengths forgot
    change recovery backend engine rate through symbol fingerprint thumbprint tag
    tags config configuration settings
"""
ABOUT: Final = frozenset(_ABOUT_TEXT.split())
# Words before the keyword: `get_secret("…")` asks for one; `public_key` is for everyone
_ASKS_TEXT: Final = """
    get fetch load read find has is no not delete remove validate check verify public pub
    primary foreign sort partition cache map dict lookup translation i18n enter forgot forget
    reset missing invalid wrong incorrect bad need needs require requires required show hide
    toggle hot short shortcut csrf xsrf next page continuation pagination lexer parser syntax
    special eos bos pad unk mask sep cls hash idempotency routing row column field group unique
    natural composite index host known ssh author hidden sync cancellation cancel stop stopping
    test end start object s3 bucket dedup tokenize registry monkey don turkey hockey arrow
    existing site contract design dedupe query react i n modifier keyboard press num input label placeholder type change
    resume lock starting creation concurrency paging cursor request update
    gpg pgp spki cert certificate age recipient minisign cosign sigstore verifying keybase
"""
ASKS: Final = frozenset(_ASKS_TEXT.split())
_VERBS_TEXT: Final = """
    get fetch load read find has is no not delete remove validate check verify need needs require
    requires required show hide toggle reset forgot change enter lookup hash
"""
_VERBS: Final = frozenset(_VERBS_TEXT.split())
_CONTENT: Final = ["file", "content"]
_LAST_WORDS: Final = 8


def grade(name: str) -> Grade:
    """Grade a name, such as `spring.datasource.password`, `dbPassword` or `API_KEY_PROD`."""
    # names that are counted up are one to the cache
    return _graded(name.rstrip(digits) + "0" if name[-1:].isdigit() else name)


# A file, of which a list gives the digest: `auth-key.iso`
_FILE: Final = re.compile(
    r"\.(?:iso|tar|tgz|gz|bz2|xz|zip|7z|img|json|ya?ml|txt|pem|crt|cer|deb|rpm|apk|jar|war|whl|exe|msi|dmg|pkg|js|mjs|"
    r"cjs|tsx?|jsx|py|rs|rb|java|php|cc|cpp|css|html?|md|rst|png|jpe?g|gif|svg|pdf|csv|xml|toml|lock|so|dll|wasm|gpg|"
    r"asc|sig|pub)$"
)


@lru_cache(8192)
def _graded(name: str) -> Grade:
    words = [word.lower() for word in _WORD.findall(name.translate(_PLAIN))][-_LAST_WORDS:]
    while words and words[-1] in _SUFFIX and len(words) > 1:
        words.pop()
    if words[-2:] == _CONTENT:
        del words[-2:]  # what a file holds
    if not words or words[-1] in ABOUT or "publishable" in words or _is_file(name):
        return Grade.NONE
    for index in range(len(words) - 1, -1, -1):
        found = _grade(words, index)
        if found is Grade.NONE:
            continue
        if any(word in ABOUT for word in words[index + 1 :]):
            return Grade.NONE
        if found <= Grade.SECRET and index and words[index - 1] in ASKS:
            return Grade.NONE
        if _is_library(words, index, name):
            return Grade.NONE
        if found is Grade.BARE and index and name.isupper():
            found = Grade.WEAK  # `SENDGRID_KEY`, as environment variables are spelled
        return found if index == len(words) - 1 else _lower(found)
    return Grade.NONE


def _is_file(name: str) -> bool:
    return _FILE.search(name) is not None


def _is_library(words: list[str], index: int, name: str) -> bool:
    """Tell whether a name is of a library or class: `FirebaseAuth`."""
    return (
        index > 0
        and words[index] == "auth"
        and index == len(words) - 1
        and name.isalpha()
        and name[0].isupper()
    )


def asks(name: str) -> bool:
    """Tell whether a name says that something is asked for: `getSecret`, `has_password`."""
    words = [word.lower() for word in _WORD.findall(name)]
    return bool(words) and words[0] in _VERBS


def _lower(found: Grade) -> Grade:
    """Lower the grade of a keyword that stands before words without meaning to us."""
    if found is Grade.PASSWORD:
        return Grade.LOOSE
    return Grade.BARE if found in (Grade.WEAK, Grade.LOOSE, Grade.SHORT) else found


def _grade(words: list[str], index: int) -> Grade:
    """Grade one word of a name by itself and the word before it."""
    word = words[index]
    before = words[index - 1] if index else ""
    if _is_password(word, before):
        return Grade.PASSWORD
    if word in ("key", "keys"):
        return Grade.SECRET if before in _KEY_OF else Grade.BARE
    if word in ("token", "tokens"):
        return Grade.SECRET if before in _WHOSE else Grade.WEAK
    return next(
        (found for regex, found in _SINGLE if regex.fullmatch(word) is not None), Grade.NONE
    )


def _is_password(word: str, before: str) -> bool:
    return (
        _PASSWORD.fullmatch(word) is not None
        or _FOREIGN.fullmatch(word) is not None
        or _USER_PASS.fullmatch(word) is not None
        or _USER_PASS.fullmatch(before + word) is not None
        or (before == "pass" and word in ("phrase", "word"))
        or (before == "pragma" and word in ("key", "rekey"))  # SQLCipher
    )
