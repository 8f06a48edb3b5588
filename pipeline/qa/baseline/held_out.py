"""What held-out questions say of answers: which are right, how right, and what it looks like when there is none."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import msgspec

from pipeline.qa.baseline.chance import digest
from pipeline.qa.baseline.decoding import rules_for
from pipeline.qa.baseline.unanswerable import made_unanswerable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from filters.qa import Question


def right_among(question: Question, texts: Sequence[str]) -> list[int]:
    """Return the places of texts that are exactly right."""
    rules = rules_for(question.question)
    golds = {rules.plain(each.text) for each in question.answers}
    return [row for row, text in enumerate(texts) if rules.plain(text) in golds]


def judge(question: Question, text: str) -> tuple[float, float]:
    """Return exact match and F1 of an answer, from 0 to 1."""
    rules = rules_for(question.question)
    return (
        float(max(rules.exact(text, each.text) for each in question.answers)),
        max(rules.f1(text, each.text) for each in question.answers),
    )


def without_answers(held: Sequence[Question], seed: int) -> list[Question]:
    """Return the questions without an answer; where there is none, the others are changed into such."""
    given = [each for each in held if each.is_impossible]
    return given or made_without_answers(held, seed)


def made_without_answers(questions: Sequence[Question], seed: int) -> list[Question]:
    """Change one word in each question that has an answer, where one can be changed, so that it has none."""
    found = []
    for each in questions:
        chance = Random(digest(seed, each.id, each.context))  # noqa: S311  no secret
        changed = made_unanswerable(each, questions, chance)
        if changed is not None:
            found.append(
                msgspec.structs.replace(each, question=changed, answers=(), is_impossible=True)
            )
    return found
