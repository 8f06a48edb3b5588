"""Credentials that people tell as pairs: an account, a sign or a word, and its password."""

from __future__ import annotations

import re
from typing import Final

from filters.redact.rule import Range, Rule
from filters.redact.secrets.judgement import is_credential
from filters.redact.secrets.keywords import Grade, grade
from filters.redact.secrets.phrases import is_chosen, is_phrase
from filters.redact.secrets.prose_words import (
    JOINED,
    OPEN,
    VALUE,
    is_otherwise,
    is_strong,
    trimmed,
)
from filters.redact.secrets.strength import weigh

_USER: Final = r"[`\"'*]{0,2}(?!https?:)[\w.@\\\-]{2,60}[`\"'*]{0,2}"
_AND: Final = r"(?:[ ]?(?:/{1,2}|[|,:])[ ]?|[ ](?:and|with|und|et|y|e|-)[ ])"
_NAMED: Final = r"(?:(?:the[ ])?(?:pw|pwd|pass|password|passwort)[ ]?:?[ ]?)?"
# `credentials: admin / …`, `login is bob:…`
_HEADS: Final = (
    r"(?:credentials?|creds|logins?|(?:account|access)(?=[ ]?(?:is|are|[:=])[ ])|zugangsdaten|anmeldedaten|"
    r"identifiants|credenziali|credenciales|"
    r"credenciais|zugang|accesso|acceso|inloggegevens|wi-?fi|(?:login|access|account|sign[ \-]?in)[ ](?:details|data)|"
    r"(?:id|user(?:name)?|usr|un|login|e-?mail|account)[ ]?[/&][ ]?(?:pw|password|pass|pwd)|u[ ]?/[ ]?pw?|"
    r"\u043b\u043e\u0433\u0438\u043d(?:[ ]?/[ ]?\u043f\u0430\u0440"
    r"\u043e\u043b\u044c)?|\u0434\u043e\u0441\u0442\u0443\u043f[\u044b\u0430]?|\uc811\uc18d[ ]?\uc815\ubcf4|"
    r"\uacc4\uc815(?:[ ]?\uc815\ubcf4)?|"
    r"(?:\uc544\uc774\ub514|id)[ ]?/[ ]?(?:\ube44\ubc88|\ube44\ubc00\ubc88\ud638)|\u30ed\u30b0\u30a4\u30f3|"
    r"\u30a2\u30ab\u30a6\u30f3\u30c8|\u8d26\u53f7(?:\u5bc6\u7801)?|\u5e10\u53f7|\u8d26\u6237)"
)
_FILLER: Final = (
    r"(?:[ ](?:for|to|of|on|from|f\u00fcr|pour|para|the|our|my)(?:[ ][\w.\-]{1,24}){1,3}?)?"
)
_PAIR: Final = re.compile(
    rf"(?<![\w\-]){_HEADS}{_FILLER}[ ]{{0,2}}(?:are|is|=|:|\uff1a|-|sind|lauten|sont)?[ ]{{0,2}}(?<![\w]){_USER}"
    rf"{_AND}{_NAMED}(?P<quote>{OPEN}){VALUE}",
    re.IGNORECASE,
)
_PAIR_TRIGGER: Final = re.compile(
    rf"{_HEADS}(?:[ ](?:for|to|of|on|from|f\u00fcr|pour|para|the|our|my)[ ][^\n]{{0,60}})?(?:[ ]|"
    r"[ ]?[:=\uff1a])[^\w\n]{0,3}(?:(?:are|is|sind|lauten|sont)[ ])?"
    r"[`\"'*]{0,2}[\w.@\\\-]{2,60}[`\"'*]{0,2}(?:[ ]?(?:/{1,2}|[|,:])|[ ](?:and|with|und|et|y|e|-)[ ])",
    re.IGNORECASE,
)
# `log in as admin using …`, `use admin with …`
_VERB: Final = re.compile(
    r"\b(?:log[ \-]?(?:in|on)|sign[ ]in|use|using|enter|try|anmelden)[ ](?:as[ ]|with[ ]|"
    r"to[ ]\S{1,40}[ ]as[ ]|user[ ]|mit[ ])?"
    rf"(?P<user>{_USER})(?:[ ]?/[ ]?|[ ](?:and|with|using|mit|und)[ ]|:){_NAMED}(?P<quote>{OPEN}){VALUE}"
    r"(?P<after>[`\"'*]{0,3}[ ]to[ ](?:log|sign))?",
    re.IGNORECASE | re.ASCII,
)
_VERB_TRIGGER: Final = re.compile(
    r"(?:log[ \-]?(?:in|on)|sign[ ]in|use|using|enter|try|anmelden)[ ](?:as[ ]|with[ ]|to[ ][^\s]+[ ]as[ ]|"
    r"user[ ]|mit[ ])?"
    r"[`\"'*]{0,2}[\w.@\\\-]{2,60}[`\"'*]{0,2}(?:[ ]?/[ ]?|[ ](?:and|with|using|mit|und)[ ]|:)"
    rf"(?:the[ ])?(?:p[a-z]+[ ]?:?[ ])?[`\"'*]{{0,3}}[^\s]{{0,60}}(?:[0-9!@#$%^&*]|{JOINED})",
    re.IGNORECASE | re.ASCII,
)
_STEP: Final = re.compile(
    r"(?:log|sign)[^\"']{3,20}\"[^\"]{2,40}\"[ ](?:and|with|using)[^\"]{0,20}\"", re.IGNORECASE
)
# `(root/…)`, `admin / …`, `root@host / …`: accounts that machines have
ACCOUNTS: Final = (
    r"(?:root|admin|administrator|sa|sysadmin|sys|system|superuser|postgres|oracle|ubuntu|pi|test|guest|demo|user|"
    r"service|deploy|backup|ftp|dba|operator|svc[_\-][\w\-]{2,20}|[\w\-]{2,20}[_\-](?:rw|ro|admin|svc|user)|"
    r"root@[\w.\-]{2,60})"
)
# The long ones of them as a trigger has them; the short ones stand in too many words
LONG_ACCOUNTS: Final = (
    r"root|admin|administrator|sysadmin|system|superuser|postgres|oracle|ubuntu|test|guest|demo|user|service|deploy|"
    r"backup|operator|svc[_\-]\w+|[_\-](?:rw|ro|admin|svc|user)|root@[\w.\-]+"
)
SHORT_ACCOUNTS: Final = r"sys|sa|pi|ftp|dba"
_ACCOUNT: Final = re.compile(
    rf"(?:(?<=[\s(\[`'\"*>:])|^)(?P<user>{ACCOUNTS})[`'\"*]{{0,3}}(?:[ ]?/{{1,2}}[ ]?|:)(?P<quote>{OPEN})"
    r"(?P<value>[^\s`'\"«\u201c\u201e=:<>/()\[\],][^\s`'\"«»\u201c\u201d<>/()\[\],]{5,60})(?=[\s`'\"*)\],.<;]|$)",
    re.ASCII | re.MULTILINE,
)
_ACCOUNT_TRIGGER: Final = re.compile(
    rf"(?:(?:{LONG_ACCOUNTS})[`'\"*]{{0,3}}(?:[ ]?/|:)|(?:{SHORT_ACCOUNTS})(?:[ ]/|[/:`'\"*])[`'\"* ]{{0,3}}[/:]?)"
    rf"/?[ ]?[`'\"*]{{0,3}}[^\s/()]{{0,40}}(?:[0-9]|{JOINED})",
    re.ASCII,
)
# `id(x)/pwd(…)`
_CALLED: Final = re.compile(
    r"\b(?:id|user(?:name)?|login)[ ]?\([^()\s]{2,40}\)[ ,/&]{0,4}(?:and[ ])?(?:pw|pwd|pass(?:word)?)[ ]?"
    r"(?P<quote>)\((?P<value>[^()\s\"']{4,80})\)",
    re.IGNORECASE | re.ASCII,
)
_CALLED_TRIGGER: Final = re.compile(
    r"\)[ ,/&]{0,4}(?:and[ ])?(?:pw|pwd|pass(?:word)?)[ ]?\([^()\s\"']", re.IGNORECASE | re.ASCII
)
# `u: x p: …`
_SHORT: Final = re.compile(
    r"\b(?:(?:u|usr|un|user|login|id)[ ]?[:=][ ]?|(?<=\()(?:user|login|id)\)[ ]?)[^\s:=,;/]{2,60}[ ,;/|]{1,3}"
    rf"(?:p(?:w|ass|wd)?[ ]?[:=]|\((?:pw|pass|pwd)\))[ ]?(?P<quote>{OPEN}){VALUE}",
    re.IGNORECASE | re.ASCII,
)
_SHORT_TRIGGER: Final = re.compile(
    r"(?:u|usr|un|user|login|id)(?:[:=)]|[ ][:=)])[^\n]{3,64}[ ,;/|](?:p[ ]?[:=]|pw[ ]?[:=]|pass[ ]?[:=]|"
    r"pwd[ ]?[:=]|\((?:pw|pass|pwd)\))",
    re.IGNORECASE | re.ASCII,
)
# `x/… is the login for grafana`
_BEFORE: Final = re.compile(
    r"(?:(?<=[\s(`'\"*])|^)[\w.@\-]{2,40}[ ]?[/:][ ]?(?P<quote>)(?P<value>[^\s`'\"=<>()/,]{6,80})[`'\"*]{0,"
    r"3}[ ]"
    r"(?:is|are|was|for)[ ](?:the|my|our|your)[ ](?:[\w\-]{2,14}[ ])?(?:login|creds|credentials)\b",
    re.IGNORECASE | re.ASCII | re.MULTILINE,
)
_BEFORE_TRIGGER: Final = re.compile(
    r"[ ](?:is|are|was|for)[ ](?:the|my|our|your)[ ](?:[\w\-]{2,14}[ ])?(?:login|creds|credentials)",
    re.IGNORECASE | re.ASCII,
)
# `ssid Visitors, key …`
_NETWORK: Final = re.compile(
    r"\bssid(?:[ ]is|[ ]?[:=])?[ ]{1,2}[`'\"*]{0,2}[^\s,;:=`'\"*][^,;:=`'\"*\n]{0,31}[`'\"*]{0,2}"
    r"(?:[ ]?[,;/|.]|[ ](?:and|with))"
    r"[ ]{1,2}(?:the[ ])?(?:key|pass(?:word|phrase|code)?|pwd?|psk|code)(?:[ ]is|[ ]?[:=])?[ ]{1,2}"
    rf"(?P<quote>{OPEN}){VALUE}",
    re.IGNORECASE | re.ASCII,
)
_NETWORK_TRIGGER: Final = re.compile(
    r"ssid[^\n]{1,50}[ ](?:key|pass(?:word|phrase|code)?|pwd?|psk|code)[ :=]",
    re.IGNORECASE | re.ASCII,
)
_FILE: Final = re.compile(r"\.[a-zA-Z]{1,5}\d?$|^v?\d+(?:\.\d+)+|^[A-Z]?[a-z]+\d{0,2}$|\.\w+\(")
_SOLID_ODD: Final = 15.0
_VERB_ODD: Final = 22.0
_CLASSES: Final = 3
# What parts an account from its password, and not the parts of a path
_APART: Final = re.compile(r" //? ?[`'\"*]{0,2}$")
_ENCLOSED: Final = "(["
_HEX: Final = re.compile(r"[0-9a-f]{16,64}")


def told(match: re.Match[str]) -> Range | None:
    """Accept a value that a sentence may tell as a password."""
    start, end = trimmed(match)
    value = match.string[start:end]
    fits = is_strong(value) and not is_otherwise(value) and _FILE.search(value) is None
    fits = fits and value[0] not in "[({"
    return (start, end) if fits and is_credential(value, Grade.PASSWORD, "told") else None


def _pair(match: re.Match[str]) -> Range | None:
    """Accept a pair that the prefilter sees too."""
    span = told(match)
    seen = span is not None and _PAIR_TRIGGER.search(match.string, match.start(), match.end())
    return span if seen else None


def _solid(match: re.Match[str]) -> Range | None:
    span = told(match)
    return span if span is not None and is_solid(match, span) else None


def is_solid(match: re.Match[str], span: Range) -> bool:
    """Tell what can hardly be a word, a file or a version, at the place where it stands."""
    value = match.string[slice(*span)]
    weight = weigh(value)
    if weight.classes >= _CLASSES and weight.odd >= _SOLID_ODD:
        return True
    apart = _APART.search(match.string, max(0, span[0] - 5), span[0]) is not None
    apart = apart or match.string[max(0, match.start() - 1) : match.start()] in _ENCLOSED
    if apart and (_HEX.fullmatch(value) is not None or is_phrase(value)):
        return True
    return is_chosen(value) and weight.classes >= _CLASSES - apart


def _verb(match: re.Match[str]) -> Range | None:
    if grade(match["user"]) is not Grade.NONE:
        return None  # `use password with …`
    # `log in as "ada" with "…"`: a test's step, or what is said to log in
    sure = match["after"] is not None or _STEP.match(match[0]) is not None
    span = told(match) if sure else _solid(match)
    if span is None or sure:
        return span
    value = match.string[span[0] : span[1]]
    odd = weigh(value).odd >= _VERB_ODD or _APART.search(match.string, 0, span[0]) is not None
    return span if odd and "/" not in value else None


def _called(match: re.Match[str]) -> Range | None:
    fits = is_credential(match["value"], Grade.PASSWORD, "plain")
    return match.span("value") if fits else None


_RULES: Final = (
    Rule(
        "login-pair", "SECRET", "balanced", _PAIR, _pair, _PAIR_TRIGGER,
        yes=(
            "Default credentials: admin / «{an:12}7»", "creds for staging: admin / «{an:12}7»",
            "ID / Password : admin / «{an:12}7»", "\uc811\uc18d\uc815\ubcf4: root / «{an:12}7»",
            "Zugangsdaten: admin / «{an:12}7»",
        ),
        no=("credentials: admin / password", "login as admin, version 2", "login: bob, role: admin2"),
    ),
    Rule(
        "login-verb", "SECRET", "balanced", _VERB, _verb, _VERB_TRIGGER,
        yes=(
            "use `admin` with `«{an:12}7»` to log in", "log in as admin using «{pw:12}7Aa»",
            "Enter `demo` / `«{pw:12}7Aa»`",
        ),
        no=("use `foo` with `bar2` to log in", "use numpy with python3.11", "try a/b2"),
    ),
    Rule(
        "account-pair", "SECRET", "balanced", _ACCOUNT, _solid, _ACCOUNT_TRIGGER,
        yes=("10.3.1.17 (root/«{an:12}7Aa»)", "admin / «{pw:12}7Aa»"),
        no=("admin/login1.html", "root/src/main2", "system/b2", "user/{hex:8}"),
    ),
    Rule(
        "called-pair", "SECRET", "balanced", _CALLED, _called, _CALLED_TRIGGER,
        yes=("id(admin)/pwd(«{an:12}7»)",), no=("user(name) password(text)",),
    ),
    Rule(
        "short-pair", "SECRET", "balanced", _SHORT, told, _SHORT_TRIGGER,
        yes=("u: bob p: «{an:12}7»", "user: bob, pw: «{an:12}7»"), no=("u: 12 p: 13", "id=a p=b2"),
    ),
    Rule(
        "network-pair", "SECRET", "balanced", _NETWORK, told, _NETWORK_TRIGGER,
        yes=("Guest wifi: ssid Visitors, key «{hex:24}»", "SSID: Office, password: «{an:12}7»"),
        no=("ssid Visitors, key length 24", "the ssid is hidden, code is in section4"),
    ),
    Rule(
        "pair-before-login", "SECRET", "balanced", _BEFORE, _solid, _BEFORE_TRIGGER,
        yes=("svc_backup/«{an:12}7Aa» is the login for grafana",), no=("app/v2 is the login page",),
    ),
)  # fmt: skip


def pair_rules() -> tuple[Rule, ...]:
    """Return the rules for pairs of an account and its password."""
    return _RULES
