"""The command line as a process of its own, which has loaded its modules, rules and kernels already.

A fork of a process that did is as good as a new one to whoever looks at what a command does, and starts
in a hundredth of the time. What a command does when it starts, and what its workers do, is told by new ones.
"""

from __future__ import annotations

import os
import shutil
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


class Fork:
    """A fork of a process that has loaded all, which runs a command; what tests need of `Popen` of it."""

    def __init__(
        self, arguments: list[str], environment: dict[str, str], folder: Path | None = None
    ) -> None:
        """Start it, in the folder that is given or else in this process's."""
        context = get_context("forkserver")
        context.set_forkserver_preload(["pipeline.preloaded", "pipeline.cli.commands"])
        self._said = Path(tempfile.mkdtemp())
        given = (arguments, self._said, environment, folder or Path.cwd())
        self._process = context.Process(target=_run, args=given)
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        """Tell how it ended; `None` while it has not."""
        return self._process.exitcode

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Wait until it ends; return what it printed, once."""
        self._process.join(timeout)
        late = self._process.exitcode is None
        if late:
            self._process.kill()
            self._process.join()
        files = (self._said / name for name in ("out", "errors"))
        out, errors = (each.read_text("utf-8") if each.exists() else "" for each in files)
        shutil.rmtree(self._said)
        if late:
            raise subprocess.TimeoutExpired(PROGRAM, timeout or 0.0, out, errors)
        return out, errors


def forked(
    arguments: list[str],
    timeout: float,
    environment: dict[str, str],
    folder: Path | None = None,
) -> Done:
    """Run a fork of one that has loaded all."""
    fork = Fork(arguments, environment, folder)
    out, errors = fork.communicate(timeout)
    assert fork.returncode is not None
    return subprocess.CompletedProcess(arguments, fork.returncode, out, errors)


def _run(arguments: list[str], said: Path, environment: dict[str, str], folder: Path) -> None:
    for number, name in ((1, "out"), (2, "errors")):
        os.dup2(os.open(said / name, os.O_CREAT | os.O_WRONLY), number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = None  # the environment says where
    sys.path[:0] = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    sys.argv = [str(PROGRAM), *arguments]
    sys.exit(main())


def starts_workers(arguments: list[str]) -> bool:
    """Tell whether a command may start processes."""
    return bool(arguments) and arguments[0] in _RUNS and "sync" not in arguments


_RUNS = {"run", "demo", "dedup", "optout", "reproduce"}
