"""Lines and groups of robots.txt (RFC 9309 section 2), with the number of every line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST: Final = 500 << 10
"""Characters that are read: RFC 9309 section 2.5 asks for 500 KiB."""

_SPELLINGS: Final = {
    "user-agent": "user-agent",
    "useragent": "user-agent",
    "user agent": "user-agent",
    "allow": "allow",
    "disallow": "disallow",
    "dissallow": "disallow",
    "dissalow": "disallow",
    "disalow": "disallow",
    "diasllow": "disallow",
    "disallaw": "disallow",
    "content-usage": "content-usage",
    "content-signal": "content-signal",
}
_LINE_END: Final = re.compile(r"\r\n?|\n")
_TOLD: Final = 20  # problems that are told of one file: a page of HTML has no more to say
_LONGEST_FIELD: Final = 40


class Line(NamedTuple):
    """One rule: its line from 1, its field in one spelling, and its value."""

    number: int
    field: str
    value: str


class Group(NamedTuple):
    """The rules that the same user agents share; tokens are in lower case, `*` is all others."""

    tokens: frozenset[str]
    rules: tuple[Line, ...]


class Scan(NamedTuple):
    """The groups of a file, and each line that is none of a robots.txt with what is wrong."""

    groups: tuple[Group, ...]
    problems: tuple[tuple[str, str], ...]


def scan(text: str) -> Scan:
    """Read a robots.txt; never raises. Fields that are unknown are passed over in silence."""
    problems: list[tuple[str, str]] = []
    groups: list[Group] = []
    tokens: set[str] = set()
    rules: list[Line] = []
    if len(text) > LONGEST:
        problems.append(("end", "the file is longer than 500 KiB: the rest was not read"))
    for line in _lines(text[:LONGEST], problems):
        if line.field != "user-agent":
            rules.append(line)
            continue
        if rules:
            groups.append(Group(frozenset(tokens), tuple(rules)))
            tokens, rules = set(), []
        tokens |= tokens_of(line.value)
        if not line.value:
            problems.append((f"line {line.number}", "a user agent without a name"))
    groups.append(Group(frozenset(tokens), tuple(rules)))
    orphans = [each for group in groups if not group.tokens for each in group.rules]
    problems += [(f"line {each.number}", "the rule belongs to no user agent") for each in orphans]
    return Scan(tuple(each for each in groups if each.tokens), tuple(problems[:_TOLD]))


def _lines(text: str, problems: list[tuple[str, str]]) -> Iterable[Line]:
    for number, raw in enumerate(_LINE_END.split(text.removeprefix("\ufeff")), start=1):
        line = raw.partition("#")[0].strip()
        if not line:
            continue
        name, colon, value = line.partition(":")
        field = _SPELLINGS.get(" ".join(name.lower().split()) if len(name) < _LONGEST_FIELD else "")
        if not colon:
            problems.append((f"line {number}", "the line has no colon"))
        elif field is not None:
            yield Line(number, field, value.strip())


def tokens_of(value: str) -> frozenset[str]:
    """Return what a User-agent line may name, in lower case: the words as they stand, and a token.

    A version after a slash and stars around a name are not part of it.
    """
    text = value.strip().lower()
    if not text:
        return frozenset()
    if text == "*" or text.startswith("* "):
        return frozenset({"*"})
    first = text.split()[0].partition("/")[0].strip("*")
    return frozenset({text, first} - {""})


def rules_for(groups: Iterable[Group], token: str) -> tuple[Line, ...]:
    """Return the rules of all groups that name a token, in the order of the file."""
    return tuple(rule for group in groups if token in group.tokens for rule in group.rules)


class Party(NamedTuple):
    """An AI agent that a file names, or `*` for all that it does not, and the rules for it."""

    name: str
    purpose: str
    rules: tuple[Line, ...]


def parties(
    groups: tuple[Group, ...], agents: dict[str, str], *, named_only: bool
) -> tuple[Party, ...]:
    """Return the rules that AI agents follow, for each agent that is named and once for the rest.

    An agent that is named obeys no other group (RFC 9309 section 2.2.1).
    """
    known = frozenset[str]().union(*(group.tokens for group in groups))
    found = [
        Party(token, purpose, rules_for(groups, token))
        for token, purpose in sorted(agents.items())
        if token in known
    ]
    if "*" in known and not named_only:
        left = sorted({purpose for token, purpose in agents.items() if token not in known})
        rules = rules_for(groups, "*")
        found += [Party("*", purpose, rules) for purpose in left]
    return tuple(found)
