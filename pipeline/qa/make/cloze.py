"""Cloze questions: a sentence of a document asks for the date, figure or name that is taken out of it.

The method is that of Dhingra et al. 2018 (Simple and Effective Semi-Supervised Question Answering) and
Lewis et al. 2019, who mask what a model finds; here the answers are found by rules (values.py).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from filters.qa_quality import says
from filters.qa_words import sentences, words
from pipeline.qa.make.values import Value, korean_words, nouns, values
from pipeline.qa.make.wording import OPENING, ask

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PARAGRAPH: Final = re.compile(r"(?:[^\n]+\n?)+")
_WRAPPED: Final = range(50, 101)  # columns of a line that was broken to fit a page
_LONGEST: Final = 900  # code points of a context
_ENDS: Final = (".", "!", "。")
# A sentence that begins so leans on the one before it
_LEANS: Final = re.compile(
    r"(?:He|She|It|They|We|You|I|This|That|These|Those|Such|But|And|Or|So|Then|Thus|There|Here|However|Also|His"
    r"|Her|Its|Their|Our|My|Another|Other|Both|Yet|Still|Therefore|Moreover|Furthermore|Similarly|Later|In this"
    r"|In that|In these|At this|At that|For this|For example|As such|As a result)\b"
    r"|(?:그|이|저|그는|그녀는|이는|그의|그녀의|이에|이후|그러나|그리고|하지만|또한|또|따라서|그래서|이러한|그런|이런|이로)\s"
)
_SIGNS: Final = 0.75  # share of a sentence that is letters, digits or blanks of one


class Cloze(NamedTuple):
    """A question over the slice `[start, end)` of the text, its answer at `[low, high)` of the text."""

    question: str
    start: int
    end: int
    low: int
    high: int
    kind: str


def clozes(
    text: str, language: str, redacted: Sequence[tuple[int, int]], least: int, most: int
) -> Iterator[Cloze]:
    """Yield every cloze that a text gives, in order.

    A sentence has from `least` to `most` words, stands alone, and holds nothing that was redacted.
    """
    known = nouns(text) if language == "ko" else frozenset()
    spans = list(_sentences(text))
    for number, (start, end) in enumerate(spans):
        sentence = text[start:end]
        if not _fits(sentence, least, most) or any(a < end and start < b for a, b in redacted):
            continue
        found = values(text, start, end)
        if language == "ko":
            found = [*_figures(found), *korean_words(text, start, end, known)]
        around = _window(spans, number)
        if around == (start, end):
            continue
        for each in found:
            question = _asked(text, start, end, each, language)
            if question:
                yield Cloze(question, *around, each.start, each.end, each.kind)


def _asked(text: str, start: int, end: int, value: Value, language: str) -> str:
    """Word the question; `""` where the rest of the sentence says the answer again, or spans lines."""
    answer = text[value.start : value.end]
    question = ask(text[start : value.start], answer, text[value.end : end], value.kind, language)
    question = " ".join(question.split())
    return "" if says(question, answer) or answer in question or "\n" in answer else question


def _figures(found: list[Value]) -> list[Value]:
    return [each for each in found if each.kind != "name"]


def _fits(sentence: str, least: int, most: int) -> bool:
    """Tell whether a sentence is whole and says by itself what it is about."""
    if not sentence.endswith(_ENDS) or not sentence[-2:-1].isalnum() or _LEANS.match(sentence):
        return False
    first = sentence.lstrip(OPENING)[:1]
    if first.islower() or not first.isalnum() or sentence.count('"') % 2:
        return False
    plain = sum(sign.isalnum() or sign == " " for sign in sentence)
    return plain >= _SIGNS * len(sentence) and least <= len(words(sentence)) <= most


def _window(spans: Sequence[tuple[int, int]], number: int) -> tuple[int, int]:
    """Return the slice of whole sentences around one, as long as a context may be."""
    first = last = number
    grown = True
    while grown:
        grown = False
        for low, high in ((first - 1, last), (first, last + 1)):
            fits = low >= 0 and high < len(spans) and spans[high][1] - spans[low][0] <= _LONGEST
            if fits:
                first, last, grown = low, high, True
    return spans[first][0], spans[last][1]


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield the sentences of a text; lines that were broken to fit a page are joined."""
    for match in _PARAGRAPH.finditer(text):
        piece = match.group()
        lines = piece.rstrip("\n").split("\n")
        if len(lines) > 1 and all(len(line) in _WRAPPED for line in lines[:-1]):
            piece = piece.replace("\n", " ")
        yield from ((match.start() + start, match.start() + end) for start, end in sentences(piece))
