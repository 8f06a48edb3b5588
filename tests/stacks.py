"""Records as The Stack v2 has them, and the contents that they name, in a folder as in Software Heritage's bucket."""

from __future__ import annotations

import gzip
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from filters.git_ids import content_id

Record = dict[str, Any]

REVISION = "e" * 40
DIRECTORY = "d" * 40
DAY = datetime(2020, 2, 3, 4, 5, 6, tzinfo=UTC)
NANOSECONDS = int(DAY.timestamp()) * 10**9
ROOT: Record = {
    "repo_name": "mill/stones",
    "snapshot_id": "5" * 40,
    "revision_id": REVISION,
    "directory_id": DIRECTORY,
    "branch_name": "refs/heads/main",
    "visit_date": "2021-01-10T18:37:52.535967",
    "revision_date": "2020-02-03T04:05:06",
    "committer_date": "2020-02-03T04:05:06",
    "github_id": 55578705,
    "star_events_count": 7,
    "fork_events_count": 0,
    "gha_license_id": None,
    "gha_created_at": None,
    "gha_language": "Python",
}


def sha1(raw: bytes) -> str:
    return hashlib.sha1(raw, usedforsecurity=False).hexdigest()


def file_of(path: str, raw: bytes, **said: Any) -> Record:
    """What is said of one file."""
    return {
        "blob_id": sha1(raw),
        "path": f"/{path}",
        "content_id": content_id(raw),
        "language": "Python",
        "length_bytes": len(raw),
        "detected_licenses": ["MIT"],
        "license_type": "permissive",
        "src_encoding": "UTF-8",
        "is_vendor": False,
        "is_generated": False,
        **said,
    }


def row(path: str, raw: bytes, **said: Any) -> Record:
    """A row a file, as in the-stack-v2 and the-stack-v2-dedup."""
    return {**ROOT, "extension": path.rpartition(".")[2], **file_of(path, raw), **said}


def repository(*files: Record, **said: Any) -> Record:
    """A row a repository, as in the-stack-v2-train-full-ids and -smol-ids."""
    url = f"https://github.com/{ROOT['repo_name']}"
    return {**ROOT, "repo_url": url, "files": list(files), "num_files": len(files), **said}


def keep(folder: Path, *contents: bytes, pack: bool = True) -> None:
    """Lay contents down as Software Heritage's bucket has them, under their SHA-1, packed with gzip."""
    folder.mkdir(parents=True, exist_ok=True)
    for raw in contents:
        (folder / sha1(raw)).write_bytes(gzip.compress(raw, mtime=0) if pack else raw)


def write_lines(path: Path, *records: Record) -> Path:
    data = "".join(f"{json.dumps(each)}\n" for each in records).encode()
    path.write_bytes(gzip.compress(data) if path.name.endswith(".gz") else data)
    return path


def write_parquet(path: Path, *records: Record) -> Path:
    """Write rows with times in nanoseconds, as the published tables have them."""
    table = pa.Table.from_pylist(list(records))
    for name in ("visit_date", "revision_date", "committer_date"):
        if name in table.column_names:
            at = table.column_names.index(name)
            column = table.column(name).cast(pa.timestamp("ns"))
            table = table.set_column(at, name, column)
    pq.write_table(table, path)
    return path
