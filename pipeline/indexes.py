"""The indexes of a release, from those of its shards: in runs that are in order already, never all at once.

Memory: 4 bytes a row for where the table is cut, the rows of one row group, and of a merge by id
some hundred megabytes, however long the tables are. The files of the shards are mapped, not read.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.release import (
    DOCUMENTS,
    DOCUMENTS_PATH,
    FRAMES,
    FRAMES_PATH,
    SPLIT_LEDGER,
    SPLITS_PATH,
    write_tables,
)
from pipeline.stages.index_rows import DOCUMENTS_INDEX, FRAMES_INDEX, SPLITS_INDEX
from pipeline.stages.part import read_stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pipeline.engine.work import Files

_ID: Final = "id"
_AT_ONCE: Final = 1 << 19
"""Rows of a merge that are sorted together: some 60 MB of splits, and as much again for the sort."""
_SAMPLED: Final = 1 << 10
"""One row in so many says where a merge is cut."""
_STRIDE: Final = 633
"""How much further on the next table is sampled: odd, near the golden section of `_SAMPLED`."""


def write_indexes(folders: Sequence[Files], staging: Path) -> None:
    """Write documents and frames in the order of shard, frame and offset, splits in that of ids.

    `folders` are those of the finished emit tasks; of equal ids, which only questions have, that of
    the earlier folder comes first.
    """
    for file, schema, target in (
        (DOCUMENTS_INDEX, DOCUMENTS, DOCUMENTS_PATH),
        (FRAMES_INDEX, FRAMES, FRAMES_PATH),
    ):
        runs = find_runs([folder / file for folder in folders])
        write_tables(staging / target, schema, lambda runs=runs: read_runs(runs))  # type: ignore[misc]  # the loop's own
    splits = [folder / SPLITS_INDEX for folder in folders]
    write_tables(staging / SPLITS_PATH, SPLIT_LEDGER, lambda: merge(splits))


class Run(NamedTuple):
    """The rows of one shard in an index that an emit task left, in the order of frame and offset."""

    shard: str
    path: Path
    start: int
    stop: int


def find_runs(paths: Sequence[Path]) -> list[Run]:
    """Find where the rows of each shard lie; return them in the order of the shards' paths."""
    found = []
    for path in paths:
        start = 0
        for batch in read_stream(path)["shard"].chunks:
            counts, shards = _stretches(batch)
            for shard, rows in zip(shards, counts, strict=True):
                found.append(Run(shard, path, start, start + rows))
                start += rows
    return sorted(found)


def _stretches(column: pa.Array[Any]) -> tuple[list[int], list[str]]:
    """Return how many rows say the same, and what, for each stretch of rows that do."""
    encoded = pc.run_end_encode(column)  # type: ignore[attr-defined]  # the stubs do not know it
    ends = encoded.run_ends.to_numpy()
    return np.diff(ends, prepend=0).tolist(), encoded.values.to_pylist()


def read_runs(runs: Sequence[Run]) -> Iterator[pa.Table]:
    """Yield the rows of the runs."""
    for run in runs:
        yield read_stream(run.path).slice(run.start, run.stop - run.start)


def merge(paths: Sequence[Path], at_once: int = _AT_ONCE) -> Iterator[pa.Table]:
    """Yield the rows of tables that are sorted by id each, sorted by id; equal ones in the order of the tables.

    They are cut at ids that are sampled from all, so that about `at_once` rows lie between two cuts,
    and what lies between is sorted in memory.
    """
    tables = [read_stream(path) for path in paths]
    at = [0] * len(tables)
    for cut in (*_cuts(tables, at_once), None):
        ends = [
            len(table) if cut is None else _gallop(table[_ID], start, cut)
            for table, start in zip(tables, at, strict=True)
        ]
        pieces = [
            table.slice(start, end - start)
            for table, start, end in zip(tables, at, ends, strict=True)
            if end > start
        ]
        if pieces:
            yield pa.concat_tables(pieces).sort_by(_ID)  # it is a stable sort
        at = ends


def _cuts(tables: list[pa.Table], at_once: int) -> list[str]:
    """Choose the ids to cut at, rising, from a sample of every table."""
    step = max(1, min(_SAMPLED, at_once // 4))
    places = (  # tables are alike: sampled at the same places they would all name the same few ids
        pa.array(range(number * _STRIDE % step, len(table), step), pa.int64())
        for number, table in enumerate(tables)
    )
    sampled = (table[_ID].take(at) for table, at in zip(tables, places, strict=True))
    sample = [str(name) for names in sampled for name in names.to_pylist()]
    return sorted(set(sorted(sample)[at_once // step :: at_once // step]))


def _gallop(column: pa.ChunkedArray[pa.StringScalar], start: int, name: str) -> int:
    """Return where the first id from `start` on is that is not below `name`; it is near, so steps grow."""
    step = 1
    while start + step < len(column) and column[start + step].as_py() < name:
        step *= 2
    end = min(start + step, len(column))
    return bisect_left(column, name, start, end, key=lambda each: each.as_py())
