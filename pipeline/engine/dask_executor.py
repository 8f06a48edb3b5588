"""Dask as a thin executor of futures: tasks are submitted in a window and exchange data through files only."""

from __future__ import annotations

import time
from concurrent.futures import CancelledError
from contextlib import suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from distributed import Client, Future, as_completed
from distributed.scheduler import KilledWorker

from pipeline.engine.cluster import GONE
from pipeline.engine.commit import finished
from pipeline.engine.executor import NO_BOUNDS, Failure, Solo
from pipeline.engine.guard import deadline, guarded, hung
from pipeline.errors import FaultError, GristmillError, LostError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dask.typing import Key

    from pipeline.engine.executor import OnDone
    from pipeline.engine.guard import Bounds
    from pipeline.engine.task import Task
    from pipeline.engine.work import Marker, Work

_WINDOW_PER_WORKER = 3
_COUNT_SECONDS = 5.0  # between two looks at how many workers there are
_PLAIN_PAGE = "/info/main/workers.html"

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
            except GONE:
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
            with suppress(*GONE):
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
