"""A run that is stopped at any time ends at once, and is gone on with as if nothing had been."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks import kills
from tests.conftest import Gristmill

pytestmark = pytest.mark.timeout(900)  # several runs each


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory, gristmill: Gristmill) -> kills.Campaign:
    """A corpus, the checksums of its release, and about how long a run of it takes."""
    root = tmp_path_factory.mktemp("quiet")
    config = kills.make_corpus(root / "corpus")
    # what is compiled once a machine is no part of how long a run takes
    gristmill("run", config, "--out", root / "first", "--executor", "sync")
    began = time.monotonic()
    options = ("--executor", "local", "--workers", "2")
    done = gristmill("run", config, "--out", root / "out", *options, anew=True)
    assert done.returncode == 0, done.stderr
    sums = (root / "out/m-1.0.0/SHA256SUMS").read_bytes()
    longest = time.monotonic() - began
    return kills.Campaign(config, root, sums, longest, random.Random(8))


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_stopped_and_gone_on_with(quiet: kills.Campaign, name: str) -> None:
    """No finished task is run again, nothing half-made is left, the bytes are the same."""
    struck, problems = quiet.run(signal.Signals[name], 2)
    assert len(struck) == 2
    # how long it takes is for the benchmark to tell: a machine that is busy takes its time
    assert [each for each in problems if not each.endswith("s to end")] == []


@pytest.mark.parametrize("group", [False, True])
def test_an_impatient_person_is_told_once(
    quiet: kills.Campaign, tmp_path: Path, group: bool
) -> None:
    """More signals while the run ends change nothing."""
    arguments = kills.command(quiet.config, tmp_path / "out", "local")
    blow = kills.Strike(signal.SIGINT, 3.0, group)
    struck = kills.strike(arguments, tmp_path / "out", blow, again=5)
    assert struck is not None
    assert struck.code == 130
    assert len(struck.said) == 1
    assert struck.left == ()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_comes_when_all_is_done_comes_too_late(number: signal.Signals, tmp_path: Path) -> None:
    """Between the end of a command and the end of its process the exit code stays what it is."""
    code = (
        "import signal, sys; from pipeline.cli.app import main; code = main();"
        f" signal.raise_signal({int(number)}); sys.exit(code)"
    )
    command = [sys.executable, "-c", code, "status", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(f"status: {tmp_path}: is no ")
    assert len(done.stderr.splitlines()) == 1
