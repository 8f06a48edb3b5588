"""Splits: each family goes to one whole, the parent's or one that is drawn by its name."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.engine.task import Context

SPLITS: Final = ("train", "validation", "test")
"""In the order of how far they are held out."""
NONE: Final = -1
"""The split of what nobody has said one of."""
_BLOCK = 1 << 20  # families that draw at once


class Draw(msgspec.Struct, frozen=True, kw_only=True):
    """Which shares of the families are held out, and `parent`, the digest of the parent's splits table.

    The driver leaves a copy of that in the work folder; there is none where it is empty.
    """

    seed: int
    validation: float
    test: float
    parent: str

    @property
    def draws(self) -> bool:
        """Tell whether anything is held out of train by drawing."""
        return self.validation + self.test > 0


def split_number(name: str) -> int:
    """Return the place of a split in `SPLITS`, `NONE` for `""`."""
    return SPLITS.index(name) if name else NONE


def family_key(name: str) -> int:
    """Name a family by 64 bits of a digest."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")


def draw_split(seed: int, family: int, *, validation: float, test: float) -> int:
    """Draw a split for a family, as an index into `SPLITS`, by its hash alone."""
    digest = hashlib.sha256(f"{seed}:split:{family:016x}".encode()).digest()
    share = int.from_bytes(digest[:8], "big") / 2**64
    if share < test:
        return SPLITS.index("test")
    return SPLITS.index("validation") if share < test + validation else SPLITS.index("train")


def assign(
    families: NDArray[np.uint64], fixed: NDArray[np.int8], held: NDArray[np.int8], draw: Draw
) -> NDArray[np.uint8]:
    """Give each line the split of its family.

    That is the one that the config has `fixed` for a member, else the parent's (`held`), else it is
    drawn. Where members differ, what is held out furthest counts.
    """
    names, number = np.unique(families, return_inverse=True)
    splits = _furthest(fixed, number, len(names))
    unsaid = splits < 0
    splits[unsaid] = _furthest(held, number, len(names))[unsaid]
    for start in range(0, len(splits) if draw.draws else 0, _BLOCK):
        here = splits[start : start + _BLOCK]
        for index in np.flatnonzero(here < 0).tolist():
            family = int(names[start + index])
            here[index] = draw_split(draw.seed, family, validation=draw.validation, test=draw.test)
    splits[splits < 0] = SPLITS.index("train")
    return splits[number].astype(np.uint8)


def _furthest(said: NDArray[np.int8], number: NDArray[np.intp], count: int) -> NDArray[np.int8]:
    """Return the furthest split that is said of a member of each family."""
    splits = np.full(count, NONE, np.int8)
    np.maximum.at(splits, number, said)
    return splits


def parent_splits(draw: Draw, context: Context) -> pa.Table | None:
    """Read ids and splits of the parent release."""
    if not draw.parent:
        return None
    path = context.work.find("parents", f"{draw.parent}.parquet")
    return pq.read_table(path, columns=["id", "split"])


def splits_of(ids: Any, parent: pa.Table) -> NDArray[np.int8]:
    """Look the splits of some ids up in the parent's table; `NONE` where it has not the id."""
    splits = np.array([SPLITS.index(split) for split in parent["split"].to_pylist()], np.int8)
    found = pc.index_in(ids, value_set=parent["id"]).to_numpy(zero_copy_only=False)
    known = ~np.isnan(found.astype(float))
    said = np.full(len(found), NONE, np.int8)
    said[known] = splits[found[known].astype(int)]
    return said
