"""Grams of words looked up and compared: the compiled side of the index of protected passages."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from filters.decontam_alphabet import NUMBER
from filters.decontam_words import KIND_MASK, WORD_WEIGHT
from filters.jit import kernel

BOUNDARY: Final = KIND_MASK  # stands between passages; no word has this hash
CROWD: Final = (
    32  # anchors of one gram, from which on a text is asked first whether it goes on as any of them
)
LEAST_TELLING: Final = 2  # words of an anchor that differ and are no numbers
LEAST_DISTINCT: Final = 4  # words of a whole passage that do
ENOUGH: Final = 1 << 18  # comparisons with passages, after which one find is enough
_KNOWN: Final = 8  # runs that a gram is compared with, whether it is in one
_BASE: Final = np.uint64(0x9E3779B97F4A7C15)
_SPREAD: Final = np.uint64(0xBF58476D1CE4E5B9)
_MIX: Final = np.uint64(0xC4CEB9FE1A85EC53)
_SHIFT: Final = np.uint64(31)
_BYTE: Final = np.uint64(3)
_BIT: Final = np.uint64(7)
_ONE: Final = np.uint64(1)
_LOW: Final = np.uint64(0xFFFFFFFF)


@kernel
def hash_at(words: Any, spots: Any, size: Any) -> Any:
    """Hash the gram of `size` words at each spot, uint64."""
    hashes = np.empty(len(spots), np.uint64)
    for number, spot in enumerate(spots):
        running = np.uint64(0)
        for word in words[spot : spot + size]:
            running = running * _BASE + np.uint64(word) * _SPREAD
        hashes[number] = _mixed(running)
    return hashes


@kernel
def tell(words: Any, starts: Any, ends: Any, enough: Any) -> Any:
    """Tell which stretches have `enough` words that differ and are no numbers."""
    telling = np.empty(len(starts), np.bool_)
    for number, start in enumerate(starts):
        telling[number] = _distinct(words, start, ends[number], enough) == enough
    return telling


@kernel
def set_bits(bits: Any, hashes: Any) -> None:
    """Mark the upper bits of hashes in a bitmap."""
    shift = np.uint64(64 - _log2(len(bits) * 8))
    for mixed in hashes:
        place = mixed >> shift
        bits[place >> _BYTE] |= np.uint8(1) << np.uint8(place & _BIT)


@kernel
def _has_bit(bits: Any, mixed: Any, shift: Any) -> Any:
    place = mixed >> shift
    return bits[place >> _BYTE] >> np.uint8(place & _BIT) & 1


@kernel
def crowd_at(words: Any, spots: Any, reach: Any, hashes: Any) -> Any:
    """Hash the stretches of a match that the gram at each spot may be part of; return their number.

    `reach` is the gram's size, how many words before it a stretch may begin, and the least and the
    most words of it. One of which only the most counts ends where its passage does.
    """
    count = 0
    back, least, most = reach[1], reach[2], reach[3]
    for spot in spots:
        for start in range(spot - back, spot + 1):
            running = np.uint64(0)
            for at in range(start, start + most):
                if at >= len(words) or words[at] == BOUNDARY:
                    break
                running = running * _BASE + np.uint64(words[at]) * _SPREAD
                whole = least == most or words[at + 1] == BOUNDARY
                if at - start + 1 >= least and whole:
                    hashes[count] = _mixed(running)
                    count += 1
    return count


@kernel
def _goes_on(text: Any, spot: Any, reach: Any, crowd: Any) -> Any:
    """Tell whether a stretch of a text around the gram at `spot` may be one of a crowd's."""
    shift = np.uint64(64 - _log2(len(crowd) * 8))
    for start in range(max(0, spot - reach[1]), spot + 1):
        running = np.uint64(0)
        for at in range(start, min(start + reach[3], len(text))):
            running = running * _BASE + np.uint64(text[at]) * _SPREAD
            if at - start + 1 >= reach[2] and _has_bit(crowd, _mixed(running), shift):
                return True
    return False


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


@kernel
def meet(
    text: Any, words: Any, reach: Any, seen: Any, crowd: Any, buckets: Any, keys: Any, spots: Any,
    weights: Any, ngram: Any, runs: Any,
) -> Any:  # fmt: skip
    """Look up every gram of a text and compare what is around it; return how many runs were found."""
    length = reach[0]
    away = np.uint64(1)
    for _ in range(length):
        away *= _BASE
    shift = np.uint64(64 - _log2(len(seen) * 8))
    narrow = np.uint64(64 - _log2(len(buckets) - 1))
    running, count, spent = np.uint64(0), 0, 0
    for at in range(len(text)):
        running = running * _BASE + np.uint64(text[at]) * _SPREAD
        if at >= length:
            running -= np.uint64(text[at - length]) * _SPREAD * away
        mixed = _mixed(running)
        if at < length - 1 or not _has_bit(seen, mixed, shift):
            continue
        bucket, key, spot = mixed >> narrow, np.uint32(mixed & _LOW), at + 1 - length
        entry, end = buckets[bucket], buckets[bucket + _ONE]
        while entry < end and keys[entry] != key:
            entry += 1
        crowded = entry + CROWD < end and keys[entry + CROWD] == key
        if crowded and not _goes_on(text, spot, reach, crowd):
            continue
        while entry < end and keys[entry] == key and count < len(runs):
            count = _extend(text, spot, words, np.int64(spots[entry]), weights, ngram, runs, count)
            entry, spent = entry + 1, spent + 1
        if count == len(runs) or (count > 0 and spent > ENOUGH):
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
    for known in range(max(0, count - _KNOWN), count):
        if runs[known, 2] - runs[known, 0] == spot - at and runs[known, 1] > at:
            return count
    start, first = at, spot
    while start > 0 and text[start - 1] == words[first - 1]:
        start, first = start - 1, first - 1
    end, last = at, spot
    while end < len(text) and text[end] == words[last]:
        end, last = end + 1, last + 1
    whole = words[first - 1] == BOUNDARY and words[last] == BOUNDARY
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
    return total < ngram * WORD_WEIGHT and (
        _distinct(words, first, last, LEAST_DISTINCT) == LEAST_DISTINCT
    )


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
