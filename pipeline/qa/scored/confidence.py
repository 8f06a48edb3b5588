"""Confidence against what is right: calibration, and what precision is left at what coverage.

Confidence is the probability that a prediction is exactly right; of a prediction of `""`, that there is
no answer. Nothing here depends on the order of questions, not even among equal confidences.
"""

from __future__ import annotations

import math
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from pipeline.errors import InputError
from pipeline.sources.fields import spelled_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from pipeline.qa.threshold import Scored

BINS: Final = 15  # as Guo et al. 2017
PRECISIONS: Final = (80.0, 90.0)  # per cent, as Kamath et al. 2020
_Z: Final = 1.959964  # of the normal distribution, two-sided 95 %


class Sure(NamedTuple):
    """A prediction: how sure the system is of it, whether it is right, and how much of it, from 0 to 1."""

    confidence: float
    exact: float
    f1: float


class Bin(NamedTuple):
    """Predictions of like confidence: their number, mean confidence, share that is right and its interval."""

    answers: int
    confidence: float
    exact: float
    low: float
    high: float


class Point(NamedTuple):
    """All that is answered by whom is at least so sure: how many, and the sums of their scores."""

    confidence: float
    answered: int
    exact: float
    f1: float


class Curve(NamedTuple):
    """The points of a precision-coverage curve, the surest first, and the number of all questions."""

    points: tuple[Point, ...]
    total: int

    def area(self, name: str) -> float:
        """Return the mean precision by `name`, `exact` or `f1`, over all coverages, from 0 to 1.

        One less the area under the risk-coverage curve (Geifman et al. 2019). Equal confidences count as
        the mean over all their orders.
        """
        start = Point(1.0, 0, 0.0, 0.0)
        return math.fsum(
            (getattr(last, name) + (at - last.answered) * _slope(last, point, name)) / at
            for last, point in pairwise((start, *self.points))
            for at in range(last.answered + 1, point.answered + 1)
        ) / max(self.total, 1)

    def coverage_at(self, precision: float) -> float:
        """Return the largest share of questions that is answered with such a share of exact ones, or 0."""
        enough = [each.answered for each in self.points if each.exact >= precision * each.answered]
        return max(enough, default=0) / max(self.total, 1)


def paired(
    scored: Sequence[Scored], confidences: Mapping[str, float], path: Path
) -> tuple[Sure, ...]:
    """Lay the confidences of a file beside the predictions that they are of; other entries are ignored.

    Raises:
        InputError: nothing is predicted, or a prediction has no confidence.
    """
    if not scored:
        raise InputError(f"score: {path}: none of the questions is predicted, so nothing is sure")
    without = [each.id for each in scored if each.id not in confidences]
    if without:
        raise InputError(
            f"score: {path}: of {len(scored):,} predictions {len(without):,} have no confidence,"
            f" {spelled_id(without[0])} is the first"
        )
    return tuple(Sure(confidences[each.id], each.exact, each.f1) for each in scored)


def bins(sure: Sequence[Sure]) -> tuple[Bin, ...]:
    """Cut predictions by confidence into bins of like size (Nguyen and O'Connor 2015), the least sure first.

    Equal confidences are in one bin, that of their middle one: there may be fewer bins than `BINS`.
    """
    return tuple(map(_bin, _cut(sure)))


def calibration_error(sure: Sequence[Sure]) -> float:
    """Return the expected calibration error (Naeini et al. 2015) over bins of like size, from 0 to 1."""
    off = (abs(math.fsum(each.confidence - each.exact for each in cut)) for cut in _cut(sure))
    return math.fsum(off) / max(len(sure), 1)


def error_by_chance(sure: Sequence[Sure]) -> float:
    """Return the calibration error to expect of such confidences even if each were true.

    Of so few questions no bin is right just as often as expected (Roelofs et al. 2022): the mean of
    what a normal distribution of the bin's variance is off by.
    """
    spread = (
        math.fsum(each.confidence * (1 - each.confidence) for each in cut) for cut in _cut(sure)
    )
    return math.fsum(math.sqrt(2 / math.pi * each) for each in spread) / max(len(sure), 1)


def brier(sure: Sequence[Sure]) -> float:
    """Return the mean squared difference of confidence and being right (Brier 1950), from 0 to 1."""
    return math.fsum((each.confidence - each.exact) ** 2 for each in sure) / max(len(sure), 1)


def coverage_curve(sure: Sequence[Sure], missing: int = 0) -> Curve:
    """Answer the surest first; what is missing counts as wrong, and comes last of all."""
    points = [Point(1.0, 0, 0.0, 0.0)]
    for confidence, run in groupby(sorted(sure, reverse=True), key=_confidence):
        same, last = list(run), points[-1]
        exact, f1 = (math.fsum(map(part, same)) for part in (_exact, _f1))
        points.append(
            Point(confidence, last.answered + len(same), last.exact + exact, last.f1 + f1)
        )
    if missing:
        last = points[-1]
        points.append(last._replace(confidence=0.0, answered=last.answered + missing))
    return Curve(tuple(points[1:]), len(sure) + missing)


def wilson(right: float, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share, of which `right` of `count` were seen (Wilson 1927)."""
    if not count:
        return 0.0, 1.0
    share, square = right / count, _Z * _Z
    middle = share + square / (2 * count)
    reach = _Z * math.sqrt(share * (1 - share) / count + square / (4 * count * count))
    below, above = (each / (1 + square / count) for each in (middle - reach, middle + reach))
    return max(0.0, min(below, share)), min(
        1.0, max(above, share)
    )  # rounding may step over the ends


def figures(sure: Sequence[Sure], missing: int, precisions: Iterable[float]) -> dict[str, float]:
    """Name what confidences are worth: errors from 0 to 1, areas and coverages in per cent."""
    curve = coverage_curve(sure, missing)
    found = {
        "ece": calibration_error(sure),
        "ece_by_chance": error_by_chance(sure),
        "brier": brier(sure),
        "pc_exact_area": 100.0 * curve.area("exact"),
        "pc_f1_area": 100.0 * curve.area("f1"),
    }
    return found | {
        f"coverage_at_{each:g}": 100.0 * curve.coverage_at(each / 100) for each in precisions
    }


def _slope(last: Point, point: Point, name: str) -> float:
    return float(getattr(point, name) - getattr(last, name)) / (point.answered - last.answered)


def _cut(sure: Sequence[Sure]) -> list[list[Sure]]:
    cuts: dict[int, list[Sure]] = {}
    before = 0
    for _, run in groupby(sorted(sure), key=_confidence):
        same = list(run)
        at = BINS * (2 * before + len(same)) // (2 * len(sure))
        cuts.setdefault(at, []).extend(same)
        before += len(same)
    return list(cuts.values())


def _bin(cut: Sequence[Sure]) -> Bin:
    count, right = len(cut), math.fsum(map(_exact, cut))
    mean = math.fsum(map(_confidence, cut)) / count
    return Bin(count, mean, right / count, *wilson(right, count))


def _confidence(each: Sure) -> float:
    return each.confidence


def _exact(each: Sure) -> float:
    return each.exact


def _f1(each: Sure) -> float:
    return each.f1
