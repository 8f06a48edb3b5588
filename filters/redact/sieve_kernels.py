"""The compiled loop of the sieve: one pass over the bytes of a text, and the lines that it keeps."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from filters.jit import kernel

NEWLINE: Final = 0x0A
# Bytes are told apart by codes of six bits, and words found by a hash of four codes in a row.
CODE_BITS: Final = 6
WINDOW: Final = 4
_CODES_MASK: Final = (1 << CODE_BITS * WINDOW) - 1
_MULTIPLIER: Final = 2654435761
_SHIFT: Final = 12
KEYS: Final = 1 << 32 - _SHIFT
# The columns of the table of bytes: code, marks of what occurs, counters, runs it may stand in, and
# the marks of pairs that it can be the first and the second of
CODE, PRESENT, COUNTERS, KINDS, BEFORE, AFTER = range(6)
# The counters of one line share a number, 16 bits each; a longer line is kept unseen.
COUNTER_BITS: Final = 16
_COUNTERS: Final = 64 // COUNTER_BITS
_LONGEST_LINE: Final = 1 << COUNTER_BITS - 1
# Counts and lengths of runs from here on bear the same marks.
STEPS: Final = 64
# Runs of the first kind are measured on the way, the others, which lie inside them, only where one
# is so long and it matters.
SHORTEST_RUN: Final = 12
_FIRST, _SECOND, _THIRD = 1, 2, 4
# The columns of the table of words: start among the bytes of all, length, bytes from its start to
# the end of its key, place of its marks, and whether another entry of the same key follows
START, LENGTH, REACH, MARKS, MORE = range(5)
# With more words on one line than this, it is kept.
_MOST_WORDS: Final = 32
_LOWER_FIRST, _LOWER_LAST, _CASE = 0x61, 0x7A, 0x20


@kernel
def sift(
    data: Any, buckets: Any, entries: Any, words: Any, marks: Any, bare: Any, glance: Any, met: Any,
    kept: Any, places: Any,
) -> Any:  # fmt: skip
    """Fill `kept` and `places` from data that end in a newline; return how much of each.

    `marks[:bare]` are the conditions that need no word; the rest of the tables is `sieve.Sieve`'s.
    """
    asked = np.empty(_MOST_WORDS, np.uint64)
    size = runs = start = found = longest = 0
    gap = -1
    seen = tally = key = before = np.uint64(0)
    follows = False
    for at in range(len(data)):
        byte = data[at]
        key = (key << np.uint64(CODE_BITS)) | glance[byte, CODE]
        bucket = buckets[hashed(key)]
        if bucket >= 0:
            found = _note(data, start, at, bucket, entries, words, marks, asked, found)
        if byte != NEWLINE:
            seen |= glance[byte, PRESENT] | (before & glance[byte, AFTER])
            before = glance[byte, BEFORE]
            tally += glance[byte, COUNTERS]
            gap = gap if glance[byte, KINDS] & np.uint64(_FIRST) else at
            longest = max(longest, at - gap)
            continue
        passes = found == _MOST_WORDS or at - start > _LONGEST_LINE
        if not passes:
            seen |= _counted(tally, met)
            most = seen
            if longest >= SHORTEST_RUN:
                seen |= met[_COUNTERS, min(longest, STEPS - 1)]
                most = seen | met[_COUNTERS + 1, STEPS - 1] | met[_COUNTERS + 2, STEPS - 1]
            passes = _bears(most, asked, found) or _bears(most, marks, bare)
            if passes and most != seen:
                seen |= _other_runs(data, start, at, glance, met)
                passes = _bears(seen, asked, found) or _bears(seen, marks, bare)
        if passes:
            if not follows:
                places[0, runs] = size
                places[1, runs] = start
                runs += 1
            for place in range(start, at + 1):
                kept[size] = data[place]
                size += 1
        follows = passes
        start, gap, found, longest = at + 1, at, 0, 0
        seen = tally = key = before = np.uint64(0)
    return size, runs


@kernel
def hashed(key: Any) -> Any:
    """Hash the codes of the last four bytes, multiplicatively (Knuth, TAOCP volume 3, 6.4)."""
    codes = np.uint32(key & np.uint64(_CODES_MASK))
    return np.uint32(codes * np.uint32(_MULTIPLIER)) >> np.uint32(_SHIFT)


@kernel
def _note(
    data: Any, start: Any, at: Any, bucket: Any, entries: Any, words: Any, marks: Any, asked: Any,
    found: Any,
) -> Any:  # fmt: skip
    """Note what is asked for beside each word that stands here; return how many are noted."""
    entry = bucket
    while True:
        first = at + 1 - entries[entry, REACH]
        size, word = entries[entry, LENGTH], entries[entry, START]
        same = first >= start and first + size <= len(data) and found < _MOST_WORDS
        place = 0
        while same and place < size:
            wanted, byte = words[word + place], data[first + place]
            lower = wanted >= _LOWER_FIRST and wanted <= _LOWER_LAST
            same = byte == wanted or (lower and byte + _CASE == wanted)
            place += 1
        if same:
            asked[found] = marks[entries[entry, MARKS]]
            found += 1
        if not entries[entry, MORE]:
            return found
        entry += 1


@kernel
def _counted(tally: Any, met: Any) -> Any:
    """Return the marks of the counters of a line."""
    seen = np.uint64(0)
    for place in range(_COUNTERS):
        count = (tally >> np.uint64(place * COUNTER_BITS)) & np.uint64((1 << COUNTER_BITS) - 1)
        seen |= met[place, min(count, np.uint64(STEPS - 1))]
    return seen


@kernel
def _other_runs(data: Any, start: Any, end: Any, glance: Any, met: Any) -> Any:
    """Return the marks of the longest runs of the second and third kind on a line."""
    gap = other = start - 1
    longest = more = 0
    for at in range(start, end):
        kinds = glance[data[at], KINDS]
        gap = gap if kinds & np.uint64(_SECOND) else at
        other = other if kinds & np.uint64(_THIRD) else at
        longest = max(longest, at - gap)
        more = max(more, at - other)
    return met[_COUNTERS + 1, min(longest, STEPS - 1)] | met[_COUNTERS + 2, min(more, STEPS - 1)]


@kernel
def _bears(seen: Any, asked: Any, count: Any) -> Any:
    """Tell whether the marks seen hold all of one of the conditions."""
    for place in range(count):  # noqa: SIM110  a generator does not compile
        if asked[place] & seen == asked[place]:
            return True
    return False
