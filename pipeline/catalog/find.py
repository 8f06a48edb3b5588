"""Find what fits a query: index rows in the order of the shards, their lines, counts, samples.

The index is read a row group at a time, first the columns that decide, then the rest of those that
fit; a pattern reads the frames that hold candidates, and no others. Nothing grows with a release.
"""

from __future__ import annotations

import heapq
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby, islice, pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa

from manifests.addressing import address
from pipeline.catalog.candidates import ALL, candidates
from pipeline.catalog.pattern import Pattern, compile_pattern
from pipeline.catalog.places import Place, prefixes, texts
from pipeline.catalog.query import (
    CLASS,
    Query,
    check_column,
    check_query,
    classes_of,
)
from pipeline.release import DOCUMENTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pipeline.catalog.open import Release

PLACED: Final = ("id", "shard", "frame", "offset", "length")
"""What it takes to read a row's line."""

_THREADS: Final = min(4, os.cpu_count() or 1)
_AHEAD: Final = 2 * _THREADS


Tell: TypeAlias = Callable[[int], None] | None
"""Is called with the raw bytes of each frame that was searched through."""


class Count(NamedTuple):
    """How many documents and questions, and how many bytes their lines have."""

    documents: int
    questions: int
    bytes: int


def find(
    release: Release,
    query: Query,
    columns: Sequence[str] = ALL,
    *,
    tell: Tell = None,
) -> Iterator[pa.Table]:
    """Yield the index rows that fit, with these columns at least, in tables of at most a row group.

    In the order of the shards; those of a sample come in one table, by address. `tell` hears of each
    frame that a pattern is looked for in.

    Raises:
        ConfigError: the query asks for what cannot be.
        IntegrityError: the release is damaged.
    """
    check_query(query)
    pattern = compile_pattern(query.pattern) if query.pattern else None
    if query.sample is not None:
        yield _sample(release, query, pattern, columns, tell)
        return
    yield from _matches(release, query, pattern, columns, _all(release), tell)


def rows(
    release: Release, query: Query, limit: int | None = None, *, tell: Tell = None
) -> Iterator[dict[str, Any]]:
    """Yield the index rows that fit; questions have rows like documents."""
    tables = find(release, query, tell=tell)
    return islice((row for table in tables for row in table.select(ALL).to_pylist()), limit)


def lines(
    release: Release, query: Query, limit: int | None = None, *, tell: Tell = None
) -> Iterator[bytes]:
    """Yield the lines that fit, newlines included, as they stand in the shards."""
    tables = find(release, query, PLACED, tell=tell)
    return islice((line for table in tables for line in lines_of(release, table)), limit)


def count(release: Release, query: Query, *, tell: Tell = None) -> Count:
    """Count what fits."""
    totals = count_by(release, query, ("shard",), tell=tell)
    documents = sum(number for (path,), (number, _) in totals.items() if path.startswith("data/"))
    records = sum(number for number, _ in totals.values())
    return Count(documents, records - documents, sum(size for _, size in totals.values()))


def count_by(
    release: Release, query: Query, columns: Sequence[str], *, tell: Tell = None
) -> dict[tuple[str, ...], tuple[int, int]]:
    """Count what fits by the values of columns: values -> records and bytes of their lines, most records first.

    Raises:
        ConfigError: one is no column.
    """
    for name in columns:
        check_column(name)
    totals: dict[tuple[str, ...], tuple[int, int]] = {}
    needed = ["license" if name == CLASS else name for name in columns]
    for table in find(release, query, [*needed, "length"], tell=tell):
        for *key, size, number in _grouped(table, columns):
            before = totals.get(tuple(key), (0, 0))
            totals[tuple(key)] = (before[0] + number, before[1] + size)
    return dict(sorted(totals.items(), key=lambda item: (-item[1][0], item[0])))


def lines_of(release: Release, table: pa.Table) -> Iterator[bytes]:
    """Yield the lines of index rows; neighbours in a frame are decoded once."""
    for frame, places in groupby(_places(release, table), key=lambda place: place.frame):
        here = list(places)
        raw = release.frames.decode(frame, max(place.offset + place.length for place in here))
        yield from (raw[place.offset : place.offset + place.length] for place in here)


def searched(release: Release, query: Query) -> tuple[int, int]:
    """Return how many frames, of how many raw bytes, a search for the pattern reads."""
    frames = set()
    for table in candidates(release, query, PLACED, _all(release)):
        frames |= {place.frame for place in _places(release, table)}
    return len(frames), sum(int(release.frames.raw_length[frame]) for frame in frames)


def _all(release: Release) -> range:
    return range(release.manifest.build.shards)


def _grouped(table: pa.Table, columns: Sequence[str]) -> Iterable[tuple[Any, ...]]:
    """Yield (value of each column, sum of the lengths, rows)."""
    keys = [
        classes_of(table["license"]) if name == CLASS else table[name].cast(pa.string())
        for name in columns
    ]
    names = [f"key{number}" for number in range(len(keys))]
    plain = pa.table([*keys, table["length"]], names=[*names, "length"])
    made = plain.group_by(names, use_threads=False).aggregate(
        [("length", "sum"), ("length", "count")]
    )
    ordered = made.select([*names, "length_sum", "length_count"])
    return zip(*(column.to_pylist() for column in ordered.columns), strict=True)


def _matches(
    release: Release,
    query: Query,
    pattern: Pattern | None,
    columns: Sequence[str],
    numbers: range,
    tell: Tell,
) -> Iterator[pa.Table]:
    """Yield the rows that fit, the pattern included."""
    if pattern is None:
        yield from candidates(release, query, columns, numbers)
        return
    with ThreadPoolExecutor(_THREADS) as pool:
        for table in candidates(release, query, [*columns, *PLACED], numbers):
            mask = _search(release, table, pattern, pool, tell)
            if any(mask):
                yield table.filter(pa.array(mask))


def _search(
    release: Release,
    table: pa.Table,
    pattern: Pattern,
    pool: ThreadPoolExecutor,
    tell: Tell,
) -> list[bool]:
    """Say of each row whether its content matches; frames are decoded and searched side by side."""

    def judge(places: list[Place]) -> list[bool]:
        raw = release.frames.decode(places[0].frame)
        if pattern.needed not in raw:
            return [False] * len(places)
        return pattern.matches([raw[at : at + size] for _, at, size in places])

    mask: list[bool] = []
    groups = groupby(_places(release, table), key=lambda place: place.frame)
    work = (list(places) for _, places in groups)
    while batch := list(islice(work, _AHEAD)):
        for places, found in zip(batch, pool.map(judge, batch), strict=True):
            mask += found
            if tell is not None:
                tell(int(release.frames.raw_length[places[0].frame]))
    return mask


def _places(release: Release, table: pa.Table) -> Iterator[Place]:
    numbers = zip(*(table[name].to_pylist() for name in PLACED[1:]), strict=True)
    for shard, frame, offset, length in numbers:
        yield Place(release.frames.number(shard, frame), offset, length)


def _sample(
    release: Release,
    query: Query,
    pattern: Pattern | None,
    columns: Sequence[str],
    tell: Tell,
) -> pa.Table:
    """Return the rows of the lowest addresses: shards of low numbers hold them, the rest need not be read."""
    size = query.sample or 0
    needed = [*columns, *PLACED]
    kept = pa.table(
        {name: pa.array([], DOCUMENTS.field(name).type) for name in ALL if name in needed}
    )
    for start, stop in pairwise(_doubling(release.manifest.build.shards)):
        for table in _matches(release, query, pattern, needed, range(start, stop), tell):
            fresh = table.select(kept.column_names).cast(kept.schema)
            kept = _lowest(release, pa.concat_tables([kept, fresh]), size)
        if kept.num_rows == size:
            break
    return kept


def _lowest(release: Release, table: pa.Table, size: int) -> pa.Table:
    """Return the rows of the lowest addresses, in that order; equal ids of several shards in the order of these."""
    ids, shards = texts(table["id"]), texts(table["shard"])
    first = prefixes(release.seed, ids)
    if len(first) > size > 0:
        near = np.flatnonzero(first <= np.partition(first, size - 1)[size - 1])
    else:
        near = np.arange(len(first))
    lowest = heapq.nsmallest(
        size, near.tolist(), key=lambda row: (address(release.seed, ids[row]), shards[row])
    )
    return table.take(pa.array(lowest, pa.int64()))


def _doubling(shards: int) -> Iterator[int]:
    """Yield 0, 1, 2, 4 … up to the number of shards."""
    yield 0
    stop = 1
    while stop < shards:
        yield stop
        stop *= 2
    yield shards
