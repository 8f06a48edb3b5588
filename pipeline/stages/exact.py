"""Exact: among documents with the same digest the first in the survivor order stays; one id names one document.

A task takes a range of key prefixes from the spills of all parts, so tasks share nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from pipeline.errors import at
from pipeline.spill import EXACT, GHOST, IDS, Records, read_partitions
from pipeline.stages.part import EXACT_KEYS, ID_KEYS

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from pipeline.engine.task import Context, Record
    from pipeline.plan import Input

LOSERS = "losers.npy"
COLLISIONS = "collisions.npy"

LOSER = np.dtype([("gid", "<u8"), ("survivor", "<u8"), ("optout", "u1")])
COLLISION = np.dtype([("gid", "<u8"), ("other", "<u8")])


class ExactSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The parts to read (fingerprints in the order of their ordinals) and the range of prefixes.

    With `repeats_only`, the same text under two ids is no duplicate, but a repeated record still is:
    an id is unique in a release.
    """

    parts: tuple[str, ...]
    first: int
    end: int
    repeats_only: bool


def exact(spec: ExactSpec, context: Context) -> Record:
    """Find the losers of each group of equal documents, and ids that name different ones."""
    folders = [(ordinal, context.folder("screen", part)) for ordinal, part in enumerate(spec.parts)]
    keys = read_partitions(((n, f / EXACT_KEYS) for n, f in folders), EXACT, spec.first, spec.end)
    losers = find_losers(keys, repeats_only=spec.repeats_only)
    np.save(context.out / LOSERS, losers)
    ids = read_partitions(((n, f / ID_KEYS) for n, f in folders), IDS, spec.first, spec.end)
    collisions = find_collisions(ids)
    np.save(context.out / COLLISIONS, collisions)
    return {"losers": len(losers), "collisions": len(collisions)}


def find_losers(keys: Records, *, repeats_only: bool) -> NDArray[np.void]:
    """Pair each loser with its survivor: first those equal to a ghost, then duplicates among the rest.

    Within a group the order is rank, then the digest of the whole release line; equal lines are told
    apart by input and row, which changes the ledger and no release byte.
    """
    within = [keys[name] for name in ("gid", "tie", "rank")]
    keys = keys[np.lexsort([*within, _live(keys), keys["low"], keys["high"]])]
    first = _group_starts([keys["high"], keys["low"]])
    haunted = _live(keys) & ~_live(keys)[first]
    taken = _losers(keys[haunted], keys["gid"][first][haunted], optout=True)
    rest = keys[_live(keys) & ~haunted]
    names = ["high", "low", "name"] if repeats_only else ["high", "low"]
    rest = rest[np.lexsort([rest[name] for name in ("gid", "tie", "rank", *reversed(names))])]
    survivor = rest["gid"][_group_starts([rest[name] for name in names])]
    beaten = survivor != rest["gid"]
    return np.concatenate([taken, _losers(rest[beaten], survivor[beaten], optout=False)])


def _live(keys: Records) -> NDArray[np.bool_]:
    live: NDArray[np.bool_] = (keys["flags"] & GHOST) == 0
    return live


def _losers(keys: Records, survivor: NDArray[np.uint64], *, optout: bool) -> NDArray[np.void]:
    losers = np.zeros(len(keys), LOSER)
    losers["gid"], losers["survivor"], losers["optout"] = keys["gid"], survivor, optout
    return losers


def find_collisions(ids: Records) -> NDArray[np.void]:
    """Pair each record whose id is taken by another content with the first record of that id."""
    ids = ids[np.lexsort([ids["gid"], ids["low"], ids["high"]])]
    first = _group_starts([ids["high"], ids["low"]])
    other = ids["content"] != ids["content"][first]
    collisions = np.zeros(int(other.sum()), COLLISION)
    collisions["gid"], collisions["other"] = ids["gid"][other], ids["gid"][first][other]
    return collisions


def name_collisions(path: Path, inputs: tuple[Input, ...]) -> list[str]:
    """Spell the collisions of one finished task: both records by input and row, not by id."""
    return [
        at(
            "read",
            f"{_record(gid, inputs)} and {_record(other, inputs)}",
            "one id on two different documents:"
            " set [[sources]] id_prefix to tell sources apart, or mend the ids",
        )
        for gid, other in np.load(path).tolist()
    ]


def _record(gid: int, inputs: tuple[Input, ...]) -> str:
    return f"{inputs[gid >> 32].path}#{gid & 0xFFFFFFFF}"


def _group_starts(columns: list[NDArray[np.uint64]]) -> NDArray[np.intp]:
    """For sorted columns, give each line the index of the first line of its group."""
    count = len(columns[0])
    new = np.zeros(count, bool)
    new[:1] = True
    for column in columns:
        new[1:] |= column[1:] != column[:-1]
    return np.maximum.accumulate(np.where(new, np.arange(count), 0))
