"""Refuse: which documents fail a quality filter, judged from the scores that the screen stored.

The screen knows no threshold, so a threshold that is changed costs these tasks and those after them.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from filters.quality import QualityFilter, rule_score
from pipeline.stages.part import PartRef, bases
from pipeline.stages.scores import FILE, Stored

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.engine.task import Context
    from pipeline.engine.work import Record

PHASE = "refused"
"""That of the task that unites the refusals of all parts."""
REFUSED = "refused.npy"
REASONS = "reasons.json"
REFUSAL = np.dtype([("line", "<i8"), ("reason", "<u2"), ("figure", "<f8")])
"""A line that a filter refuses, the place of the reason among all, and the figure behind it."""

Chosen = tuple[tuple[str, QualityFilter], ...]
"""The filters in their order, each with its name, which tells filters of equal thresholds apart."""


class RefuseSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One part with scores, and the filters."""

    part: PartRef
    filters: Chosen


class RefusedSpec(msgspec.Struct, frozen=True, kw_only=True):
    """All parts, and for those that have scores the finished refuse task, else ""."""

    parts: tuple[PartRef, ...]
    refuse: tuple[str, ...]
    filters: Chosen


def reasons_of(filters: Chosen) -> list[str]:
    """Every reason for which one of the filters can refuse a document, in the order of the rules."""
    return [f"{name}:{rule.reason}" for name, each in filters for rule in each.rules]


def refuse(spec: RefuseSpec, context: Context) -> Record:
    """Write the refused rows of a part, sorted."""
    stored = Stored(spec.part.folder(context) / FILE)
    found = judge_stored(stored, spec.filters)
    np.save(context.out / REFUSED, found)
    return {"judged": len(stored.table), "refused": len(found)}


def judge_stored(stored: Stored, filters: Chosen) -> NDArray[np.void]:
    """Judge each row by the first filter that refuses it, and the first rule of that."""
    found = [np.zeros(0, REFUSAL)]
    for kind, language, rows in stored.groups():
        columns = stored.columns(rows)
        refused = np.zeros(len(rows), REFUSAL)
        refused["line"] = rows
        undecided = np.ones(len(rows), np.bool_)
        base = 0
        for _, each in filters:
            failed = each.failures(kind, language, columns, len(rows))
            for place, rule in enumerate(each.rules):
                mine = undecided & (failed == place)
                refused["reason"][mine] = base + place
                refused["figure"][mine] = columns[rule_score(rule)][mine]
            undecided &= failed < 0
            base += len(each.rules)
        found.append(refused[~undecided])
    joined = np.concatenate(found)
    return joined[np.argsort(joined["line"])]


def unite_refused(spec: RefusedSpec, context: Context) -> Record:
    """Give the refused lines their numbers among those of all parts, and name the reasons."""
    found = [np.zeros(0, REFUSAL)]
    for first, task in zip(bases(spec.parts).tolist(), spec.refuse, strict=False):
        if task:
            mine = np.load(context.folder("refuse", task) / REFUSED)
            mine["line"] += first
            found.append(mine)
    np.save(context.out / REFUSED, np.concatenate(found))
    (context.out / REASONS).write_bytes(msgspec.json.encode(reasons_of(spec.filters)))
    return {"refused": sum(map(len, found))}


class Refusals(NamedTuple):
    """The refused lines of all parts, sorted, and the reasons that they are numbered by."""

    lines: NDArray[np.void]
    reasons: list[str]

    def between(self, first: int, end: int) -> Refusals:
        """Those of the lines of one part."""
        here = slice(*np.searchsorted(self.lines["line"], [first, end]))
        return Refusals(self.lines[here], self.reasons)

    def by_reason(self) -> Counter[str]:
        """Count the lines that go for each reason; too few words and too many are one."""
        return Counter(self.reasons[each] for each in self.lines["reason"].tolist())


def refusals_of(context: Context, fingerprint: str | None) -> Refusals:
    """Read the refusals of a run; without a task there are none."""
    if fingerprint is None:
        return Refusals(np.zeros(0, REFUSAL), [])
    folder = context.folder(PHASE, fingerprint)
    reasons = msgspec.json.decode((folder / REASONS).read_bytes(), type=list[str])
    return Refusals(np.load(folder / REFUSED), reasons)
