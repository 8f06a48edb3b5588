"""What a code point is to the word rules: one number of bits each, by Unicode property."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

import numpy as np
import regex  # type: ignore[import-untyped]  # it ships no types

if TYPE_CHECKING:
    from numpy.typing import NDArray

(
    SPACE,
    LETTER,
    LOWER,
    UPPER,
    DIGIT,
    MARK,
    CURRENCY,
    ICON,
    BARE,
    STOP,
    QUOTE,
    PACKED,
    HEX,
) = (1 << bit for bit in range(13))
"""MARK: punctuation that is a word of its own at either end of one. BARE: no letter, digit or accent.

STOP ends a sentence, PACKED is a sign of base64 or the end of its line, HEX a hexadecimal digit.
"""

_PLANES: Final = 0x40000  # code points that are assigned lie below, but for tags and private use
_QUOTES: Final = r"[\"'`´‘’‚“”„«»‹›「」『』【】《》〈〉〔〕（）]"  # noqa: RUF001  real quotation marks
_PROPERTIES: Final = (
    (SPACE, r"[\s\x1c-\x1f]"),
    (LETTER, r"\p{L}"),
    (LOWER, r"[\p{L}--\p{Lu}]"),  # a letter of a script without case is both
    (UPPER, r"[\p{Lu}\p{Lo}]"),
    (DIGIT, r"[0-9]"),
    (MARK, r"[,:;!?()\[\]{}<>_#*&…¿¡؟،؛٪·।۔。？！，、；：～–—]"),  # noqa: RUF001  full-width signs too
    (MARK | QUOTE, _QUOTES),
    (CURRENCY, r"\p{Sc}"),
    (ICON, r"\p{So}"),
    (BARE, r"[\p{P}\p{S}\p{C}]"),
    (STOP, r"\p{Sentence_Terminal}"),
    (PACKED, r"[A-Za-z0-9+/=\n]"),
    (HEX, r"[0-9A-Fa-f]"),
)


@functools.cache
def sentence_ends() -> tuple[str, ...]:
    """Every sign that ends a sentence in some script: Unicode's Sentence_Terminal, and Khmer's."""
    return (*regex.findall(r"\p{Sentence_Terminal}", _everything()), "\u17d6", "\u17d9", "\u17da")


@functools.cache
def sign_bits() -> NDArray[np.uint16]:
    """uint16 for each code point below `_PLANES`; 0.1 s, once a process."""
    bits = np.zeros(_PLANES, np.uint16)
    for bit, pattern in _PROPERTIES:
        found = "".join(regex.findall(pattern, _everything(), regex.V1))
        bits[np.frombuffer(found.encode("utf-32-le"), "<u4")] |= np.uint16(bit)
    bits.flags.writeable = False
    return bits


def _everything() -> str:
    return "".join(map(chr, (*range(0xD800), *range(0xE000, _PLANES))))


def code_points(text: str) -> NDArray[np.uint32]:
    """uint32 for each code point; a half of a surrogate pair is one."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")


def signs_of(points: NDArray[np.uint32]) -> NDArray[np.uint16]:
    """Give the bits of each code point; none for what lies above the planes that are in use."""
    return np.where(points < _PLANES, sign_bits()[np.minimum(points, _PLANES - 1)], np.uint16(0))
