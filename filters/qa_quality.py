"""How good a question is, as far as it can be told without a model: lengths, overlap, leaks, places.

The overlap of a question with the sentence of its answer is the usual measure of how much matching words
alone find it (Weissenborn et al. 2017, Sugawara et al. 2018).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from filters.korean import is_hangul
from filters.qa_words import content_words, sentence_around, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from filters.qa import Answer

_DIGITS: Final = 4  # decimals of a share: every float of so few is written in one way


class Quality(msgspec.Struct, frozen=True, kw_only=True):
    """What is measured of a question; `answer_words` and `places` are of the first answer, 0 without one.

    `overlap` is the share, from 0 to 1, of the question's content words that stand in the sentence of the
    first answer (of the first plausible one, else in the whole context), `leak` whether the question says
    an answer, `places` how often the first answer's text stands in the context.
    """

    question_words: int
    answer_words: int
    overlap: float
    leak: bool
    places: int


def quality_of(
    question: str, context: str, answers: Sequence[Answer], plausible: Sequence[Answer] = ()
) -> Quality:
    """Measure a question over its context."""
    first = answers[0].text if answers else ""
    tempting = [*answers, *plausible][:1]
    around = [sentence_around(context, each.start, each.end) for each in tempting]
    near = context[slice(*around[0])] if around else context
    return Quality(
        question_words=len(words(question)),
        answer_words=len(words(first)),
        overlap=overlap(question, near),
        leak=any(says(question, each.text) for each in answers),
        places=context.count(first) if first else 0,
    )


def overlap(question: str, passage: str) -> float:
    """Return the share of the question's content words that the passage has, 0 where it has none."""
    wanted = content_words(question)
    return round(len(wanted & content_words(passage)) / len(wanted), _DIGITS) if wanted else 0.0


def says(text: str, answer: str) -> bool:
    """Tell whether a text holds the words of an answer in a row, whatever their case."""
    wanted = [word.casefold() for word in words(answer)]
    if not wanted:
        return False
    if any(map(is_hangul, answer)):  # particles join the words of an answer
        return answer.casefold() in text.casefold()
    here = [word.casefold() for word in words(text)]
    return any(here[at : at + len(wanted)] == wanted for at in range(len(here) - len(wanted) + 1))
