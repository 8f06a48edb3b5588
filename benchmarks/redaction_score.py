"""Score detections against labels: what was found, what was covered, and what was hit that is nothing."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from redaction_cases.case import SECRETS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from redaction_cases.case import Case, Label

COVER: Final = 0.95
GROUP: Final = "SECRET"


class Found(NamedTuple):
    """One detection in a text: `[start, end)` and its type."""

    start: int
    end: int
    type: str


class Outcome(NamedTuple):
    """One label of one case, and the share of it that detections of an accepted type cover."""

    case: Case
    label: Label
    cover: float

    @property
    def found(self) -> bool:
        """Tell whether enough of it is covered."""
        return self.cover >= COVER


def group_of(kind: str) -> str:
    """Name the group that a type is scored in."""
    return GROUP if kind in SECRETS else kind


def cover(label: Label, found: Iterable[Found]) -> float:
    """Return the share of a label that detections of an accepted type cover together."""
    ranges = sorted((f.start, f.end) for f in found if label.accepts(f.type))
    covered, at = 0, label.start
    for start, end in ranges:
        low, high = max(start, at), min(end, label.end)
        covered += max(0, high - low)
        at = max(at, high)
    return covered / (label.end - label.start)


def outcomes(cases: Sequence[Case], found: Sequence[Sequence[Found]]) -> list[Outcome]:
    """Judge every label."""
    return [
        Outcome(case, label, cover(label, spans))
        for case, spans in zip(cases, found, strict=True)
        for label in case.labels
    ]


def false_hits(case: Case, found: Iterable[Found]) -> list[Found]:
    """List detections that overlap no label; those of another type than its label count as well.

    A secret's type over a labelled item of whatever type is none of them: what is hidden had to be.
    """
    return [
        one
        for one in found
        if not any(
            one.start < label.end
            and label.start < one.end
            and (one.type in SECRETS or label.accepts(one.type))
            for label in case.labels
        )
    ]


class Figures(NamedTuple):
    """Precision and recall of one type; `any_recall` counts what is touched at all."""

    labels: int
    covered: int
    touched: int
    false: int

    @property
    def recall(self) -> float:
        """Return the share of labels that are covered."""
        return self.covered / self.labels if self.labels else 0.0

    @property
    def any_recall(self) -> float:
        """Return the share of labels that are touched."""
        return self.touched / self.labels if self.labels else 0.0

    @property
    def precision(self) -> float:
        """Return the share of labels touched in all that was hit; 1 where nothing was."""
        hit = self.touched + self.false
        return self.touched / hit if hit else 1.0

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def by_type(cases: Sequence[Case], found: Sequence[Sequence[Found]]) -> dict[str, Figures]:
    """Score every type that is labelled or was detected."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for each in outcomes(cases, found):
        count = counts[group_of(each.label.type)]
        count[0] += 1
        count[1] += each.found
        count[2] += each.cover > 0
    for case, spans in zip(cases, found, strict=True):
        for one in false_hits(case, spans):
            counts[group_of(one.type)][3] += 1
    return {kind: Figures(*count) for kind, count in sorted(counts.items())}


def recall_by(
    judged: Iterable[Outcome], key: Callable[[Outcome], tuple[str, str]]
) -> dict[tuple[str, str], tuple[int, int]]:
    """Count (covered, all) labels under a key."""
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for each in judged:
        count = counts[key(each)]
        count[0] += each.found
        count[1] += 1
    return {name: (count[0], count[1]) for name, count in sorted(counts.items())}


def clean_touched(cases: Sequence[Case], found: Sequence[Sequence[Found]]) -> tuple[int, int]:
    """Count (touched, all) clean documents."""
    clean = [bool(spans) for case, spans in zip(cases, found, strict=True) if not case.labels]
    return sum(clean), len(clean)


def as_json(figures: Figures) -> dict[str, Any]:
    """Spell figures for a report."""
    ratios = {
        name: round(getattr(figures, name), 4)
        for name in ("precision", "recall", "f1", "any_recall")
    }
    return {"labels": figures.labels, "false": figures.false, **ratios}
