"""Similarity: exact Jaccard of the candidates, from shingle sets made anew of their texts alone.

    shingles    one part                   -> shingle sets of its documents in pairs
    verify      one slice of the pairs     -> edges: pairs near enough, or one inside the other

No text outlives its task, and memory is bounded by the setting.
"""

from __future__ import annotations

import hashlib
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from pipeline.dedup.shingles import shingle_sets
from pipeline.dedup.spec import SignatureSpec
from pipeline.dedup.verify import at_least, jaccard
from pipeline.spill import map_array, write_array
from pipeline.stages.candidates import MEMBERS, read_pairs
from pipeline.stages.edges import EDGE, EDGES
from pipeline.stages.part import PartRef, concatenate, read_ghosts, read_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from pipeline.engine.task import Context
    from pipeline.engine.work import Files, Record

SETS, PLACES = "sets.bin", "places.bin"
PLACE = np.dtype([("line", "<i8"), ("start", "<i8"), ("size", "<i8")])
"""Where in `sets.bin` a line's set lies, in elements; sorted by line."""

_BYTES = 8  # of a shingle hash
_SETS_SHARE = 4  # the sets of a batch may fill this part of the memory


class ShinglesSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One part, and the number of its first line."""

    part: PartRef
    base: int
    pairs: str
    signature: SignatureSpec


class ShinglesIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """What the sets depend on: the spec, but of the pairs only which documents of the part they name."""

    part: PartRef
    base: int
    members: str
    signature: SignatureSpec


def identities(specs: Sequence[ShinglesSpec], pairs: Files) -> list[ShinglesIdentity]:
    """Name tasks over one set of pairs, whose folder is given, by the documents that each will read."""
    members = map_array(pairs / MEMBERS, np.int64)
    return [
        ShinglesIdentity(
            part=spec.part,
            base=spec.base,
            members=hashlib.sha256(_mine(members, spec).tobytes()).hexdigest(),
            signature=spec.signature,
        )
        for spec in specs
    ]


def _mine(members: NDArray[np.int64], spec: ShinglesSpec) -> NDArray[np.int64]:
    """Pick the lines of the spec's part."""
    first, last = np.searchsorted(members, [spec.base, spec.base + spec.part.rows])
    return members[first:last]


def shingles(spec: ShinglesSpec, context: Context) -> Record:
    """Write the shingle sets of this part's documents that are in a pair, a frame of texts at a time."""
    members = map_array(context.folder("pairs", spec.pairs) / MEMBERS, np.int64)
    places, start = [np.zeros(0, PLACE)], 0
    with (context.out / SETS).open("wb") as file:
        for lines, flat, offsets in _sets(spec, context, _mine(members, spec) - spec.base):
            file.write(np.ascontiguousarray(flat, "<u8").data)
            here = np.zeros(len(lines), PLACE)
            here["line"], here["size"] = lines, np.diff(offsets)
            here["start"] = start + offsets[:-1]
            places.append(here)
            start += len(flat)
    table = np.concatenate(places)
    write_array(context.out / PLACES, table[np.argsort(table["line"])])
    return {"documents": len(table)}


_Sets = tuple[list[int], "NDArray[np.uint64]", "NDArray[np.int64]"]


def _sets(spec: ShinglesSpec, context: Context, rows: NDArray[np.int64]) -> Iterator[_Sets]:
    """Yield (lines, sets, offsets): those of opted-out documents as they were saved, the others block by block."""
    ghosts = read_ghosts(spec.part.folder(context))
    saved = [row for row in rows.tolist() if row in ghosts] if ghosts else []
    yield [spec.base + row for row in saved], *concatenate([ghosts[row] for row in saved])
    for found, texts in read_texts(spec.part, context, rows):
        yield [spec.base + row for row in found], *shingle_sets(texts, spec.signature)


class VerifySpec(msgspec.Struct, frozen=True, kw_only=True):
    """A slice of the pairs, the finished shingles tasks, and what makes an edge, as decimal strings.

    `containment` is empty where one document inside another is nothing to note.
    """

    pairs: str
    shingles: tuple[str, ...]
    first: int
    end: int
    threshold: str
    containment: str
    memory: int


def verify(spec: VerifySpec, context: Context) -> Record:
    """Write the edges of the slice; all is compared in integers."""
    pairs = read_pairs(context.folder("pairs", spec.pairs))[spec.first : spec.end]
    sets = Library.of([context.folder("shingles", task) for task in spec.shingles])
    count = 0
    with (context.out / EDGES).open("wb") as file:
        for batch in _batches(pairs, sets, spec.memory):
            edges = _edges(batch, sets, spec)
            count += len(edges)
            file.write(edges.data)
    return {"compared": len(pairs), "edges": count}


def _edges(pairs: NDArray[np.int64], sets: Library, spec: VerifySpec) -> NDArray[np.void]:
    members, inverse = np.unique(pairs, return_inverse=True)
    flat, offsets = sets.load(members)
    a, b = inverse.reshape(pairs.shape).astype(np.int64).T.copy()
    inter, union = jaccard(flat, offsets, a, b)
    sizes = np.diff(offsets)
    close = at_least(inter, union, Fraction(spec.threshold))
    if spec.containment:
        close |= at_least(inter, np.minimum(sizes[a], sizes[b]), Fraction(spec.containment))
    edges = np.zeros(int(close.sum()), EDGE)
    columns = (*pairs.T, inter, union, sizes[a])
    for name, column in zip(EDGE.names or (), columns, strict=True):
        edges[name] = column[close]
    return edges


_Found = tuple["Path", "NDArray[np.intp]", "NDArray[np.void]"]


class Library(NamedTuple):
    """The shingle sets of all parts, on disk: a table of places for each shingles task, and the file of sets.

    Sets are read, not mapped: pages of a map would stay, and count as this process's memory.
    """

    places: list[NDArray[np.void]]
    paths: list[Path]

    @classmethod
    def of(cls, folders: Sequence[Files]) -> Library:
        """Open what finished shingles tasks left."""
        places = [map_array(folder / PLACES, PLACE) for folder in folders]
        return cls(places, [folder / SETS for folder in folders])

    def sizes(self, members: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how many shingles each of the sorted `members` has."""
        sizes = np.zeros(len(members), np.int64)
        for _, at, places in self._find(members):
            sizes[at] = places["size"]
        return sizes

    def load(self, members: NDArray[np.int64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """Lay the sets of the sorted `members` end to end."""
        offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(self.sizes(members))])
        flat = np.empty(offsets[-1], np.uint64)
        for path, at, places in self._find(members):
            order = np.argsort(places["start"])
            starts = (places["start"][order] * _BYTES).tolist()
            with path.open("rb", buffering=0) as file:
                for number, start in zip(at[order].tolist(), starts, strict=True):
                    file.seek(start)
                    file.readinto(flat[offsets[number] : offsets[number + 1]].data)
        return flat, offsets

    def sizes_of(self, members: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how many shingles each of some members has, in their order."""
        order = np.argsort(members)
        sizes = np.empty(len(members), np.int64)
        sizes[order] = self.sizes(members[order])
        return sizes

    def load_in_order(
        self, members: NDArray[np.int64]
    ) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """Lay the sets of some members end to end, in their order."""
        order = np.argsort(members)
        flat, offsets = self.load(members[order])
        place = np.argsort(order)
        sets = [flat[offsets[each] : offsets[each + 1]] for each in place.tolist()]
        return concatenate(sets)

    def _find(self, members: NDArray[np.int64]) -> Iterator[_Found]:
        """Yield, for each shingles task, the file of its sets, which members it has, and their places."""
        bounds = (members[0], members[-1] + 1) if len(members) else (0, 0)
        for places, path in zip(self.places, self.paths, strict=True):
            low, high = np.searchsorted(places["line"], bounds)
            here = places[low:high]
            _, at, found = np.intersect1d(
                members, here["line"], assume_unique=True, return_indices=True
            )
            yield path, at, here[found]


def _batches(pairs: NDArray[np.int64], sets: Library, memory: int) -> Iterator[NDArray[np.int64]]:
    """Cut the pairs so that the sets of a batch fit, counting a set for every pair that it is in."""
    members, inverse = np.unique(pairs, return_inverse=True)
    load = sets.sizes(members)[inverse.reshape(pairs.shape)].sum(axis=1)
    number = np.cumsum(load) * _BYTES * _SETS_SHARE // memory
    cuts = np.flatnonzero(number[1:] != number[:-1]) + 1
    return iter(np.split(pairs, cuts) if len(pairs) else [])
