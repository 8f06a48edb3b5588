"""Detect telephone numbers by a grouping that nothing else has, where no word or plus sign tells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from filters.redact.personal.phone_plans import is_phone

if TYPE_CHECKING:
    from filters.redact.rule import Range


class _Shape(NamedTuple):
    """A grouping, and the regions whose numbers are written in it."""

    pattern: str
    regions: tuple[str, ...]


_SHAPES: Final = (
    _Shape(r"\([2-9]\d\d\)[ \-.\u00a0]{0,2}[2-9]\d\d[ \-.\u00a0]\d{4}", ("US",)),
    _Shape(r"(?:1[\-. ])?[2-9]\d\d(?P<us>[\-.])[2-9]\d\d(?P=us)\d{4}", ("US",)),
    _Shape(r"1[\-. ]\([2-9]\d\d\)[\-. ][2-9]\d\d[\-. ]\d{4}", ("US",)),
    _Shape(r"(?!01[16789] )01[016789](?P<kr>[\-. ])\d{3,4}(?P=kr)\d{4}", ("KR",)),
    _Shape(
        r"(?!\d{3}-\d\d-)0[1-9]\d{0,3}(?P<jp>[\-.])\d{2,4}(?P=jp)\d{3,4}",
        ("KR", "JP", "TW", "IL", "TH", "VN", "DE"),
    ),
    _Shape(r"\(0[1-9]\d{0,3}\)[ \-]?\d{2,4}[ \-]\d{3,4}", ("KR", "JP", "GB", "AU", "DE", "IT")),
    _Shape(r"0[1-9](?P<fr>[ .\-])\d\d(?:(?P=fr)\d\d){3}", ("FR",)),
    _Shape(r"07\d{3}[ \-]\d{3}[ \-]?\d{3}", ("GB",)),
    _Shape(r"0(?:2\d|1\d1|11\d) \d{3,4} \d{4}", ("GB",)),
    _Shape(r"\(?01\d{3}\)? \d{6}", ("GB",)),
    _Shape(r"01[5-7]\d{1,2}[ \-/]{1,3}\d{3,4}(?:[ \-]?\d{2,4}){1,2}", ("DE",)),
    _Shape(r"\(0[1-9]\d{1,4}\) ?\d{4,8}|0[1-9]\d{1,4} ?/ ?\d{4,8}", ("DE", "AT")),
    _Shape(r"04\d\d[ \-]\d{3}[ \-]\d{3}", ("AU",)),
    _Shape(r"\(\d\d\) ?9?\d{4}-\d{4}", ("BR",)),
    _Shape(r"8[ \-]?\(\d{3}\)[ \-]?\d{3}[ \-]\d\d[ \-]\d\d", ("RU",)),
    _Shape(r"8-9\d\d-\d{3}-\d\d-\d\d|8[ -]9\d\d[ -]\d{3}-\d\d-\d\d", ("RU",)),
    _Shape(r"\(0[2-5]\d\d\) ?\d{3}[ \-]\d\d[ \-]\d\d", ("TR",)),
    _Shape(r"06[ \-]\d{8}", ("NL",)),
    _Shape(r"1[3-9]\d(?P<cn>[ \-])\d{4}(?P=cn)\d{4}", ("CN",)),
    _Shape(r"05\d\d(?P<tr>[ .\-])\d{3}(?P=tr)\d\d(?P=tr)\d\d", ("TR",)),
    _Shape(r"01[016789]\d{8}", ("KR",)),
)
SHAPE_START: Final = re.compile(
    r"[(0-9](?:(?<![\w.+/%$#\-].)|(?<=\\[nrt].))(?<!\d[.\-].)(?=[0-9 ().\-/\u00a0]{7})", re.ASCII
)
_SHAPE: Final = re.compile(
    f"(?:{'|'.join(shape.pattern for shape in _SHAPES)})"
    r"(?![\w%]|[.\-/,:]\d|[ ][+*/=] ?\d| \d\d(?!\d))",
    re.ASCII,
)
# Digits in groups, as every grouping above and the usual ones of other countries have them. Any
# character outside ASCII stands for the rarer gaps: cheaper to look for than each of them.
_RARE: Final = r"\x80-\U0010ffff"
_GAP: Final = rf"[ ().\-/{_RARE}]"
GROUPED: Final = re.compile(
    rf"\d{{2}}{_GAP}{{1,3}}\d{{3,5}}{_GAP}{{1,3}}\d\d|0[1-9]\d{{0,4}}{_GAP}{{1,3}}\d{{4}}|\d{{3}}{_GAP}{{1,3}}\d{{6}}"
    rf"|\d\d[ {_RARE}]{{1,3}}\d\d[ {_RARE}]{{1,3}}\d{{3}}|0\d{{1,4}}[.\-{_RARE}]\d\d[.\-{_RARE}]\d{{3}}"
    rf"|\d\d[ .{_RARE}]\d\d[ .{_RARE}]\d\d[ .{_RARE}]\d\d|\d\d[\-{_RARE}]\d\d[\-{_RARE}]\d\d[\-{_RARE}]\d\d"
    rf"|\d{{4}}[ \-/(){_RARE}]{{1,3}}\d{{4}}|\d{{5}}[ \-{_RARE}]{{1,3}}\d{{5}}|01[016789]\d{{8}}",
    re.ASCII,
)
_COMPILED: Final = tuple((re.compile(s.pattern, re.ASCII), s.regions) for s in _SHAPES)
# Behind another number only hyphens and brackets tell a telephone number from a row of numbers
_TELLING: Final = re.compile(r"[(\-]")
_KOREAN: Final = re.compile(r"[가-힣]")
# Words right before a number that say what else it is
_COUNTED_BEFORE: Final = re.compile(
    r"(?:total|sum|counts?|order|part|p/n|s/n|sku|item|model|serial|isbn|issn|case|ticket|invoice|range|lines?|pages?|rows?|version)"
    r"[\w ]{0,8}[.:#=]{0,2}[ \-]?[\"']?$",
    re.IGNORECASE,
)
_REACH: Final = 48  # code points in which Hangul vouches for a number without groups


def shape_at(text: str, at: int) -> Range | None:
    """Return the telephone number that begins at `at` in one of the groupings, or None."""
    shape = _SHAPE.match(text, at)
    if shape is None:
        return None
    start, end = shape.span()
    if (
        start > 1
        and text[start - 1] == " "
        and text[start - 2].isdigit()
        and not _TELLING.search(shape[0])
    ):
        return None
    if shape[0].isdigit() and _KOREAN.search(text, max(0, start - _REACH), end + _REACH) is None:
        return None
    if _COUNTED_BEFORE.search(text, max(0, start - 24), start) is not None:
        return None
    regions = next((r for pattern, r in _COMPILED if pattern.fullmatch(shape[0])), ())
    return (start, end) if is_phone(shape[0], regions) else None
