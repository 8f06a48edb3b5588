"""Texts to 64-bit token hashes: Unicode words, case-folded, a block at a time in bounded memory.

A token is a maximal run of letters, marks, digits and underscores, or one character of a script
whose words are not between spaces (decision 11). Format characters and variation selectors are as
if not there. Every character is folded as `str.casefold` folds it, so a token's hash is that of its
folded code points and a Kelvin sign is a k. Nothing is done to digits: tables of different figures
are different.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from filters.jit import frozen, kernel
from pipeline.dedup.alphabet import ALONE, EXPANDS, SKIPPED, WORD, alphabet
from pipeline.dedup.mixing import mix64, mixed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# The running hash of a word: h -> h * FACTOR + mix64(code point), from START. Any odd 64-bit
# constants do; these are the golden ratio's fraction and the first of splitmix64's multipliers.
_START: Final = np.uint64(0x9E3779B97F4A7C15)
_FACTOR: Final = np.uint64(0xBF58476D1CE4E5B9)
_MODULUS: Final = 1 << 64
_SINGLE: Final = np.uint64(
    int(_START) * int(_FACTOR) % _MODULUS
)  # a token of one character, less it
_ZERO: Final = np.uint64(0)
_ONE: Final = np.uint64(1)
_ASCII: Final = 128
_PAGE_BITS: Final = np.uint32(8)
_PAGE_MASK: Final = np.uint32(255)
_COLUMNS: Final = np.uint64(2)
_BLOCK: Final = 1 << 17  # characters of text that are tokenised together
_WORDS: Final = 1 << 16  # token hashes that are held at once
_SPARE: Final = 4  # places for a word open at the start, one at the end, and the running hash
# Code points as the machine's own integers; a lone surrogate is one too, and no reason to fail.
_CODEC: Final = "utf-32-le" if sys.byteorder == "little" else "utf-32-be"
# The columns of a block's pieces.
_FROM: Final = 0
_TO: Final = 1
_WIDE: Final = 2
_LAST: Final = 3
# The cursor of a block: the piece, the character in the block, whether a word is open, and how many
# documents ended since the last run.
_PIECE: Final = 0
_PLACE: Final = 1
_OPEN: Final = 2
_ENDED: Final = 3


_Rows = npt.NDArray[np.uint64]


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


class _Block(NamedTuple):
    """Texts, or pieces of long ones: those in ASCII as bytes in `narrow`, others as code points.

    A row of `pieces`, int64[:, 4], is one of them in order: where it starts and stops, whether it
    stands in `wide`, and whether it is its document's last.
    """

    narrow: npt.NDArray[np.uint8]
    wide: npt.NDArray[np.uint32]
    pieces: npt.NDArray[np.int64]


class _Tables(NamedTuple):
    """What a character does to the running hash: `running * factor + summand`, by two numbers.

    A word character goes on with it, and one that folds to several with all of them at a stroke. A
    separator has factor 0 and summand START. Factor 1 marks the two others: summand 1 is a token by
    itself, summand 0 is skipped. `factors` and `summands`, uint64[128], are those of ASCII; `pages`
    says by code point >> 8 where its page starts in `rows`, uint64, the two numbers of each.
    """

    factors: npt.NDArray[np.uint64]
    summands: npt.NDArray[np.uint64]
    pages: npt.NDArray[np.int32]
    rows: npt.NDArray[np.uint64]


@kernel
def _read_ascii(
    data: Any, place: Any, stop: Any, running: Any, opened: Any, words: Any, count: Any,
    factors: Any, summands: Any,
) -> Any:  # fmt: skip
    """Read ASCII bytes; return the running hash, whether a word is open and the count of tokens.

    No branch depends on the text: every byte stores the running hash, and the count moves on when a
    word has just ended.
    """
    for at in range(place, stop):
        byte = data[np.uintp(at)]
        factor = factors[byte]
        inside = np.int64(factor != _ZERO)
        words[np.uintp(count)] = running
        count += opened & (inside ^ 1)
        running = running * factor + summands[byte]
        opened = inside
    return running, opened, count


@kernel
def _read_wide(
    codes: Any, place: Any, stop: Any, running: Any, opened: Any, words: Any, count: Any,
    pages: Any, rows: Any,
) -> Any:  # fmt: skip
    """Read code points as `_read_ascii` reads bytes; see `_Tables` for what a row says.

    Two loops, one for words and one for characters that stand alone, take turns: a branch that
    fails costs as much as five characters, and text seldom changes from one kind to the other.
    """
    at, stop, count, opened = np.uintp(place), np.uintp(stop), np.uintp(count), np.uintp(opened)
    while at < stop:
        code = codes[at]
        row = np.uintp(pages[code >> _PAGE_BITS]) + np.uintp(code & _PAGE_MASK) * _COLUMNS
        factor = rows[row]
        if factor != _ONE:
            inside = np.uintp(factor != _ZERO)
            words[count] = running
            count += opened & (inside ^ _ONE)
            running = running * factor + rows[row + _ONE]
            opened = inside
            at += _ONE
            continue
        if rows[row + _ONE] == _ZERO:
            at += _ONE
            continue
        words[count] = running
        count += opened
        running, opened = _START, np.uintp(0)
        while at < stop:
            code = codes[at]
            row = np.uintp(pages[code >> _PAGE_BITS]) + np.uintp(code & _PAGE_MASK) * _COLUMNS
            factor = rows[row]
            if factor > _ONE:
                break
            words[count] = mix64(np.uint64(code)) + _SINGLE
            count += factor & rows[row + _ONE]
            at += _ONE
    return running, np.int64(opened), np.int64(count)


@kernel
def _fill(
    narrow: Any, wide: Any, pieces: Any, cursor: Any, state: Any, words: Any, ends: Any, count: Any,
    factors: Any, summands: Any, pages: Any, rows: Any,
) -> Any:  # fmt: skip
    """Tokenise on from the cursor until the pieces end or `words` is full; return the count.

    A character gives at most one token and one more may be open, so a stretch of characters no
    longer than the free places cannot overrun them.
    """
    piece, place, opened = cursor[_PIECE], cursor[_PLACE], cursor[_OPEN]
    running, ended = state[0], np.int64(0)
    while piece < len(pieces):
        start, last = max(place, pieces[piece, _FROM]), pieces[piece, _TO]
        room = words.size - count - _SPARE
        if room < 1:
            break
        place = min(last, start + room)
        if pieces[piece, _WIDE]:
            running, opened, count = _read_wide(
                wide, start, place, running, opened, words, count, pages, rows
            )
        else:
            running, opened, count = _read_ascii(
                narrow, start, place, running, opened, words, count, factors, summands
            )
        if place < last:
            continue
        if pieces[piece, _LAST]:
            words[count] = running
            count += opened
            running, opened = _START, np.int64(0)
            ends[ended] = count
            ended += 1
        piece, place = piece + 1, np.int64(0)
    cursor[_PIECE], cursor[_PLACE], cursor[_OPEN], cursor[_ENDED] = piece, place, opened, ended
    state[0] = running
    return count


def _composed(several: list[int]) -> tuple[int, int]:
    """Return the factor and the summand that do at once what several summands do in turn."""
    factor, summand = 1, 0
    for one in several:
        factor = factor * int(_FACTOR) % _MODULUS
        summand = (summand * int(_FACTOR) + one) % _MODULUS
    return factor, summand


def _page(number: int, entries: npt.NDArray[np.int32], parts: list[list[int]]) -> _Rows:
    """Return factor and summand, uint64[256, 2], of each character of one page."""
    kinds, folds = entries & 7, entries >> 3
    codes = np.where(folds > 0, folds, np.arange(256) + (number << 8)).astype(np.uint64)
    cases = [kinds == WORD, kinds == ALONE, kinds == SKIPPED]
    factors = np.select(cases, [_FACTOR, _ONE, _ONE], _ZERO)
    summands = np.select(cases, [mixed(codes), _ONE, _ZERO], _START)
    for place in np.flatnonzero(kinds == EXPANDS):
        several = mixed(np.array([part for part in parts[folds[place]] if part >= 0], np.uint64))
        factors[place], summands[place] = _composed(several.tolist())
    return np.stack([factors, summands], axis=1)


@cache
def _tables() -> _Tables:
    """Build the tables from the alphabet, once a process (some 20 ms and 600 kB)."""
    letters = alphabet()
    parts = letters.expansions.tolist()
    wordless = [not np.isin(page & 7, (WORD, EXPANDS)).any() for page in letters.entries]
    # Pages that hold words differ by their code points; one page stands for all others like it.
    found: dict[tuple[int, int], int] = {}
    pages = np.empty(letters.pages.size, np.int32)
    for number, page in enumerate(letters.pages.tolist()):
        key = (page, 0 if wordless[page] else number)
        pages[number] = found.setdefault(key, len(found))
    rows = np.stack([_page(number, letters.entries[page], parts) for page, number in found])
    ascii_ = rows[pages[0], :_ASCII]
    return _Tables(
        frozen(ascii_[:, 0], np.uint64), frozen(ascii_[:, 1], np.uint64),
        frozen(pages * rows[0].size, np.int32), frozen(rows.ravel(), np.uint64),
    )  # fmt: skip


def _blocks(texts: Sequence[str], limit: int) -> Iterator[_Block]:
    """Yield the texts in order, in blocks of about `limit` characters; a longer one in pieces."""
    first, size = 0, 0
    for index, text in enumerate(texts):
        size += len(text)
        if size < limit:
            continue
        if len(text) <= limit:
            yield _block(texts[first : index + 1])
        else:
            if index > first:
                yield _block(texts[first:index])
            for start in range(0, len(text), limit):
                yield _block([text[start : start + limit]], last=start + limit >= len(text))
        first, size = index + 1, 0
    if first < len(texts):
        yield _block(texts[first:])


def _block(pieces: Sequence[str], *, last: bool = True) -> _Block:
    """Lay whole documents, or one piece of one that is or is not its last, side by side."""
    narrow = "".join([piece for piece in pieces if piece.isascii()])
    beyond = "".join([piece for piece in pieces if not piece.isascii()])
    sizes = np.fromiter(map(len, pieces), np.int64, len(pieces))
    wide = ~np.fromiter(map(str.isascii, pieces), np.bool_, len(pieces))
    rows = np.empty((len(pieces), 4), np.int64)
    rows[:, _TO] = np.where(wide, np.cumsum(sizes * wide), np.cumsum(sizes * ~wide))
    rows[:, _FROM] = rows[:, _TO] - sizes
    rows[:, _WIDE], rows[:, _LAST] = wide, last
    codes = beyond.encode(_CODEC, "surrogatepass")
    return _Block(
        frozen(np.frombuffer(narrow.encode("ascii"), np.uint8), np.uint8),
        frozen(np.frombuffer(codes, np.uint32), np.uint32),
        frozen(rows, np.int64),
    )


def token_runs(
    texts: Sequence[str], overlap: int, *, block: int = _BLOCK, capacity: int = _WORDS
) -> Iterator[Run]:
    """Tokenise documents in order; a document cut between two runs repeats `overlap` tokens.

    Memory beyond the texts is that of some `block` characters and `capacity` (above SPARE) token
    hashes, however long a document is.
    """
    tables = _tables()
    words = np.empty(capacity + overlap, np.uint64)
    cursor, state = np.zeros(4, np.int64), np.array([_START])
    first, kept, continued = 0, 0, False
    for one in _blocks(texts, block):
        cursor[_PIECE] = cursor[_PLACE] = 0
        while cursor[_PIECE] < len(one.pieces):
            ends = np.empty(len(one.pieces) - int(cursor[_PIECE]) + 1, np.int64)
            count = _fill(*one, cursor, state, words, ends, kept, *tables)
            ended = int(cursor[_ENDED])
            unfinished = bool(cursor[_PIECE] < len(one.pieces) or not one.pieces[-1, _LAST])
            ends[ended] = count
            yield Run(words[:count], first, ends[: ended + unfinished], continued, unfinished)
            begun = int(ends[ended - 1]) if ended else 0
            kept = min(overlap, count - begun) if unfinished else 0
            words[:kept] = words[count - kept : count]
            first, continued = first + ended, unfinished
