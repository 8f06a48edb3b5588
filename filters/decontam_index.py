"""Passages of evaluation sets in an index that finds every n-gram that a text shares with one of them.

The index holds the words of all passages, and anchors: every k-th gram of q = n - k + 1 words. A run
of n words that is in a passage holds one of its anchors whole, so no shared n-gram is missed, and
where an anchor is met the words beside it are compared, so nothing is found that is not there. That
takes 4 bytes a word and 8 bytes an anchor, a third of what a table of all n-grams would.
"""

from __future__ import annotations

import hashlib
import sys
from array import array
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from filters.decontam_kernels import (
    BOUNDARY,
    CROWD,
    LEAST_DISTINCT,
    LEAST_TELLING,
    crowd_at,
    hash_at,
    meet,
    set_bits,
    tell,
)
from filters.decontam_words import KIND_MASK, WEIGHTS, WORD_WEIGHT, words_of
from filters.jit import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

LEAST_WORDS: Final = 5  # of a passage: with fewer words it says too little
MOST_SETS: Final = 64
_EDGE: Final = BOUNDARY.to_bytes(4, sys.byteorder)
_MOST_RUNS: Final = 4096  # of one text; what is copied more often needs no more proof
_BITS_PER_ANCHOR: Final = 16
_BITS_PER_STRETCH: Final = 32
_LOW: Final = np.uint64(0xFFFFFFFF)


class Passage(NamedTuple):
    """A passage of an evaluation set: the set's number, the item's name in it, and the text."""

    set: int
    item: str
    text: str


class Anchors(NamedTuple):
    """Where grams of `reach[0]` words stand in the passages.

    `seen` is a bitmap (uint8, a power of two of bits) of the upper bits of their hashes. Of a gram
    with a crowd of anchors `crowd` is the like of all stretches that make a match with it, within
    `reach` as `crowd_at` has it, so that a text that only begins alike is not compared with each. `buckets`
    (uint32, a power of two and one) says where in `keys` (lower 32 bits) and `spots` (place in the
    passages' words) those begin that share still fewer upper bits.
    """

    reach: npt.NDArray[np.int64]
    seen: npt.NDArray[np.uint8]
    crowd: npt.NDArray[np.uint8]
    buckets: npt.NDArray[np.uint32]
    keys: npt.NDArray[np.uint32]
    spots: npt.NDArray[np.uint32]


class Index(NamedTuple):
    """Words of all passages, uint32, with a boundary before each and at the end.

    `firsts` (uint32, one more than passages) is where the words of each begin, `sets` (uint64) a
    bit for each set that holds it. `names` are the items' names in UTF-8, cut at `cuts` (uint32).
    `grams` are the anchors of passages of n words and more, `wholes` those of the shorter.
    """

    words: npt.NDArray[np.uint32]
    firsts: npt.NDArray[np.uint32]
    sets: npt.NDArray[np.uint64]
    names: npt.NDArray[np.uint8]
    cuts: npt.NDArray[np.uint32]
    grams: Anchors
    wholes: Anchors

    def name(self, number: int) -> str:
        """Return the name of a passage's item."""
        return bytes(self.names[self.cuts[number] : self.cuts[number + 1]]).decode()


class Run(NamedTuple):
    """Words `[start, end)` of a text that are those of a passage from `first` on, as places in the index."""

    start: int
    end: int
    first: int


def build(passages: Iterable[Passage], ngram: int) -> Index:
    """Index passages; equal ones become one, under the name of the first; too short ones are left out.

    Raises:
        ValueError: there are more sets than bits for them, or more words than places.
    """
    numbers: dict[bytes, int] = {}
    words, names = bytearray(_EDGE), bytearray()
    firsts, cuts, sets, weights = array("Q", [1]), array("Q", [0]), array("Q"), array("Q")
    for passage in passages:
        if passage.set >= MOST_SETS:
            raise ValueError(f"more than {MOST_SETS} sets")
        hashes = words_of(passage.text).hashes
        weight = int(weigh(hashes).sum())
        if weight < LEAST_WORDS * WORD_WEIGHT:
            continue
        number = numbers.setdefault(hashlib.sha256(hashes.data).digest()[:16], len(sets))
        if number == len(sets):
            words += hashes.data
            words += _EDGE
            names += passage.item.encode("utf-8", "replace")
            firsts.append(len(words) // len(_EDGE))
            cuts.append(len(names))
            weights.append(weight)
            sets.append(0)
        sets[number] |= 1 << passage.set
    if len(words) // len(_EDGE) > _LOW:
        raise ValueError("more than 2^32 words")
    every = frozen(np.frombuffer(words, np.uint32), np.uint32)
    short = np.array(weights, np.int64) < ngram * WORD_WEIGHT
    return Index(
        every,
        frozen(np.array(firsts), np.uint32),
        frozen(np.array(sets), np.uint64),
        frozen(np.frombuffer(names, np.uint8), np.uint8),
        frozen(np.array(cuts), np.uint32),
        *_anchors(every, np.array(firsts, np.int64), short, ngram),
    )


def weigh(hashes: npt.NDArray[np.uint32]) -> npt.NDArray[np.int64]:
    """Return the weight of each word."""
    weights: npt.NDArray[np.int64] = WEIGHTS[hashes & np.uint32(KIND_MASK)]
    return weights


def weight_of(text: str) -> int:
    """Return the weight of all words of a text."""
    return int(weigh(words_of(text).hashes).sum())


def stride_of(ngram: int) -> int:
    """Return the distance of anchors: one of so many neighbouring grams of a run of n words is an anchor."""
    return (ngram + 2) // 3


def _anchors(
    words: npt.NDArray[np.uint32],
    firsts: npt.NDArray[np.int64],
    short: npt.NDArray[np.bool_],
    ngram: int,
) -> tuple[Anchors, Anchors]:
    """Place the anchors of long passages and of short ones."""
    stride = stride_of(ngram)
    size = ngram - stride + 1
    lengths = np.diff(firsts) - 1
    counts = np.where(short, 0, np.maximum((lengths - size) // stride + 1, 0))
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    spots = np.repeat(firsts[:-1], counts) + within * stride
    telling = tell(words, frozen(spots, np.int64), frozen(spots + size, np.int64), LEAST_TELLING)
    grams = _table(words, spots[telling], (size, stride - 1, ngram, ngram))
    begins, ends = (frozen(each[short], np.int64) for each in (firsts[:-1], firsts[1:] - 1))
    telling = tell(words, begins, ends, LEAST_DISTINCT)
    least, most = min(LEAST_WORDS, size), int((ends - begins).max(initial=0)) + 1
    return grams, _table(words, begins[telling], (least, 0, least, most))


def _table(
    words: npt.NDArray[np.uint32], spots: npt.NDArray[np.int64], reach: tuple[int, ...]
) -> Anchors:
    """Sort anchors by the hashes of their grams."""
    hashes = hash_at(words, frozen(spots, np.int64), reach[0])
    order = np.argsort(hashes, kind="stable")
    hashes, spots = hashes[order], spots[order]
    seen = _bitmap(hashes, _BITS_PER_ANCHOR)
    reached = frozen(reach, np.int64)
    crowded = np.zeros(len(spots), np.bool_)
    equal = hashes[CROWD:] == hashes[:-CROWD]
    for behind in range(CROWD + 1):
        crowded[behind : len(equal) + behind] |= equal
    stretches = np.empty(int(crowded.sum()) * (reach[1] + 1), np.uint64)
    count = crowd_at(words, frozen(spots[crowded], np.int64), reached, stretches)
    depth = max(6, len(spots).bit_length())
    limits = np.arange((1 << depth) + 1, dtype=np.uint64)
    buckets = np.searchsorted(hashes >> np.uint64(64 - depth), limits)
    return Anchors(
        reached,
        seen,
        _bitmap(stretches[:count], _BITS_PER_STRETCH),
        frozen(buckets, np.uint32),
        frozen(hashes & _LOW, np.uint32),
        frozen(spots, np.uint32),
    )


def _bitmap(hashes: npt.NDArray[np.uint64], each: int) -> npt.NDArray[np.uint8]:
    """Make a bitmap of the upper bits of hashes, with room for `each` bits of every one."""
    bits = np.zeros(1 << max(10, (len(hashes) * each).bit_length()) >> 3, np.uint8)
    set_bits(bits, frozen(hashes, np.uint64))
    return frozen(bits, np.uint8)


def find(index: Index, hashes: npt.NDArray[np.uint32], ngram: int) -> list[Run]:
    """Find the runs of words that a text shares with passages: n-grams, and whole shorter passages."""
    found: list[list[int]] = []
    for anchors in (index.grams, index.wholes):
        if len(anchors.spots):
            runs = np.empty((_MOST_RUNS, 3), np.int64)
            count = meet(hashes, index.words, *anchors, WEIGHTS, ngram, runs)
            found += runs[:count].tolist()
    return [Run(*row) for row in found]
