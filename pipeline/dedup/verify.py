"""Which candidates are near-duplicates: exact Jaccard similarity of their shingle sets.

The threshold is a fraction and every comparison is made in integers: similarities are ratios of
small integers that often equal the threshold, and a rounded one would lose those pairs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from filters.jit import frozen, kernel

if TYPE_CHECKING:
    from fractions import Fraction

_INT64: Final = (1 << 63) - 1


class Overlap(NamedTuple):
    """Sizes of intersection and union, int64[p] each; the similarity of a pair is their ratio."""

    intersection: npt.NDArray[np.int64]
    union: npt.NDArray[np.int64]


@kernel
def _intersections(flat: Any, offsets: Any, first: Any, second: Any, counts: Any) -> None:
    """Count the common elements of sorted sets by a merge without branches on the values."""
    for pair in range(counts.size):
        i, i_end = offsets[first[pair]], offsets[first[pair] + 1]
        j, j_end = offsets[second[pair]], offsets[second[pair] + 1]
        common = np.int64(0)
        while i < i_end and j < j_end:
            a, b = flat[i], flat[j]
            common += np.int64(a == b)
            i += np.int64(a <= b)
            j += np.int64(b <= a)
        counts[pair] = common


def jaccard(
    flat: npt.NDArray[np.uint64],
    offsets: npt.NDArray[np.int64],
    a: npt.NDArray[np.int64],
    b: npt.NDArray[np.int64],
) -> Overlap:
    """Intersect the sets numbered `a` and `b`, pair by pair; sets are stored as in ShingleSets."""
    common = np.empty(len(a), np.int64)
    first, second = frozen(a, np.int64), frozen(b, np.int64)
    _intersections(frozen(flat, np.uint64), frozen(offsets, np.int64), first, second, common)
    sizes = np.diff(offsets)
    return Overlap(common, sizes[a] + sizes[b] - common)


def at_least(
    intersection: npt.NDArray[np.int64], union: npt.NDArray[np.int64], threshold: Fraction
) -> npt.NDArray[np.bool_]:
    """Tell which similarities reach the threshold; of two empty sets there is none."""
    p, q = threshold.numerator, threshold.denominator
    if max(p, q) * int(union.max(initial=0)) <= _INT64:
        reached = q * intersection >= p * union
    else:
        ours, theirs = intersection.astype(object), union.astype(object)
        reached = (q * ours >= p * theirs).astype(np.bool_)
    return reached & (union > 0)
