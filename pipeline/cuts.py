"""Where tables are cut into row groups: at places that a row which comes or goes elsewhere leaves alone."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

_LEAST_BITS: Final = 13
_MOST_BITS: Final = 16


def group_rows(rows: int) -> int:
    """Return how many rows a group of a table may hold: from 8,192 to 65,536.

    From four million rows on twice as many for every four times as many rows, so that what any
    change rewrites, a group and the footer that lists them all, grows with the root of a table.
    """
    bits = (rows.bit_length() + 1) // 2 + 2
    return 1 << min(max(bits, _LEAST_BITS), _MOST_BITS)


def row_keys(texts: Iterable[str], count: int) -> NDArray[np.uint32]:
    """Return what elects the rows that are cut at: the CRC-32 of each row's name, no matter which rows are near."""
    return np.fromiter((zlib.crc32(text.encode()) for text in texts), np.uint32, count)


def cuts(keys: NDArray[np.uint32], most: int) -> list[range]:
    """Cut a table into ranges of at most `most` rows, and a quarter of that at least where it is cut at all.

    What is longer is cut before the row of the lowest key in its middle half, and so on with both sides.
    A row that comes or goes decides nothing of what it does not lie in, unless it is cut at itself
    or makes a range just too long: all other ranges keep their rows. That only the middle half is
    asked bounds their number, whatever the keys are.
    """
    found = []
    waiting = [range(len(keys))]
    while waiting:
        rows = waiting.pop()
        if len(rows) <= most:
            found.append(rows)
            continue
        quarter = len(rows) // 4
        start, stop = rows.start + quarter, rows.stop - quarter
        at = start + int(np.argmin(keys[start:stop]))
        waiting += [range(at, rows.stop), range(rows.start, at)]
    return found
