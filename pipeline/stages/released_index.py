"""Look in the index of an earlier release: where a data shard of it lies, and what its documents are.

Apart from `released`, so that a screen, which knows parts, does not load readers of Parquet files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.release import DOCUMENTS_PATH, FRAMES_PATH
from pipeline.stages.released import Frame, Shard

if TYPE_CHECKING:
    from pipeline.engine.work import Work


def find_shard(work: Work, release: str, path: str) -> Shard:
    """Look a shard up in the index of its release."""
    table = pq.read_table(
        work.release(release) / FRAMES_PATH,
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
    with pq.ParquetFile(work.release(shard.release) / DOCUMENTS_PATH) as file:
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
