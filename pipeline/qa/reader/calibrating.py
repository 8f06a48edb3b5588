"""What a reader's scores are worth, by held-out questions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import msgspec

from pipeline.qa.baseline.calibration import Calibration, Steps, fit_temperature, isotonic
from pipeline.qa.baseline.held_out import judge, right_among, without_answers
from pipeline.qa.reader.reader import Reader, Sureness
from pipeline.qa.score import Gold, score_two

if TYPE_CHECKING:
    from collections.abc import Sequence

    from filters.qa import Question
    from pipeline.qa.reader.inputs import Preparer
    from pipeline.qa.reader.reader import Judged, Read, Score

_WEIGHTS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)  # of the log share of a length
_DIGITS: Final = 4


def calibrate(
    preparer: Preparer,
    score: Score,
    held: Sequence[Question],
    usual: Sequence[int],
    seed: int,
) -> Sureness:
    """Fit the worth of lengths, temperature, confidence and doubt on questions that nothing was learned from.

    `usual` counts the right answers that were learned from by their units less one. Where no held-out question
    lacks an answer some are changed so that they do, and no threshold is fitted.
    """
    asked = [each for each in held if each.answers]
    silent = without_answers(held, seed)
    if not asked or not silent:
        return Sureness()
    reader = Reader(preparer, score, Sureness())
    read = list(reader.read(asked))
    lengths = _fit_lengths(preparer, score, read, usual)
    reader = Reader(preparer, score, Sureness(lengths=lengths))
    judged = [reader.judge(each) for each in read]
    right = [right_among(each, _spans(one)) for each, one in zip(asked, judged, strict=True)]
    temperature = fit_temperature([each.considered.scores for each in judged], right)
    warm = Calibration(temperature, Steps((), ()), Steps((), ()), 0)
    reader = Reader(preparer, score, Sureness(warm, lengths=lengths))
    judged = [reader.judge(each) for each in read]
    calibration = _calibration(asked, judged, temperature)
    nothing = [reader.judge(each) for each in reader.read(silent)]
    margins = [each.margin for each in (*judged, *nothing)]
    answerable = isotonic(margins, [1.0] * len(judged) + [0.0] * len(nothing))
    found = Sureness(calibration, answerable, lengths=lengths)
    if not any(each.is_impossible for each in held):
        return found
    threshold = _threshold(Reader(preparer, score, found), held)
    return msgspec.structs.replace(found, threshold=threshold)


def _fit_lengths(
    preparer: Preparer, score: Score, read: Sequence[Read], usual: Sequence[int]
) -> tuple[float, ...]:
    """Return the log shares of lengths, weighed so that the answers are best."""
    total = sum(usual) + len(usual)
    logs = [math.log((count + 1) / total) for count in usual]
    best, found = -1.0, tuple[float, ...]()
    for weight in _WEIGHTS:
        lengths = tuple(round(weight * each, _DIGITS) for each in logs) if weight else ()
        reader = Reader(preparer, score, Sureness(lengths=lengths))
        good = sum(sum(_right(reader, each)) for each in read)
        if good > best:
            best, found = good, lengths
    return found


def _right(reader: Reader, read: Read) -> tuple[float, float]:
    judged = reader.judge(read)
    if not judged.choices:
        return 0.0, 0.0
    return judge(read.question, _spans(judged)[judged.choices[0].place])


def exact_and_f1(reader: Reader, questions: Sequence[Question]) -> tuple[float, float]:
    """Return exact match and F1 in per cent on the questions that have an answer."""
    asked = [each for each in questions if each.answers]
    found = [
        judge(each, told.answer) for each, told in zip(asked, reader.answers(asked), strict=True)
    ]
    total = max(len(found), 1)
    return 100 * sum(one for one, _ in found) / total, 100 * sum(two for _, two in found) / total


def _spans(judged: Judged) -> list[str]:
    spans = (judged.passage.span(*pair) for pair in judged.considered.tokens.tolist())
    return [judged.passage.text[slice(*span)] for span in spans]


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
    return round(float(scores["best_f1_thresh"]), 6)
