"""Scores of predicted answers, as the scorers of SQuAD 1.1, SQuAD 2.0 and KorQuAD give them, in per cent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pipeline.qa.likeness import KORQUAD_1, KORQUAD_2, SQUAD_1, SQUAD_2
from pipeline.qa.threshold import Scored, average_precision, best, curve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.qa.likeness import Rules


class Gold(NamedTuple):
    """A question with the answers that count as right; there is none where it has no answer."""

    id: str
    answers: tuple[str, ...]


def score_one(gold: Sequence[Gold], predictions: Mapping[str, str], rules: Rules) -> dict[str, Any]:
    """Score where every question has an answer; one that is not predicted is wrong."""
    exact = f1 = 0.0
    predicted = [question for question in gold if question.id in predictions]
    for question in predicted:
        told = predictions[question.id]
        exact += max((rules.exact(told, each) for each in question.answers), default=0)
        f1 += max((rules.f1(told, each) for each in question.answers), default=0)
    total = len(gold)
    return {
        "exact_match": _percent(exact, total),
        "f1": _percent(f1, total),
        "total": total,
        "missing": total - len(predicted),
    }


def score_two(
    gold: Sequence[Gold],
    predictions: Mapping[str, str],
    odds: Mapping[str, float] | None = None,
    threshold: float = 1.0,
) -> dict[str, Any]:
    """Score where questions may have no answer: to abstain is to predict `""`.

    `odds` says for each question how sure the system is that there is none; a prediction above
    `threshold` counts as abstention. Without `odds` an abstention has 1 and an answer 0. The best
    threshold is the one that would score highest, looked for on these very questions. Questions
    that are not predicted are left out, as the set's own scorer does, and counted.
    """
    scored = _judged(gold, predictions)
    sure = _sure(scored, odds)
    held = [_silent(each) if sure[each.id] > threshold else each for each in scored]
    result = _summary(held, "")
    for name, answerable in (("HasAns_", True), ("NoAns_", False)):
        part = [each for each in held if each.answerable is answerable]
        if part:
            result |= _summary(part, name)
    points = curve(scored, sure)
    for name in ("exact", "f1"):
        found = best(points, name)
        result |= {f"best_{name}": found.score, f"best_{name}_thresh": found.threshold}
        result[f"pr_{name}_ap"] = average_precision(scored, sure, name)
    return result | {"missing": len(gold) - len(scored)}


def null_curve(
    gold: Sequence[Gold], predictions: Mapping[str, str], odds: Mapping[str, float]
) -> list[dict[str, float]]:
    """Return exact and F1 for each threshold that makes a difference, the lowest first."""
    scored = _judged(gold, predictions)
    return curve(scored, _sure(scored, odds))


def _judged(gold: Sequence[Gold], predictions: Mapping[str, str]) -> list[Scored]:
    """Compare what is predicted with what is right."""
    return [_judge(each, predictions[each.id]) for each in gold if each.id in predictions]


def _judge(question: Gold, told: str) -> Scored:
    """Compare one prediction with all right answers; those that consist of nothing that counts are none."""
    answers = [each for each in question.answers if SQUAD_2.plain(each)] or [""]
    exact = max(SQUAD_2.exact(told, each) for each in answers)
    f1 = max(SQUAD_2.f1(told, each) for each in answers)
    return Scored(question.id, float(exact), f1, bool(question.answers), not told)


def _sure(scored: Sequence[Scored], odds: Mapping[str, float] | None) -> dict[str, float]:
    if odds is None:
        return {each.id: float(each.empty) for each in scored}
    return {each.id: odds.get(each.id, 0.0) for each in scored}


def _silent(scored: Scored) -> Scored:
    right = float(not scored.answerable)
    return scored._replace(exact=right, f1=right)


def _summary(scored: Sequence[Scored], name: str) -> dict[str, Any]:
    total = len(scored)
    return {
        f"{name}exact": _percent(sum(each.exact for each in scored), total),
        f"{name}f1": _percent(sum(each.f1 for each in scored), total),
        f"{name}total": total,
    }


def _percent(part: float, total: int) -> float:
    return 100.0 * part / total if total else 0.0


RULES: Final[dict[str, Rules]] = {
    "squad-v1": SQUAD_1,
    "korquad": KORQUAD_1,
    "korquad-v2": KORQUAD_2,
}
"""The rules of the formats in which every question has an answer."""
