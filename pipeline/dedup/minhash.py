"""Signatures: the minima of a document's shingles under fixed permutations, and their band keys.

The scheme is datasketch 2's "affine32" (Zhu and others; min-wise hashing after Broder 1997): the
top 32 bits of a shingle hash go through the 32-bit finaliser of MurmurHash3, and each permutation
is `factor * x + summand` modulo 2^32 with an odd factor. A row of minima therefore opens as
`datasketch.MinHash(hashvalues=row, scheme="affine32", seed=spec.seed)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from filters.jit import frozen, kernel
from pipeline.dedup.mixing import mixed
from pipeline.dedup.shingles import Shingles, shingle_runs
from pipeline.dedup.spec import SignatureSpec, permutations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pipeline.dedup.shingles import ShingleSets

__all__ = ["EMPTY", "SignatureSpec", "Signatures", "band_keys", "sign", "sign_sets"]

_HALF: Final = np.uint64(32)
_FIRST: Final = np.uint32(0x85EBCA6B)
_SECOND: Final = np.uint32(0xC2B2AE35)
_GROUP: Final = 8  # shingles that share one load and store of each minimum
_TILE: Final = 1024
_GAMMA: Final = np.uint64(0x9E3779B97F4A7C15)
_ROW: Final = np.uint64(0x94D049BB133111EB)
EMPTY: Final = np.uint32(0xFFFFFFFF)
"""Every minimum of a document without shingles."""


class Signatures(NamedTuple):
    """`minima` uint32[n, K]; `shingles` int64[n], the number of shingles, repeats included."""

    minima: npt.NDArray[np.uint32]
    shingles: npt.NDArray[np.int64]


@kernel
def _premix(hashes: Any, mixed_: Any) -> Any:
    """Write the 32-bit inputs of the permutations, padded to whole groups; return how many.

    Padding repeats the last input, which changes no minimum.
    """
    count = hashes.size
    for index in range(count):
        value = np.uint32(hashes[index] >> _HALF)
        value = np.uint32((value ^ (value >> np.uint32(16))) * _FIRST)
        value = np.uint32((value ^ (value >> np.uint32(13))) * _SECOND)
        mixed_[index] = np.uint32(value ^ (value >> np.uint32(16)))
    while count % _GROUP:
        mixed_[count] = mixed_[count - 1]
        count += 1
    return count


@kernel
def _least(inputs: Any, at: Any, factors: Any, summands: Any, row: Any) -> None:
    """Lower the minima of `row` by the eight inputs from `at`; all arithmetic is uint32."""
    x0, x1, x2, x3 = inputs[at], inputs[at + 1], inputs[at + 2], inputs[at + 3]
    x4, x5, x6, x7 = inputs[at + 4], inputs[at + 5], inputs[at + 6], inputs[at + 7]
    for index in range(row.size):
        factor, summand = factors[index], summands[index]
        a = min(np.uint32(factor * x0 + summand), np.uint32(factor * x1 + summand))
        b = min(np.uint32(factor * x2 + summand), np.uint32(factor * x3 + summand))
        c = min(np.uint32(factor * x4 + summand), np.uint32(factor * x5 + summand))
        d = min(np.uint32(factor * x6 + summand), np.uint32(factor * x7 + summand))
        a, c = min(a, b), min(c, d)  # a tree, not a chain: the comparisons overlap
        least = min(a, c)
        row[index] = min(row[index], least)


@kernel
def _minimise(
    hashes: Any, starts: Any, stops: Any, factors: Any, summands: Any, scratch: Any, minima: Any
) -> None:
    """Lower each document's minima by its shingles."""
    for document in range(starts.size):
        row = minima[document]
        for start in range(starts[document], stops[document], _TILE):
            count = _premix(hashes[start : min(start + _TILE, stops[document])], scratch)
            for at in range(0, count, _GROUP):
                _least(scratch, at, factors, summands, row)


def sign(
    texts: Sequence[str], spec: SignatureSpec, watch: Callable[[Shingles], None] | None = None
) -> Signatures:
    """Sign documents; a row depends on its text and `spec` alone, never on its neighbours.

    `watch` is shown the shingles as they come by.
    """
    return _sign(shingle_runs(texts, spec.shingle), len(texts), spec, watch)


def sign_sets(
    sets: ShingleSets, spec: SignatureSpec, watch: Callable[[Shingles], None] | None = None
) -> Signatures:
    """Sign documents that are known by their distinct shingles alone; the minima are those of their texts."""
    run = Shingles(sets.flat, 0, sets.offsets[:-1], sets.offsets[1:])
    return _sign((run,), len(run.starts), spec, watch)


def _sign(
    runs: Iterable[Shingles],
    count: int,
    spec: SignatureSpec,
    watch: Callable[[Shingles], None] | None,
) -> Signatures:
    minima = np.full((count, spec.minima), EMPTY)
    counts = np.zeros(count, np.int64)
    factors, summands = permutations(spec.minima, spec.seed)
    factors, summands = frozen(factors, np.uint32), frozen(summands, np.uint32)
    scratch = np.empty(_TILE, np.uint32)
    for run in runs:
        if watch is not None:
            watch(run)
        here = slice(run.first, run.first + run.starts.size)
        counts[here] += run.stops - run.starts
        hashes, starts = frozen(run.hashes, np.uint64), frozen(run.starts, np.int64)
        stops = frozen(run.stops, np.int64)
        _minimise(hashes, starts, stops, factors, summands, scratch, minima[here])
    return Signatures(minima, counts)


def band_keys(minima: npt.NDArray[np.uint32], spec: SignatureSpec) -> npt.NDArray[np.uint64]:
    """Return uint64[n, bands]: equal keys of a band mean `rows` equal minima (or an accident).

    Each band has its own seed, so keys of different bands may lie in one array. Leave documents
    without shingles out: all of them share all their keys.
    """
    order = np.uint64(spec.seed << 32) + np.arange(1, spec.bands + 1, dtype=np.uint64)
    keys = np.broadcast_to(mixed(order * _GAMMA), (len(minima), spec.bands))
    used = minima[:, : spec.bands * spec.rows].reshape(len(minima), spec.bands, spec.rows)
    for index in range(spec.rows):
        keys = (keys ^ used[:, :, index]) * _ROW
        keys = keys ^ (keys >> _HALF)
    return mixed(keys)
