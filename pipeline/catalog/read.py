"""Read frames and lines of a release by the path of their shard; nothing is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from pipeline.errors import IntegrityError
from pipeline.release import FRAMES_PATH

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def frames(release: Path) -> pa.Table:
    """Read index/frames.parquet, in the order of the shards.

    Raises:
        IntegrityError: it does not read.
    """
    try:
        # not pq.read_table: that loads Arrow's datasets first, some 0.1 s
        with pq.ParquetFile(release / FRAMES_PATH, page_checksum_verification=True) as file:
            return file.read()
    except (pa.ArrowException, OSError) as error:
        raise IntegrityError(
            f"read: {release / FRAMES_PATH}: does not read: verify the release"
        ) from error


def read_frame(release: Path, shard: str, offset: int, length: int) -> list[bytes]:
    """Read the lines of the frame that lies at so many bytes in a shard, without their newlines.

    Raises:
        IntegrityError: it does not decode.
    """
    return decode(release / shard, offset, length).split(b"\n")[:-1]


def decode(shard: Path, offset: int, length: int, stop: int | None = None) -> bytes:
    """Decode a frame, or its first `stop` bytes and none behind them; the checksum stands behind the last.

    Raises:
        IntegrityError: it does not decode, or ends before `stop`.
    """
    problem = f"read: {shard}: a frame does not decode: verify the release"
    try:
        with shard.open("rb") as file:
            file.seek(offset)
            data = file.read(length)
        if stop is None:
            return zstandard.ZstdDecompressor().decompress(data)
        raw = zstandard.ZstdDecompressor().stream_reader(data).read(stop)
    except (zstandard.ZstdError, OSError) as error:
        raise IntegrityError(problem) from error
    if len(raw) != stop:
        raise IntegrityError(problem)
    return raw


def read_lines(release: Path, shards: frozenset[str] | None = None) -> Iterator[bytes]:
    """Yield every line of a release, documents and questions, in the order of the shards.

    With `shards` only the lines of these. Memory holds one frame.
    """
    for row in frames(release).to_pylist():
        if shards is None or row["shard"] in shards:
            yield from read_frame(release, row["shard"], row["offset"], row["length"])


def read_documents(release: Path) -> Iterator[dict[str, Any]]:
    """Yield every document and question of a release, in the order of the shards."""
    return (orjson.loads(line) for line in read_lines(release))
