"""Words of a text as they are compared with evaluation sets: without case, accents, punctuation and markup.

Words are lower case and punctuation is no part of them, as where 13-grams are compared since GPT-3
(Brown et al. 2020, appendix C; docs/decontamination.md of EleutherAI's lm-evaluation-harness).
Beyond that, so that a copy is known in another dress: letters are compared without accents and in
compatibility form (NFKD); HTML tags, character references, targets of Markdown links and the marks
of footnotes in brackets are passed over; apostrophes, and a point or comma inside a number, are as
if not there. In scripts without spaces between words, and in Hangul, whose spaces say little, a
character is a word by itself that weighs less (`WEIGHTS`).
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from filters.decontam_alphabet import (
    ALONE,
    CLASS_BITS,
    CLASS_MASK,
    CLOSING,
    DIGIT,
    ENDS,
    IDEOGRAPH,
    LESS,
    LETTER,
    LETTERS,
    NUMBER,
    OPENING,
    PLANES,
    POINT,
    SEVERAL,
    SKIPPED,
    tables,
)
from filters.jit import frozen, kernel

KIND_MASK: Final = 7  # the bits of a word's hash that say what it is
# By kind. A character weighs so much less than a word as it takes more of them to say the same.
WORD_WEIGHT: Final = 12
WEIGHTS: Final = frozen([WORD_WEIGHT, WORD_WEIGHT, 8, 6, 4, 3, 0, 0], np.int64)

_NOWHERE: Final = np.empty(0, np.int64)
_LONGEST_TAG: Final = 1024
_LONGEST_TARGET: Final = 512
_LONGEST_REFERENCE: Final = 8
_LONGEST_MARK: Final = 4
_FACTOR: Final = np.uint64(0xBF58476D1CE4E5B9)
_START: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX: Final = np.uint64(0xFF51AFD7ED558CCD)
_FOLD_SHIFT: Final = np.uint64(29)
_HIGH: Final = np.uint64(32)
# Code points and bytes.
_ASCII: Final = 0x80
_LEAD_OF_3, _LEAD_OF_4 = 0xE0, 0xF0
_IDEOGRAPHIC_END: Final = 0x40000
_SELECTORS, _SELECTORS_END = 0xE0100, 0xE01F0
_UNICODE_END: Final = 0x110000
_SPACE, _APOSTROPHE, _AMPERSAND, _HASH, _SLASH, _EXCLAMATION = map(ord, " '&#/!")
_LEFT, _RIGHT, _TAG, _TAG_END, _SEMICOLON, _BRACKET_END = map(ord, "()<>;]")
_ZERO, _NINE, _A, _Z, _X = map(ord, "09azx")
_LOWER: Final = 32  # the bit that sets lower case apart
_APOS: Final = np.frombuffer(b"apos", np.uint8)
_RSQUO: Final = np.frombuffer(b"rsquo", np.uint8)


class Words(NamedTuple):
    """Hashes of the words of a text, uint32, and where each begins and ends in it, in UTF-8 bytes.

    Without places the latter two are empty.
    """

    hashes: npt.NDArray[np.uint32]
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]


def words_of(text: str, *, places: bool = False) -> Words:
    """Cut a text into words; `places` asks where they stand."""
    data = np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8)
    room = len(data) // 2 + 1
    hashes = np.empty(room, np.uint32)
    starts, ends = np.empty((2, room), np.int64) if places else (_NOWHERE, _NOWHERE)
    count = cut(frozen(data, np.uint8), *tables(), hashes, starts, ends)
    return Words(hashes[:count], starts[:count], ends[:count])


@kernel
def cut(data: Any, entries: Any, expansions: Any, hashes: Any, starts: Any, ends: Any) -> Any:
    """Cut UTF-8 `data` into words; return their number."""
    at, stop, count = 0, len(data), 0
    running, first, letters = _START, -1, False
    while at <= stop:  # a space behind the end closes the last word
        here, code = at, np.uint32(data[at] if at < stop else _SPACE)
        at += 1
        if code >= _ASCII:
            code, at = _decode(data, here)
        elif code == _AMPERSAND:
            code, at = _refer(data, at)
        entry = entries[code] if code < PLANES else _beyond(code)
        does = entry & np.uint32(CLASS_MASK)
        if LETTER <= does <= DIGIT:
            running = running * _FACTOR + np.uint64(entry)
            letters = letters or does == LETTER
            first = here if first < 0 else first
        elif does == SEVERAL:
            running = _unfold(running, expansions, entry >> CLASS_BITS)
            first, letters = here if first < 0 else first, True
        elif does != SKIPPED and not (does == POINT and _in_number(data, here)):
            if first >= 0:
                word = _finish(running, LETTERS if letters else NUMBER)
                count = _note(hashes, starts, ends, count, word, first, here)
                running, first, letters = _START, -1, False
            if does >= ALONE:
                word = _finish(_START * _FACTOR + np.uint64(entry), does - ALONE)
                count = _note(hashes, starts, ends, count, word, here, at)
            elif does >= LESS:
                at = _pass_markup(data, at, does)
    return count


@kernel
def _unfold(running: Any, expansions: Any, row: Any) -> Any:
    """Go on with all that a character folds to."""
    for column in range(expansions.shape[1]):
        fold = expansions[row, column]
        running = running * _FACTOR + np.uint64(fold) if fold else running
    return running


@kernel
def _note(hashes: Any, starts: Any, ends: Any, count: Any, word: Any, start: Any, end: Any) -> Any:
    """Add a word; return the number of words."""
    hashes[count] = word
    if len(starts):
        starts[count], ends[count] = start, end
    return count + 1


@kernel
def _finish(running: Any, kind: Any) -> Any:
    """Make of the running hash of a word the 32 bits that stand for it."""
    mixed = (running ^ (running >> _FOLD_SHIFT)) * _MIX
    return np.uint32(mixed >> _HIGH) & np.uint32(0xFFFFFFFF - KIND_MASK) | np.uint32(kind)


@kernel
def _decode(data: Any, at: Any) -> Any:
    """Read one character of several bytes; return its code point and the place after it."""
    byte = np.uint32(data[at])
    more = 1 + (byte >= _LEAD_OF_3) + (byte >= _LEAD_OF_4)
    code = byte & np.uint32(0x3F >> more)
    for step in range(1, more + 1):
        code = code << np.uint32(6) | np.uint32(data[at + step] & 0x3F)
    return code, at + more + 1


@kernel
def _beyond(code: Any) -> Any:
    """Class a character outside the tables: ideographs, variation selectors, and what ends a word."""
    if code < _IDEOGRAPHIC_END:
        return np.uint32(code << CLASS_BITS | (ALONE + IDEOGRAPH))
    return np.uint32(SKIPPED if _SELECTORS <= code < _SELECTORS_END else ENDS)


@kernel
def _is_digit(byte: Any) -> Any:
    return _ZERO <= byte <= _NINE


@kernel
def _is_letter(byte: Any) -> Any:
    return _A <= byte | _LOWER <= _Z


@kernel
def _in_number(data: Any, at: Any) -> Any:
    """Tell a point or comma between two digits."""
    return 0 < at < len(data) - 1 and _is_digit(data[at - 1]) and _is_digit(data[at + 1])


@kernel
def _refer(data: Any, at: Any) -> Any:
    """Read a character reference behind `&`; return its code point and the place after it.

    A name counts as a space, but for those of apostrophes, and so does what is no reference.
    """
    end, stop = at, min(len(data), at + _LONGEST_REFERENCE)
    while end < stop and (_is_digit(data[end]) or _is_letter(data[end]) or data[end] == _HASH):
        end += 1
    if not at < end < stop or data[end] != _SEMICOLON:
        return np.uint32(_SPACE), at
    if data[at] == _HASH:
        return _number(data, at + 1, end), end + 1
    known = _spells(data, at, end, _APOS) or _spells(data, at, end, _RSQUO)
    return np.uint32(_APOSTROPHE if known else _SPACE), end + 1


@kernel
def _number(data: Any, start: Any, end: Any) -> Any:
    """Return the code point that digits spell, hexadecimal after an `x`; a space where they spell none."""
    hexa = start < end and data[start] | _LOWER == _X
    value, base = np.int64(0), 16 if hexa else 10
    for at in range(start + hexa, end):
        byte = data[at]
        digit = np.int64(byte) - _ZERO if _is_digit(byte) else np.int64(byte | _LOWER) - _A + 10
        if not 0 <= digit < base:
            return np.uint32(_SPACE)
        value = value * base + digit
    return np.uint32(value if 0 < value < _UNICODE_END and value != _AMPERSAND else _SPACE)


@kernel
def _spells(data: Any, start: Any, end: Any, word: Any) -> Any:
    same = end - start == len(word)
    for at in range(len(word) if same else 0):
        same = same and data[start + at] == word[at]
    return same


@kernel
def _pass_markup(data: Any, at: Any, does: Any) -> Any:
    """Return the place after the tag, link target or footnote mark whose first byte is before `at`, else `at`."""
    if at >= len(data):
        return at
    byte = data[at]
    if does == LESS and (_is_letter(byte) or byte in (_SLASH, _EXCLAMATION)):
        return _behind(data, at, at + _LONGEST_TAG, _TAG_END, _TAG)
    if does == CLOSING and byte == _LEFT:
        return _behind(data, at, at + _LONGEST_TARGET, _RIGHT, _SPACE)
    return _pass_mark(data, at) if does == OPENING else at


@kernel
def _behind(data: Any, at: Any, limit: Any, closing: Any, barred: Any) -> Any:
    """Return the place after `closing`, or `at` where `barred` is before it; a space bars controls and `]`."""
    for end in range(at, min(limit, len(data))):
        byte = data[end]
        if byte == closing:
            return end + 1
        if byte == barred or (barred == _SPACE and (byte < _SPACE or byte == _BRACKET_END)):
            break
    return at


@kernel
def _pass_mark(data: Any, at: Any) -> Any:
    """Return the place after `1]` or `a]`, else `at`."""
    end = at
    while end < min(len(data), at + _LONGEST_MARK) and _is_digit(data[end]):
        end += 1
    if end == at and _is_letter(data[at]):
        end += 1
    return end + 1 if at < end < len(data) and data[end] == _BRACKET_END else at
