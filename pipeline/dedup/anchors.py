"""Anchors: a sample of each document's shingles, by value, that shows in which longer ones it may sit.

A shingle is an anchor when its re-mixed hash is below a cutoff (FracMinHash: Irber and others 2022,
"Lightweight compositional analysis of metagenomes with FracMinHash and minimum metagenome covers").
Documents that share a shingle therefore share the anchor, wherever in them it stands, which a few
minima of a long document do not give. The least anchors of a document are its probes: an unbiased
sample (bottom-k), with which it asks who holds it. All of its anchors answer. So a pair costs at
most `probes` meetings, however long the two are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from filters.jit import frozen, kernel
from pipeline.dedup.candidates import least_agreement
from pipeline.dedup.mixing import mix64
from pipeline.errors import ConfigError, at

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from pipeline.dedup.shingles import Shingles

_SALT: Final = np.uint64(0x8C3A5D1E96F7B24B)  # no other hash of a shingle is made like this
_HALF: Final = np.uint64(32)
PROBE: Final = np.uint64(1)
"""The bit of a key that tells a probe."""
_HASHES: Final = 1 << 64
_MOST_PROBES: Final = 255  # so that one byte counts them


class AnchorSpec(msgspec.Struct, frozen=True):
    """How documents are sampled: one shingle in `one_in`; `probes` of a document at most.

    A document of fewer than `least` shingles (repeats counted) has no anchors: it is sought in no
    other. Of n distinct shingles, a share of c in the other, none is a common anchor with
    probability (1 - 1 / one_in) ** (c n): 0.8 % for 40 and 0.37 % for 46 (50 words) at 1 in 8 and
    0.9, but 13 % for 16. Where the rest of a document is in so many others that few answer for it,
    its own part of a share of 1 - c or more has no probe with probability c ** probes: 0.6 %.
    Raises ConfigError for values that make no sample.
    """

    one_in: int = 8
    least: int = 40
    probes: int = 48

    def __post_init__(self) -> None:
        if self.one_in < 1 or self.least < 1 or not 1 <= self.probes <= _MOST_PROBES:
            problem = f"anchors need one_in and least from 1, probes from 1 to {_MOST_PROBES}"
            raise ConfigError(at("near", "containment", problem))


class Sample(NamedTuple):
    """Hashes below the cutoff of a run of documents, repeats included; `counts[i]` of `first + i`."""

    hashes: npt.NDArray[np.uint64]
    first: int
    counts: npt.NDArray[np.int64]


class Anchors(NamedTuple):
    """`keys` uint64[p] and the `documents` int64[p] that hold them; `counts` uint32[n] a document.

    The lowest bit of a key tells a probe; the others name the anchor, their upper bits evenly
    spread. Keys of one document are distinct but for that bit; they come document by document.
    """

    keys: npt.NDArray[np.uint64]
    documents: npt.NDArray[np.int64]
    counts: npt.NDArray[np.uint32]


@kernel
def _select(
    hashes: Any, starts: Any, stops: Any, salt: Any, cutoff: Any, found: Any, counts: Any
) -> Any:
    """Write the re-mixed hashes up to the cutoff, without branches on them; return how many."""
    fill = np.int64(0)
    for document in range(starts.size):
        begin = fill
        for index in range(starts[document], stops[document]):
            value = mix64(hashes[index] ^ salt)
            found[fill] = value
            fill += np.int64(value <= cutoff)
        counts[document] = fill - begin
    return fill


def sample(run: Shingles, spec: AnchorSpec) -> Sample:
    """Take the anchors of one run of shingles, while it is valid."""
    found, counts = np.empty(run.hashes.size + 1, np.uint64), np.empty(run.starts.size, np.int64)
    cutoff = np.uint64(_HASHES // spec.one_in - 1)
    starts, stops = frozen(run.starts, np.int64), frozen(run.stops, np.int64)
    hashes = frozen(run.hashes, np.uint64)
    size = _select(hashes, starts, stops, _SALT, cutoff, found, counts)
    return Sample(found[:size].copy(), run.first, counts)


def anchors(
    samples: Sequence[Sample], shingles: npt.NDArray[np.int64], spec: AnchorSpec
) -> Anchors:
    """Make the anchors of a block of documents out of all its samples, in their order.

    `shingles` int64[n]: how many each document has, repeats included, as in `Signatures`.
    """
    counts = np.zeros(len(shingles), np.int64)
    for one in samples:
        counts[one.first : one.first + one.counts.size] += one.counts
    hashes = np.concatenate([np.empty(0, np.uint64), *(one.hashes for one in samples)])
    ends = np.cumsum(counts)
    counts[shingles < spec.least] = 0
    sets = [np.empty(0, np.uint64)]
    for document in np.flatnonzero(counts).tolist():
        end = ends[document]
        keys = _keys(hashes[end - counts[document] : end], spec.probes)
        counts[document] = keys.size
        sets.append(keys)
    documents = np.repeat(np.arange(len(counts)), counts)
    return Anchors(np.concatenate(sets), documents, counts.astype(np.uint32))


def _keys(hashes: npt.NDArray[np.uint64], probes: int) -> npt.NDArray[np.uint64]:
    """Sort one document's hashes in place; leave repeats out; mark the least as probes.

    The halves of a hash change places: the upper bits of an anchor's hash are the cutoff's, and
    those of a probe's smaller still, but the upper bits of a key say who reads it.
    """
    hashes.sort()
    new = np.ones(hashes.size, np.bool_)
    np.not_equal(hashes[1:], hashes[:-1], out=new[1:])
    hashes = hashes[new]
    keys = (hashes << _HALF | hashes >> _HALF) & ~PROBE
    keys[:probes] |= PROBE
    return keys


def least_shared(spec: AnchorSpec, containment: Fraction) -> npt.NDArray[np.int64]:
    """Return how many of 0, 1, … `probes` probes a holder must share: n (c - 4 sigma), at least 1.

    Fewer than 1 in 10,000 documents contained at exactly c share fewer of n: probes are drawn
    without replacement, so their number varies a little less than `least_agreement` allows for.
    """
    shares = [least_agreement(count, containment) for count in range(spec.probes + 1)]
    return np.array([max(1, share) for share in shares])


def least_size(counts: npt.NDArray[np.int64], containment: Fraction) -> npt.NDArray[np.int64]:
    """Return how many anchors a holder has at least, for documents with `counts` of them.

    The bound of `least_shared`, on all anchors: those that both have are anchors of the holder.
    """
    share = float(containment)
    spread = 4 * np.sqrt(counts * share * (1 - share))
    least: npt.NDArray[np.int64] = np.floor(counts * share - spread).astype(np.int64)
    return least
