"""What a mirror must fetch: frames, column chunks and files that it does not have, and nothing else."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq
import pytest

from filters.subjects import subject
from manifests.manifest import MANIFEST, SUMS, decode
from pipeline.cli.app import main
from pipeline.compare import compare
from pipeline.engine.crew import SYNC
from pipeline.errors import IntegrityError
from pipeline.mirror import column_chunks, new_bytes
from pipeline.optout import add
from pipeline.run import run_config
from pipeline.stages import ledger as ledger_stage

CONFIG = """
[release]
name = "m"
version = "{version}"
shards = 4
[[sources]]
name = "s"
paths = ["a.jsonl", "b.jsonl"]
[optout]
registry = "registry.jsonl"
"""


class Made(NamedTuple):
    folder: Path
    old: Path
    new: Path


def run(folder: Path, version: str) -> Path:
    (folder / "m.toml").write_text(CONFIG.format(version=version))
    return run_config(folder / "m.toml", out=folder / "out", crew=SYNC).release


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A release, and the one after it without a document of the second input; each input has its ledger."""
    folder = tmp_path_factory.mktemp("mirror")
    for name in "ab":
        texts = ((n, " ".join(f"{name}{n}x{each}" for each in range(60))) for n in range(40))
        lines = [json.dumps({"id": f"{name}{n}", "text": text}) + "\n" for n, text in texts]
        (folder / f"{name}.jsonl").write_text("".join(lines))
    (folder / "registry.jsonl").touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger_stage, "_ROWS_PER_FILE", 1)
        old = run(folder, "1.0.0")
        add(folder / "registry.jsonl", [subject("id", "b7")], copies="none")
        return Made(folder, old, run(folder, "1.0.1"))


def sizes(release: Path) -> dict[str, int]:
    files = (path for path in release.rglob("*") if path.is_file())
    return {path.relative_to(release).as_posix(): path.stat().st_size for path in files}


def test_nothing_is_new_in_the_same_release(made: Made) -> None:
    found = new_bytes(made.old, made.old)
    assert found.files == ()
    assert found.fresh == 0
    assert found.bytes == sum(sizes(made.old).values())


def test_what_is_new_is_told_by_file(made: Made) -> None:
    found = new_bytes(made.old, made.new)
    now = sizes(made.new)
    assert found.bytes == sum(now.values())
    fresh = {file.path: file.fresh for file in found.files}
    assert {file.path: file.bytes for file in found.files} == {path: now[path] for path in fresh}
    for path in (MANIFEST, SUMS, "reports/stats.json"):
        assert fresh[path] == now[path]
    (shard,) = (path for path in fresh if path.startswith("data/"))
    row = pq.read_table(made.old / "index/documents.parquet").to_pylist()
    assert shard == next(each["shard"] for each in row if each["id"] == "b7")
    # what the removal says of its row leaves the columns of ids, sources and rows alone
    assert 0 < fresh["ledger/decisions-00001.parquet"] < now["ledger/decisions-00001.parquet"]
    frames = compare(made.old, made.new, reseeded=False).fetch
    assert frames <= fresh[shard] <= now[shard]


def test_the_ledger_of_other_inputs_stays(made: Made) -> None:
    parts = sorted(path for path in sizes(made.old) if path.startswith("ledger/decisions-"))
    assert len(parts) == 2
    fresh = {file.path for file in new_bytes(made.old, made.new).files}
    assert fresh & set(parts) == {parts[1]}


def test_what_is_amended_keeps_the_files_of_the_ledger_in_which_nothing_changes(
    made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(made.old, tmp_path / "m-1.0.0")
    registry = made.folder / "registry.jsonl"
    apply = ["optout", "apply", str(tmp_path / "m-1.0.0"), "--registry", str(registry)]
    assert main([*apply, "--work", str(tmp_path / "work"), "--executor", "sync", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["amended"]
    fresh = {file.path for file in new_bytes(made.old, Path(told["release"])).files}
    assert {path for path in fresh if path.startswith("ledger/decisions-")} == {
        "ledger/decisions-00001.parquet"
    }


def test_a_file_under_another_name_is_not_new(made: Made, tmp_path: Path) -> None:
    shutil.copytree(made.old, tmp_path / "r")
    listing = tmp_path / "r" / MANIFEST
    data = listing.read_bytes()
    assert decode(data).files
    listing.write_bytes(data.replace(b'"check_proof.py"', b'"check_proofs.py"'))
    (tmp_path / "r/check_proof.py").rename(tmp_path / "r/check_proofs.py")
    assert [file.path for file in new_bytes(made.old, tmp_path / "r").files] == [MANIFEST]


def test_column_chunks_are_the_file_but_for_head_and_footer(made: Made) -> None:
    path = made.old / "index/documents.parquet"
    chunks = list(column_chunks(path))
    metadata = pq.read_metadata(path)
    assert len(chunks) == metadata.num_row_groups * metadata.num_columns
    # four bytes in front; behind them the footer, its length and four bytes again
    assert sum(size for _, size in chunks) == path.stat().st_size - metadata.serialized_size - 12


def test_a_damaged_table_is_named(made: Made, tmp_path: Path) -> None:
    shutil.copytree(made.new, tmp_path / "r")
    (tmp_path / "r/ledger/splits.parquet").write_bytes(b"PAR1")
    with pytest.raises(IntegrityError, match=r"splits\.parquet: does not read: verify the release"):
        new_bytes(made.old, tmp_path / "r")


def test_diff_tells_what_is_new_of_all_files(
    made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    found = new_bytes(made.old, made.new)
    assert main(["diff", str(made.old), str(made.new)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[-1].startswith(f"new of all files: {found.fresh:,} of {found.bytes:,} bytes (")
    assert said[-2].startswith("new frames: ")
    assert main(["diff", str(made.old), str(made.new), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["new_bytes"], told["bytes"]) == (found.fresh, found.bytes)
    assert told["new_frame_bytes"] < told["new_bytes"]
