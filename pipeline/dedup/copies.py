"""Copies: how many shingles a text shares with each of some others, for all of these at once and exactly."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from pipeline.dedup.shingles import ShingleSets, shingle_sets
from pipeline.dedup.spec import SignatureSpec
from pipeline.dedup.verify import at_least

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

COPY_THRESHOLD: Final = "0.8"
"""The similarity from which a near copy of an opted-out text goes, and two documents are of one family."""


class Sought(NamedTuple):
    """The shingles of the texts whose copies are sought.

    `keys` uint64[k] are sorted, `owners` int64[k] say whose each is, `sizes` int64[n] how many a text has.
    """

    keys: NDArray[np.uint64]
    owners: NDArray[np.int64]
    sizes: NDArray[np.int64]


def seek_shingles(texts: Iterable[bytes]) -> Sought:
    """Look up texts that are known by their sorted shingles alone, uint64 in little-endian order."""
    sets = [np.zeros(0, np.uint64), *(np.frombuffer(each, "<u8") for each in texts)]
    sizes = np.array([len(each) for each in sets[1:]], np.int64)
    return seek(ShingleSets(np.concatenate(sets), np.concatenate([[0], np.cumsum(sizes)])))


def resembled(sought: Sought, text: str) -> list[int]:
    """Return the numbers of the texts of which a text is a near copy."""
    mine = shingle_sets([text], SignatureSpec()).flat
    common = shared(sought, mine)
    union = sought.sizes + len(mine) - common
    near: list[int] = np.flatnonzero(at_least(common, union, Fraction(COPY_THRESHOLD))).tolist()
    return near


def seek(sets: ShingleSets) -> Sought:
    """Look up by shingle what sets hold by text."""
    sizes = np.diff(sets.offsets)
    owners = np.repeat(np.arange(len(sizes), dtype=np.int64), sizes)
    order = np.argsort(sets.flat, kind="stable")
    return Sought(sets.flat[order], owners[order], sizes)


def shared(sought: Sought, shingles: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Count the shingles that a set has in common with each text, int64[n]."""
    first = np.searchsorted(sought.keys, shingles, "left")
    counts = np.searchsorted(sought.keys, shingles, "right") - first
    total = int(counts.sum())
    if total == 0:
        return np.zeros(len(sought.sizes), np.int64)
    before = np.cumsum(counts) - counts
    places = np.repeat(first - before, counts) + np.arange(total)
    return np.bincount(sought.owners[places], minlength=len(sought.sizes)).astype(np.int64)
