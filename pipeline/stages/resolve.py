"""Resolve: who is removed, for whom, and which documents are one family.

First go copies of opted-out documents, then those of documents in earlier releases; among the rest
greedy keep-first walks each family in the survivor order. Edges are read again for every share of
the families, so that memory holds a share of them and some 20 bytes a document. Where files of forks
have left, an edge of theirs is one of the equal file that stands for the group now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from pipeline.dedup.anchors import AnchorSpec
from pipeline.dedup.repositories import move_ends
from pipeline.dedup.survivors import Families, keep_first
from pipeline.spill import EARLIER, GHOST, map_array, write_array
from pipeline.stages.candidates import REMOVED, RUN, RUNS
from pipeline.stages.edges import EDGE, chunks, is_inside, is_near, map_edges, size_b
from pipeline.stages.forks import HEIR, HEIRS
from pipeline.stages.order import ORDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from pipeline.engine.task import Context
    from pipeline.engine.work import Record

RESOLVED, FAMILIES = "near.bin", "families.bin"
FATE = np.dtype(
    [("line", "<i8"), ("survivor", "<i8"), ("inter", "<i8"), ("of", "<i8"), ("kind", "u1")]
)
"""A removed line, its survivor, and how near: `inter` shingles of `of` (the union, or the line's own)."""
FAMILY = np.dtype([("line", "<i8"), ("family", "<i8")])
"""A line that is in an edge, and the first line of its family."""
NEAR, CONTAINED, COPY = range(3)

_EDGES_SHARE = 10  # the edges of a share of the families, which are sorted, and some room


class ResolveSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The finished verify tasks, and the candidates tasks whose long runs may need another look.

    `copies` is the similarity from which a copy of an opted-out document goes; `remove` is off where
    near-duplicates stay and only their families are asked for. `family` is the similarity from which
    two documents are of one family, which may be less than the one from which one of them goes.
    """

    order: str
    verify: tuple[str, ...]
    candidates: tuple[tuple[str, str], ...]
    forks: str | None
    threshold: str
    family: str
    containment: str
    copies: str
    remove: bool
    memory: int


def resolve(spec: ResolveSpec, context: Context) -> Record:
    """Write who loses to whom and how similar they are, and the family of every line in an edge.

    The record names the candidates tasks with a struck line that stays.
    """
    lines = np.load(context.folder("order", spec.order) / ORDER)
    heirs = _heirs(spec, context)
    edges = _Edges(map_edges(context, spec.verify), heirs)
    fates = [_lose_to_standing(edges, lines, spec)]
    gone = np.zeros(len(lines), np.bool_)
    gone[fates[0]["line"]] = True
    families, member = _unite(edges, lines, spec)
    shares = 1 + edges.total() * EDGE.itemsize * _EDGES_SHARE // spec.memory
    for share in range(shares if spec.remove else 0):
        mine = [
            piece[(families[piece["a"]] % shares == share) & ~gone[piece["a"]] & ~gone[piece["b"]]]
            for piece in _living(edges.chunks(), lines, spec, spec.threshold)
        ]
        fates.append(_keep_first(np.concatenate([np.zeros(0, EDGE), *mine]), lines["rank"], spec))
    united = np.concatenate(fates)
    united = united[np.argsort(united["line"])]
    write_array(context.out / RESOLVED, united)
    write_array(context.out / FAMILIES, _families(families, member))
    gone[united["line"]] = True
    gone[heirs["line"]] = (heirs["heir"] < 0) | gone[heirs["heir"]]
    write_array(context.out / REMOVED, np.flatnonzero(gone))
    return {
        "forks": spec.forks,
        "edges": edges.total(),
        "removed": np.bincount(united["kind"], minlength=3).tolist(),
        "restless": [task[1] for task in spec.candidates if _restless(context, task, gone)],
    }


def _heirs(spec: ResolveSpec, context: Context) -> NDArray[np.void]:
    if spec.forks is None:
        return np.zeros(0, HEIR)
    heirs: NDArray[np.void] = np.load(context.folder("forks", spec.forks) / HEIRS)
    return heirs


class _Edges(NamedTuple):
    """The edges of all verify tasks, in files, and who stands for the lines that left."""

    files: list[NDArray[np.void]]
    heirs: NDArray[np.void]

    def total(self) -> int:
        """Count the edges."""
        return sum(map(len, self.files))

    def chunks(self) -> Iterator[NDArray[np.void]]:
        """Yield all edges, in pieces, between lines that are still there."""
        for piece, _ in self._moved():
            yield piece[(piece["a"] >= 0) & (piece["b"] >= 0)]

    def chunks_with_gone(self) -> Iterator[NDArray[np.void]]:
        """Yield all edges; a line that left without an heir stands for itself: it joins those that stay."""
        for piece, old in self._moved():
            for name in ("a", "b"):
                piece[name] = np.where(piece[name] < 0, old[name], piece[name])
            yield piece

    def _moved(self) -> Iterator[tuple[NDArray[np.void], NDArray[np.void]]]:
        for old in chunks(self.files):
            piece = np.array(old)
            for name in ("a", "b") if len(self.heirs) else ():
                piece[name] = move_ends(old[name], self.heirs["line"], self.heirs["heir"])
            yield piece, old


def _standing(lines: NDArray[np.void]) -> NDArray[np.bool_]:
    """Tell the lines that outlive any copy: opted out, or in an earlier release."""
    standing: NDArray[np.bool_] = (lines["flags"] & (GHOST | EARLIER)) != 0
    return standing


def _living(
    edges: Iterator[NDArray[np.void]], lines: NDArray[np.void], spec: ResolveSpec, threshold: str
) -> Iterator[NDArray[np.void]]:
    """Yield the edges between living documents that are near enough: `verify` keeps nearer and farther ones."""
    standing = _standing(lines)
    for piece in edges:
        mine = piece[~standing[piece["a"]] & ~standing[piece["b"]]]
        yield mine[is_near(mine, threshold) | _inside(mine, lines["rank"], spec)]


def _inside(
    edges: NDArray[np.void], rank: NDArray[np.int64], spec: ResolveSpec
) -> NDArray[np.bool_]:
    # a text that repeats itself has few distinct shingles, and would lie in anything
    return is_inside(edges, rank, spec.containment, least=AnchorSpec().least)


def _lose_to_standing(
    edges: _Edges, lines: NDArray[np.void], spec: ResolveSpec
) -> NDArray[np.void]:
    """Remove what resembles an opted-out document, else one of an earlier release; name the first in order."""
    standing = _standing(lines)
    found = [np.zeros(0, FATE)]
    for piece in edges.chunks():
        haunted = piece[standing[piece["a"]] != standing[piece["b"]]]
        first = standing[haunted["a"]]
        fate = np.zeros(len(haunted), FATE)
        fate["line"] = np.where(first, haunted["b"], haunted["a"])
        fate["survivor"] = np.where(first, haunted["a"], haunted["b"])
        ghost = (lines["flags"][fate["survivor"]] & GHOST) != 0
        copy, near = ghost & is_near(haunted, spec.copies), is_near(haunted, spec.threshold)
        inside = _inside(haunted, lines["rank"], spec)
        _measure(fate, haunted, near | copy)
        fate["kind"] = np.where(ghost, COPY, fate["kind"])
        found.append(fate[copy | ((inside | near) & ~ghost & spec.remove) | (inside & ghost)])
    fates = np.concatenate(found)
    fates = fates[np.lexsort([lines["rank"][fates["survivor"]], fates["line"]])]
    _, first = np.unique(fates["line"], return_index=True)
    return fates[first]


def _measure(fate: NDArray[np.void], edges: NDArray[np.void], near: NDArray[np.bool_]) -> None:
    """Write how near the removed lines are to their survivors: of the union, else of their own shingles."""
    own = np.where(edges["a"] == fate["line"], edges["size_a"], size_b(edges))
    fate["inter"], fate["of"] = edges["inter"], np.where(near, edges["union"], own)
    fate["kind"] = np.where(near, NEAR, CONTAINED)


def _unite(
    edges: _Edges, lines: NDArray[np.void], spec: ResolveSpec
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Label every line with the first line of its family, and tell which are in an edge."""
    families, member = Families(len(lines)), np.zeros(len(lines), np.bool_)
    for piece in _living(edges.chunks_with_gone(), lines, spec, spec.family):
        families.join(np.stack([piece["a"], piece["b"]], axis=1))
        member[piece["a"]] = member[piece["b"]] = True
    return families.labels(), member


def _families(families: NDArray[np.int64], member: NDArray[np.bool_]) -> NDArray[np.void]:
    """List the lines that are in an edge, with their families."""
    table = np.zeros(int(np.count_nonzero(member)), FAMILY)
    table["line"] = np.flatnonzero(member)
    table["family"] = families[table["line"]]
    return table


def _keep_first(
    edges: NDArray[np.void], rank: NDArray[np.int64], spec: ResolveSpec
) -> NDArray[np.void]:
    """Walk the survivor order once; who has a kept neighbour before it loses to the most similar one."""
    members = np.unique(np.concatenate([edges["a"], edges["b"]]))
    members = members[np.argsort(rank[members])]
    order = np.argsort(members)
    places = [order[np.searchsorted(members, edges[name], sorter=order)] for name in ("a", "b")]
    ranked = np.sort(np.stack(places, axis=1), axis=1)
    decision = keep_first(ranked, edges["inter"], edges["union"], len(members))
    lost = np.flatnonzero(~decision.kept)
    best = edges[decision.edge[lost]]
    fate = np.zeros(len(lost), FATE)
    fate["line"], fate["survivor"] = members[lost], members[decision.survivor[lost]]
    _measure(fate, best, is_near(best, spec.threshold))
    return fate


def _restless(context: Context, task: tuple[str, str], gone: NDArray[np.bool_]) -> bool:
    """Tell whether a line stays that was struck in a long run."""
    members = map_array(context.folder(*task) / RUNS, RUN)
    return bool(np.any((members["struck"] == 1) & ~gone[members["line"]]))
