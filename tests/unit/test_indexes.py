"""The indexes of a release: put together piece by piece they are, to the byte, what one sort of all rows makes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import cuts
from pipeline.indexes import merge, write_indexes
from pipeline.release import (
    DOCUMENTS,
    DOCUMENTS_PATH,
    FRAMES,
    FRAMES_PATH,
    SPLIT_LEDGER,
    SPLITS_PATH,
    write_parquet,
    write_tables,
)
from pipeline.stages.index_rows import DOCUMENTS_INDEX, FRAMES_INDEX, SPLITS_INDEX

Row = dict[str, Any]
in_one_folder = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
# code points on both sides of the surrogates, where UTF-16 sorts unlike UTF-8
names = st.text("ab\ue000\U00010000", max_size=3)
tables = st.lists(st.lists(names, max_size=12), max_size=5)


def stream(path: Path, rows: list[Row], schema: pa.Schema, at_once: int = 3) -> None:
    """Write rows as emit tasks do, in several batches."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with pa.ipc.new_stream(str(path), schema) as writer:
        for start in range(0, len(rows), at_once):
            few = pa.Table.from_pylist(rows[start : start + at_once], schema=schema)
            writer.write_table(few)


def splits_of(ids: list[str], table: int) -> list[Row]:
    return [
        {"id": name, "family": f"{table}.{row}", "split": "train"}
        for row, name in enumerate(sorted(ids))
    ]


@in_one_folder
@given(made=tables, at_once=st.integers(1, 40))
def test_a_merge_is_the_stable_sort_of_all_whatever_it_holds_at_once(
    tmp_path: Path, made: list[list[str]], at_once: int
) -> None:
    paths = [tmp_path / str(number) for number in range(len(made))]
    rows = [splits_of(ids, number) for number, ids in enumerate(made)]
    for path, mine in zip(paths, rows, strict=True):
        stream(path, mine, SPLIT_LEDGER)
    found = [row for table in merge(paths, at_once) for row in table.to_pylist()]
    assert found == sorted((row for mine in rows for row in mine), key=lambda row: row["id"])


def test_a_merge_holds_few_rows_at_once(tmp_path: Path) -> None:
    paths = [tmp_path / str(number) for number in range(4)]
    for number, path in enumerate(paths):
        stream(
            path, splits_of([f"{n:05}" for n in range(number, 8_000, 4)], number), SPLIT_LEDGER, 999
        )
    sizes = [len(table) for table in merge(paths, 500)]
    assert sum(sizes) == 8_000
    assert max(sizes) <= 2 * 500


def place(shard: str, rows: int, make: Callable[[int], Row]) -> list[Row]:
    return [{"shard": shard, "frame": row // 3, "offset": row, **make(row)} for row in range(rows)]


def document(schema: pa.Schema, shard: str) -> Callable[[int], Row]:
    def make(row: int) -> Row:
        blank = {field.name: "" if field.type == pa.string() else row for field in schema}
        return (
            blank
            | {"shard": shard, "frame": row // 3, "offset": row}
            | {name: f"{shard}#{row}" for name in ("id", "merkle") if name in blank}
        )

    return make


def test_indexes_are_what_one_sort_of_all_rows_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cuts, "_LEAST_BITS", 3)  # groups of eight rows
    monkeypatch.setattr(cuts, "_MOST_BITS", 3)
    folders = [tmp_path / str(number) for number in range(3)]
    orders = {
        DOCUMENTS_INDEX: (DOCUMENTS, DOCUMENTS_PATH, ["shard", "frame", "offset"]),
        FRAMES_INDEX: (FRAMES, FRAMES_PATH, ["shard", "frame", "offset"]),
        SPLITS_INDEX: (SPLIT_LEDGER, SPLITS_PATH, ["id"]),
    }
    for file, (schema, path, order) in orders.items():
        everything: list[Row] = []
        for number, folder in enumerate(folders):
            rows: list[Row] = []
            for split in ("train", "test"):
                shard = f"data/s/{split}-0000{2 - number}"
                rows += place(shard, 7 * number, document(schema, shard))
            rows = [{name: row[name] for name in schema.names} for row in rows]
            if file == SPLITS_INDEX:
                rows.sort(key=lambda row: str(row["id"]))
            stream(folder / file, rows, schema)
            everything += rows
        table = pa.Table.from_pylist(everything, schema)
        write_parquet(tmp_path / "whole" / path, table.sort_by([(n, "ascending") for n in order]))
    write_indexes(folders, tmp_path / "merged")
    for _, path, _ in orders.values():
        whole = tmp_path / "whole" / path
        assert (tmp_path / "merged" / path).read_bytes() == whole.read_bytes()
        assert pq.read_metadata(whole).num_row_groups > 2


def test_a_release_without_documents_has_empty_indexes(tmp_path: Path) -> None:
    write_indexes([], tmp_path)
    assert pq.read_table(tmp_path / DOCUMENTS_PATH).equals(DOCUMENTS.empty_table())
    assert pq.read_table(tmp_path / SPLITS_PATH).equals(SPLIT_LEDGER.empty_table())


@in_one_folder
@given(made=tables, bits=st.integers(2, 4))
def test_tables_end_to_end_are_written_as_the_whole_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: list[list[str]], bits: int
) -> None:
    monkeypatch.setattr(cuts, "_LEAST_BITS", bits)
    monkeypatch.setattr(cuts, "_MOST_BITS", bits)
    pieces = [
        pa.Table.from_pylist(splits_of(ids, number), SPLIT_LEDGER)
        for number, ids in enumerate(made)
    ]
    write_tables(tmp_path / "pieces", SPLIT_LEDGER, lambda: iter(pieces))
    write_parquet(tmp_path / "whole", pa.concat_tables([SPLIT_LEDGER.empty_table(), *pieces]))
    assert (tmp_path / "pieces").read_bytes() == (tmp_path / "whole").read_bytes()
