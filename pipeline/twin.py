"""The parquet twin of a shard: the same records in the same order, for readers that want columns.

Every column of the record is there under the record's rigid schema. Like every parquet file of a
release it has page checksums and no statistics; equal records give equal bytes under one pyarrow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.release import LEVEL
from pipeline.shards import batches

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

ROW_GROUP_BYTES: Final = 1 << 26
"""Lines of a row group, in bytes: far below the 2 GiB that an Arrow array of strings can hold."""

_TEXT: Final[pa.DataType] = pa.string()


def _texts(*names: str) -> list[pa.Field[pa.DataType]]:
    return [pa.field(name, _TEXT) for name in names]


_ANSWERS: Final = pa.list_(
    pa.struct([*_texts("text"), pa.field("start", pa.int64()), pa.field("end", pa.int64())])
)

_QUALITY: Final = pa.struct(
    [
        pa.field("question_words", pa.int64()),
        pa.field("answer_words", pa.int64()),
        pa.field("overlap", pa.float64()),
        pa.field("leak", pa.bool_()),
        pa.field("places", pa.int64()),
    ]
)

RECORDS: Final = pa.schema(
    [
        *_texts("id", "text", "source", "license", "language", "url", "created", "sha256"),
        pa.field(
            "meta",
            pa.struct(
                _texts("pile_set_name", "repo", "path", "natural_language", "redactions", "extra")
            ),
        ),
    ]
)
"""The twin of a shard of documents (manifests/record.py, `Record`)."""

QUESTIONS: Final = pa.schema(
    [
        *_texts("id", "schema", "context", "context_sha256", "question"),
        pa.field("answers", _ANSWERS),
        pa.field("is_impossible", pa.bool_()),
        pa.field("plausible_answers", _ANSWERS),
        *_texts("source", "license", "language", "url", "title", "group"),
        pa.field("synthetic", pa.struct([*_texts("method"), pa.field("seed", pa.int64())])),
        pa.field("quality", _QUALITY),
        pa.field("meta", pa.struct(_texts("redactions", "question_redactions", "extra"))),
    ]
)
"""The twin of a shard of questions (manifests/record.py, `Question`)."""

_REPEATED: Final = [
    *("source", "license", "language", "url", "created", "schema", "title", "group"),
    *("context", "context_sha256"),
    *(f"meta.{name}" for name in ("pile_set_name", "repo", "natural_language", "redactions")),
]
"""Columns whose values come again and again: only these have a dictionary."""


def twin_schema(shard: str) -> pa.Schema:
    """Return the schema of a shard's twin: it goes by the folder of the shard."""
    return RECORDS if shard.startswith("data/") else QUESTIONS


def write_twin(path: Path, shard: str, lines: Iterable[bytes]) -> None:
    """Write the twin of a shard from its lines. Memory: the lines of one row group, some times over."""
    schema = twin_schema(shard)
    with pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=LEVEL,
        use_dictionary=_dictionaries(schema),  # type: ignore[arg-type]  # the stubs know no list
        write_statistics=False,
        write_page_checksum=True,
    ) as writer:
        for group in batches(lines, ROW_GROUP_BYTES):
            table = pa.Table.from_pylist([orjson.loads(line) for line in group], schema=schema)
            writer.write_table(table, row_group_size=len(group))


def _dictionaries(schema: pa.Schema) -> list[str]:
    return [name for name in _REPEATED if name.partition(".")[0] in schema.names]
