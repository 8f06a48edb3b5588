"""Screen all inputs, each with what concerns it: licence evidence from other inputs, and opt-out requests.

A request concerns an input when a record there has its key (`pipeline/stages/names.py`), or when redaction
makes a text whose digest it names, which only the screen can tell: that screen is done once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from filters.optout import OptOutFilter, optout_filter
from filters.subject_keys import subject_key
from pipeline import release_tasks
from pipeline.engine.commit import finished
from pipeline.held_out import held_out_digest, hold_out, relate
from pipeline.job import run_one, run_tasks
from pipeline.release_tasks import Findings, Handed
from pipeline.stages.names import NAMES, read_keys
from pipeline.stages.requests import save_requests
from pipeline.stages.screen import RENAMED
from pipeline.stages.trees import keep_trees
from pipeline.tasks import asking as asking_inputs
from pipeline.tasks import contexts_task

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from pipeline.config import Config
    from pipeline.dedup import SignatureSpec
    from pipeline.engine.task import Task
    from pipeline.engine.work import Marker, Work
    from pipeline.job import Job
    from pipeline.plan import Input

_REMEMBERED = "renamed"

Numbers = frozenset[int]
"""Some requests of a filter, by their place in it."""


class Asked(NamedTuple):
    """The requests of a filter by the keys that they look for; sorted by key."""

    optout: OptOutFilter
    keys: NDArray[np.uint64]
    numbers: NDArray[np.intp]

    @classmethod
    def of(cls, optout: OptOutFilter) -> Asked:
        """Look up the key of every request."""
        keys = np.array([subject_key(each.subject) for each in optout.requests], np.uint64)
        numbers = np.argsort(keys, kind="stable")
        return cls(optout, keys[numbers], numbers)

    def among(self, keys: NDArray[np.uint64]) -> Numbers:
        """Return the requests that look for one of some sorted keys."""
        if not len(keys):
            return frozenset()
        at = np.minimum(np.searchsorted(keys, self.keys), len(keys) - 1)
        return frozenset(self.numbers[keys[at] == self.keys].tolist())

    def narrowed(self, numbers: Numbers) -> OptOutFilter:
        """Keep some requests only."""
        requests = self.optout.requests
        return optout_filter((requests[number] for number in numbers), key=self.optout.key)


class Screened(NamedTuple):
    """The finished screens, in the order of the inputs, and how the questions in them are related.

    `held_out` is the digest of the questions that no document may hold.
    """

    parts: list[Marker]
    related: Marker | None
    held_out: str


def screen_inputs(job: Job, handed: Handed, signature: SignatureSpec, sticky: str) -> Screened:
    """Screen all inputs; `sticky` is the digest of the parent's splits."""
    evidence = gather_evidence(job)
    if job.gate is None:
        found = [Findings(each, None) for each in evidence]
        return run_screens(job, handed, signature, found, sticky)
    asked = Asked.of(job.gate.filter)
    named = run_tasks(job, "names", release_tasks.names_tasks(job.config, job.inputs, job.gate.key))
    concerning = [
        asked.among(read_keys(_file(job, marker, NAMES)))
        | asked.among(renamed_before(job.work, marker.fingerprint))
        for marker in named
    ]
    while True:
        findings = [
            Findings(trees, save_requests(job.work, asked.narrowed(numbers)))
            for trees, numbers in zip(evidence, concerning, strict=True)
        ]
        screened = run_screens(job, handed, signature, findings, sticky)
        parts = screened.parts
        renamed = [read_keys(_file(job, part, RENAMED)) for part in parts]
        for marker, keys in zip(named, renamed, strict=True):
            remember_renamed(job.work, marker.fingerprint, keys)
        more = [asked.among(keys) for keys in renamed]
        if all(new <= old for new, old in zip(more, concerning, strict=True)):
            return screened
        if job.used is not None:  # they hold what the others were made again for
            job.used.difference_update(job.work.folder(part).path for part in parts)
        concerning = [new | old for new, old in zip(more, concerning, strict=True)]


def renamed_before(work: Work, name: str) -> NDArray[np.uint64]:
    """Read which digests earlier screens of an input gave to its texts; `name` is that of its names task.

    It spares a screen and changes no result, so nothing depends on it being there.
    """
    path = work.find(_REMEMBERED, name)
    return read_keys(path) if path.exists() else np.zeros(0, np.uint64)


def remember_renamed(work: Work, name: str, keys: NDArray[np.uint64]) -> None:
    """Note them for the next run: a text that is opted out later is then not even screened as kept."""
    known = renamed_before(work, name)
    if not np.isin(keys, known).all():
        work.leave(_REMEMBERED, name, [np.union1d(keys, known).tobytes()])


def run_screens(
    job: Job, handed: Handed, signature: SignatureSpec, findings: list[Findings], sticky: str
) -> Screened:
    """Screen every input with what was found out about it: questions first, as documents must hold none of some."""

    def screens(numbers: Iterable[int], handed: Handed) -> list[Task]:
        return [
            release_tasks.screen_task(
                job.config, job.inputs[number], findings[number], handed, signature
            )
            for number in numbers
        ]

    asking = asking_inputs(job.config, job.inputs)
    others = [number for number in range(len(job.inputs)) if number not in set(asking)]
    questions = run_tasks(job, "screen", screens(asking, handed)) if asking else []
    related = relate(job, questions, sticky)
    held_out = hold_out(job, questions, related) if others else ""
    handed = handed._replace(held_out=held_out)
    documents = run_tasks(job, "screen", screens(others, handed)) if others else []
    parts = dict(zip((*asking, *others), (*questions, *documents), strict=True))
    return Screened([parts[number] for number in sorted(parts)], related, held_out)


def gather_evidence(job: Job) -> list[str]:
    """Look through all inputs for what their files say about the licences of others; give each its share."""
    surveyed = run_tasks(job, "survey", release_tasks.survey_tasks(job.config, job.inputs))
    task = release_tasks.trees_task(job.inputs, [marker.fingerprint for marker in surveyed])
    gathered = run_one(job, task)
    digests: list[str] = gathered.record["trees"]
    keep_trees(job.work, job.work.folder(gathered), digests)
    return digests


def known_findings(
    config: Config, inputs: tuple[Input, ...], work: Work, optout: OptOutFilter | None, key: str
) -> Sequence[Findings | None]:
    """Look up what an earlier run over the same inputs found out, if there was one; nothing is written."""
    nothing = [None] * len(inputs)
    surveys = release_tasks.survey_tasks(config, inputs)
    if any(finished(task, work) is None for task in surveys):
        return nothing
    fingerprints = [task.fingerprint for task in surveys]
    gathered = finished(release_tasks.trees_task(inputs, fingerprints), work)
    if gathered is None:
        return nothing
    trees: list[str] = gathered.record["trees"]
    if optout is None:
        return [Findings(each, None) for each in trees]
    named = [work.folder(task) / NAMES for task in release_tasks.names_tasks(config, inputs, key)]
    if not all(path.exists() for path in named):
        return nothing
    asked = Asked.of(optout)
    return [
        Findings(
            each,
            asked.narrowed(
                asked.among(read_keys(path)) | asked.among(renamed_before(work, path.parent.name))
            ).digest,
        )
        for each, path in zip(trees, named, strict=True)
    ]


def known_screens(
    config: Config,
    inputs: tuple[Input, ...],
    findings: Sequence[Findings | None],
    handed: Handed,
    signature: SignatureSpec,
    work: Work,
    sticky: str,
) -> list[Marker | None]:
    """Look up which screens an earlier run has done, in the order of the inputs; nothing is written."""

    def look_up(number: int, handed: Handed) -> Marker | None:
        found = findings[number]
        if found is None:
            return None
        return finished(
            release_tasks.screen_task(config, inputs[number], found, handed, signature), work
        )

    asking = asking_inputs(config, inputs)
    questions = [look_up(number, handed) for number in asking]
    done = [each for each in questions if each is not None]
    related = None
    if asking and len(done) == len(asking):
        related = finished(contexts_task(config, inputs, done, sticky), work)
    handed = handed._replace(held_out=held_out_digest(config, related))
    by_number = dict(zip(asking, questions, strict=True))
    return [
        by_number[number] if number in by_number else look_up(number, handed)
        for number in range(len(inputs))
    ]


def _file(job: Job, marker: Marker, name: str) -> Path:
    return job.work.folder(marker) / name
