"""Every figure that a quality filter judges by, measured in one walk over a text."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from filters.quality.encoded import encoded_runs
from filters.quality.figure_kernels import (
    count_present,
    count_sentences,
    gram_numbers,
    repeats,
    top_gram,
    word_kinds,
    word_numbers,
)
from filters.quality.signs import (
    BARE,
    DIGIT,
    LETTER,
    STOP,
    code_points,
    sentence_ends,
    signs_of,
)
from filters.quality.word_kernels import cut_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

STOP_WORDS: Final = ("the", "be", "to", "of", "and", "that", "have", "with")
TOP: Final = (2, 3, 4)
REPEATED: Final = (5, 6, 7, 8, 9, 10)
TEXT_SCORES: Final = (
    "words",
    "mean-length",
    "symbols",
    "alphabetic",
    "stop-words",
    "bulleted",
    "ellipsis",
    "lines",
    "line-characters",
    "paragraphs",
    "paragraph-characters",
    *(f"top-{n}-gram" for n in TOP),
    *(f"repeated-{n}-gram" for n in REPEATED),
    "sentences",
    "curly-bracket",
    "lorem-ipsum",
    "terminal-lines",
    "short-lines",
    "duplicate-characters",
    "newlines",
    "code-lines",
    "mean-line",
    "longest-line",
    "alphabetic-characters",
    "alphanumeric-characters",
    "encoded",
    "encoded-run",
)
"""The names of the figures of a text."""

SCORES: Final = (*TEXT_SCORES, "generated", "vendored")
"""The names of all figures, in the order in which they are stored; the last two are 0 or 1."""

_REPEATED: Final = np.array(REPEATED)
_BULLETS: Final = ("•", "-")
_ELLIPSES: Final = ("...", "…")
_PARAGRAPH: Final = re.compile(r"\n{2,}")
_LINES: Final = re.compile(r"\n+")
_CITATION: Final = re.compile(r"\[(?:\d*|edit|citation needed)\]")
_TERMINAL: Final = (".", "!", "?", '"', "'", "”")
_POLICIES: Final = re.compile(
    r"terms of use|(?:privacy|cookie) policy|uses? (?:of )?cookies|uses cookies"
)
_LINE_WORDS: Final = 3  # of a line that C4 retains, at least; none of them longer than that
_LONGEST_WORD: Final = 1000


class Measures(msgspec.Struct, frozen=True, kw_only=True):
    """What the figures themselves depend on; a threshold is not part of it.

    `short_line` is in code points.
    """

    stop_words: tuple[str, ...] = STOP_WORDS
    short_line: int = 30


def measure(text: str, measures: Measures) -> dict[str, float]:
    """Take every figure of a text, in the order of `TEXT_SCORES`; shares are of 1 and lengths in code points."""
    points = code_points(text)
    signs = signs_of(points)
    spans = cut_words(points, signs)
    numbers = word_numbers(points, spans)
    found = [
        *_words(text, signs, spans, numbers, measures.stop_words),
        *_line_ends(text.splitlines()),
        *_repeated_parts(text),
        *_repeated_words(len(text), numbers, spans[:, 1] - spans[:, 0]),
        *_retained(text, signs, spans),
        *_layout(text, len(spans), measures.short_line),
        *_code(text, points, signs),
    ]
    return dict(zip(TEXT_SCORES, map(float, found), strict=True))


def share(part: float, whole: float) -> float:
    """`part / whole`, 0 for nothing of nothing."""
    return part / whole if whole else 0.0


def _words(
    text: str,
    signs: NDArray[np.uint16],
    spans: NDArray[np.int64],
    numbers: NDArray[np.uint64],
    stop_words: tuple[str, ...],
) -> Iterable[float]:
    """How many words there are but for bare signs, their mean length; of all words, symbols and letters."""
    kinds = word_kinds(signs, spans, LETTER, BARE)
    real = ~kinds[:, 1]
    count = int(real.sum())
    lengths = (spans[:, 1] - spans[:, 0])[real]
    symbols = max(text.count("#"), text.count("...") + text.count("…"))
    return (
        count,
        share(int(lengths.sum()), count),
        share(symbols, len(spans)),
        share(int(kinds[:, 0].sum()), len(spans)),
        count_present(_numbers_of(stop_words), numbers),
    )


@functools.lru_cache(maxsize=8)
def _numbers_of(words: tuple[str, ...]) -> NDArray[np.uint64]:
    """Give the numbers that these words have in any text."""
    ends = np.cumsum([len(word) for word in words], dtype=np.int64)
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1]])[: len(words)]
    numbers: NDArray[np.uint64] = word_numbers(
        code_points("".join(words)), np.stack([starts, ends], axis=1)
    )
    return numbers


def _line_ends(lines: list[str]) -> Iterable[float]:
    """Give the shares of all lines that begin with a bullet, and that end with an ellipsis."""
    bulleted = sum(line.lstrip().startswith(_BULLETS) for line in lines)
    return share(bulleted, len(lines)), share(
        sum(line.rstrip().endswith(_ELLIPSES) for line in lines), len(lines)
    )


def repeated(parts: list[str]) -> tuple[int, int]:
    """How many parts occurred before, and their code points."""
    seen: set[str] = set()
    again = characters = 0
    for part in parts:
        if part in seen:
            again += 1
            characters += len(part)
        else:
            seen.add(part)
    return again, characters


def _repeated_parts(text: str) -> Iterable[float]:
    """Lines and paragraphs that occurred before: shares of all, and of the text."""
    for parts in (_LINES.split(text), _PARAGRAPH.split(text.strip())):
        again, characters = repeated(parts)
        yield share(again, len(parts))
        yield share(characters, len(text))


def _repeated_words(
    length: int, numbers: NDArray[np.uint64], lengths: NDArray[np.int64]
) -> Iterable[float]:
    """Give the shares of the text in its commonest run of words, and in runs that occurred before."""
    for n in TOP:
        first, count = top_gram(gram_numbers(numbers, n))
        blanks = n - 1  # between the words of a run
        yield share((int(lengths[first : first + n].sum()) + blanks) * count, length)
    for total in repeats(numbers, lengths, _REPEATED).tolist():
        yield share(total, length)


def _retained(text: str, signs: NDArray[np.uint16], spans: NDArray[np.int64]) -> Iterable[float]:
    """Of the lines that C4 retains: sentences, and how many have a curly bracket or filler text."""
    clean = _CITATION.sub("", text) if "[" in text else text
    if len(clean) != len(text):
        points = code_points(clean)
        signs = signs_of(points)
        spans = cut_words(points, signs)
    kept: list[tuple[int, int]] = []
    curly = lorem = start = 0
    for raw in clean.splitlines(keepends=True):
        line = raw.strip()
        if line.endswith(_TERMINAL) and not line.endswith("...") and _has_words(line):
            lower = line.lower()
            lorem += "lorem ipsum" in lower
            if "javascript" not in lower:
                curly += "{" in line
                if _POLICIES.search(lower) is None:
                    kept.append((start, start + len(raw)))
        start += len(raw)
    lines = np.array(kept, np.int64).reshape(-1, 2)
    return count_sentences(signs, spans, lines, STOP, BARE), curly, lorem


def _has_words(line: str) -> bool:
    words = line.split()
    return len(words) >= _LINE_WORDS and max(map(len, words)) <= _LONGEST_WORD


def _layout(text: str, words: int, short: int) -> Iterable[float]:
    """Of the lines with anything on them, those that end a sentence or are short; repetition; breaks a word."""
    lines = [line for line in text.split("\n") if line and not line.isspace()]
    breaks = text.count("\n")
    ends = sentence_ends()
    return (
        share(sum(line.endswith(ends) for line in lines), len(lines)),
        share(sum(len(line) <= short for line in lines), len(lines)),
        share(repeated(lines)[1], len(text) - breaks),
        share(breaks, words),
    )


def _code(text: str, points: NDArray[np.uint32], signs: NDArray[np.uint16]) -> Iterable[float]:
    """Lines, their mean and greatest length; shares of letters and of digits too; encoded data."""
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    lengths = list(map(len, lines))
    total, longest = encoded_runs(text, points, signs)
    return (
        len(lines),
        share(sum(lengths), len(lines)),
        max(lengths, default=0),
        share(int(np.count_nonzero(signs & LETTER)), len(text)),
        share(int(np.count_nonzero(signs & (LETTER | DIGIT))), len(text)),
        share(total, len(text)),
        longest,
    )
