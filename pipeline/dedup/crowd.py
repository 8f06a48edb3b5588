"""Crowds: many documents that resemble one another without being near-duplicates, as under one licence header.

Signatures cannot tell a similarity of 0.75 from 0.8, so of a crowd they propose all pairs. Shingles
can: put in an order that has the rare ones first, two sets of sizes m and n with similarity t or
more share at least a = ceil(t (m + n) / (1 + t)) elements, so one of the first m - a + 1 of the one
is among the first n - a + 1 of the other (prefix filter: Chaudhuri, Ganti, Kaushik 2006; Xiao and
others 2008, "Efficient similarity joins for near duplicate detection"). What a whole crowd has in
common is rare in nobody and comes last, so those who share nothing else never meet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.dedup.jit import frozen, kernel

if TYPE_CHECKING:
    from fractions import Fraction

_SAMPLE: Final = 4096  # documents by which shingles are told rare or common
_NONE: Final = -1


class Joined(NamedTuple):
    """`pairs` int64[p, 2] of places (leader, later member) at the threshold or above; who was `struck`."""

    pairs: npt.NDArray[np.int64]
    struck: npt.NDArray[np.bool_]


def rarity(flat: npt.NDArray[np.uint64], offsets: npt.NDArray[np.int64]) -> npt.NDArray[np.uint32]:
    """Count, for each element, in how many sampled sets it is: any fixed counts give the same pairs.

    Of up to `_SAMPLE` sets, evenly spaced; an element that none of them has counts 0.
    """
    count = len(offsets) - 1
    chosen = np.unique(np.linspace(0, max(count - 1, 0), min(count, _SAMPLE)).astype(np.int64))
    pieces = [flat[offsets[each] : offsets[each + 1]] for each in chosen]
    names, times = np.unique(np.concatenate([np.empty(0, np.uint64), *pieces]), return_counts=True)
    if len(names) == 0:
        return np.zeros(len(flat), np.uint32)
    place = np.minimum(np.searchsorted(names, flat), len(names) - 1)
    return np.where(names[place] == flat, times[place], 0).astype(np.uint32)


@kernel
def _least_shared(m: Any, n: Any, p: Any, q: Any) -> Any:
    """Return ceil(t (m + n) / (1 + t)) for t = p / q: what two sets of these sizes must share."""
    return (p * (m + n) + p + q - 1) // (p + q)


@kernel
def _shared(flat: Any, a: Any, a_end: Any, b: Any, b_end: Any, least: Any) -> Any:
    """Count the common elements of two sorted sets, and stop when `least` is out of reach."""
    common = np.int64(0)
    while a < a_end and b < b_end:
        if common + min(a_end - a, b_end - b) < least:
            return np.int64(-1)
        x, y = flat[a], flat[b]
        common += np.int64(x == y)
        a += np.int64(x <= y)
        b += np.int64(y <= x)
    return common


@kernel
def _join(
    flat: Any, offsets: Any, tokens: Any, starts: Any, heads: Any, entries: Any, p: Any, q: Any,
    leads: Any, struck: Any, seen: Any, cursor: Any, pairs: Any,
) -> Any:  # fmt: skip
    """Probe each member against the leaders before it; index it as a leader unless it is struck.

    `tokens` numbers the elements of each set's prefix in the order of rarity; `heads` int64[tokens]
    begins a chain of `entries` int64[e, 3] (member, position, next) for each token. `cursor`
    is (member, entries); returns the number of pairs, with the cursor where to go on.
    """
    written = np.int64(0)
    while cursor[0] < offsets.size - 1:
        member = cursor[0]
        size = offsets[member + 1] - offsets[member]
        if written + member > pairs.shape[0] and written > 0:
            return written
        first, last = starts[member], starts[member + 1]
        found = False
        for place in range(first, last):
            entry = heads[tokens[place]]
            while entry >= 0:
                other, position = entries[entry, 0], entries[entry, 1]
                entry = entries[entry, 2]
                if seen[other] == member:
                    continue
                theirs = offsets[other + 1] - offsets[other]
                least = _least_shared(size, theirs, p, q)
                if place - first > size - least or position > theirs - least:
                    continue
                seen[other] = member
                common = _shared(
                    flat, offsets[other], offsets[other + 1],
                    offsets[member], offsets[member + 1], least,
                )  # fmt: skip
                if common >= least:
                    pairs[written, 0], pairs[written, 1] = other, member
                    written += 1
                    found = True
        struck[member] = found and not leads[member]
        if not struck[member]:
            for place in range(first, last):
                at = cursor[1]
                entries[at, 0], entries[at, 1] = member, place - first
                entries[at, 2] = heads[tokens[place]]
                heads[tokens[place]] = at
                cursor[1] += 1
        cursor[0] += 1
    return written


def _prefixes(
    flat: npt.NDArray[np.uint64], offsets: npt.NDArray[np.int64], threshold: Fraction
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], int]:
    """Return the numbered elements of each set's prefix, where each begins, and how many numbers there are.

    The prefix is the longest that any partner may ask for: size - ceil(t size) + 1.
    """
    sizes = np.diff(offsets)
    p, q = threshold.numerator, threshold.denominator
    lengths = np.where(sizes > 0, sizes - (p * sizes + q - 1) // q + 1, 0)
    owner = np.repeat(np.arange(len(sizes)), sizes)
    order = np.lexsort((flat, rarity(flat, offsets), owner))
    rank = np.arange(len(flat)) - np.repeat(offsets[:-1], sizes)
    prefix = flat[order[rank < np.repeat(lengths, sizes)]]
    names, tokens = np.unique(prefix, return_inverse=True)
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    return tokens.astype(np.int64), starts, len(names)


def join(
    flat: npt.NDArray[np.uint64],
    offsets: npt.NDArray[np.int64],
    threshold: Fraction,
    leads: npt.NDArray[np.bool_],
) -> Joined:
    """Find, among sets in survivor order, every leader's near-duplicates after it.

    A member that a leader before it resembles at the threshold or above is struck and leads nobody,
    unless `leads` says that it leads whatever happens. Sets are stored as in ShingleSets; all
    comparisons are exact, in integers.
    """
    tokens, starts, names = _prefixes(flat, offsets, threshold)
    count = len(offsets) - 1
    heads, entries = np.full(names, _NONE, np.int64), np.empty((len(tokens), 3), np.int64)
    struck, seen = np.zeros(count, np.bool_), np.full(count, _NONE, np.int64)
    cursor, buffer = np.zeros(2, np.int64), np.empty((max(1 << 16, 2 * count), 2), np.int64)
    arrays = (frozen(flat, np.uint64), frozen(offsets, np.int64), frozen(tokens, np.int64))
    found = [np.empty((0, 2), np.int64)]
    while cursor[0] < count:
        written = _join(
            *arrays, frozen(starts, np.int64), heads, entries,
            threshold.numerator, threshold.denominator, frozen(leads, np.bool_),
            struck, seen, cursor, buffer,
        )  # fmt: skip
        found.append(buffer[:written].copy())
    return Joined(np.concatenate(found), struck)
