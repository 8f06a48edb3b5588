"""The compiled loop of the sieve: one pass over the bytes of a text, and the lines that it keeps."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from filters.jit import kernel

NEWLINE: Final = 0x0A
# Bytes are told apart by codes of six bits, and words found by a hash of four codes in a row, those
# of two bytes by two codes.
CODE_BITS: Final = 6
WINDOW: Final = 4
# A number holds the codes of so many bytes.
HELD: Final = 64 // CODE_BITS
_CODES_MASK: Final = (1 << CODE_BITS * WINDOW) - 1
_MULTIPLIER: Final = 2654435761
_SHIFT: Final = 12
KEYS: Final = 1 << 32 - _SHIFT
PAIR: Final = 2
PAIR_KEYS: Final = 1 << CODE_BITS * PAIR
# The columns of the table of bytes: code, marks of what occurs, counters, runs it may stand in, and
# the marks of pairs that it can be the first and the second of
CODE, PRESENT, COUNTERS, KINDS, BEFORE, AFTER = range(6)
# The counters of one line share a number, 16 bits each; a longer line is kept unseen.
COUNTER_BITS: Final = 16
_COUNTERS: Final = 64 // COUNTER_BITS
_LONGEST_LINE: Final = 1 << COUNTER_BITS - 1
# Counts and lengths of runs from here on bear the same marks.
STEPS: Final = 64
# The kinds of runs, in the order of `marks.RUNS`; those of the second and third lie inside one of the
# first, and bear no mark below this length
_TOKEN, _HEXADECIMAL, _WORD = 1, 2, 4
SHORTEST_INNER: Final = 4
# The columns of the table of words: start among the bytes of all, length, bytes from its start to
# the end of its key, place of its marks, and whether another entry of the same key follows
START, LENGTH, REACH, MARKS, MORE = range(5)
# With more words on one line than this, it is kept.
_MOST_WORDS: Final = 32
_LOWER_FIRST, _LOWER_LAST, _CASE = 0x61, 0x7A, 0x20


@kernel
def sift(
    data: Any, known: Any, buckets: Any, pairs: Any, entries: Any, codes: Any, words: Any, marks: Any,
    bare: Any, glance: Any, met: Any, kept: Any, places: Any,
) -> Any:  # fmt: skip
    """Fill `kept` and `places` from data that end in a newline; return how much of each.

    `marks[:bare]` are the conditions that need no word; the rest of the tables is `sieve.Sieve`'s.
    """
    asked = np.empty(_MOST_WORDS, np.uint64)
    size = runs = start = found = 0
    key = np.uint64(0)
    follows = False
    for at in range(len(data)):
        byte = data[at]
        key = (key << np.uint64(CODE_BITS)) | glance[byte, CODE]
        four = hashed(key)
        if known[four >> np.uint32(6)] >> np.uint64(four & np.uint32(63)) & np.uint64(1):
            bucket = buckets[four]
            found = _note(data, start, at, key, bucket, entries, codes, words, marks, asked, found)
        bucket = pairs[key & np.uint64(PAIR_KEYS - 1)]
        if bucket >= 0:
            found = _note(data, start, at, key, bucket, entries, codes, words, marks, asked, found)
        if byte != NEWLINE:
            continue
        passes = (
            found == _MOST_WORDS
            or at - start > _LONGEST_LINE
            or _passes(data, start, at, asked, found, marks, bare, glance, met)
        )
        if passes:
            if not follows:
                places[0, runs] = size
                places[1, runs] = start
                runs += 1
            for place in range(start, at + 1):
                kept[size] = data[place]
                size += 1
        follows = passes
        start, found, key = at + 1, 0, np.uint64(0)
    return size, runs


@kernel
def _passes(
    data: Any, start: Any, end: Any, asked: Any, found: Any, marks: Any, bare: Any, glance: Any,
    met: Any,
) -> Any:  # fmt: skip
    """Tell whether a line meets a condition. Runs within tokens are measured only where they matter."""
    seen, longest = _seen(data, start, end, glance, met)
    if longest < SHORTEST_INNER:
        return _bears(seen, asked, found) or _bears(seen, marks, bare)
    most = seen | met[_COUNTERS + 1, STEPS - 1] | met[_COUNTERS + 2, STEPS - 1]
    if not (_bears(most, asked, found) or _bears(most, marks, bare)):
        return False
    seen |= _inner(data, start, end, glance, met)
    return _bears(seen, asked, found) or _bears(seen, marks, bare)


@kernel
def _seen(data: Any, start: Any, end: Any, glance: Any, met: Any) -> Any:
    """Return the marks of a line, but for runs inside tokens, and the length of its longest token."""
    seen = tally = before = np.uint64(0)
    gap, longest = start - 1, 0
    for at in range(start, end):
        byte = data[at]
        seen |= glance[byte, PRESENT] | (before & glance[byte, AFTER])
        before = glance[byte, BEFORE]
        tally += glance[byte, COUNTERS]
        gap = gap if glance[byte, KINDS] & np.uint64(_TOKEN) else at
        longest = max(longest, at - gap)
    for place in range(_COUNTERS):
        count = (tally >> np.uint64(place * COUNTER_BITS)) & np.uint64((1 << COUNTER_BITS) - 1)
        seen |= met[place, min(count, np.uint64(STEPS - 1))]
    return seen | met[_COUNTERS, min(longest, STEPS - 1)], longest


@kernel
def hashed(key: Any) -> Any:
    """Hash the codes of the last four bytes, multiplicatively (Knuth, TAOCP volume 3, 6.4)."""
    codes = np.uint32(key & np.uint64(_CODES_MASK))
    return np.uint32(codes * np.uint32(_MULTIPLIER)) >> np.uint32(_SHIFT)


@kernel
def _note(
    data: Any, start: Any, at: Any, key: Any, bucket: Any, entries: Any, codes: Any, words: Any,
    marks: Any, asked: Any, found: Any,
) -> Any:  # fmt: skip
    """Note what is asked for beside each word that stands here; return how many are noted."""
    entry = bucket
    while True:
        # the codes of the last ten bytes tell most of what does not stand here
        if key & codes[entry, 0] == codes[entry, 1] and found < _MOST_WORDS:
            first = at + 1 - entries[entry, REACH]
            if _stands(data, start, first, words, entries[entry, START], entries[entry, LENGTH]):
                asked[found] = marks[entries[entry, MARKS]]
                found += 1
        if not entries[entry, MORE]:
            return found
        entry += 1


@kernel
def _stands(data: Any, start: Any, first: Any, words: Any, word: Any, size: Any) -> Any:
    """Tell whether a word stands at `first`, on the line that starts at `start`."""
    if first < start or first + size > len(data):
        return False
    for place in range(size):
        wanted, byte = words[word + place], data[first + place]
        lower = wanted >= _LOWER_FIRST and wanted <= _LOWER_LAST
        if byte != wanted and not (lower and byte + _CASE == wanted):
            return False
    return True


@kernel
def _inner(data: Any, start: Any, end: Any, glance: Any, met: Any) -> Any:
    """Return the marks of the longest runs inside tokens."""
    gap = other = start - 1
    longest = digits = 0
    for at in range(start, end):
        kinds = glance[data[at], KINDS]
        gap = gap if kinds & np.uint64(_WORD) else at
        other = other if kinds & np.uint64(_HEXADECIMAL) else at
        longest = max(longest, at - gap)
        digits = max(digits, at - other)
    return met[_COUNTERS + 1, min(digits, STEPS - 1)] | met[_COUNTERS + 2, min(longest, STEPS - 1)]


@kernel
def _bears(seen: Any, asked: Any, count: Any) -> Any:
    """Tell whether the marks seen hold all of one of the conditions."""
    for place in range(count):  # noqa: SIM110  a generator does not compile
        if asked[place] & seen == asked[place]:
            return True
    return False
