"""Manifests that are programs (gemspec, mix.exs, rockspec, sbt …): literals after a key, never run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

from filters.licenses.metadata.claims import Claim, settle

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from filters.licenses.evidence import Evidence

_STRING: Final = r"\"[^\"\n]*\"|'[^'\n]*'"
_VALUE: Final = (
    r"(?P<v>\[[^\]]{0,2000}\]|\([^()]{0,2000}\)|~?[%~][wWqQ]?[\[({<][^\])}>\n]*[\])}>]"
    rf"|\{{[^}}]{{0,4000}}\}}|{_STRING})"
)
_LITERAL: Final = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'")
_WORDS: Final = re.compile(r"[%~][wW]?[\[({<]([^\])}>\n]*)[\])}>]")
_TYPE: Final = re.compile(rf":?[\"']?type[\"']?\s*(?:=>|:|=)\s*(?P<v>{_STRING})")


def reader(
    *keys: str,
    operator: Literal["AND", "OR"] = "AND",
    words: Mapping[str, str] | None = None,
    defers: str = "",
) -> Callable[[str], tuple[Evidence, ...]]:
    """Make a reader of the literals behind each of the patterns `keys`, tried at line starts.

    `defers` is the pattern of a key that names a file, read where no other is found.
    """
    patterns = [_compiled(key) for key in keys]
    other = _compiled(defers) if defers else None

    def read(text: str) -> tuple[Evidence, ...]:
        found = [claim for pattern in patterns for claim in _claims(text, pattern)]
        if not found and other is not None:
            found = [claim._replace(defers=True) for claim in _claims(text, other)][:1]
        return settle(found, operator, words)

    return read


def _compiled(key: str) -> re.Pattern[str]:
    # possessive: blanks are never given back, or a line of them would take quadratic time
    return re.compile(rf"^[ \t]*+{key}[ \t]*+{_VALUE}", re.MULTILINE)


def _claims(text: str, pattern: re.Pattern[str]) -> list[Claim]:
    found: list[Claim] = []
    for match in pattern.finditer(text):
        found.extend(_literals(match["v"], match.start("v")))
    return found


def _literals(value: str, at: int) -> list[Claim]:
    """Read strings, lists of them, lists of words, and a hash's type."""
    words = _WORDS.fullmatch(value)
    if words is not None:
        start = at + words.start(1)
        return [
            Claim(each[0], start + each.start(), start + each.end())
            for each in re.finditer(r"\S+", words[1])
        ]
    if value.startswith("{"):
        typed = _TYPE.search(value)
        if typed is None:
            return [Claim(value, at, at + len(value), defers=True)]
        return _literals(typed["v"], at + typed.start("v"))
    found = []
    for each in _LITERAL.finditer(value):
        group = 1 if each[1] is not None else 2
        if "://" not in each[group] or len(value) == len(each[0]):  # an address beside a name
            found.append(Claim(each[group], at + each.start(group), at + each.end(group)))
    return found


def lines(
    *keys: str,
    operator: Literal["AND", "OR"] = "AND",
    words: Mapping[str, str] | None = None,
    defers: str = "",
) -> Callable[[str], tuple[Evidence, ...]]:
    """Make a reader of what follows each key to the end of its line, without quotes."""
    pattern = re.compile(rf"^(?:{'|'.join(keys)})[ \t]*(?P<v>[^\r\n]*)", re.MULTILINE)
    other = re.compile(rf"^(?:{defers})[ \t]*(?P<v>[^\r\n]*)", re.MULTILINE) if defers else None

    def read(text: str) -> tuple[Evidence, ...]:
        found = [_line(each) for each in pattern.finditer(text)]
        if not found and other is not None:
            found = [_line(each)._replace(defers=True) for each in other.finditer(text)][:1]
        return settle(found, operator, words)

    return read


def captures(
    *patterns: str, operator: Literal["AND", "OR"] = "AND"
) -> Callable[[str], tuple[Evidence, ...]]:
    """Make a reader of the group `v` of each match of the patterns, `^` and `$` at line ends."""
    compiled = [re.compile(each, re.MULTILINE) for each in patterns]

    def read(text: str) -> tuple[Evidence, ...]:
        matches = [match for pattern in compiled for match in pattern.finditer(text)]
        return settle([_line(each) for each in matches], operator)

    return read


def _line(match: re.Match[str]) -> Claim:
    value = match["v"].rstrip()
    quoted = _LITERAL.fullmatch(value)
    inner = value[1:-1] if quoted is not None else value
    start = match.start("v") + (quoted is not None)
    return Claim(inner, start, start + len(inner))
