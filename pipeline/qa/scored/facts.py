"""All that the page of scored answers shows, gathered: figures and groups, no text of a question."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pipeline.engine.work import file_sha256
from pipeline.qa.score import TWO, held, null_curve
from pipeline.qa.scored.confidence import Bin, Curve, bins, coverage_curve, figures, paired
from pipeline.qa.scored.kinds import kinds_of, read_about
from pipeline.qa.threshold import Best, Scored, best

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from pipeline.qa.score import Gold
    from pipeline.qa.scored.confidence import Sure
    from pipeline.qa.scored.kinds import Kinds

QUESTIONS = "questions"
CONFIDENCES = "confidences"


class Given(NamedTuple):
    """What is scored, and the files it is from, by part; there are no odds or confidences without a file."""

    format: str
    gold: Sequence[Gold]
    told: Mapping[str, str]
    scored: Sequence[Scored]
    odds: Mapping[str, float] | None
    threshold: float
    confidences: Mapping[str, float] | None
    files: Mapping[str, Path]


class Trust(NamedTuple):
    """What confidences are worth."""

    bins: tuple[Bin, ...]
    curve: Curve


class Silence(NamedTuple):
    """What the scores are by threshold, in per cent, which is best by each, and which was held to."""

    points: list[dict[str, float]]
    exact: Best
    f1: Best
    threshold: float


class Facts(NamedTuple):
    """What the page is made of; `named` are the figures that are printed.

    `outcomes` are what counts: of these `silenced` would be answers were they not above the threshold, and
    `missing` are wrong, but with SQuAD 2.0, which leaves those out. `inputs` are parts, names and SHA-256.
    """

    format: str
    named: Mapping[str, float]
    outcomes: Sequence[Scored]
    missing: int
    silenced: int
    trust: Trust | None
    silence: Silence | None
    kinds: tuple[Kinds, ...]
    inputs: tuple[tuple[str, str, str], ...]


def confidence_figures(given: Given, precisions: Iterable[float]) -> dict[str, float]:
    """Name what the confidences are worth.

    Raises:
        InputError: a prediction has none.
    """
    sure, missing = _sure(given)
    return figures(sure, missing, precisions)


def gather(given: Given, named: Mapping[str, float]) -> Facts:
    """Gather what the page shows.

    Raises:
        InputError: a prediction has no confidence, or the questions cannot be read again.
    """
    outcomes = _outcomes(given)
    about = read_about(given.files[QUESTIONS])
    trust = None
    if given.confidences is not None:
        sure, wrong = _sure(given)
        trust = Trust(bins(sure), coverage_curve(sure, wrong))
    return Facts(
        given.format,
        named,
        outcomes,
        len(given.gold) - len(given.scored),
        _silent(outcomes) - _silent(given.scored) if given.format == TWO else 0,
        trust,
        _silence(given),
        kinds_of(given.gold, outcomes, about, given.confidences or {}),
        tuple((part, path.name, file_sha256(path)) for part, path in given.files.items()),
    )


def _sure(given: Given) -> tuple[tuple[Sure, ...], int]:
    """Return the predictions as they are told with their confidences, and how many more are wrong."""
    sure = paired(given.scored, given.confidences or {}, given.files[CONFIDENCES])
    return sure, 0 if given.format == TWO else len(given.gold) - len(sure)


def _outcomes(given: Given) -> list[Scored]:
    if given.format == TWO:
        return held(given.scored, given.odds, given.threshold)
    wrong = (each for each in given.gold if each.id not in given.told)
    lost = (Scored(each.id, 0.0, 0.0, bool(each.answers), empty=True) for each in wrong)
    return [*given.scored, *lost]


def _silent(scored: Sequence[Scored]) -> int:
    return sum(each.empty for each in scored)


def _silence(given: Given) -> Silence | None:
    if given.odds is None:
        return None
    points = null_curve(given.gold, given.told, given.odds)
    return Silence(points, best(points, "exact"), best(points, "f1"), given.threshold)
