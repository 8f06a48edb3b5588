"""Where the frames of a release lie, as columns: some 50 bytes of memory for each mebibyte of text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from manifests.manifest import ShardPath, shard_path
from pipeline.catalog.read import decode, frames
from pipeline.errors import IntegrityError
from pipeline.release import FRAMES_PATH

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


class Shard(NamedTuple):
    """A shard: its release-relative path, what the path says, its half-open ranges of frames and of lines.

    Frames and lines are numbered through the whole release; the lines of documents come first, so
    that a document's number is its row in the index.
    """

    path: str
    place: ShardPath
    frames: range
    lines: range


class Frames(NamedTuple):
    """The frames of a release in the order of the shards, each column by the frame's number.

    `offset` and `length` are bytes in the shard, `raw_length` those of the lines, `first` the
    number of a frame's first line (and one entry more, the number of all lines).
    """

    release: Path
    shards: tuple[Shard, ...]
    by_path: dict[str, Shard]
    shard: NDArray[np.int64]
    offset: NDArray[np.int64]
    length: NDArray[np.int64]
    raw_length: NDArray[np.int64]
    first: NDArray[np.int64]

    def decode(self, frame: int, stop: int | None = None) -> bytes:
        """Decode a frame, or its first `stop` raw bytes.

        Raises:
            IntegrityError: it does not decode.
        """
        shard = self.release / self.shards[self.shard[frame]].path
        return decode(shard, int(self.offset[frame]), int(self.length[frame]), stop)

    def number(self, shard: str, frame: int) -> int:
        """Return the number of a shard's frame in the release."""
        return self.by_path[shard].frames[frame]


def load_frames(release: Path) -> Frames:
    """Read where the frames lie.

    Raises:
        IntegrityError: index/frames.parquet does not read, or names what is no shard.
    """
    table = frames(release)
    columns: dict[str, Any] = {
        name: table[name].to_numpy() for name in ("offset", "length", "raw_length", "documents")
    }
    paths = table["shard"].combine_chunks().dictionary_encode()
    shard = paths.indices.to_numpy().astype(np.int64)
    first = np.concatenate([np.zeros(1, np.int64), np.cumsum(columns["documents"], dtype=np.int64)])
    starts = np.searchsorted(shard, np.arange(len(paths.dictionary) + 1))
    shards = []
    names: list[Any] = paths.dictionary.to_pylist()
    for number, path in enumerate(names):
        place = shard_path(path)
        if place is None:
            raise IntegrityError(f"read: {release / FRAMES_PATH}: {path} is no shard: verify it")
        start, stop = int(starts[number]), int(starts[number + 1])
        shards.append(
            Shard(path, place, range(start, stop), range(int(first[start]), int(first[stop])))
        )
    return Frames(
        release,
        tuple(shards),
        {each.path: each for each in shards},
        shard,
        columns["offset"],
        columns["length"],
        columns["raw_length"],
        first,
    )
