"""Find the name that the header of a table, a CSV file or an SQL statement gives to one value."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

# Where nine digits or more may stand alone in a cell: one trigger for all rules that read tables
CELL_TRIGGER: Final = re.compile(r"(?<![0-9A-Za-z.\-+/])\d{3} ?\d\d ?\d{4}", re.ASCII)
# How far a row may reach before the value, and how far above its row the header is looked for
_ROW: Final = 400
_ABOVE: Final = 2048
_HEADER: Final = 1024
_SEPARATORS: Final = ("\t", "|", ";", ",")
_NAMES: Final = re.compile(r"\(([^()\n]{1,400})\)\s{0,2}(?:FROM|VALUES)", re.IGNORECASE)
_BORDER: Final = re.compile(r"[\s+|\-=:]*")
_WRAPPED: Final = " \t\"'`[]*"


def column(text: str, start: int) -> str:
    """Return the name of the column of the value at `start`, or an empty text where none is known.

    Rows are those of CSV and its kin, of tables drawn with `|`, of `COPY` and of `INSERT`.
    """
    line = text.rfind("\n", max(0, start - _ROW), start) + 1
    if line == 0 and start > _ROW:
        return ""
    before = text[line:start]
    if "(" in before:
        named = _NAMES.search(before)
        if named is not None:
            return _cell(named[1], ",", before[before.rfind("(") :].count(","))
    separator = next((mark for mark in _SEPARATORS if mark in before), "")
    if separator == "" or line == 0:
        return ""
    return _cell(_first_line(text, line), separator, before.count(separator))


def _first_line(text: str, line: int) -> str:
    """Return the first line of the block of lines above, or of a long text."""
    low = max(0, line - _ABOVE)
    gap = text.rfind("\n\n", low, line)
    start = gap + 2 if gap >= 0 else 0
    for _ in range(2):
        end = text.find("\n", start, line)
        header = text[start : min(end, start + _HEADER)] if end >= 0 else ""
        if header == "" or header[0].isalnum() or _BORDER.fullmatch(header) is None:
            return header
        start = end + 1
    return ""


@lru_cache(maxsize=1 << 10)
def _cell(row: str, separator: str, index: int) -> str:
    named = _NAMES.search(row) if "(" in row else None
    cells = row.split(separator) if named is None else named[1].split(",")
    return cells[index].strip(_WRAPPED) if index < len(cells) else ""
