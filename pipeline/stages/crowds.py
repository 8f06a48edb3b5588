"""Crowds: long runs of documents that sketches cannot tell apart are joined by their shingles.

    crowds  once               -> the members of all crowds; those that share a member are one crowd
    join    some of the crowds -> pairs at the threshold or above, and who was struck

Between the two the shingle sets of the members are made, as for verification. What a join finds is
verified like any other pair; who was struck and stays is joined again (see `candidates.revisit`).
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from pipeline.dedup.candidates import EARLIER, allowed_pairs, unique_pairs
from pipeline.dedup.crowd import Joined, Members, join
from pipeline.dedup.survivors import Families
from pipeline.spill import map_array, write_array
from pipeline.stages.candidates import (
    CROWDS,
    MEMBERS,
    PAIRS,
    RUN,
    RUNS,
    SoughtPairs,
    kinds_of,
    stays,
)
from pipeline.stages.order import ORDER
from pipeline.stages.part import PartRef, bases
from pipeline.stages.similarity import Library

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from pipeline.engine.task import Context
    from pipeline.engine.work import Record

TABLE = "table.bin"
MEMBER = np.dtype([("line", "<i8"), ("crowd", "<i8")])
"""A member and the number of its crowd, in the order of lines."""
_SET_SHARE = 24  # what is held for each byte of the sets that are joined together
_BYTES = 8


class CrowdsSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The finished candidates tasks."""

    parts: tuple[PartRef, ...]
    candidates: tuple[str, ...]


def unite_crowds(spec: CrowdsSpec, context: Context) -> Record:
    """Write the members of all crowds, as lines that are in a pair are written; no pair is named yet."""
    found = [
        map_array(context.folder("candidates", task) / CROWDS, RUN) for task in spec.candidates
    ]
    runs = np.concatenate([np.zeros(0, RUN), *found])
    lines, number = np.unique(runs["line"], return_inverse=True)
    together = runs["key"][1:] == runs["key"][:-1]
    families = Families(len(lines))
    families.join(np.stack([number[:-1][together], number[1:][together]], axis=1))
    table = np.zeros(len(lines), MEMBER)
    table["line"] = lines
    _, table["crowd"] = np.unique(families.labels(), return_inverse=True)
    write_array(context.out / TABLE, table)
    write_array(context.out / MEMBERS, lines)
    write_array(context.out / PAIRS, np.zeros((0, 2), np.int64))
    ordinals = np.flatnonzero(np.diff(np.searchsorted(lines, bases(spec.parts))))
    return {
        "pairs": 0,
        "documents": len(lines),
        "ordinals": ordinals.tolist(),
        "crowds": int(table["crowd"].max(initial=-1)) + 1,
    }


class JoinSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The crowds with these numbers, every `step`-th from `first` on, and the finished shingles tasks.

    With `resolve`, only those that stay are joined, all of them with one another, in the crowds
    that `join` left with a struck member that stays.
    """

    crowds: str
    shingles: tuple[str, ...]
    order: str
    first: int
    step: int
    threshold: str
    ghosts_only: bool
    memory: int
    resolve: str | None
    join: str | None


def join_crowds(spec: JoinSpec, context: Context) -> Record:
    """Write the pairs of each crowd, in pieces that fit the memory, and who was struck."""
    lines = np.load(context.folder("order", spec.order) / ORDER, mmap_mode="r")
    library = Library.of([context.folder("shingles", task) for task in spec.shingles])
    found, runs = SoughtPairs(context.out, spec.memory), [np.zeros(0, RUN)]
    for crowd, unordered in _crowds(spec, context, len(lines)):
        members = unordered[np.argsort(lines["rank"][unordered])]
        run = np.zeros(len(members), RUN)
        run["key"], run["line"] = crowd, members
        run["struck"] = _join_crowd(spec, members, lines, library, found)
        runs.append(run)
    write_array(context.out / RUNS, np.concatenate(runs))
    return {"pairs": found.close()}


def _crowds(
    spec: JoinSpec, context: Context, count: int
) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Yield each crowd with its members."""
    table = map_array(context.folder("pairs", spec.crowds) / TABLE, MEMBER)
    if spec.resolve is not None and spec.join is not None:
        before = map_array(context.folder("join", spec.join) / RUNS, RUN)
        stay = stays(context, spec.resolve, count)
        restless = np.unique(before["key"][(before["struck"] == 1) & stay[before["line"]]])
        table = table[stay[table["line"]] & np.isin(table["crowd"], restless)]
    table = table[table["crowd"] % spec.step == spec.first]
    table = table[np.argsort(table["crowd"], kind="stable")]
    starts = np.flatnonzero(np.r_[True, table["crowd"][1:] != table["crowd"][:-1]][: len(table)])
    for members in np.split(table, starts[1:]) if len(table) else []:
        yield int(members["crowd"][0]), members["line"]


def _join_crowd(
    spec: JoinSpec,
    members: NDArray[np.int64],
    lines: NDArray[np.void],
    library: Library,
    found: SoughtPairs,
) -> NDArray[np.bool_]:
    """Join a crowd piece by piece: the leaders of each piece before, then the piece; return who is struck."""
    struck = np.zeros(len(members), np.bool_)
    pieces = _pieces(library.sizes_of(members), spec.memory)
    for number, piece in enumerate(pieces):
        for earlier in [*pieces[:number], piece[:0]]:
            places = np.concatenate([earlier[~struck[earlier]], piece[~struck[piece]]])
            joined = _join_lines(spec, members[places], lines, library)
            found.add(unique_pairs(members[places][joined.pairs]))
            struck[places] |= joined.struck
    return struck


def _pieces(sizes: NDArray[np.int64], memory: int) -> list[NDArray[np.int64]]:
    """Cut the members so that two pieces fit the memory."""
    number = np.cumsum(sizes) * _BYTES * _SET_SHARE * 2 // memory
    return np.split(np.arange(len(sizes)), np.flatnonzero(number[1:] != number[:-1]) + 1)


def _join_lines(
    spec: JoinSpec, members: NDArray[np.int64], lines: NDArray[np.void], library: Library
) -> Joined:
    """Join some lines, in their order."""
    flat, offsets = library.load_in_order(members)
    kinds = kinds_of(lines["flags"][members])
    always = (kinds >= EARLIER) | (spec.resolve is not None)
    allowed = allowed_pairs(ghosts_only=spec.ghosts_only)
    return join(Members(flat, offsets, kinds, always), Fraction(spec.threshold), allowed)
