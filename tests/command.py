"""The command line as a process of its own, which has loaded its modules, rules and kernels already.

A fork of a process that did is as good as a new one to whoever looks at what a command does, and starts
in a hundredth of the time. What a command does when it starts, and what its workers do, is told by new ones.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from multiprocessing import get_context
from pathlib import Path

from pipeline.cli.app import main

PROGRAM = Path(sys.executable).with_name("gristmill")
Done = subprocess.CompletedProcess[str]


def started(arguments: list[str], timeout: float, environment: dict[str, str]) -> Done:
    """Run a new process."""
    return subprocess.run(
        [PROGRAM, *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        env=environment,
    )


def forked(arguments: list[str], timeout: float, environment: dict[str, str]) -> Done:
    """Run a fork of one that has loaded all."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["pipeline.preloaded", "pipeline.cli.commands"])
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        process = context.Process(target=_run, args=(arguments, folder, environment))
        process.start()
        process.join(timeout)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(arguments, timeout)
        out, errors = ((folder / name).read_text(encoding="utf-8") for name in ("out", "errors"))
        return subprocess.CompletedProcess(arguments, process.exitcode, out, errors)


def _run(arguments: list[str], folder: Path, environment: dict[str, str]) -> None:
    for number, name in ((1, "out"), (2, "errors")):
        os.dup2(os.open(folder / name, os.O_CREAT | os.O_WRONLY), number)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [str(PROGRAM), *arguments]
    sys.exit(main())


def starts_workers(arguments: list[str]) -> bool:
    """Tell whether a command may start processes."""
    return bool(arguments) and arguments[0] in _RUNS and "sync" not in arguments


_RUNS = {"run", "demo", "dedup", "optout", "reproduce"}
