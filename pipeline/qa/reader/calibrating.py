"""What a reader's scores are worth, by held-out questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from pipeline.qa.baseline.calibration import Calibration, Steps, fit_temperature, isotonic
from pipeline.qa.baseline.held_out import judge, right_among, without_answers
from pipeline.qa.reader.reader import Reader, Sureness
from pipeline.qa.reader.worth import Case, fit_worth
from pipeline.qa.score import Gold, score_two

if TYPE_CHECKING:
    from collections.abc import Sequence

    from filters.qa import Question
    from pipeline.qa.reader.decoding import Considered
    from pipeline.qa.reader.inputs import Passage, Preparer
    from pipeline.qa.reader.reader import Judged, Read, Score


def calibrate(
    preparer: Preparer,
    score: Score,
    held: Sequence[Question],
    seed: int,
) -> Sureness:
    """Fit what spans are worth, temperature, confidence and doubt on questions that nothing was learned from.

    Where none of them lacks an answer some are changed so that they do, and no threshold is fitted.
    """
    asked = [each for each in held if each.answers]
    silent = without_answers(held, seed)
    if not asked or not silent:
        return Sureness()
    reader = Reader(preparer, score, Sureness())
    read = list(reader.read(asked))
    worth = fit_worth([_case(reader, each) for each in read])
    reader = Reader(preparer, score, Sureness(worth=worth))
    judged = [reader.judge(each) for each in read]
    right = [right_among(each, _spans(one)) for each, one in zip(asked, judged, strict=True)]
    temperature = fit_temperature([each.considered.scores for each in judged], right)
    warm = Calibration(temperature, Steps((), ()), Steps((), ()), 0)
    reader = Reader(preparer, score, Sureness(warm, worth=worth))
    judged = [reader.judge(each) for each in read]
    calibration = _calibration(asked, judged, temperature)
    nothing = [reader.judge(each) for each in reader.read(silent)]
    margins = [each.margin for each in (*judged, *nothing)]
    answerable = isotonic(margins, [1.0] * len(judged) + [0.0] * len(nothing))
    found = Sureness(calibration, answerable, worth=worth)
    if not any(each.is_impossible for each in held):
        return found
    threshold = _threshold(Reader(preparer, score, found), held)
    return msgspec.structs.replace(found, threshold=threshold)


def _case(reader: Reader, read: Read) -> Case:
    spans, known = reader.known(read)
    right = np.zeros(len(known), np.bool_)
    right[right_among(read.question, _texts(read.passage, spans))] = True
    return Case(known, right)


def exact_and_f1(reader: Reader, questions: Sequence[Question]) -> tuple[float, float]:
    """Return exact match and F1 in per cent on the questions that have an answer."""
    asked = [each for each in questions if each.answers]
    found = [
        judge(each, told.answer) for each, told in zip(asked, reader.answers(asked), strict=True)
    ]
    total = max(len(found), 1)
    return 100 * sum(one for one, _ in found) / total, 100 * sum(two for _, two in found) / total


def _spans(judged: Judged) -> list[str]:
    return _texts(judged.passage, judged.considered)


def _texts(passage: Passage, considered: Considered) -> list[str]:
    spans = (passage.span(*pair) for pair in considered.tokens.tolist())
    return [passage.text[slice(*span)] for span in spans]


def _calibration(
    asked: Sequence[Question], judged: Sequence[Judged], temperature: float
) -> Calibration:
    both = [
        (each.choices[0], judge(one, _spans(each)[each.choices[0].place]))
        for one, each in zip(asked, judged, strict=True)
        if each.choices
    ]
    return Calibration(
        temperature,
        isotonic([best.share for best, _ in both], [exact for _, (exact, _) in both]),
        isotonic([best.f1 for best, _ in both], [f1 for _, (_, f1) in both]),
        len(asked),
    )


def _threshold(reader: Reader, held: Sequence[Question]) -> float:
    """Return the null odds above which silence scores best."""
    told = list(reader.answers(held))
    gold = [Gold(each.id, tuple(answer.text for answer in each.answers)) for each in held]
    odds = {each.id: each.null_odds for each in told}
    scores = score_two(gold, {each.id: each.answer for each in told}, odds)
    return float(scores["best_f1_thresh"])
