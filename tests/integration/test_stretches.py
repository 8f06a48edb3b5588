"""A cut file gives the release of a whole one, and one request has one stretch of it screened again."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline import stretched
from pipeline.cli.app import main
from pipeline.engine.crew import SYNC, Crew
from pipeline.engine.work import MARKER
from pipeline.run import run_config
from pipeline.verify import verify
from tests.conftest import code_records, write_zst

CONFIG = """
[release]
name = "mill"
version = "1.0.0"
shards = 4
[[sources]]
name = "code"
paths = ["in/*"]
[optout]
registry = "events.jsonl"
[split]
validation = 0.1
test = 0.1
[limits]
bad_records = 0.1
"""


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    records = code_records(120)
    write_zst(tmp_path / "in/a.jsonl.zst", records[:60], per_frame=7)
    lines = [json.dumps(each) for each in records[60:]]
    lines[5:5] = ["", "  ", "no json"]
    lines += [json.dumps({"text": "without an id"})] * 2
    (tmp_path / "in/b.jsonl").write_text("\n".join(lines))
    (tmp_path / "mill.toml").write_text(CONFIG)
    (tmp_path / "events.jsonl").touch()
    return tmp_path


def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretched, "_LARGE", 1)
    monkeypatch.setattr(stretched, "STRETCH", 60_000)


def files(release: Path) -> dict[str, bytes]:
    paths = (path for path in sorted(release.rglob("*")) if path.is_file())
    return {path.relative_to(release).as_posix(): path.read_bytes() for path in paths}


def screens(work: Path) -> set[str]:
    return {path.parent.name for path in work.glob(f"screen/*/{MARKER}")}


def test_a_cut_file_gives_the_same_release(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run_config(corpus / "mill.toml", out=corpus / "whole", crew=SYNC).release
    small(monkeypatch)
    made = run_config(corpus / "mill.toml", out=corpus / "cut", crew=Crew(workers=2)).release
    work = corpus / "cut/.work/mill"
    assert len(screens(work)) > 6
    assert files(made) == files(whole)
    assert verify(made, deep=True).ok


def test_one_request_redoes_one_stretch(
    corpus: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    small(monkeypatch)
    release = run_config(corpus / "mill.toml", out=corpus / "out", crew=SYNC).release
    work = corpus / "out/.work/mill"
    before = screens(work)
    ledger = pq.read_table(release / "ledger/decisions-00000.parquet").to_pylist()
    kept = [
        row["id"] for row in ledger if row["verdict"] == "keep" and row["input"] == "in/b.jsonl"
    ][-1]
    registry = str(corpus / "events.jsonl")
    assert main(["optout", "add", "--registry", registry, "--id", kept, "--copies", "none"]) == 0
    command = ["optout", "apply", str(release), "--registry", registry, "--executor", "sync"]
    assert main(command) == 0
    assert "1 records are gone" in capsys.readouterr().out
    assert len(screens(work) - before) == 1


def test_a_plan_lists_a_cut_file_once(
    corpus: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    small(monkeypatch)
    run_config(corpus / "mill.toml", out=corpus / "out", crew=SYNC)
    command = ["plan", str(corpus / "mill.toml"), "--out", str(corpus / "out"), "--json"]
    assert main(command) == 0
    inputs = [json.loads(line) for line in capsys.readouterr().out.splitlines()[-2:]]
    sizes = {each["path"]: (each["bytes"], each["done"]) for each in inputs}
    assert sizes == {
        name: ((corpus / name).stat().st_size, True) for name in ("in/a.jsonl.zst", "in/b.jsonl")
    }
