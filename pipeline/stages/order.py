"""Order: one line for each document that passed or is a ghost, and its place in the survivor order.

Lines are numbered through all parts, in the order of inputs and rows; everything after this stage
speaks of documents by their line. Memory: about 100 bytes a document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from pipeline.spill import EARLIER, GHOST
from pipeline.stages.exact import LOSERS
from pipeline.stages.pardoned import read_pardons
from pipeline.stages.part import ROWS, PartRef, bases, read_stream

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.engine.task import Context
    from pipeline.engine.work import Record

ORDER = "order.npy"
FATE = "exact.npy"

LINE = np.dtype(
    [("rank", "<i8"), ("shingles", "<u4"), ("anchors", "<u4"), ("flags", "u1"), ("lost", "u1")]
)


class OrderSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The parts, and the finished exact tasks.

    With `longest_first`, the longer of two documents of one standing (licence, priority) outlives
    the shorter.
    """

    parts: tuple[PartRef, ...]
    exact: tuple[str, ...]
    longest_first: bool
    pardons: str | None


def order(spec: OrderSpec, context: Context) -> Record:
    """Write `order.npy`, one LINE a document, and `exact.npy`, the losers of all exact tasks by line."""
    losers = np.concatenate(
        [np.load(context.folder("exact", task) / LOSERS) for task in spec.exact]
    )
    losers = losers[np.argsort(losers["line"])]
    lines, keys = _read(spec, context)
    lines["rank"][_survivor_order(keys)] = np.arange(len(lines))
    lines["lost"][losers["line"]] = 1
    lines["lost"][read_pardons(context, spec.pardons)["line"]] = 1  # they meet nobody
    np.save(context.out / ORDER, lines)
    np.save(context.out / FATE, losers)
    return {"documents": len(lines), "exact": len(losers), "pardons": spec.pardons}


def _read(spec: OrderSpec, context: Context) -> tuple[NDArray[np.void], list[NDArray[np.uint64]]]:
    """Collect the lines of all parts and the keys of the survivor order, the first to count first.

    Ghosts come before all, documents of earlier releases before the living; then rank, length where
    it counts, the digest, the digest of the line.
    """
    first = bases(spec.parts)
    lines = np.zeros(first[-1], LINE)
    keys = [np.zeros(first[-1], np.uint64) for _ in range(5)]
    for part, start, stop in zip(spec.parts, first[:-1], first[1:], strict=True):
        table = read_stream(part.folder(context) / ROWS)
        here = lines[start:stop]
        for name in ("shingles", "anchors", "flags"):
            here[name] = table[name].to_numpy()
        columns = [table[name].to_numpy() for name in ("high", "low", "tie")]
        standing = [_ahead(here["flags"], table["rank"].to_numpy()), _length(here, spec)]
        for key, column in zip(keys, [*standing, *columns], strict=True):
            key[start:stop] = column
    return lines, keys


def _ahead(flags: NDArray[np.uint8], rank: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Put ghosts first, then documents of earlier releases."""
    living = np.where(flags & EARLIER, np.uint64(1), rank + np.uint64(2))
    return np.where(flags & GHOST, np.uint64(0), living)


def _length(lines: NDArray[np.void], spec: OrderSpec) -> NDArray[np.uint64]:
    if not spec.longest_first:
        return np.zeros(len(lines), np.uint64)
    return np.uint64(1 << 32) - lines["shingles"].astype(np.uint64)


def _survivor_order(keys: list[NDArray[np.uint64]]) -> NDArray[np.intp]:
    """Sort the lines; those that are equal in all else stay in the order of inputs and rows."""
    return np.lexsort(keys[::-1])
