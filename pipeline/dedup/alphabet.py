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
# classes ID and SA of UAX #14), and Hangul, whose spaces say little (docs/decisions, number 11).
_UNSPACED: Final = (
    (0x0E00, 0x0FFF),  # Thai, Lao, Tibetan
    (0x1000, 0x109F),  # Myanmar
    (0x1100, 0x11FF),  # Hangul jamo
    (0x1780, 0x17FF),  # Khmer
    (0x1950, 0x19FF),  # Tai Le, New Tai Lue, Khmer symbols
    (0x1A20, 0x1AAF),  # Tai Tham
    (0x2E80, 0x2FDF),  # CJK and Kangxi radicals: what PDF extraction leaves of ideographs
    (0x3005, 0x3007),  # ideographic iteration, closing and zero marks
    (0x3021, 0x3029),  # Hangzhou numerals
    (0x3038, 0x303C),
    (0x3041, 0x31BF),  # Hiragana, Katakana, Bopomofo, compatibility jamo, Kanbun
    (0x31F0, 0x31FF),  # Katakana extensions
    (0x3400, 0x4DBF),  # ideographs, extension A
    (0x4E00, 0x9FFF),  # ideographs
    (0xA960, 0xA97F),  # Hangul jamo extended A
    (0xA9E0, 0xA9FF),  # Myanmar extended B
    (0xAA60, 0xAADF),  # Myanmar extended A, Tai Viet
    (0xAC00, 0xD7FF),  # Hangul syllables, jamo extended B
    (0xF900, 0xFAFF),  # compatibility ideographs
    (0xFF66, 0xFFDC),  # half-width Katakana and Hangul
    (0x11700, 0x1174F),  # Ahom
    (0x16FE0, 0x18DFF),  # ideographic symbols, Tangut, Khitan
    (0x1AFF0, 0x1B2FF),  # Kana extensions, Nushu
    (0x20000, 0x3FFFF),  # ideographic planes, assigned or not
)
_SELECTORS: Final = ((0x180B, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF))  # variation selectors
_UNDERSCORE: Final = ord("_")
_ALONE_CATEGORIES: Final = (b"So", b"Cn")


class Alphabet(NamedTuple):
    """Page number by code point >> 8; 256 entries for each of the distinct pages; foldings.

    An entry is `(fold << 3) | class`: fold is the code point folded to (0: itself), or for EXPANDS
    the row of `expansions` (int32[:, 3], padded with -1).
    """

    pages: npt.NDArray[np.int32]
    entries: npt.NDArray[np.int32]
    expansions: npt.NDArray[np.int32]


def _inside(codes: npt.NDArray[np.int32], ranges: _Ranges) -> npt.NDArray[np.bool_]:
    """Tell which code points lie in one of the ranges, which rise."""
    firsts, lasts = np.array(ranges, np.int32).T
    place = np.searchsorted(firsts, codes, "right") - 1
    inside: npt.NDArray[np.bool_] = (place >= 0) & (codes <= lasts[place])
    return inside


def _classify(codes: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Return the class of each code point: SEPARATES, WORD, ALONE or SKIPPED."""
    spelled = "".join(map(unicodedata.category, map(chr, codes.tolist()))).encode()
    categories = np.frombuffer(spelled, "S2")
    countable = np.isin(np.frombuffer(spelled, "S1")[::2], [b"L", b"M", b"N"])
    alone = (countable | np.isin(categories, _ALONE_CATEGORIES)) & _inside(codes, _UNSPACED)
    format_ = (categories == b"Cf") & (codes != _ZERO_WIDTH_SPACE)
    cases = [_inside(codes, _SELECTORS) | format_, alone, countable | (codes == _UNDERSCORE)]
    return np.select(cases, [SKIPPED, ALONE, WORD], SEPARATES).astype(np.int32)


def _fold(number: int, entries: npt.NDArray[np.int32], expansions: list[list[int]]) -> None:
    """Add to the entries of a page what its word characters fold to (an entry of 0: itself)."""
    characters = "".join(map(chr, range(number << 8, (number + 1) << 8)))
    if characters.casefold() == characters:
        return
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
    """Build the tables from this Python's Unicode data, once a process (some 30 ms)."""
    expansions: list[list[int]] = []
    distinct: dict[bytes, int] = {}
    pages = np.zeros(0x1100, np.int32)
    # Outside planes 0 and 1 and the head of plane 14 one page stands for many.
    scanned: npt.NDArray[np.int32] = np.array(
        [*range(0x200), 0x200, 0x400, *range(0xE00, 0xE02)], np.int32
    )
    codes = (scanned[:, None] << 8) + np.arange(256, dtype=np.int32)
    classes = _classify(codes.ravel().astype(np.int32)).reshape(codes.shape)
    for number, entries in zip(scanned.tolist(), classes, strict=True):
        _fold(number, entries, expansions)
        pages[number] = distinct.setdefault(entries.tobytes(), len(distinct))
    pages[0x200:0x400], pages[0x400:0xE00] = pages[0x200], pages[0x400]
    pages[0xE02:] = pages[0x400]
    rows = np.frombuffer(b"".join(distinct), np.int32).reshape(-1, 256)
    return Alphabet(pages, rows, np.array(expansions, np.int32))
