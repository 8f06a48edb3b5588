"""Texts to 64-bit token hashes: Unicode words, case-folded, a block at a time in bounded memory.

A token is a maximal run of letters, marks, digits and underscores, or one character of a script
that is written without spaces. Format characters and variation selectors are as if not there. Every
character is folded as `str.casefold` folds it, so a token's hash is that of its folded code points
and a Kelvin sign is a k. Nothing is done to digits: tables of different figures are different.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.dedup.alphabet import ALONE, EXPANDS, SEPARATES, SKIPPED, Alphabet, alphabet
from pipeline.dedup.jit import frozen, kernel, mix64, mixed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# The running hash of a word: h -> h * FACTOR + mix64(code point), from START. Any odd 64-bit
# constants do; these are the golden ratio's fraction and the first of splitmix64's multipliers.
_START: Final = np.uint64(0x9E3779B97F4A7C15)
_FACTOR: Final = np.uint64(0xBF58476D1CE4E5B9)
_ZERO: Final = np.uint64(0)
_ASCII: Final = 0x80  # lead bytes below this are the character itself
_THREE_BYTES: Final = 0xE0
_FOUR_BYTES: Final = 0xF0
_BLOCK: Final = 1 << 20  # bytes of text that are tokenised together
_WORDS: Final = 1 << 17  # token hashes that are held at once
_SPARE: Final = 4  # places for a word open at the start, one at the end, and the running hash
# The cursor of a block: the document, the byte in the block, whether a word is open.
_DOCUMENT: Final = 0
_BYTE: Final = 1
_OPEN: Final = 2


class Run(NamedTuple):
    """Token hashes of consecutive documents, valid until the next run is asked for.

    `words` uint64; `first` the index of the first document; `ends` int64: where each document ends
    in `words`. `continued`: the first document began in an earlier run, whose last tokens stand
    here again; `unfinished`: the last one goes on in the next run.
    """

    words: npt.NDArray[np.uint64]
    first: int
    ends: npt.NDArray[np.int64]
    continued: bool
    unfinished: bool


@kernel
def _decode(data: Any, place: Any) -> Any:
    """Return the code point of several bytes at `place` (valid UTF-8), and the place after it."""
    code = np.int64(data[place])
    if code < _THREE_BYTES:
        return (code & 0x1F) << 6 | np.int64(data[place + 1] & 0x3F), place + 2
    middle = np.int64(data[place + 1] & 0x3F) << 6 | np.int64(data[place + 2] & 0x3F)
    if code < _FOUR_BYTES:
        return (code & 0x0F) << 12 | middle, place + 3
    return (code & 0x07) << 18 | middle << 6 | np.int64(data[place + 3] & 0x3F), place + 4


@kernel
def _characters(
    data: Any, place: Any, stop: Any, running: Any, opened: Any, words: Any, count: Any,
    factors: Any, summands: Any, pages: Any, entries: Any, expansions: Any,
) -> Any:  # fmt: skip
    """Read whole characters from byte `place` until `stop`; return the place, hash, flag and count.

    An ASCII byte takes no branch on its kind: every byte stores the running hash, and the count
    moves on when a word has just ended. Any other character is decoded and looked up.
    """
    while place < stop:
        byte = data[np.uintp(place)]
        if byte < _ASCII:
            factor = factors[byte]
            inside = np.int64(factor != _ZERO)
            words[np.uintp(count)] = running
            count += opened & (inside ^ 1)
            running = running * factor + summands[byte]
            opened = inside
            place += 1
            continue
        code, place = _decode(data, place)
        entry = np.int64(entries[np.int64(pages[code >> 8]) << 8 | (code & 255)])
        kind, fold = entry & 7, entry >> 3
        if kind == SKIPPED:
            continue
        if kind <= ALONE:
            words[count] = running
            count += opened
            running, opened = _START, np.int64(0)
            if kind == ALONE:
                words[count] = running * _FACTOR + mix64(np.uint64(code))
                count += 1
            continue
        opened = np.int64(1)
        if kind == EXPANDS:
            for index in range(3):
                part = expansions[fold, index]
                if part >= 0:
                    running = running * _FACTOR + mix64(np.uint64(part))
        else:
            code = fold if fold > 0 else code
            running = running * _FACTOR + mix64(np.uint64(code))
    return place, running, opened, count


@kernel
def _fill(
    data: Any, offsets: Any, cursor: Any, state: Any, words: Any, ends: Any, count: Any,
    factors: Any, summands: Any, pages: Any, entries: Any, expansions: Any,
) -> Any:  # fmt: skip
    """Tokenise on from the cursor until the documents end or `words` is full; return the count.

    A byte gives at most one token and one more may be open, so a stretch of bytes no longer than
    the free places cannot overrun them.
    """
    document, place, opened = cursor[_DOCUMENT], cursor[_BYTE], cursor[_OPEN]
    running = state[0]
    while document < ends.size:
        stop = offsets[document + 1]
        room = words.size - count - _SPARE
        if room < 1:
            break
        place, running, opened, count = _characters(
            data, place, min(stop, place + room), running, opened, words, count,
            factors, summands, pages, entries, expansions,
        )  # fmt: skip
        if place >= stop:
            words[count] = running
            count += opened
            running, opened = _START, np.int64(0)
            ends[document] = count
            document += 1
    cursor[_DOCUMENT], cursor[_BYTE], cursor[_OPEN] = document, place, opened
    state[0] = running
    return count


@cache
def _tables() -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64], Alphabet]:
    """Return factor and summand of each ASCII byte (0 and START: it separates), and the rest."""
    letters = alphabet()
    first = int(letters.pages[0]) << 8
    ascii_ = letters.entries[first : first + _ASCII]
    kinds, folds = ascii_ & 7, ascii_ >> 3
    codes = np.where(folds > 0, folds, np.arange(_ASCII)).astype(np.uint64)
    word = kinds != SEPARATES
    factors = np.where(word, _FACTOR, _ZERO)
    summands = np.where(word, mixed(codes), _START)
    tables = Alphabet(*(frozen(table, np.int32) for table in letters))
    return frozen(factors, np.uint64), frozen(summands, np.uint64), tables


def _blocks(texts: Sequence[str], limit: int) -> Iterator[tuple[int, bytes, npt.NDArray[np.int64]]]:
    """Yield (index of the first document, UTF-8 bytes, offsets), each of about `limit` bytes."""
    first, size, parts = 0, 0, list[bytes]()
    for index, text in enumerate(texts):
        # A lone surrogate is no reason to fail here: it separates like any unassigned character.
        part = text.encode("utf-8", "surrogatepass")
        if parts and size + len(part) > limit:
            yield _joined(first, parts)
            first, size, parts = index, 0, []
        parts.append(part)
        size += len(part)
    if parts:
        yield _joined(first, parts)


def _joined(first: int, parts: list[bytes]) -> tuple[int, bytes, npt.NDArray[np.int64]]:
    offsets = np.zeros(len(parts) + 1, np.int64)
    np.cumsum([len(part) for part in parts], out=offsets[1:])
    return first, b"".join(parts), offsets


def token_runs(
    texts: Sequence[str], overlap: int, *, block: int = _BLOCK, capacity: int = _WORDS
) -> Iterator[Run]:
    """Tokenise documents in order; a document cut between two runs repeats `overlap` tokens.

    Memory beyond the texts is that of `block` bytes (or the longest document's bytes) and
    `capacity` (above SPARE) token hashes.
    """
    factors, summands, tables = _tables()
    words = np.empty(capacity + overlap, np.uint64)
    for first, data, offsets in _blocks(texts, block):
        bytes_ = frozen(np.frombuffer(data, np.uint8), np.uint8)
        ends = np.zeros(offsets.size - 1, np.int64)
        cursor, state = np.zeros(3, np.int64), np.array([_START])
        kept, continued = 0, False
        while cursor[_DOCUMENT] < ends.size:
            start = int(cursor[_DOCUMENT])
            count = _fill(
                bytes_, frozen(offsets, np.int64), cursor, state, words, ends, kept,
                factors, summands, *tables,
            )  # fmt: skip
            stop = int(cursor[_DOCUMENT])
            unfinished = stop < ends.size
            if unfinished:
                ends[stop] = count
            yield Run(words[:count], first + start, ends[start : stop + 1], continued, unfinished)
            begun = int(ends[stop - 1]) if stop > start else 0
            kept = min(overlap, count - begun) if unfinished else 0
            words[:kept] = words[count - kept : count]
            continued = unfinished
