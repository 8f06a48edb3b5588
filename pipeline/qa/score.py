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
    scored = judged(gold, predictions, rules)
    total = len(gold)
    return {
        "exact_match": _percent(sum(each.exact for each in scored), total),
        "f1": _percent(sum(each.f1 for each in scored), total),
        "total": total,
        "missing": total - len(scored),
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
    scored = judged(gold, predictions, SQUAD_2)
    sure = _sure(scored, odds)
    answered = held(scored, odds, threshold)
    result = _summary(answered, "")
    for name, answerable in (("HasAns_", True), ("NoAns_", False)):
        part = [each for each in answered if each.answerable is answerable]
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
    scored = judged(gold, predictions, SQUAD_2)
    return curve(scored, _sure(scored, odds))


def judged(gold: Sequence[Gold], predictions: Mapping[str, str], rules: Rules) -> list[Scored]:
    """Compare what is predicted with what is right, in the order of the questions."""
    return [_judge(each, predictions[each.id], rules) for each in gold if each.id in predictions]


def held(
    scored: Sequence[Scored], odds: Mapping[str, float] | None, threshold: float
) -> list[Scored]:
    """Hold the system to be silent where its odds are above a threshold; without odds an abstention has 1."""
    sure = _sure(scored, odds)
    return [_silent(each) if sure[each.id] > threshold else each for each in scored]


def _judge(question: Gold, told: str, rules: Rules) -> Scored:
    """Compare one prediction with all right answers.

    Of SQuAD 2.0 those that consist of nothing that counts are none, and to have none is to be right silent.
    """
    answers: Sequence[str] = question.answers
    if rules.empty:
        answers = [each for each in answers if rules.plain(each)] or [""]
    exact = max((rules.exact(told, each) for each in answers), default=False)
    f1 = max((rules.f1(told, each) for each in answers), default=0.0)
    return Scored(question.id, float(exact), f1, bool(question.answers), not told)


def _sure(scored: Sequence[Scored], odds: Mapping[str, float] | None) -> dict[str, float]:
    if odds is None:
        return {each.id: float(each.empty) for each in scored}
    return {each.id: odds.get(each.id, 0.0) for each in scored}


def _silent(scored: Scored) -> Scored:
    right = float(not scored.answerable)
    return scored._replace(exact=right, f1=right, empty=True)


def _summary(scored: Sequence[Scored], name: str) -> dict[str, Any]:
    total = len(scored)
    return {
        f"{name}exact": _percent(sum(each.exact for each in scored), total),
        f"{name}f1": _percent(sum(each.f1 for each in scored), total),
        f"{name}total": total,
    }


def _percent(part: float, total: int) -> float:
    return 100.0 * part / total if total else 0.0


TWO: Final = "squad-v2"
"""The format in which questions may have no answer."""
RULES: Final[dict[str, Rules]] = {
    "squad-v1": SQUAD_1,
    TWO: SQUAD_2,
    "korquad": KORQUAD_1,
    "korquad-v2": KORQUAD_2,
}
"""The rules of each format."""
