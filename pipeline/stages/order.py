"""Order: one line for each document that passed or is a ghost, and its place in the survivor order.

Lines are numbered through all parts, in the order of inputs and rows; everything after this stage
speaks of documents by their line. Memory: 61 bytes a document,
measured over 4 million, and more for those that have the same text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np

from pipeline.spill import EARLIER, GHOST
from pipeline.stages.exact import LOSERS
from pipeline.stages.pardoned import read_pardons
from pipeline.stages.part import ROWS, PartRef, bases, read_stream
from pipeline.stages.refuse import refusals_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.engine.task import Context
    from pipeline.engine.work import Record

ORDER = "order.npy"
FATE = "exact.npy"
_REST = ("tie", "low")
_AT_ONCE = 1 << 20  # lines whose keys are compared at once

LOST, LOST_UNFIT = 1, 2
"""Why a line is compared with nothing: it has an equal one (or is pardoned), or a quality filter refused it."""

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
    refused: str | None = None


def order(spec: OrderSpec, context: Context) -> Record:
    """Write `order.npy`, one LINE a document, and `exact.npy`, the losers of all exact tasks by line."""
    losers = np.concatenate(
        [np.load(context.folder("exact", task) / LOSERS) for task in spec.exact]
    )
    losers = losers[np.argsort(losers["line"])]
    lines, keys = _read(spec, context)
    lines["rank"][_survivor_order(keys, spec, context)] = np.arange(len(lines))
    del keys
    lines["lost"][losers["line"]] = LOST
    lines["lost"][read_pardons(context, spec.pardons)["line"]] = LOST  # they meet nobody
    lines["lost"][refusals_of(context, spec.refused).lines["line"]] = LOST_UNFIT
    np.save(context.out / ORDER, lines)
    np.save(context.out / FATE, losers)
    return {
        "documents": len(lines),
        "exact": len(losers),
        "pardons": spec.pardons,
        "refused": spec.refused,
    }


class _Keys(NamedTuple):
    """What the survivor order goes by, the first to count first; what only tells equal texts apart is read later."""

    standing: NDArray[np.uint64]
    length: NDArray[np.uint32] | None
    digest: NDArray[np.uint64]


def _read(spec: OrderSpec, context: Context) -> tuple[NDArray[np.void], _Keys]:
    """Collect the lines of all parts and the keys that tell nearly all of them apart.

    Ghosts come before all, documents of earlier releases before the living; then rank, length where
    it counts, the digest.
    """
    first = bases(spec.parts)
    lines = np.zeros(first[-1], LINE)
    standing, digest = np.zeros(first[-1], np.uint64), np.zeros(first[-1], np.uint64)
    for part, start, stop in zip(spec.parts, first[:-1], first[1:], strict=True):
        table = read_stream(part.folder(context) / ROWS)
        here = lines[start:stop]
        for name in ("shingles", "anchors", "flags"):
            here[name] = table[name].to_numpy()
        standing[start:stop] = _ahead(here["flags"], table["rank"].to_numpy())
        digest[start:stop] = table["high"].to_numpy()
    length = np.invert(lines["shingles"]) if spec.longest_first else None
    return lines, _Keys(standing, length, digest)


def _ahead(flags: NDArray[np.uint8], rank: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Put ghosts first, then documents of earlier releases."""
    living = np.where(flags & EARLIER, np.uint64(1), rank + np.uint64(2))
    return np.where(flags & GHOST, np.uint64(0), living)


def _survivor_order(keys: _Keys, spec: OrderSpec, context: Context) -> NDArray[np.intp]:
    """Sort the lines; those that are equal in all else stay in the order of inputs and rows."""
    sorted_by = [key for key in reversed(keys) if key is not None]
    ordered = np.lexsort(sorted_by)
    tied = _tied(ordered, sorted_by)
    if len(tied.places) > 0:
        among = ordered[tied.places]
        rest = _rest(among, spec, context)
        ordered[tied.places] = among[np.lexsort([among, *rest, tied.groups])]
    return ordered


class _Tied(NamedTuple):
    """Places of a sorted array whose neighbours have the same keys, and a number for each run of such."""

    places: NDArray[np.intp]
    groups: NDArray[np.intp]


def _tied(ordered: NDArray[np.intp], keys: list[NDArray[Any]]) -> _Tied:
    same = np.zeros(len(ordered) + 1, bool)  # as the place before
    same[1:-1] = True
    for key in keys:
        for start in range(1, len(ordered), _AT_ONCE):
            there = key[ordered[start - 1 : start + _AT_ONCE]]
            same[start : start + len(there) - 1] &= there[1:] == there[:-1]
    places = np.flatnonzero(same[:-1] | same[1:])
    return _Tied(places, np.cumsum(~same[places]))


def _rest(lines: NDArray[np.intp], spec: OrderSpec, context: Context) -> list[NDArray[np.uint64]]:
    """Read what tells lines apart that agree so far: digest of the line, and before it the rest of the text's."""
    wanted = np.argsort(lines)
    bounds = np.searchsorted(lines[wanted], bases(spec.parts))
    found = [np.zeros(len(lines), np.uint64) for _ in _REST]
    for part, base, start, stop in zip(
        spec.parts, bases(spec.parts), bounds[:-1], bounds[1:], strict=False
    ):
        if start < stop:
            mine = wanted[start:stop]
            table = read_stream(part.folder(context) / ROWS)
            for key, name in zip(found, _REST, strict=True):
                key[mine] = table[name].to_numpy()[lines[mine] - base]
    return found
