"""A run that is made again reads no input it knows; one byte changed in secret is found all the same."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path

import pytest

from pipeline import known_inputs
from tests.conftest import Ask

CONFIG = """
[release]
name = "mill"
shards = 1
[[sources]]
name = "code"
paths = ["in"]
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(known_inputs, "RACY", 0)  # a test does not wait for two seconds
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jsonl").write_text(json.dumps({"text": "The stone turns. " * 20}) + "\n")
    (tmp_path / "mill.toml").write_text(CONFIG)
    time.sleep(0.05)
    return tmp_path / "mill.toml"


def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note which files are hashed."""
    names: list[str] = []
    digest = known_inputs.digest

    def noted(file: Path) -> known_inputs.Digest:
        names.append(file.name)
        return digest(file)

    monkeypatch.setattr(known_inputs, "digest", noted)
    return names


def test_a_run_made_again_reads_no_input_it_knows(
    config: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = hashed(monkeypatch)
    root = config.parent
    run = ("run", config, "--out", root / "out", "--executor", "sync")
    assert ask("plan", config, "--out", root / "out").code == 0
    assert not (root / "out").exists()
    assert names == ["a.jsonl"]
    assert ask(*run).code == 0
    assert names == ["a.jsonl"] * 2
    first = (root / "out/mill-1.0.0/manifest.json").read_bytes()
    shutil.rmtree(root / "out/mill-1.0.0")
    assert ask("plan", config, "--out", root / "out", "--json").row()["done"] is True
    assert ask(*run).code == 0
    assert names == ["a.jsonl"] * 2
    assert (root / "out/mill-1.0.0/manifest.json").read_bytes() == first
    shutil.rmtree(root / "out/mill-1.0.0")
    assert ask(*run, "--rehash").code == 0
    assert names == ["a.jsonl"] * 3


def test_a_byte_that_was_changed_in_secret_is_found(config: Path, ask: Ask) -> None:
    root = config.parent
    run = ("run", config, "--out", root / "out", "--executor", "sync")
    assert ask(*run).code == 0
    shutil.rmtree(root / "out/mill-1.0.0")
    path = root / "in/a.jsonl"
    about = path.stat()
    with path.open("r+b") as file:
        file.write(path.read_bytes().replace(b"stone", b"wheel"))
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert path.stat().st_size == about.st_size
    assert path.stat().st_mtime_ns == about.st_mtime_ns
    assert ask("plan", config, "--out", root / "out", "--json").row()["done"] is False
    assert ask(*run).code == 0
