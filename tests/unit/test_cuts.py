"""Where tables are cut: groups of a bounded size, nearly all of which outlive a row that comes or goes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from pipeline.cuts import cuts, group_rows, row_keys
from pipeline.mirror import column_chunks
from pipeline.release import FRAMES, SPLIT_LEDGER, write_parquet

MOST = 64


def keys(rows: int) -> NDArray[np.uint32]:
    return row_keys((f"document {number}" for number in range(rows)), rows)


def groups(of: NDArray[np.uint32]) -> set[bytes]:
    return {of[rows.start : rows.stop].tobytes() for rows in cuts(of, MOST)}


@pytest.mark.parametrize("rows", [0, 1, MOST, MOST + 1, 5_000])
def test_groups_follow_upon_each_other_and_are_neither_long_nor_short(rows: int) -> None:
    found = cuts(keys(rows), MOST)
    assert [row for each in found for row in each] == list(range(rows))
    assert max(map(len, found)) <= MOST
    assert len(found) == 1 or min(map(len, found)) >= MOST // 4


@pytest.mark.parametrize("few", [np.zeros(5_000, np.uint32), np.arange(5_000, dtype=np.uint32)])
def test_no_choice_of_ids_makes_short_groups(few: NDArray[np.uint32]) -> None:
    assert min(map(len, cuts(few, MOST))) >= MOST // 4


def test_a_row_less_changes_the_group_that_it_was_in() -> None:
    old = keys(2_000)
    before = groups(old)
    changed = Counter(len(groups(np.delete(old, row)) - before) for row in range(len(old)))
    # two where a cut moved or fell, none where the group was cut at its first row and no more is left
    assert changed[1] > 0.9 * len(old)
    assert sum(count * times for count, times in changed.items()) < 1.2 * len(old)


def test_long_tables_have_longer_groups() -> None:
    assert group_rows(0) == group_rows(4_000_000) == 8192
    assert group_rows(16_000_000) == 16_384
    assert group_rows(10**12) == 1 << 16
    sizes = [group_rows(1 << bits) for bits in range(40)]
    assert sizes == sorted(sizes)


def splits(numbers: list[int]) -> pa.Table:
    rows = [{"id": f"{n:06}", "family": f"{n:016x}", "split": "train"} for n in numbers]
    return pa.Table.from_pylist(rows, SPLIT_LEDGER)


def test_a_removal_leaves_the_other_column_chunks_as_they_were(tmp_path: Path) -> None:
    there = list(range(40_000))
    write_parquet(tmp_path / "old", splits(there))
    write_parquet(tmp_path / "new", splits([n for n in there if n != 7_777]))
    old, new = (list(column_chunks(tmp_path / name)) for name in ("old", "new"))
    fresh = [size for digest, size in new if digest not in dict(old)]
    assert pq.read_metadata(tmp_path / "new").num_row_groups >= 40_000 / 8192
    assert len(fresh) <= 3  # a group of three columns; one of them says the same in every row
    assert sum(fresh) < 0.3 * (tmp_path / "new").stat().st_size
    assert pq.read_table(tmp_path / "old").equals(splits(there))


def test_frames_are_cut_by_their_roots(tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {name: [1] * 9_000 for name in FRAMES.names}
    columns |= {"shard": ["data/s"] * 9_000, "merkle": [f"{n:064x}" for n in range(9_000)]}
    table = pa.table(columns, FRAMES)
    write_parquet(tmp_path / "frames", table)
    assert pq.read_metadata(tmp_path / "frames").num_row_groups > 1
    assert pq.read_table(tmp_path / "frames").equals(table)
