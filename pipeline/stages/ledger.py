"""Ledger: one row for every input record, with its verdict, the rule behind it and the survivor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pyarrow as pa

from manifests.checksum import canonical_json
from pipeline.release import DECISIONS, write_parquet
from pipeline.stages.order import ORDER
from pipeline.stages.part import DROPPED, ROWS, read_stream
from pipeline.stages.place import COPY_EXACT, COPY_NEAR, EXACT, IS_GHOST, KEPT, NEAR, PLACED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from pipeline.engine.task import Context, Record

_STAGE = {KEPT: "keep", EXACT: "exact", NEAR: "near", COPY_EXACT: "optout", COPY_NEAR: "optout"}

_ROWS_PER_FILE = 1_000_000


class LedgerSpec(msgspec.Struct, frozen=True, kw_only=True):
    """Parts with their source and input path, in the order of their ordinals."""

    parts: tuple[tuple[str, str, str], ...]
    order: str
    place: str


def ledger(spec: LedgerSpec, context: Context) -> Record:
    """Write `decisions-NNNNN.parquet`, sorted by source, input and row."""
    lines = np.load(context.folder("order", spec.order) / ORDER)
    placed = np.load(context.folder("place", spec.place) / PLACED)
    named = _survivor_names(spec, context, placed)
    tables: list[pa.Table] = []
    files = rows = waiting = 0
    for ordinal, part in enumerate(spec.parts):
        first, end = np.searchsorted(
            lines["gid"], np.array([ordinal, ordinal + 1], np.uint64) << np.uint64(32)
        )
        tables.append(_part_ledger(part, context, placed[first:end], named))
        rows += len(tables[-1])
        waiting += len(tables[-1])
        if waiting >= _ROWS_PER_FILE or ordinal + 1 == len(spec.parts):
            write_parquet(context.out / f"decisions-{files:05d}.parquet", pa.concat_tables(tables))
            tables, files, waiting = [], files + 1, 0
    return {"rows": rows}


def _survivor_names(
    spec: LedgerSpec, context: Context, placed: NDArray[np.void]
) -> dict[int, tuple[str, str]]:
    """Look up id and opt-out request of every line that some other line lost to."""
    wanted = np.unique(placed["survivor"][placed["survivor"] >= 0])
    named: dict[int, tuple[str, str]] = {}
    first = 0
    for fingerprint, _, _ in spec.parts:
        table = read_stream(context.folder("screen", fingerprint) / ROWS).select(["id", "request"])
        mine = wanted[(wanted >= first) & (wanted < first + len(table))]
        picked = table.take(mine - first)
        columns = picked["id"].to_pylist(), picked["request"].to_pylist()
        named |= dict(zip(mine.tolist(), zip(*columns, strict=True), strict=True))
        first += len(table)
    return named


def _part_ledger(
    part: tuple[str, str, str],
    context: Context,
    placed: NDArray[np.void],
    named: dict[int, tuple[str, str]],
) -> pa.Table:
    """Join what the screen dropped and what the later stages decided, for one input."""
    fingerprint, source, path = part
    folder = context.folder("screen", fingerprint)
    dropped = read_stream(folder / DROPPED)
    count = len(dropped)
    early = pa.table(
        {
            "id": dropped["id"],
            "source": [source] * count,
            "input": [path] * count,
            "row": dropped["row"].cast(pa.int64()),
            "verdict": ["drop"] * count,
            "stage": dropped["stage"],
            "reason": dropped["reason"],
            "detail": dropped["detail"],
            "survivor": [""] * count,
        },
        schema=DECISIONS,
    )
    late = pa.Table.from_pylist(
        list(_late_rows(folder, source, path, placed, named)), schema=DECISIONS
    )
    return pa.concat_tables([early, late]).sort_by("row")


def _late_rows(
    folder: Path,
    source: str,
    path: str,
    placed: NDArray[np.void],
    named: dict[int, tuple[str, str]],
) -> Iterator[dict[str, object]]:
    table = read_stream(folder / ROWS).select(["id", "row", "detail"])
    columns = (table[name].to_pylist() for name in ("id", "row", "detail"))
    fates = (placed[name].tolist() for name in ("fate", "survivor", "inter", "union"))
    for name, row, detail, fate, survivor, inter, union in zip(*columns, *fates, strict=True):
        if fate == IS_GHOST:
            continue  # its row is among those that the screen dropped
        reason, detail_out, survivor_id = "kept", detail, ""
        if fate != KEPT:
            reason, detail_out, survivor_id = _loss(fate, named[survivor], inter, union)
        yield {
            "id": name,
            "source": source,
            "input": path,
            "row": row,
            "verdict": "keep" if fate == KEPT else "drop",
            "stage": _STAGE[fate],
            "reason": reason,
            "detail": detail_out,
            "survivor": survivor_id,
        }


def _loss(fate: int, survivor: tuple[str, str], inter: int, union: int) -> tuple[str, str, str]:
    """Spell reason, detail and survivor of a document that lost to another.

    A copy of an opted-out document has no survivor: the detail names the request that took it.
    """
    name, request = survivor
    similarity = round(inter / union, 4)
    facts: dict[str, object] = {"similarity": similarity, "shared": inter, "union": union}
    if fate in (COPY_EXACT, COPY_NEAR):
        facts |= {"request": request, "copy_of": name}
        return (
            f"copy:{'exact' if fate == COPY_EXACT else 'near'}",
            canonical_json(facts).decode(),
            "",
        )
    if fate == EXACT:
        return "sha256", canonical_json({"similarity": 1.0}).decode(), name
    return f"jaccard:{similarity:.4f}", canonical_json(facts).decode(), name
