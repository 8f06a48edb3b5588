"""The deep check of stored signatures: a file for each data shard, a row for each document in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from manifests.manifest import MANIFEST
from pipeline.signatures import FOLDER, read_spec, signatures_path

if TYPE_CHECKING:
    from pathlib import Path

    from manifests.manifest import Manifest
    from pipeline.verify.report import Findings


def check_signatures(
    release: Path, manifest: Manifest, sound: frozenset[str], findings: Findings
) -> None:
    """Check what is there against the shards; a release keeps signatures for all of them or for none."""
    listed = {file.path for file in manifest.files if file.path.startswith(FOLDER)}
    wanted = {
        signatures_path(file.path): file.records
        for file in manifest.files
        if file.path.startswith("data/")
    }
    for path in sorted(wanted.keys() - listed) if listed else ():
        findings.add(MANIFEST, f"files: {path} is not listed, other signatures are")
    for path in sorted(listed):
        if path not in wanted:
            findings.add(path, "holds the signatures of no shard")
        elif path in sound:
            problem = _problem(release / path, wanted[path])
            if problem is not None:
                findings.add(path, problem)


def _problem(path: Path, documents: int | None) -> str | None:
    try:
        with pq.ParquetFile(path) as file:
            read_spec(file.schema_arrow)
            rows = file.metadata.num_rows
    except (pa.ArrowException, OSError, ValueError) as error:
        return f"cannot be read as signatures: {error}"
    return None if rows == documents else f"has {rows} rows, its shard {documents} documents"
