"""What a task left and something tore since is made again, rightly and without a word, in every phase."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import kills
from pipeline.engine.crew import SYNC
from pipeline.errors import IntegrityError
from pipeline.run import run_config


def cut_marker(folder: Path) -> None:
    marker = folder / "marker.json"
    marker.write_bytes(marker.read_bytes()[:-7])


def empty_marker(folder: Path) -> None:
    (folder / "marker.json").write_bytes(b"")


def foreign_marker(folder: Path) -> None:
    told = json.loads((folder / "marker.json").read_bytes())
    told["fingerprint"] = "0" * 32
    (folder / "marker.json").write_text(json.dumps(told))


def lose_output(folder: Path) -> None:
    for path in folder.iterdir():
        if path.name != "marker.json":
            path.unlink()
            return
    empty_marker(folder)


def shorten_output(folder: Path) -> None:
    sized = [path for path in sorted(folder.iterdir()) if path.stat().st_size]
    with sized[-1].open("r+b") as file:
        file.truncate(sized[-1].stat().st_size - 1)


TEARS = [cut_marker, empty_marker, foreign_marker, lose_output, shorten_output]


@pytest.mark.parametrize("tear", TEARS)
def test_torn_results_are_made_again(tmp_path: Path, tear: Callable[[Path], None]) -> None:
    """Every folder by itself, then all at once; no other task is run again."""
    config = kills.make_corpus(tmp_path / "corpus", records=60)
    release = run_config(config, out=tmp_path / "out", crew=SYNC).release
    sums = (release / "SHA256SUMS").read_bytes()
    out = tmp_path / "out"
    every = sorted(path.parent for path in (out / ".work/m").glob("*/*/marker.json"))
    by_phase = {folder.parent.name: folder for folder in every}
    assert {"survey", "screen", "exact", "order", "place", "emit", "ledger"} <= by_phase.keys()
    for torn in ([*by_phase.values()], every):
        shutil.rmtree(release)
        before = kills.markers(out)
        for folder in torn:
            tear(folder)
        touched = {folder / "marker.json" for folder in torn}
        again = run_config(config, out=out, crew=SYNC).release
        assert (again / "SHA256SUMS").read_bytes() == sums
        after = kills.markers(out)
        assert after.keys() == before.keys()
        assert {path for path in after if after[path] != before[path]} <= touched
        assert not list((out / ".work/m").glob("tmp/*"))


def test_each_phase_by_itself(tmp_path: Path) -> None:
    config = kills.make_corpus(tmp_path / "corpus", records=60)
    release = run_config(config, out=tmp_path / "out", crew=SYNC).release
    sums = (release / "SHA256SUMS").read_bytes()
    every = sorted(path.parent for path in (tmp_path / "out/.work/m").glob("*/*/marker.json"))
    phases = {folder.parent.name: folder for folder in every}
    for number, folder in enumerate(phases.values()):
        TEARS[number % len(TEARS)](folder)
        again = run_config(config, out=tmp_path / "out", crew=SYNC).release
        assert (again / "SHA256SUMS").read_bytes() == sums


def flip(path: Path) -> None:
    """Change a byte in the middle as a disk does: size and times stay."""
    data, times = bytearray(path.read_bytes()), path.stat()
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


@pytest.mark.parametrize(
    ("phase", "files"), [("ledger", "*.parquet"), ("emit", "*.zst"), ("screen", "lines.bin")]
)
def test_a_disk_that_rots_is_found_out_in_the_end(tmp_path: Path, phase: str, files: str) -> None:
    """No wrong release comes of it, and after a run that fails the next one is right."""
    config = kills.make_corpus(tmp_path / "corpus", records=60)
    release = run_config(config, out=tmp_path / "out", crew=SYNC).release
    sums = (release / "SHA256SUMS").read_bytes()
    work = tmp_path / "out/.work/m"
    shutil.rmtree(release)
    flip(max(work.glob(f"{phase}/*/{files}"), key=lambda path: path.stat().st_size))
    if phase == "screen":
        shutil.rmtree(work / "emit")
    with pytest.raises(IntegrityError, match=f"{phase}: .*run the same command again"):
        run_config(config, out=tmp_path / "out", crew=SYNC)
    again = run_config(config, out=tmp_path / "out", crew=SYNC).release
    assert (again / "SHA256SUMS").read_bytes() == sums
