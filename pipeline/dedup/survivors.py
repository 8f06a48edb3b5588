"""Who stays: greedy keep-first over verified pairs, and the families that pairs connect.

Documents are numbered by rank, 0 first in the survivor order. Walking in that order, a document is
removed if and only if one before it, still kept, is its near-duplicate: the kept ones are the
lexicographically first maximal independent set of the pairs, whatever order they came in, and
nothing is removed through a chain.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from filters.jit import frozen, kernel


class Decision(NamedTuple):
    """`kept` bool[n]; `survivor` int64[n] and the number of the pair, `edge` int64[n], -1 for the kept.

    A removed document's survivor is, of its kept near-duplicates that rank before it, the most
    similar (of equals the first in rank).
    """

    kept: npt.NDArray[np.bool_]
    survivor: npt.NDArray[np.int64]
    edge: npt.NDArray[np.int64]


@kernel
def _walk(edges: Any, order: Any, common: Any, union: Any, kept: Any, best: Any) -> None:
    """Decide in rank order; pairs come sorted by (later, earlier).

    All pairs that could remove `earlier` lie before the first that has it as a keeper, so its fate
    is final when it is read. Similarities are compared crosswise, without division.
    """
    for index in range(order.size):
        edge = order[index]
        earlier, later = edges[edge, 0], edges[edge, 1]
        if kept[earlier]:
            kept[later] = False
            held = best[later]
            if held < 0 or common[edge] * union[held] > common[held] * union[edge]:
                best[later] = edge


@kernel
def _root(parents: Any, node: Any) -> Any:
    while parents[node] != node:
        parents[node] = parents[parents[node]]
        node = parents[node]
    return node


@kernel
def _unite(edges: Any, parents: Any) -> None:
    """Join by edges, the smaller number as the root."""
    for edge in range(edges.shape[0]):
        a, b = _root(parents, edges[edge, 0]), _root(parents, edges[edge, 1])
        parents[max(a, b)] = min(a, b)


@kernel
def _flatten(parents: Any) -> None:
    """Point every number at its root; parents are smaller than their children."""
    for node in range(parents.size):
        parents[node] = parents[parents[node]]


def keep_first(
    edges: npt.NDArray[np.int64],
    intersection: npt.NDArray[np.int64],
    union: npt.NDArray[np.int64],
    n: int,
) -> Decision:
    """Decide over int64[e, 2] verified pairs (earlier rank, later rank) of `n` documents.

    Raises ValueError when a pair is not in rank order.
    """
    if np.any(edges[:, 0] >= edges[:, 1]):
        raise ValueError("keep_first: a pair is not (earlier rank, later rank)")
    # Similarity is part of the order so that a repeated pair settles alike wherever it stands.
    order = np.lexsort((union, intersection, edges[:, 0], edges[:, 1]))
    kept, best = np.ones(n, np.bool_), np.full(n, -1)
    _walk(
        frozen(edges, np.int64), frozen(order, np.int64),
        frozen(intersection, np.int64), frozen(union, np.int64), kept, best,
    )  # fmt: skip
    survivor = np.full(n, -1)
    survivor[~kept] = edges[best[~kept], 0]
    return Decision(kept, survivor, best)


class Families:
    """The connected components of `n` documents; pairs come in any order and in any number of blocks."""

    def __init__(self, n: int) -> None:
        self._parents = np.arange(n, dtype=np.int64)

    def join(self, edges: npt.NDArray[np.int64]) -> None:
        """Take a block of pairs, int64[e, 2]."""
        _unite(frozen(edges, np.int64), self._parents)

    def labels(self) -> npt.NDArray[np.int64]:
        """Label each document with the smallest number in its component."""
        _flatten(self._parents)
        return self._parents
