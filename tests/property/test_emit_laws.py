"""What a shard becomes does not depend on how many of its lines are held at once."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manifests.addressing import address
from manifests.checksum import canonical_json
from pipeline.dedup.spec import SignatureSpec
from pipeline.engine.work import Record
from pipeline.stages import line_sort
from pipeline.stages.index_rows import SPLITS_INDEX
from pipeline.stages.line_sort import Emitted, LineSort
from pipeline.stages.part import read_stream
from pipeline.stages.shard_writer import Target, write_shards

TARGET = Target(
    source="s", folder="data/s", bucket=0, shards=1, seed=7, signature=SignatureSpec(), parquet=True
)
SPLITS = ("test", "train")
documents = st.lists(
    st.tuples(st.integers(0, 10**6), st.sampled_from(SPLITS), st.integers(0, 300)),
    max_size=25,
    unique_by=lambda each: each[0],
)


def line(number: int, words: int) -> Emitted:
    name = f"d{number}"
    record = {
        "id": name,
        "text": " ".join(f"é{number}.{word}" for word in range(words)),
        "source": "s",
        "license": f"L{number % 3}",
        "language": "Python",
        "url": f"https://site{number % 5}.net/",
        "created": f"20{number % 30:02}-01-02",
        "sha256": "0" * 64,
        "meta": {
            "pile_set_name": "s",
            "repo": "r",
            "path": f"{number}.py",
            "natural_language": "en",
            "redactions": '[[0,2,"email"]]' if number % 4 == 0 else "[]",
            "extra": "{}",
        },
    }
    return Emitted(address(7, name), name, canonical_json(record) + b"\n", f"{number:016x}")


def write(folder: Path, made: list[tuple[int, str, int]], memory: int) -> tuple[Record, bool]:
    """Write a shard; tell its record, and whether lines were written in runs."""
    folder.mkdir()
    with LineSort(folder / "runs", memory) as lines:
        for number, split, words in made:
            lines.add(split, line(number, words))
        splits = sorted({split for _, split, _ in made})
        ordered = {split: lines.sorted(split) for split in splits}
        ran = (folder / "runs").exists()
        return write_shards(TARGET, folder, ordered, {}), ran


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@settings(max_examples=40, deadline=None)
@given(made=documents, seed=st.integers(0, 99), memory=st.integers(1, 20_000))
def test_a_shard_is_the_same_in_any_memory_and_from_any_order(
    made: list[tuple[int, str, int]], seed: int, memory: int
) -> None:
    shuffled = random.Random(seed).sample(made, len(made))
    with tempfile.TemporaryDirectory() as name:
        whole, ran = write(Path(name) / "whole", made, 1 << 30)
        assert not ran
        runs, _ = write(Path(name) / "runs", shuffled, memory)
        assert runs == whole
        assert contents(Path(name) / "runs") == contents(Path(name) / "whole")
        ids = read_stream(Path(name) / "whole" / SPLITS_INDEX)["id"].to_pylist()
        assert ids == sorted(f"d{number}" for number, _, _ in made)


def test_what_does_not_fit_is_written_in_runs_of_many_frames(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_sort, "_RUN_FRAME", 500)
    made = [(number, SPLITS[number % 3 == 0], 20) for number in range(200)]
    runs, ran = write(tmp_path / "runs", made[::-1], 9_000)
    assert ran
    whole, _ = write(tmp_path / "whole", made, 1 << 30)
    assert runs == whole
    assert contents(tmp_path / "runs") == contents(tmp_path / "whole")
    assert "runs" not in contents(tmp_path / "runs")
    assert runs["splits"] == {"test": 133, "train": 67}
    assert runs["redactions"] == {"email": 50}
    table: pa.Table = read_stream(tmp_path / "runs" / "documents.arrow")
    assert len(table) == 200
