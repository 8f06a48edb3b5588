"""Index rows that fit a query, its pattern aside: the columns that decide are read before the others.

Row groups and question frames that can hold nothing that fits are left out.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from pipeline.catalog.index import overlap
from pipeline.catalog.query import Query, question_row, select
from pipeline.release import DOCUMENTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.catalog.open import Release

ALL: Final = tuple(DOCUMENTS.names)


def candidates(
    release: Release, query: Query, columns: Sequence[str], numbers: range
) -> Iterator[pa.Table]:
    """Yield the rows that fit all but the pattern, of the shards with these numbers."""
    # no number above this one lies within the share
    last = int(query.share * release.manifest.build.shards)
    wanted = overlap(numbers, range(last + 1))
    needed = {*columns, *query.columns}
    if query.kind != "question":
        yield from _documents(release, query, [name for name in ALL if name in needed], wanted)
    if query.kind != "document":
        yield from _questions(release, query, [name for name in ALL if name in needed], wanted)


def _documents(
    release: Release, query: Query, columns: list[str], numbers: range
) -> Iterator[pa.Table]:
    shards = [
        each
        for each in release.shards(kind="document")
        if each.place.shard in numbers and _may_fit(query, each.place.source)
    ]
    starts = [each.lines.start for each in shards]
    stops = [each.lines.stop for each in shards]
    for group, held in enumerate(release.index.groups()):
        near = shards[bisect_right(stops, held.start) : bisect_left(starts, held.stop)]
        shared = [overlap(each.lines, held) for each in near]
        here = [range(each.start - held.start, each.stop - held.start) for each in shared if each]
        if not here:
            continue
        table = _slices(release.index.read(group, query.columns), here)
        mask = select(table, query, release.seed)
        if not mask.any():
            continue
        rest = [name for name in columns if name not in query.columns]
        if rest:
            more = _slices(release.index.read(group, rest), here)
            for name in rest:
                table = table.append_column(name, more[name])
        yield table.filter(pa.array(mask))


def _slices(table: pa.Table, ranges: list[range]) -> pa.Table:
    if sum(map(len, ranges)) == table.num_rows:
        return table
    return pa.concat_tables([table.slice(each.start, len(each)) for each in ranges])


def _may_fit(query: Query, source: str) -> bool:
    """Say whether a source can hold anything that fits, as far as its name tells."""
    only = Query(where={name: query.where[name] for name in ("source",) if name in query.where})
    names = pa.table({"source": [source], "length": [0]})
    return bool(select(names, only, 0).all())


def _questions(
    release: Release, query: Query, columns: list[str], numbers: range
) -> Iterator[pa.Table]:
    """Describe questions, which stand in no index, frame by frame."""
    for shard in release.shards(kind="question"):
        if shard.place.shard not in numbers or not _may_fit(query, shard.place.source):
            continue
        for number, frame in enumerate(shard.frames):
            held = release.frames.decode(frame).splitlines(keepends=True)
            starts = accumulate(map(len, held), initial=0)
            made = [
                question_row(shard.path, number, at, line)
                for at, line in zip(starts, held, strict=False)
            ]
            table = pa.Table.from_pylist(made, schema=DOCUMENTS)
            mask = select(table, query, release.seed)
            if mask.any():
                yield table.select(columns).filter(pa.array(mask))
