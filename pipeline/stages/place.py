"""Place: the last word on every document, and for the kept ones their family and split.

A family is a connected component of verified near pairs (of questions see pipeline/stages/contexts.py);
families go to one split whole, so no test document has a sibling in train. Splits stick to those of
the parent release; a family that comes from several of them goes where most is held out: test before
validation before train.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa

from pipeline.related import ALONE
from pipeline.spill import EARLIER, GHOST, REFUSED, map_array
from pipeline.stages import resolve
from pipeline.stages.asked import AskedRef, read_asked
from pipeline.stages.forks import FORKED
from pipeline.stages.order import FATE as EXACT_FATE
from pipeline.stages.order import LOST_UNFIT, ORDER
from pipeline.stages.part import ROWS, PartRef, bases, read_stream, values
from pipeline.stages.splits import (
    NONE,
    Draw,
    assign,
    family_key,
    parent_splits,
    splits_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from pipeline.engine.task import Context
    from pipeline.engine.work import Record

PLACED = "placed.npy"
(
    KEPT,
    EXACT,
    NEAR,
    CONTAINED,
    FORK,
    COPY_EXACT,
    COPY_NEAR,
    EMPTIED,
    STANDING,
    SHADOWED,
    AGAIN,
    CONTRADICTED,
    UNFIT,
) = range(13)
"""What became of a line.

STANDING is itself in no release: opted out, refused, or of an earlier one; SHADOWED the copy of a
document under a refused licence. AGAIN is a question that is asked over a near-duplicate of its
context as well, CONTRADICTED one that is answered otherwise there. UNFIT is what a quality filter
refused before anything was compared.
"""

PLACE = np.dtype(
    [
        ("fate", "u1"),
        ("split", "u1"),
        ("survivor", "<i8"),
        ("inter", "<i8"),
        ("of", "<i8"),
        ("family", "<u8"),
    ]
)
FATES = UNFIT + 1
_NEAR_FATES = {resolve.NEAR: NEAR, resolve.CONTAINED: CONTAINED, resolve.COPY: COPY_NEAR}
_HEIRED = (KEPT, EXACT, NEAR, CONTAINED, AGAIN)
_BLOCK = 1 << 20  # lines whose ids are looked up in the parent at once


class PlaceSpec(msgspec.Struct, frozen=True, kw_only=True):
    """`near` is the finished resolve task, if there was one; `fixed` the split of each part, if the config has one."""

    parts: tuple[PartRef, ...]
    order: str
    near: str | None
    forks: str | None
    pardons: str | None
    refused: str | None = None
    asked: AskedRef | None
    fixed: tuple[int, ...]
    draw: Draw


def place(spec: PlaceSpec, context: Context) -> Record:
    """Write one line for each line of the order: fate, survivor, similarity, family, split."""
    order = np.load(context.folder("order", spec.order) / ORDER, mmap_mode="r")
    flags = order["flags"].copy()
    placed = np.zeros(len(flags), PLACE)
    placed["survivor"] = -1
    placed["fate"][(flags & (GHOST | EARLIER)) != 0] = STANDING
    placed["fate"][order["lost"] == LOST_UNFIT] = UNFIT
    if spec.near is not None:
        folder = context.folder("resolve", spec.near)
        _apply_near(placed, map_array(folder / resolve.RESOLVED, resolve.FATE))
    exact = ("order", spec.order) if spec.forks is None else ("forks", spec.forks)
    losers = np.load(context.folder(*exact) / EXACT_FATE)
    asked = read_asked(spec.asked, spec.parts, context)
    if spec.asked is not None:
        _apply_asked(placed, asked, order["rank"], losers, spec.asked)
    _apply_exact(placed, losers, flags)
    if spec.forks is not None:
        _apply_forks(placed, np.load(context.folder("forks", spec.forks) / FORKED))
    _name_families(placed, spec, context)
    _assign_splits(placed, spec, context)
    questions = asked["line"]
    placed["family"][questions], placed["split"][questions] = asked["family"], asked["split"]
    np.save(context.out / PLACED, placed)
    fates = [
        np.bincount(placed["fate"][start:stop], minlength=FATES).tolist()
        for start, stop in pairwise(bases(spec.parts).tolist())
    ]
    return {"fates": fates, "forks": spec.forks, "pardons": spec.pardons, "refused": spec.refused}


def _apply_near(placed: NDArray[np.void], near: NDArray[np.void]) -> None:
    at = near["line"]
    placed["fate"][at] = np.array([_NEAR_FATES[kind] for kind in sorted(_NEAR_FATES)])[near["kind"]]
    for name in ("survivor", "inter", "of"):
        placed[name][at] = near[name]


def _apply_exact(
    placed: NDArray[np.void], losers: NDArray[np.void], flags: NDArray[np.uint8]
) -> None:
    """Let an exact duplicate lose to its twin; where the twin itself lost, it shares the twin's fate.

    So every survivor that the ledger names is a kept document.
    """
    at, twin = losers["line"], losers["survivor"]
    twin_lost = np.isin(placed["fate"][twin], (NEAR, CONTAINED, COPY_NEAR, AGAIN, CONTRADICTED))
    copied = np.where((flags[twin] & REFUSED) != 0, SHADOWED, COPY_EXACT)
    placed["fate"][at] = np.where(
        twin_lost, placed["fate"][twin], np.where(losers["copy"] == 1, copied, EXACT)
    )
    for name, own in (("survivor", twin), ("inter", np.int64(1)), ("of", np.int64(1))):
        placed[name][at] = np.where(twin_lost, placed[name][twin], own)


def _apply_asked(
    placed: NDArray[np.void],
    asked: NDArray[np.void],
    rank: NDArray[np.int64],
    losers: NDArray[np.void],
    rule: AskedRef,
) -> None:
    """Drop questions that are answered otherwise elsewhere, and keep the first that asks the same.

    Of equal ones too the first stays, so no exact loser is a survivor here; a copy of what was opted
    out is none either.
    """
    copied = losers["line"][losers["copy"] == 1]
    here = asked[(asked["again"] != ALONE) & (placed["fate"][asked["line"]] == KEPT)]
    here = here[~np.isin(here["line"], copied)]
    if rule.agreed:
        against = here[here["contradicts"] >= 0]
        placed["fate"][against["line"]] = CONTRADICTED
        placed["survivor"][against["line"]] = against["contradicts"]
    if rule.once:
        here = here[here["contradicts"] < 0]  # who answers otherwise does not ask the same
        here = here[np.lexsort([rank[here["line"]], here["again"]])]
        first = np.searchsorted(here["again"], here["again"])
        lost = np.flatnonzero(first != np.arange(len(here)))
        placed["fate"][here["line"][lost]] = AGAIN
        placed["survivor"][here["line"][lost]] = here["line"][first[lost]]


def _apply_forks(placed: NDArray[np.void], forked: NDArray[np.void]) -> None:
    """Let files go with their repository; the most similar file of the other is named where it stays.

    Where that one lost to an equal one, that is named: the similarity is the same.
    """
    at, partner = forked["line"], forked["partner"]
    fate = placed["fate"][partner]
    twin = np.where(fate == EXACT, placed["survivor"][partner], partner)
    named = (partner >= 0) & np.isin(fate, (KEPT, EXACT))
    placed["fate"][at], placed["survivor"][at] = FORK, np.where(named, twin, -1)
    placed["inter"][at], placed["of"][at] = forked["inter"], forked["union"]


def _name_families(placed: NDArray[np.void], spec: PlaceSpec, context: Context) -> None:
    """Name the family of each kept line by the smallest id in it."""
    family = _families(spec, context)
    smallest: dict[int, str] = {}
    for start, table in _tables(spec, context, "id"):
        mine = family[slice(*np.searchsorted(family["line"], [start, start + len(table)]))]
        ids = values(table.take(mine["line"] - start), "id")
        for label, name in zip(mine["family"].tolist(), ids, strict=True):
            smallest[label] = min(smallest.get(label, name), name)
    for start, table in _tables(spec, context, "id"):
        here = placed[start : start + len(table)]
        kept = np.flatnonzero(here["fate"] == KEPT)
        mine = family[slice(*np.searchsorted(family["line"], [start, start + len(table)]))]
        at = np.searchsorted(mine["line"], kept + start)
        member = np.isin(kept + start, mine["line"])
        labels = np.full(len(kept), -1)
        labels[member] = mine["family"][at[member]]
        names = table["id"].take(kept).to_pylist()
        here["family"][kept] = [
            family_key(f"id:{smallest.get(label, name)}")
            for name, label in zip(names, labels.tolist(), strict=True)
        ]


def _families(spec: PlaceSpec, context: Context) -> NDArray[np.void]:
    if spec.near is None:
        return np.zeros(0, resolve.FAMILY)
    return map_array(context.folder("resolve", spec.near) / resolve.FAMILIES, resolve.FAMILY)


def _tables(spec: PlaceSpec, context: Context, *names: str) -> Iterator[tuple[int, pa.Table]]:
    """Yield the first line of each part, and some columns of its rows."""
    for start, part in zip(bases(spec.parts).tolist(), spec.parts, strict=False):
        yield start, read_stream(part.folder(context) / ROWS).select(names)


def _assign_splits(placed: NDArray[np.void], spec: PlaceSpec, context: Context) -> None:
    """Give every family its split; where nothing is held out all is train."""
    if not spec.draw.draws and not spec.draw.parent and max(spec.fixed, default=NONE) < 1:
        return
    kept = np.flatnonzero(placed["fate"] == KEPT)
    fixed = np.repeat(np.array(spec.fixed, np.int8), np.diff(bases(spec.parts)))
    held = _held(placed, spec, context)
    placed["split"][kept] = assign(placed["family"][kept], fixed[kept], held[kept], spec.draw)


def _held(placed: NDArray[np.void], spec: PlaceSpec, context: Context) -> NDArray[np.int8]:
    """Carry the parent's splits over to kept lines; who survives a copy inherits its split.

    What stands in for a held-out document is as near to it as it was to itself, so of several splits
    the one that is held out furthest counts.
    """
    held = np.full(len(placed), NONE, np.int8)
    parent = parent_splits(spec.draw, context)
    if parent is None:
        return held
    for start, ids in _id_blocks(spec, context):
        splits = splits_of(ids, parent)
        known = np.flatnonzero(splits != NONE)
        line = known + start
        fate, survivor = placed["fate"][line], placed["survivor"][line]
        heir = np.where(fate == KEPT, line, survivor)
        follows = np.isin(fate, _HEIRED) | ((fate == FORK) & (heir >= 0))
        np.maximum.at(held, heir[follows], splits[known][follows])
    return held


def _id_blocks(spec: PlaceSpec, context: Context) -> Iterator[tuple[int, pa.ChunkedArray[Any]]]:
    """Yield the ids of several parts together, with the first line: the parent is indexed once a block."""
    first = 0
    waiting: list[pa.ChunkedArray[Any]] = []
    for start, table in _tables(spec, context, "id"):
        if waiting and start - first >= _BLOCK:
            yield first, _joined(waiting)
            first, waiting = start, []
        waiting.append(table["id"])
    if waiting:
        yield first, _joined(waiting)


def _joined(columns: list[pa.ChunkedArray[Any]]) -> pa.ChunkedArray[Any]:
    return pa.chunked_array([chunk for column in columns for chunk in column.chunks], pa.string())
