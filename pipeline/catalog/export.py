"""Write what a query finds: a folder of shards that says what it is, or one file of rows or records.

Lines are those of the release, byte for byte and in its order. Nothing is seen under its name
before it is whole and on disk.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, BinaryIO, Final, Literal

import msgspec
import orjson
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from manifests import seek_table
from manifests.checksum import sums_text
from manifests.manifest import SUMS
from pipeline.catalog.candidates import ALL
from pipeline.catalog.find import PLACED, find, lines_of
from pipeline.errors import ConfigError
from pipeline.release import DOCUMENTS, LEVEL, atomic, listed, whole_folder, write_bytes
from pipeline.shards import batches, compressor
from pipeline.twin import QUESTIONS, RECORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pipeline.catalog.find import Tell
    from pipeline.catalog.open import Release
    from pipeline.catalog.query import Query

QUERY: Final = "query.json"
FORMATS: Final = (".jsonl", ".jsonl.zst", ".parquet", ".csv")
_ORDER: Final[list[tuple[str, Literal["ascending", "descending"]]]] = [
    ("shard", "ascending"),
    ("frame", "ascending"),
    ("offset", "ascending"),
]
_FRAME: Final = 1 << 20
_GROUP: Final = 1 << 26


class Written(msgspec.Struct, frozen=True):
    """What was written: records, and the bytes of their lines."""

    records: int
    bytes: int


def export_folder(release: Release, query: Query, folder: Path, tell: Tell = None) -> Written:
    """Write a folder: the lines that fit under the paths of their shards, query.json and SHA256SUMS.

    Raises:
        ConfigError: there is something at that path, or nothing fits.
        IntegrityError: the release is damaged.
    """
    _check_outside(release, folder)
    if folder.exists():
        raise ConfigError(f"query: {folder}: is there already")
    with whole_folder(folder) as staging:
        files: dict[str, Written] = {}
        for shard, lines in _by_shard(release, query, tell):
            with atomic(staging / shard) as file:
                files[shard] = pack_lines(file, lines)
        if not files:
            raise ConfigError(f"query: {folder}: nothing fits the query: nothing is written")
        total = Written(
            sum(each.records for each in files.values()), sum(each.bytes for each in files.values())
        )
        write_bytes(staging / QUERY, _account(release, query, files, total))
        sums = {path: listed(staging, path).sha256 for path in (*files, QUERY)}
        write_bytes(staging / SUMS, sums_text(sums).encode())
    return total


def export_records(
    release: Release, query: Query, path: Path, tell: Tell = None, *, force: bool = False
) -> Written:
    """Write the records that fit into one file: `.jsonl`, `.jsonl.zst` or `.parquet`.

    A parquet file has one schema: it holds documents, or questions where these alone are asked for.

    Raises:
        ConfigError: the name ends otherwise, or there is something at that path; with `force` a file is replaced.
        IntegrityError: the release is damaged.
    """
    kind = format_of(path)
    _check_outside(release, path)
    _check_free(path, force=force)
    if kind == ".parquet" and query.kind == "any":
        query = msgspec.structs.replace(query, kind="document")
    tables = find(release, query, PLACED, tell=tell)
    lines = (line for table in tables for line in lines_of(release, table))
    if kind == ".csv":
        raise ConfigError(
            f"query: {path}: records do not fit into CSV: take .jsonl.zst or .parquet"
        )
    with atomic(path) as file:
        if kind == ".parquet":
            schema = QUESTIONS if query.kind == "question" else RECORDS
            return _write_parquet(file, schema, _record_tables(lines, schema))
        return pack_lines(file, lines) if kind == ".jsonl.zst" else _write_plain(file, lines)


def export_rows(
    release: Release, query: Query, path: Path, tell: Tell = None, *, force: bool = False
) -> Written:
    """Write the index rows that fit into one file of any of `FORMATS`; errors as `export_records`."""
    tables = (table.select(ALL).cast(DOCUMENTS) for table in find(release, query, ALL, tell=tell))
    kind = format_of(path)
    _check_outside(release, path)
    _check_free(path, force=force)
    with atomic(path) as file:
        if kind == ".parquet":
            return _write_parquet(file, DOCUMENTS, tables)
        if kind == ".csv":
            return _write_csv(file, tables)
        lines = (orjson.dumps(row) + b"\n" for table in tables for row in table.to_pylist())
        return pack_lines(file, lines) if kind == ".jsonl.zst" else _write_plain(file, lines)


def format_of(path: Path) -> str:
    """Return which of `FORMATS` a file's name says, `""` for a folder.

    Raises:
        ConfigError: it has another ending that looks like a file's.
    """
    for known in sorted(FORMATS, key=len, reverse=True):
        if path.name.endswith(known):
            return known
    if path.suffix in {".zst", ".json", ".gz", ".tsv", ".txt", ".arrow", ".feather"}:
        raise ConfigError(f"query: {path}: files end in {', '.join(FORMATS)}; else it is a folder")
    return ""


def _check_free(path: Path, *, force: bool) -> None:
    """Keep what is there, unless somebody says that it may go."""
    if path.is_dir():
        raise ConfigError(f"query: {path}: is a folder")
    if not force and (path.exists() or path.is_symlink()):
        raise ConfigError(f"query: {path}: is there already: give --force to replace it")


def _check_outside(release: Release, path: Path) -> None:
    """Refuse to write into the release: a file that its lists do not name is damage."""
    if path.resolve().is_relative_to(release.path.resolve()):
        raise ConfigError(f"query: {path}: lies in the release: write elsewhere")


def _by_shard(release: Release, query: Query, tell: Tell) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Yield each shard with its lines that fit; those of a sample are brought into the order of the shards."""
    tables = find(release, query, PLACED, tell=tell)
    if query.sample is not None:
        tables = (table.sort_by(_ORDER) for table in tables)
    pairs = (
        pair
        for table in tables
        for pair in zip(table["shard"].to_pylist(), lines_of(release, table), strict=True)
    )
    for shard, group in groupby(pairs, key=lambda pair: pair[0]):
        yield shard, (line for _, line in group)


def _account(release: Release, query: Query, files: dict[str, Written], total: Written) -> bytes:
    """Say what was asked of which release, and what came of it; no clock, no path of this machine."""
    manifest = release.manifest
    told = {
        "release": f"{manifest.name}-{manifest.version}",
        "content_root": manifest.content_root,
        "query": query,
        "records": total.records,
        "bytes": total.bytes,
        "files": files,
    }
    return msgspec.json.format(msgspec.json.encode(told, order="sorted"), indent=2) + b"\n"


def _write_plain(file: BinaryIO, lines: Iterable[bytes]) -> Written:
    records = size = 0
    for line in lines:
        file.write(line)
        records, size = records + 1, size + len(line)
    return Written(records, size)


def pack_lines(file: BinaryIO, lines: Iterable[bytes]) -> Written:
    """Write lines as frames of a mebibyte and a little, as in shards, and the seek table behind them."""
    packer = compressor()
    frames = []
    records = 0
    for batch in batches(lines, _FRAME):
        raw = b"".join(batch)
        data = packer.compress(raw)
        file.write(data)
        frames.append((len(data), len(raw)))
        records += len(batch)
    file.write(seek_table.encode(frames))
    return Written(records, sum(raw for _, raw in frames))


def _record_tables(lines: Iterable[bytes], schema: pa.Schema) -> Iterator[pa.Table]:
    for batch in batches(lines, _GROUP):
        yield pa.Table.from_pylist([orjson.loads(line) for line in batch], schema=schema)


def _write_parquet(file: BinaryIO, schema: pa.Schema, tables: Iterable[pa.Table]) -> Written:
    """Without statistics, which would repeat text in the footer."""
    records = 0
    with pq.ParquetWriter(
        file, schema, compression="zstd", compression_level=LEVEL, write_statistics=False,
        write_page_checksum=True,
    ) as writer:  # fmt: skip
        for table in tables:
            writer.write_table(table)
            records += table.num_rows
    return Written(records, file.tell())


def _write_csv(file: BinaryIO, tables: Iterable[pa.Table]) -> Written:
    records = 0
    with pc.CSVWriter(file, DOCUMENTS) as writer:
        for table in tables:
            writer.write_table(table)
            records += table.num_rows
    return Written(records, file.tell())
