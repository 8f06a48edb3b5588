"""Shingles: the hashes of every few consecutive tokens, and a document's sorted set of them.

The hash of tokens w0, w1, … is mix64(n * LENGTH + sum of (wj ^ wj >> 32) * multiplier j): each
place is hashed from its tokens alone, never rolled on from the place before, so that places are
computed side by side. A document with fewer tokens than a shingle has one shingle of all of them,
and n keeps it apart from longer ones; a document without tokens has none.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from filters.jit import frozen, kernel
from pipeline.dedup.mixing import mix64, mixed
from pipeline.dedup.tokens import token_runs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.dedup.spec import SignatureSpec

_LENGTH: Final = np.uint64(0xD6E8FEB86659FD93)
_GAMMA: Final = np.uint64(0x9E3779B97F4A7C15)
_HALF: Final = np.uint64(32)
_TILE: Final = 512  # places whose sums stay in the first-level cache


class Shingles(NamedTuple):
    """Shingle hashes (uint64) of consecutive documents, valid until the next are asked for.

    Those of document `first + i` are `hashes[starts[i] : stops[i]]`. A long document may come in
    several parts, one after the other.
    """

    hashes: npt.NDArray[np.uint64]
    first: int
    starts: npt.NDArray[np.int64]
    stops: npt.NDArray[np.int64]


class ShingleSets(NamedTuple):
    """Sorted distinct shingle hashes: document i has `flat[offsets[i] : offsets[i + 1]]`."""

    flat: npt.NDArray[np.uint64]
    offsets: npt.NDArray[np.int64]


@cache
def _multipliers(size: int) -> npt.NDArray[np.uint64]:
    """Return one odd multiplier for each token of a shingle: the head of a splitmix64 stream."""
    counter = np.arange(1, size + 1, dtype=np.uint64) * _GAMMA
    return frozen(mixed(counter) | np.uint64(1), np.uint64)


@kernel
def _hash_places(words: Any, multipliers: Any, hashes: Any) -> None:
    """Write the shingle hash of every place of `words` that has enough tokens after it."""
    size, places = multipliers.size, words.size - multipliers.size + 1
    base = np.uint64(size) * _LENGTH
    for tile in range(0, places, _TILE):
        sums = hashes[tile : min(tile + _TILE, places)]
        for place in range(sums.size):
            sums[place] = base
        for index in range(size):
            multiplier, shifted = multipliers[index], words[tile + index :]
            for place in range(sums.size):
                word = shifted[place]
                sums[place] += (word ^ (word >> _HALF)) * multiplier
        for place in range(sums.size):
            sums[place] = mix64(sums[place])


@kernel
def _bound(
    words: Any, multipliers: Any, hashes: Any, ends: Any,
    starts: Any, stops: Any, begun: Any, open_end: Any,
) -> None:  # fmt: skip
    """Write where each document's shingles lie, and the one shingle of each short document.

    `begun`: the first document gave shingles before; `open_end`: the last one goes on. Neither is
    short, however few of its tokens are here.
    """
    size, start = multipliers.size, np.int64(0)
    for document in range(ends.size):
        tokens = ends[document] - start
        starts[document] = start
        stops[document] = start + max(tokens - size + 1, np.int64(0))
        whole = not (document == 0 and begun) and not (document == ends.size - 1 and open_end)
        if whole and 0 < tokens < size:
            total = np.uint64(tokens) * _LENGTH
            for index in range(tokens):
                word = words[start + index]
                total += (word ^ (word >> _HALF)) * multipliers[index]
            hashes[start] = mix64(total)
            stops[document] = start + 1
        start = ends[document]


def shingle_runs(texts: Sequence[str], size: int, **bounds: int) -> Iterator[Shingles]:
    """Hash the shingles of `size` tokens, document by document, in bounded memory."""
    multipliers = _multipliers(size)
    begun, scratch = False, np.empty(0, np.uint64)
    for run in token_runs(texts, size - 1, **bounds):
        if scratch.size < run.words.size:
            scratch = np.empty(run.words.size, np.uint64)
        hashes = scratch[: run.words.size]
        words, ends = frozen(run.words, np.uint64), frozen(run.ends, np.int64)
        starts, stops = np.empty(ends.size, np.int64), np.empty(ends.size, np.int64)
        begun = begun and run.continued
        _hash_places(words, multipliers, hashes)
        _bound(words, multipliers, hashes, ends, starts, stops, begun, run.unfinished)
        yield Shingles(hashes, run.first, starts, stops)
        begun = bool(stops[-1] > starts[-1]) or (begun and ends.size == 1)


def shingle_sets(texts: Sequence[str], spec: SignatureSpec) -> ShingleSets:
    """Return each document's distinct shingle hashes, sorted, for exact comparison."""
    parts: list[list[npt.NDArray[np.uint64]]] = [[] for _ in texts]
    for run in shingle_runs(texts, spec.shingle):
        for index, (start, stop) in enumerate(zip(run.starts, run.stops, strict=True), run.first):
            _add(parts[index], _distinct(run.hashes[start:stop].copy()))
    sets = [some[0] if len(some) == 1 else _distinct(np.concatenate(some)) for some in parts]
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([one.size for one in sets], out=offsets[1:])
    return ShingleSets(np.concatenate([np.empty(0, np.uint64), *sets]), offsets)


def _add(parts: list[npt.NDArray[np.uint64]], found: npt.NDArray[np.uint64]) -> None:
    """Add one part of a long document; parts of like size are joined, so none is sorted often."""
    while parts and parts[-1].size <= found.size:
        found = _distinct(np.concatenate([parts.pop(), found]))
    parts.append(found)


def _distinct(hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Sort in place and leave the repeats out."""
    hashes.sort()
    new = np.ones(hashes.size, np.bool_)
    np.not_equal(hashes[1:], hashes[:-1], out=new[1:])
    return hashes[new]
