"""Emit: one shard of one source, in the order of addresses, a file for each split that has documents."""

from __future__ import annotations

import hashlib
from itertools import islice
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from manifests.addressing import address
from pipeline.spill import read_frames
from pipeline.stages.line_sort import Emitted, LineSort
from pipeline.stages.part import LINES, ROWS, PartRef, bases, read_parts, read_stream, values
from pipeline.stages.passages import apply, read_cuts, spans_by_line
from pipeline.stages.place import KEPT, PLACED
from pipeline.stages.shard_writer import Target, write_shards
from pipeline.stages.splits import SPLITS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    from numpy.typing import NDArray

    from pipeline.engine.task import Context
    from pipeline.engine.work import Readable, Record


class EmitSpec(msgspec.Struct, frozen=True, kw_only=True):
    """`parts` are all of the inputs', as `save_parts` left them, and `own` those of the source: `[first, end)`.

    `memory` in bytes bounds what is held.
    """

    target: Target
    parts: str
    own: tuple[int, int]
    place: str
    cuts: bool
    memory: int


_RUNS = "runs"
_LINES_SHARE = 4  # lines that wait to be sorted may fill this part of the memory


class EmitIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """What the files depend on: the spec, but for where the lines lie and how many are held.

    `content` is the digest of what is taken.
    """

    target: Target
    content: str


def identity(spec: EmitSpec, shares: list[bytes]) -> EmitIdentity:
    """Name a task by the shares that it takes from its parts; parts of which it takes nothing change nothing."""
    nothing = hashlib.sha256(b"").digest()
    content = hashlib.sha256(b"".join(share for share in shares if share != nothing)).hexdigest()
    return EmitIdentity(target=spec.target, content=content)


def emit(spec: EmitSpec, context: Context) -> Record:
    """Write the shard's files and its share of the indexes; the record lists the files."""
    found: set[int] = set()
    with LineSort(context.out / _RUNS, spec.memory // _LINES_SHARE) as lines:
        for split, emitted in _kept_lines(spec, context):
            lines.add(SPLITS[split], emitted)
            found.add(split)
        ordered = {SPLITS[split]: lines.sorted(SPLITS[split]) for split in sorted(found)}
        return write_shards(spec.target, context.out, ordered, {})


def _kept_lines(spec: EmitSpec, context: Context) -> Iterator[tuple[int, Emitted]]:
    """Read the kept lines of this bucket from every part, with their split."""
    placed = np.load(context.folder("place", spec.place) / PLACED, mmap_mode="r")
    parts = read_parts(context.work, spec.parts)
    based = zip(bases(parts).tolist(), parts, strict=False)
    for first, part in islice(based, *spec.own):
        folder = part.folder(context)
        table = read_stream(folder / ROWS).select(["id", "bucket", "frame", "place"])
        places = placed[first : first + part.rows]
        mine = np.flatnonzero(
            (places["fate"] == KEPT) & (table["bucket"].to_numpy() == spec.target.bucket)
        )
        if len(mine) > 0:
            found = _read_lines(spec, folder.ranged(LINES), table.take(mine), places[mine])
            cuts = _cuts(spec, context, first, part, table, mine)
            for split, emitted in found:
                yield split, _without(emitted, cuts.get(emitted.id))


def _cuts(
    spec: EmitSpec,
    context: Context,
    first: int,
    part: PartRef,
    table: pa.Table,
    mine: NDArray[np.intp],
) -> dict[str, list[tuple[int, int]]]:
    """Look up which passages go, by id."""
    if not spec.cuts:
        return {}
    cuts = read_cuts(context.folder("place", spec.place), first, first + part.rows)
    spans = spans_by_line(cuts, first + mine)
    lines = list(spans)
    names = values(table.take(np.array(lines, np.int64) - first), "id")
    return {name: spans[line] for name, line in zip(names, lines, strict=True)}


def _without(emitted: Emitted, spans: list[tuple[int, int]] | None) -> Emitted:
    return emitted if spans is None else emitted._replace(line=apply(emitted.line, spans))


def _read_lines(
    spec: EmitSpec, path: Readable, table: pa.Table, places: NDArray[np.void]
) -> Iterator[tuple[int, Emitted]]:
    wanted: dict[int, list[tuple[int, str, int, int]]] = {}
    columns = (table[name].to_pylist() for name in ("frame", "place", "id"))
    fates = places["split"].tolist(), places["family"].tolist()
    for frame, place, name, split, family in zip(*columns, *fates, strict=True):
        wanted.setdefault(frame, []).append((place, name, split, family))
    for frame, lines in read_frames(path, wanted):
        for place, name, split, family in wanted[frame]:
            yield (
                split,
                Emitted(
                    address(spec.target.seed, name), name, lines[place] + b"\n", f"{family:016x}"
                ),
            )
