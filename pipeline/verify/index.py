"""Read the parquet files of a release in step with its shards, a group of rows at a time."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.release import DOCUMENTS, DOCUMENTS_PATH, FRAMES, FRAMES_PATH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pipeline.verify.report import Findings

_BATCH: Final = 1 << 14
_shard_key: Final = attrgetter("shard")
_place_key: Final = attrgetter("shard", "frame")


class FrameRow(NamedTuple):
    """A row of index/frames.parquet."""

    shard: str
    frame: int
    offset: int
    length: int
    raw_length: int
    documents: int
    merkle: str


class DocumentRow(NamedTuple):
    """A row of index/documents.parquet."""

    id: str
    source: str
    split: str
    shard: str
    frame: int
    offset: int
    length: int
    sha256: str
    license: str
    language: str
    natural_language: str
    repo: str
    path: str
    family: str


class Index:
    """Both index files as cursors that move with the shards; `None` where a file is no witness."""

    def __init__(self, release: Path, sound: frozenset[str], findings: Findings) -> None:
        self._release = release
        self._findings = findings
        self.frames = self._cursor(sound, FRAMES_PATH, FRAMES, FrameRow, _shard_key)
        self.documents = self._cursor(sound, DOCUMENTS_PATH, DOCUMENTS, DocumentRow, _place_key)

    def all_documents(self) -> Iterator[DocumentRow]:
        """Yield the rows of index/documents.parquet once more from the start."""
        rows = read_rows(self._release, DOCUMENTS_PATH, DOCUMENTS, self._findings)
        return map(DocumentRow._make, rows)

    def finish(self) -> None:
        """Take the rows that belong to no frame of the release as problems."""
        for cursor in (self.frames, self.documents):
            if cursor is not None:
                cursor.finish()

    def _cursor(
        self,
        sound: frozenset[str],
        path: str,
        schema: pa.Schema,
        row: type[Any],
        key: Callable[[Any], Any],
    ) -> Cursor | None:
        if path not in sound:
            return None
        rows = read_rows(self._release, path, schema, self._findings)
        return Cursor(path, map(row._make, rows), key, self._findings)


class Cursor:
    """Rows in groups of equal keys, handed out for rising keys; one passed over is a problem."""

    def __init__(
        self, path: str, rows: Iterator[Any], key: Callable[[Any], Any], findings: Findings
    ) -> None:
        self._path = path
        self._findings = findings
        self._groups = groupby(rows, key)
        self._head: tuple[Any, list[Any]] | None = None
        self._advance()

    @property
    def usable(self) -> bool:
        """The file has been read without a problem so far."""
        return not self._findings.names(self._path)

    def take(self, key: Any) -> list[Any]:
        """Return the rows of `key`, if any; no later call may ask for a lower key."""
        while self._head is not None and self._head[0] < key:
            self._stray()
        if self._head is None or self._head[0] != key:
            return []
        rows = self._head[1]
        self._advance()
        return rows

    def finish(self) -> None:
        """Take the rows that nobody asked for as problems."""
        while self._head is not None:
            self._stray()

    def _stray(self) -> None:
        """Report the group at the head, and go on."""
        if self._head is not None:
            row = self._head[1][0]
            place = f"{row.shard} frame {row.frame}"
            self._findings.add(self._path, f"row for {place} is out of order, or of no such frame")
        self._advance()

    def _advance(self) -> None:
        group = next(self._groups, None)
        self._head = None if group is None else (group[0], list(group[1]))


def read_rows(
    release: Path, path: str, schema: pa.Schema, findings: Findings
) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a parquet file; what cannot be read is a problem, and ends them."""
    try:
        with pq.ParquetFile(release / path, page_checksum_verification=True) as file:
            problem = _schema_problem(file.schema_arrow, schema)
            if problem is not None:
                findings.add(path, problem)
                return
            for batch in file.iter_batches(batch_size=_BATCH):
                if any(column.null_count for column in batch.columns):
                    findings.add(path, "holds a null")
                    return
                yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        findings.add(path, f"cannot be read as parquet ({type(error).__name__})")


def _schema_problem(found: pa.Schema, expected: pa.Schema) -> str | None:
    """Compare the columns by name, order and kind: any width of string or integer will do."""
    if found.names != expected.names:
        return f"has the columns {', '.join(found.names)}, not {', '.join(expected.names)}"
    for name in expected.names:
        if _kind(found.field(name).type) != _kind(expected.field(name).type):
            return f"column {name} has the type {found.field(name).type}"
    return None


def _kind(column: pa.DataType) -> str:
    if pa.types.is_string(column) or pa.types.is_large_string(column):
        return "string"
    return "integer" if pa.types.is_integer(column) else str(column)
