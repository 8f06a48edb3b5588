"""Candidate pairs: documents that share a band key, each pair once, thinned out by signatures.

Only keys that occur twice or more are ever sorted: a two-level bitmap finds them in one pass. A run
(the documents of one key) of up to `cap` members gives all its pairs. In a longer one each member
meets the run's first in rank order and the `window` members before it, and the run is reported, so
what a cap leaves out is known; such documents mostly meet again in other bands.
"""

from __future__ import annotations

from fractions import Fraction
from math import isqrt
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.dedup.jit import frozen, kernel

_BITS_A_KEY: Final = 8
_HALF: Final = np.uint64(32)
_LEAST_BITS: Final = 6
_ROWS: Final = 1 << 12  # rows compared at once


class Candidates(NamedTuple):
    """`pairs` int64[p, 2]: the better rank first, sorted, each once; how many runs were capped."""

    pairs: npt.NDArray[np.int64]
    capped_runs: int


@kernel
def _repeated(keys: Any, seen: Any, again: Any, mask: Any, repeated: Any) -> None:
    """Mark the keys that may occur twice: all that do, and about one in nine that do not."""
    for index in range(keys.size):
        # Both halves are folded: a partition by prefix has spent the upper bits of its keys.
        bit = (keys[index] ^ (keys[index] >> _HALF)) & mask
        word, flag = bit >> np.uint64(6), np.uint64(1) << (bit & np.uint64(63))
        again[word] |= seen[word] & flag
        seen[word] |= flag
    for index in range(keys.size):
        bit = (keys[index] ^ (keys[index] >> _HALF)) & mask
        repeated[index] = (again[bit >> np.uint64(6)] >> (bit & np.uint64(63))) & np.uint64(1)


@kernel
def _emit(starts: Any, stops: Any, cap: Any, window: Any, pairs: Any, fill: Any) -> Any:
    """Count the pairs of all runs, or write them as places when `fill`; return how many."""
    count = np.int64(0)
    for run in range(starts.size):
        start = starts[run]
        whole = stops[run] - start <= cap
        for later in range(start + 1, stops[run]):
            nearest = start if whole else max(start, later - window)
            if nearest > start:
                if fill:
                    pairs[count, 0], pairs[count, 1] = start, later
                count += 1
            for earlier in range(nearest, later):
                if fill:
                    pairs[count, 0], pairs[count, 1] = earlier, later
                count += 1
    return count


def _repeats(keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """Return the places of the keys that may occur more than once."""
    bits = max(_LEAST_BITS, int(keys.size * _BITS_A_KEY - 1).bit_length())
    seen, again = np.zeros((2, 1 << (bits - 6)), np.uint64)
    repeated = np.zeros(keys.size, np.bool_)
    _repeated(keys, seen, again, np.uint64((1 << bits) - 1), repeated)
    return np.flatnonzero(repeated)


def candidate_pairs(
    keys: npt.NDArray[np.uint64],
    docs: npt.NDArray[np.int64],
    rank: npt.NDArray[np.int64],
    cap: int,
    *,
    window: int = 16,
) -> Candidates:
    """Pair the documents that share a key; `rank[i]` is that of `docs[i]` (0: kept first).

    The three arrays are aligned, one entry a (document, band); bands may lie together. The result
    depends on the entries as a set, not on their order.
    """
    places = _repeats(frozen(keys, np.uint64))
    places = places[np.lexsort((docs[places], rank[places], keys[places]))]
    sorted_keys, members = keys[places], docs[places]
    starts = np.flatnonzero(
        np.concatenate([[True], sorted_keys[1:] != sorted_keys[:-1]])[: len(places)]
    )
    stops = np.concatenate([starts[1:], [len(places)]])[: len(starts)]
    sizes = stops - starts
    pairs = _pairs_of_runs(starts[sizes > 1], stops[sizes > 1], cap, window)
    return Candidates(_unique(pairs, members), int((sizes > cap).sum()))


def _pairs_of_runs(
    starts: npt.NDArray[np.int64], stops: npt.NDArray[np.int64], cap: int, window: int
) -> npt.NDArray[np.int64]:
    """Return the pairs of places, counted before they are written: no buffer can overflow."""
    starts, stops = frozen(starts, np.int64), frozen(stops, np.int64)
    none = np.empty((0, 2), np.int64)
    count = _emit(starts, stops, max(cap, 1), max(window, 1), none, False)
    pairs = np.empty((count, 2), np.int64)
    _emit(starts, stops, max(cap, 1), max(window, 1), pairs, True)
    return pairs


def _unique(pairs: npt.NDArray[np.int64], members: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Turn pairs of places into pairs of documents, sorted by document numbers, each once.

    The documents that occur are numbered anew below 2^32, so that a pair packs into one integer.
    """
    names, number = np.unique(members, return_inverse=True)
    first, second = number[pairs[:, 0]].astype(np.uint64), number[pairs[:, 1]].astype(np.uint64)
    first, second = first[first != second], second[first != second]
    packed = np.unique(first << _HALF | second)
    low = packed & np.uint64(0xFFFFFFFF)
    return np.stack([names[packed >> _HALF], names[low]], axis=1)


def least_agreement(minima: int, threshold: Fraction | float) -> int:
    """Return floor(K * (t - 4 sigma)), sigma = sqrt(t (1 - t) / K): 84 of 128 at 0.8.

    Fewer than 1 in 10,000 pairs at exactly t agree in fewer minima (binomial tail).
    """
    exact = Fraction(threshold)
    p, q = exact.numerator, exact.denominator
    square = 16 * minima * p * (q - p)
    root = isqrt(square)
    return max(0, (minima * p - root - (root * root < square)) // q)


def signature_filter(
    minima_a: npt.NDArray[np.uint32],
    minima_b: npt.NDArray[np.uint32],
    threshold: Fraction | float,
) -> npt.NDArray[np.bool_]:
    """Tell which pairs of aligned rows uint32[p, K] may reach the threshold."""
    least = least_agreement(minima_a.shape[1], threshold)
    keep = np.empty(len(minima_a), np.bool_)
    for start in range(0, len(keep), _ROWS):
        rows = slice(start, start + _ROWS)
        keep[rows] = np.count_nonzero(minima_a[rows] == minima_b[rows], axis=1) >= least
    return keep
