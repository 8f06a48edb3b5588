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
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from filters.decontam_alphabet import NUMBER
from filters.decontam_words import KIND_MASK, WEIGHTS, WORD_WEIGHT, words_of
from filters.jit import frozen, kernel

if TYPE_CHECKING:
    from collections.abc import Iterable

LEAST_WORDS: Final = 5  # of a passage: with fewer words it says too little
MOST_SETS: Final = 64
_BOUNDARY: Final = KIND_MASK  # stands between passages; no word has this hash
_EDGE: Final = _BOUNDARY.to_bytes(4, sys.byteorder)
_MOST_RUNS: Final = 4096  # of one text; what is copied more often needs no more proof
_BITS_PER_ANCHOR: Final = 16
_BASE: Final = np.uint64(0x9E3779B97F4A7C15)
_SPREAD: Final = np.uint64(0xBF58476D1CE4E5B9)
_MIX: Final = np.uint64(0xC4CEB9FE1A85EC53)
_SHIFT: Final = np.uint64(31)
_BYTE: Final = np.uint64(3)
_ONE: Final = np.uint64(1)
_LOW: Final = np.uint64(0xFFFFFFFF)


class Passage(NamedTuple):
    """A passage of an evaluation set: the set's number, the item's name in it, and the text."""

    set: int
    item: str
    text: str


class Anchors(NamedTuple):
    """Where grams of `size[0]` words stand in the passages.

    `seen` is a bitmap (uint8, a power of two of bits) of the upper bits of their hashes, `buckets`
    (uint32, a power of two and one) says where in `keys` (lower 32 bits) and `spots` (place in the
    passages' words) those begin that share still fewer upper bits.
    """

    size: npt.NDArray[np.int64]
    seen: npt.NDArray[np.uint8]
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
    least = min(LEAST_WORDS, size)
    return _table(words, spots, size), _table(words, firsts[:-1][short], least)


def _table(words: npt.NDArray[np.uint32], spots: npt.NDArray[np.int64], size: int) -> Anchors:
    hashes = hash_at(words, frozen(spots, np.int64), size)
    kept = hashes != 0
    hashes, spots = hashes[kept], spots[kept]
    order = np.lexsort((spots, hashes))
    hashes, spots = hashes[order], spots[order]
    depth = max(10, int(len(spots) * _BITS_PER_ANCHOR).bit_length())
    seen = np.zeros(1 << depth >> 3, np.uint8)
    places = hashes >> np.uint64(64 - depth)
    np.bitwise_or.at(
        seen, places >> _BYTE, _ONE.astype(np.uint8) << (places & np.uint64(7)).astype(np.uint8)
    )
    reach = depth - _BITS_PER_ANCHOR.bit_length() + 1
    limits = np.arange((1 << reach) + 1, dtype=np.uint64)
    buckets = np.searchsorted(hashes >> np.uint64(64 - reach), limits)
    return Anchors(
        frozen([size], np.int64),
        frozen(seen, np.uint8),
        frozen(buckets, np.uint32),
        frozen(hashes & _LOW, np.uint32),
        frozen(spots, np.uint32),
    )


@kernel
def hash_at(words: Any, spots: Any, size: Any) -> Any:
    """Hash the gram at each spot, uint64; 0 where it has not two words that are no numbers."""
    hashes = np.zeros(len(spots), np.uint64)
    for number, spot in enumerate(spots):
        running = np.uint64(0)
        for word in words[spot : spot + size]:
            running = running * _BASE + np.uint64(word) * _SPREAD
        if _distinct(words, spot, spot + size, 2) == 2:  # noqa: PLR2004
            hashes[number] = _mixed(running)
    return hashes


@kernel
def _mixed(running: Any) -> Any:
    mixed = (running ^ (running >> _SHIFT)) * _MIX
    return mixed ^ (mixed >> _SHIFT)


@kernel
def _distinct(words: Any, start: Any, end: Any, enough: Any) -> Any:
    """Count words that are no numbers and differ, up to `enough`."""
    found = 0
    for at in range(start, end):
        if words[at] & KIND_MASK == NUMBER:
            continue
        fresh = True
        for before in range(start, at):
            fresh = fresh and words[before] != words[at]
        found += fresh
        if found == enough:
            break
    return found


def find(index: Index, hashes: npt.NDArray[np.uint32], ngram: int) -> list[Run]:
    """Find the runs of words that a text shares with passages: n-grams, and whole shorter passages."""
    found = np.empty((0, 3), np.int64)
    for anchors in (index.grams, index.wholes):
        if len(anchors.spots):
            runs = np.empty((_MOST_RUNS, 3), np.int64)
            count = meet(hashes, index.words, *anchors, WEIGHTS, ngram, runs)
            found = np.concatenate([found, runs[:count]])
    return [Run(*row) for row in found.tolist()]


@kernel
def meet(
    text: Any, words: Any, size: Any, seen: Any, buckets: Any, keys: Any, spots: Any,
    weights: Any, ngram: Any, runs: Any,
) -> Any:  # fmt: skip
    """Look up every gram of a text and compare what is around it; return how many runs were found."""
    length = size[0]
    away = np.uint64(1)
    for _ in range(length):
        away *= _BASE
    shift = np.uint64(64 - _log2(len(seen) * 8))
    narrow = np.uint64(64 - _log2(len(buckets) - 1))
    running, count = np.uint64(0), 0
    for at in range(len(text)):
        running = running * _BASE + np.uint64(text[at]) * _SPREAD
        if at >= length:
            running -= np.uint64(text[at - length]) * _SPREAD * away
        elif at < length - 1:
            continue
        mixed = _mixed(running)
        place = mixed >> shift
        if not seen[place >> _BYTE] >> np.uint8(place & np.uint64(7)) & 1:
            continue
        bucket = mixed >> narrow
        for entry in range(buckets[bucket], buckets[bucket + _ONE]):
            if keys[entry] == np.uint32(mixed & _LOW) and count < len(runs):
                spot = np.int64(spots[entry])
                count = _extend(text, at + 1 - length, words, spot, weights, ngram, runs, count)
        if count == len(runs):
            break
    return count


@kernel
def _log2(size: Any) -> Any:
    depth = 0
    while 1 << depth < size:
        depth += 1
    return depth


@kernel
def _extend(
    text: Any, at: Any, words: Any, spot: Any, weights: Any, ngram: Any, runs: Any, count: Any
) -> Any:
    """Compare on from a gram to both sides and note the run, if it is one and new; return the count."""
    for known in range(max(0, count - 8), count):
        if runs[known, 2] - runs[known, 0] == spot - at and runs[known, 1] > at:
            return count
    start, first = at, spot
    while start > 0 and text[start - 1] == words[first - 1]:
        start, first = start - 1, first - 1
    end, last = at, spot
    while end < len(text) and text[end] == words[last]:
        end, last = end + 1, last + 1
    whole = words[first - 1] == _BOUNDARY and words[last] == _BOUNDARY
    if not (
        _tells(words, first, last, weights, ngram)
        or (whole and _is_short(words, first, last, weights, ngram))
    ):
        return count
    runs[count, 0], runs[count, 1], runs[count, 2] = start, end, first
    return count + 1


@kernel
def _is_short(words: Any, first: Any, last: Any, weights: Any, ngram: Any) -> Any:
    """Tell a passage of less than n words that is no list of numbers."""
    total = 0
    for at in range(first, last):
        total += weights[words[at] & KIND_MASK]
    return total < ngram * WORD_WEIGHT and _distinct(words, first, last, 4) == 4  # noqa: PLR2004


@kernel
def _tells(words: Any, first: Any, last: Any, weights: Any, ngram: Any) -> Any:
    """Tell whether one n-gram of a run says something: more than half of n words differ and are no numbers."""
    total, start, enough = 0, first, ngram // 2 + 1
    for at in range(first, last):
        total += weights[words[at] & KIND_MASK]
        while total - weights[words[start] & KIND_MASK] >= ngram * WORD_WEIGHT:
            total -= weights[words[start] & KIND_MASK]
            start += 1
        if total >= ngram * WORD_WEIGHT and _distinct(words, start, at + 1, enough) == enough:
            return True
    return False
