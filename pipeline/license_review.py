"""Make the review list of a run: one task for each input, then all groups together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from pipeline.engine.task import Task
from pipeline.job import run_tasks
from pipeline.stages.review import ReviewSpec, gather, review
from pipeline.stages.review_list import Entry, entries
from pipeline.tasks import refs

if TYPE_CHECKING:
    from pipeline.engine.work import Marker
    from pipeline.job import Job


def review_list(job: Job, parts: list[Marker]) -> list[Entry]:
    """Group what licence detection left open in the screened inputs; memory holds the groups."""
    markers = run_tasks(job, "review", review_tasks(job, parts))
    folders = [job.work.folder(marker) for marker in markers if marker.record["documents"]]
    return entries(gather(folders))


def review_tasks(job: Job, parts: list[Marker]) -> list[Task]:
    """One task for each input; what its part does not depend on, it does not either, but for opt-outs."""
    return [
        Task(
            "review",
            item.path,
            review,
            ReviewSpec(
                part=ref,
                path=item.path,
                source=msgspec.structs.replace(job.source(item.source), paths=()),
                stretch=item.stretch,
                etag=item.etag,
                requests=part.record["requests"],
                redact=job.config.redact,
                key=job.key,
                max_record_mib=job.config.limits.max_record_mib,
            ),
            item.bytes,
        )
        for item, part, ref in zip(job.inputs, parts, refs(parts), strict=True)
    ]
