"""Figures about a text that quality filters judge by: words, lines, and what repeats in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BULLETS: Final = ("•", "‣", "▪", "■", "□", "●", "○", "◦", "-", "*", "–", "—")  # noqa: RUF001  real bullet signs
_ELLIPSES: Final = ("...", "…")
_ALPHABETIC: Final = re.compile(r"[^\W\d_]")
_SENTENCE_END: Final = re.compile(r"[.!?][\"'”’)\]]*(?=\s|\Z)|[。！？]")  # noqa: RUF001  full-width signs end sentences too
_PARAGRAPH: Final = re.compile(r"\n{2,}")
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio, odd: Knuth, TAOCP 3, 6.4


class Words(NamedTuple):
    """Whitespace-separated words: how many (`total`), their mean length, and shares of 1."""

    total: int
    mean_length: float
    alphabetic: float  # share of words with a letter
    symbols: float  # hash signs and ellipses for each word
    stop_words: int  # different ones of those asked for


class Lines(NamedTuple):
    """Shares of the non-blank lines."""

    bulleted: float
    ellipsis: float


def share(part: float, whole: float) -> float:
    """`part / whole`, 0 for nothing of nothing."""
    return part / whole if whole else 0.0


def word_figures(text: str, words: list[str], stop_words: frozenset[str]) -> Words:
    """Count over `text.split()`, which is passed in because splitting costs most."""
    ellipses = text.count("...") + text.count("…")
    return Words(
        len(words),
        share(sum(map(len, words)), len(words)),
        share(sum(1 for word in words if _ALPHABETIC.search(word)), len(words)),
        share(max(text.count("#"), ellipses), len(words)),
        len(stop_words.intersection(word.lower().strip(".,;:!?\"'()") for word in words)),
    )


def line_figures(text: str) -> Lines:
    """Look at each non-blank line's first sign and at how it ends."""
    lines = [line.strip() for line in text.split("\n")]
    lines = [line for line in lines if line]
    return Lines(
        share(sum(line.startswith(_BULLETS) for line in lines), len(lines)),
        share(sum(line.endswith(_ELLIPSES) for line in lines), len(lines)),
    )


def repeated(text: str, *, paragraphs: bool) -> tuple[float, float]:
    """Measure lines or paragraphs that occurred before: shares of all and of the characters."""
    parts = _PARAGRAPH.split(text.strip()) if paragraphs else text.strip().split("\n")
    parts = [part for part in parts if part.strip()]
    seen: set[str] = set()
    again = 0
    characters = 0
    for part in parts:
        if part in seen:
            again += 1
            characters += len(part)
        else:
            seen.add(part)
    return share(again, len(parts)), share(characters, len(text))


class NGrams:
    """Word n-grams as 64-bit numbers, so that repetition is a sort and not a dictionary.

    Two different n-grams share a number with probability 2**-64; a text of 10**5 words then errs
    once in 10**9 texts.
    """

    def __init__(self, words: list[str]) -> None:
        ids: dict[str, int] = {}
        numbers = [ids.setdefault(word, len(ids) + 1) for word in words]
        self._words: NDArray[np.uint64] = _scatter(np.array(numbers, dtype=np.uint64))
        self._lengths: NDArray[np.int64] = np.fromiter(map(len, words), np.int64, len(words))

    def _numbers(self, n: int) -> NDArray[np.uint64]:
        count = max(0, len(self._words) - n + 1)
        total = np.zeros(count, dtype=np.uint64)
        for offset in range(n):
            total = _scatter(total) + self._words[offset : offset + count]
        return total

    def top_characters(self, n: int) -> int:
        """Count characters in all occurrences of the n-gram that covers most; 0 if none recurs."""
        _, first, counts = np.unique(self._numbers(n), return_index=True, return_counts=True)
        often = counts >= 2  # noqa: PLR2004  twice is the least repetition
        if not often.any():
            return 0
        ends = np.concatenate([[0], np.cumsum(self._lengths)])
        lengths = ends[first[often] + n] - ends[first[often]]
        return int((lengths * counts[often]).max())

    def repeated_characters(self, n: int) -> int:
        """Count characters of words inside any n-gram that occurred before, each word once."""
        numbers = self._numbers(n)
        if not len(numbers):
            return 0
        _, first = np.unique(numbers, return_index=True)
        again = np.ones(len(numbers), dtype=bool)
        again[first] = False
        covered = np.zeros(len(self._words), dtype=bool)
        for offset in range(n):
            covered[offset : offset + len(again)] |= again
        return int(self._lengths[covered].sum())


def _scatter(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread the bits (finaliser of MurmurHash3, Appleby 2011); wraps modulo 2**64 on purpose."""
    mixed = (numbers + np.uint64(1)) * _MIX
    mixed ^= mixed >> np.uint64(33)
    mixed *= np.uint64(0xFF51AFD7ED558CCD)
    mixed ^= mixed >> np.uint64(33)
    return mixed


def sentence_count(text: str) -> int:
    """Count sentences by their final punctuation."""
    return len(_SENTENCE_END.findall(text))
