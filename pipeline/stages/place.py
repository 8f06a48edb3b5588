"""Place: the last word on every document, and for the kept ones their family and split.

A family is a connected component of verified near pairs (for questions: their article or context);
families go to one split whole, so no test document has a sibling in train. Splits stick to those of
the parent release; a family that comes from several of them goes where most is held out: test before
validation before train.
"""

from __future__ import annotations

import hashlib
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.spill import EARLIER, GHOST, QUESTION, REFUSED, map_array
from pipeline.stages import resolve
from pipeline.stages.forks import FORKED
from pipeline.stages.order import FATE as EXACT_FATE
from pipeline.stages.order import ORDER
from pipeline.stages.part import ROWS, PartRef, bases, read_stream, values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from pipeline.engine.task import Context
    from pipeline.engine.work import Record

PLACED = "placed.npy"
KEPT, EXACT, NEAR, CONTAINED, FORK, COPY_EXACT, COPY_NEAR, EMPTIED, STANDING, SHADOWED = range(10)
"""What became of a line.

STANDING is itself in no release: opted out, refused, or of an earlier one; SHADOWED the copy of a
document under a refused licence.
"""
SPLITS = ("train", "validation", "test")

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
FATES = SHADOWED + 1
_NEAR_FATES = {resolve.NEAR: NEAR, resolve.CONTAINED: CONTAINED, resolve.COPY: COPY_NEAR}
_BLOCK = 1 << 20  # lines whose ids are looked up in the parent at once, or families that draw


class PlaceSpec(msgspec.Struct, frozen=True, kw_only=True):
    """`near` is the finished resolve task, if there was one; `parent_splits` the parent's splits by content."""

    parts: tuple[PartRef, ...]
    order: str
    near: str | None
    forks: str | None
    pardons: str | None
    seed: int
    validation: float
    test: float
    parent: str  # SHA-256 of the parent's splits table; the driver leaves a copy in the work folder


def place(spec: PlaceSpec, context: Context) -> Record:
    """Write one line for each line of the order: fate, survivor, similarity, family, split."""
    flags = np.load(context.folder("order", spec.order) / ORDER, mmap_mode="r")["flags"].copy()
    placed = np.zeros(len(flags), PLACE)
    placed["survivor"] = -1
    placed["fate"][(flags & (GHOST | EARLIER)) != 0] = STANDING
    if spec.near is not None:
        folder = context.folder("resolve", spec.near)
        _apply_near(placed, map_array(folder / resolve.RESOLVED, resolve.FATE))
    exact = ("order", spec.order) if spec.forks is None else ("forks", spec.forks)
    _apply_exact(placed, np.load(context.folder(*exact) / EXACT_FATE), flags)
    if spec.forks is not None:
        _apply_forks(placed, np.load(context.folder("forks", spec.forks) / FORKED))
    _name_families(placed, flags, spec, context)
    _assign_splits(placed, spec, context)
    np.save(context.out / PLACED, placed)
    fates = [
        np.bincount(placed["fate"][start:stop], minlength=FATES).tolist()
        for start, stop in pairwise(bases(spec.parts).tolist())
    ]
    return {"fates": fates, "forks": spec.forks, "pardons": spec.pardons}


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
    twin_lost = np.isin(placed["fate"][twin], (NEAR, CONTAINED, COPY_NEAR))
    copied = np.where((flags[twin] & REFUSED) != 0, SHADOWED, COPY_EXACT)
    placed["fate"][at] = np.where(
        twin_lost, placed["fate"][twin], np.where(losers["copy"] == 1, copied, EXACT)
    )
    for name, own in (("survivor", twin), ("inter", np.int64(1)), ("of", np.int64(1))):
        placed[name][at] = np.where(twin_lost, placed[name][twin], own)


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


def _name_families(
    placed: NDArray[np.void], flags: NDArray[np.uint8], spec: PlaceSpec, context: Context
) -> None:
    """Name the family of each kept line: by the smallest id in it, or by the group of a question."""
    family = _families(spec, context)
    smallest: dict[int, str] = {}
    for start, table in _tables(spec, context, "id"):
        mine = family[slice(*np.searchsorted(family["line"], [start, start + len(table)]))]
        ids = values(table.take(mine["line"] - start), "id")
        for label, name in zip(mine["family"].tolist(), ids, strict=True):
            smallest[label] = min(smallest.get(label, name), name)
    for start, table in _tables(spec, context, "id", "group"):
        here = placed[start : start + len(table)]
        kept = np.flatnonzero(here["fate"] == KEPT)
        mine = family[slice(*np.searchsorted(family["line"], [start, start + len(table)]))]
        at = np.searchsorted(mine["line"], kept + start)
        member = np.isin(kept + start, mine["line"])
        labels = np.full(len(kept), -1)
        labels[member] = mine["family"][at[member]]
        questions = ((flags[start : start + len(table)] & QUESTION) != 0)[kept].tolist()
        columns = (table[name].take(kept).to_pylist() for name in ("id", "group"))
        here["family"][kept] = [
            family_key(f"group:{group}" if question else f"id:{smallest.get(label, name)}")
            for name, group, question, label in zip(
                *columns, questions, labels.tolist(), strict=True
            )
        ]


def _families(spec: PlaceSpec, context: Context) -> NDArray[np.void]:
    if spec.near is None:
        return np.zeros(0, resolve.FAMILY)
    return map_array(context.folder("resolve", spec.near) / resolve.FAMILIES, resolve.FAMILY)


def family_key(name: str) -> int:
    """Name a family by 64 bits of a digest."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")


def _tables(spec: PlaceSpec, context: Context, *names: str) -> Iterator[tuple[int, pa.Table]]:
    """Yield the first line of each part, and some columns of its rows."""
    for start, part in zip(bases(spec.parts).tolist(), spec.parts, strict=False):
        yield start, read_stream(part.folder(context) / ROWS).select(names)


def _assign_splits(placed: NDArray[np.void], spec: PlaceSpec, context: Context) -> None:
    """Give every family its split: the parent's, else drawn by its name."""
    drawn = spec.validation + spec.test > 0
    if not drawn and not spec.parent:
        return  # all is train, which is what nothing has been said of
    kept = np.flatnonzero(placed["fate"] == KEPT)
    families, number = np.unique(placed["family"][kept], return_inverse=True)
    splits = np.full(len(families), -1, np.int8)
    held = _held(placed, spec, context)
    np.maximum.at(splits, number, held[kept])
    for start in range(0, len(splits) if drawn else 0, _BLOCK):
        here = splits[start : start + _BLOCK]
        for index in np.flatnonzero(here < 0).tolist():
            family = int(families[start + index])
            here[index] = draw_split(spec.seed, family, validation=spec.validation, test=spec.test)
    splits[splits < 0] = SPLITS.index("train")
    placed["split"][kept] = splits[number]


def _held(placed: NDArray[np.void], spec: PlaceSpec, context: Context) -> NDArray[np.int8]:
    """Carry the parent's splits over to kept lines (-1: none); who survives a copy inherits its split.

    What stands in for a held-out document is as near to it as it was to itself, so of several splits
    the one that is held out furthest counts.
    """
    held = np.full(len(placed), -1, np.int8)
    parent = _parent_splits(spec, context)
    if parent is None:
        return held
    splits = np.array([SPLITS.index(split) for split in parent["split"].to_pylist()], np.int8)
    for start, ids in _id_blocks(spec, context):
        found = pc.index_in(ids, value_set=parent["id"]).to_numpy(zero_copy_only=False)
        known = np.flatnonzero(~np.isnan(found.astype(float)))
        line = known + start
        fate, survivor = placed["fate"][line], placed["survivor"][line]
        heir = np.where(fate == KEPT, line, survivor)
        follows = np.isin(fate, (KEPT, EXACT, NEAR, CONTAINED)) | ((fate == FORK) & (heir >= 0))
        np.maximum.at(held, heir[follows], splits[found[known].astype(int)][follows])
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


def draw_split(seed: int, family: int, *, validation: float, test: float) -> int:
    """Draw a split for a family, as an index into `SPLITS`, by its hash alone."""
    digest = hashlib.sha256(f"{seed}:split:{family:016x}".encode()).digest()
    share = int.from_bytes(digest[:8], "big") / 2**64
    if share < test:
        return SPLITS.index("test")
    return SPLITS.index("validation") if share < test + validation else SPLITS.index("train")


def _parent_splits(spec: PlaceSpec, context: Context) -> pa.Table | None:
    """Read the splits of the parent release."""
    if not spec.parent:
        return None
    path = context.work.find("parents", f"{spec.parent}.parquet")
    return pq.read_table(path, columns=["id", "split"])
