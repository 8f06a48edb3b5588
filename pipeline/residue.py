"""Residue: which tasks of a run hold what was opted out, though what they wrote is sound and may be used again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline import release_tasks
from pipeline.stages.place import COPY_EXACT, COPY_NEAR, UNFIT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.engine.work import Marker
    from pipeline.job import Job


def disown(job: Job, parts: list[Marker], placed: Marker) -> None:
    """Take them out of what a sweep spares: the next run makes them again, from the inputs.

    A screen holds the texts of all that passed it, and what goes as a copy goes later than that. What a
    quality filter refused is compared with nothing, so nobody knows whether it is such a copy.
    Surveys hold the names of repositories, and the paths of files that speak of licences.
    """
    if job.used is not None:
        stale = (*_with_copies(parts, placed), *_with_names(job, parts))
        job.used.difference_update(job.work.path / phase / name for phase, name in stale)


def _with_copies(parts: list[Marker], placed: Marker) -> Iterator[tuple[str, str]]:
    for part, fates in zip(parts, placed.record["fates"], strict=True):
        if fates[COPY_EXACT] + fates[COPY_NEAR] + fates[UNFIT] > 0:
            yield part.phase, part.fingerprint


def _with_names(job: Job, parts: list[Marker]) -> Iterator[tuple[str, str]]:
    """Yield the surveys of inputs with documents that a request names, and what was gathered from all."""
    surveys = release_tasks.survey_tasks(job.config, job.inputs)
    named = [
        survey
        for survey, part in zip(surveys, parts, strict=False)
        if "optout" in part.record["dropped"]
    ]
    if named:
        named.append(release_tasks.trees_task(job.inputs, [each.fingerprint for each in surveys]))
    yield from ((each.phase, each.fingerprint) for each in named)
