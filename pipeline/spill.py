"""Exchange files: what one task writes for many readers, cut by key prefix, with bounded buffers.

`KeySpill` holds fixed-width records cut into 256 partitions by the top byte of a 64-bit key; readers
ask for ranges of 16-bit prefixes, so a partition that outgrows the memory of a task is cut further.
`LineSpill` holds lines cut by a bucket number, compressed in frames. Both append segments as their
buffers fill, so memory does not grow with the shard, and end in an index that says where each
segment lies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import msgspec
import numpy as np
import zstandard
from numpy.typing import DTypeLike, NDArray

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pipeline.engine.work import Readable

PREFIXES = 1 << 16
_PARTITIONS = 256
_PREFIXES_EACH = PREFIXES // _PARTITIONS
_KEY_BUFFER = 2 << 20  # bytes of records before a flush
_LINE_FRAME = 256 << 10  # raw bytes of one frame of lines
_LINE_BUFFERS = 16 << 20  # raw bytes over all buckets before the fullest is flushed
_TAIL = 8
_PREFIX_SHIFT = np.uint64(48)

Records = NDArray[np.void]

# The first field of each dtype is the key. `at` is where a record stands: its line in the part, or
# for ids its row in the input; a reader adds the base of the part.
EXACT = np.dtype(
    [
        ("high", "<u8"),
        ("low", "<u8"),
        ("name", "<u8"),
        ("rank", "<u8"),
        ("tie", "<u8"),
        ("at", "<i8"),
        ("flags", "u1"),
    ]
)
IDS = np.dtype([("high", "<u8"), ("low", "<u8"), ("content", "<u8"), ("at", "<i8")])
BANDS = np.dtype([("key", "<u8"), ("at", "<i8")])

GHOST = 1  # opted out with its copies: it takes them along and is never emitted
QUESTION = (
    2  # a question of a QA source: it has a context, but is no near-duplicate of its siblings
)
REFUSED = 8  # beside GHOST: not opted out, but under a licence that the policy refuses
UNCUT = 16  # its licence wants it passed on as it is: no passage is cut
GIVEN = 32  # beside GHOST: a text that a request was given with, and no document of any input
EARLIER = 4  # a document of an earlier release: it outlives its copies and is emitted by none


class KeySpill:
    """Writes records of one dtype; the first field is the key whose top byte is the partition."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._buffer: list[Records] = []
        self._buffered = 0
        self._flushes: list[list[int]] = []

    def add(self, records: Records) -> None:
        """Take a block of records, in any order."""
        self._buffer.append(records)
        self._buffered += records.nbytes
        if self._buffered >= _KEY_BUFFER:
            self._flush()

    def close(self) -> None:
        """Write what is left, then the index."""
        self._flush()
        _write_index(self._file, self._flushes)

    def _flush(self) -> None:
        """Append the buffer as one run sorted by partition; note the record count of each partition."""
        if self._buffered == 0:
            return
        records = np.concatenate(self._buffer)
        partition = (records[_key(records.dtype)] >> np.uint64(56)).astype(np.intp)
        order = np.argsort(partition, kind="stable")
        self._file.write(records[order].tobytes())
        self._flushes.append(np.bincount(partition, minlength=_PARTITIONS).tolist())
        self._buffer, self._buffered = [], 0


def read_partitions(
    spills: Iterable[tuple[int, Readable]], dtype: np.dtype[Any], first: int, end: int
) -> Iterator[Records]:
    """Yield the records under prefixes `[first, end)` of many spills, given as (base, path), in blocks.

    The base is added to `at`; blocks of a spill come in the order in which they were written.
    """
    for base, path in spills:
        for block in _read_one(path, dtype, first, end):
            block["at"] += base
            yield block


def gather(blocks: Iterable[Records], dtype: np.dtype[Any]) -> Records:
    """Lay blocks of records end to end."""
    return np.concatenate([np.zeros(0, dtype), *blocks])


def _read_one(path: Readable, dtype: np.dtype[Any], first: int, end: int) -> Iterator[Records]:
    """Read the partitions that the prefixes touch; keep of the outer two what is inside."""
    outer = first // _PREFIXES_EACH, -(-end // _PREFIXES_EACH)
    whole = first % _PREFIXES_EACH == 0 and end % _PREFIXES_EACH == 0
    with path.open("rb") as file:
        start = 0
        for counts in _read_index(file, list[list[int]]):
            skip, take = sum(counts[: outer[0]]), sum(counts[outer[0] : outer[1]])
            if take > 0:
                file.seek((start + skip) * dtype.itemsize)
                block = np.frombuffer(bytearray(file.read(take * dtype.itemsize)), dtype)
                yield block if whole else block[_inside(block, first, end)]
            start += sum(counts)


def _inside(block: Records, first: int, end: int) -> NDArray[np.bool_]:
    """Tell the records whose prefix is in `[first, end)`."""
    prefix = block[_key(block.dtype)] >> _PREFIX_SHIFT
    inside: NDArray[np.bool_] = (prefix >= first) & (prefix < end)
    return inside


def _key(dtype: np.dtype[Any]) -> str:
    """Name the first field."""
    return dtype.names[0]  # type: ignore[index]  # spill dtypes are structured


def write_array(path: Path, array: NDArray[Any]) -> None:
    """Write the bare elements of an array, row by row."""
    with path.open("wb") as file:
        file.write(np.ascontiguousarray(array).data)


def map_array(path: Path, dtype: DTypeLike, width: int | None = None) -> NDArray[Any]:
    """Map a file of bare elements, in rows of `width` if given; an empty file is an empty array."""
    size = path.stat().st_size
    array = np.memmap(path, dtype, "r") if size else np.zeros(0, dtype)
    return array if width is None else array.reshape(-1, width)


class Frame(NamedTuple):
    """Where one frame of lines lies."""

    bucket: int
    offset: int
    length: int


class LineSpill:
    """Writes lines into buckets; a line is found again by its frame's number and its place in it."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._compressor = zstandard.ZstdCompressor(level=1, write_checksum=True)
        self._open: dict[int, list[bytes]] = {}
        self._sizes: dict[int, int] = {}
        self._numbers: dict[int, int] = {}
        self._frames: list[Frame] = []
        self._buffered = 0

    def add(self, bucket: int, line: bytes) -> tuple[int, int]:
        """Take one line (with its newline); return its frame number and its place in that frame."""
        if bucket not in self._open:
            self._numbers[bucket] = len(self._frames)
            self._frames.append(Frame(bucket, -1, -1))
            self._open[bucket], self._sizes[bucket] = [], 0
        lines = self._open[bucket]
        place = self._numbers[bucket], len(lines)
        lines.append(line)
        self._sizes[bucket] += len(line)
        self._buffered += len(line)
        if self._sizes[bucket] >= _LINE_FRAME:
            self._flush(bucket)
        elif self._buffered >= _LINE_BUFFERS:
            self._flush(max(self._sizes, key=lambda b: (self._sizes[b], b)))
        return place

    def close(self) -> None:
        """Write what is left, then the index."""
        for bucket in sorted(self._open):
            self._flush(bucket)
        _write_index(self._file, self._frames)

    def _flush(self, bucket: int) -> None:
        blob = self._compressor.compress(b"".join(self._open.pop(bucket)))
        self._buffered -= self._sizes.pop(bucket)
        self._frames[self._numbers.pop(bucket)] = Frame(bucket, self._file.tell(), len(blob))
        self._file.write(blob)


def read_frames(
    path: Readable, wanted: Iterable[int] | None = None, *, bucket: int | None = None
) -> Iterator[tuple[int, list[bytes]]]:
    """Yield (frame number, lines without newlines) of the wanted frames, or of one bucket's."""
    decompressor = zstandard.ZstdDecompressor()
    with path.open("rb") as file:
        frames = _read_index(file, list[Frame])
        numbers = range(len(frames)) if wanted is None else sorted(wanted)
        for number in numbers:
            frame = frames[number]
            if bucket is None or frame.bucket == bucket:
                file.seek(frame.offset)
                text = decompressor.decompress(file.read(frame.length))
                # not splitlines: that would also cut at U+2028 and its like
                yield number, text.split(b"\n")[:-1]


def _write_index(file: BinaryIO, index: object) -> None:
    blob = msgspec.msgpack.encode(index)
    file.write(blob + len(blob).to_bytes(_TAIL, "little"))
    file.close()


def _read_index(file: BinaryIO, kind: type[Any]) -> Any:
    end = file.seek(-_TAIL, 2)
    length = int.from_bytes(file.read(_TAIL), "little")
    file.seek(end - length)
    return msgspec.msgpack.decode(file.read(length), type=kind)
