"""Ways to make a release on one machine, each as a function that ends with the same bytes or fails."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil

from tests.command import Fork
from tests.machines import GRISTMILL, ROOT, ended, wait
from tests.workers import workers_of

_NAPS = "0.1 0.8"
_MURDERS = 3


def start(config: Path, out: Path, *options: object, **environment: str) -> subprocess.Popen[str]:
    """Start the command over a config."""
    paths = os.pathsep.join(map(str, (ROOT, ROOT / "tests/naps")))
    return subprocess.Popen(
        [sys.executable, "-P", "-c", GRISTMILL, "run", config, "--out", out, *map(str, options)],
        env=os.environ | {"PYTHONPATH": paths} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def check(out: Path, sums: bytes) -> None:
    """See that the one release there is right, and that nothing half-made is left."""
    (release,) = (path for path in out.iterdir() if not path.name.startswith("."))
    assert (release / "SHA256SUMS").read_bytes() == sums
    (work,) = (out / ".work").iterdir()
    assert not list(out.glob(".*.partial"))
    assert not [name for name in ("tmp", "claims", "hung") if (work / name).exists()]


def workers(count: int, config: Path, out: Path, sums: bytes) -> None:
    """So many worker processes."""
    ended(start(config, out, "--executor", "local", "--workers", count))
    check(out, sums)


def in_any_order(seed: int, config: Path, out: Path, sums: bytes) -> None:
    """Every task waits for a time of its own, so that they end in another order."""
    naps = f"{seed} {_NAPS}"
    ended(start(config, out, "--executor", "local", "--workers", 3, TEST_NAPS=naps))
    check(out, sums)


def murders(seed: int, config: Path, out: Path, sums: bytes) -> None:
    """Three times some worker is killed in the middle of a task."""
    draw = random.Random(seed)
    naps = f"{seed} {_NAPS}"
    run = start(config, out, "--executor", "local", "--workers", 2, TEST_NAPS=naps)
    for number in range(_MURDERS):

        def so_far(least: int = number) -> bool:
            assert run.poll() is None, run.communicate()
            return len(list(out.glob(".work/*/screen/*/marker.json"))) > least

        wait(so_far)
        victims: list[psutil.Process] = []
        while not victims:
            victims = workers_of(run.pid)
        draw.choice(victims).send_signal(signal.SIGKILL)
    ended(run)
    check(out, sums)


def ranks(world: int, config: Path, out: Path, sums: bytes) -> None:
    """So many equal processes without a scheduler."""
    given = ["run", str(config), "--out", str(out), "--executor", "sync", f"--world={world}"]
    started = [Fork([*given, f"--rank={number}"], dict(os.environ)) for number in range(world)]
    for each in started:
        ended(each)
    check(out, sums)


Case = Callable[[Path, Path, bytes], None]
CASES: dict[str, Case] = {
    "1 worker": partial(workers, 1),
    "2 workers": partial(workers, 2),
    "4 workers": partial(workers, 4),
    "tasks that end in any order": partial(in_any_order, 1),
    "3 workers killed": partial(murders, 2),
    "3 ranks": partial(ranks, 3),
}
