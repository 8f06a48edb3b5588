"""What reports/stats.json says beside the account of the records: figures, licence classes, the parent's sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from filters.licenses.spdx import classify
from pipeline.figures import clusters_of, figures_of, read_tally
from pipeline.published import read_manifest

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.account import Finished
    from pipeline.job import Job


def contents(job: Job, done: Finished, staging: Path) -> dict[str, Any]:
    """Make the rest of reports/stats.json.

    `content` holds `Figures`, `classes` the class of each licence in the release, `parent` what the
    release before held, by source; it is left out for a first release.
    """
    folders = (job.work / "emit" / marker.fingerprint for marker in done.emitted)
    figures = figures_of(read_tally(folders), clusters_of(staging))
    licenses = sorted({name for marker in done.emitted for name in marker.record["licenses"]})
    made: dict[str, Any] = {
        "content": msgspec.to_builtins(figures),
        "classes": {name: classify(name) for name in licenses},
    }
    if done.parent is not None:
        made["parent"] = _sizes(done.parent.path)
    return made


def _sizes(parent: Path) -> dict[str, Any]:
    """Take what the parent held from its manifest."""
    before = read_manifest(parent)
    return {
        "version": before.version,
        "documents": before.documents,
        "questions": before.questions,
        "bytes_raw": before.bytes_raw,
        "sources": {
            source.name: {"kind": source.kind, "kept": source.kept, "bytes": source.bytes}
            for source in before.sources
        },
    }
