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

import functools
import unicodedata
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from filters.jit import frozen, kernel

# What a word is stands in the lowest bits of its hash.
KIND_MASK: Final = 7
LETTERS: Final = 0
NUMBER: Final = 1
IDEOGRAPH: Final = 2
HANGUL: Final = 3
KANA: Final = 4
SYLLABIC: Final = 5  # Thai, Lao, Tibetan, Myanmar, Khmer: letters and marks one by one
# By kind. A character weighs so much less than a word as it takes more of them to say the same.
WORD_WEIGHT: Final = 12
WEIGHTS: Final = frozen([WORD_WEIGHT, WORD_WEIGHT, 8, 6, 4, 3, 0, 0], np.int64)

# What a character does; ALONE + a kind is a word by itself.
_ENDS: Final = 0
_LETTER: Final = 1
_DIGIT: Final = 2
_SKIPPED: Final = 3
_SEVERAL: Final = 4  # folds to a row of `expansions`
_POINT: Final = 5
_LESS: Final = 6
_AMPERSAND: Final = 7
_OPENING: Final = 8
_CLOSING: Final = 9
_ALONE: Final = 16
_SPECIAL: Final = {
    "'": _SKIPPED,
    "\u2019": _SKIPPED,
    "\u02bc": _SKIPPED,
    ".": _POINT,
    ",": _POINT,
    "<": _LESS,
    "&": _AMPERSAND,
    "[": _OPENING,
    "]": _CLOSING,
}
_CLASS_BITS: Final = 5
_PLANES: Final = 0x20000  # beyond them: ideographs, then nothing that is part of a word
_LONGEST_TAG: Final = 1024
_LONGEST_TARGET: Final = 512
_LONGEST_REFERENCE: Final = 8
_LONGEST_MARK: Final = 4

# Blocks of scripts without spaces between words (Unicode Standard, Blocks.txt; line-break classes
# ID and SA of UAX #14), and Hangul.
_BLOCKS: Final = (
    (0x0E00, 0x0FFF, SYLLABIC),
    (0x1000, 0x109F, SYLLABIC),
    (0x1100, 0x11FF, KANA),  # Hangul letter by letter
    (0x1780, 0x17FF, SYLLABIC),
    (0x1950, 0x19FF, SYLLABIC),
    (0x1A20, 0x1AAF, SYLLABIC),
    (0x2E80, 0x2FDF, IDEOGRAPH),
    (0x3005, 0x3007, IDEOGRAPH),
    (0x3041, 0x31BF, KANA),
    (0x31F0, 0x31FF, KANA),
    (0x3400, 0x4DBF, IDEOGRAPH),
    (0x4E00, 0x9FFF, IDEOGRAPH),
    (0xA960, 0xA97F, KANA),
    (0xA9E0, 0xA9FF, SYLLABIC),
    (0xAA60, 0xAADF, SYLLABIC),
    (0xAC00, 0xD7A3, HANGUL),
    (0xF900, 0xFAFF, IDEOGRAPH),
    (0xFF66, 0xFFDC, KANA),
)
_SELECTORS: Final = ((0x180B, 0x180F), (0xFE00, 0xFE0F))
_ZERO_WIDTH_SPACE: Final = 0x200B
_ACCENTS: Final = 200  # combining classes from here on, and the points of Hebrew and Arabic
_POINTS: Final = range(10, 36)

_FACTOR: Final = np.uint64(0xBF58476D1CE4E5B9)
_START: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX: Final = np.uint64(0xFF51AFD7ED558CCD)
_FOLD_SHIFT: Final = np.uint64(29)
_HIGH: Final = np.uint64(32)


class _Tables(NamedTuple):
    """By code point `fold << 5 | class`, uint32; and rows of code points, 0 after their end."""

    entries: npt.NDArray[np.uint32]
    expansions: npt.NDArray[np.uint32]


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
    starts, ends = (np.empty(room if places else 0, np.int64) for _ in range(2))
    count = cut(frozen(data, np.uint8), *_tables(), hashes, starts, ends)
    return Words(hashes[:count], starts[:count], ends[:count])


@kernel
def cut(data: Any, entries: Any, expansions: Any, hashes: Any, starts: Any, ends: Any) -> Any:
    """Cut UTF-8 `data` into words; return their number."""
    at, stop, count = 0, len(data), 0
    running, first, letters = _START, -1, False
    while at < stop:
        here, code = at, np.uint32(data[at])
        at += 1
        if code >= 0x80:  # noqa: PLR2004  not ASCII
            code, at = _decode(data, here)
        entry = entries[code] if code < _PLANES else _beyond(code)
        does = entry & np.uint32(31)
        if does == _AMPERSAND:
            code, at = _refer(data, at)
            entry = entries[code] if code < _PLANES else _beyond(code)
            does = entry & np.uint32(31)
        if does == _LETTER or does == _DIGIT:  # noqa: PLR1714  a set is slow in a kernel
            running = running * _FACTOR + np.uint64(entry)
            letters = letters or does == _LETTER
            first = here if first < 0 else first
            continue
        if does == _SKIPPED or (does == _POINT and _in_number(data, here)):
            continue
        if does == _SEVERAL:
            for fold in expansions[entry >> _CLASS_BITS]:
                if fold:
                    running = running * _FACTOR + np.uint64(fold)
            first, letters = here if first < 0 else first, True
            continue
        if first >= 0:
            hashes[count] = _finish(running, LETTERS if letters else NUMBER)
            if len(starts):
                starts[count], ends[count] = first, here
            count += 1
            running, first, letters = _START, -1, False
        if does >= _ALONE:
            hashes[count] = _finish(_START * _FACTOR + np.uint64(entry), does - _ALONE)
            if len(starts):
                starts[count], ends[count] = here, at
            count += 1
        elif does >= _LESS:
            at = _pass_markup(data, at, does)
    if first >= 0:
        hashes[count] = _finish(running, LETTERS if letters else NUMBER)
        if len(starts):
            starts[count], ends[count] = first, stop
        count += 1
    return count


@kernel
def _finish(running: Any, kind: Any) -> Any:
    """Make of the running hash of a word the 32 bits that stand for it."""
    mixed = (running ^ (running >> _FOLD_SHIFT)) * _MIX
    return np.uint32(mixed >> _HIGH) & np.uint32(~np.uint32(7)) | np.uint32(kind)


@kernel
def _decode(data: Any, at: Any) -> Any:
    """Read one character of several bytes; return its code point and the place after it."""
    byte = np.uint32(data[at])
    more = 1 + (byte >= 0xE0) + (byte >= 0xF0)  # noqa: PLR2004  UTF-8's lead bytes
    code = byte & np.uint32(0x3F >> more)
    for step in range(1, more + 1):
        code = code << np.uint32(6) | np.uint32(data[at + step] & 0x3F)
    return code, at + more + 1


@kernel
def _beyond(code: Any) -> Any:
    """Class a character outside the tables: ideographs, variation selectors, and what ends a word."""
    if code < 0x40000:  # noqa: PLR2004  the ideographic planes
        return np.uint32(code << _CLASS_BITS | (_ALONE + IDEOGRAPH))
    return np.uint32(_SKIPPED if 0xE0100 <= code <= 0xE01EF else _ENDS)  # noqa: PLR2004


@kernel
def _in_number(data: Any, at: Any) -> Any:
    """Tell a point or comma between two digits."""
    return 0 < at < len(data) - 1 and 48 <= data[at - 1] <= 57 and 48 <= data[at + 1] <= 57  # noqa: PLR2004


@kernel
def _refer(data: Any, at: Any) -> Any:
    """Read a character reference behind `&`; return its code point, 32 for a name, and the place after it."""
    stop = min(len(data), at + _LONGEST_REFERENCE)
    number = at < stop and data[at] == 35  # noqa: PLR2004  '#'
    hexa = number and at + 1 < stop and data[at + 1] | 32 == 120  # noqa: PLR2004  'x'
    start = at + number + hexa
    value, base = np.uint32(0), np.uint32(16 if hexa else 10)
    for end in range(start, stop):
        byte = data[end]
        if byte == 59 and end > start:  # noqa: PLR2004  ';'
            known = number and 0 < value < 0x110000 and value != 38  # noqa: PLR2004  '&'
            return value if known else _named(data, start, end), end + 1
        digit = byte - 48 if byte < 58 else (byte | 32) - 87  # noqa: PLR2004
        if number and not 0 <= digit < base:
            break
        value = value * base + np.uint32(digit)
        if not (48 <= byte <= 57 or 97 <= byte | 32 <= 122):  # noqa: PLR2004
            break
    return np.uint32(32), at


@kernel
def _named(data: Any, start: Any, end: Any) -> Any:
    """Return an apostrophe for `apos` and `rsquo`, else a space."""
    if end - start == 4 and data[start] == 97 and data[start + 3] == 115:  # noqa: PLR2004
        return np.uint32(39 if data[start + 1] == 112 and data[start + 2] == 111 else 32)  # noqa: PLR2004
    if end - start == 5 and data[start] == 114 and data[start + 1] == 115:  # noqa: PLR2004
        return np.uint32(39 if data[start + 2] == 113 and data[start + 4] == 111 else 32)  # noqa: PLR2004
    return np.uint32(32)


@kernel
def _pass_markup(data: Any, at: Any, does: Any) -> Any:
    """Return the place after the tag, footnote mark or link target that begins before `at`, else `at`."""
    if at >= len(data):
        return at
    byte = data[at]
    letter = 97 <= byte | 32 <= 122  # noqa: PLR2004
    if does == _LESS and (letter or byte == 47 or byte == 33):  # noqa: PLR1714,PLR2004  '/' and '!'
        return _behind(data, at, at + _LONGEST_TAG, 62, 60)
    if does == _CLOSING and byte == 40:  # noqa: PLR2004  '('
        return _behind(data, at, at + _LONGEST_TARGET, 41, 32)
    if does == _OPENING:
        end = at
        while end < min(len(data), at + _LONGEST_MARK) and 48 <= data[end] <= 57:  # noqa: PLR2004
            end += 1
        end += letter
        return end + 1 if at < end < len(data) and data[end] == 93 else at  # noqa: PLR2004  ']'
    return at


@kernel
def _behind(data: Any, at: Any, limit: Any, closing: Any, barred: Any) -> Any:
    """Return the place after the next `closing` byte, or `at` where `barred` or the limit is before it."""
    for end in range(at, min(limit, len(data))):
        byte = data[end]
        if byte == closing:
            return end + 1
        if byte == barred or (barred == 32 and (byte < 32 or byte == 93)):  # noqa: PLR2004
            break
    return at


@functools.cache
def _tables() -> _Tables:
    """Build the tables from the interpreter's Unicode data, once a process (some 0.1 s)."""
    entries = np.zeros(_PLANES, np.uint32)
    expansions: list[str] = [""]
    for first, last, kind in _BLOCKS:
        codes = np.arange(first, last + 1, dtype=np.uint32)
        entries[first : last + 1] = codes << _CLASS_BITS | (_ALONE + kind)
    for code in range(_PLANES):
        if entries[code] == 0 or _varies(code):
            entries[code] = _entry(code, int(entries[code]) & 31, expansions)
    rows = np.zeros((len(expansions), max(map(len, expansions))), np.uint32)
    for row, several in enumerate(expansions):
        rows[row, : len(several)] = [ord(each) << _CLASS_BITS | _LETTER for each in several]
    return _Tables(frozen(entries, np.uint32), frozen(rows, np.uint32))


def _varies(code: int) -> bool:
    """Tell a code point of the blocks that is no letter, or folds: ideographs and Hangul need no look."""
    return not (0x3400 <= code < 0xA000 or 0xAC00 <= code < 0xD7A4)  # noqa: PLR2004


def _entry(code: int, block: int, expansions: list[str]) -> int:
    """Say what a character does and what it folds to."""
    character = chr(code)
    category = unicodedata.category(character)
    if character in _SPECIAL:
        return _SPECIAL[character]
    if any(first <= code <= last for first, last in _SELECTORS) or _is_passed(character, category):
        return _SKIPPED
    if category[0] not in "LMN":
        return _ENDS
    folded = "".join(each for each in _bare(character) if unicodedata.category(each)[0] in "LMN")
    if not folded:
        return _SKIPPED
    if block >= _ALONE:
        return ord(folded[0]) << _CLASS_BITS | block
    if len(folded) > 1:
        expansions.append(folded)
        return (len(expansions) - 1) << _CLASS_BITS | _SEVERAL
    return ord(folded) << _CLASS_BITS | (_DIGIT if folded.isdigit() else _LETTER)


def _is_passed(character: str, category: str) -> bool:
    """Tell what neither ends a word nor belongs to one: format characters, accents, vowel points."""
    mark = unicodedata.combining(character)
    return (category == "Cf" and ord(character) != _ZERO_WIDTH_SPACE) or _is_accent(mark)


def _is_accent(mark: int) -> bool:
    return mark >= _ACCENTS or mark in _POINTS


def _bare(character: str) -> str:
    """Fold case and compatibility forms and leave the accents away; what then composes, composes."""
    apart = unicodedata.normalize("NFKD", character.casefold())
    bare = "".join(each for each in apart if not _is_accent(unicodedata.combining(each)))
    return unicodedata.normalize("NFC", bare)
