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
from pipeline.job import run_one, run_tasks
from pipeline.release_tasks import Findings, Handed
from pipeline.stages.names import NAMES, read_keys
from pipeline.stages.requests import save_requests
from pipeline.stages.screen import RENAMED
from pipeline.stages.trees import keep_trees

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from pipeline.config import Config
    from pipeline.dedup import SignatureSpec
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


def screen_inputs(job: Job, handed: Handed, signature: SignatureSpec) -> list[Marker]:
    """Return the finished screens, in the order of the inputs."""
    evidence = gather_evidence(job)
    if job.gate is None:
        return run_screens(job, handed, signature, [Findings(each, None) for each in evidence])
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
        parts = run_screens(job, handed, signature, findings)
        renamed = [read_keys(_file(job, part, RENAMED)) for part in parts]
        for marker, keys in zip(named, renamed, strict=True):
            remember_renamed(job.work, marker.fingerprint, keys)
        more = [asked.among(keys) for keys in renamed]
        if all(new <= old for new, old in zip(more, concerning, strict=True)):
            return parts
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
    job: Job, handed: Handed, signature: SignatureSpec, findings: list[Findings]
) -> list[Marker]:
    """Screen every input with what was found out about it."""
    screens = [
        release_tasks.screen_task(job.config, item, found, handed, signature)
        for item, found in zip(job.inputs, findings, strict=True)
    ]
    return run_tasks(job, "screen", screens)


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


def _file(job: Job, marker: Marker, name: str) -> Path:
    return job.work.folder(marker) / name
