"""The configs that lie beside the code run as they stand, over the inputs that lie beside them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from pipeline.catalog import read_documents
from pipeline.engine.crew import SYNC
from pipeline.release import ledger_parts
from pipeline.run import run_config
from tests.conftest import Ask

CONFIGS = Path(__file__).parents[2] / "configs"


def ledger(release: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(ledger_parts(release / "ledger")).to_pylist()
    return rows


def repository(name: str) -> str:
    return name.partition(";origin=")[2].partition(";")[0].rpartition("/")[2]


def test_code_as_the_stack_has_it(tmp_path: Path, ask: Ask) -> None:
    made = run_config(CONFIGS / "stack-like.toml", out=tmp_path, crew=SYNC)
    rows = ledger(made.release)
    why = Counter((repository(row["id"]), row["stage"], row["reason"]) for row in rows)
    assert why == {
        ("granary.git", "keep", "kept"): 4,
        ("hopper.git", "optout", "repo"): 2,  # in the registry
        ("mill.git", "near", "fork"): 8,
        ("mill.git", "quality", "code:generated"): 1,
        ("mill.git", "quality", "code:vendored"): 2,
        ("our-mill.git", "keep", "kept"): 9,
        ("our-mill.git", "quality", "code:generated"): 1,
        ("our-mill.git", "quality", "code:vendored"): 2,
        ("wheel.git", "license", "policy:GPL-3.0-only"): 2,
    }
    found = ask("query", made.release, "--language", "C", "--license", "Apache-2.0", "--json")
    assert found.code == 0, found.err
    documents = map(json.loads, found.out.splitlines())
    assert sorted(each["path"] for each in documents) == ["granary.c", "granary.h"]
    (telemetry,) = (
        each for each in read_documents(made.release) if each["meta"]["path"] == "mill/telemetry.py"
    )
    assert "Ask REDACTED_EMAIL before" in telemetry["text"]
    assert ask("verify", made.release, "--deep").code == 0
