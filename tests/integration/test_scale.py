"""Many documents through the real stages and worker processes: what has to go goes, within the memory limit.

Ten million take some six minutes and 15 GB of disk: GRISTMILL_SCALE=10000000 pytest tests/integration/test_scale.py
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCALE = Path(__file__).parents[2] / "benchmarks" / "scale.py"
DOCUMENTS = int(os.environ.get("GRISTMILL_SCALE", "60000"))
GIGABYTE = 1000**3 / (1 << 20)  # in MiB, as peaks are given


def run(tmp_path: Path, kind: str, documents: int, *options: str) -> dict[str, Any]:
    report = tmp_path / "report.json"
    command = [sys.executable, str(SCALE), kind, "--documents", str(documents), *options]
    command += ["--work", str(tmp_path / "work"), "--json", str(report)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(report.read_text())
    return found


def peaks(report: dict[str, Any]) -> float:
    """Two workers at their worst, and the process that drives them."""
    return 2 * max(peak for _, _, peak in report["phases"]) + float(report["driver_mib"])


@pytest.mark.timeout(1800)
def test_documents_of_every_kind_within_four_gigabytes(tmp_path: Path) -> None:
    part = max(20_000, DOCUMENTS // 40)
    report = run(tmp_path, "mixed", DOCUMENTS, "--workers", "2", "--part", str(part))
    assert report["found"] == report["expected"]
    assert peaks(report) < 4 * GIGABYTE


@pytest.mark.parametrize("kind", ["copies", "near-copies", "header", "dense"])
def test_crowds_under_a_small_limit(tmp_path: Path, kind: str) -> None:
    options = ("--workers", "1", "--part", "5000", "--memory-limit", "64MiB")
    report = run(tmp_path, kind, 10_000, *options)
    assert report["found"] == report["expected"]
