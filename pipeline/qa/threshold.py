"""Abstention: what the scores would be were the system held to be silent above each of its own odds.

As in the scorer of SQuAD 2.0 (Rajpurkar et al. 2018): questions are taken in the order of their odds
of having no answer, and answered up to a threshold.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class Judged(Protocol):
    """A prediction that has been compared with the right answers; scores are from 0 to 1."""

    @property
    def id(self) -> str:
        """The question's."""
        ...

    @property
    def exact(self) -> float:
        """1 where it is right."""
        ...

    @property
    def f1(self) -> float:
        """How much of it is right."""
        ...

    @property
    def answerable(self) -> bool:
        """Whether there is an answer."""
        ...

    @property
    def empty(self) -> bool:
        """Whether nothing is predicted."""
        ...


class Best(NamedTuple):
    """A score in per cent, and the threshold that gives it: answered is what has odds up to it."""

    score: float
    threshold: float


class Curve(NamedTuple):
    """Precision and recall of the answers, the surest first; `average` is the area below, in per cent."""

    precision: tuple[float, ...]
    recall: tuple[float, ...]
    average: float


def best(judged: Sequence[Judged], odds: Mapping[str, float], name: str) -> Best:
    """Return the best score by `name`, `exact` or `f1`; all silent is the least that there is.

    No threshold cuts between equal odds, so among such questions no order is better than another.
    """
    points = curve(judged, odds)
    first = max(points, key=lambda point: (point[name], -point["threshold"]))
    return Best(first[name], max(first["threshold"], 0.0))


def _gains(
    judged: Sequence[Judged], odds: Mapping[str, float], name: str
) -> Iterator[tuple[float, float]]:
    """Yield for each question, the surest first, its odds and what answering it adds to silence."""
    for each in sorted(judged, key=lambda one: odds[one.id]):
        wrong = 0.0 if each.empty else -1.0
        yield odds[each.id], getattr(each, name) if each.answerable else wrong


def curve(judged: Sequence[Judged], odds: Mapping[str, float]) -> list[dict[str, float]]:
    """Return both scores, in per cent, for each of the odds as threshold, the lowest first."""
    silent = float(sum(not each.answerable for each in judged))
    points = [{"threshold": -1.0, "exact": silent, "f1": silent}]
    both = zip(_gains(judged, odds, "exact"), _gains(judged, odds, "f1"), strict=True)
    for (at, exact), (_, f1) in both:
        last = points[-1]
        point = {"threshold": at, "exact": last["exact"] + exact, "f1": last["f1"] + f1}
        if at == last["threshold"]:
            points[-1] = point
        else:
            points.append(point)
    total = len(judged) or 1
    return [
        point | {name: 100.0 * point[name] / total for name in ("exact", "f1")} for point in points
    ]


def precision_curve(judged: Sequence[Judged], odds: Mapping[str, float], name: str) -> Curve:
    """Return how precise the answers are while more and more questions are answered."""
    answerable = sum(each.answerable for each in judged)
    precision, recall = [1.0], [0.0]
    right = 0.0
    ordered = sorted(judged, key=lambda one: odds[one.id])
    for count, each in enumerate(ordered, 1):
        right += getattr(each, name) if each.answerable else 0.0
        last = count == len(ordered) or odds[ordered[count].id] != odds[each.id]
        if last and answerable:
            precision.append(right / count)
            recall.append(right / answerable)
    area = sum(
        here * (after - before)
        for here, (before, after) in zip(precision[1:], pairwise(recall), strict=True)
    )
    return Curve(tuple(precision), tuple(recall), 100.0 * area)
