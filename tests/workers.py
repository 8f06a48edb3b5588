"""The worker processes of a run on this machine, as the process table shows them."""

from __future__ import annotations

import psutil

_FORKING = "multiprocessing.forkserver"
_SPAWNED = "spawn_main"  # where workers are not forked


def workers_of(pid: int) -> list[psutil.Process]:
    """Find the processes that a run has started to work for it."""
    return [each for each in psutil.Process(pid).children(recursive=True) if _works(each)]


def _works(process: psutil.Process) -> bool:
    try:
        parent = process.parent()
        above = [] if parent is None else parent.cmdline()
        return any(_FORKING in part for part in above) or any(
            _SPAWNED in part for part in process.cmdline()
        )
    except psutil.NoSuchProcess:
        return False
