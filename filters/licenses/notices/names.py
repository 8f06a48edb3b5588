"""How notices name licences outside the GNU family: each mention with its SPDX id."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from filters.licenses.ids import index
from filters.licenses.notices.mention import Mention, take
from filters.licenses.notices.table import NAMES

if TYPE_CHECKING:
    from filters.licenses.evidence import Note

_LICENSE: Final = r"licen[cs]e"
_VERSION: Final = r"[ ,(-]{0,3}(?:versions?|vers?\b|v)?[. ]{0,2}"


_BEFORE: Final = 60  # code points of a name before its literal
_AFTER: Final = 140
# an id of the SPDX list that ends in a version; the table below knows the others
_LISTED: Final = re.compile(
    r"(?<![\w./@-])[a-z][a-z0-9]*(?:-[a-z]+)*-\d+(?:\.\d+)*[a-z]?\+?(?![\w-])"
)


class _Name(NamedTuple):
    """`pattern` needs `literal`; `expression` may hold `{}` for group 1 or, without it, `default`."""

    literal: str
    pattern: re.Pattern[str]
    expression: str
    default: str
    loose: bool
    note: Note


def _row(literal: str, pattern: str, expression: str, default: str = "", marks: str = "") -> _Name:
    filled = pattern.replace("LIC", _LICENSE).replace("VER", _VERSION)
    bounded = re.compile(rf"(?<![a-z0-9_.-])(?:{filled})(?![a-z0-9_])")
    note: Note = "family" if "family" in marks else ""
    return _Name(literal, bounded, expression, default, "loose" in marks, note)


_NAMES: Final = tuple(_row(*row) for row in NAMES)


def named_mentions(low: str) -> list[Mention]:
    """Find the licences that a flat lower-case text names, in order, without overlaps."""
    found: list[Mention] = []
    taken = bytearray(len(low))
    places: dict[str, list[tuple[int, int]]] = {}
    for row in _NAMES:
        windows = places.get(row.literal)
        if windows is None:
            windows = places[row.literal] = _windows(low, row.literal)
        for start, end in windows:
            matches = row.pattern.finditer(low, start, end)
            found += [_mention(row, match) for match in matches if take(taken, *match.span())]
    for match in _LISTED.finditer(low) if "-" in low else ():
        expression = _listed(match[0])
        if expression and take(taken, *match.span()):
            family = expression.partition("-")[0]
            found.append(Mention(match.start(), match.end(), expression, family, loose=True))
    return sorted(found)


def _windows(low: str, literal: str) -> list[tuple[int, int]]:
    """Give the pieces of a text around a literal, in which a name with it must lie."""
    windows: list[tuple[int, int]] = []
    at = low.find(literal)
    while at >= 0:
        start, end = max(0, at - _BEFORE), min(len(low), at + _AFTER)
        if windows and start <= windows[-1][1]:
            windows[-1] = (windows[-1][0], end)
        else:
            windows.append((start, end))
        at = low.find(literal, at + len(literal))
    return windows


def _listed(word: str) -> str:
    known = index()
    return known.licenses.get(word) or known.licenses.get(word.rstrip("+"), "")


def _mention(row: _Name, match: re.Match[str]) -> Mention:
    number = next((each for each in match.groups() if each), "")
    expression = _filled(row.expression, number or row.default)
    sure = row.note != "family" and ("{}" not in row.expression or bool(number))
    family = "MIT" if expression == "X11" else expression.partition("-")[0]
    if family.startswith("LicenseRef"):
        family = expression
    return Mention(
        match.start(), match.end(), expression, family, sure=sure, loose=row.loose, note=row.note
    )


@functools.cache
def _filled(template: str, number: str) -> str:
    """Fill a version in; `2` and `2.0` are the same where only one of them is listed."""
    if "{}" not in template:
        return template
    plain = template.format(number.upper() if number.isalpha() else number)
    return plain if plain in index().classes or "-" not in plain else f"{plain}.0"
