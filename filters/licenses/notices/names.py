"""How notices name licences outside the GNU family: each mention with its SPDX id."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from filters.licenses.ids import index
from filters.licenses.notices.mention import Mention, take, windows
from filters.licenses.notices.table import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from filters.licenses.evidence import Note
    from filters.licenses.notices.hints import Hints

_LICENSE: Final = r"licen[cs]e"
_VERSION: Final = r"[ ,(-]{0,3}(?:versions?|vers?\b|v)?[. ]{0,2}"


_BEFORE: Final = 60  # code points of a name before its literal
_AFTER: Final = 140
# an id of the SPDX list that ends in a version; the table below knows the others
_LISTED: Final = re.compile(
    r"(?<![\w./@-])[a-z][a-z0-9]*(?:-[a-z]+)*-\d+(?:\.\d+)*[a-z]?\+?(?![\w-])"
)
_NUMBER: Final = re.compile(r"-\d")
_REST: Final = re.compile(r"[^ \n]*")


# Hints for literals that are pieces of everyday words: "permitted", "implied", "disclaimed".
_WORDS: Final = ("mit", "mpl", "epl", "edl", "asl", "osl", "bsl", "psf", "odbl", "eupl")
_HINTS: Final = {each: rf"\b{each}" for each in _WORDS} | {
    "isc": r"\bisc|internet s", "php": r"php licen", "ruby": r"ruby(?:'s)? licen", "perl": r"perl[_ ]5",
    "python": r"cnri", "icu": r"icu licen", "curl": r"curl licen", "tcl": r"tcl(?:/tk)? licen", "x11": r"x11 licen",
    "openssl": r"openssl(?: licen|/ssleay)", "database": r"open database licen",
}  # fmt: skip
# … and for an id that ends in a version
_NUMBERED: Final = r"[a-z0-9]-[0-9]"


class _Name(NamedTuple):
    """`pattern` needs `literal` and `hint`; `expression` may hold `{}` for group 1 or, without it, `default`."""

    hint: str
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
    hint = _HINTS.get(literal, re.escape(literal))
    return _Name(hint, literal, bounded, expression, default, "loose" in marks, note)


_NAMES: Final = tuple(_row(*row) for row in NAMES)
HINTS: Final = (*(row.hint for row in _NAMES), _NUMBERED)


def named_mentions(low: str, hints: Hints) -> list[Mention]:
    """Find the licences that a flat lower-case text names, in order, without overlaps."""
    found: list[Mention] = []
    taken = bytearray(len(low))
    places: dict[str, list[tuple[int, int]]] = {}
    for row in _NAMES:
        if row.hint not in hints:
            continue
        near = places.get(row.literal)
        if near is None:
            near = places[row.literal] = windows(low, (row.literal,), _BEFORE, _AFTER)
        for start, end in near:
            matches = row.pattern.finditer(low, start, end)
            found += [_mention(row, match) for match in matches if take(taken, *match.span())]
    for match in _numbered(low) if _NUMBERED in hints else ():
        expression = _listed(match[0])
        if expression and take(taken, *match.span()):
            family = expression.partition("-")[0]
            found.append(Mention(match.start(), match.end(), expression, family, loose=True))
    return sorted(found)


def _numbered(low: str) -> Iterator[re.Match[str]]:
    """Find what may be such an id, in the words that have a number behind a hyphen."""
    end = 0
    for number in _NUMBER.finditer(low):
        if number.start() >= end:
            start = low.rfind(" ", end, number.start()) + 1
            start = max(start, end, low.rfind("\n", start, number.start()) + 1)
            end = _REST.match(low, number.end()).end()  # type: ignore[union-attr]  # it may be empty
            yield from _LISTED.finditer(low, start, end)


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
