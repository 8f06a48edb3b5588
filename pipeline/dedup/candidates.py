"""Candidate pairs: documents that share a band key and whose signatures agree well enough.

The documents of one key are a run. In a short run every pair is compared. In a long one the members
come in survivor order and each is compared with the leaders before it: a member that no leader
resembles leads on, one that resembles a leader is struck, since that leader most likely removes it.
Struck members that stay after all are looked at again (`pipeline.stages.candidates.revisit`), so that in
the end no two documents of a run are both kept without having been compared, and the kept set is
the one that all pairs would have given. Comparing means counting equal bytes of two sketches, the
last bytes of the minima: at least as many agree as minima do.
"""

from __future__ import annotations

from fractions import Fraction
from math import isqrt
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from filters.jit import frozen, kernel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Sketches = Callable[[npt.NDArray[np.int64]], npt.NDArray[np.uint8]]
    Take = Callable[[npt.NDArray[np.int64]], object]

LIVING, QUESTION, EARLIER, GHOST = range(4)
"""What a document is to the pairs that it may be in; those from EARLIER on are never struck."""

_BITS_A_KEY: Final = 8
_HALF: Final = np.uint64(32)
_LEAST_BITS: Final = 6
_BUFFER: Final = 1 << 18  # pairs that a kernel hands over at once
_CHUNK: Final = 1 << 14  # members of a long run whose sketches are read at once


class Rule(NamedTuple):
    """How pairs are judged.

    `least` and `strike` are numbers of agreeing sketch bytes: from which a pair is worth an exact
    comparison, and from which a member of a long run leads no more. `short` is the size up to which
    all pairs of a run are compared, `leaders` how many members of one run may lead, `batch` how many
    sketches are held at once. `allowed` bool[4, 4] tells by kind which pairs decide anything. A run
    is given up as a crowd when it gives more than `few` pairs and `crowd` for each member.
    """

    least: int
    strike: int
    allowed: npt.NDArray[np.bool_]
    short: int = 64
    leaders: int = 1 << 16
    crowd: int = 8
    few: int = 1 << 14
    batch: int = 1 << 17


class Runs(NamedTuple):
    """The runs of two or more, end to end: run i is `starts[i]` to `stops[i]` of `lines` and `kinds`.

    Within a run those that lead always come first, then by rank.
    """

    keys: npt.NDArray[np.uint64]
    starts: npt.NDArray[np.int64]
    stops: npt.NDArray[np.int64]
    lines: npt.NDArray[np.int64]
    kinds: npt.NDArray[np.uint8]


class Led(NamedTuple):
    """What came of one long run: who was struck, how many could not lead, and whether it was given up."""

    struck: npt.NDArray[np.bool_]
    unled: int
    crowd: bool


def allowed_pairs(*, ghosts_only: bool) -> npt.NDArray[np.bool_]:
    """Say by kind which pairs decide anything: a copy and what outlives it, or two living documents.

    Questions are no duplicates of one another for having like contexts; they go with opted-out text.
    With `ghosts_only`, duplicates are not sought, only what was opted out.
    """
    allowed = np.zeros((4, 4), np.bool_)
    for kind in (LIVING, QUESTION):
        allowed[kind, GHOST] = allowed[GHOST, kind] = True
    if not ghosts_only:
        allowed[LIVING, LIVING] = allowed[LIVING, EARLIER] = allowed[EARLIER, LIVING] = True
    return allowed


def rule_at(threshold: Fraction, minima: int, *, ghosts_only: bool) -> Rule:
    """Turn a threshold into numbers of agreeing bytes: 4 sigma below it, and the threshold itself."""
    return Rule(
        least=least_agreement(minima, threshold),
        strike=-(-minima * threshold.numerator // threshold.denominator),
        allowed=allowed_pairs(ghosts_only=ghosts_only),
    )


def all_pairs(rule: Rule) -> Rule:
    """Let nobody be struck and no run be given up, so that every pair of a run is compared."""
    never = int(np.iinfo(np.int64).max)
    return rule._replace(strike=never, few=never)


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
def _agree(a: Any, b: Any) -> Any:
    """Count the equal bytes of two sketches."""
    total = np.int32(0)
    for index in range(a.size):
        total += np.int32(a[index] == b[index])
    return total


@kernel
def _compare(
    starts: Any, stops: Any, slots: Any, kinds: Any, sketches: Any, allowed: Any, least: Any,
    cursor: Any, pairs: Any,
) -> Any:  # fmt: skip
    """Write the pairs of places that agree, from the cursor (run, later member) until `pairs` is full.

    Returns how many were written; the cursor stands where to go on, past the runs when done.
    """
    count = np.int64(0)
    run, later = cursor[0], cursor[1]
    while run < starts.size:
        start, stop = starts[run], stops[run]
        later = max(later, start + 1)
        while later < stop:
            if count + later - start > pairs.shape[0]:
                cursor[0], cursor[1] = run, later
                return count
            mine, sketch = kinds[later], sketches[slots[later]]
            for earlier in range(start, later):
                if allowed[kinds[earlier], mine]:
                    pairs[count, 0], pairs[count, 1] = earlier, later
                    count += _agree(sketches[slots[earlier]], sketch) >= least
            later += 1
        run, later = run + 1, np.int64(0)
    cursor[0] = run
    return count


@kernel
def _lead(
    sketches: Any, kinds: Any, first: Any, leaders: Any, leading: Any, leader_kinds: Any,
    count: Any, least: Any, strike: Any, allowed: Any, leads: Any, struck: Any, cursor: Any,
    pairs: Any,
) -> Any:  # fmt: skip
    """Compare each member of a chunk with the leaders, until the chunk ends or `pairs` is full.

    `leaders` holds the sketches of the `count` leaders, `leading` their places in the run; `first`
    is the place of the chunk, `leads` tells by kind who may lead. Returns the numbers of leaders and
    of pairs.
    """
    written = np.int64(0)
    while cursor[0] < kinds.size:
        member = cursor[0]
        if written + count > pairs.shape[0]:
            break
        mine, sketch, similar = kinds[member], sketches[member], False
        for leader in range(count if mine < EARLIER else 0):
            if allowed[leader_kinds[leader], mine]:
                agreeing = _agree(leaders[leader], sketch)
                pairs[written, 0], pairs[written, 1] = leading[leader], first + member
                written += agreeing >= least
                similar |= agreeing >= strike
        struck[first + member] = similar and leads[mine] and mine < EARLIER
        if leads[mine] and not struck[first + member] and count < leading.size:
            leaders[count], leading[count], leader_kinds[count] = sketch, first + member, mine
            count += 1
        cursor[0] += 1
    return count, written


def _repeats(keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """Return the places of the keys that may occur more than once, without sorting all of them."""
    bits = max(_LEAST_BITS, int(keys.size * _BITS_A_KEY - 1).bit_length())
    seen, again = np.zeros((2, 1 << (bits - 6)), np.uint64)
    repeated = np.zeros(keys.size, np.bool_)
    _repeated(frozen(keys, np.uint64), seen, again, np.uint64((1 << bits) - 1), repeated)
    return np.flatnonzero(repeated)


def find_runs(
    keys: npt.NDArray[np.uint64],
    lines: npt.NDArray[np.int64],
    ranks: npt.NDArray[np.int64],
    kinds: npt.NDArray[np.uint8],
) -> Runs:
    """Group documents by key; the four arrays are aligned, one entry a (document, band).

    Bands may lie together. The result depends on the entries as a set, not on their order.
    """
    places = _repeats(keys)
    led = kinds[places] < EARLIER
    places = places[np.lexsort((lines[places], ranks[places], led, keys[places]))]
    ordered = keys[places]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]][: len(places)])
    stops = np.r_[starts[1:], len(places)][: len(starts)]
    several = stops - starts > 1
    starts, stops = starts[several], stops[several]
    return Runs(ordered[starts], starts, stops, lines[places], kinds[places])


def compare_short(runs: Runs, sketches: Sketches, rule: Rule) -> Iterator[npt.NDArray[np.int64]]:
    """Yield the pairs of lines that agree in the runs of up to `rule.short` members."""
    short = runs.stops - runs.starts <= rule.short
    starts, stops = runs.starts[short], runs.stops[short]
    loads = np.cumsum(stops - starts) // rule.batch
    bounds = np.flatnonzero(np.r_[True, loads[1:] != loads[:-1], True][: len(loads) + 1])
    for low, high in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        yield from _compare_batch(runs, starts[low:high], stops[low:high], sketches, rule)


def _compare_batch(
    runs: Runs,
    starts: npt.NDArray[np.int64],
    stops: npt.NDArray[np.int64],
    sketches: Sketches,
    rule: Rule,
) -> Iterator[npt.NDArray[np.int64]]:
    """Compare within a few runs whose sketches are read together."""
    places = _spans(starts, stops)
    lines, slots = np.unique(runs.lines[places], return_inverse=True)
    ends = np.cumsum(stops - starts)
    here = (frozen(ends - (stops - starts), np.int64), frozen(ends, np.int64))
    arrays = (frozen(slots, np.int64), frozen(runs.kinds[places], np.uint8))
    matrix, allowed = frozen(sketches(lines), np.uint8), frozen(rule.allowed, np.bool_)
    room = max(_BUFFER, int((stops - starts).max()))  # a member may pair with all before it
    cursor, buffer = np.zeros(2, np.int64), np.empty((room, 2), np.int64)
    while cursor[0] < len(starts):
        count = _compare(*here, *arrays, matrix, allowed, rule.least, cursor, buffer)
        yield unique_pairs(lines[slots[buffer[:count]]])


def _spans(starts: npt.NDArray[np.int64], stops: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """List the places of some spans, one after the other."""
    sizes = stops - starts
    shift = np.repeat(starts - np.cumsum(sizes) + sizes, sizes)
    places: npt.NDArray[np.int64] = np.arange(sizes.sum()) + shift
    return places


def lead_run(
    lines: npt.NDArray[np.int64],
    kinds: npt.NDArray[np.uint8],
    sketches: Sketches,
    rule: Rule,
    take: Take,
) -> Led:
    """Compare the members of one run, in their order, with the leaders before them.

    `take` gets the pairs of lines that agree, block by block. Where there are many more than members
    the run is given up as a crowd: sketches do not tell these documents apart.
    """
    always = int(np.count_nonzero(kinds >= EARLIER))
    leads = np.logical_or.reduce(
        rule.allowed[:, :EARLIER], axis=1
    )  # who pairs with no later member need not lead
    room = min(len(lines), rule.leaders + always)
    struck = np.zeros(len(lines), np.bool_)
    leading, leader_kinds = np.empty(room, np.int64), np.empty(room, np.uint8)
    leaders, count = np.empty((0, sketches(lines[:1]).shape[1]), np.uint8), 0
    buffer, total = np.empty((max(_BUFFER, room), 2), np.int64), 0
    for first in range(0, len(lines), _CHUNK):
        chunk = lines[first : first + _CHUNK]
        matrix = _in_order(chunk, sketches)
        leaders = _grown(leaders, min(room, count + len(chunk)))
        cursor = np.zeros(1, np.int64)
        mine = frozen(kinds[first : first + _CHUNK], np.uint8)
        while cursor[0] < len(chunk):
            count, written = _lead(
                frozen(matrix, np.uint8), mine, first, leaders, leading, leader_kinds, count,
                rule.least, rule.strike, frozen(rule.allowed, np.bool_), frozen(leads, np.bool_),
                struck, cursor, buffer,
            )  # fmt: skip
            total += written
            if total > max(rule.few, rule.crowd * len(lines)):
                return Led(struck, 0, crowd=True)
            take(unique_pairs(lines[buffer[:written]]))
    unled = int(np.count_nonzero(leads[kinds] & ~struck)) - count
    return Led(struck, unled, crowd=False)


def _in_order(lines: npt.NDArray[np.int64], sketches: Sketches) -> npt.NDArray[np.uint8]:
    """Read sketches of lines in any order: files are read in the order of lines."""
    order = np.argsort(lines)
    read = sketches(lines[order])
    matrix = np.empty_like(read)
    matrix[order] = read
    return matrix


def _grown(leaders: npt.NDArray[np.uint8], rows: int) -> npt.NDArray[np.uint8]:
    """Make room for more leaders, at least doubling."""
    if len(leaders) >= rows:
        return leaders
    grown = np.empty((max(rows, 2 * len(leaders)), leaders.shape[1]), np.uint8)
    grown[: len(leaders)] = leaders
    return grown


def unique_pairs(pairs: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the pairs int64[p, 2], the smaller line first, sorted, each once, none with itself."""
    low, high = np.minimum(pairs[:, 0], pairs[:, 1]), np.maximum(pairs[:, 0], pairs[:, 1])
    order = np.lexsort((high, low))
    low, high = low[order], high[order]
    new = np.r_[True, (low[1:] != low[:-1]) | (high[1:] != high[:-1])][: len(low)]
    new &= low != high
    return np.stack([low[new], high[new]], axis=1)


def new_pairs(found: npt.NDArray[np.int64], known: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Leave known pairs out; both are sorted and without repeats."""
    if len(known) == 0:
        return found
    both = np.concatenate([known, found])
    order = np.lexsort((both[:, 1], both[:, 0]))  # stable: of two equals the known one is first
    ordered = both[order]
    fresh = np.ones(len(both), np.bool_)
    fresh[order[1:][(ordered[1:] == ordered[:-1]).all(axis=1)]] = False
    return found[fresh[len(known) :]]


def least_agreement(minima: int, threshold: Fraction | float) -> int:
    """Return floor(K * (t - 4 sigma)), sigma = sqrt(t (1 - t) / K): 84 of 128 at 0.8.

    Fewer than 1 in 10,000 pairs at exactly t agree in fewer minima (binomial tail).
    """
    exact = Fraction(threshold)
    p, q = exact.numerator, exact.denominator
    square = 16 * minima * p * (q - p)
    root = isqrt(square)
    return max(0, (minima * p - root - (root * root < square)) // q)
