"""What each character is to the words that are compared with evaluation sets, and what it folds to."""

from __future__ import annotations

import functools
import unicodedata
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from filters.jit import frozen

# What a word is. All of these numbers are fixed for good: compiled kernels of other files hold them.
LETTERS: Final = 0
NUMBER: Final = 1
IDEOGRAPH: Final = 2
HANGUL: Final = 3
KANA: Final = 4
SYLLABIC: Final = 5  # Thai, Lao, Tibetan, Myanmar, Khmer: letters and marks one by one

# What a character does; ALONE + a kind is a word by itself.
ENDS: Final = 0
LETTER: Final = 1
DIGIT: Final = 2
SKIPPED: Final = 3
SEVERAL: Final = 4  # folds to a row of `expansions`
POINT: Final = 5
LESS: Final = 6
AMPERSAND: Final = 7
OPENING: Final = 8
CLOSING: Final = 9
ALONE: Final = 16
CLASS_BITS: Final = 5
CLASS_MASK: Final = 31
PLANES: Final = 0x20000  # code points in the tables

_SPECIAL: Final = {
    "'": SKIPPED,
    "\u2019": SKIPPED,
    "\u02bc": SKIPPED,
    ".": POINT,
    ",": POINT,
    "<": LESS,
    "&": AMPERSAND,
    "[": OPENING,
    "]": CLOSING,
}

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


class Tables(NamedTuple):
    """By code point `fold << 5 | class`, uint32; and rows of code points, 0 after their end."""

    entries: npt.NDArray[np.uint32]
    expansions: npt.NDArray[np.uint32]


@functools.cache
def tables() -> Tables:
    """Build the tables from the interpreter's Unicode data, once a process (some 0.1 s)."""
    entries = np.zeros(PLANES, np.uint32)
    expansions: list[str] = [""]
    for first, last, kind in _BLOCKS:
        codes = np.arange(first, last + 1, dtype=np.uint32)
        entries[first : last + 1] = codes << CLASS_BITS | (ALONE + kind)
    for code in range(PLANES):
        if entries[code] == 0 or _varies(code):
            entries[code] = _entry(code, int(entries[code]) & CLASS_MASK, expansions)
    rows = np.zeros((len(expansions), max(map(len, expansions))), np.uint32)
    for row, several in enumerate(expansions):
        rows[row, : len(several)] = [ord(each) << CLASS_BITS | LETTER for each in several]
    return Tables(frozen(entries, np.uint32), frozen(rows, np.uint32))


def _varies(code: int) -> bool:
    """Tell a code point of the blocks that is no letter, or folds: ideographs and Hangul need no look."""
    return not (0x3400 <= code < 0xA000 or 0xAC00 <= code < 0xD7A4)  # noqa: PLR2004


def _entry(code: int, block: int, expansions: list[str]) -> int:
    """Say what a character does and what it folds to."""
    character = chr(code)
    category = unicodedata.category(character)
    if character in _SPECIAL:
        return _SPECIAL[character]
    if _is_passed(character, category):
        return SKIPPED
    folded = _bare(character) if category[0] in "LMN" else ""
    if not folded:
        return ENDS
    if block >= ALONE:
        return ord(folded[0]) << CLASS_BITS | block
    if len(folded) > 1:
        expansions.append(folded)
        return (len(expansions) - 1) << CLASS_BITS | SEVERAL
    return ord(folded) << CLASS_BITS | (DIGIT if folded.isdigit() else LETTER)


def _is_passed(character: str, category: str) -> bool:
    """Tell what neither ends a word nor belongs to one: format characters, accents, vowel points."""
    code = ord(character)
    chosen = any(first <= code <= last for first, last in _SELECTORS)
    format_ = category == "Cf" and code != _ZERO_WIDTH_SPACE
    return chosen or format_ or _is_accent(character)


def _is_accent(character: str) -> bool:
    mark = unicodedata.combining(character)
    return mark >= _ACCENTS or mark in _POINTS


def _bare(character: str) -> str:
    """Fold case and compatibility forms and leave the accents away; what then composes, composes."""
    apart = unicodedata.normalize("NFKD", character.casefold())
    bare = "".join(each for each in apart if not _is_accent(each))
    whole = unicodedata.normalize("NFC", bare)
    return "".join(each for each in whole if unicodedata.category(each)[0] in "LMN")
