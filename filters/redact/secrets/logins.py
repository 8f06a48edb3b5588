"""Tell a credential from a stand-in where the syntax around a value leaves no doubt that one is meant."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from filters.redact.secrets.phrases import is_phrase
from filters.redact.secrets.placeholders import is_hashed_class
from filters.redact.secrets.references import is_elsewhere
from filters.redact.secrets.strength import weigh

MIN_LOGIN: Final = 5
MIN_LETTERS: Final = 8
MIN_DIGITS: Final = 6
MIN_BARE_DISTINCT: Final = 4
MAX_LOGIN: Final = 4096
MIN_TOKEN_DISTINCT: Final = 8
# `my-token-1`, `v1.users.read`: words in lower case with a few digits at the end of some
_JOINED: Final = re.compile(r"[A-Za-z]?[a-z]*\d{0,3}(?:[-_.:/][A-Za-z]?[a-z]*\d{0,3}){1,12}")

# Variables, format fields, markup and ellipses: what a reader is to fill in
_TEMPLATE: Final = re.compile(
    r"\$[{(\[]|\$[A-Z_][A-Z_0-9]|^\$[A-Za-z_][\w.>-]*$|\{\{|\}\}"
    r"|\{[ ]?[\w.:$-]{0,40}[ ]?\}|%\{|%\("
    r"|^%\w+%$|<[^<>]{1,80}>|&lt;|%3C|^\[[^\]]*\]$|#\{|^@[a-z_.]+@?$"
    r"|^@@\w|^@[\w+:.]{1,40}/\w|\*{3}|\.{3}|…|x{3}|X{3}|•|\\\(|^__\w+__$"
)
# A field of a format, unless a random value of all kinds of characters holds it
_FIELD: Final = re.compile(r"%[sdrvq@](?![0-9A-Fa-f])")
_RANDOM_ODD: Final = 30.0
_ALL_CLASSES: Final = 4
# Words that stand for a credential, in the languages that documentation is written in
_STAND_IN: Final = (
    "my your our the a an some any this that these it its me here "
    "there please of to and or in with for is be not no"
    " user users username usr uname login log root admin administrator "
    "guest test tests testing tester testuser demo"
    " example examples sample dummy fake mock stub foo foobar foobared "
    "bar baz qux quux pass passwd password passwords passwort"
    " passphrase passcode passw0rd p4ss p4ssword p4ssw0rd erroneous "
    "pa55 p@ss p@ssw0rd p@ssword pa55w0rd pa$$w0rd pa$$word pw pwd "
    "psw secret secrets s3cr3t s3cret"
    " secr3t top super strong secure securely safe new old temp "
    "temporary tmp default change changed changeme chang3me"
    " changeit replace replaceme insert enter put add set use token "
    "tokens api apikey key keys auth authtoken access"
    " private public client app application service server host "
    "hostname name value val string str text data null none"
    " nil undefined true false empty blank optional postgres postgresql "
    "pg mysql mariadb mongo mongodb redis rabbit"
    " rabbitmq oracle tiger scott elastic elasticsearch kibana minio "
    "minioadmin grafana neo4j sa system manager tomcat"
    " jenkins docker vagrant ubuntu raspberry pi letmein welcome "
    "hunter hunter2 qwerty qwertz azerty abc abcd asdf asdfgh"
    " xyz hidden masked redacted removed filtered omitted placeholder "
    "todo fixme blah something anything whatever hello"
    " world credential credentials random generated unknown invalid "
    "wrong incorrect bad correct good hex base64 encoded"
    " email mail smtp ftp http https proxy local localhost dev devel "
    "develop prod stage staging production development"
    " ci db database sql one two real actual very long really id "
    "uid account project org company domain com monkey"
    " dragon sesame open swordfish alice bob john jane doe joe jdoe "
    "airflow keycloak nexus sonar sonarqube wordpress"
    " drupal django flask rails laravel symfony homestead spring "
    "bitnami solr kafka zabbix nagios netdata influxdb"
    " clickhouse cassandra couchdb couchbase odoo magento joomla "
    "bar rootpass rootpw mypass mypassword secretpassword"
    " goes need needs must should required bearer basic oauth oauth2 jwt session cookie"
    " contraseña contrasena clave usuario secreto"
    " motdepasse mot de passe geheim kennwort benutzer nutzer senha chave"
    " wachtwoord geheimnis hasło haslo parola segreto chiave heslo "
    "lösenord salasana пароль секрет 密码 口令 パスワード 비밀번호"
)
_DUMMY: Final = re.compile(
    rf"(?:(?:{'|'.join(sorted(map(re.escape, set(_STAND_IN.split())), key=lambda w: (-len(w), w)))})"
    r"[-_.+ ]{0,2}){1,6}[\d!@#$%^&*.?_-]{0,4}",
    re.IGNORECASE,
)
_SPECIMEN: Final = re.compile(
    r"example|placeholder|redacted|changeme|your[-_ ]|^your|insert"
    r"[-_]|replace[-_]|[-_]here\b|a1b2c3d4-?e5f6|x{4}|sanitized|dummy",
    re.IGNORECASE,
)
# `my_database_password`: joined lower-case words of which the last says what it stands for
_NAMED: Final = re.compile(
    r"(?:[A-Za-z]{1,20}[-_.]){1,5}(?:password|passwd|passphrase|pass|pwd|secret|token|key|credentials?)\d{0,2}",
    re.IGNORECASE,
)
_ROWS: Final = (
    "01234567890123456789",
    "98765432109876543210",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "123123123123",
    "112233445566778899",
    "123qwe123qwe",
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv",
    "deadbeefdeadbeef",
    "abc123abc123",
    "abcd1234abcd1234",
    "0123456789abcdef0123456789abcdef",
)


@lru_cache(maxsize=4096)
def is_stand_in(value: str) -> bool:
    """Tell whether a value is a template, a dummy word, a run on the keyboard or one character."""
    return (
        _TEMPLATE.search(value) is not None
        or _is_format(value)
        or is_elsewhere(value)
        or is_hashed_class(value)
        or _SPECIMEN.search(value) is not None
        or _DUMMY.fullmatch(value) is not None
        or _NAMED.fullmatch(value) is not None
        or len(set(value)) < MIN_BARE_DISTINCT
        or any(value.lower() in row for row in _ROWS)
    )


def _is_format(value: str) -> bool:
    if _FIELD.search(value) is None:
        return False
    weight = weigh(value)
    return weight.classes < _ALL_CLASSES or weight.odd < _RANDOM_ODD


def is_login(value: str, user: str = "") -> bool:
    """Tell whether a value may be a password where only a password can stand, such as in a URL."""
    if not MIN_LOGIN <= len(value) <= MAX_LOGIN or value.lower() == user.lower():
        return False
    if value.isalpha() and len(value) < MIN_LETTERS:
        return False
    if value.isdigit() and len(value) < MIN_DIGITS:
        return False
    return not is_stand_in(value)


def is_mixed(value: str, user: str = "") -> bool:
    """Tell the same where a plain word may stand too: ask for two kinds of characters or capitals inside."""
    kinds = (
        any(map(str.isdigit, value))
        + any(map(str.isalpha, value))
        + any(not char.isalnum() and char not in "-_.:/" for char in value)
    )
    humps = value.isalpha() and not value[1:].islower() and not value.isupper()
    return (kinds > 1 or humps) and is_login(value, user)


def is_password(value: str, user: str = "") -> bool:
    """Tell the same where nothing but a password is named: words may be joined to one."""
    return is_mixed(value, user) or (is_phrase(value) and is_login(value, user))


def is_token(value: str) -> bool:
    """Tell whether a value may be a random token: mixed, of many different characters, no joined words."""
    return (
        any(map(str.isdigit, value))
        and len(set(value)) >= MIN_TOKEN_DISTINCT
        and is_mixed(value)
        and _JOINED.fullmatch(value) is None
    )
