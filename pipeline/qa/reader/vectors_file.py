"""Vectors as Parquet: one file, or a folder of files of bounded size; all of it is there or nothing.

Equal vectors give equal bytes under one pyarrow. No text stands in it unless it is asked for. What the vectors
are made with is said in the schema's metadata, as JSON under `gristmill.embeddings`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import InputError
from pipeline.qa.reader.embeddings import Level
from pipeline.release import LEVEL, atomic, whole_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import BinaryIO

    from pipeline.qa.reader.embeddings import Vectors

SCHEMA: Final = "qa-embeddings/1"
KEY: Final = b"gristmill.embeddings"
SUFFIX: Final = ".parquet"
_GROUP: Final = 16 << 20  # bytes of the vectors of a row group
_GROUPS: Final = 64  # of a file of a folder
_REPEATED: Final = ("kind", "source", "split")
_REPEATED_OF_TOKENS: Final = (*_REPEATED, "id", "sha256")


class Made(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What vectors are made with: SHA-256 of the reader's reader.json and of its weights, and how texts are read.

    `pool` is `""` at the level of tokens. `length` and `stride` are in tokens.
    """

    schema: str
    model: str
    weights: str
    family: str
    level: Level
    pool: str
    length: int
    stride: int
    hints: bool
    width: int
    dtype: str
    device: str
    versions: dict[str, str]


class Shape(NamedTuple):
    """What columns there are: the level, how wide vectors are and of what type, and whether with texts."""

    level: Level
    width: int
    dtype: str
    texts: bool


class Written(NamedTuple):
    """What was written: rows and files."""

    rows: int
    files: int


def schema_of(shape: Shape, made: Made) -> pa.Schema:
    """Return the columns."""
    names = ("kind", "id", "sha256", "source", "split")
    fields: list[pa.Field[Any]] = [pa.field(name, pa.string(), nullable=False) for name in names]
    numbers = ("tokens",) if shape.level == "passage" else ("token", "start", "end")
    fields += [pa.field(name, pa.int32(), nullable=False) for name in numbers]
    if shape.texts:
        fields.append(pa.field("text", pa.string(), nullable=False))
    number = pa.field("element", _type(shape.dtype), nullable=False)
    fields.append(pa.field("vector", pa.list_(number, shape.width), nullable=False))
    return pa.schema(fields, metadata={KEY: msgspec.json.encode(made)})


def write_vectors(out: Path, vectors: Iterable[Vectors], shape: Shape, made: Made) -> Written:
    """Write one file where `out` ends in .parquet, else a folder; the name is free.

    Raises:
        InputError: something lies there already.
    """
    check_free(out)
    schema = schema_of(shape, made)
    tables = _tables(vectors, shape, schema)
    if out.name.endswith(SUFFIX):
        with atomic(out) as file:
            return Written(_write(file, tables, schema), 1)
    rows = files = 0
    with whole_folder(out) as staging:
        first = next(tables, None)
        while first is not None or not files:
            with atomic(staging / f"vectors-{files:05d}{SUFFIX}") as file:
                rows += _write(file, _some(first, tables), schema)
            files += 1
            first = next(tables, None)
    return Written(rows, files)


def check_free(out: Path) -> None:
    """See to it that nothing lies there.

    Raises:
        InputError: something does.
    """
    if out.exists():
        raise InputError(f"embed: {out}: is there already")


def _some(first: pa.Table | None, tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Yield the tables of one file of a folder."""
    if first is None:
        return
    yield first
    for _, table in zip(range(_GROUPS - 1), tables, strict=False):
        yield table


def _write(file: BinaryIO, tables: Iterable[pa.Table], schema: pa.Schema) -> int:
    repeated = _REPEATED_OF_TOKENS if "token" in schema.names else _REPEATED
    rows = 0
    with pq.ParquetWriter(
        file, schema, compression="zstd", compression_level=LEVEL, write_statistics=False,
        use_dictionary=list(repeated),  # type: ignore[arg-type]  # the stubs know no list
        write_page_checksum=True,
    ) as writer:  # fmt: skip
        for table in tables:
            writer.write_table(table, row_group_size=len(table))
            rows += len(table)
    return rows


def _tables(vectors: Iterable[Vectors], shape: Shape, schema: pa.Schema) -> Iterator[pa.Table]:
    """Yield row groups of one size, the last one less; memory holds one, a few times over."""
    size = max(_GROUP // (shape.width * np.dtype(shape.dtype).itemsize), 1)
    waiting: list[Vectors] = []
    rows = 0
    for each in vectors:
        waiting.append(each)
        rows += len(each.vectors)
        while rows >= size:
            head, waiting = _split(waiting, size)
            rows -= size
            yield _table(head, shape, schema)
    if rows:
        yield _table(waiting, shape, schema)


def _split(vectors: list[Vectors], size: int) -> tuple[list[Vectors], list[Vectors]]:
    """Cut behind so many rows, of which the last of the vectors holds some."""
    last = vectors[-1]
    at = size - sum(len(each.vectors) for each in vectors[:-1])
    rest = last._replace(
        first=last.first + at, offsets=last.offsets[at:], vectors=last.vectors[at:]
    )
    head = last._replace(offsets=last.offsets[:at], vectors=last.vectors[:at])
    return [*vectors[:-1], head], [rest] if len(rest.vectors) else []


def _table(vectors: list[Vectors], shape: Shape, schema: pa.Schema) -> pa.Table:
    columns = _named(vectors) | (
        {"tokens": pa.array([each.tokens for each in vectors], pa.int32())}
        if shape.level == "passage"
        else _places(vectors)
    )
    if shape.texts:
        columns["text"] = pa.array(
            [each.text.text[start:end] for each in vectors for start, end in each.offsets.tolist()]
        )
    flat = np.concatenate([each.vectors for each in vectors]).astype(shape.dtype).ravel()
    columns["vector"] = pa.FixedSizeListArray.from_arrays(
        pa.array(flat), type=schema.field("vector").type
    )
    return pa.table([columns[name] for name in schema.names], schema=schema)


def _named(vectors: list[Vectors]) -> dict[str, pa.Array[Any]]:
    """Say of each row which text it is of."""
    of_row = np.repeat(
        np.arange(len(vectors), dtype=np.int64), [len(each.vectors) for each in vectors]
    )
    names = ("kind", "id", "sha256", "source", "split")
    rows = [each.text for each in vectors]
    found = {name: pa.array([getattr(each, name) for each in rows], pa.string()) for name in names}
    return {name: column.take(of_row) for name, column in found.items()}


def _places(vectors: list[Vectors]) -> dict[str, pa.Array[Any]]:
    """Say of each row which token it is, and where it stands."""
    numbers = [np.arange(each.first, each.first + len(each.vectors)) for each in vectors]
    offsets = np.concatenate([each.offsets for each in vectors])
    return {
        "token": pa.array(np.concatenate(numbers), pa.int32()),
        "start": pa.array(offsets[:, 0]),
        "end": pa.array(offsets[:, 1]),
    }


def _type(dtype: str) -> pa.DataType:
    return pa.float16() if dtype == "float16" else pa.float32()
