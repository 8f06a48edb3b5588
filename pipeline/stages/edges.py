"""Edges: verified pairs of lines, what they say of the two, and how they are read without holding all."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from pipeline.dedup.verify import at_least
from pipeline.spill import map_array

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from pipeline.engine.task import Context

EDGES = "edges.bin"
EDGE = np.dtype([("a", "<i8"), ("b", "<i8"), ("inter", "<i8"), ("union", "<i8"), ("size_a", "<i8")])
"""A pair of lines, the shingles that they share and have together, and those of the first alone."""

_CHUNK = 1 << 20  # edges that are looked through at once


def map_edges(context: Context, verify: tuple[str, ...]) -> list[NDArray[np.void]]:
    """Map what finished verify tasks left."""
    return [map_array(context.folder("verify", task) / EDGES, EDGE) for task in verify]


def chunks(files: list[NDArray[np.void]]) -> Iterator[NDArray[np.void]]:
    """Yield all edges, in pieces."""
    for file in files:
        for start in range(0, len(file), _CHUNK):
            yield file[start : start + _CHUNK]


def size_b(edges: NDArray[np.void]) -> NDArray[np.int64]:
    """Return how many shingles the second of each pair has."""
    size: NDArray[np.int64] = edges["inter"] + edges["union"] - edges["size_a"]
    return size


def is_near(edges: NDArray[np.void], threshold: str) -> NDArray[np.bool_]:
    """Tell the edges whose similarity reaches the threshold, a decimal string."""
    return at_least(edges["inter"], edges["union"], Fraction(threshold))


def is_inside(
    edges: NDArray[np.void], rank: NDArray[np.int64], containment: str, *, least: int = 1
) -> NDArray[np.bool_]:
    """Tell the edges whose later document, of `least` shingles, is no longer than the earlier and inside it.

    None is where `containment`, a decimal string, is empty.
    """
    if not containment:
        return np.zeros(len(edges), np.bool_)
    a_later = rank[edges["a"]] > rank[edges["b"]]
    later = np.where(a_later, edges["size_a"], size_b(edges))
    earlier = np.where(a_later, size_b(edges), edges["size_a"])
    within = at_least(edges["inter"], later, Fraction(containment))
    return within & (later <= earlier) & (later >= least)
