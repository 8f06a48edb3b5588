"""What a mirror of one release must fetch to hold another: the frames, column chunks and files that it lacks."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from manifests.manifest import MANIFEST, SUMS, shard_path
from pipeline.catalog import frames
from pipeline.errors import IntegrityError
from pipeline.published import read_manifest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from manifests.manifest import File


class NewFile(NamedTuple):
    """A file that the older release does not hold: how many of its bytes are new there, and how many it has."""

    path: str
    fresh: int
    bytes: int


class NewBytes(NamedTuple):
    """The files that are new, and the bytes of all files of the newer release."""

    files: tuple[NewFile, ...]
    bytes: int

    @property
    def fresh(self) -> int:
        """Return how many bytes are new."""
        return sum(file.fresh for file in self.files)


def new_bytes(old: Path, new: Path) -> NewBytes:
    """Say what is new: of shards by frame, of parquet files by column chunk, of all else by file.

    Nothing is decoded: frames are known by their roots in index/frames.parquet, column chunks by
    digest. A file under another name is not new.

    Raises:
        IntegrityError: an index or a parquet file does not read.
    """
    held = read_manifest(old).files
    files = read_manifest(new).files
    digests = {file.sha256 for file in held}
    stay = digests & {file.sha256 for file in files}
    chunks = _known_chunks(old, [file for file in held if file.sha256 not in stay])
    kept = _kept_frames(old, new)
    found = [
        NewFile(file.path, file.bytes - _held_bytes(new, file, kept, chunks), file.bytes)
        for file in files
        if file.sha256 not in digests
    ]
    lists = [_list(old, new, name) for name in (MANIFEST, SUMS)]
    total = sum(file.bytes for file in files) + sum(file.bytes for file in lists)
    return NewBytes((*found, *(file for file in lists if file.fresh)), total)


def _list(old: Path, new: Path, name: str) -> NewFile:
    """Describe one of the two files that the manifest does not list."""
    data = (new / name).read_bytes()
    return NewFile(name, len(data) if data != (old / name).read_bytes() else 0, len(data))


def _kept_frames(old: Path, new: Path) -> Counter[str]:
    """Add up by shard the bytes of frames that the older release has too."""
    known = set(frames(old)["merkle"].to_pylist())
    kept = Counter[str]()
    for row in frames(new).select(["shard", "length", "merkle"]).to_pylist():
        kept[row["shard"]] += row["length"] * (row["merkle"] in known)
    return kept


def _known_chunks(release: Path, files: list[File]) -> set[bytes]:
    paths = (file.path for file in files if file.path.endswith(".parquet"))
    return {digest for path in paths for digest, _ in column_chunks(release / path)}


def _held_bytes(release: Path, file: File, kept: Counter[str], chunks: set[bytes]) -> int:
    """Count the bytes of a changed file that a mirror of the older release has."""
    if shard_path(file.path) is not None:
        return kept[file.path]
    if not file.path.endswith(".parquet"):
        return 0
    return sum(size for digest, size in column_chunks(release / file.path) if digest in chunks)


def column_chunks(path: Path) -> Iterator[tuple[bytes, int]]:
    """Yield SHA-256 and bytes of each column chunk of a parquet file, as its footer places them.

    Raises:
        IntegrityError: the file does not read.
    """
    try:
        with path.open("rb") as file:
            for start, size in _places(pq.read_metadata(path)):
                file.seek(start)
                data = file.read(size)
                yield hashlib.sha256(data).digest(), len(data)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise IntegrityError(f"read: {path}: does not read: verify the release") from error


def _places(metadata: pq.FileMetaData) -> Iterator[tuple[int, int]]:
    """Yield where each column chunk begins and how long it is; a dictionary stands before the data."""
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        for column in map(group.column, range(group.num_columns)):
            dictionary = column.dictionary_page_offset
            first = column.data_page_offset if dictionary is None else dictionary
            yield min(first, column.data_page_offset), column.total_compressed_size
