"""The fleet: every worker of a cluster runs this program and no other, under the settings that it relies on.

A scheduler and workers that somebody else has started have settings of their own, and workers join
while a run goes on. So the settings are put in force on what is there, and each worker that joins is
asked for its digest of code and packages before it is given a task.
"""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING, Any

import dask
from distributed import WorkerPlugin

from pipeline.dedup import warm
from pipeline.errors import ConfigError
from pipeline.keys import forget, lend
from pipeline.plugins import missing
from pipeline.preflight import environment_digest

if TYPE_CHECKING:
    from distributed import Client, Worker

    from pipeline.engine.crew import Needs


class Fleet(WorkerPlugin):
    """Sees to each worker, those there and those to come. `digest` is the driver's.

    Keys are lent to workers with our program alone.
    """

    def __init__(self, digest: str, settings: dict[str, Any], needs: Needs) -> None:
        self._digest = digest
        self._settings = settings
        self._needs = needs
        self._run = uuid.uuid4().hex  # a cluster may work for several runs
        self.name = f"gristmill-fleet-{self._run}"

    async def setup(self, worker: Worker) -> None:
        """Put the settings in force, or have a worker with another program leave; it is given no task before."""
        dask.config.set(self._settings)
        memory = worker.memory_manager
        memory.memory_target_fraction = self._settings["distributed.worker.memory.target"]
        memory.memory_spill_fraction = self._settings["distributed.worker.memory.spill"]
        memory.memory_pause_fraction = self._settings["distributed.worker.memory.pause"]
        problem = "other code or packages than the driver's"
        if environment_digest() == self._digest:
            problem = "" if sees(self._needs) else "does not see the driver's files"
            problem = problem or "; ".join(await asyncio.to_thread(missing, self._needs.plugins))
        if problem:
            # not awaited: a worker cannot close before it has been set up
            leave = worker.close(reason=problem, nanny=True)
            asyncio.get_running_loop().call_soon(asyncio.ensure_future, leave)
        else:
            lend(self._run, dict(self._needs.keys))
            await asyncio.to_thread(warm)  # its machine may have compiled nothing yet

    def teardown(self, worker: Worker) -> None:  # noqa: ARG002  as distributed calls it
        """Forget the keys: the cluster is not ours any more."""
        forget(self._run)


def sees(needs: Needs) -> bool:
    """Tell whether a machine sees all files that it must."""
    return all(path.exists() for path in needs.files)


def muster(client: Client, settings: dict[str, Any], needs: Needs) -> str:
    """Bring all of a cluster under the settings, give it what it needs, and keep strangers out; return what to dismiss.

    Raises:
        ConfigError: a worker that is there has another program or other plug-ins, or does not see the files.
    """
    digests = client.run(environment_digest, on_error="return")
    strangers = sorted(
        worker for worker, digest in digests.items() if digest != environment_digest()
    )
    if strangers:
        raise ConfigError(
            f"start: other code or packages on workers {', '.join(strangers)}: install the same"
        )
    seeing = client.run(sees, needs._replace(keys=()), on_error="return")
    blind = sorted(worker for worker, answer in seeing.items() if answer is not True)
    if blind:
        raise ConfigError(
            f"start: the inputs or the work folder are not to be seen from workers {', '.join(blind)}:"
            " share one folder between all machines, or have both in a store (s3://)"
        )
    _refuse_without_plugins(client, needs)
    client.run_on_scheduler(_pin(), settings=settings)  # type: ignore[no-untyped-call]  # as distributed has it
    fleet = Fleet(environment_digest(), settings, needs)
    client.register_plugin(fleet, name=fleet.name)
    return fleet.name


def _refuse_without_plugins(client: Client, needs: Needs) -> None:
    found = client.run(missing, needs.plugins, on_error="return") if needs.plugins else {}
    lacking: dict[str, list[str]] = {}
    for worker, problems in sorted(found.items()):
        for problem in problems if isinstance(problems, list) else ["its plug-ins cannot be told"]:
            lacking.setdefault(problem, []).append(worker)
    if lacking:
        told = (f"start: on workers {', '.join(on)}: {problem}" for problem, on in lacking.items())
        raise ConfigError("\n".join(told))


def dismiss(client: Client, name: str) -> None:
    """Let workers with other programs join again: the cluster is not ours."""
    client.unregister_worker_plugin(name)  # type: ignore[no-untyped-call]  # likewise


def _pin() -> Any:
    """Make a function that goes to the scheduler by value: this package need not be installed there."""

    async def pin(dask_scheduler: Any, settings: dict[str, Any]) -> None:
        import dask as there  # noqa: PLC0415  in the scheduler's process
        from dask.utils import parse_timedelta  # noqa: PLC0415  likewise

        there.config.set(settings)
        dask_scheduler.WORKER_SATURATION = settings["distributed.scheduler.worker-saturation"]
        dask_scheduler.allowed_failures = settings["distributed.scheduler.allowed-failures"]
        seconds = parse_timedelta(settings["distributed.scheduler.worker-ttl"])
        dask_scheduler.worker_ttl = seconds
        look = dask_scheduler.periodic_callbacks.get("worker-ttl")
        if look is not None:
            look.callback_time = seconds * 1000 / 4
        stealing = dask_scheduler.extensions.get("stealing")
        if stealing is not None:
            await stealing.stop()

    return pin
