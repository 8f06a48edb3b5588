"""Hashes with what is known of each, packed into text: sorted, as differences, equal rows once.

A hash is the first 48 bits of SHA-256: among a million hashes one look-up in 280 million finds
something that is not there.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

_SHIFT: Final = 16  # from the 64 bits of a subject's key to the 48 of a hash
_SEVEN: Final = 7
_MORE: Final = 0x80


class Packed(msgspec.Struct, frozen=True):
    """`hashes` is base64 of, for each of `count`: the difference and the number of its row, in LEB128."""

    count: int
    hashes: str
    rows: list[tuple[tuple[int, int], ...]]


def short(key: int) -> int:
    """Cut a subject's key to a hash."""
    return key >> _SHIFT


def count_keys(keys: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return each hash of the keys once, sorted, and how often it comes."""
    return np.unique(keys >> np.uint64(_SHIFT), return_counts=True)


def pack_counts(counts: Sequence[tuple[NDArray[np.uint64], NDArray[np.int64]]]) -> Packed:
    """Pack what `count_keys` gave for each release: a row is (number of the release, documents) pairs."""
    empty = np.zeros(0, dtype=np.uint64)
    hashes = np.unique(np.concatenate([empty, *(each for each, _ in counts)]))
    table = np.zeros((len(hashes), len(counts)), dtype=np.int64)
    for column, (found, times) in enumerate(counts):
        table[np.searchsorted(hashes, found), column] = times
    distinct, which, often = _rows(table)
    order = np.argsort(-often, kind="stable")  # frequent rows get small numbers
    place = np.empty(len(order), dtype=np.uint64)
    place[order] = np.arange(len(order), dtype=np.uint64)
    rows = [
        tuple((at, int(times)) for at, times in enumerate(distinct[each]) if times)
        for each in order
    ]
    return Packed(len(hashes), _text(hashes, place[which]), rows)


def pack_pairs(found: Mapping[int, Sequence[tuple[int, int]]]) -> Packed:
    """Pack pairs by hash; the order of the hashes does not matter."""
    hashes = sorted(found)
    rows = sorted({tuple(each) for each in found.values()})
    place = {row: at for at, row in enumerate(rows)}
    numbers = [place[tuple(found[each])] for each in hashes]
    text = _text(np.array(hashes, dtype=np.uint64), np.array(numbers, dtype=np.uint64))
    return Packed(len(hashes), text, rows)


def _rows(
    table: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.intp], NDArray[np.intp]]:
    """Return the distinct rows, which of them each row is, and how often each comes."""
    if not table.size:
        return table[:0], np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp)
    distinct, which, often = np.unique(table, axis=0, return_inverse=True, return_counts=True)
    return distinct, which.reshape(-1), often


def _text(hashes: NDArray[np.uint64], rows: NDArray[np.uint64]) -> str:
    """Interleave differences and rows in LEB128."""
    numbers = np.empty(2 * len(hashes), dtype=np.uint64)
    numbers[0::2] = np.diff(hashes, prepend=np.zeros(1, dtype=np.uint64))
    numbers[1::2] = rows
    return base64.b64encode(_leb128(numbers)).decode("ascii")


def _leb128(numbers: NDArray[np.uint64]) -> bytes:
    """Encode every number in groups of seven bits, the lowest first, the top bit on all but the last."""
    most = max(1, -(-int(numbers.max(initial=1)).bit_length() // _SEVEN))
    shifts = np.arange(0, _SEVEN * most, _SEVEN, dtype=np.uint64)
    groups = (numbers[:, None] >> shifts) & np.uint64(_MORE - 1)
    rest = numbers[:, None] >> shifts
    used = (rest > 0) | (shifts == 0)
    more = np.zeros_like(used)
    more[:, :-1] = used[:, 1:]
    encoded = groups | np.where(more, np.uint64(_MORE), np.uint64(0))
    data: bytes = encoded[used].astype(np.uint8).tobytes()
    return data
