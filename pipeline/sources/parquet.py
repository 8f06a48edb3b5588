"""Read a Parquet file row by row in small batches, every page that has a CRC checked against it."""

from __future__ import annotations

import datetime as dt
import decimal
import math
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.sources.records import MAX_RECORD, Bad, Damage, Item, Raw
from pipeline.store import RemoteFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from pipeline.sources.file import InputFile

_BATCH_BYTES: Final = 2 << 20
_BATCH_ROWS: Final = 1024
_BUFFER: Final = 1 << 20  # bytes of a column


def read_parquet(
    path: InputFile, *, max_record: int = MAX_RECORD, raw: frozenset[str] = frozenset()
) -> Iterator[Item]:
    """Yield one item for each row, in order; `line` is `row + 1`.

    A null or NaN is an absent key. Times become ISO 8601 (to the microsecond, zoned ones in UTC),
    decimals and durations strings, maps lists of pairs, binary values the UTF-8 they must be; those of
    columns that are `raw` stay bytes. A row whose strings have more than `max_record` characters is
    `oversize`. A page that fails its CRC or does not decode ends the file: the rows before its batch go
    through. Raises `OSError` where the system cannot read the file, and `MemoryError`.
    """
    with path.open("rb") as plain:
        if plain.read(1):
            yield from _rows(plain if isinstance(path, RemoteFile) else path, max_record, raw)


def _rows(source: Path | BinaryIO, max_record: int, raw: frozenset[str]) -> Iterator[Item]:
    row = 0
    try:
        # read through a buffer: a row group that is mapped, or read at once, is in memory as a whole
        with pq.ParquetFile(source, buffer_size=_BUFFER, page_checksum_verification=True) as file:
            for batch in _batches(file):
                for record in _records(batch):
                    yield _item(row, record, max_record, raw)
                    row += 1
    except MemoryError:
        raise
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise  # a disk that cannot be read now: what is wrong in the file has no number
        problem = str(error).splitlines()[0] if str(error) else type(error).__name__
        yield Damage(row, "parquet", f"from row {row}: {problem[:200]}")


def _batches(file: pq.ParquetFile) -> Iterator[pa.RecordBatch]:
    """Yield batches of about 2 MiB, none across a row group, so that damage stays in its own."""
    for group in range(file.metadata.num_row_groups):
        about = file.metadata.row_group(group)
        rows = _BATCH_BYTES * about.num_rows // max(1, about.total_byte_size)
        size = max(1, min(_BATCH_ROWS, rows))
        yield from file.iter_batches(batch_size=size, row_groups=[group], use_threads=False)


def _records(batch: pa.RecordBatch) -> Iterator[dict[str, Any] | str]:
    """Yield each row as Python values, or the reason why it has none."""
    try:
        schema = pa.schema([each.with_type(_coarse(each.type)) for each in batch.schema])
        if schema != batch.schema:
            batch = batch.cast(schema, safe=False)
        yield from batch.to_pylist()
    except (ValueError, OverflowError):
        # One value spoils the whole batch: go row by row and let only that row fall.
        for index in range(batch.num_rows if batch.num_rows > 1 else 0):
            yield from _records(batch.slice(index, 1))
        if batch.num_rows == 1:
            yield _reason(batch)


def _reason(batch: pa.RecordBatch) -> str:
    try:
        batch.to_pylist()
    except UnicodeDecodeError:
        return "utf8"
    except (ValueError, OverflowError):
        return "value"
    return "value"


def _item(
    row: int, record: dict[str, Any] | str, max_record: int, raw: frozenset[str]
) -> Raw | Bad:
    if not isinstance(record, dict):
        return Bad(row, row + 1, record, b"")
    try:
        held = {key: record[key] for key in raw if isinstance(record.get(key), bytes)}
        plain = _json(record | dict.fromkeys(held)) | held
    except UnicodeDecodeError:
        return Bad(row, row + 1, "utf8", b"")
    except ValueError:
        return Bad(row, row + 1, "value", b"")
    if sum(len(each) for each in plain.values() if type(each) in {str, bytes}) > max_record:
        return Bad(row, row + 1, "oversize", b"")
    return Raw(row, row + 1, plain)


def _json(value: Any) -> Any:  # noqa: PLR0911  one return for each type
    """Return `value` in JSON's terms; raises `ValueError` where JSON has none."""
    match value:
        case str() | bool() | int() | None:
            return value
        case float():
            if math.isinf(value):
                raise ValueError("JSON has no infinity")
            return None if math.isnan(value) else value
        case dict():
            plain = {key: _json(each) for key, each in value.items()}
            return {key: each for key, each in plain.items() if each is not None}
        case list() | tuple():
            return [_json(each) for each in value]
        case bytes():
            return value.decode()
        case dt.datetime() | dt.date() | dt.time():
            return value.isoformat()
        case decimal.Decimal() | dt.timedelta():
            return str(value)
    raise ValueError(f"JSON has no {type(value).__name__}")


def _coarse(kind: pa.DataType) -> pa.DataType:  # noqa: PLR0911  one for each type
    """Return `kind` with nanoseconds as microseconds, which Python's own types can hold."""
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us", tz=None if kind.tz is None else "UTC")
    if pa.types.is_duration(kind):
        return pa.duration("us")
    if pa.types.is_time64(kind):
        return pa.time64("us")
    if pa.types.is_large_list(kind):
        return pa.large_list(kind.value_field.with_type(_coarse(kind.value_type)))
    if pa.types.is_list(kind):
        return pa.list_(kind.value_field.with_type(_coarse(kind.value_type)))
    if pa.types.is_struct(kind):
        return pa.struct([each.with_type(_coarse(each.type)) for each in kind.fields])
    if pa.types.is_map(kind):
        return pa.map_(kind.key_type, _coarse(kind.item_type))
    return kind
