"""Join a Dask cluster and keep it to our settings.

These are the ones under which a killed worker costs its own task and no other: with
`worker-saturation` at 1.0 nothing queues on a worker that may die, and work stealing and spilling
are off because a task's data lies in files anyway.
"""

from __future__ import annotations

import logging
import threading
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import dask
from distributed import Client
from distributed.client import ClosedClientError

from pipeline.engine.crew import NOTHING
from pipeline.engine.fleet import dismiss, muster
from pipeline.engine.secure import address_of, dask_config, security_of
from pipeline.errors import ConfigError
from pipeline.terminal import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.engine.crew import Cluster, Needs

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
    # a worker that takes longer to start again on a busy machine would be given up for good
    "distributed.deploy.lost-worker-timeout": "600s",
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
_START_SECONDS = 120
_LOOK_SECONDS = 5.0  # between two looks at how many workers there are

# what Dask raises once a scheduler is gone, depending on how far its client has noticed
GONE = (OSError, RuntimeError, TimeoutError, ValueError, ClosedClientError, CancelledError)


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
        with suppress(*GONE):
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
            await_workers(client, 1)
            with mustered(client, needs, settings), _told_when_alone(client):
                yield client


@contextmanager
def _told_when_alone(client: Client) -> Iterator[None]:
    """Say when the last worker is gone: the run waits for another, for as long as it takes."""
    ended = threading.Event()

    def watch() -> None:
        alone = False
        while not ended.wait(_LOOK_SECONDS):
            try:
                before, alone = alone, not client.nthreads()
            except GONE:
                return
            if alone and not before:
                say("dask: no worker is left: the run waits until one joins", error=True)

    watcher = threading.Thread(target=watch, name="workers", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


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


def await_workers(client: Client, workers: int) -> None:
    """Wait until so many have joined.

    Raises:
        ConfigError: they do not come.
    """
    try:
        client.wait_for_workers(workers, timeout=_START_SECONDS)
    except TimeoutError as error:
        raise ConfigError(f"start: no worker joined within {_START_SECONDS} s") from error
