"""What is wrong with questions, before there is a config for them or after they are a release.

Every record is read as a run reads it; then the sound questions are related to each other as a run
does (pipeline/related.py). Problems name rows and ids, never a text.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import numpy as np

from filters.qa_same import is_malformed
from manifests.manifest import MANIFEST
from pipeline.decontam import Decontam
from pipeline.dedup.copies import COPY_THRESHOLD
from pipeline.qa.asked import read_asked, read_items
from pipeline.related import ALONE, Answered, Asking, contradictions, relate
from pipeline.sources import Raw
from pipeline.sources.fields import may_hold_address
from pipeline.sources.questions.record import repair

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from filters.qa import Question

TRAIN: Final = "train"


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong: where, with which question, and what; never a text, nor an id that may be an address."""

    input: str
    row: int
    id: str
    reason: str


class Validation(msgspec.Struct, frozen=True, kw_only=True):
    """What was found.

    `questions` are sound; `repaired` counts answers whose start was mended, by how. `near` are pairs of
    near-duplicate contexts, `shared` pairs with a passage in common, `leaks` are those questions
    outside of train whose family is also in another split (of a release only).
    """

    records: int = 0
    questions: int = 0
    answers: int = 0
    impossible: int = 0
    synthetic: int = 0
    contexts: int = 0
    groups: int = 0
    families: int = 0
    near: int = 0
    shared: int = 0
    again: int = 0
    leaks: int = 0
    repaired: dict[str, int] = {}
    reasons: dict[str, int] = {}
    problems: tuple[Problem, ...] = ()


class _Found(NamedTuple):
    """A sound question, and where it is from."""

    input: str
    row: int
    question: Question
    split: str
    synthetic: str


class _Read:
    """Gathers questions and problems, one input after the other."""

    def __init__(self) -> None:
        self.records = 0
        self.found: list[_Found] = []
        self.repaired: Counter[str] = Counter()
        self.problems: list[Problem] = []

    def take_file(self, path: Path) -> None:
        for item in read_items(path):
            self.records += 1
            if not isinstance(item, Raw):
                self.problems.append(Problem(str(path), item.row, "", item.reason))
                continue
            given = item.record.get("id")
            name = given if isinstance(given, str) else ""  # what else stands there may be a text
            mended = item.drop or repair(item.record)
            if isinstance(mended, str):
                shown = "" if may_hold_address(name) else name
                self.problems.append(Problem(str(path), item.row, shown, mended))
                continue
            self.repaired.update(mended.repairs)
            made = item.record.get("synthetic")
            method = made.get("method", "") if isinstance(made, dict) else ""
            self.found.append(_Found(str(path), item.row, mended.question, "", str(method)))

    def take_release(self, path: Path) -> None:
        for row, asked in enumerate(read_asked(path)):
            self.records += 1
            place = f"{path}/qa/{asked.source}"
            self.found.append(_Found(place, row, asked.question, asked.split, asked.synthetic))


def validate(
    paths: Sequence[Path], threshold: str = COPY_THRESHOLD, ngram: int = Decontam().ngram
) -> Validation:
    """Read releases and files of questions, and say what is wrong.

    Raises:
        InputError: a file cannot be read at all.
        IntegrityError: a release is damaged.
    """
    read = _Read()
    for path in paths:
        if (path / MANIFEST).is_file():
            read.take_release(path)
        else:
            read.take_file(path)
    asking = _asking(read.found)
    related = relate(asking, threshold, ngram)
    labels = related.families(asking)[asking.group]
    leaking = _leaking(read.found, labels)
    problems = [*read.problems, *_by_itself(read.found), *_together(read.found, related.again)]
    problems += [_problem(read.found[line], "leak") for line in leaking]
    return Validation(
        records=read.records,
        questions=len(read.found),
        answers=sum(len(each.question.answers) for each in read.found),
        impossible=sum(each.question.is_impossible for each in read.found),
        synthetic=sum(bool(each.synthetic) for each in read.found),
        contexts=len(asking.texts),
        groups=len(asking.groups),
        families=len(np.unique(labels)),
        near=len(related.near),
        shared=len(related.shared),
        again=int(np.count_nonzero(related.again != ALONE)),
        leaks=len(leaking),
        repaired=dict(sorted(read.repaired.items())),
        reasons=dict(sorted(Counter(each.reason for each in problems).items())),
        problems=tuple(problems),
    )


def _asking(found: Sequence[_Found]) -> Asking:
    asking = Asking.of(len(found))
    for line, each in enumerate(found):
        asked = each.question
        asking.take(line, asked.context, asked.group, asked.question)
    return asking


def _problem(found: _Found, reason: str) -> Problem:
    name = found.question.id
    return Problem(found.input, found.row, "" if may_hold_address(name) else name, reason)


def _by_itself(found: Sequence[_Found]) -> Iterator[Problem]:
    """Find what nobody can have meant to ask, and ids that are two questions'."""
    seen: dict[str, Question] = {}
    for each in found:
        if is_malformed(each.question.question):
            yield _problem(each, "malformed-question")
        if seen.setdefault(each.question.id, each.question) != each.question:
            yield _problem(each, "id-taken")


def _together(found: Sequence[_Found], again: Any) -> Iterator[Problem]:
    """Find questions that are asked again, or answered otherwise."""
    answers = (
        (line, _answered(found[line].question)) for line in np.flatnonzero(again != ALONE).tolist()
    )
    against = contradictions(again, answers)
    seen: set[int] = set()
    for line in np.flatnonzero(again != ALONE).tolist():
        if against[line] >= 0:
            yield _problem(found[line], "contradiction")
        elif int(again[line]) in seen:
            yield _problem(found[line], "asked-again")
        seen.add(int(again[line]))


def _answered(question: Question) -> Answered:
    spans = ((each.text, each.start, each.end) for each in question.answers)
    return Answered.of(question.context, spans)


def _leaking(found: Sequence[_Found], labels: Any) -> list[int]:
    """Return the held-out questions of whose family some stand in another split."""
    splits: dict[int, set[str]] = {}
    for each, label in zip(found, labels.tolist(), strict=True):
        splits.setdefault(label, set()).add(each.split)
    return [
        line
        for line, (each, label) in enumerate(zip(found, labels.tolist(), strict=True))
        if each.split not in {"", TRAIN} and len(splits[label]) > 1
    ]
