"""Know values that stand for a credential: dummies, templates, references and labels."""

from __future__ import annotations

import re
from typing import Final

from filters.redact.secrets.references import is_elsewhere
from filters.redact.secrets.strength import classes, weigh

# Words of which a placeholder is made, whole: `my-secret-password-123`, `YOUR_API_KEY`
_DUMMY_TEXT: Final = """
    a abc abcd abcde abcdef access account actual add admin administrator an any anonymous api app
    apikey asdf auth authorization aws azure bar baz basic bearer blank blah bogus change changed
    changeit changeme changethis clear client cloud code config configured confirm cred credential
    credentials current custom data db default demo deprecated dev development disabled dummy email
    empty enabled enter env environment error ex example fake false field fill filtered fixme foo
    foobar for from generated github gitlab go goes guest hash here hidden hunter id in insert
    invalid is it jwt key keys later letmein license local localhost login long mask masked me mock
    my mysecret mypass mypassword mytoken name new nil no none not nothing null of old omitted on
    only oauth openai optional or own p pass passcode passphrase passwd password passwords
    paste phrase pin place placeholder plain please postgres prefix private prod production
    provided public put pw pwd qwerty random real redacted refresh removed replace replaced
    required reset root salt same sample secret secrets secure see server service session set shared
    shh short sign signing smtp some something staging stage str string strong stub super sys system
    tbd temp template test tester testing tests text the this to tmp todo token tokens true type
    undefined unknown unset up use user username using val valid value variable very webhook weak
    with word wrong xxx xyz yes you your yours default dont share hello world mysql redis mongo
    oracle welcome pwned foobarbaz qux quux bob alice dolor lorem ipsum stripe slack google base
    passwort kennwort geheim geheimnis contrasena contrase\u00f1a clave senha segredo parola sifre
    \u015fifre haslo has\u0142o wachtwoord motdepasse passe mdp secreto tu su ihr mein meine dein
    deine votre mon mi sua seu tua twoje moje adgangskode heslo jelszo passord losenord salasana
    \u5bc6\u7801 \u53e3\u4ee4 \ube44\ubc00\ubc88\ud638 \uc554\ud638 \u30d1\u30b9\u30ef\u30fc\u30c9
    \u0432\u0430\u0448 \u043f\u0430\u0440\u043e\u043b\u044c
"""
DUMMY_WORDS: Final = frozenset(_DUMMY_TEXT.split())
_DUMMIES: Final = "|".join(sorted(DUMMY_WORDS, key=lambda word: (-len(word), word)))
_COUNT: Final = (
    r"(?:0?1(?:2(?:3(?:4(?:5(?:6(?:7(?:8(?:90?)?)?)?)?)?)?)?)?|0{4,8}|1{4,8}|9{4,8}|4321|654321|"
    r"(?:19|20)\d\d|\d{1,3})"
)
# Nothing but such words with trivial numbers and what joins them; no step is ever taken back
_DUMMY: Final = re.compile(
    rf"(?>(?:{_DUMMIES})(?:e?s(?![a-z]))?(?:{_COUNT}(?!\d))?[\W_]{{0,6}}){{1,12}}+|"
    rf"[\W_]*(?:{_COUNT})?[\W_]*"
)
_EDGE: Final = re.compile(r"^[\W_]+")
_LEET: Final = str.maketrans("013457@$!", "oieastasi")
_MARKS: Final = re.compile(
    r"x{4,}|\*{3,}|\.{3,}|\u2026|_{4,}|#{4,}|-{4,}|\?{3,}|\u2022{2,}|\u25cf{2,}|"
    r"(?:0123456789|1234567890|00010203|80818283|a0a1a2a3|abcdefgh|qwertyui|asdfghjk)|change_?me|placeholder|redacted|"
    r"(?-i:EXAMPLE)|your[-_ ]|<\||\b(?:ctrl|cmd|alt|shift|meta|mod)[-+]|123e4567-e89b|a1b2c3d4-?e5f6|"
    r"correct[- _]?horse[- _]?batt|3fa85f64-5717|550e8400-e29b|"
    r"(?:^|[-_ .])(?:example|dummy|sample)(?:[-_ .]|$)|replace[-_ ]|[-_ ]here\b|<[a-z][\w -]*>",
    re.IGNORECASE,
)
_ALGORITHM: Final = re.compile(
    r"(?:hmac|rsa|ecdsa|ssh|pbkdf2|wpa)?[-_/]?(?:sha|wpa|pkcs|md|hs|rs|es|ps|aes|rsa|ed|curve|x|utf|iso|base|pbkdf|"
    r"blake|des|"
    r"rc|tls|ssl|http|oauth|ecdsa|secp|p|k|hkdf|jax|bcrypt|chacha|poly|latin|s|v|a)[-_/]?\d{1,5}[a-z]{0,4}"
    r"(?:[-_/.][a-z]{0,8}\d{0,4}){0,3}|utf8mb\d\w{0,20}|\d{1,9}(?:[munk]?s|m|h|d|w|px|r?em|pt|[kmg]i?b?|b|bits?|"
    r"bytes?)",
    re.IGNORECASE,
)
# Identifiers of licences (SPDX), suites of ciphers, names of headers, MIME types, locales, migrations
_IDENTIFIERS: Final = re.compile(
    r"(?:[AL]?GPL|GFDL|MPL|EPL|CDDL|EUPL|CECILL|0?BSD|MIT|Apache|CC|CC0|BY|BSL|BUSL|Artistic|OFL|Zlib|ISC|PSF|NCSA|SSPL|"
    r"OSL|AFL|WTFPL|LicenseRef)(?:[-_ ]?[vV]?\d(?:\.\d){0,2}|"
    r"[- ](?:BY|SA|NC|ND|or|later|only|OR|AND|WITH|Clause|Patent|Clear|[A-Z][A-Za-z]{2,14})){1,8}\+?|"
    r"(?:(?:TLS|SSL|ECDHE?|ECDSA|DHE|RSA|PSK|AES|GCM|CBC|CTR|ECB|CCM|CHACHA20|POLY1305|CAMELLIA|DES|EDE|SHA|MD5|WITH|NULL|"
    r"NoPadding|PKCS[157]Padding|OAEP)[-_/]?(?:v?\d{1,4}(?:\.\d)?)?[-_/]?){2,9}|(?:TLS|SSL)v\d(?:\.\d)?|"
    r"X(?:-[A-Z][A-Za-z]{1,14}){1,5}|(?:application|audio|font|image|multipart|text|video)/[a-z0-9.+\-]{2,60}|"
    r"[a-z]{2,3}-[A-Z][a-z]{3}(?:-[A-Z]{2})?|\d{14}(?:_[a-z]+){1,8}|U\+[0-9A-F]{4,6}|(?:\d{1,3}[hms]){2,3}"
)
# A class of a CSS module: the name that it had, and a hash of five or six characters
_HASHED_CLASS: Final = re.compile(
    r"(?P<head>_?[A-Za-z](?:[A-Za-z]|[_-](?=[A-Za-z_-])){2,60})[_-]{1,2}(?<=[A-Za-z][_-]|[_-][_-])"
    r"(?=[a-z0-9]{0,5}[A-Z0-9])(?:[A-Za-z0-9]{5}|[A-Za-z0-9]{6}|[a-z0-9]{5}_\d{1,3})"
)
_NAMED: Final = re.compile(r"(?i:password|passwd|token|secret|(?:api|access|auth|private)[_-]?key)")
_METHOD: Final = re.compile(
    r"pbkdf2|hmac|sha-?\d|md5|bcrypt|argon2|scrypt|oauth2|base64|^[a-z]+[-_:]\d{1,3}$",
    re.IGNORECASE,
)
_METHOD_ODD: Final = 40.0
_FILLER: Final = re.compile(r"(.)\1{5}")
_ALL_CLASSES: Final = 4
_THREE: Final = 3
_LONG: Final = 20

_TEMPLATE: Final = re.compile(
    r"\$\{|\{%|\{\{|\}\}|\$\(|%\(\w|#\{|\[\[|<%|%>|@@|\{\w*(?:[.:!\[][^{}]*)?\}|<[a-zA-Z][^<>]*>|"
    r"^%[sdrvq]$|^%\w+%$|^@\w+@$|^:\w+$|^\$\{|^#\w+#$|^__\w+__$|"
    r"^@(?:string|\w+)/|[/:]\$\w|^\[[a-zA-Z _-]+\]$|^\?$|^ENC\["
)
# A variable of a shell, Perl or PHP, or an anchor, alias or tag of YAML, when it reads like a name
_VARIABLE: Final = re.compile(r"[!*&]\w+;?|\${1,2}[A-Za-z_][\w:.\[\]>-]*|\$\d|\$[@*#?$!]")
_VARIABLE_ODD: Final = 15.0
# What no random value of many kinds of characters holds either
_FIELD: Final = re.compile(
    r"\{%|%\}|[A-Za-z_]\w*\.[A-Za-z_]\w*\(|^[A-Za-z_]\w{2,}[\[(].*[\])]$|"
    r"\$\{\w|\{\{|\}\}|<%|%>|^\w+:\"|^\{[\w.]*\}$"
)
_RANGES: Final = re.compile(r"a-z|A-Z|0-9\]|\[0-9|\\[dwsS][+*{\]]|\(\?[:=!<P]")
_STRONG_ODD: Final = 45.0
_BLANK: Final = re.compile(r"\s")
# How a value is encoded, as Spring writes it before the value
_ENCODED: Final = re.compile(
    r"^\{(?:noop|cipher|bcrypt|scrypt|pbkdf2|argon2|S?SHA(?:256|512)?|S?MD5|CRYPT)\}(?=.)"
)
# What a program reads: a call, a subscript, a member, a path, a URL, a MIME type
_CODE: Final = re.compile(
    r"://|^//|^\w\{|[\w>\])]\(|\)$|^\(|\w\[|=>|->|::|&&|\|\||[=!]==|\+\+|\\[dws]|\(\?|\[\^|"
    r"^\d{1,5}(?::\d{1,5})+|^[a-z][\w./-]*:v?\d+(?:\.\d+)+$|^(?:~|\.{1,2})/[\w.@~-]+/|^[A-Za-z]:\\|^\w+:/|"
    r"\.(?:py|js|ts|jsx|tsx|json|pem|key|pub|crt|cer|p12|pfx|jks|txt|ya?ml|xml|html?|php|png|jpe?g|"
    r"svg|gif|css|scss|md|cfg|conf|ini|toml|env|sh|rb|java|go|rs|cpp|c|h|vue|log|zip|gz|com|org|"
    r"net|io|enc|asc|gpg|properties|lock|db|sql|csv|kdbx?)$",
    re.IGNORECASE,
)
# What none of the references is made of, so that nothing has to be asked
_PLAIN: Final = re.compile(
    r"(?!0x|AAAA|Ag|age1|LS0t|pub[0-9a-f]{32}$|iVBORw|01000000d|d08c9ddf|eyJpdiI6|AQICAH|AQAAANC|CiQA|gAAAAAB|U2FsdGVkX1|YWdlLWV|[!?*])(?:[A-Za-z0-9!^*?]|\+(?!\+))+"
)
_PATH: Final = re.compile(r"/[\w.@~ -]+/")
_ROOT: Final = re.compile(
    r"[A-Za-z]{0,1}:?/(?:home|etc|usr|var|opt|tmp|root|srv|mnt|media|run|dev|proc|sys|Users|app|data|bin|sbin|lib|boot|"
    r"private|Library|Applications|workspace|code|src|config|secrets?|certs?|keys?)/"
)
_PATH_ODD: Final = 40.0
_STOP_TEXT: Final = """
    a an and are as at be by can cannot could do does enter for forgot from has have hello if in
    incorrect into invalid is it its least match matches may minimum missing must my new no not of
    on or our please provide required reset same should sign that the their then this to too use
    used using was when will with without wrong you your characters value field current user
    password passwords token tokens key keys secret login confirm change failed expired
    der die das ist ein eine nicht bitte oder und le la les est un une pas votre el los es su por
    favor para seu sua il
"""
STOP: Final = frozenset(_STOP_TEXT.split())


def is_dummy(value: str) -> bool:
    """Tell whether a value is a placeholder.

    It holds a placeholder's mark, or is nothing but words for one with trivial digits. A value
    with all of lower case, upper case, digits and symbols is a password even then: people use
    them. Letters spelled with digits (`s3cr3t`) count as letters.
    """
    if _MARKS.search(value) is not None or _FILLER.search(value) is not None:
        return True
    if _ALGORITHM.fullmatch(value) is not None and len(value) < _LONG:
        return True
    if _METHOD.search(value) is not None and weigh(value).odd < _METHOD_ODD:
        return True
    if len(set(value)) < _THREE or _IDENTIFIERS.fullmatch(value) is not None:
        return True
    kinds = classes(value)
    low = _EDGE.sub("", value.lower())
    if kinds < _ALL_CLASSES and _DUMMY.fullmatch(low) is not None:
        return True
    return kinds < _ALL_CLASSES and _DUMMY.fullmatch(low.translate(_LEET)) is not None


def is_hashed_class(value: str) -> bool:
    """Tell whether a value is a class of a CSS module that is named after a credential: `apiKey_x8Ks2`."""
    found = _HASHED_CLASS.fullmatch(value)
    return found is not None and _NAMED.search(found["head"]) is not None


def is_reference(value: str) -> bool:
    """Tell whether a value is filled in elsewhere, or is a path, an address or code."""
    if _PLAIN.fullmatch(value) is not None:
        return False
    if is_elsewhere(value):
        return True
    bare = _ENCODED.sub("", value)
    return _is_reference(bare) if bare == value else is_reference(bare)


def _is_reference(value: str) -> bool:
    if _ROOT.match(value) or _RANGES.search(value) is not None:
        return True
    weight = weigh(value)
    if weight.classes >= _THREE and weight.odd >= _STRONG_ODD and _BLANK.search(value) is None:
        return _FIELD.search(value) is not None
    if _TEMPLATE.search(value) is not None or _CODE.search(value) is not None:
        return True
    if _VARIABLE.fullmatch(value) is not None and weigh(value[1:]).odd < _VARIABLE_ODD:
        return True
    return _PATH.match(value) is not None and weight.odd < _PATH_ODD
