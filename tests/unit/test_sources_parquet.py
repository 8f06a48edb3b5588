"""Real Parquet files, whole and damaged."""

from __future__ import annotations

import datetime as dt
import decimal
import errno
import os
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.errors import InputError
from pipeline.sources import Bad, Damage, Item, Raw, read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def write(path: Path, table: pa.Table, **options: Any) -> None:
    pq.write_table(table, path, write_page_checksum=True, **options)


def items(path: Path, table: pa.Table, **options: Any) -> list[Item]:
    write(path, table)
    return list(read(path, "parquet", **options))


def test_rows_come_in_order_with_their_columns(tmp_path: Path) -> None:
    rows = [{"text": f"t{each}", "n": each, "l": [{"a": [each]}]} for each in range(3000)]
    found = items(tmp_path / "a.parquet", pa.Table.from_pylist(rows))
    assert found == [Raw(row, row + 1, record) for row, record in enumerate(rows)]


def test_a_file_without_rows_gives_nothing(tmp_path: Path) -> None:
    assert items(tmp_path / "a.parquet", pa.table({"text": pa.array([], pa.string())})) == []


def test_values_come_in_json_terms(tmp_path: Path) -> None:
    when = dt.datetime(2020, 2, 3, 4, 5, 6, 789, tzinfo=dt.UTC)
    nano = pa.timestamp("ns")
    table = pa.table(
        {
            "text": pa.array([b"bytes"], pa.binary()),
            "day": [dt.date(2020, 2, 3)],
            "when": pa.array([when], pa.timestamp("ns", tz="Europe/Berlin")),
            "ns": pa.array([[1_500]], pa.list_(nano)),
            "deep": pa.array(
                [{"x": 1_500, "null": None}], pa.struct([("x", nano), ("null", nano)])
            ),
            "map": pa.array([[("k", 1_500)]], pa.map_(pa.string(), nano)),
            "large": pa.array([["v"]], pa.large_list(pa.large_string())),
            "money": [decimal.Decimal("1.10")],
            "took": pa.array([1_500], pa.duration("ns")),
            "time": pa.array([1_500], pa.time64("ns")),
            "nan": [float("nan")],
            "null": pa.array([None], pa.string()),
            "big": pa.array([2**64 - 1], pa.uint64()),
            "kind": pa.array(["v"]).dictionary_encode(),
        }
    )
    (found,) = items(tmp_path / "a.parquet", table)
    assert isinstance(found, Raw)
    assert found.record == {
        "text": "bytes",
        "day": "2020-02-03",
        "when": "2020-02-03T04:05:06.000789+00:00",
        "ns": ["1970-01-01T00:00:00.000001"],
        "deep": {"x": "1970-01-01T00:00:00.000001"},
        "map": [["k", "1970-01-01T00:00:00.000001"]],
        "large": ["v"],
        "money": "1.10",
        "took": "0:00:00.000001",
        "time": "00:00:00.000001",
        "big": 2**64 - 1,
        "kind": "v",
    }


def test_a_bad_row_falls_alone(tmp_path: Path) -> None:
    texts = [b"a", b"\xff", b"c", b"d" * 99, b"e"]
    for kind in (pa.binary(), pa.string()):
        column = pa.array(texts, pa.binary()).view(kind)
        number = pa.array([0.0, 1.0, float("inf"), 2.0, 3.0])
        found = items(tmp_path / "a.parquet", pa.table({"text": column, "n": number}), max_record=9)
        assert found == [
            Raw(0, 1, {"text": "a", "n": 0.0}),
            Bad(1, 2, "utf8", b""),
            Bad(2, 3, "value", b""),
            Bad(3, 4, "oversize", b""),
            Raw(4, 5, {"text": "e", "n": 3.0}),
        ]


def test_a_time_no_calendar_holds_is_a_bad_value(tmp_path: Path) -> None:
    far = pa.array([0, 2**62], pa.timestamp("us"))
    found = items(tmp_path / "a.parquet", pa.table({"text": ["a", "b"], "t": far}))
    assert [type(each) for each in found] == [Raw, Bad]


def test_a_flipped_bit_in_a_page_ends_the_file_before_its_batch(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    rows = [{"text": os.urandom(500).hex()} for _ in range(4000)]
    table = pa.Table.from_pylist(rows)
    write(path, table, row_group_size=1000, use_dictionary=False, compression="none")
    data = bytearray(path.read_bytes())
    data[data.index(rows[3500]["text"].encode()) + 7] ^= 1
    path.write_bytes(data)
    *found, damage = list(read(path, "parquet"))
    assert isinstance(damage, Damage)
    assert damage.reason == "parquet"
    assert damage.row == len(found)
    assert 3000 <= len(found) <= 3500
    assert [each.record for each in found if isinstance(each, Raw)] == rows[: len(found)]
    assert "CRC" in damage.detail


@pytest.mark.parametrize("keep", [3, 50, -1, -9])
def test_a_file_without_its_footer_is_one_damage(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "a.parquet"
    write(path, pa.table({"text": ["a", "b"]}))
    path.write_bytes(path.read_bytes()[:keep])
    (damage,) = read(path, "parquet")
    assert isinstance(damage, Damage)
    assert (damage.row, damage.reason) == (0, "parquet")


def test_a_disk_that_cannot_be_read_now_is_no_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What passes is not held against the file: nothing is noted, and the next run reads all of it."""
    path = tmp_path / "a.parquet"
    write(path, pa.table({"text": [f"t{each}" for each in range(3000)]}))
    whole = list(read(path, "parquet"))
    plain = pq.ParquetFile.iter_batches
    for fault, raised in (
        (OSError(errno.EIO, "Input/output error"), InputError),
        (OSError(errno.EMFILE, "Too many open files"), InputError),
        (pa.ArrowMemoryError("malloc of size 64 failed"), MemoryError),
    ):

        def fail(
            self: pq.ParquetFile, fault: Exception = fault, **options: Any
        ) -> Iterator[pa.RecordBatch]:
            yield next(plain(self, **options))
            raise fault

        monkeypatch.setattr(pq.ParquetFile, "iter_batches", fail)
        with pytest.raises(raised):
            list(read(path, "parquet"))
        monkeypatch.undo()
        assert list(read(path, "parquet")) == whole
