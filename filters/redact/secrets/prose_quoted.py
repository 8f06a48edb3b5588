"""Credentials known by what a sentence says around them: quoted beside a prompt, changed from one to another."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from filters.redact.rule import Range, Rule, whole
from filters.redact.secrets.judgement import is_credential
from filters.redact.secrets.keywords import Grade, grade
from filters.redact.secrets.phrases import is_chosen, is_phrase
from filters.redact.secrets.prose_words import is_otherwise, is_strong, says_nothing
from filters.redact.secrets.strength import weigh

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME: Final = (
    r"(?:passwords?|pass(?:code|phrase|wort)|passwd|pwd|pw|kennwort|mot[ ]de[ ]passe|contrase\u00f1a|"
    r"senha|wachtwoord)"
)
# `enter "…" when prompted for the password`, `why "…" isn't accepted as the password`
_PROMPTED: Final = re.compile(
    r"(?P<open>[\"'`\u201c\u2018])(?P<value>[^\s\"'`<>\u201c\u201d\u2018\u2019]{5,80})[\"'`\u201d\u2019]"
    r"(?:[ ](?:isn'?t|isn\u2019t|is|was|not|being|accepted|rejected|works?|working|when|if|once|as|for|at|asked|"
    r"prompted|"
    r"prompt|you|are|it|asks|the|a|your|our|my)){1,8}[ ](?:(?:[\w\-]{2,14})[ ]){0,2}?"
    rf"{_NAME}\b",
    re.IGNORECASE,
)
_PROMPTED_TRIGGER: Final = re.compile(
    r"[\"'`\u201d\u2019][ ](?:is|was|when|if|once|as|for|at|not|doesn|work)[^\n]{1,60}(?:passw|passp|passc|pw|"
    r"kennwort|senha)",
    re.IGNORECASE,
)
# `the password changed from … to …`
_CHANGED: Final = re.compile(
    r"\b(?:from|von|de|da)[ ][`'\"*]{0,3}(?P<one>[^\s`'\"<>]{5,80})[`'\"*]{0,3}[ ](?:to|auf|zu|\u00e0|a|para)[ ]"
    r"[`'\"*]{0,3}"
    r"(?P<two>[^\s`'\"<>]{5,80})",
    re.IGNORECASE,
)
_CHANGED_TRIGGER: Final = re.compile(
    r"(?:password|passwort|passphrase|passwd|pwd|pw|api key|secret|token|key|kennwort)[^\n]*[ ](?:from|von|de)"
    r"[ ][`'\"*]{0,3}"
    r"[^\s`'\"<>]{0,60}[0-9][^\n]*[ ](?:to|auf|zu|a)[ ]|(?:changed|rotated|switched|from)[ ][^\n]*[0-9]"
    r"[^\n]* to [^\n]*passw",
    re.IGNORECASE,
)
_BEFORE: Final = re.compile(
    rf"\b({_NAME}|(?:api|access|secret)[ _\-]key|token|secret)(?:[ ][\w\-]{{1,16}}){{0,5}}[ ]?$",
    re.IGNORECASE,
)
_BEHIND: Final = re.compile(rf"[^\n]{{0,30}}\b({_NAME})\b", re.IGNORECASE)
_REACH: Final = 90
# `<b>Password</b>: …<br>`, `<strong>API key:</strong> …`
_MARKED: Final = re.compile(
    r"</(?:b|strong|em|i|u|label|span|font|code)>[ \t]{0,4}[:=]?(?:[ \t]|&nbsp;){0,4}"
    r"(?P<value>[^<>\s&\"'`]{5,120})(?=[ \t]{0,4}<|[ \t\r]{0,4}$)",
    re.IGNORECASE | re.MULTILINE,
)
_MARKED_TRIGGER: Final = re.compile(
    r"(?:passwor[dt]|passphrase|passcode|pwd|kennwort|mot de passe|senha|contrase\u00f1a|wachtwoord|key|token|"
    r"secret)[ ]?:?"
    r"</(?:b|strong|em|i|u|label|span|font|code)>",
    re.IGNORECASE,
)
_MARKED_NAME: Final = re.compile(r"(?:^|>)[ \t]{0,4}((?:[\w\-]{1,16}[ ]){0,3}[\w\-]{2,16})[ ]?:?$")
# `| DB password | … |`: a name and its value as two cells of a row
_CELLS: Final = re.compile(
    r"^[ \t]{0,8}\|{0,2}[ \t]{0,8}[`*_]{0,3}(?P<name>[\w][\w /.\-]{1,40}?)"
    r"[`*_:]{0,4}[ \t]{0,20}\|{1,2}[ \t]{0,8}[`*_\"]{0,3}"
    r"(?P<value>[^\s|`\"]{5,120})[`*_\"]{0,3}[ \t]{0,40}(?:\||\r?$)",
    re.MULTILINE,
)
_CELLS_TRIGGER: Final = re.compile(
    r"(?:password|passwort|passwd|passphrase|passcode|pass|pwd|pw|kennwort|senha|secret|key|token)"
    r"[`*_:]{0,4}[ \t]*\|{1,2}"
    r"[^\n|]{5}",
    re.IGNORECASE,
)
_TRAIL: Final = ".,;:)!?"


def _is_told(value: str, found: Grade = Grade.PASSWORD) -> bool:
    if not is_strong(value) or is_otherwise(value):
        return False
    return is_credential(value, found, "told")


def _prompted(match: re.Match[str]) -> Range | None:
    value = match["value"]
    weight = weigh(value)
    shows = is_chosen(value) or is_phrase(value) or weight.classes > 2 or weight.odd >= 24  # noqa: PLR2004  as in pairs
    return match.span("value") if shows and _is_told(value) else None


def _changed(match: re.Match[str]) -> Iterator[Range]:
    """Yield both values where a credential is said to have changed."""
    text = match.string
    low = max(0, match.start() - _REACH, text.rfind("\n", 0, match.start()) + 1)
    named = _BEFORE.search(text[low : match.start()])
    named = _BEHIND.match(text, match.end()) if named is None else named
    if named is None:
        return
    found = max(grade(named[1].replace(" ", "_")), Grade.SECRET)
    spans = [_trimmed(match, group) for group in ("one", "two")]
    if all(_is_told(text[slice(*span)], found) for span in spans):
        yield from spans


def _trimmed(match: re.Match[str], group: str) -> Range:
    start, end = match.span(group)
    value = match[group]
    return start, end if value[-1] in "!?" else start + len(value.rstrip(_TRAIL))


def _marked(match: re.Match[str]) -> Range | None:
    low = max(0, match.start() - _REACH)
    name = _MARKED_NAME.search(match.string[low : match.start()].rpartition("\n")[2])
    found = Grade.NONE if name is None else grade(name[1].replace(" ", "_"))
    fits = found >= Grade.SECRET and is_credential(match["value"], found, "told")
    return match.span("value") if fits else None


def _cells(match: re.Match[str]) -> Range | None:
    found = grade(match["name"].strip().replace(" ", "_"))
    value = match["value"]
    if found < Grade.SECRET or says_nothing(value):
        return None
    return match.span("value") if _is_told(value, found) else None


_RULES: Final = (
    Rule(
        "prompted-password", "SECRET", "balanced", _PROMPTED, _prompted, _PROMPTED_TRIGGER,
        yes=(
            "Enter `«{an:12}7»` when prompted for the password", 'Type "«{pw:12}7Aa»" at the password prompt',
            "why \"«{pw:12}7Aa»\" isn't accepted as the password?",
        ),
        no=('use "bcrypt12" for the password', 'the field "user2" is for the password', '"text1" as password'),
    ),
    Rule(
        "changed-value", "SECRET", "balanced", _CHANGED, whole, _CHANGED_TRIGGER, spread=_changed,
        yes=("the pw changed from «{an:12}7» to {an:12}8", "password changed from '{an:12}7' to '«{an:12}8»'"),
        no=("password hashing moved from sha256 to bcrypt12", "token type changed from Bearer1 to Bearer2"),
    ),
    Rule(
        "marked-value", "SECRET", "balanced", _MARKED, _marked, _MARKED_TRIGGER,
        yes=("<b>Password</b>: «{an:12}7»<br/>", "<p><strong>API key:</strong> «{an:32}»</p>"),
        no=("<b>Token</b>: required<br>", "<b>Password</b>: section 4"),
    ),
    Rule(
        "cell-value", "SECRET", "balanced", _CELLS, _cells, _CELLS_TRIGGER,
        yes=("| DB password | «{an:12}7» | rotated |", "| API key | `«{an:32}»` |", "Admin password | «{an:12}7»"),
        no=("| password | varchar(255) | no |", "| Token | string1 | yes |", "| password | token2 |"),
    ),
)  # fmt: skip


def quoted_rules() -> tuple[Rule, ...]:
    """Return the rules for what is said around a value."""
    return _RULES
