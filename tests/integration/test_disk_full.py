"""A disk that is full, or may not be written to, ends a run with a plain word; once it is mended the run goes on."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from benchmarks import kills
from tests.conftest import Gristmill

pytestmark = pytest.mark.timeout(900)  # several runs each

NO_ROOM = "free some, then run the same command again"


@contextmanager
def disk(path: Path, options: str) -> Iterator[Path]:
    """Mount a small disk, as root may."""
    path.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True)


def mend(path: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(path)], check=True)


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory, gristmill: Gristmill) -> tuple[Path, bytes]:
    """A config, and the checksums of its release."""
    root = tmp_path_factory.mktemp("quiet")
    config = kills.make_corpus(root / "corpus", records=600)
    done = gristmill("run", config, "--out", root / "out", "--executor", "sync")
    assert done.returncode == 0, done.stderr
    return config, sums(root / "out")


def sums(out: Path) -> bytes:
    return (out / "m-1.0.0/SHA256SUMS").read_bytes()


def refused(done: Any) -> str:
    """Check that a run ended as it should, and return what it said."""
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    said = [line for line in done.stderr.splitlines() if ": " in line and "B/s" not in line]
    return said[-1]


@pytest.mark.parametrize(
    ("executor", "sizes"),
    [("sync", (300, 1000, 1300, 1500, 64000)), ("local", (300, 1300, 64000))],
)
def test_a_full_work_folder(
    gristmill: Gristmill,
    quiet: tuple[Path, bytes],
    tmp_path: Path,
    executor: str,
    sizes: tuple[int, ...],
) -> None:
    """It fills up in one phase after the other, and is given a little more each time."""
    config, wanted = quiet
    where: set[str] = set()
    with disk(tmp_path / "work", "size=300k") as work:
        command = ["run", config, "--out", tmp_path / "out", "--work", work]
        for size in sizes:
            mend(work, f"size={size}k")
            done = gristmill(*command, "--executor", executor, "--workers", "2")
            if done.returncode == 0:
                break
            said = refused(done)
            assert said.endswith(f"no space left for {work}: {NO_ROOM}")
            where.add(said.partition(":")[0])
            assert not (work / "tmp").exists()
            assert not list(work.glob("*/*.tmp"))
            assert not (tmp_path / "out/m-1.0.0").exists()
        assert len(where) > 1
        assert sums(tmp_path / "out") == wanted


def test_a_full_output_folder(
    gristmill: Gristmill, quiet: tuple[Path, bytes], tmp_path: Path
) -> None:
    config, wanted = quiet
    with disk(tmp_path / "out", "size=150k") as out:
        command = ["run", config, "--out", out, "--work", tmp_path / "work", "--executor", "sync"]
        for size in (150, 300):
            mend(out, f"size={size}k")
            said = refused(gristmill(*command))
            assert said == f"seal: no space left for {out}: {NO_ROOM}"
            assert list(out.iterdir()) == []
        mend(out, "size=64m")
        done = gristmill(*command)
        assert done.returncode == 0, done.stderr
        assert sums(out) == wanted


def test_both_on_one_full_disk(
    gristmill: Gristmill, quiet: tuple[Path, bytes], tmp_path: Path
) -> None:
    config, wanted = quiet
    with disk(tmp_path / "out", "size=100k") as out:
        command = ["run", config, "--out", out, "--executor", "sync"]
        for size in (0, 100, 1600):
            if size:
                mend(out, f"size={size}k")
            assert NO_ROOM in refused(gristmill(*command))
            assert not (out / "m-1.0.0").exists()
        mend(out, "size=64m")
        assert gristmill(*command).returncode == 0
        assert sums(out) == wanted


@pytest.mark.parametrize("folder", ["out", "work"])
def test_a_folder_that_may_not_be_written_to(
    gristmill: Gristmill, quiet: tuple[Path, bytes], tmp_path: Path, folder: str
) -> None:
    """It is told before any work is done."""
    config, wanted = quiet
    with disk(tmp_path / folder, "size=64m,ro") as closed:
        command = ["run", config, "--executor", "sync"]
        command += ["--out", tmp_path / "out", "--work", tmp_path / "work"]
        done = gristmill(*command)
        assert refused(done) == (
            f"start: {closed}: Read-only file system: make it writable, or give another folder"
        )
        assert "screen" not in done.stderr
        mend(closed, "rw")
        assert gristmill(*command).returncode == 0
        assert sums(tmp_path / "out") == wanted


def test_a_file_that_may_not_grow(
    gristmill: Gristmill, quiet: tuple[Path, bytes], tmp_path: Path
) -> None:
    """A limit of the system is met like a full disk, also where nothing can be mounted."""
    config, wanted = quiet
    command = ["run", config, "--out", tmp_path, "--executor", "sync"]
    program = kills.PROGRAM
    words = " ".join(str(each) for each in (program, *command))
    done: Any = subprocess.run(
        ["sh", "-c", f"ulimit -f 40; exec {words}"], capture_output=True, text=True, check=False
    )
    assert NO_ROOM in refused(done)
    assert gristmill(*command).returncode == 0
    assert sums(tmp_path) == wanted


def test_an_output_folder_that_vanishes(
    gristmill: Gristmill, quiet: tuple[Path, bytes], tmp_path: Path
) -> None:
    config, wanted = quiet
    out, work = tmp_path / "out", tmp_path / "work"
    command = ["run", config, "--out", out, "--work", work, "--executor", "sync"]
    arguments = [str(each) for each in (kills.PROGRAM, *command)]
    with subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "survey: 6/6" in line:
                shutil.rmtree(out)
    assert process.returncode == 0
    assert sums(out) == wanted
    assert gristmill("verify", out / "m-1.0.0").returncode == 0
