"""Data that is written into code as text: base64, bytes in hexadecimal, escaped characters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from filters.jit import kernel
from filters.quality.signs import DIGIT, HEX, LETTER, PACKED, SPACE

if TYPE_CHECKING:
    from numpy.typing import NDArray

# the least that counts, all from StarCoder 2 (arXiv:2402.19173), section 2.2
_LEAST_PACKED: Final = 64  # signs of base64 in a row
_LEAST_BYTES: Final = 8  # bytes or characters in a row
_ESCAPED: Final = {
    "\\x": re.compile(r"(?:\\x[0-9a-fA-F]{2}){8,}"),
    "\\u": re.compile(r"(?:\\u[0-9a-fA-F]{4}){8,}"),
}
_ZERO, _SMALL_X, _LARGE_X, _COMMA, _UNDER = (ord(sign) for sign in "0xX,_")


def encoded_runs(
    text: str, points: NDArray[np.uint32], signs: NDArray[np.uint16]
) -> tuple[int, int]:
    """Code points inside runs of encoded data, and the length of the longest run.

    A run of base64 may be broken into lines, none of them shorter than half of the least run: so a
    column of words is none.
    """
    lengths = [*_packed(text, signs), *byte_runs(points, signs).tolist()]
    for mark, pattern in _ESCAPED.items():
        if mark in text:
            lengths += [len(found[0]) for found in pattern.finditer(text)]
    return min(sum(lengths), len(text)), max(lengths, default=0)


def _packed(text: str, signs: NDArray[np.uint16]) -> list[int]:
    """Measure the runs of base64."""
    edges = np.flatnonzero(np.diff((signs & PACKED) != 0, prepend=False, append=False))
    starts, ends = edges[::2], edges[1::2]
    long = np.flatnonzero(ends - starts >= _LEAST_PACKED)
    return [
        size
        for start, end in zip(starts[long].tolist(), ends[long].tolist(), strict=True)
        if (size := _data(text[start:end])) >= _LEAST_PACKED
    ]


def _data(run: str) -> int:
    return sum(len(line) + 1 for line in run.split("\n") if len(line) >= _LEAST_PACKED // 2)


@kernel
def byte_runs(points: Any, signs: Any) -> Any:
    """Measure the runs of bytes in hexadecimal, with or without `0x`, set apart by commas or blanks."""
    lengths = np.empty(len(points) // _LEAST_BYTES + 1, np.int64)
    count = at = 0
    while at < len(points):
        end, found = at, 0
        if at == 0 or not _is_word(points, signs, at - 1):
            size = _byte(points, signs, at)
            while size:
                found += 1
                end += size
                size = _byte(points, signs, end)
        if found >= _LEAST_BYTES:
            lengths[count] = end - at
            count += 1
        at = max(end, at + 1)
    return lengths[:count]


@kernel
def _is_word(points: Any, signs: Any, at: Any) -> Any:
    return signs[at] & (LETTER | DIGIT) != 0 or points[at] == _UNDER


@kernel
def _byte(points: Any, signs: Any, at: Any) -> Any:
    """Give the size of one byte with what follows it up to the next, 0 if there is none."""
    end = at
    if end + 1 < len(points) and points[end] == _ZERO:
        end += 2 if points[end + 1] == _SMALL_X or points[end + 1] == _LARGE_X else 0
    if end + 2 > len(points) or not (signs[end] & HEX and signs[end + 1] & HEX):
        return 0
    end += 2
    if end < len(points) and _is_word(points, signs, end):
        return 0
    if end < len(points) and points[end] == _COMMA:
        end += 1
    while end < len(points) and signs[end] & SPACE:
        end += 1
    return end - at
