"""Copies: how many shingles a text shares with each of some others, for all of these at once and exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.dedup.shingles import ShingleSets

COPY_THRESHOLD: Final = "0.8"
"""The similarity from which a near copy of an opted-out text goes, and two documents are of one family."""


class Sought(NamedTuple):
    """The shingles of the texts whose copies are sought.

    `keys` uint64[k] are sorted, `owners` int64[k] say whose each is, `sizes` int64[n] how many a text has.
    """

    keys: NDArray[np.uint64]
    owners: NDArray[np.int64]
    sizes: NDArray[np.int64]


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
