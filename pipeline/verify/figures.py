"""The deep check of the figures in reports/stats.json and of what was redacted: counted once more from the records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa

from manifests.figures import Figures
from manifests.manifest import MANIFEST
from pipeline.figures import clusters_of, figures_of
from pipeline.release import STATISTICS_PATH
from pipeline.verify.ledger import DECISIONS_PREFIX

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.verify.report import Findings
    from pipeline.verify.walk import Walk


class _Statistics(msgspec.Struct):
    """The part of reports/stats.json that follows from the records."""

    content: Figures | None = None


def check_figures(release: Path, walk: Walk, sound: frozenset[str], findings: Findings) -> None:
    """Hold the figures against the documents that the walk has seen and the ledger's clusters."""
    if walk.complete and walk.manifest.redact.counts != dict(walk.redactions):
        findings.add(MANIFEST, "redact.counts are not what the records give")
    listed = (file.path for file in walk.manifest.files)
    parts = {path for path in listed if path.startswith(DECISIONS_PREFIX)}
    if not walk.complete or not sound >= parts | {STATISTICS_PATH}:
        return
    try:
        data = (release / STATISTICS_PATH).read_bytes()
        told = msgspec.json.decode(data, type=_Statistics).content
        if told is None:
            findings.add(STATISTICS_PATH, "has no content: the figures are missing")
            return
        counted = figures_of(walk.tally, clusters_of(release))
    except (ValueError, RecursionError, OSError, pa.ArrowException) as error:
        findings.add(STATISTICS_PATH, f"cannot be compared ({type(error).__name__})")
        return
    for name in Figures.__struct_fields__:
        if _plain(told, name) != _plain(counted, name):
            findings.add(STATISTICS_PATH, f"content.{name} is not what the records give")


def _plain(figures: Figures, name: str) -> Any:
    return msgspec.to_builtins(getattr(figures, name))
