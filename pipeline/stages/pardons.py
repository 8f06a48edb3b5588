"""Pardons: opted-out texts that many strangers have, whose copies therefore stay.

Somebody who opts out a repository with a copy of a common library does not speak for all others that
hold one. The request takes the documents that it names; what it would take beyond these goes on the
review list instead. A request that was given with the text itself means the copies, and takes them all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from filters.owners import NOBODY
from pipeline.spill import GHOST, GIVEN, REFUSED
from pipeline.stages.pardoned import (
    KEPT_COPIES,
    KEPT_COPY,
    PARDON,
    PARDONS,
    read_kept_copies,
    read_pardons,
)
from pipeline.stages.part import ROWS, PartRef, read_stream
from pipeline.stages.place import COPY_EXACT, COPY_NEAR, PLACED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.engine.task import Context
    from pipeline.engine.work import Record


class PardonsSpec(msgspec.Struct, frozen=True, kw_only=True):
    """All parts, the finished place task, how many owners make a text common, and earlier pardons."""

    parts: tuple[PartRef, ...]
    place: str
    owners: int
    known: str | None


def pardons(spec: PardonsSpec, context: Context) -> Record:
    """Write the ghosts with copies of so many owners but their own, and these copies, with those known before."""
    placed = np.load(context.folder("place", spec.place) / PLACED, mmap_mode="r")
    who, texts, ghosts = _columns(spec, context)
    taken = np.flatnonzero(np.isin(placed["fate"], (COPY_EXACT, COPY_NEAR)))
    taken = taken[np.isin(placed["survivor"][taken], ghosts)]
    ghost = placed["survivor"][taken]
    strange = (who[taken] != NOBODY) & (who[taken] != who[ghost])
    pairs = np.unique(
        np.stack([ghost[strange], who[taken][strange].view(np.int64)], axis=1), axis=0
    )
    found, owners = np.unique(pairs[:, 0], return_counts=True)
    common = owners >= spec.owners
    fresh = _with_twins(found[common], owners[common], texts, ghosts)
    for row in fresh:
        row["copies"] = np.count_nonzero(ghost == row["line"])
    known = read_pardons(context, spec.known)
    united = np.concatenate([known, fresh[~np.isin(fresh["line"], known["line"])]])
    np.save(context.out / PARDONS, united[np.argsort(united["line"])])
    spared = read_kept_copies(context, spec.known)
    copies = _kept_copies(taken[np.isin(ghost, fresh["line"])], placed)
    spared = np.concatenate([spared, copies[~np.isin(copies["line"], spared["line"])]])
    np.save(context.out / KEPT_COPIES, spared[np.argsort(spared["line"])])
    return {"pardons": len(united), "fresh": len(united) - len(known)}


def _kept_copies(lines: NDArray[np.int64], placed: NDArray[np.void]) -> NDArray[np.void]:
    table = np.zeros(len(lines), KEPT_COPY)
    table["line"], table["ghost"] = lines, placed["survivor"][lines]
    table["inter"], table["of"] = placed["inter"][lines], placed["of"][lines]
    return table


def _columns(
    spec: PardonsSpec, context: Context
) -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.int64]]:
    """Collect the owner and the digest of each line, and the lines of opted-out documents."""
    tables = [read_stream(part.folder(context) / ROWS) for part in spec.parts]
    who, high, flags = (
        np.concatenate([np.zeros(0, table_type), *(table[name].to_numpy() for table in tables)])
        for name, table_type in (("owner", np.uint64), ("high", np.uint64), ("flags", np.uint8))
    )
    return who, high, np.flatnonzero((flags & (GHOST | REFUSED | GIVEN)) == GHOST)


def _with_twins(
    lines: NDArray[np.int64],
    owners: NDArray[np.int64],
    texts: NDArray[np.uint64],
    ghosts: NDArray[np.int64],
) -> NDArray[np.void]:
    """Add the other ghosts of the same texts: one of them would take the copies otherwise."""
    counts = dict(zip(texts[lines].tolist(), owners.tolist(), strict=True))
    twins = ghosts[np.isin(texts[ghosts], texts[lines])]
    table = np.zeros(len(twins), PARDON)
    table["line"] = twins
    table["owners"] = [counts[text] for text in texts[twins].tolist()]
    return table
