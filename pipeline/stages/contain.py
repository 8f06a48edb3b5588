"""Contain: anchors propose pairs of a short document and a longer one that may hold it.

    anchored   one range of key prefixes  -> who met whom, sorted, with repeats
    unite      once                       -> pairs that met often enough to be compared exactly

A document asks with its probes, and a pair's number of meetings over all ranges is a sample of the
share of the shorter that lies in the longer. Verification makes it exact.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from pipeline.dedup.anchors import AnchorSpec, least_shared
from pipeline.dedup.meetings import (
    LINE_LIMIT,
    SIZES,
    Crowds,
    Entries,
    crowds,
    first_of,
    lines_of,
    meetings,
    pair_of,
    size_of,
)
from pipeline.spill import BANDS, Records, gather, map_array, read_partitions
from pipeline.stages.candidates import PAIRS, kinds_of
from pipeline.stages.order import ORDER
from pipeline.stages.part import ANCHOR_KEYS, bases, read_parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from pipeline.engine.task import Context
    from pipeline.engine.work import Files, Record

MEETINGS, SEGMENTS, COMMON = "meetings.bin", "segments.npy", "common.npy"
_RUN_CAP = 64
_WINDOW = 16
_AT_ONCE = 1 << 22  # meetings held in memory


class AnchoredSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A range of anchor prefixes; `containment` as a decimal string."""

    parts: str
    order: str
    first: int
    end: int
    containment: str


class UniteSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The finished anchored tasks; `containment` as a decimal string."""

    order: str
    anchored: tuple[str, ...]
    anchors: AnchorSpec
    containment: str


def anchored(spec: AnchoredSpec, context: Context) -> Record:
    """Write who met whom over the anchors of the range, and how often each document asked a crowd.

    `meetings.bin` holds sorted segments, `segments.npy` int64[s + 1] where they lie. `common.npy`
    int64[3, n]: lines, size classes of runs beyond the cap, and how many probes fell there.
    """
    lines = np.load(context.folder("order", spec.order) / ORDER, mmap_mode="r")
    parts = read_parts(context.work, spec.parts)
    spills = zip(
        bases(parts).tolist(),
        (part.folder(context).ranged(ANCHOR_KEYS) for part in parts),
        strict=False,
    )
    records = gather(read_partitions(spills, BANDS, spec.first, spec.end), BANDS)
    crowd = crowds(_entries(records, lines), _RUN_CAP, _WINDOW)
    del records
    sizes = [0]
    with (context.out / MEETINGS).open("wb") as file:
        for met in meetings(crowd, Fraction(spec.containment), _AT_ONCE):
            file.write(met.data)
            sizes.append(met.size)
    np.save(context.out / SEGMENTS, np.cumsum(sizes))
    np.save(context.out / COMMON, _common(crowd))
    return {"meetings": sum(sizes), "capped_runs": crowd.capped_runs}


def _common(crowd: Crowds) -> NDArray[np.int64]:
    """Count the probes of each document in runs beyond the cap, by size class."""
    places = crowd.asking[crowd.size[crowd.asking] > 0]
    named = crowd.entries.lines[places] * np.uint64(SIZES) + crowd.size[places]
    names, times = np.unique(named.astype(np.int64), return_counts=True)
    return np.stack([*np.divmod(names, SIZES), times])


def _entries(records: Records, lines: NDArray[np.void]) -> Entries:
    """Look up what meetings need to know; exact duplicates stay away."""
    if len(lines) >= LINE_LIMIT:
        raise ValueError(f"containment: more than {LINE_LIMIT} documents")
    which = lines[records["at"]]
    return Entries(
        records["key"],
        records["at"].astype(np.uint64),
        which["rank"],
        which["anchors"].astype(np.int64),
        kinds_of(which["flags"]),
    ).take(which["lost"] == 0)


def unite(spec: UniteSpec, context: Context) -> Record:
    """Write `pairs.bin`, the pairs worth comparing: int64[p, 2], the smaller line first, sorted.

    Memory: about 30 bytes a document, and some 50 a meeting of one slice.
    """
    lines = np.load(context.folder("order", spec.order) / ORDER, mmap_mode="r")
    folders = [context.folder("anchored", task) for task in spec.anchored]
    probes = np.minimum(lines["anchors"], spec.anchors.probes)
    asked = _Asked(
        lines["rank"].copy(),
        least_shared(spec.anchors, Fraction(spec.containment)).astype(np.uint8)[probes],
        _elsewhere(folders, len(lines)),
    )
    segments = [segment for folder in folders for segment in _segments(folder)]
    count = 0
    with (context.out / PAIRS).open("wb") as file:
        for met in _slices(segments):
            pairs = _worth(met, asked)
            file.write(pairs.data)
            count += len(pairs)
    return {"pairs": count, "meetings": sum(each.end - each.first for each in segments)}


class _Asked(NamedTuple):
    """For each line: its rank, how many of its probes must meet, and `_elsewhere`."""

    rank: NDArray[np.int64]
    least: NDArray[np.uint8]
    elsewhere: NDArray[np.uint8]


def _elsewhere(folders: Sequence[Files], count: int) -> NDArray[np.uint8]:
    """Add up, for each size class and line, its probes that fell into runs of larger classes."""
    asked = np.zeros((SIZES + 1, count), np.uint8)
    for folder in folders:
        lines, sizes, times = np.load(folder / COMMON)
        asked[sizes, lines] += times.astype(np.uint8)
    for size in reversed(range(SIZES)):
        asked[size] += asked[size + 1]
    return asked[1:]


class _Segment(NamedTuple):
    """Sorted meetings: those from `first` to `end` of a file.

    They are mapped for a moment at a time: mapped pages would count as memory until the end.
    """

    path: Path
    first: int
    end: int

    def map(self) -> NDArray[np.uint64]:
        return map_array(self.path, np.uint64)[self.first : self.end]

    def read(self, start: int, stop: int) -> NDArray[np.uint64]:
        return np.fromfile(self.path, np.uint64, stop - start, offset=8 * (self.first + start))


def _segments(folder: Files) -> list[_Segment]:
    """Name the sorted segments of one finished task."""
    bounds = np.load(folder / SEGMENTS).tolist()
    return [_Segment(folder / MEETINGS, *ends) for ends in pairwise(bounds) if ends[1] > ends[0]]


def _slices(segments: list[_Segment]) -> Iterator[NDArray[np.uint64]]:
    """Yield all meetings in order, those of one pair together, about `_AT_ONCE` at a time."""
    if not segments:
        return
    edges = _edges(segments)
    bounds = [np.searchsorted(segment.map(), edges).tolist() for segment in segments]
    for number in range(len(edges) - 1):
        places = zip(segments, bounds, strict=True)
        met = np.concatenate([each.read(*at[number : number + 2]) for each, at in places])
        met.sort()
        yield met


def _edges(segments: list[_Segment]) -> NDArray[np.uint64]:
    """Cut where few meetings lie between: at every so manieth of a sample of all segments.

    Between two edges lie as many steps as there are segments, and a step more of each.
    """
    step = max(1, _AT_ONCE // (2 * len(segments)))
    marks = np.concatenate([first_of(segment.map()[::step]) for segment in segments])
    marks.sort()
    ends = [np.zeros(1, np.uint64), np.full(1, ~np.uint64(0))]
    return np.unique(np.concatenate([*ends, marks[:: len(segments)]]))


def _worth(met: NDArray[np.uint64], asked: _Asked) -> NDArray[np.int64]:
    """Select the pairs that met often enough, or may have where few were hosts.

    In a run beyond the cap most members are no hosts, so meetings are missing there. A pair stays
    if its meetings in runs up to some size, with all probes in larger ones given to it, suffice.
    """
    if len(met) == 0:
        return np.empty((0, 2), np.int64)
    first, pairs = _starts(met), pair_of(met)
    start = np.searchsorted(first, _starts(pairs))
    lines = lines_of(pairs[first])
    later = asked.rank[lines[:, 0]] > asked.rank[lines[:, 1]]
    asking = np.where(later, lines[:, 0], lines[:, 1])
    before = first - np.repeat(first[start], np.diff(start, append=len(first)))
    so_far = before + np.diff(first, append=len(met))
    enough = so_far + asked.elsewhere[size_of(met[first]), asking] >= asked.least[asking]
    return lines[start[np.logical_or.reduceat(enough, start)]]


def _starts(values: NDArray[np.uint64]) -> NDArray[np.intp]:
    """Where each run of equal values starts."""
    return np.flatnonzero(np.r_[True, values[1:] != values[:-1]])
