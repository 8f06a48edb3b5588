"""Write the files of a release so that equal content gives equal bytes and no half file is seen.

Every file is written under another name, forced to disk and renamed. Shards are one-shot zstd
frames; parquet files carry page checksums and no statistics, which would repeat text in the footer.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from typing import TYPE_CHECKING, BinaryIO, Final

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from manifests import merkle, record
from manifests.checksum import sha256_hex
from manifests.frames import FRAME_CUT, FrameCut
from manifests.manifest import MANIFEST, SUMS, File, Manifest, checksums_text, encode
from pipeline.engine.task import sync

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

LEVEL: Final = 3
ROW_GROUP: Final = 1 << 16

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
"""index/documents.parquet, in the order of shard, frame and offset: where each document lies."""

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
"""index/frames.parquet, in the order of shard and frame; question shards stand in it too."""

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
"""ledger/decisions-*.parquet: one row per input record."""

SPLIT_LEDGER: Final = pa.schema([("id", _TEXT), ("family", _TEXT), ("split", _TEXT)])
"""ledger/splits.parquet: every document of the release, and those of earlier ones that stay put."""


class Frame(msgspec.Struct, frozen=True):
    """One frame: its bytes in the file, its raw size, its Merkle root, its lines' raw offsets.

    A line lasts to the next one's offset, newline included.
    """

    offset: int
    length: int
    raw_length: int
    merkle: str
    offsets: tuple[int, ...]

    @property
    def documents(self) -> int:
        """The number of lines."""
        return len(self.offsets)

    def lines(self) -> Iterator[tuple[int, int]]:
        """Yield (offset, length) of each line in the decoded frame."""
        ends = (*self.offsets[1:], self.raw_length)
        return ((start, end - start) for start, end in zip(self.offsets, ends, strict=True))


class ShardReceipt(msgspec.Struct, frozen=True):
    """What a written shard turned out to be."""

    sha256: str
    bytes: int
    raw_sha256: str
    raw_bytes: int
    records: int
    merkle_root: str
    frames: tuple[Frame, ...]

    def listed(self, path: str) -> File:
        """Return the manifest's entry for this shard under its release-relative path."""
        return File(
            path=path,
            sha256=self.sha256,
            bytes=self.bytes,
            raw_sha256=self.raw_sha256,
            raw_bytes=self.raw_bytes,
            records=self.records,
            merkle_root=self.merkle_root,
        )


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


def write_bytes(path: Path, data: bytes) -> None:
    """Write a small file atomically."""
    with atomic(path) as file:
        file.write(data)


def write_frames(
    path: Path, lines: Iterable[tuple[str, bytes]], *, cut: FrameCut = FRAME_CUT
) -> ShardReceipt:
    """Write a shard from (id, line) in their final order; memory holds one frame.

    A line ends in its newline, as `record.encode` gives it. Raises `ValueError` for a line that
    does not, and for no lines at all: an empty shard is not written.
    """
    raw, packed = hashlib.sha256(), hashlib.sha256()
    compressor = zstandard.ZstdCompressor(
        level=LEVEL, write_checksum=True, write_content_size=True, threads=0
    )
    frames: list[Frame] = []
    raw_bytes = size = 0
    with atomic(path) as file:
        for batch in cut_frames(lines, cut):
            content = b"".join(batch)
            data = compressor.compress(content)
            file.write(data)
            raw.update(content)
            packed.update(data)
            frames.append(_frame(batch, offset=size, length=len(data), raw_length=len(content)))
            raw_bytes += len(content)
            size += len(data)
        if not frames:
            raise ValueError("a shard without documents is not written")
    return ShardReceipt(
        sha256=packed.hexdigest(),
        bytes=size,
        raw_sha256=raw.hexdigest(),
        raw_bytes=raw_bytes,
        records=sum(frame.documents for frame in frames),
        merkle_root=merkle.shard_root(bytes.fromhex(frame.merkle) for frame in frames).hex(),
        frames=tuple(frames),
    )


def cut_frames(lines: Iterable[tuple[str, bytes]], cut: FrameCut) -> Iterator[list[bytes]]:
    """Group (id, line) into the lines of each frame; raises `ValueError` for a line unended."""
    batch: list[bytes] = []
    filled = 0
    for id_, line in lines:
        if not line.endswith(b"\n"):
            raise ValueError(f"the line of document {id_!r} does not end in a newline")
        batch.append(line)
        filled += len(line)
        if cut.after(id_, len(line), filled):
            yield batch
            batch, filled = [], 0
    if batch:
        yield batch


def _frame(batch: list[bytes], *, offset: int, length: int, raw_length: int) -> Frame:
    """Describe a frame from its lines."""
    offsets, at = [], 0
    for line in batch:
        offsets.append(at)
        at += len(line)
    root = merkle.root(map(record.leaf, batch)).hex()
    return Frame(offset, length, raw_length, root, tuple(offsets))


def write_parquet(path: Path, table: pa.Table) -> None:
    """Write a table so that equal rows give equal bytes under one pyarrow, whatever its chunks.

    Each row group is made of one chunk. No statistics: they would repeat text in the footer.
    """
    with (
        atomic(path) as file,
        pq.ParquetWriter(
            file,
            table.schema,
            compression="zstd",
            compression_level=LEVEL,
            write_statistics=False,
            write_page_checksum=True,
        ) as writer,
    ):
        for start in range(0, table.num_rows, ROW_GROUP):
            rows = table.slice(start, ROW_GROUP).combine_chunks()
            writer.write_table(rows, row_group_size=ROW_GROUP)


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
