"""What reports/stats.json says beside the account of the records: figures, licence classes, the parent's sizes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from filters.licenses.spdx import classify
from pipeline.catalog import read_lines
from pipeline.figures import clusters_of, figures_of, read_tally
from pipeline.published import read_manifest

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.account import Finished
    from pipeline.job import Job


def contents(job: Job, done: Finished, staging: Path) -> dict[str, Any]:
    """Make the rest of reports/stats.json.

    `content` holds `Figures`, `classes` the class of each licence in the release, `question_languages`
    counts questions by natural language, and `parent` says what the release before held, by source;
    both are left out where there is nothing to say.
    """
    folders = (job.work.folder(marker) for marker in done.emitted)
    figures = figures_of(read_tally(folders), clusters_of(staging))
    licenses = sorted({name for marker in done.emitted for name in marker.record["licenses"]})
    made: dict[str, Any] = {
        "content": msgspec.to_builtins(figures),
        "classes": {name: classify(name) for name in licenses},
    }
    questions = _languages(staging, done)
    if questions:
        made["question_languages"] = dict(sorted(questions.items()))
    if done.parent is not None:
        made["parent"] = _sizes(done.parent.path)
    return made


class _Question(msgspec.Struct, frozen=True):
    """What of a question's line is counted."""

    language: str


def _languages(staging: Path, done: Finished) -> Counter[str]:
    """Read the questions through: they are few beside the documents, and stand in no index."""
    paths = (shard["entry"]["path"] for marker in done.emitted for shard in marker.record["files"])
    asked = frozenset(path for path in paths if path.startswith("qa/"))
    if not asked:
        return Counter()
    lines = read_lines(staging, asked)
    return Counter(msgspec.json.decode(line, type=_Question).language for line in lines)


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
