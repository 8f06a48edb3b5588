"""Credentials that stand alone on a line below the one that announces them: headings, chats, shell sessions."""

from __future__ import annotations

import re
from typing import Final

from filters.redact.rule import Range, Rule
from filters.redact.secrets.judgement import is_credential
from filters.redact.secrets.keywords import Grade
from filters.redact.secrets.phrases import is_chosen, is_phrase
from filters.redact.secrets.prose_words import is_otherwise, is_strong
from filters.redact.secrets.strength import weigh

_NAME: Final = (
    r"(?:passwords?|pass(?:code|phrase|wort)|pw|pwd|kennwort|mot[ ]de[ ]passe|contrase\u00f1a|senha|"
    r"has[l\u0142]o|wachtwoord)"
)
_KEY: Final = r"(?:api[ \-]key|(?:access|secret|auth)[ \-](?:key|token)|recovery[ ](?:key|code))"
# A line of its own below one that announces it: maybe quoted, in a list, in braces, underlined above.
# The line break leads the pattern, and the line above is read when such a line follows.
_BREAK: Final = r"\n(?:[ \t\r>]{0,8}\n)?"
_RULER: Final = r"(?:[=~\-#^]{3,80}[ \t\r]{0,8}\n|```\w{0,10}\n)?(?:[ \t\r]{0,8}\n)?"
_ALONE: Final = (
    r"(?P<quote>[ \t>]{0,12}(?:[-*+\u2022][ ]|A:[ ]|&gt;[ ])?(?:\{\{)?[`'\"*]{0,3})(?P<value>[^\s`'\"*<>|={]"
    r"[^\s`'\"<>|{}"
    r"]{5,119})[`'\"*]{0,3}(?:\}\})?[ \t\r]{0,8}$"
)
_BELOW: Final = re.compile(rf"{_BREAK}{_RULER}{_ALONE}", re.MULTILINE)
_LINE_REACH: Final = 240
# `PASSWORD` underlined, `## Root password`, `Subject: your password`
_HEADING: Final = re.compile(
    r"[ \t]{0,8}(?:#{1,6}[ ]|[*+\u2022-][ ]|h[1-6]\.[ ]|=+[ ]|Subject:[ ]|[*_]{2})?(?:[\w'\-]{1,16}[ ]){0,4}"
    rf"(?P<name>{_NAME}|{_KEY})(?:[ ]for(?:[ ][\w.\-]{{1,20}}){{1,3}})?[`'\"*_]{{0,3}}(?:[ ]=+)?:?[ \t\r]*",
    re.IGNORECASE,
)
_HEADING_TRIGGER: Final = re.compile(
    r"^[ \t]*(?:#+[ ]|[*+\u2022-][ ]|h[1-6]\.[ ]|=+[ ]|Subject:[ ]|[*_]{2})?(?:[\w'\-]{1,16}[ ]){0,4}"
    rf"(?:{_NAME}|{_KEY})",
    re.IGNORECASE | re.MULTILINE,
)
# `use the following password to proceed:`, `the password is`, `what is the password?`
_TOLD: Final = re.compile(
    rf"(?<!\w)(?P<name>{_NAME}|{_KEY})(?:[ ][\w'/.\-]{{1,20}}){{0,9}}?"
    r"(?:[ ](?:is|are|below|follows|lautet|est|es)[.:]?|[ ]?:|\?)[ \t\r]*$",
    re.IGNORECASE,
)
_TOLD_TRIGGER: Final = re.compile(
    rf"{_NAME}(?:[ ]|:|\?)(?:[^\n]*[\w ](?:is|are|below|follows|lautet|est|es|:|\?))?|{_KEY}[ :]",
    re.IGNORECASE,
)
# Someone asks, someone answers: `<ann> …`, `[10:22] ann: …`, `ann: …`, `Ann  9:11 AM`
_CLOCK: Final = r"[\[(]?\d{1,2}:\d\d(?::\d\d)?(?:[ ][AP]M)?[\])]?"
_NICK: Final = (
    rf"(?:(?:{_CLOCK}[ ,]{{0,2}}(?:-[ ])?)?(?:<[\w.\- ]{{1,24}}>|"
    r"@?[\w.\-]{1,24}(?:[ ][\w.\-]{1,24})?[ ]?:|\[[\w.\- ]{1,24}\]))"
)
_STAMP: Final = rf"[\w.\-]{{1,24}}(?:[ ][\w.\-]{{1,24}})?[ ]{{1,3}}{_CLOCK}"
_CHAT: Final = re.compile(
    rf"^(?:{_NICK}|[A-Z])[^\n]{{0,120}}?\b(?P<name>{_NAME}|{_KEY})\b[^\n]{{0,60}}\n(?:{_NICK}[ ]"
    rf"[^\n]{{0,60}}\n){{0,2}}?"
    rf"(?P<quote>(?:{_NICK}[ ]{{1,3}}|{_STAMP}\n)(?:it'?s[ ]|its[ ])?[`'\"*]{{0,3}})"
    r"(?P<value>[^\s`'\"*<>|=][^\s`'\"<>|]{5,79})[`'\"*]{0,3}[ \t\r]{0,8}$",
    re.IGNORECASE | re.MULTILINE,
)
_CHAT_TRIGGER: Final = re.compile(
    rf"^(?:[\[(]?\d\d?:|<[\w.\- ]{{1,24}}>|@?[\w.\-]{{1,24}}[ ]?:[ ])[^\n]*(?:{_NAME}|{_KEY})|"
    r"(?:what|which|remind|remember|know|send|tell|need|where|whats|what's)[^\n]*(?:passwo|passp|passc|pw|pwd)",
    re.IGNORECASE | re.MULTILINE,
)
# What a shell prints: of a file, a variable, a generator
_SHELL: Final = re.compile(
    r"^[^\n]{0,60}?(?:[$#>%]|PS>)[ ](?P<name>(?:sudo[ ])?(?:cat|echo|type|head|more|bat|docker[ ]exec|printenv|"
    r"kubectl|gcloud|"
    r"aws|az|vault|pass|op|pwgen|openssl[ ]rand|oc|helm|terraform[ ]output)[ ][^\n]{1,240})\n(?P<quote>[`'\"]?)(?"
    r"P<value>[^\s`'\"<>|=][^\s`'\"<>|]{5,139})[`'\"]?[ \t\r]{0,8}$",
    re.MULTILINE,
)
_SHELL_TRIGGER: Final = re.compile(
    r"[$#>%][ ](?:sudo[ ])?(?:cat|echo|type|head|more|bat|docker[ ]exec|printenv|kubectl|gcloud|aws|az|vault|"
    r"pass|op|pwgen|"
    r"openssl[ ]rand|oc|helm|terraform[ ]output)[ ][^\n]*(?:pass|secret|token|key|base64|pwgen|rand|cred|-hex|"
    r"-base64|-d)",
    re.IGNORECASE,
)
_PRINTS: Final = re.compile(
    r"(?:cat|echo|type|head|more|bat|printenv|output)[ ][^|\n]*(?:pass(?:w(?:or)?d)?|passphrase|secret|token|"
    r"api_?key|"
    r"access_?key|auth_?key|cred|pwd)|password|base64[ ](?:-d|-D|--decode)|pwgen|openssl rand|print-access-token|"
    r"get-authorization-token|create-token|generate-db-auth-token",
    re.IGNORECASE,
)
_REACH: Final = 520
_KEYS: Final = re.compile(_KEY, re.IGNORECASE)
_CLASSES: Final = 3
_ODD: Final = 24.0


def _alone(match: re.Match[str], name: str) -> Range | None:
    start, end = match.span("value")
    while end > start and match.string[end - 1] in ".,;":
        end -= 1
    value = match.string[start:end]
    found = Grade.SECRET if _KEYS.fullmatch(name) is not None else Grade.PASSWORD
    fits = is_strong(value) and ":" not in value[-1:] and not is_otherwise(value)
    return (start, end) if fits and is_credential(value, found, "told") else None


def _above(match: re.Match[str]) -> str:
    """Return the line that ends where a match begins."""
    low = max(0, match.start() - _LINE_REACH)
    return match.string[match.string.rfind("\n", low, match.start()) + 1 : match.start()]


def _headed(match: re.Match[str]) -> Range | None:
    head = _HEADING.fullmatch(_above(match))
    return None if head is None else _alone(match, head["name"])


def _announced(match: re.Match[str]) -> Range | None:
    head = _TOLD.search(_above(match))
    return None if head is None else _alone(match, head["name"])


def _answer(match: re.Match[str]) -> Range | None:
    """Accept what is too odd to be a file, a host or a version."""
    span = _alone(match, match["name"])
    if span is None:
        return None
    value = match.string[span[0] : span[1]]
    weight = weigh(value)
    if is_chosen(value) or is_phrase(value):
        return span
    return span if weight.classes >= _CLASSES or weight.odd >= _ODD else None


def _printed(match: re.Match[str]) -> Range | None:
    if _PRINTS.search(match["name"]) is None:
        return None
    value = match["value"]
    if match["value"].count(":") > 1:
        return None  # `/etc/passwd`
    named = "pass" in match["name"].lower()
    fits = is_strong(value) and not is_otherwise(value) and (named or weigh(value).odd >= _ODD)
    found = Grade.PASSWORD if named else Grade.SECRET
    return match.span("value") if fits and is_credential(value, found, "told") else None


_RULES: Final = (
    Rule(
        "password-heading", "SECRET", "balanced", _BELOW, _headed, _HEADING_TRIGGER, reach=_REACH,
        yes=("PASSWORD\n--------\n«{an:12}7»", "## Root password\n\n`«{an:12}7»`\n", "* Password\n  «{an:12}7»"),
        no=("Password\n========\n\nThe password must be set.", "## Password\n\n`str`", "password\n  String255"),
    ),
    Rule(
        "password-below", "SECRET", "balanced", _BELOW, _announced, _TOLD_TRIGGER, reach=_REACH,
        yes=(
            "Please use the following password to proceed to installation:\n\n«{an:12}7»\n",
            "The password is\n«{an:12}7»",
        ),
        no=("the password is\nincorrect", "Set the password:\n\n    ./setpw.sh\n"),
    ),
    Rule(
        "password-answer", "SECRET", "balanced", _CHAT, _answer, _CHAT_TRIGGER, reach=_REACH,
        yes=("<tom> what's the admin pw again\n<ann> «{an:12}7»", "tom: password?\nann: sure\nann: «{pw:12}7Aa»"),
        no=("<tom> what's the pw\n<ann> ask bob", "user: the password\nname: string1"),
    ),
    Rule(
        "shell-answer", "SECRET", "balanced", _SHELL, _printed, _SHELL_TRIGGER, reach=_REACH,
        yes=("$ cat /srv/secrets/initialAdminPassword\n«{hex:32}»", "$ openssl rand -hex 32\n«{hex:64}»"),
        no=("$ cat VERSION\n1.2.3-rc4", "$ cat password.txt\nhello"),
    ),
)  # fmt: skip


def answer_rules() -> tuple[Rule, ...]:
    """Return the rules for values on the line below."""
    return _RULES
