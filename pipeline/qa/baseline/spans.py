"""Spans that may be answers: runs of units within a sentence, and what each looks like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from filters.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

    Integers = npt.NDArray[np.int32]

LONGEST: Final = 14  # units of a span
LOOKS: Final = 14  # what a span may be
LENGTHS: Final = 6  # how long: 1, 2, 3, 4 to 5, 6 to 8, 9 and more units
CLASSES: Final = LOOKS * LENGTHS
_LONGER: Final = np.array([2, 3, 4, 6, 9], np.int64)

# The flags of units.py, spelled here because a kernel is compiled with the values of its own file
_CAPITAL: Final = 1
_ACRONYM: Final = 2
_DIGIT: Final = 4
_YEAR: Final = 8
_DATE: Final = 16
_NUMERAL: Final = 32
_MONEY: Final = 64
_PERCENT: Final = 128
_ORDINAL: Final = 256
_MARK: Final = 512
_BRACKET: Final = 2048
_PARTICLE: Final = 4096
_ARTICLE: Final = 8192
_SMALL: Final = 16384


@kernel
def spans(shapes: Integers, sentence: Integers, opening: Integers) -> Integers:
    """Return first and last unit of each span, shape (n, 2), ordered by first and then last.

    A span begins with no mark, article or particle and ends with no mark but a closing bracket; what it
    opens in brackets it closes, and nothing else. `opening` is 1 for an opening and -1 for a closing bracket, 0 else.
    """
    size = len(shapes)
    found = np.empty((size * LONGEST, 2), np.int32)
    count = 0
    for first in range(size):
        if shapes[first] & (_MARK | _ARTICLE | _PARTICLE):
            continue
        depth = 0
        for last in range(first, min(first + LONGEST, size)):
            if sentence[last] != sentence[first]:
                break
            depth += opening[last]
            if depth < 0:
                break
            if depth == 0 and (not shapes[last] & _MARK or opening[last] < 0):
                found[count, 0] = first
                found[count, 1] = last
                count += 1
    return found[:count].copy()


@kernel
def look(shapes: Integers, first: int, last: int) -> int:  # noqa: C901, PLR0911  a kernel has no tables: one line a look
    """Return what a span looks like, below `LOOKS`."""
    every, some, small = shapes[first], 0, 0
    for index in range(first, last + 1):
        every &= shapes[index]
        some |= shapes[index]
        small += (shapes[index] & _SMALL) != 0
    alone = first == last
    if some & _MONEY and some & _DIGIT:
        return 0
    if some & _PERCENT:
        return 1
    if alone and some & _YEAR:
        return 2
    if some & _DATE:
        return 3
    if some & _DIGIT:
        if alone:
            return 4
        return 5 if shapes[first] & _DIGIT else 6
    if some & _NUMERAL:
        return 7
    if some & _ORDINAL:
        return 8
    if some & _CAPITAL:
        if small == 0:
            return 9 if alone and some & _ACRONYM else 10
        return 11 if shapes[first] & _CAPITAL and shapes[last] & _CAPITAL else 12
    return 13


@kernel
def classes(shapes: Integers, places: Integers) -> Integers:
    """Return for each span its look and length as one number, below `CLASSES`."""
    found = np.empty(len(places), np.int32)
    for index in range(len(places)):
        first, last = places[index]
        found[index] = look(shapes, first, last) * LENGTHS + np.searchsorted(
            _LONGER, last - first + 1, side="right"
        )
    return found
