"""Which line an address has: a sorted column of addresses for each shard number, made when first asked for.

A shard number is the top bits of an address, so one look-up needs the addresses of one number. A
column costs 20 bytes a document and a microsecond to make for each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np

from manifests.addressing import address
from pipeline.catalog.index import overlap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa
    from numpy.typing import NDArray

    from pipeline.catalog.frames import Frames, Shard
    from pipeline.catalog.index import Index

_COLUMNS = ["id", "frame", "offset", "length"]
_PREFIX = (
    8  # bytes of an address: two of a hundred million documents share them once in 4,000 releases
)


class Place(NamedTuple):
    """A line: the number of its frame in the release, and its bytes in the decoded frame."""

    frame: int
    offset: int
    length: int


class Places(NamedTuple):
    """The documents of one shard number: their addresses' first 8 bytes, sorted, and their places."""

    prefix: NDArray[np.uint64]
    frame: NDArray[np.uint32]
    offset: NDArray[np.uint32]
    length: NDArray[np.uint32]

    def find(self, at: bytes) -> Iterator[Place]:
        """Yield the places whose address begins as `at` does: one, none, or by rare chance two."""
        wanted = np.uint64(prefix_of(at))
        for row in range(int(np.searchsorted(self.prefix, wanted)), len(self.prefix)):
            if self.prefix[row] != wanted:
                return
            yield Place(int(self.frame[row]), int(self.offset[row]), int(self.length[row]))


def texts(column: Any) -> list[str]:
    """Return a column of strings as a list; no column of a release holds a null."""
    found: list[str] = column.to_pylist()
    return found


def id_start(name: str) -> bytes:
    """Return how the line of an id begins (manifests/record.py)."""
    return b'{"id":' + msgspec.json.encode(name) + b","


def prefix_of(at: bytes) -> int:
    """Return the number that an address's first 8 bytes spell."""
    return int.from_bytes(at[:_PREFIX], "big")


def prefixes(seed: int, ids: Iterable[str]) -> NDArray[np.uint64]:
    """Return the first 8 bytes of the addresses of ids, as numbers."""
    joined = b"".join([address(seed, name)[:_PREFIX] for name in ids])
    return np.frombuffer(joined, dtype=">u8").astype(np.uint64)


def make_places(index: Index, frames: Frames, number: int, seed: int) -> Places:
    """Read from the index where the documents of one shard number lie: only row groups that hold some."""
    shards = [
        each for each in frames.shards if each.place.kind == "data" and each.place.shard == number
    ]
    parts = [_part(*rows, seed) for rows in _rows_of(index, shards)]
    if not parts:
        none = np.zeros(0, np.uint32)
        return Places(np.zeros(0, np.uint64), none, none, none)
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    order = np.argsort(columns[0], kind="stable")
    return Places(*(column[order] for column in columns))


def _rows_of(index: Index, shards: list[Shard]) -> Iterator[tuple[Shard, pa.Table]]:
    """Yield the rows of some shards, a row group at a time."""
    for group, rows in enumerate(index.groups()):
        wanted = [(each, overlap(each.lines, rows)) for each in shards]
        wanted = [(each, found) for each, found in wanted if found]
        if wanted:
            table = index.read(group, _COLUMNS)
            for each, found in wanted:
                yield each, table.slice(found.start - rows.start, len(found))


def _part(shard: Shard, table: pa.Table, seed: int) -> tuple[NDArray[np.generic], ...]:
    numbers = (table[name].to_numpy().astype(np.uint32) for name in _COLUMNS[2:])
    return (
        prefixes(seed, texts(table["id"])),
        (table["frame"].to_numpy() + shard.frames.start).astype(np.uint32),
        *numbers,
    )
