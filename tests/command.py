"""The command line as a process of its own, which has loaded its modules, rules and kernels already.

A fork of a process that did is as good as a new one to whoever looks at what a command does, and starts
in a hundredth of the time; so are the workers of a run, forks of the same process. How a command starts
from nothing, with what Python reads then, and how it starts the process that its workers are forks of,
is told by new ones.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import forkserver, get_context, parent_process, resource_tracker
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from pipeline.cli.app import main

ROOT = Path(__file__).parents[1]
PROGRAM = Path(sys.executable).with_name("gristmill")
Done = subprocess.CompletedProcess[str]
# what Python and the libraries of the system read once, when a process starts
_READ_AT_START = ("PYTHON", "LC_", "LANG", "TZ", "NUMBA_", "DASK_", "OMP_")


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
        FORKING.start()
        self._said = Path(tempfile.mkdtemp())
        given = (arguments, self._said, environment, folder or Path.cwd())
        self._process = get_context("forkserver").Process(target=_run, args=given)
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


class _Forking:
    """The process that forks. It lives as long as this one: a run that ends would end it."""

    def __init__(self) -> None:
        self._kept: ForkServerProcess | None = None
        self._folders = [str(ROOT)]

    def start(self) -> None:
        """Start it, where it does not run, with its folders before all others on its path."""
        if self._kept is not None:
            return
        context = get_context("forkserver")
        context.set_forkserver_preload(["tests.loaded"])
        before = os.environ.get("PYTHONPATH")
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (*self._folders, before)))
        try:
            self._kept = context.Process(target=_stay, daemon=True)
            self._kept.start()
        finally:
            del os.environ["PYTHONPATH"]
            if before is not None:
                os.environ["PYTHONPATH"] = before

    def stop(self) -> None:
        """End it; no fork of it may run any more."""
        if self._kept is not None:
            self._kept.kill()
            self._kept.join()
            self._kept = None
        server: Any = forkserver._forkserver
        server._stop()

    @contextmanager
    def before_all(self, folder: Path) -> Iterator[None]:
        """Have it started with one more folder on its path while the block runs."""
        self.stop()
        self._folders.insert(0, str(folder))
        try:
            yield
        finally:
            self.stop()
            self._folders.pop(0)


FORKING = _Forking()


def _stay() -> None:
    """Give the process that forks a child until nobody is left who asks it for one."""
    parent = parent_process()
    assert parent is not None
    wait([parent.sentinel])


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
    server: Any = forkserver._forkserver
    server.ensure_running = resource_tracker.ensure_running  # it runs: this process is its fork
    sys.exit(main())


def is_read_at_start(environment: dict[str, str]) -> bool:
    """Tell whether something in the environment would mean nothing to a fork."""
    return any(name.startswith(_READ_AT_START) for name in environment)
