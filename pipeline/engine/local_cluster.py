"""Worker processes of this machine, which end with the run and take no notice of Ctrl-C."""

from __future__ import annotations

import logging
import os
import signal
import sys
from contextlib import contextmanager, suppress
from multiprocessing import forkserver, resource_tracker
from tempfile import gettempdir
from typing import TYPE_CHECKING, Any

import dask
import psutil
from distributed import Client, LocalCluster, Status
from distributed.utils import LoopRunner, get_mp_context
from tornado.ioloop import PeriodicCallback

from pipeline.engine.cluster import SETTINGS, await_workers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tornado.ioloop import IOLoop


# bytes of the folder for temporary files: a socket in it is named in 107 (unix(7)), 32 of them Python's own
_LONGEST_FOLDER = 75
# the second is named, not imported: all that it loads stands above this package
_PRELOADED = ["distributed", "pipeline.preloaded"]
_LOOK_SECONDS = 2.0  # between two looks at the workers
_GIVEN_UP = {Status.closing, Status.closed, Status.failed}
# for the process that clears semaphores away after one that was stopped
_CLEANED_IN_SILENCE = "ignore:resource_tracker"


@contextmanager
def local_cluster(workers: int) -> Iterator[Client]:
    """Start one-thread worker processes on this machine; threads would fight over the interpreter lock."""
    loop = _undisturbed_loop()
    with (
        dask.config.set(SETTINGS | _ways_to_start()),
        LocalCluster(
            loop=loop,
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
            memory_limit=0,
            preload=["pipeline.engine.quiet"],
            env=dict(os.environ),  # as it is now: the process that forks may be older
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
        _ended_at_once(cluster),
        _kept(cluster, workers, loop),
    ):
        await_workers(client, workers)
        yield client
    _end_forking()


def _ways_to_start() -> dict[str, str]:
    """Have workers forked from a process that has loaded what they need, and does nothing else."""
    method = "distributed.worker.multiprocessing-method"
    if not _forked():
        return {method: "spawn"}
    with dask.config.set({method: "forkserver"}):
        get_mp_context().set_forkserver_preload(_PRELOADED)  # instead of what Dask puts there
    return {method: "forkserver"}


def _forked() -> bool:
    """Tell whether workers are forked: elsewhere than on Linux, libraries of the system do not outlive it."""
    return sys.platform == "linux" and len(os.fsencode(gettempdir())) <= _LONGEST_FOLDER


def _end_forking() -> None:
    """End the process that forks, unless another cluster of this process has workers that it waits for.

    It would stay as long as this process, and what its forks have used would be counted nowhere.
    """
    server: Any = forkserver._forkserver  # noqa: SLF001  there is no public way
    with suppress(psutil.NoSuchProcess):
        pid = server._forkserver_pid  # noqa: SLF001  likewise
        if pid is not None and not psutil.Process(pid).children():
            server._stop()  # noqa: SLF001  likewise


def _undisturbed_loop() -> IOLoop:
    """Start the loop that starts worker processes; they inherit that interrupts do not reach it.

    Ctrl-C reaches the whole process group, also a worker that is still loading and cannot say no.
    """
    if _CLEANED_IN_SILENCE not in sys.warnoptions:
        sys.warnoptions.append(_CLEANED_IN_SILENCE)
    resource_tracker.ensure_running()  # the first to start a process would let them through again
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        runner = LoopRunner(asynchronous=False)
        runner.start()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    loop: IOLoop = runner.loop
    return loop


@contextmanager
def _kept(cluster: LocalCluster, workers: int, loop: IOLoop) -> Iterator[None]:
    """Start a worker anew whose nanny has given it up while the block runs.

    A nanny starts its worker again, but not one that dies in the moment in which it is told of its
    start: then it closes, and tasks would wait for ever for a worker that does not come.
    """

    def keep() -> None:
        for name, nanny in list(cluster.workers.items()):
            if nanny.status in _GIVEN_UP:
                del cluster.workers[name]
        cluster.scale(workers)  # what is missing is started

    callback = PeriodicCallback(keep, _LOOK_SECONDS * 1000)
    loop.add_callback(callback.start)
    try:
        yield
    finally:
        loop.add_callback(callback.stop)


@contextmanager
def _ended_at_once(cluster: LocalCluster) -> Iterator[None]:
    """Kill the workers when the run is stopped: asked to close, they would end the task in hand first."""
    try:
        yield
    except KeyboardInterrupt:
        for nanny in cluster.workers.values():
            nanny.auto_restart = False
            if nanny.pid:
                with suppress(ProcessLookupError):
                    os.kill(nanny.pid, signal.SIGKILL)
        raise
