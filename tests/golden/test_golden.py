"""The golden release: the committed input gives what expected.json says, to the byte."""

from __future__ import annotations

import importlib.util
import json
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import zstandard

from pipeline.verify import verify

HERE = Path(__file__).resolve().parent
AGAIN = "if this is meant, run `python tests/golden/regenerate.py` and say why in CHANGELOG.md"


def load_regenerate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("golden_regenerate", HERE / "regenerate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def golden() -> ModuleType:
    return load_regenerate()


@pytest.fixture(scope="module")
def made(golden: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    release: Path = golden.build(tmp_path_factory.mktemp("golden"))
    return release


@pytest.fixture(scope="module")
def found(golden: ModuleType, made: Path) -> dict[str, Any]:
    summary: dict[str, Any] = golden.summary(made)
    return summary


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((HERE / "expected.json").read_text(encoding="utf-8"))
    return loaded


@pytest.mark.parametrize("what", ["decisions", "splits", "redactions"])
def test_every_verdict_and_split_is_as_it_was(
    found: dict[str, Any], expected: dict[str, Any], what: str
) -> None:
    assert found[what] == expected[what], AGAIN


@pytest.mark.parametrize("what", ["merkle_root", "content_root"])
def test_every_record_is_as_it_was_to_the_byte(
    found: dict[str, Any], expected: dict[str, Any], what: str
) -> None:
    assert found[what] == expected[what], AGAIN


def test_the_compressed_files_are_as_they_were(
    found: dict[str, Any], expected: dict[str, Any]
) -> None:
    if found["libzstd"] != expected["libzstd"]:
        pytest.skip(
            f"libzstd is {found['libzstd']}, the bytes were recorded with {expected['libzstd']}"
        )
    assert found["sha256"] == expected["sha256"], AGAIN


def test_the_golden_release_is_worth_keeping(made: Path, expected: dict[str, Any]) -> None:
    """It holds every kind of fate, every split, frames that decode, and it verifies."""
    assert verify(made, deep=True).ok
    stages = Counter(row[5] for row in expected["decisions"])
    assert set(stages) == {"keep", "read", "license", "optout", "exact", "near"}
    reasons = {row[6] for row in expected["decisions"] if row[5] == "optout"}
    assert reasons == {"owner", "copy:exact"}
    assert {split for split, _ in expected["splits"].values()} == {"train", "validation", "test"}
    assert expected["redactions"].keys() == {"EMAIL", "IP"}
    assert len(expected["decisions"]) == 41
    for path in expected["sha256"]:
        raw = zstandard.ZstdDecompressor().stream_reader(
            (made / path).read_bytes(), read_across_frames=True
        )
        assert raw.read().endswith(b"}\n")


def test_the_committed_input_is_what_the_script_writes(
    golden: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    committed = {
        path.relative_to(golden.INPUT): path.read_bytes()
        for path in golden.INPUT.rglob("*")
        if path.is_file()
    }
    monkeypatch.setattr(golden, "INPUT", tmp_path)
    golden.write_input()
    assert committed == {
        path.relative_to(tmp_path): path.read_bytes()
        for path in tmp_path.rglob("*")
        if path.is_file()
    }
