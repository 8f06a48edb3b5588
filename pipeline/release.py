"""Write the files of a release so that equal content gives equal bytes and no half file is seen.

Every file is written under another name, forced to disk and renamed. Parquet files carry page
checksums and no statistics, which would repeat text in the footer, and are cut where one row more
or less leaves nearly all row groups as they were; shards have pipeline/shards.py.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
from typing import TYPE_CHECKING, BinaryIO, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from manifests.checksum import sha256_hex
from manifests.manifest import MANIFEST, SUMS, File, Manifest, checksums_text, encode
from pipeline.cuts import cuts, group_rows, row_keys
from pipeline.engine.commit import sync

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

LEVEL: Final = 3
_NAMES: Final = ("merkle", "id")
"""The columns that name a row, for where tables are cut."""
_REPEATED: Final = frozenset(
    [
        *("source", "split", "shard", "frame", "license", "language", "natural_language", "repo"),
        *("input", "verdict", "stage", "reason", "detail"),
    ]
)
"""Columns whose values come again and again: only these have a dictionary."""
_AT_ONCE: Final = 1 << 16

_TEXT: Final[pa.DataType] = pa.string()
_NUMBER: Final[pa.DataType] = pa.int64()

DOCUMENTS: Final = pa.schema(
    [
        ("id", _TEXT),
        ("source", _TEXT),
        ("split", _TEXT),
        ("shard", _TEXT),
        ("frame", _NUMBER),
        ("offset", _NUMBER),
        ("length", _NUMBER),
        ("sha256", _TEXT),
        ("license", _TEXT),
        ("language", _TEXT),
        ("natural_language", _TEXT),
        ("repo", _TEXT),
        ("path", _TEXT),
        ("family", _TEXT),
    ]
)
DOCUMENTS_PATH: Final = "index/documents.parquet"
"""In the order of shard, frame and offset: where each document lies."""

FRAMES: Final = pa.schema(
    [
        ("shard", _TEXT),
        ("frame", _NUMBER),
        ("offset", _NUMBER),
        ("length", _NUMBER),
        ("raw_length", _NUMBER),
        ("documents", _NUMBER),
        ("merkle", _TEXT),
    ]
)
FRAMES_PATH: Final = "index/frames.parquet"
"""In the order of shard and frame; question shards stand in it too."""

DECISIONS: Final = pa.schema(
    [
        ("id", _TEXT),
        ("source", _TEXT),
        ("input", _TEXT),
        ("row", _NUMBER),
        ("verdict", _TEXT),
        ("stage", _TEXT),
        ("reason", _TEXT),
        ("detail", _TEXT),
        ("survivor", _TEXT),
    ]
)
"""The schema of `ledger_parts`: one row per input record."""

SPLIT_LEDGER: Final = pa.schema([("id", _TEXT), ("family", _TEXT), ("split", _TEXT)])
SPLITS_PATH: Final = "ledger/splits.parquet"
"""Every document of the release, and those of earlier ones that stay put."""
TOMBSTONES_PATH: Final = "ledger/tombstones.jsonl"
STATISTICS_PATH: Final = "reports/stats.json"
CONFIG_PATH: Final = "config/config.json"


@contextlib.contextmanager
def atomic(path: Path) -> Iterator[BinaryIO]:
    """Open `path` for writing; it appears whole and on disk when the block ends, else not at all.

    Temporary file, fsync, rename, fsync of the folder. A process that is killed leaves at most a
    `.tmp` file behind, under a name that no other process picks.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync(path.parent)


@contextlib.contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Make a folder under another name; it gets its own, synced, when the block ends, else it is taken away."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = folder.with_name(f".{folder.name}.{secrets.token_hex(8)}.tmp")
    staging.mkdir()
    try:
        yield staging
        for path in sorted(staging.rglob("*")):
            if path.is_dir():
                sync(path)
        sync(staging)
        staging.rename(folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    sync(folder.parent)


def link(source: Path, target: Path) -> None:
    """Put a finished file under another name as well; what lies under either is never written again."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copyfile(source, target)
        sync(target)


def write_bytes(path: Path, data: bytes) -> None:
    """Write a small file atomically."""
    with atomic(path) as file:
        file.write(data)


def write_parquet(path: Path, table: pa.Table) -> None:
    """Write a table so that equal rows give equal bytes under one pyarrow, whatever its chunks."""
    write_tables(path, table.schema, lambda: [table])


def write_tables(path: Path, schema: pa.Schema, tables: Callable[[], Iterable[pa.Table]]) -> None:
    """Write tables as the one that they are end to end; they are asked for twice, and need not be in memory.

    The whole is cut into row groups by what names its rows, and each group is made of one chunk. No
    statistics: they would repeat text in the footer. Memory: 4 bytes a row, and a group's rows.
    """
    repeated = [name for name in schema.names if name in _REPEATED]
    with (
        atomic(path) as file,
        pq.ParquetWriter(
            file,
            schema,
            compression="zstd",
            compression_level=LEVEL,
            use_dictionary=repeated,  # type: ignore[arg-type]  # the stubs know no list
            write_statistics=False,
            write_page_checksum=True,
        ) as writer,
    ):
        keys = np.concatenate([np.zeros(0, np.uint32), *_row_keys(tables())])
        sizes = [len(rows) for rows in cuts(keys, group_rows(len(keys)))]
        for group in _regrouped(tables(), sizes):
            writer.write_table(group.combine_chunks(), row_group_size=len(group))


def _row_keys(tables: Iterable[pa.Table]) -> Iterator[NDArray[np.uint32]]:
    """Yield the keys of the rows, in memory for the names of a few of them at a time."""
    for table in tables:
        column = table[next(name for name in _NAMES if name in table.column_names)]
        for start in range(0, len(column), _AT_ONCE):
            names = column.slice(start, _AT_ONCE).to_pylist()
            yield row_keys(map(str, names), len(names))


def _regrouped(tables: Iterable[pa.Table], sizes: list[int]) -> Iterator[pa.Table]:
    """Cut the same rows into tables of these sizes, which add up to them; of none comes no table."""
    wanted = iter(sizes)
    waiting: list[pa.Table] = []
    missing = next(wanted)
    for whole in tables:
        table = whole
        while 0 < missing <= len(table):
            yield pa.concat_tables([*waiting, table.slice(0, missing)])
            table, waiting = table.slice(missing), []
            missing = next(wanted, 0)
        if len(table) > 0:
            waiting.append(table)
            missing -= len(table)


def is_put_aside(stage: str, detail: str) -> bool:
    """Tell the ledger's row of a line that gave no record: its detail says where that was, or what is damaged.

    A decision about a record says neither, and at stage `read` it is one about a sound record that gives no
    document; such a row may have the id that the record would have had.
    """
    return stage in {"read", "qa"} and detail.startswith(('{"damage":', '{"line":'))


def ledger_parts(folder: Path) -> list[Path]:
    """Return the parts of the ledger, `decisions-*.parquet`, that lie in a folder, in their order."""
    return sorted(folder.glob("decisions-*.parquet"))


def listed(release: Path, path: str) -> File:
    """Return the manifest's entry for a file of the release that is no shard, read from disk."""
    with (release / path).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return File(path=path, sha256=digest, bytes=file.tell())


def write_lists(release: Path, manifest: Manifest) -> str:
    """Write manifest.json and SHA256SUMS, the last two files; returns the manifest's SHA-256."""
    data = encode(manifest)
    write_bytes(release / MANIFEST, data)
    write_bytes(release / SUMS, checksums_text(manifest, data).encode())
    return sha256_hex(data)
