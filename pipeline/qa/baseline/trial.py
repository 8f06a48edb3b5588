"""All baselines on the same questions: what each scores by the rules of the language, and how fast it is."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pipeline.qa.baseline.decoding import rules_for
from pipeline.qa.baseline.page import Page, Prompt, page_of, prompt_of
from pipeline.qa.baseline.ranker import answers
from pipeline.qa.baseline.unlearned import best_sentence, sliding_window
from pipeline.qa.likeness import KORQUAD_1
from pipeline.qa.score import Gold, score_one, score_two

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from filters.qa import Question
    from pipeline.qa.baseline.ranker import Ranker, Told
    from pipeline.watch.progress import Display

    Method = Callable[[Page, Prompt], tuple[int, int]]

UNLEARNED: Final[dict[str, Method]] = {"sentence": best_sentence, "window": sliding_window}
RANKER: Final = "ranker"
METHODS: Final = (*UNLEARNED, RANKER)


class Row(NamedTuple):
    """What a method scores on the questions that have an answer, in per cent, and questions a CPU second.

    `best_f1` counts all questions, each answered or not by the best threshold on these very ones: an upper
    bound, 0 where every question has an answer or the method has no odds.
    """

    method: str
    questions: int
    exact: float
    f1: float
    best_f1: float
    speed: float


def answered(method: str, questions: Sequence[Question], display: Display) -> dict[str, str]:
    """Answer by a method that learns nothing; returns answers by id."""
    found: dict[str, str] = {}
    page = page_of("")
    display.start(method, len(questions), 0)
    for question in questions:
        if page.text != question.context:
            page = page_of(question.context)
        start, end = UNLEARNED[method](page, prompt_of(question.question))
        found[question.id] = page.text[start:end]
        display.advance(0)
    return found


def ranked(ranker: Ranker, questions: Sequence[Question], display: Display) -> list[Told]:
    """Answer by the ranker."""
    display.start(RANKER, len(questions), 0)
    return list(answers(ranker, questions, display.advance))


def trial(ranker: Ranker | None, questions: Sequence[Question], display: Display) -> list[Row]:
    """Try all methods, the ranker if there is one."""
    rows = []
    for method in UNLEARNED:
        began = time.process_time()
        told = answered(method, questions, display)
        rows.append(_row(method, questions, told, None, time.process_time() - began))
    if ranker is not None:
        began = time.process_time()
        found = ranked(ranker, questions, display)
        spent = time.process_time() - began
        odds = {each.id: each.null_odds for each in found}
        rows.append(_row(RANKER, questions, {each.id: each.answer for each in found}, odds, spent))
    return rows


def _row(
    method: str,
    questions: Sequence[Question],
    told: dict[str, str],
    odds: dict[str, float] | None,
    spent: float,
) -> Row:
    gold = [Gold(each.id, tuple(answer.text for answer in each.answers)) for each in questions]
    scored = score_one([each for each in gold if each.answers], told, rules_of(questions))
    silent = any(not each.answers for each in gold)
    best: dict[str, Any] = score_two(gold, told, odds) if silent and odds else {"best_f1": 0.0}
    speed = len(questions) / max(spent, 1e-9)
    return Row(method, len(questions), scored["exact_match"], scored["f1"], best["best_f1"], speed)


def rules_of(questions: Sequence[Question]) -> Any:
    """Return KorQuAD's rules where most questions are Korean, else SQuAD's."""
    korean = sum(rules_for(each.question) is KORQUAD_1 for each in questions)
    return KORQUAD_1 if 2 * korean > len(questions) else rules_for("")
