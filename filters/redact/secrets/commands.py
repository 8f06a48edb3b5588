"""Credentials on command lines: options that name one, and short options of commands known to take one.

An option is looked at first, for it is rare; the command is then sought before it, on the same line
or the lines that a backslash joins. Sources: the commands' own manuals.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from filters.redact.rule import Range, Rule
from filters.redact.secrets.arguments import argument_rules
from filters.redact.secrets.command_forms import command_form_rules
from filters.redact.secrets.finding import foreign_end
from filters.redact.secrets.logins import is_login, is_mixed, is_password
from filters.redact.secrets.phrases import is_chosen, is_remembered
from filters.redact.secrets.protocols import protocol_rules

_QUOTE: Final = r"\\{0,3}"
# A word of a shell, bare or quoted, also inside a string of another language
VALUE: Final = (
    rf"(?:{_QUOTE}'(?P<single>[^'\n\\]{{4,200}}){_QUOTE}'|{_QUOTE}\"(?P<double>[^\"\n\\]{{4,200}}){_QUOTE}\""
    r"|(?P<bare>[^\s\"'`|;&<>()\\]{4,200}))"
)
# Between an option and its value: blanks, `=`, or the quotes and commas of a list of arguments
_SEPARATOR: Final = r"(?:[ \t]{1,4}|=|[\"'],[ ]?(?=[\"']))"

_LONG: Final = re.compile(
    rf"(?<![\w\-])--?(?P<name>[A-Za-z][\w.\-]{{0,80}}+){_SEPARATOR}(?!--?[A-Za-z]){VALUE}",
    re.ASCII,
)
_NAME: Final = re.compile(
    r"(?:password|passwd|passphrase|passcode|pass|pwd|token|secret|bearer|credentials?|psk|storepass|keypass"
    r"|(?:api|access|secret|auth)[\-_]?key|(?:account|license|private|encryption|master|encrypt|signing|shared|admin)[\-_]key"
    r"|(?<![A-Za-z])pin|sonar\.login|stringdata)\Z",
    re.IGNORECASE,
)
_LONG_TRIGGER: Final = re.compile(
    r"(?:[.\-_a-z0-9](?:pass|pwd)|[.\-_](?:token|secret|key|word|phrase|code|bearer|credentials?|psk|pin|sonar\.login)"
    r"|[\w\-](?:password|passwd|passphrase|passcode|secret|apikey|token|accesskey|authkey|secretkey|keypass|storepass|stringdata))"
    r"(?:[ \t]|=|[\"'],)",
    re.IGNORECASE,
)
_NOT_VALUE: Final = re.compile(
    r"--?[a-z]|[A-Za-z]{1,20}=[^=]|(?:id|src|type|env|name|file|path):|/[a-z]+(?:[/.]"
    r"[\w.\-]*)*$|~/|\.{1,2}/|[A-Za-z]:\\|@?[\w./\-]+\.(?:txt|json"
    r"|ya?ml|pem|key|env|sh|py|js|go|rs|md|crt)$"
    r"|arn:|https?://|sha\d+:|\w+[(\[]|[A-Za-z_]+\d?[.:][A-Za-z_.]+$|[A-Z][A-Z0-9_]+[\])}]*$",
)
# What goes with one request or page of an answer, and opens nothing
_CHANGING: Final = re.compile(
    r"(?:lock|change|page|next|cursor|continuation|resume|sync|idempotency|pagination|paging|starting|creation|request|"
    r"update|csrf|xsrf|concurrency|public|site|partition|sort|cache)[\-_]?(?:token|key)\Z",
    re.IGNORECASE,
)
# `my-secret-2` names something, but after an option of that name it is a password
_KEBAB: Final = re.compile(r"[a-z]+(?:[-_/][a-z0-9]{1,12})+$")
_PASSWORD: Final = re.compile(r"(?:pass(?:word|wd|phrase|code)?|pwd|passwd)\Z", re.IGNORECASE)
_TRAILING: Final = ".,:;"

_SHORT: Final = re.compile(
    r"(?<=[ \t\"'])-(?P<option>-(?:proxy-)?user|-auth|-login|hp|au"
    rf"|[pPawkuUWAX])(?P<gap>[ \t]{{0,3}}|=|[\"'],[ ]?(?=[\"'])){VALUE}"
)

# an attached value holds a capital, a digit or a sign
_SHORT_TRIGGER: Final = re.compile(
    r"[ \t\"']-(?:(?:-(?:proxy-)?user|-auth|-login|hp|au|[pPawkuUWAX])"
    r"(?:(?:[ \t]|=|[\"'],[ ]?)[\"'\\]{0,4}[^\s\"'`|;&<>()\\]{4}|[\"'\\][^\s\"'`|;&<>()\\]{4})"
    r"|(?:hp|[pPawuUk])[^\s\"'`|;&<>()\\]{2,}(?:[A-Z0-9!@#$%^*+?~,]|[a-z][\-_][a-z]{3,16}[\-_][a-z]{3}))"
)


class Known(NamedTuple):
    """Commands that take a credential after some short options, apart or attached."""

    commands: frozenset[str]
    apart: frozenset[str]
    attached: frozenset[str] = frozenset()
    # what separates the user from the password in the value, if both stand there
    joint: str = ""
    # a word that must stand between the command and the option
    action: str = ""
    # nothing but a credential stands there, so that a plain word is one
    sure: bool = False


def _known(
    commands: str,
    apart: str,
    attached: str = "",
    joint: str = "",
    action: str = "",
    *,
    sure: bool = False,
) -> Known:
    names, first, second = (frozenset(words.split()) for words in (commands, apart, attached))
    return Known(names, first, second, joint, action, sure)


_KNOWN: Final = (
    _known(
        "curl curlie wget wget2 xh xhs http https aria2c ab siege",
        "u U a -user -proxy-user -auth",
        "u U",
        ":",
    ),
    _known("lftp", "u", "", ","),
    _known("smbclient rpcclient winexe smbmap wmiexec smbget nmblookup smbtree net", "U", "U", "%"),
    _known(
        "mysql mysqldump mysqladmin mysqlimport mysqlcheck mysqlshow "
        "mysqlslap mysqlsh mysqlpump mysqlbinlog mysqld"
        " mysql_upgrade mysqlhotcopy mariadb mariadb-dump mariadb-admin "
        "mariadb-check mariadb-import mariabackup mycli"
        " xtrabackup innobackupex mydumper myloader pt-table-checksum "
        "pt-table-sync pt-query-digest pt-show-grants",
        "",
        "p",
    ),
    _known(
        "mongo mongosh mongodump mongorestore mongoexport mongoimport "
        "mongostat mongotop mongofiles twine conan rabbitmqadmin"
        " cqlsh dsbulk nodetool rdesktop psexec PsExec PsExec64 evil-winrm "
        "crackmapexec nxc cme hydra medusa jf jfrog"
        " influx arangosh mssql-cli pgcli ncftp ncftpget ncftpput kadmin "
        "patator plink pscp psftp impala-shell beeline"
        " couchbase-cli hdbsql wsk snowsql vsql nzsql trino presto db2 bteq exaplus smbmap",
        "p pw P",
        "p",
    ),
    _known(
        "docker podman nerdctl buildah skopeo helm oc cf az bx ibmcloud "
        "oras crane argocd faas-cli ecs-cli acr aws gcloud"
        " cloudctl icp kubelogin rancher pulumi heroku appcenter apic fly dcos ccloud confluent",
        "p pw",
        "p",
        action="login",
    ),
    _known("sshpass", "p", "p", sure=True),
    _known("redis-cli redis-benchmark keydb-cli valkey-cli", "a", "a", sure=True),
    _known(
        "ldapsearch ldapmodify ldapadd ldapdelete ldappasswd ldapwhoami "
        "ldapcompare ldapmodrdn ldapexop beeline",
        "w",
        "w",
        sure=True,
    ),
    _known("7z 7za 7zr 7zz rar unrar", "p", "p hp"),
    _known(
        "zip unzip zipcloak funzip bcp sqlcmd osql isql tsql fisql mosquitto_pub "
        "mosquitto_sub mosquitto_rr ipmitool"
        " ipmipower",
        "P",
        "P",
        sure=True,
    ),
    _known(
        "snmpwalk snmpget snmpset snmpbulkwalk snmpbulkget snmptrap snmptable snmpstatus", "A X"
    ),
    _known("openssl knife", "k K"),
    _known("nuget dotnet choco", "k", action="push"),
)
_WORDS: Final = re.compile(r"[A-Za-z7][\w+\-]*")
_BACK: Final = 400
_NEW_COMMAND: Final = re.compile(r"(?<!\\)\n|[;|]|&&")


def value_of(match: re.Match[str]) -> tuple[Range, bool]:
    """Return the span of the shell word and whether it was quoted; a bare one without trailing points."""
    for name in ("single", "double"):
        if match[name] is not None:
            return match.span(name), True
    start, end = match.span("bare")
    end = foreign_end(match.string, start, end)
    value = match.string[start:end]
    markup = match.string.startswith(">", match.end("bare"))
    return (start, start + len(value.rstrip("]-" if markup else _TRAILING))), False


def _long(match: re.Match[str]) -> Range | None:
    """Accept the value of an option that names a credential."""
    if _NAME.search(match["name"]) is None or _CHANGING.search(match["name"]) is not None:
        return None
    (start, end), _ = value_of(match)
    value = match.string[start:end]
    if _NOT_VALUE.match(value) is not None or " " in value:
        return None
    if _PASSWORD.search(match["name"]) is not None:
        return (start, end) if is_password(value) or is_chosen(value) else None
    if is_remembered(match["name"], value):
        return start, end
    return (start, end) if is_mixed(value) and _KEBAB.match(value) is None else None


@lru_cache(maxsize=256)
def commands_in(before: str) -> tuple[Known, ...]:
    """Return the known commands that stand in the text before an option, on what is one command line."""
    words = set(_WORDS.findall(_NEW_COMMAND.split(before)[-1]))
    return tuple(
        known
        for known in _KNOWN
        if words & known.commands and (known.action == "" or known.action in words)
    )


def _short(match: re.Match[str]) -> Range | None:
    """Accept the value of a short option when a command that takes a credential there stands before it."""
    start = match.start()
    for known in commands_in(match.string[max(0, start - _BACK) : start]):
        options = known.attached if match["gap"] == "" else known.apart
        if match["option"] in options:
            span, quoted = value_of(match)
            sure = (
                known.sure
                and match["gap"] != ""
                and _NOT_VALUE.match(match.string, span[0]) is None
            )
            return _within(match.string, span, known.joint, quoted=quoted or sure)
    return None


def _within(text: str, span: Range, joint: str, *, quoted: bool) -> Range | None:
    """Accept a value, or the part of it behind the user name."""
    start, end = span
    user, found, password = text[start:end].partition(joint) if joint else ("", "", text[start:end])
    if joint and not found:
        return None
    judge = is_login if quoted or joint else _is_word
    return (end - len(password), end) if judge(password, user) and " " not in user else None


def _is_word(value: str, user: str = "") -> bool:
    return _NOT_VALUE.match(value) is None and is_password(value, user)


_RULES: Final = (
    Rule(
        "option-credential",
        "SECRET",
        "balanced",
        _LONG,
        _long,
        _LONG_TRIGGER,
        yes=(
            "wget --user=u --password='«{pw:12}»' x",
            "tool --token «{an:24}» run",
            "tool --api-key=«{an:20}»",
            "New-User -Password «{an:12}»",
            'args = ["--db-password", "«{an:12}»"]',
        ),
        no=(
            "--password password",
            "--token $TOKEN",
            "--secret id=mysecret",
            "--token <token>",
            "--password-file x1y2z3",
            "--api-key YOUR_API_KEY",
            "--lock-token {uuid}",
            "--starting-token {an:40}",
        ),
    ),
    Rule(
        "short-option-credential",
        "SECRET",
        "balanced",
        _SHORT,
        _short,
        _SHORT_TRIGGER,
        yes=(
            "curl -u bob:«{pw:12}» https://h",
            "mysql -u root -p«{an:12}» db",
            "sshpass -p '«{pw:12}»' ssh h",
            "redis-cli -a «{an:16}» ping",
            "ldapsearch -x -D cn=a -w «{an:12}»",
            "smbclient -U bob%«{an:12}» //h/s",
            "docker login -u u -p «{an:12}» r",
            "7z x -p«{an:10}» a.7z",
            "zip -P «{an:10}» a.zip f",
            "curl https://h \\\n  -u bob:«{an:12}»",
            '["curl", "-u", "bob:«{an:12}»"]',
        ),
        no=(
            "mkdir -p src/x1",
            "curl -u user:password h",
            "mysql -u root -p dbname1",
            "docker run -u 1000:1000 x",
            "curl -u $U:$P h",
        ),
    ),
    *command_form_rules(),
    *argument_rules(),
    *protocol_rules(),
)


def command_rules() -> tuple[Rule, ...]:
    """Return the rules for credentials on command lines."""
    return _RULES
