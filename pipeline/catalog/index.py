"""index/documents.parquet, read a row group at a time; it opens when first asked, for one thread at a time."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import IntegrityError
from pipeline.release import DOCUMENTS_PATH

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_DICTIONARIES: Final = [
    "source",
    "split",
    "shard",
    "license",
    "language",
    "natural_language",
    "repo",
]

_FEW: Final = 1 << 14
"""Rows that one thread reads before a second one has begun."""


class Index:
    """The rows of a release's documents; columns of few values come as dictionaries.

    Arrow's file object crashes when two threads read from it, so one waits for the other.
    """

    def __init__(self, release: Path, documents: int) -> None:
        self._path = release / DOCUMENTS_PATH
        self._documents = documents
        self._file: pq.ParquetFile | None = None
        self._lock = Lock()

    def groups(self) -> list[range]:
        """Return the rows of each row group.

        Raises:
            IntegrityError: the file does not read, or has other rows than the manifest says.
        """
        with self._lock:
            metadata = self._opened().metadata
            sizes = [metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)]
        start = 0
        found = []
        for size in sizes:
            found.append(range(start, start + size))
            start += size
        return found

    def read(self, group: int, columns: Sequence[str] | None = None) -> pa.Table:
        """Return some columns of a row group, or all; errors as `groups`."""
        with self._lock:
            file = self._opened()
            try:
                return file.read_row_group(
                    group,
                    columns=None if columns is None else list(columns),
                    use_threads=file.metadata.row_group(group).num_rows > _FEW,
                )
            except (pa.ArrowException, OSError) as error:
                raise IntegrityError(self._problem("does not read")) from error

    def close(self) -> None:
        """Let go of the file; who asks again opens it again."""
        with self._lock:
            if self._file is not None:
                self._file.close()
            self._file = None

    def _opened(self) -> pq.ParquetFile:
        if self._file is None:
            try:
                found = pq.ParquetFile(
                    self._path, read_dictionary=_DICTIONARIES, page_checksum_verification=True
                )
            except (pa.ArrowException, OSError) as error:
                raise IntegrityError(self._problem("does not read")) from error
            if found.metadata.num_rows != self._documents:
                found.close()
                raise IntegrityError(self._problem("has other rows than the manifest says"))
            self._file = found
        return self._file

    def _problem(self, what: str) -> str:
        return f"read: {self._path}: {what}: verify the release"


def overlap(one: range, other: range) -> range:
    """Return what two ranges share."""
    return range(max(one.start, other.start), min(one.stop, other.stop))
