"""Dask as a thin executor of futures: tasks are submitted in a window and exchange data through files only.

The settings pinned here are those under which a killed
worker costs its own task and no other: with `worker-saturation` at 1.0 nothing queues on a worker
that may die, and work stealing and spilling are off because a task's data lies in files anyway.
"""

from __future__ import annotations

import logging
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import dask
from distributed import Client, LocalCluster, as_completed
from distributed.scheduler import KilledWorker

from pipeline.engine.secure import address_of, dask_config, security_of
from pipeline.engine.task import Marker, Task, execute, finished
from pipeline.errors import ConfigError, GristmillError
from pipeline.preflight import environment_digest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.engine.executor import Cluster, OnDone

SETTINGS = {
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.scheduler.allowed-failures": 3,
    "distributed.scheduler.work-stealing": False,
    "distributed.worker.profile.enabled": False,
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": 0.90,
    "distributed.worker.memory.terminate": 0.97,
    "distributed.comm.retry.count": 3,
    "distributed.comm.timeouts.connect": "60s",
    "distributed.comm.timeouts.tcp": "60s",
    "distributed.admin.large-graph-warning-threshold": "100MB",
}
_WINDOW_PER_WORKER = 3
_START_SECONDS = 120


class DaskExecutor:
    """Runs tasks on the workers of a Dask cluster."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def run(
        self, tasks: list[Task], root: Path, work: Path, on_done: OnDone
    ) -> list[GristmillError]:
        """Keep a few tasks a worker in flight; heavy ones first, so that none is left alone at the end."""
        waiting = sorted(enumerate(tasks), key=lambda item: (-item[1].weight, item[0]))
        waiting.reverse()
        window = _WINDOW_PER_WORKER * max(1, len(self._client.nthreads()))
        numbers: dict[str, int] = {}
        errors: dict[int, GristmillError] = {}
        flying = as_completed(loop=self._client.loop)

        def submit_next() -> None:
            if waiting:
                number, task = waiting.pop()
                key = f"{task.phase}-{task.fingerprint}-{number}"
                numbers[key] = number
                flying.add(self._client.submit(execute, task, root, work, key=key, pure=False))

        for _ in range(min(window, len(tasks))):
            submit_next()
        for future in flying:
            number = numbers[future.key]
            outcome = _outcome(future, tasks[number], work)
            future.release()
            if isinstance(outcome, GristmillError):
                errors[number] = outcome
            else:
                on_done(tasks[number], outcome)
            submit_next()
        return [errors[number] for number in sorted(errors)]


def _outcome(future: Any, task: Task, work: Path) -> Marker | GristmillError:
    if future.status not in {"finished", "error"}:
        return GristmillError(
            f"{task.phase}: {task.name}: {future.status} by the cluster: run again"
        )
    error = future.exception() if future.status == "error" else None
    if error is None:
        # the marker is read where it lies: a result may have died with its worker, and asking for it
        # would wait for that worker until every timeout has passed
        marker: Marker = finished(task, work) or future.result()
        return marker
    if isinstance(error, GristmillError):
        return error
    if isinstance(error, KilledWorker):
        return GristmillError(
            f"{task.phase}: {task.name}: the worker died each time it tried this task"
        )
    return GristmillError(f"{task.phase}: {task.name}: {type(error).__name__} in the cluster")


@contextmanager
def local_cluster(workers: int) -> Iterator[Client]:
    """Start one-thread worker processes on this machine; threads would fight over the interpreter lock."""
    with (
        dask.config.set(SETTINGS),
        LocalCluster(
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
    ):
        _await_workers(client, workers)
        yield client


@contextmanager
def connect(cluster: Cluster) -> Iterator[Client]:
    """Join a running cluster, after checking that its workers run the same code as this process.

    Raises:
        ConfigError: nobody answers, strangers could have answered, or other code lies there.
    """
    with dask_config(cluster.settings), dask.config.set(SETTINGS):
        scheduler = address_of(cluster)
        security = security_of(scheduler, cluster)
        try:
            client = Client(scheduler, timeout="30s", set_as_default=False, security=security)
        except (OSError, TimeoutError, ValueError) as error:
            raise ConfigError(f"start: no Dask scheduler answers at {scheduler}") from error
        with client:
            _await_workers(client, 1)
            refuse_strangers(client)
            yield client


def refuse_strangers(client: Client) -> None:
    """Refuse a cluster one of whose workers would run other code than this process."""
    digests = client.run(environment_digest)
    strangers = sorted(
        worker for worker, digest in digests.items() if digest != environment_digest()
    )
    if strangers:
        raise ConfigError(
            f"start: other code or packages on workers {', '.join(strangers)}: install the same"
        )


def _await_workers(client: Client, workers: int) -> None:
    try:
        client.wait_for_workers(workers, timeout=_START_SECONDS)
    except TimeoutError as error:
        raise ConfigError(f"start: no worker joined within {_START_SECONDS} s") from error


def leave_interrupts_to_the_driver() -> None:
    """In a worker: Ctrl-C reaches the whole process group, but the driver alone decides what stops."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
