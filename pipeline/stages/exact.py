"""Exact: among documents with the same digest the first in the survivor order stays; one id names one document.

A task takes a range of key prefixes from the spills of all parts, so tasks share nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from pipeline.errors import at
from pipeline.spill import EARLIER, EXACT, GHOST, IDS, Records, gather, read_partitions
from pipeline.stages.pardoned import read_pardons
from pipeline.stages.part import EXACT_KEYS, ID_KEYS, bases, read_parts
from pipeline.stages.refuse import refusals_of

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from pipeline.engine.task import Context
    from pipeline.engine.work import Record
    from pipeline.plan import Input

LOSERS = "losers.npy"
COLLISIONS = "collisions.npy"

LOSER = np.dtype([("line", "<i8"), ("survivor", "<i8"), ("copy", "u1")])
COLLISION = np.dtype([("record", "<i8"), ("other", "<i8")])  # ordinal of the input << 32 | row
_ROW_BITS = 32
_LIVING = 2


class ExactSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The parts to read, as `save_parts` left them in the order of their ordinals, and the range of prefixes.

    With `repeats_only`, the same text under two ids is no duplicate, but a repeated record still is:
    an id is unique in a release. Pardoned ghosts meet nobody, nor do documents
    that a quality filter `refused`.
    """

    parts: str
    first: int
    end: int
    repeats_only: bool
    pardons: str | None
    refused: str | None = None


def exact(spec: ExactSpec, context: Context) -> Record:
    """Find the losers of each group of equal documents, and ids that name different ones."""
    parts = read_parts(context.work, spec.parts)
    folders = [part.folder(context) for part in parts]
    lines = zip(bases(parts).tolist(), (each.ranged(EXACT_KEYS) for each in folders), strict=False)
    keys = gather(read_partitions(lines, EXACT, spec.first, spec.end), EXACT)
    for apart in (read_pardons(context, spec.pardons), refusals_of(context, spec.refused).lines):
        keys = keys[~np.isin(keys["at"], apart["line"])]
    losers = find_losers(keys, repeats_only=spec.repeats_only)
    np.save(context.out / LOSERS, losers)
    rows = (
        (ordinal << _ROW_BITS, folder.ranged(ID_KEYS)) for ordinal, folder in enumerate(folders)
    )
    collisions = find_collisions(gather(read_partitions(rows, IDS, spec.first, spec.end), IDS))
    np.save(context.out / COLLISIONS, collisions)
    return {"losers": len(losers), "collisions": len(collisions)}


def find_losers(keys: Records, *, repeats_only: bool) -> NDArray[np.void]:
    """Pair each loser with its survivor: copies of opted-out or refused documents, then duplicates among the rest.

    Documents of earlier releases outlive the others. Within a group the order is rank, then the
    digest of the whole release line; equal lines are told apart by input and row, which changes the
    ledger and no release byte.
    """
    keys = _ordered(keys, ["high", "low"])
    first = keys[_group_starts([keys["high"], keys["low"]])]
    haunted = (first["flags"] & GHOST) != 0
    beaten = haunted & (_standing(keys) == _LIVING)
    taken = _losers(keys[beaten], first["at"][beaten], copy=np.uint8(1))
    names = ["high", "low", "name"] if repeats_only else ["high", "low"]
    rest = _ordered(keys[~haunted], names)
    survivor = rest["at"][_group_starts([rest[name] for name in names])]
    lost = (survivor != rest["at"]) & (_standing(rest) == _LIVING)
    return np.concatenate([taken, _losers(rest[lost], survivor[lost], copy=np.uint8(0))])


def _ordered(keys: Records, names: list[str]) -> Records:
    """Sort by the named fields, and among equals by who outlives whom."""
    within = [*(keys[name] for name in ("at", "tie", "rank")), _standing(keys)]
    return keys[np.lexsort([*within, *(keys[name] for name in reversed(names))])]


def _standing(keys: Records) -> NDArray[np.uint8]:
    """Who outlives whom: 0 an opted-out or refused document, 1 one of an earlier release, 2 a living one."""
    ghost, earlier = keys["flags"] & GHOST, keys["flags"] & EARLIER
    return np.where(ghost, 0, np.where(earlier, 1, _LIVING)).astype(np.uint8)


def _losers(keys: Records, survivor: NDArray[np.int64], *, copy: np.uint8) -> NDArray[np.void]:
    losers = np.zeros(len(keys), LOSER)
    losers["line"], losers["survivor"], losers["copy"] = keys["at"], survivor, copy
    return losers


def find_collisions(ids: Records) -> NDArray[np.void]:
    """Pair each record whose id is taken by another content with the first record of that id."""
    ids = ids[np.lexsort([ids["at"], ids["low"], ids["high"]])]
    first = _group_starts([ids["high"], ids["low"]])
    other = ids["content"] != ids["content"][first]
    collisions = np.zeros(int(other.sum()), COLLISION)
    collisions["record"], collisions["other"] = ids["at"][other], ids["at"][first][other]
    return collisions


def name_collisions(path: Path, inputs: tuple[Input, ...]) -> list[str]:
    """Spell the collisions of one finished task: both records by input and row, not by id."""
    return [
        at(
            "read",
            f"{_record(one, inputs)} and {_record(other, inputs)}",
            "one id on two different documents:"
            " set [[sources]] id_prefix to tell sources apart, or mend the ids",
        )
        for one, other in np.load(path).tolist()
    ]


def _record(number: int, inputs: tuple[Input, ...]) -> str:
    return f"{inputs[number >> _ROW_BITS].path}#{number & ((1 << _ROW_BITS) - 1)}"


def _group_starts(columns: list[NDArray[Any]]) -> NDArray[np.intp]:
    """For sorted columns, give each line the index of the first line of its group."""
    count = len(columns[0])
    new = np.zeros(count, bool)
    new[:1] = True
    for column in columns:
        new[1:] |= column[1:] != column[:-1]
    return np.maximum.accumulate(np.where(new, np.arange(count), 0))
