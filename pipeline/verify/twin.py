"""The deep check of parquet twins: one for each shard or none at all, each with its shard's very records."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from manifests.manifest import MANIFEST, is_shard
from manifests.metadata.record_sets import TWINS, twin_path
from manifests.record import Question, Record, encode
from pipeline.twin import twin_schema

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from manifests.manifest import Manifest
    from pipeline.verify.report import Findings

_BATCH = 1 << 10


def check_twins(
    release: Path, manifest: Manifest, sound: frozenset[str], findings: Findings
) -> None:
    """Check every twin whose own file and whose shard are sound, row against line."""
    listed = {file.path for file in manifest.files if file.path.startswith(TWINS)}
    shards = {twin_path(file.path): file.path for file in manifest.files if is_shard(file.path)}
    for path in sorted(shards.keys() - listed) if listed else ():
        findings.add(MANIFEST, f"files: {path} is not listed, other parquet twins are")
    for path in sorted(listed):
        if path not in shards:
            findings.add(path, "is the parquet twin of no shard")
        elif path in sound and shards[path] in sound and not findings.names(shards[path]):
            _check(release, path, shards[path], findings)


def _check(release: Path, path: str, shard: str, findings: Findings) -> None:
    try:
        with pq.ParquetFile(release / path, page_checksum_verification=True) as file:
            problem = _form_problem(file, shard)
            if problem:
                findings.add(path, problem)
            else:
                _compare(release, path, shard, file, findings)
    except (pa.ArrowException, OSError, ValueError) as error:
        findings.add(path, f"cannot be read as parquet ({type(error).__name__})")


def _form_problem(file: pq.ParquetFile, shard: str) -> str:
    """Say what is wrong with the columns: their types, or statistics, which would repeat text."""
    if not file.schema_arrow.equals(twin_schema(shard)):
        return "its columns are not those of the records"
    groups = (file.metadata.row_group(number) for number in range(file.num_row_groups))
    if any(group.column(at).is_stats_set for group in groups for at in range(group.num_columns)):
        return "has statistics, which repeat text"
    return ""


def _compare(
    release: Path, path: str, shard: str, file: pq.ParquetFile, findings: Findings
) -> None:
    """Hold rows against lines up to the first one that differs."""
    kind = Record if shard.startswith("data/") else Question
    rows = _rows(file, kind)
    with (release / shard).open("rb") as packed:
        for number, line in enumerate(_lines(packed)):
            row = next(rows, None)
            if row is None:
                findings.add(path, f"ends after {number} rows, its shard goes on")
                return
            if row != line:
                name = msgspec.json.decode(line, type=_Named).id
                findings.add(path, f"row {number} is not what its shard holds", document=name)
                return
    if next(rows, None) is not None:
        findings.add(path, "has more rows than its shard has records")


class _Named(msgspec.Struct):
    """What every record has."""

    id: str


def _lines(packed: Any) -> Iterator[bytes]:
    """Yield the lines of a shard as they stand: text may hold any other line separator."""
    reader = zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True)
    return iter(io.BufferedReader(reader, 1 << 20))


def _rows(file: pq.ParquetFile, kind: type[Record | Question]) -> Iterator[bytes]:
    """Yield every row as the line that it stands for; raises `ValueError` for one that is no record."""
    for batch in file.iter_batches(batch_size=_BATCH):
        yield from map(encode, msgspec.convert(batch.to_pylist(), list[kind]))  # type: ignore[valid-type]  # a value
