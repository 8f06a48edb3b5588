"""A worker takes no more memory for a large shard than for a small one."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import msgspec
import pytest
import zstandard

from pipeline.engine.task import Marker
from tests.conftest import Gristmill

CONFIG = """
[release]
name = "mill"
version = "1.0.0"
[[sources]]
name = "text"
paths = ["*.jsonl.zst"]
[license]
policy = "permissive"
[redact]
level = "balanced"
[dedup]
near = { threshold = 0.8 }
passages = { least = 100 }
"""
SMALL, LARGE = 300_000, 30_000_000  # decoded bytes of one frame
BOUND = 64  # MiB between the two: the large shard held in memory, as text, records and lines, is far more


def write_shard(path: Path, size: int) -> None:
    """One frame of lines of random words: no two documents are alike."""
    draw = random.Random(size)
    words = [f"{first}{last}" for first in ("pa", "le", "no", "ti") for last in range(2500)]
    with zstandard.open(path, "w") as out:
        for number in range(size // 3000):
            text = "\n".join(" ".join(draw.choices(words, k=10)) for _ in range(48))
            out.write(
                json.dumps({"id": f"{path.name}{number}", "text": text, "license": "MIT"}) + "\n"
            )


def peak(folder: Path, gristmill: Gristmill, size: int) -> int:
    """Screen a shard in a fresh worker process; return the process's peak in MiB."""
    folder.mkdir()
    write_shard(folder / "one.jsonl.zst", size)
    write_shard(folder / "two.jsonl.zst", 3000)  # without it no worker would be started
    (folder / "mill.toml").write_text(CONFIG)
    options = ("--out", folder / "out", "--workers", "1")
    gristmill("run", folder / "mill.toml", *options, anew=True)
    found = [
        msgspec.json.decode(path.read_bytes(), type=Marker)
        for path in (folder / "out/.work/mill/screen").glob("*/marker.json")
    ]
    (marker,) = (each for each in found if each.name == "one.jsonl.zst")
    assert marker.record["read"] == size // 3000
    return marker.peak_mib


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="a process's own peak is known on Linux")
def test_the_peak_does_not_grow_with_the_shard(tmp_path: Path, gristmill: Gristmill) -> None:
    small, large = (peak(tmp_path / f"{size}", gristmill, size) for size in (SMALL, LARGE))
    assert abs(large - small) < BOUND
