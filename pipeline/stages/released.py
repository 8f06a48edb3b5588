"""Released: a data shard of an earlier release, found through the work folder and read by frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import zstandard

from pipeline.errors import IntegrityError, at
from pipeline.published import RELEASES
from pipeline.release import DOCUMENTS_PATH, FRAMES_PATH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pipeline.engine.work import Work

RELEASED: Final = "released.json"
"""In a part: the `Shard` that its lines are in."""


class Frame(NamedTuple):
    """Where a frame lies in its shard, and how many documents are in it."""

    offset: int
    length: int
    documents: int


class Shard(msgspec.Struct, frozen=True):
    """A shard, by the digest of its release's manifest; `first` is its first row in the index."""

    release: str
    path: str
    first: int
    frames: tuple[Frame, ...]

    @property
    def documents(self) -> int:
        """How many documents are in it."""
        return sum(frame.documents for frame in self.frames)

    def read(self, work: Work, wanted: Iterable[int]) -> Iterator[tuple[int, list[bytes]]]:
        """Yield the wanted frames, each with its number and its lines without newlines.

        Raises:
            IntegrityError: a frame is not what it was when the release was checked.
        """
        decompressor = zstandard.ZstdDecompressor()
        with (work.path / RELEASES / self.release / self.path).open("rb") as file:
            for number in wanted:
                file.seek(self.frames[number].offset)
                try:
                    content = decompressor.decompress(file.read(self.frames[number].length))
                except zstandard.ZstdError as error:
                    problem = f"frame {number} does not decode: verify the earlier release"
                    raise IntegrityError(at("near", self.path, problem)) from error
                yield number, content.split(b"\n")[:-1]


def find_shard(work: Work, release: str, path: str) -> Shard:
    """Look a shard up in the index of its release."""
    table = pq.read_table(
        work.path / RELEASES / release / FRAMES_PATH,
        columns=["shard", "frame", "offset", "length", "documents"],
    )
    # index/documents.parquet holds the data shards in the order of their paths
    before = pc.and_(
        pc.starts_with(table["shard"], "data/"), pc.less(table["shard"], pa.scalar(path))
    )
    first = pc.sum(table.filter(before)["documents"]).as_py() or 0
    mine = table.filter(pc.equal(table["shard"], pa.scalar(path))).sort_by("frame")
    columns = (mine[name].to_pylist() for name in ("offset", "length", "documents"))
    return Shard(release, path, first, tuple(map(Frame, *columns)))


def read_index(work: Work, shard: Shard, names: list[str]) -> pa.Table:
    """Read columns of index/documents.parquet for the documents of a shard, in the order of its lines.

    Of the file only the row groups that they lie in are read.
    """
    with pq.ParquetFile(work.path / RELEASES / shard.release / DOCUMENTS_PATH) as file:
        end = shard.first + shard.documents
        groups, start, base = [], 0, None
        for number in range(file.num_row_groups):
            stop = start + file.metadata.row_group(number).num_rows
            if start < end and shard.first < stop:
                groups.append(number)
                base = start if base is None else base
            start = stop
        table: pa.Table = file.read_row_groups(groups, columns=names)
        return table.slice(shard.first - (base or 0), shard.documents)
