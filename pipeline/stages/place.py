"""Place: the last word on every document, and for the kept ones their family and split.

A family is a connected component of verified near pairs (for questions: their article or context);
families go to one split whole, so no test document has a sibling in train. Splits stick to those of
the parent release; a family that comes from several of them goes where most is held out: test before
validation before train.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.spill import GHOST, QUESTION
from pipeline.stages.near import FAMILIES, RESOLVED
from pipeline.stages.order import FATE as EXACT_FATE
from pipeline.stages.order import ORDER
from pipeline.stages.part import ROWS, read_stream, values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from pipeline.engine.task import Context, Record

PLACED = "placed.npy"
KEPT, EXACT, NEAR, COPY_EXACT, COPY_NEAR, IS_GHOST = range(6)
SPLITS = ("train", "validation", "test")

PLACE = np.dtype(
    [
        ("fate", "u1"),
        ("split", "u1"),
        ("survivor", "<i8"),
        ("inter", "<i8"),
        ("union", "<i8"),
        ("family", "<u8"),
    ]
)


class PlaceSpec(msgspec.Struct, frozen=True, kw_only=True):
    """`near` is the finished resolve task, if there was one; `parent_splits` the parent's splits by content."""

    parts: tuple[str, ...]
    order: str
    near: str | None
    seed: int
    validation: float
    test: float
    parent: str  # SHA-256 of the parent's splits table; the driver leaves a copy in the work folder


def place(spec: PlaceSpec, context: Context) -> Record:
    """Write one line for each line of the order: fate, survivor, similarity, family, split."""
    lines = np.load(context.folder("order", spec.order) / ORDER)
    placed = np.zeros(len(lines), PLACE)
    placed["survivor"] = -1
    placed["fate"][(lines["flags"] & GHOST) != 0] = IS_GHOST
    if spec.near is not None:
        _apply_near(placed, np.load(context.folder("resolve", spec.near) / RESOLVED))
    _apply_exact(placed, lines, np.load(context.folder("order", spec.order) / EXACT_FATE))
    labels = (
        np.load(context.folder("resolve", spec.near) / FAMILIES)
        if spec.near is not None
        else np.arange(len(lines))
    )
    _assign_splits(placed, lines, labels, spec, context)
    np.save(context.out / PLACED, placed)
    ordinals = (lines["gid"] >> np.uint64(32)).astype(np.int64)
    counts = np.zeros((len(spec.parts), IS_GHOST + 1), np.int64)
    np.add.at(counts, (ordinals, placed["fate"].astype(np.int64)), 1)
    return {"fates": counts.tolist()}


def _apply_near(placed: NDArray[np.void], near: NDArray[np.void]) -> None:
    at = near["line"]
    placed["fate"][at] = np.where(near["optout"] == 1, COPY_NEAR, NEAR)
    for name in ("survivor", "inter", "union"):
        placed[name][at] = near[name]


def _apply_exact(
    placed: NDArray[np.void], lines: NDArray[np.void], losers: NDArray[np.void]
) -> None:
    """Let an exact duplicate lose to its twin; where the twin itself lost, it shares the twin's fate.

    So every survivor that the ledger names is a kept document.
    """
    at = np.searchsorted(lines["gid"], losers["gid"])
    twin = np.searchsorted(lines["gid"], losers["survivor"])
    twin_lost = np.isin(placed["fate"][twin], (NEAR, COPY_NEAR))
    placed["fate"][at] = np.where(
        twin_lost, placed["fate"][twin], np.where(losers["optout"] == 1, COPY_EXACT, EXACT)
    )
    for name, own in (("survivor", twin), ("inter", np.int64(1)), ("union", np.int64(1))):
        placed[name][at] = np.where(twin_lost, placed[name][twin], own)


class _Member(NamedTuple):
    """A kept line, with what its family is called."""

    line: int
    family: int


def _assign_splits(
    placed: NDArray[np.void],
    lines: NDArray[np.void],
    labels: NDArray[np.int64],
    spec: PlaceSpec,
    context: Context,
) -> None:
    """Give every kept line its family, and every family its split: the parent's, else drawn by its name."""
    names = list(_names(spec.parts, context))
    held = _held(placed["fate"], placed["survivor"], names, _parent_splits(spec, context))
    members = list(_members(placed["fate"] == KEPT, lines["flags"], labels, names))
    splits: dict[int, int] = {}
    for line, family in members:
        if line in held:
            splits[family] = max(splits.get(family, 0), held[line])
    for line, family in members:
        if family not in splits:
            splits[family] = draw_split(
                spec.seed, family, validation=spec.validation, test=spec.test
            )
        placed["family"][line] = family
        placed["split"][line] = splits[family]


def _members(
    kept: NDArray[np.bool_],
    flags: NDArray[np.uint8],
    labels: NDArray[np.int64],
    names: list[tuple[str, str]],
) -> Iterator[_Member]:
    """Name the family of each kept line: by the smallest id in it, or by the group of a question."""
    counts = np.bincount(labels, minlength=len(labels))
    smallest: dict[int, str] = {}
    for line in np.flatnonzero(counts[labels] > 1).tolist():
        label, name = int(labels[line]), names[line][0]
        smallest[label] = min(smallest.get(label, name), name)
    for line in np.flatnonzero(kept).tolist():
        name, group = names[line]
        question = flags[line] & QUESTION
        key = f"group:{group}" if question else f"id:{smallest.get(int(labels[line]), name)}"
        yield _Member(line, int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big"))


def _held(
    fate: NDArray[np.uint8],
    survivor: NDArray[np.int64],
    names: list[tuple[str, str]],
    parent: dict[str, int],
) -> dict[int, int]:
    """Carry the parent's splits over to kept lines; who survives a copy inherits the copy's split.

    What stands in for a held-out document is as near to it as it was to itself, so of several splits
    the one that is held out furthest counts.
    """
    held: dict[int, int] = {}
    for line, (name, _) in enumerate(names if parent else []):
        if name in parent and fate[line] in (KEPT, EXACT, NEAR):
            heir = line if fate[line] == KEPT else int(survivor[line])
            held[heir] = max(held.get(heir, 0), parent[name])
    return held


def _names(parts: tuple[str, ...], context: Context) -> Iterator[tuple[str, str]]:
    """Yield (id, group) in the order of the lines, which is that of ordinals and rows."""
    for part in parts:
        table = read_stream(context.folder("screen", part) / ROWS)
        yield from zip(values(table, "id"), values(table, "group"), strict=True)


def draw_split(seed: int, family: int, *, validation: float, test: float) -> int:
    """Draw a split for a family, as an index into `SPLITS`, by its hash alone."""
    digest = hashlib.sha256(f"{seed}:split:{family:016x}".encode()).digest()
    share = int.from_bytes(digest[:8], "big") / 2**64
    if share < test:
        return SPLITS.index("test")
    return SPLITS.index("validation") if share < test + validation else SPLITS.index("train")


def _parent_splits(spec: PlaceSpec, context: Context) -> dict[str, int]:
    """Read the splits of the parent release: id to index into `SPLITS`."""
    if not spec.parent:
        return {}
    table: pa.Table = pq.read_table(
        context.work / "parents" / f"{spec.parent}.parquet", columns=["id", "split"]
    )
    pairs = zip(values(table, "id"), values(table, "split"), strict=True)
    return {name: SPLITS.index(split) for name, split in pairs}
