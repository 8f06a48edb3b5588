"""Abstention: what the scores would be were the system held to be silent above each of its own odds.

As in the scorer of SQuAD 2.0 (Rajpurkar et al. 2018): questions are taken in the order of their odds
of having no answer, and answered up to a threshold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class Scored(NamedTuple):
    """One prediction: whether it is right, and how much of it, from 0 to 1.

    `answerable` if there is an answer, `empty` if nothing is predicted.
    """

    id: str
    exact: float
    f1: float
    answerable: bool
    empty: bool


class Best(NamedTuple):
    """A score in per cent, and the threshold that gives it: answered is what has odds up to it."""

    score: float
    threshold: float


def best(points: Sequence[Mapping[str, float]], name: str) -> Best:
    """Return the best score by `name`, `exact` or `f1`, on a `curve`; all silent is the least that there is.

    No threshold cuts between equal odds, so among such questions no order is better than another.
    """
    first = max(points, key=lambda point: (point[name], -point["threshold"]))
    # the set's own scorer says 0 where nothing is better than silence
    silent = first is points[0] and all(point["threshold"] > 0.0 for point in points[1:])
    return Best(first[name], 0.0 if silent else first["threshold"])


def _gains(
    judged: Sequence[Scored], odds: Mapping[str, float], name: str
) -> Iterator[tuple[float, float]]:
    """Yield for each question, the surest first, its odds and what answering it adds to silence."""
    for each in sorted(judged, key=lambda one: odds[one.id]):
        wrong = 0.0 if each.empty else -1.0
        yield odds[each.id], getattr(each, name) if each.answerable else wrong


def curve(judged: Sequence[Scored], odds: Mapping[str, float]) -> list[dict[str, float]]:
    """Return both scores, in per cent, for each of the odds as threshold, the lowest first.

    The first point is below all odds, which may be negative: silence.
    """
    silent = float(sum(not each.answerable for each in judged))
    below = min([0.0, *odds.values()]) - 1.0
    points = [{"threshold": below, "exact": silent, "f1": silent}]
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


def average_precision(judged: Sequence[Scored], odds: Mapping[str, float], name: str) -> float:
    """Return the area below the precision of the answers by their recall, in per cent, the surest first."""
    answerable = sum(each.answerable for each in judged)
    right = before = area = 0.0
    ordered = sorted(judged, key=lambda one: odds[one.id])
    for count, each in enumerate(ordered, 1):
        right += getattr(each, name) if each.answerable else 0.0
        last = count == len(ordered) or odds[ordered[count].id] != odds[each.id]
        if last and answerable:
            area += right / count * (right - before) / answerable
            before = right
    return 100.0 * area
