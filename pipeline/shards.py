"""Shards: one-shot zstd frames cut by content, a checksum in each, a seek table behind the last.

Equal lines give equal bytes under one libzstd. Taking a line out changes its frame and none else.
"""

from __future__ import annotations

import hashlib
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import msgspec
import zstandard

from manifests import merkle, seek_table
from manifests.frames import FRAME_CUT, FrameCut
from manifests.manifest import File
from pipeline.release import LEVEL, atomic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

T = TypeVar("T")


class Line(NamedTuple):
    """A record on its way into a shard: `line` with its newline, `leaf` its hash in the content tree."""

    address: bytes
    line: bytes
    leaf: bytes


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
            raw_bytes=self.raw_bytes,
            records=self.records,
            merkle_root=self.merkle_root,
        )


def receipt_of(entry: File, frames: tuple[Frame, ...]) -> ShardReceipt:
    """Return the receipt of a shard that was written before; `entry` is a shard's, so nothing in it is unset."""
    return ShardReceipt(
        sha256=entry.sha256,
        bytes=entry.bytes,
        raw_bytes=entry.raw_bytes or 0,
        records=entry.records or 0,
        merkle_root=entry.merkle_root or "",
        frames=frames,
    )


def write_frames(path: Path, lines: Sequence[Line], *, cut: FrameCut = FRAME_CUT) -> ShardReceipt:
    """Write a shard from its lines, in the order of their addresses; raises `ValueError` as `write_cut` does."""
    return write_cut(path, cut_frames(lines, cut))


def write_cut(path: Path, frames_of_lines: Iterable[Sequence[Line]]) -> ShardReceipt:
    """Write a shard from the lines of each of its frames.

    Raises `ValueError` for a line that does not end in its newline, and for no lines at all: an
    empty shard is not written.
    """
    packed = hashlib.sha256()
    packer = compressor()
    frames: list[Frame] = []
    raw_bytes = size = 0
    with atomic(path) as file:
        for batch in frames_of_lines:
            if not all(each.line.endswith(b"\n") for each in batch):
                raise ValueError("a line does not end in a newline")
            content = b"".join(each.line for each in batch)
            data = packer.compress(content)
            file.write(data)
            packed.update(data)
            frames.append(_frame(batch, offset=size, length=len(data), raw_length=len(content)))
            raw_bytes += len(content)
            size += len(data)
        if not frames:
            raise ValueError("a shard without documents is not written")
        table = seek_table.encode((frame.length, frame.raw_length) for frame in frames)
        file.write(table)
        packed.update(table)
    return ShardReceipt(
        sha256=packed.hexdigest(),
        bytes=size + len(table),
        raw_bytes=raw_bytes,
        records=sum(frame.documents for frame in frames),
        merkle_root=merkle.shard_root(bytes.fromhex(frame.merkle) for frame in frames).hex(),
        frames=tuple(frames),
    )


def compressor() -> zstandard.ZstdCompressor:
    """Return the compressor of release frames: without the checksum most flipped bits decode in silence."""
    return zstandard.ZstdCompressor(
        level=LEVEL, write_checksum=True, write_content_size=True, threads=0
    )


def libzstd() -> str:
    """Return the version of libzstd, which decides the bytes of a frame."""
    return ".".join(map(str, zstandard.ZSTD_VERSION))


def batches(lines: Iterable[bytes], least: int) -> Iterator[list[bytes]]:
    """Group lines of any order into batches of at least so many bytes, but for the last."""
    return batches_by(lines, least, len)


def batches_by(items: Iterable[T], least: int, size_of: Callable[[T], int]) -> Iterator[list[T]]:
    """Group items into batches whose sizes add up to `least` at least, but for the last."""
    batch: list[T] = []
    size = 0
    for item in items:
        batch.append(item)
        size += size_of(item)
        if size >= least:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def cut_frames(lines: Sequence[Line], cut: FrameCut) -> Iterator[Sequence[Line]]:
    """Group lines into frames."""
    ends = cut.ends([each.address for each in lines], [len(each.line) for each in lines])
    return (lines[first:end] for first, end in pairwise([0, *ends]))


def _frame(batch: Sequence[Line], *, offset: int, length: int, raw_length: int) -> Frame:
    """Describe a frame from its lines."""
    offsets, at = [], 0
    for each in batch:
        offsets.append(at)
        at += len(each.line)
    root = merkle.root(each.leaf for each in batch).hex()
    return Frame(offset, length, raw_length, root, tuple(offsets))
