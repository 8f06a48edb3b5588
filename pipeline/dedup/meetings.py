"""Meetings: documents that share an anchor, the shorter asking and the longer answering, in bounded number.

A document asks with its probes (see anchors.py) those before it in the survivor order, for only
they can take its place. Where a key has up to `cap` documents all of them answer, beyond that a
few, so a key costs each of its documents a bounded number of meetings, however many they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from filters.jit import frozen, kernel
from pipeline.dedup.anchors import PROBE, least_size
from pipeline.dedup.candidates import EARLIER, QUESTION, allowed_pairs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction


class Entries(NamedTuple):
    """One anchor of one document each, all of a key together: what a meeting needs to know of both.

    `keys` uint64; `lines` uint64, below 2^30; `rank` int64; `counts` int64, all anchors of the
    document; `kinds` uint8, as in `candidates`.
    """

    keys: npt.NDArray[np.uint64]
    lines: npt.NDArray[np.uint64]
    rank: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]
    kinds: npt.NDArray[np.uint8]

    def take(self, places: npt.NDArray[Any]) -> Entries:
        """Select or reorder entries."""
        return Entries(*(column[places] for column in self))


# A meeting is packed as the smaller line << 33 | the other << 3 | size class of the run: up to the
# cap, up to four times the cap, and so on.
SIZES: Final = 8
LINE_LIMIT: Final = 1 << 30
_LOW: Final = np.uint64(33)
_HIGH: Final = np.uint64(3)


def pair_of(met: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return the pairs of packed meetings; sorted meetings give sorted pairs."""
    return met >> _HIGH


def size_of(met: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """Return the size classes of packed meetings."""
    return (met & np.uint64(SIZES - 1)).astype(np.int64)


def lines_of(pairs: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """Return int64[p, 2]: the lines of pairs, the smaller first."""
    low, high = pairs >> (_LOW - _HIGH), pairs & np.uint64(LINE_LIMIT - 1)
    return np.stack([low, high], axis=1).astype(np.int64)


def first_of(met: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return the least meeting that the pair of each could have had."""
    return met >> _HIGH << _HIGH


class Crowds(NamedTuple):
    """Entries that share their key, sorted by key and rank, and who meets whom among them.

    The entry at `asking[i]` meets those at `hosts[first[i] : first[i] + number[i]]`, all before it
    in rank. `size` uint64[entries]: the size class of its run, 0 within the cap.
    """

    entries: Entries
    asking: npt.NDArray[np.int64]
    first: npt.NDArray[np.int64]
    number: npt.NDArray[np.int64]
    hosts: npt.NDArray[np.int64]
    size: npt.NDArray[np.uint64]
    capped_runs: int


def crowds(entries: Entries, cap: int, window: int) -> Crowds:
    """Gather the documents of each key; a run of more than `cap` has few hosts, see `_hosts`."""
    names = entries.keys & ~PROBE
    order = np.argsort(names)
    starts = _starts(names[order])
    sizes = np.diff(starts, append=len(order))
    shared = order[np.repeat(sizes > 1, sizes)]
    entries = entries.take(shared[np.lexsort([entries.rank[shared], names[shared]])])
    sizes = sizes[sizes > 1]
    starts = np.cumsum(sizes) - sizes
    run = np.repeat(np.arange(len(sizes)), sizes)
    classes = np.searchsorted(cap * 4 ** np.arange(SIZES - 1), sizes)
    hosts = _hosts(entries, run, (sizes > cap)[run], window)
    before: npt.NDArray[np.int64] = np.cumsum(hosts) - hosts
    of_run = before[starts][run]
    asks = ((entries.keys & PROBE) == 1) & (entries.kinds < EARLIER)
    asking = np.flatnonzero(asks & (before > of_run))
    first = of_run[asking]
    number = before[asking] - first
    capped_runs, size = int((sizes > cap).sum()), classes.astype(np.uint64)[run]
    return Crowds(entries, asking, first, number, np.flatnonzero(hosts), size, capped_runs)


def _starts(values: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    """Where each run of equal values starts."""
    return np.flatnonzero(np.r_[True, values[1:] != values[:-1]][: len(values)])


def _hosts(
    entries: Entries, run: npt.NDArray[np.int64], capped: npt.NDArray[np.bool_], window: int
) -> npt.NDArray[np.bool_]:
    """Tell who answers: all of a run within the cap; of a longer one `window` of each kind.

    They are the first in rank of the opted-out, of earlier releases and of the living, and those
    with the most anchors. Where the longest come first in the survivor order these are the same,
    but for a stricter licence or a source of more weight. Questions hold nothing.
    """
    able = entries.kinds != QUESTION
    hosts: npt.NDArray[np.bool_] = able & ~capped
    places = np.flatnonzero(able & capped)
    runs, group = run[places], run[places] * 4 + entries.kinds[places]
    for groups, order in (
        (group, np.lexsort([places, group])),
        (runs, np.lexsort([places, -entries.counts[places], runs])),
    ):
        hosts[places[order[_place(groups[order]) < window]]] = True
    return hosts


def _place(groups: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Count the entries before each one in its run of equal values."""
    starts = _starts(groups)
    return np.arange(len(groups)) - np.repeat(starts, np.diff(starts, append=len(groups)))


@kernel
def _meet(
    asking: Any, first: Any, number: Any, hosts: Any, lines: Any, counts: Any, least: Any,
    kinds: Any, allowed: Any, size: Any, met: Any,
) -> Any:  # fmt: skip
    """Write the meetings of those asking with hosts that may hold them; return how many."""
    fill = np.int64(0)
    for index in range(asking.size):
        one = asking[index]
        for place in range(first[index], first[index] + number[index]):
            host = hosts[place]
            low, high = min(lines[one], lines[host]), max(lines[one], lines[host])
            met[fill] = (low << _LOW) | (high << _HIGH) | size[one]
            fill += np.int64(counts[host] >= least[one] and allowed[kinds[one], kinds[host]])
    return fill


def meetings(crowd: Crowds, containment: Fraction, limit: int) -> Iterator[npt.NDArray[np.uint64]]:
    """Yield who met whom, sorted, at most about `limit` at once, packed."""
    entries = crowd.entries
    hosts, size = frozen(crowd.hosts, np.int64), frozen(crowd.size, np.uint64)
    lines, counts = frozen(entries.lines, np.uint64), frozen(entries.counts, np.int64)
    least = frozen(least_size(entries.counts, containment), np.int64)
    kinds = frozen(entries.kinds, np.uint8)
    allowed = frozen(allowed_pairs(ghosts_only=False), np.bool_)
    done = np.concatenate([[0], np.cumsum(crowd.number)])
    start = 0
    while start < len(crowd.asking):
        stop = max(start + 1, int(np.searchsorted(done, done[start] + limit, "right")) - 1)
        asking, first, number = (
            frozen(column[start:stop], np.int64)
            for column in (crowd.asking, crowd.first, crowd.number)
        )
        met = np.empty(done[stop] - done[start] + 1, np.uint64)
        columns = (hosts, lines, counts, least, kinds, allowed, size)
        met = met[: _meet(asking, first, number, *columns, met)]
        met.sort()
        yield met
        start = stop
