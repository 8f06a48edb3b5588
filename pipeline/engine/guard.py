"""What a worker does around a task: refuse another program's, give a hung one up, leave interrupts alone.

A task that hangs often holds the interpreter lock, in a regular expression or a C library, so no
Python thread could stop it. The watchdog of `faulthandler` needs no lock: it writes where the task
stands, by file, line and function, and ends the process. The scheduler then sees a dead worker.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import os
import signal
import sys
from typing import TYPE_CHECKING, Final, NamedTuple, TextIO

from pipeline.engine.commit import execute
from pipeline.errors import ConfigError, FaultError, GristmillError, LostError, StorageError
from pipeline.storage import storage_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pipeline.engine.task import Task
    from pipeline.engine.work import Work

HUNG: Final = "hung"
_LEAST_SECONDS: Final = 600.0
_SLOWEST: Final = (
    50_000  # bytes a second: a twentieth of what the slowest phase does on a busy core
)
_UNWEIGHED_SECONDS: Final = 6 * 3600.0  # for a task that says nothing of its size
_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h


class Bounds(NamedTuple):
    """How long a task may take, in seconds, and how many tasks of a phase may fail by accident.

    Unset, a task may take far longer than any should, and as many as there are may fail.
    """

    timeout: float | None = None
    faults: int | None = None

    def exceeded(self, errors: Iterable[GristmillError]) -> bool:
        """Tell whether no more tasks should be started: after these errors others will fare no better."""
        accidents = 0
        for error in errors:
            if isinstance(error, StorageError):
                return True
            accidents += is_accident(error)
        return self.faults is not None and accidents > self.faults


def is_accident(error: GristmillError) -> bool:
    """Tell what befell a task from what it found: a record may be to blame, or chance."""
    return isinstance(error, LostError) or (isinstance(error, FaultError) and error.kind != "")


def deadline(task: Task, timeout: float | None) -> float:
    """Return after how many seconds a task counts as hung; `timeout` is what the command line says."""
    if timeout is not None:
        return timeout
    return _LEAST_SECONDS + task.weight / _SLOWEST if task.weight else _UNWEIGHED_SECONDS


def guarded(task: Task, fingerprint: str, root: Path, work: Work, limit: float) -> None:
    """Run a task on a worker; `fingerprint` is what the driver calls it, `limit` is in seconds.

    Raises:
        ConfigError: this worker has other code than the driver.
        LostError: the task hung here or elsewhere before.
        GristmillError: as `execute` does.
    """
    if task.fingerprint != fingerprint:
        raise ConfigError(
            f"{task.phase}: {task.name}: a worker has other code or packages: install the same everywhere"
        )
    with watched(task, work, limit):
        execute(task, root, work)


@contextlib.contextmanager
def watched(task: Task, work: Work, limit: float) -> Iterator[None]:
    """End this process when the block takes longer than `limit` seconds; a file says that it did.

    Raises:
        LostError: there is such a file already.
    """
    if before := hung(task, work):
        raise LostError(before)
    path = _trace(task, work)
    with _open_trace(task, path) as file:
        faulthandler.dump_traceback_later(limit, exit=True, file=file)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
            path.unlink(missing_ok=True)


def _open_trace(task: Task, path: Path) -> TextIO:
    """Open the file of a task that may hang.

    Raises:
        StorageError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("w")
    except OSError as error:
        folder = path.parent.parent
        fault = storage_error(f"{task.phase}: {task.name}", folder, error)
        raise fault or FaultError(f"{task.phase}: {task.name}: {error.strerror}") from None


def hung(task: Task, work: Work) -> str:
    """Say where a task hung, `""` if it did not."""
    try:
        trace = _trace(task, work).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    at = next((line.strip() for line in trace.splitlines() if line.startswith("  File")), "")
    return f"{task.phase}: {task.name}: it hung: {at}" if trace else ""


def _trace(task: Task, work: Work) -> Path:
    return work.path / HUNG / task.fingerprint


def die_with(parent: int) -> None:
    """End this process as soon as the process `parent` does, whatever it is at: nobody waits for it any more."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it is gone already
        os._exit(1)
