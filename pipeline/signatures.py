"""Signatures that a release keeps, one file for each data shard and one row for each line of it.

A row is the number of shingles and the minima, which open as `datasketch.MinHash(scheme="affine32")`;
how documents were signed stands in the file's metadata. A minimum of many shingles is small, so its
upper bytes are stored apart from the lower ones (BYTE_STREAM_SPLIT): some 400 bytes a document, for
what is left of a minimum is chance and does not compress.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.dedup.minhash import Signatures
from pipeline.dedup.spec import SignatureSpec
from pipeline.errors import ConfigError
from pipeline.release import LEVEL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

FOLDER: Final = "signatures/"
_SPEC: Final = b"gristmill.signature"
_ROW_GROUP: Final = 1 << 14
_MOST_SHINGLES: Final = 0xFFFFFFFF


def signatures_path(shard: str) -> str:
    """Name the signatures of `data/<source>/<shard>.jsonl.zst`, relative to the release as it is."""
    return FOLDER + shard.removeprefix("data/").removesuffix(".jsonl.zst") + ".parquet"


def _schema(spec: SignatureSpec) -> pa.Schema:
    fields = [("shingles", pa.uint32()), ("minima", pa.list_(pa.uint32(), spec.minima))]
    return pa.schema(fields, metadata={_SPEC: msgspec.json.encode(spec, order="sorted")})


def write_signatures(path: Path, blocks: Iterable[Signatures], spec: SignatureSpec) -> None:
    """Write signatures in their order; equal ones give equal bytes, however they come in blocks."""
    with pq.ParquetWriter(
        path,
        _schema(spec),
        compression="zstd",
        compression_level=LEVEL,
        use_dictionary=False,
        column_encoding={"minima.list.element": "BYTE_STREAM_SPLIT"},
        write_statistics=False,
        write_page_checksum=True,
    ) as writer:
        for group in recut(blocks, iter(lambda: _ROW_GROUP, None)):
            writer.write_table(_table(group, spec), row_group_size=_ROW_GROUP)


def _table(group: Signatures, spec: SignatureSpec) -> pa.Table:
    shingles = np.minimum(group.shingles, _MOST_SHINGLES).astype(np.uint32)
    minima = pa.FixedSizeListArray.from_arrays(pa.array(group.minima.ravel()), spec.minima)
    return pa.table([pa.array(shingles), minima], schema=_schema(spec))


def recut(blocks: Iterable[Signatures], sizes: Iterator[int]) -> Iterator[Signatures]:
    """Cut the same rows into blocks of these sizes; the last one may be shorter."""
    waiting: list[Signatures] = []
    count, size = 0, next(sizes)
    for block in blocks:
        waiting.append(block)
        count += len(block.shingles)
        while count >= size:
            whole = _joined(waiting)
            yield Signatures(whole.minima[:size], whole.shingles[:size])
            waiting = [Signatures(whole.minima[size:], whole.shingles[size:])]
            count, size = count - size, next(sizes, _MOST_SHINGLES)
    if count > 0:
        yield _joined(waiting)


def _joined(blocks: list[Signatures]) -> Signatures:
    if len(blocks) == 1:
        return blocks[0]
    minima, shingles = zip(*blocks, strict=True)
    return Signatures(np.concatenate(minima), np.concatenate(shingles))


def same_minima(one: SignatureSpec, other: SignatureSpec) -> bool:
    """Tell whether two specs give one text the same minima: bands and rows only group them."""
    # one band of one row fits any number of minima
    mine, theirs = (msgspec.structs.replace(spec, bands=1, rows=1) for spec in (one, other))
    return mine == theirs


class Stored(NamedTuple):
    """Signatures of a shard: how many, and the signatures themselves, in blocks."""

    rows: int
    blocks: Iterator[Signatures]


def open_signatures(path: Path, spec: SignatureSpec) -> Stored | None:
    """Open stored signatures; `None` where there are none, or none that `spec` would make."""
    if not path.is_file() or not same_minima(spec, read_spec(pq.read_schema(path))):
        return None
    return Stored(pq.read_metadata(path).num_rows, _read(path, spec))


def read_spec(schema: pa.Schema) -> SignatureSpec:
    """Take the spec out of a file's schema; raises `ValueError` where it says none, or other columns."""
    try:
        spec = msgspec.json.decode((schema.metadata or {})[_SPEC], type=SignatureSpec)
    except (KeyError, msgspec.DecodeError, ConfigError) as error:
        raise ValueError("it does not say how documents were signed") from error
    if not schema.equals(_schema(spec)):
        raise ValueError("its columns are not those of signatures")
    return spec


def _read(path: Path, spec: SignatureSpec) -> Iterator[Signatures]:
    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        for batch in file.iter_batches(batch_size=_ROW_GROUP):
            columns: list[Any] = batch.columns
            minima = columns[1].flatten().to_numpy().reshape(-1, spec.minima)
            yield Signatures(minima, columns[0].to_numpy().astype(np.int64))
