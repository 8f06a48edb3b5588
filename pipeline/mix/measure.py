"""Count the documents of a release: one row for each, kept on disk, so that a text is read once.

The shards of the split are the tasks; up to two processes count them, and nothing depends on how many.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from filters.size import size_of
from manifests.addressing import shards_in
from manifests.manifest import shard_path
from pipeline.catalog import frames, read_frame
from pipeline.errors import IntegrityError
from pipeline.mix.tokenizer import BYTES, Chosen, counter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from fractions import Fraction
    from pathlib import Path

    from manifests.manifest import Manifest
    from manifests.mix import Recipe

MAX_WORKERS: Final = 2
_WORTH_A_PROCESS: Final = (
    64 << 20
)  # raw bytes; starting one takes about as long as counting so much


class Row(NamedTuple):
    """A document: its id and how large its text is."""

    id: str
    bytes: int
    characters: int
    words: int
    tokens: int


class Shard(NamedTuple):
    """A shard of the release: its frames as (offset, length), and what the manifest says of it."""

    source: str
    path: str
    records: int
    raw_bytes: int
    frames: tuple[tuple[int, int], ...]


class Task(NamedTuple):
    """One shard to count into a file of rows."""

    release: Path
    shard: Shard
    tokenizer: Chosen
    rows: Path


class _Text(msgspec.Struct, frozen=True):
    """What of a record is needed to count it."""

    id: str
    text: str


_TEXTS: Final = msgspec.json.Decoder(_Text)
_ROWS: Final = msgspec.msgpack.Decoder(list[Row])


def shards_of(
    release: Path, manifest: Manifest, recipe: Recipe, fraction: Fraction
) -> tuple[Shard, ...]:
    """List the shards of a recipe's sources in its split, the first `fraction` of their numbers."""
    end = shards_in(fraction, manifest.build.shards)
    wanted = {}
    for file in manifest.files:
        place = shard_path(file.path)
        if place is None or place.kind != "data" or place.split != recipe.split:
            continue
        if place.source in recipe.sources and place.shard < end:
            wanted[file.path] = place.source, file.records or 0, file.raw_bytes or 0
    places: dict[str, list[tuple[int, int]]] = {path: [] for path in wanted}
    for batch in frames(release).to_batches():
        for row in batch.select(["shard", "offset", "length"]).to_pylist():
            if row["shard"] in places:
                places[row["shard"]].append((row["offset"], row["length"]))
    return tuple(
        Shard(source, path, records, raw_bytes, tuple(places[path]))
        for path, (source, records, raw_bytes) in sorted(wanted.items())
    )


def measure(tasks: Sequence[Task], workers: int) -> None:
    """Count every shard, in this process or in `workers`, at most `MAX_WORKERS`.

    Raises:
        IntegrityError: a shard does not read or holds another number of records than it should.
    """
    workers = min(workers, MAX_WORKERS, len(tasks))
    if workers < MAX_WORKERS or sum(task.shard.raw_bytes for task in tasks) < _WORTH_A_PROCESS:
        for task in tasks:
            measure_shard(task)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for _ in pool.map(measure_shard, tasks):
            pass


def measure_shard(task: Task) -> None:
    """Count one shard into its file."""
    rows = [_row(line, task.tokenizer) for line in read_shard(task.release, task.shard)]
    task.rows.write_bytes(msgspec.msgpack.encode(rows))


def _row(line: bytes, tokenizer: Chosen) -> Row:
    record = _TEXTS.decode(line)
    size = size_of(record.text)
    count = counter(tokenizer)
    if count is not None:
        return Row(record.id, *size, count(record.text))
    return Row(record.id, *size, size.bytes if tokenizer.told.name == BYTES else size.words)


def read_rows(path: Path) -> list[Row]:
    """Read a file of rows, in the order of the shard's lines."""
    return _ROWS.decode(path.read_bytes())


def read_shard(release: Path, shard: Shard) -> Iterator[bytes]:
    """Yield the lines of a shard without their newlines; memory holds one frame.

    Raises:
        IntegrityError: a frame does not decode, or there are not as many lines as there should be.
    """
    count = 0
    for offset, length in shard.frames:
        lines = read_frame(release, shard.path, offset, length)
        count += len(lines)
        yield from lines
    if count != shard.records:
        raise IntegrityError(
            f"mix: {release / shard.path}: holds {count} records, not {shard.records}:"
            " verify the release"
        )
