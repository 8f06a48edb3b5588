"""What is counted over the questions to learn from: rare tokens, what answers look like, and how long they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.qa.baseline.cues import cue_of
from pipeline.qa.baseline.units import units_of
from pipeline.qa.reader.fits import count_fits
from pipeline.qa.reader.hints import count_rarity
from pipeline.qa.reader.inputs import Preparer
from pipeline.qa.wordpiece import train as train_tokenizer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from filters.qa import Question
    from pipeline.qa.baseline.cues import Cue
    from pipeline.qa.reader.plan import Plan
    from pipeline.qa.wordpiece import WordPiece


def make_preparer(
    learning: Sequence[Question], plan: Plan, tokenizer: WordPiece | None
) -> Preparer:
    """Train a tokenizer unless there is one, and count what hints are made of."""
    contexts = sorted({each.context for each in learning})
    if tokenizer is None:
        asked = (each.question for each in learning)
        tokenizer = train_tokenizer([*contexts, *asked], plan.vocabulary)
    rarity = count_rarity((tokenizer.encode(each).ids for each in contexts), tokenizer.size)
    preparer = Preparer(tokenizer, plan.reading, rarity)
    return Preparer(tokenizer, plan.reading, rarity, count_fits(_seen(preparer, learning)))


def _seen(preparer: Preparer, questions: Sequence[Question]) -> Iterator[tuple[Cue, list[int]]]:
    """Yield what each question with answers asks for, and what the units of its answers look like."""
    for each in questions:
        passage = preparer.passage(each.context)
        found = set[int]()
        for answer in each.answers:
            first, last = np.searchsorted(passage.units.start, [answer.start, answer.end])
            found.update(passage.look[first:last].tolist())
        if found:
            yield cue_of(units_of(each.question)), sorted(found)


def count_lengths(preparer: Preparer, questions: Sequence[Question]) -> list[int]:
    """Count the first right answer of each question by its units less one, up to the longest."""
    counts = [0] * preparer.reading.answer
    for each in questions:
        if each.answers:
            units = preparer.passage(each.context).units
            first = int(np.searchsorted(units.end, each.answers[0].start, side="right"))
            last = int(np.searchsorted(units.start, each.answers[0].end, side="left")) - 1
            counts[min(max(last - first, 0), len(counts) - 1)] += 1
    return counts
