"""Postings: 64-bit keys in their order, and the rows that have each; written in bounded memory, read by mapping.

Three files: `keys.u64` are the distinct keys, `starts.u64` where the rows of each begin in
`rows.u32` (and one entry more). All little-endian, rows ascending.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

KEYS: Final = "keys.u64"
STARTS: Final = "starts.u64"
ROWS: Final = "rows.u32"
FILES: Final = (KEYS, STARTS, ROWS)

_PAIR: Final = np.dtype([("key", "<u8"), ("row", "<u4")])
_PART_BITS: Final = 6
_BUFFER: Final = 1 << 20  # pairs, of 12 bytes


class PostingsWriter:
    """Takes keys row by row and, on `close`, writes the postings; a context manager.

    Pairs are parted by the first bits of the key into files that are taken away again, so memory
    holds one part at a time: a 64th of all, or all pairs of one key where that is more.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._buffer = np.empty(_BUFFER, _PAIR)
        self._used = 0
        self._parts = [folder / f"part-{number:02d}.tmp" for number in range(1 << _PART_BITS)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for part in self._parts:
            part.unlink(missing_ok=True)

    def add(self, row: int, keys: Iterable[int]) -> None:
        """Note the keys of a row; rows come in ascending order."""
        given = np.fromiter(keys, np.uint64)
        self.add_many(np.full(len(given), row, np.uint32), given)

    def add_many(self, rows: NDArray[np.uint32], keys: NDArray[np.uint64]) -> None:
        """Note as many rows as keys, pair by pair."""
        at = 0
        while at < len(keys):
            end = min(len(keys), at + _BUFFER - self._used)
            place = slice(self._used, self._used + end - at)
            self._buffer["key"][place] = keys[at:end]
            self._buffer["row"][place] = rows[at:end]
            self._used, at = place.stop, end
            if self._used == _BUFFER:
                self._spill()

    def close(self) -> int:
        """Write the postings and return how many pairs there are."""
        self._spill()
        with (
            (self._folder / KEYS).open("wb") as keys,
            (self._folder / STARTS).open("wb") as starts,
            (self._folder / ROWS).open("wb") as rows,
        ):
            pairs = 0
            starts.write(np.zeros(1, "<u8").tobytes())
            for part in self._parts:
                if part.exists():
                    pairs = _write_part(np.fromfile(part, _PAIR), pairs, keys, starts, rows)
                    part.unlink()
        return pairs

    def _spill(self) -> None:
        used = self._buffer[: self._used]
        number = (used["key"] >> np.uint64(64 - _PART_BITS)).astype(np.uint8)
        order = np.argsort(number, kind="stable")
        ends = np.searchsorted(number[order], np.arange(len(self._parts)), side="right")
        start = 0
        for part, end in zip(self._parts, ends.tolist(), strict=True):
            if end > start:
                with part.open("ab") as file:
                    file.write(used[order[start:end]].tobytes())
            start = end
        self._used = 0


def _write_part(
    pairs: NDArray[np.void], before: int, keys: BinaryIO, starts: BinaryIO, rows: BinaryIO
) -> int:
    """Append one part's pairs, of which there are `before` already; returns how many there are then."""
    pairs = pairs[np.argsort(pairs["key"], kind="stable")]
    distinct, first = np.unique(pairs["key"], return_index=True)
    ends = np.append(first[1:], len(pairs)).astype("<u8") + np.uint64(before)
    keys.write(distinct.astype("<u8").tobytes())
    starts.write(ends.tobytes())
    rows.write(pairs["row"].astype("<u4").tobytes())
    return before + len(pairs)


class Postings(NamedTuple):
    """Postings, mapped."""

    keys: NDArray[np.uint64]
    starts: NDArray[np.uint64]
    rows: NDArray[np.uint32]

    def find(self, key: int) -> NDArray[np.uint32]:
        """Return the rows of a key, ascending."""
        wanted = np.uint64(key)
        at = int(np.searchsorted(self.keys, wanted))
        if at == len(self.keys) or self.keys[at] != wanted:
            return self.rows[:0]
        return self.rows[int(self.starts[at]) : int(self.starts[at + 1])]


def map_postings(folder: Path) -> Postings:
    """Open what a `PostingsWriter` wrote; raises `OSError` or `ValueError` where it is not whole."""
    keys, starts = map_array(folder / KEYS, "<u8"), map_array(folder / STARTS, "<u8")
    rows = map_array(folder / ROWS, "<u4")
    if len(starts) != len(keys) + 1 or int(starts[-1]) != len(rows):
        raise ValueError("the files of the postings do not fit one another")
    return Postings(keys, starts, rows)


def map_array(path: Path, dtype: str) -> NDArray[Any]:
    """Map a file of numbers; of an empty one, which cannot be mapped, an array without any."""
    if path.stat().st_size == 0:
        return np.empty(0, dtype)
    return np.memmap(path, dtype, mode="r").view(np.ndarray)
