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


class Near(NamedTuple):
    """A text that a set is nearly the same as, by its number: `shared` of `of` shingles."""

    text: int
    shared: int
    of: int


def resembled(sought: Sought, text: str) -> list[Near]:
    """Return the texts of which a text is a near copy."""
    return near_ones(sought, shingle_sets([text], SignatureSpec()).flat, COPY_THRESHOLD)


def near_ones(sought: Sought, shingles: NDArray[np.uint64], threshold: str) -> list[Near]:
    """Return the texts that a set of distinct shingles is as similar to as `threshold` asks, or more."""
    common = shared(sought, shingles)
    union = sought.sizes + len(shingles) - common
    close = np.flatnonzero(at_least(common, union, Fraction(threshold))).tolist()
    return [Near(at, int(common[at]), int(union[at])) for at in close]


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
