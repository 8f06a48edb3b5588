"""Order: one line for each document that passed or is a ghost, and its place in the survivor order.

Everything after this stage speaks of documents by their line here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from pipeline.spill import gid_of
from pipeline.stages.exact import LOSERS
from pipeline.stages.part import ROWS, read_stream

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.engine.task import Context, Record

ORDER = "order.npy"
FATE = "exact.npy"

LINE = np.dtype(
    [
        ("gid", "<u8"),
        ("rank", "<i8"),
        ("position", "<u4"),
        ("shingles", "<u4"),
        ("flags", "u1"),
        ("lost", "u1"),
    ]
)


class OrderSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The parts, and the finished exact tasks."""

    parts: tuple[str, ...]
    exact: tuple[str, ...]


def order(spec: OrderSpec, context: Context) -> Record:
    """Write `order.npy`, sorted by gid, and `exact.npy`, the losers of all exact tasks sorted by gid."""
    losers = np.concatenate(
        [np.load(context.folder("exact", task) / LOSERS) for task in spec.exact]
    )
    losers = losers[np.argsort(losers["gid"])]
    lines, keys = _gather(spec.parts, context)
    lines["rank"][np.lexsort(keys[::-1])] = np.arange(len(lines))
    place = np.searchsorted(lines["gid"], losers["gid"])
    lines["lost"][place] = 1
    np.save(context.out / ORDER, lines)
    np.save(context.out / FATE, losers)
    return {"documents": len(lines), "exact": len(losers)}


def _gather(
    parts: tuple[str, ...], context: Context
) -> tuple[NDArray[np.void], list[NDArray[np.uint64]]]:
    """Collect the lines of all parts, and the keys of the survivor order: rank, digest, digest of the line, gid."""
    blocks = []
    names = ("rank", "high", "low", "tie")
    columns: dict[str, list[NDArray[np.uint64]]] = {name: [] for name in names}
    for ordinal, part in enumerate(parts):
        table = read_stream(context.folder("screen", part) / ROWS)
        block = np.zeros(len(table), LINE)
        block["gid"] = table["row"].to_numpy().astype(np.uint64) | np.uint64(gid_of(ordinal, 0))
        block["position"] = np.arange(len(table))
        block["shingles"] = table["shingles"].to_numpy()
        block["flags"] = table["flags"].to_numpy()
        blocks.append(block)
        for name in names:
            columns[name].append(table[name].to_numpy())
    lines = np.concatenate([np.zeros(0, LINE), *blocks])
    keys = [np.concatenate([np.zeros(0, np.uint64), *columns[name]]) for name in names]
    by_gid = np.argsort(lines["gid"], kind="stable")
    return lines[by_gid], [key[by_gid] for key in [*keys, lines["gid"]]]
