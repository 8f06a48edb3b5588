"""Crowds: many documents that resemble one another without being near-duplicates, as under one licence header.

Signatures cannot tell a similarity of 0.75 from 0.8, so of a crowd they propose all pairs. Shingles
can: put in an order that has the rare ones first, two sets of sizes m and n with similarity t or
more share at least a = ceil(t (m + n) / (1 + t)) elements, so one of the first m - a + 1 of the one
is among the first n - a + 1 of the other (prefix filter: Chaudhuri, Ganti, Kaushik 2006; Xiao and
others 2008, "Efficient similarity joins for near duplicate detection"). What a whole crowd has in
common is rare in nobody and comes last, so those who share nothing else never meet.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from filters.jit import frozen, kernel
from pipeline.dedup.candidates import EARLIER

_SAMPLE: Final = 4096  # documents by which shingles are told rare or common
_CHUNK: Final = 1 << 12  # sets that are put in order together
_FINEST: Final = 1 << 30  # the largest denominator of a threshold
_NONE: Final = -1


class Joined(NamedTuple):
    """`pairs` int64[p, 2] of places (leader, later member) at the threshold or above; who was `struck`."""

    pairs: npt.NDArray[np.int64]
    struck: npt.NDArray[np.bool_]


class Members(NamedTuple):
    """The sets of some members in survivor order, stored as in ShingleSets, and what each is to pairs.

    One of `always` is never struck, and leads; the others lead until a leader strikes them.
    """

    flat: npt.NDArray[np.uint64]
    offsets: npt.NDArray[np.int64]
    kinds: npt.NDArray[np.uint8]
    always: npt.NDArray[np.bool_]


def _sampled(members: Members) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """Count in how many of up to `_SAMPLE` sets, evenly spaced, an element is: any fixed counts will do."""
    count = len(members.offsets) - 1
    chosen = np.unique(np.linspace(0, max(count - 1, 0), min(count, _SAMPLE)).astype(np.int64))
    pieces = [members.flat[slice(*members.offsets[each : each + 2])] for each in chosen.tolist()]
    names, times = np.unique(np.concatenate([np.empty(0, np.uint64), *pieces]), return_counts=True)
    return names, times


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
def _enlist(
    member: Any, size: Any, prefix: Any, heads: Any, lows: Any, entries: Any, at: Any
) -> Any:
    """Let a member answer for the elements of its prefix; return where the next entry goes."""
    for position in range(prefix.size):
        token = prefix[position]
        entries[at, 0], entries[at, 1], entries[at, 2] = member, position, heads[token]
        heads[token], lows[token] = at, min(lows[token], size)
        at += 1
    return at


@kernel
def _join(
    flat: Any, offsets: Any, tokens: Any, starts: Any, heads: Any, lows: Any, entries: Any, p: Any, q: Any,
    kinds: Any, allowed: Any, leads: Any, always: Any, struck: Any, seen: Any, cursor: Any, pairs: Any,
) -> Any:  # fmt: skip
    """Probe each member against the leaders before it; index it as a leader unless it is struck.

    `tokens` numbers the elements of each set's prefix in the order of rarity; `heads` int64[tokens]
    begins a chain of `entries` int64[e, 3] (member, position, next) for each token, `lows` int64[tokens]
    is the size of the smallest member in it. `cursor` is (member, entries); returns the number of
    pairs, with the cursor where to go on.
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
            # of the leaders that have it the smallest may ask for the longest prefix
            smallest = max(lows[tokens[place]], (p * size + q - 1) // q)
            if place - first > size - _least_shared(size, smallest, p, q):
                continue
            entry = heads[tokens[place]]
            while entry >= 0:
                other, position = entries[entry, 0], entries[entry, 1]
                entry = entries[entry, 2]
                if seen[other] == member or not allowed[kinds[other], kinds[member]]:
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
        struck[member] = found and not always[member]
        if leads[member] and not struck[member]:
            cursor[1] = _enlist(member, size, tokens[first:last], heads, lows, entries, cursor[1])
        cursor[0] += 1
    return written


class _Prefixes(NamedTuple):
    """The numbered first elements of each set in the order of rarity: those of i from `starts[i]` on."""

    tokens: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    names: int


def _prefixes(members: Members, threshold: Fraction) -> _Prefixes:
    """Take of each set as many as any partner may ask for: size - ceil(t size) + 1."""
    sizes = np.diff(members.offsets)
    p, q = threshold.numerator, threshold.denominator
    lengths = np.where(sizes > 0, sizes - (p * sizes + q - 1) // q + 1, 0)
    names, times = _sampled(members)
    pieces = [np.empty(0, np.uint64)]
    for first in range(0, len(sizes), _CHUNK):
        here = slice(first, first + _CHUNK)
        start, stop = members.offsets[first], members.offsets[min(first + _CHUNK, len(sizes))]
        flat, own = members.flat[start:stop], sizes[here]
        place = np.minimum(np.searchsorted(names, flat), max(len(names) - 1, 0))
        rarity = np.where(names[place] == flat, times[place], 0) if len(names) else place
        order = np.lexsort((flat, rarity, np.repeat(np.arange(len(own)), own)))
        rank = np.arange(len(flat)) - np.repeat(np.cumsum(own) - own, own)
        pieces.append(flat[order[rank < np.repeat(lengths[here], own)]])
    numbered, tokens = np.unique(np.concatenate(pieces), return_inverse=True)
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    return _Prefixes(tokens.astype(np.int64), starts, len(numbered))


def join(members: Members, threshold: Fraction, allowed: npt.NDArray[np.bool_]) -> Joined:
    """Find every leader's near-duplicates after it, among pairs of kinds that are `allowed` (bool[4, 4]).

    A member that a leader before it resembles at the threshold or above is struck and leads no more.
    All comparisons are exact, in integers.
    """
    if threshold.denominator > _FINEST:  # products of sizes must fit; a little lower loses nothing
        threshold = Fraction(int(threshold * _FINEST), _FINEST)
    prefixes = _prefixes(members, threshold)
    count = len(members.kinds)
    heads = np.full(prefixes.names, _NONE, np.int64)
    lows = np.full(prefixes.names, np.iinfo(np.int64).max >> 32, np.int64)
    entries = np.empty((len(prefixes.tokens), 3), np.int64)
    struck, seen = np.zeros(count, np.bool_), np.full(count, _NONE, np.int64)
    leads = members.always | np.logical_or.reduce(allowed[:, :EARLIER], axis=1)[members.kinds]
    cursor, buffer = np.zeros(2, np.int64), np.empty((max(1 << 16, 2 * count), 2), np.int64)
    found = [np.empty((0, 2), np.int64)]
    while cursor[0] < count:
        written = _join(
            frozen(members.flat, np.uint64), frozen(members.offsets, np.int64),
            frozen(prefixes.tokens, np.int64), frozen(prefixes.starts, np.int64), heads, lows, entries,
            threshold.numerator, threshold.denominator, frozen(members.kinds, np.uint8),
            frozen(allowed, np.bool_), frozen(leads, np.bool_), frozen(members.always, np.bool_),
            struck, seen, cursor, buffer,
        )  # fmt: skip
        found.append(buffer[:written].copy())
    return Joined(np.concatenate(found), struck)
