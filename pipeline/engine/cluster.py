"""Dask as a thin executor of futures: tasks are submitted in a window and exchange data through files only.

The settings pinned here are those under which a killed
worker costs its own task and no other: with `worker-saturation` at 1.0 nothing queues on a worker
that may die, and work stealing and spilling are off because a task's data lies in files anyway.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import dask
from distributed import Client, Future, LocalCluster, as_completed
from distributed.client import ClosedClientError
from distributed.scheduler import KilledWorker
from distributed.utils import LoopRunner

from pipeline.engine.commit import finished
from pipeline.engine.crew import NOTHING
from pipeline.engine.executor import NO_BOUNDS, Failure, Solo
from pipeline.engine.fleet import dismiss, muster
from pipeline.engine.guard import deadline, die_with, guarded, hung
from pipeline.engine.secure import address_of, dask_config, security_of
from pipeline.errors import ConfigError, FaultError, GristmillError, LostError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dask.typing import Key
    from tornado.ioloop import IOLoop

    from pipeline.engine.crew import Cluster, Needs
    from pipeline.engine.executor import OnDone
    from pipeline.engine.guard import Bounds
    from pipeline.engine.task import Task
    from pipeline.engine.work import Marker, Work

SETTINGS = {
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.scheduler.allowed-failures": 1,  # then it is tried alone (pipeline/faults.py)
    "distributed.scheduler.worker-ttl": "120s",
    "distributed.scheduler.work-stealing": False,
    "distributed.worker.profile.enabled": False,
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": 0.90,
    "distributed.worker.memory.terminate": 0.97,
    "distributed.comm.retry.count": 3,
    "distributed.comm.timeouts.connect": "60s",
    "distributed.comm.timeouts.tcp": "60s",
    # an idle cluster looks at itself 50 times a second, which costs 2 % of a core for each process
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "5s",
    # of what a screen frees more goes back to the system
    "distributed.nanny.pre-spawn-environ.MALLOC_ARENA_MAX": 1,
    "distributed.nanny.pre-spawn-environ.ARROW_DEFAULT_MEMORY_POOL": "system",
    "distributed.admin.large-graph-warning-threshold": "100MB",
}
_SITE = ("distributed.scheduler.worker-ttl",)  # which --dask-config may set
_WINDOW_PER_WORKER = 3
_COUNT_SECONDS = 5.0  # between two looks at how many workers there are
_START_SECONDS = 120
_PLAIN_PAGE = "/info/main/workers.html"
# for the process that clears semaphores away after one that was stopped
_CLEANED_IN_SILENCE = "ignore:resource_tracker"

# what Dask raises once a scheduler is gone, depending on how far its client has noticed
_GONE = (OSError, RuntimeError, TimeoutError, ValueError, ClosedClientError, CancelledError)

P = ParamSpec("P")
T = TypeVar("T")


class _Window:
    """How many tasks are in flight: a few for each worker, however many there are by now."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._size, self._counted = 0, -_COUNT_SECONDS

    def size(self) -> int:
        """Count the workers now and then."""
        if time.monotonic() - self._counted > _COUNT_SECONDS:
            workers = len(self._client.nthreads())
            self._size = _WINDOW_PER_WORKER * max(1, workers)
            self._counted = time.monotonic()
        return self._size


class DaskExecutor(Solo):
    """Runs tasks on the workers of a Dask cluster."""

    def __init__(self, client: Client) -> None:
        """Use the workers of a client."""
        self._client = client

    def run(
        self, tasks: list[Task], root: Path, work: Work, on_done: OnDone, bounds: Bounds = NO_BOUNDS
    ) -> list[Failure]:
        """Keep a few tasks a worker in flight; heavy ones first, so that none is left alone at the end."""
        waiting = sorted(enumerate(tasks), key=lambda item: (-item[1].weight, item[0]))
        waiting.reverse()
        window = _Window(self._client)
        numbers: dict[Key, int] = {}
        failures: dict[int, Failure] = {}
        flying = as_completed(loop=self._client.loop)

        def submit() -> None:
            try:
                while waiting and len(numbers) < window.size():
                    number, task = waiting[-1]
                    future = self._submit(number, task, root, work, bounds.timeout)
                    waiting.pop()
                    numbers[future.key] = number
                    flying.add(future)
            except _GONE:
                number, task = waiting[-1]
                failures[number] = Failure(task, _gone(task.phase))
                waiting.clear()

        submit()
        for future in flying:
            number = numbers.pop(future.key)
            try:
                on_done(tasks[number], _outcome(future, tasks[number], work))
            except GristmillError as error:
                failures[number] = Failure(tasks[number], error)
                if bounds.exceeded(each.error for each in failures.values()):
                    waiting.clear()
            finally:
                future.release()
            submit()
        return [failures[number] for number in sorted(failures)]

    def _submit(
        self, number: int, task: Task, root: Path, work: Work, timeout: float | None
    ) -> Future[None]:
        name = task.fingerprint
        key = f"{task.phase}-{name}-{number}"
        limit = deadline(task, timeout)
        return self._client.submit(guarded, task, name, root, work, limit, key=key, pure=False)

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call it on some worker."""
        try:
            result: T = self._client.submit(function, *args, **kwargs, pure=False).result()
        except CancelledError as error:
            raise _gone("start") from error
        except KilledWorker as error:
            raise LostError("start: the workers of the cluster die one after the other") from error
        return result

    @property
    def link(self) -> str | None:
        """The address of the scheduler's pages: the dashboard, or without bokeh a plain list of the workers."""
        try:
            link: str | None = self._client.dashboard_link
        except (KeyError, ValueError):  # the scheduler was told to have none
            return None
        if link is None or find_spec("bokeh") is not None:
            return link
        return link.removesuffix("/status") + _PLAIN_PAGE

    def leave(self, work: Work) -> None:
        """Remove the mirrors; a worker that is gone keeps its own, which its owner alone can read."""
        if work.store is not None:
            with suppress(*_GONE):
                self._client.run(work.forget_mirror, on_error="ignore")


def _gone(phase: str) -> GristmillError:
    """Say, for all tasks alike, that nobody will run them."""
    return GristmillError(
        f"{phase}: the cluster does not answer any more: is its scheduler gone?"
        " Start it and its workers, then run the same command again"
    )


def _outcome(future: Any, task: Task, work: Work) -> Marker:
    """Take the outcome of a task, or raise why there is none."""
    if future.status not in {"finished", "error"}:
        raise _gone(task.phase)
    error = future.exception() if future.status == "error" else None
    if error is None:
        # the marker is read where it lies: a result may have died with its worker, and asking for it
        # would wait for that worker until every timeout has passed
        marker = finished(task, work)
        if marker is None:
            raise FaultError(f"{task.phase}: {task.name}: its result is gone from the work folder")
        return marker
    if isinstance(error, GristmillError):
        raise error
    if isinstance(error, KilledWorker):
        raise LostError(
            hung(task, work)
            or f"{task.phase}: {task.name}: the worker died each time it tried this task"
        )
    raise FaultError(f"{task.phase}: {task.name}: {type(error).__name__} in the cluster")


@contextmanager
def local_cluster(workers: int) -> Iterator[Client]:
    """Start one-thread worker processes on this machine; threads would fight over the interpreter lock."""
    with (
        dask.config.set(SETTINGS),
        LocalCluster(
            loop=_undisturbed_loop(),
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
            memory_limit=0,
            preload=["pipeline.engine.quiet"],
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
        _ended_at_once(cluster),
    ):
        _await_workers(client, workers)
        yield client


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


@contextmanager
def mustered(client: Client, needs: Needs, settings: dict[str, Any] = SETTINGS) -> Iterator[None]:
    """Keep a cluster that is not started here to our program and settings while the block lasts.

    Raises:
        ConfigError: a worker that is there has another program, or does not see the files.
    """
    name = muster(client, settings, needs)
    try:
        yield
    finally:
        with suppress(*_GONE):
            dismiss(client, name)


@contextmanager
def connect(cluster: Cluster, needs: Needs = NOTHING) -> Iterator[Client]:
    """Join a running cluster, after checking that its workers run the same code as this process.

    Raises:
        ConfigError: nobody answers, strangers could have answered, or other code lies there.
    """
    with dask_config(cluster.settings) as own, dask.config.set(settings := settings_of(own)):
        scheduler = address_of(cluster)
        security = security_of(scheduler, cluster)
        try:
            client = Client(scheduler, timeout="30s", set_as_default=False, security=security)
        except (OSError, TimeoutError, ValueError) as error:
            raise ConfigError(f"start: no Dask scheduler answers at {scheduler}") from error
        with _silent(), client:
            _await_workers(client, 1)
            with mustered(client, needs, settings):
                yield client


@contextmanager
def _silent() -> Iterator[None]:
    """Keep Dask's own log off the screen: a scheduler that dies fills it with tracebacks, and we say so in a line."""
    known = [name for name in logging.root.manager.loggerDict if name.startswith("distributed")]
    before = {logging.getLogger(name): logging.getLogger(name).level for name in known}
    try:
        for logger in before:
            logger.setLevel(logging.CRITICAL + 1)
        yield
    finally:
        for logger, level in before.items():
            logger.setLevel(level)


def settings_of(own: dict[str, Any]) -> dict[str, Any]:
    """Return the settings, with what a file of Dask's own says of those that are a matter of the site's network."""
    said = {name: dask.config.get(name, None, config=own) for name in _SITE}
    return SETTINGS | {name: value for name, value in said.items() if value is not None}


def _await_workers(client: Client, workers: int) -> None:
    try:
        client.wait_for_workers(workers, timeout=_START_SECONDS)
    except TimeoutError as error:
        raise ConfigError(f"start: no worker joined within {_START_SECONDS} s") from error


def leave_interrupts_to_the_driver() -> None:
    """In a worker: Ctrl-C reaches the whole process group, but the driver alone decides what stops."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with(os.getppid())
