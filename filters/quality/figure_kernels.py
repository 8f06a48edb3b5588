"""What is counted over the words of a text: kinds of words, what repeats, sentences."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from filters.jit import kernel

_MIX: Final = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio, odd: Knuth, TAOCP 3, 6.4
_SPREAD: Final = np.uint64(0xFF51AFD7ED558CCD)  # finaliser of MurmurHash3, Appleby 2011
_SHIFT: Final = np.uint64(33)
_ONE: Final = np.uint64(1)


@kernel
def word_numbers(points: Any, spans: Any) -> Any:
    """uint64 for each word; two different words share one with probability 2**-64."""
    numbers = np.empty(len(spans), np.uint64)
    for word in range(len(spans)):
        mixed = np.uint64(0)
        for at in range(spans[word, 0], spans[word, 1]):
            mixed = (mixed ^ np.uint64(points[at]) + _ONE) * _MIX
            mixed ^= mixed >> _SHIFT
        numbers[word] = mixed
    return numbers


@kernel
def count_present(wanted: Any, numbers: Any) -> Any:
    """How many of some words are among others."""
    seen = np.zeros(len(wanted), np.bool_)
    for number in numbers:
        for place in range(len(wanted)):
            seen[place] |= wanted[place] == number
    return seen.sum()


@kernel
def word_kinds(signs: Any, spans: Any, letter: Any, bare: Any) -> Any:
    """bool[n, 2]: which words have a letter, and which are nothing but punctuation and symbols."""
    kinds = np.zeros((len(spans), 2), np.bool_)
    for word in range(len(spans)):
        some, all_bare = False, True
        for at in range(spans[word, 0], spans[word, 1]):
            some |= signs[at] & letter != 0
            all_bare &= signs[at] & bare != 0
        kinds[word] = some, all_bare
    return kinds


@kernel
def gram_numbers(numbers: Any, size: Any) -> Any:
    """uint64 for each run of `size` words."""
    grams = np.empty(max(0, len(numbers) - size + 1), np.uint64)
    for start in range(len(grams)):
        mixed = np.uint64(0)
        for at in range(start, start + size):
            mixed = (mixed + numbers[at] + _ONE) * _SPREAD
            mixed ^= mixed >> _SHIFT
        grams[start] = mixed
    return grams


@kernel
def repeats(numbers: Any, lengths: Any, sizes: Any) -> Any:
    """`repeated_length` for runs of several sizes."""
    totals = np.empty(len(sizes), np.int64)
    for place in range(len(sizes)):
        totals[place] = repeated_length(gram_numbers(numbers, sizes[place]), lengths, sizes[place])
    return totals


@kernel
def _slot(table: Any, first: Any, number: Any) -> Any:
    """Where a number stands in a table of open addresses, or would; `first` is -1 where nothing does."""
    mask = np.uint64(len(table) - 1)
    at = (number ^ number >> _SHIFT) & mask
    while first[at] >= 0 and table[at] != number:
        at = (at + _ONE) & mask
    return at


@kernel
def _slots(count: Any) -> Any:
    size = 8
    while size < 2 * count:
        size *= 2
    return size


@kernel
def top_gram(grams: Any) -> Any:
    """Find the first place of the commonest run, the earliest of several, and how often it occurs; 0, 0 for none."""
    size = _slots(len(grams))
    table = np.empty(size, np.uint64)
    first = np.full(size, -1, np.int64)
    counts = np.zeros(size, np.int64)
    best = most = 0
    for place in range(len(grams)):
        at = _slot(table, first, grams[place])
        if first[at] < 0:
            table[at], first[at] = grams[place], place
        counts[at] += 1
        if counts[at] > most or (counts[at] == most and first[at] < best):
            best, most = first[at], counts[at]
    return best, most


@kernel
def repeated_length(grams: Any, lengths: Any, size: Any) -> Any:
    """Code points of words in runs that occurred before; runs are walked over without overlap."""
    slots = _slots(len(grams))
    table = np.empty(slots, np.uint64)
    first = np.full(slots, -1, np.int64)
    total = place = 0
    while place < len(grams):
        at = _slot(table, first, grams[place])
        if first[at] < 0:
            table[at], first[at] = grams[place], place
            place += 1
            continue
        for word in range(place, place + size):
            total += lengths[word]
        place += size
    return total


@kernel
def count_sentences(signs: Any, spans: Any, lines: Any, stop: Any, bare: Any) -> Any:
    """Count the sentences on some lines (int64[n, 2], sorted); one begins after each stop, and with a line."""
    total = word = 0
    for line in range(len(lines)):
        while word < len(spans) and spans[word, 0] < lines[line, 0]:
            word += 1
        total += 1
        stopped = False
        while word < len(spans) and spans[word, 1] <= lines[line, 1]:
            start, end = spans[word]
            if end - start == 1 and signs[start] & stop:
                stopped = True
            elif stopped and not signs[start] & bare:
                total += 1
                stopped = False
            word += 1
    return total
