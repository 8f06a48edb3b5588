"""What each Unicode character is to the tokeniser, and the characters that it folds to."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

# The classes; those up to ALONE end a word.
SEPARATES: Final = 0
ALONE: Final = 1  # is a token by itself
WORD: Final = 2  # continues or starts a word
EXPANDS: Final = 3  # a word character that folds to two or three
SKIPPED: Final = 4  # invisible: neither ends a word nor counts

_Ranges = tuple[tuple[int, int], ...]

_ZERO_WIDTH_SPACE: Final = 0x200B  # a format character by category, a word boundary by purpose

# Scripts written without spaces between words, by block (Unicode Standard, Blocks.txt; line-break
# classes ID and SA of UAX #14). Hangul is not among them: Korean is written in spaced words, UAX
# #29 breaks it like Latin, and five-syllable shingles would hold 1.4 words where others hold five.
_UNSPACED: Final = (
    (0x0E00, 0x0FFF),  # Thai, Lao, Tibetan
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x1950, 0x19FF),  # Tai Le, New Tai Lue, Khmer symbols
    (0x1A20, 0x1AAF),  # Tai Tham
    (0x2E80, 0x2FDF),  # CJK and Kangxi radicals: what PDF extraction leaves of ideographs
    (0x3005, 0x3007),  # ideographic iteration, closing and zero marks
    (0x3021, 0x3029),  # Hangzhou numerals
    (0x3038, 0x303C),
    (0x3041, 0x312F),  # Hiragana, Katakana, Bopomofo
    (0x3190, 0x31BF),  # Kanbun, Bopomofo extended
    (0x31F0, 0x31FF),  # Katakana extensions
    (0x3400, 0x4DBF),  # ideographs, extension A
    (0x4E00, 0x9FFF),  # ideographs
    (0xA9E0, 0xA9FF),  # Myanmar extended B
    (0xAA60, 0xAADF),  # Myanmar extended A, Tai Viet
    (0xF900, 0xFAFF),  # compatibility ideographs
    (0xFF66, 0xFF9F),  # half-width Katakana
    (0x11700, 0x1174F),  # Ahom
    (0x16FE0, 0x18DFF),  # ideographic symbols, Tangut, Khitan
    (0x1AFF0, 0x1B2FF),  # Kana extensions, Nushu
    (0x20000, 0x3FFFF),  # ideographic planes, assigned or not
)
_SELECTORS: Final = ((0x180B, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF))  # variation selectors
_UNDERSCORE: Final = ord("_")
_ALONE_CATEGORIES: Final = frozenset({"So", "Cn"})


class Alphabet(NamedTuple):
    """The kernel's tables: page number by code point >> 8; entries of the distinct pages; foldings.

    An entry is `(fold << 3) | class`: fold is the code point folded to (0: itself), or for EXPANDS
    the row of `expansions` (int32[:, 3], padded with -1).
    """

    pages: npt.NDArray[np.int32]
    entries: npt.NDArray[np.int32]
    expansions: npt.NDArray[np.int32]


def _inside(code: int, ranges: _Ranges) -> bool:
    return any(first <= code <= last for first, last in ranges)


def _near(number: int, ranges: _Ranges) -> _Ranges:
    """Return the ranges that touch one page of 256 code points."""
    start, stop = number << 8, (number + 1) << 8
    return tuple((first, last) for first, last in ranges if first < stop and last >= start)


def _classify(code: int, category: str, unspaced: _Ranges, selectors: _Ranges) -> int:
    """Return the class of one code point: SEPARATES, WORD, ALONE or SKIPPED."""
    countable = category[0] in "LMN"
    if _inside(code, selectors) or (category == "Cf" and code != _ZERO_WIDTH_SPACE):
        return SKIPPED
    if (countable or category in _ALONE_CATEGORIES) and _inside(code, unspaced):
        return ALONE
    return WORD if countable or code == _UNDERSCORE else SEPARATES


def _page(number: int, expansions: list[list[int]]) -> tuple[int, ...]:
    """Return the 256 entries of one page, and append the foldings to several characters met."""
    characters = "".join(map(chr, range(number << 8, (number + 1) << 8)))
    unspaced, selectors = _near(number, _UNSPACED), _near(number, _SELECTORS)
    categories = map(unicodedata.category, characters)
    entries = [
        _classify(code, category, unspaced, selectors)
        for code, category in enumerate(categories, number << 8)
    ]
    if characters.casefold() != characters:
        _fold(characters, entries, expansions)
    return tuple(entries)


def _fold(characters: str, entries: list[int], expansions: list[list[int]]) -> None:
    """Add to the entries of a page what its word characters fold to (an entry of 0: itself)."""
    for index, character in enumerate(characters):
        folded = character.casefold()
        if entries[index] != WORD or folded == character:
            continue
        if len(folded) == 1:
            entries[index] |= ord(folded) << 3
        else:
            entries[index] = len(expansions) << 3 | EXPANDS
            expansions.append([*map(ord, folded), -1, -1][:3])


@cache
def alphabet() -> Alphabet:
    """Build the tables from this Python's Unicode data, once a process (some 60 ms)."""
    expansions: list[list[int]] = []
    distinct: dict[tuple[int, ...], int] = {}
    pages = np.zeros(0x1100, np.int32)
    # Outside planes 0 and 1 and the head of plane 14 one page stands for many.
    for number in (*range(0x200), 0x200, 0x400, *range(0xE00, 0xE02)):
        page = distinct.setdefault(_page(number, expansions), len(distinct))
        pages[number] = page
    pages[0x200:0x400], pages[0x400:0xE00] = pages[0x200], pages[0x400]
    pages[0xE02:] = pages[0x400]
    entries = np.array(list(distinct), np.int32).ravel()
    return Alphabet(pages, entries, np.array(expansions, np.int32))
