"""Cut large inputs into stretches, each of which is screened by a task of its own.

So one file of 50 GB keeps all workers busy, and an opt-out that concerns one of its records has one
stretch screened again. Rows are counted through the file: what comes out is the same, cut or not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from pipeline.engine.commit import finished
from pipeline.engine.task import Task
from pipeline.job import run_tasks
from pipeline.sources.formats import is_cut
from pipeline.sources.stretch import STRETCH, Stretch
from pipeline.stages.cut import CutSpec, cut

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipeline.config import Config
    from pipeline.engine.work import Marker, Work
    from pipeline.job import Job
    from pipeline.plan import Input

_LARGE: Final = 16 << 20  # bytes, compressed or not; below, a file is one task


def cut_inputs(job: Job) -> tuple[Input, ...]:
    """Return the inputs of a job with the stretches of each large file in its place."""
    tasks = _cut_tasks(job.config, job.inputs)
    markers = run_tasks(job, "cut", list(tasks.values())) if tasks else []
    return _cut(job.inputs, dict(zip(tasks, markers, strict=True)))


def known_stretches(config: Config, inputs: tuple[Input, ...], work: Work) -> tuple[Input, ...]:
    """Return what `cut_inputs` would, as far as an earlier run has found it; nothing is written."""
    found = {
        ordinal: marker
        for ordinal, task in _cut_tasks(config, inputs).items()
        if (marker := finished(task, work)) is not None
    }
    return _cut(inputs, found)


def _cut_tasks(config: Config, inputs: tuple[Input, ...]) -> dict[int, Task]:
    formats = {source.name: source.format for source in config.sources}
    return {
        item.ordinal: Task(
            "cut",
            item.path,
            cut,
            CutSpec(path=item.path, sha256=item.sha256, etag=item.etag, size=STRETCH),
            item.bytes,
        )
        for item in inputs
        if item.bytes >= _LARGE and is_cut(formats[item.source], item.path)
    }


def _cut(inputs: tuple[Input, ...], markers: Mapping[int, Marker]) -> tuple[Input, ...]:
    pieces = (piece for item in inputs for piece in _pieces(item, markers.get(item.ordinal)))
    return tuple(
        msgspec.structs.replace(piece, ordinal=ordinal) for ordinal, piece in enumerate(pieces)
    )


def _pieces(item: Input, marker: Marker | None) -> Iterator[Input]:
    """Yield the stretches of an input, each with its share of the bytes."""
    if marker is None:
        yield item
        return
    stretches = msgspec.convert(marker.record["stretches"], tuple[Stretch, ...])
    for number, stretch in enumerate(stretches):
        upto, before = (item.bytes * each // len(stretches) for each in (number + 1, number))
        yield msgspec.structs.replace(item, stretch=stretch, bytes=upto - before)
