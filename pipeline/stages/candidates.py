"""Candidates: band keys propose pairs of documents, sketches thin them out.

    candidates  one range of key prefixes    -> pairs of lines worth an exact comparison
    revisit     the long runs of such a range -> pairs of members that stayed against expectation
    pairs       once a round                 -> the new pairs, each once, and the lines in them

No text is read here, and memory is bounded by the setting whatever the runs are like.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from pipeline.dedup.candidates import (
    EARLIER,
    GHOST,
    LIVING,
    QUESTION,
    Rule,
    all_pairs,
    compare_short,
    find_runs,
    lead_run,
    new_pairs,
    rule_at,
    unique_pairs,
)
from pipeline.spill import BANDS, map_array, read_partitions, write_array
from pipeline.spill import EARLIER as EARLIER_FLAG
from pipeline.spill import GHOST as GHOST_FLAG
from pipeline.spill import QUESTION as QUESTION_FLAG
from pipeline.stages.order import ORDER
from pipeline.stages.part import BAND_KEYS, SKETCHES, PartRef, bases, read_parts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from pipeline.engine.task import Context
    from pipeline.engine.work import Files, Record

PAIRS, MEMBERS, RUNS, CROWDS, REMOVED = (
    "pairs.bin",
    "members.bin",
    "runs.bin",
    "crowds.bin",
    "removed.bin",
)
SEGMENTS = "segments.npy"  # int64[s + 1]: where the sorted segments of found pairs lie
RUN = np.dtype([("key", "<u8"), ("line", "<i8"), ("struck", "u1")])
"""One member of a long run, in the order of keys and of survival."""

_PUBLISHED = EARLIER_FLAG | QUESTION_FLAG  # a question of an earlier release
_SKETCHES_SHARE = 8  # a batch of sketches may fill this part of the memory
_FOUND_SHARE = 8  # so may the pairs found so far
_PAIRS_SHARE = 32  # and a slice of pairs this one, for it is sorted
_PAIR_BYTES = 16


class CandidatesSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A range of band key prefixes. With `ghosts_only`, near-dedup is off and only opted-out texts are sought.

    `parts` are as `save_parts` left them; `memory` in bytes bounds what is held; it changes no result.
    """

    parts: str
    order: str
    first: int
    end: int
    minima: int
    threshold: str
    ghosts_only: bool
    memory: int


def candidates(spec: CandidatesSpec, context: Context) -> Record:
    """Write the pairs of the range, and the long runs with who was struck in them."""
    lines = np.load(context.folder("order", spec.order) / ORDER, mmap_mode="r")
    keys, members = _living_keys(spec, context, lines)
    runs = find_runs(keys, members, lines["rank"][members], kinds_of(lines["flags"][members]))
    sketches, rule = _Sketches.of(spec, context), rule_of(spec)
    found = SoughtPairs(context.out, spec.memory)
    for pairs in compare_short(runs, sketches.read, rule):
        found.add(pairs)
    long, crowds, unled = [np.zeros(0, RUN)], [np.zeros(0, RUN)], 0
    for number in np.flatnonzero(runs.stops - runs.starts > rule.short).tolist():
        place = slice(runs.starts[number], runs.stops[number])
        led = lead_run(runs.lines[place], runs.kinds[place], sketches.read, rule, found.add)
        unled += led.unled
        run = np.zeros(len(led.struck), RUN)
        run["key"], run["line"], run["struck"] = runs.keys[number], runs.lines[place], led.struck
        (crowds if led.crowd else long).append(run)
    write_array(context.out / RUNS, np.concatenate(long))
    write_array(context.out / CROWDS, np.concatenate(crowds))
    return {
        "pairs": found.close(),
        "long_runs": len(long) - 1,
        "crowds": len(crowds) - 1,
        "unled": unled,
    }


def _living_keys(
    spec: CandidatesSpec, context: Context, lines: NDArray[np.void]
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Read the keys of the range without those of exact duplicates, which may be a million of one key.

    Questions of earlier releases stay out too: they take no document along, and nothing takes them.
    """
    parts = read_parts(context.work, spec.parts)
    folders = (part.folder(context).ranged(BAND_KEYS) for part in parts)
    spills = zip(bases(parts).tolist(), folders, strict=False)
    keys, members = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)]
    for block in read_partitions(spills, BANDS, spec.first, spec.end):
        which = lines[block["at"]]
        mute = (which["flags"] & (EARLIER_FLAG | QUESTION_FLAG | GHOST_FLAG)) == _PUBLISHED
        living = (which["lost"] == 0) & ~mute
        keys.append(block["key"][living])
        members.append(block["at"][living])
    return np.concatenate(keys), np.concatenate(members)


def kinds_of(flags: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Say what documents are to pairs; opted-out ones first of all."""
    kinds = np.where(flags & QUESTION_FLAG, QUESTION, LIVING)
    kinds = np.where(flags & EARLIER_FLAG, EARLIER, kinds)
    return np.where(flags & GHOST_FLAG, GHOST, kinds).astype(np.uint8)


def rule_of(spec: CandidatesSpec) -> Rule:
    """Judge pairs as the threshold asks, in batches that fit the memory."""
    rule = rule_at(Fraction(spec.threshold), spec.minima, ghosts_only=spec.ghosts_only)
    return rule._replace(batch=max(1 << 10, spec.memory // (_SKETCHES_SHARE * spec.minima)))


class _Sketches(NamedTuple):
    """The sketches of all lines, in the files of their parts."""

    first: NDArray[np.int64]
    paths: list[Path]
    width: int

    @classmethod
    def of(cls, spec: CandidatesSpec, context: Context) -> _Sketches:
        parts = read_parts(context.work, spec.parts)
        paths = [part.folder(context) / SKETCHES for part in parts]
        return cls(bases(parts), paths, spec.minima)

    def read(self, lines: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Read the sketches of sorted lines; a file is mapped while it is read, and no longer."""
        matrix = np.empty((len(lines), self.width), np.uint8)
        bounds = np.searchsorted(lines, self.first)
        for part in np.flatnonzero(np.diff(bounds)).tolist():
            mine = slice(bounds[part], bounds[part + 1])
            sketches = map_array(self.paths[part], np.uint8, self.width)
            matrix[mine] = sketches[lines[mine] - self.first[part]]
        return matrix


class SoughtPairs:
    """Pairs as they are found: kept sorted and without repeats, at the cost of a sort for each doubling.

    What outgrows its share of the memory goes to the file as a segment of its own.
    """

    def __init__(self, folder: Path, memory: int) -> None:
        self._folder = folder
        self._file = (folder / PAIRS).open("wb")
        self._most = memory // (_FOUND_SHARE * _PAIR_BYTES)
        self._pieces: list[NDArray[np.int64]] = []
        self._sizes: list[int] = []

    def add(self, pairs: NDArray[np.int64]) -> None:
        """Take pairs that are sorted and without repeats."""
        while self._pieces and len(self._pieces[-1]) <= len(pairs):
            pairs = unique_pairs(np.concatenate([self._pieces.pop(), pairs]))
        self._pieces.append(pairs)
        if sum(map(len, self._pieces)) > self._most:
            self._flush()

    def close(self) -> int:
        """Write what is left, then where the segments lie; return how many pairs these hold."""
        self._flush()
        self._file.close()
        np.save(self._folder / SEGMENTS, np.cumsum([0, *self._sizes]))
        return sum(self._sizes)

    def _flush(self) -> None:
        whole = unique_pairs(np.concatenate([np.zeros((0, 2), np.int64), *self._pieces]))
        self._file.write(whole.data)
        self._pieces = []
        self._sizes.append(len(whole))


class RevisitSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A finished candidates task, and the lines that are removed as things stand: a finished resolve task."""

    candidates: CandidatesSpec
    task: str
    resolve: str


def revisit(spec: RevisitSpec, context: Context) -> Record:
    """Compare all that stay of the long runs in which a struck member stays.

    It was struck because a leader resembles it; that leader lost to a third, or is not as near as
    its sketch. Whoever came after it has not met it yet.
    """
    members = map_array(context.folder("candidates", spec.task) / RUNS, RUN)
    lines = np.load(context.folder("order", spec.candidates.order) / ORDER, mmap_mode="r")
    members = members[stays(context, spec.resolve, len(lines))[members["line"]]]
    restless = np.unique(members["key"][members["struck"] == 1])
    members = members[np.isin(members["key"], restless)]
    starts = np.flatnonzero(np.r_[True, members["key"][1:] != members["key"][:-1]][: len(members)])
    sketches = _Sketches.of(spec.candidates, context)
    found = SoughtPairs(context.out, spec.candidates.memory)
    rule = all_pairs(rule_of(spec.candidates))
    unled = 0
    for run in np.split(members["line"], starts[1:]) if len(members) else []:
        led = lead_run(run, kinds_of(lines["flags"][run]), sketches.read, rule, found.add)
        unled += led.unled
    return {"pairs": found.close(), "unled": unled}


def stays(context: Context, resolve: str, count: int) -> NDArray[np.bool_]:
    """Tell which lines a finished resolve task leaves."""
    kept = np.ones(count, np.bool_)
    kept[map_array(context.folder("resolve", resolve) / REMOVED, np.int64)] = False
    return kept


class PairsSpec(msgspec.Struct, frozen=True, kw_only=True):
    """Tasks that found pairs, as (phase, fingerprint), and the rounds before, whose pairs are known."""

    parts: tuple[PartRef, ...]
    found: tuple[tuple[str, str], ...]
    known: tuple[str, ...]
    memory: int


def unite_pairs(spec: PairsSpec, context: Context) -> Record:
    """Write every new pair once, sorted, and the lines in them; the record names the parts of these.

    A slice of the lines is united at a time.
    """
    found = [pairs for task in spec.found for pairs in read_segments(context.folder(*task))]
    known = [read_pairs(context.folder("pairs", task)) for task in spec.known]
    first = bases(spec.parts)
    member = np.zeros(first[-1], np.bool_)
    total = 0
    with (context.out / PAIRS).open("wb") as file:
        for low, high in _slices([*found, *known], spec.memory):
            fresh = new_pairs(_between(found, low, high), _between(known, low, high))
            member[fresh.ravel()] = True
            total += len(fresh)
            file.write(fresh.data)
    members = np.flatnonzero(member)
    write_array(context.out / MEMBERS, members)
    ordinals = np.flatnonzero(np.diff(np.searchsorted(members, first)))
    return {"pairs": total, "documents": len(members), "ordinals": ordinals.tolist()}


def read_pairs(folder: Files) -> NDArray[np.int64]:
    """Map the pairs that a task left."""
    return map_array(folder / PAIRS, np.int64, 2)


def read_segments(folder: Files) -> list[NDArray[np.int64]]:
    """Map the pairs of a task in the pieces that are sorted; without an index, all are."""
    pairs = read_pairs(folder)
    if not (folder / SEGMENTS).exists():
        return [pairs]
    bounds = np.load(folder / SEGMENTS).tolist()
    return [pairs[start:stop] for start, stop in pairwise(bounds)]


def _slices(files: list[NDArray[np.int64]], memory: int) -> Iterator[tuple[int, int]]:
    """Cut the lines where the first members of the pairs lie, so that few pairs fall into a slice."""
    step = max(1, memory // (_PAIRS_SHARE * _PAIR_BYTES * max(1, len(files))))
    marks = np.sort(np.concatenate([np.zeros(1, np.int64), *(file[::step, 0] for file in files)]))
    # between marks lie `step` pairs of each file at most, but rather of one file: as many as files
    marks = np.unique(marks[:: max(1, len(files))])
    return pairwise([*marks.tolist(), np.iinfo(np.int64).max])


def _between(files: list[NDArray[np.int64]], low: int, high: int) -> NDArray[np.int64]:
    """Unite the pairs whose first member is from `low` up to `high`."""
    bounds = (np.searchsorted(file[:, 0], [low, high]).tolist() for file in files)
    pieces = [file[start:stop] for file, (start, stop) in zip(files, bounds, strict=True)]
    return unique_pairs(np.concatenate([np.zeros((0, 2), np.int64), *pieces]))
