"""Run tasks: here and now (`sync`), on worker processes of this machine (`local`) or on a cluster (`dask`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Literal, NamedTuple, ParamSpec, Protocol, TypeVar

from pipeline.engine.alone import run_apart
from pipeline.engine.commit import execute
from pipeline.engine.guard import Bounds, deadline
from pipeline.errors import ConfigError, GristmillError

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.engine.task import Task
    from pipeline.engine.work import Marker, Work

ExecutorName = Literal["sync", "local", "dask"]
P = ParamSpec("P")
T = TypeVar("T")


class Failure(NamedTuple):
    """A task that failed, and why."""

    task: Task
    error: GristmillError


OnDone = Callable[["Task", "Marker"], None]
NO_BOUNDS = Bounds()


class Executor(Protocol):
    """Runs tasks in any order and reports each as it ends; the outputs do not depend on which executor it is."""

    def run(
        self, tasks: list[Task], root: Path, work: Work, on_done: OnDone, bounds: Bounds = NO_BOUNDS
    ) -> list[Failure]:
        """Run all tasks; return those that failed, in the order of the tasks.

        One that fails does not stop the others, until the bounds are exceeded.
        """
        ...

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call something once where tasks run."""
        ...


class SyncExecutor:
    """One task after the other in this process: for tests, debugging and small jobs."""

    def run(
        self, tasks: list[Task], root: Path, work: Work, on_done: OnDone, bounds: Bounds = NO_BOUNDS
    ) -> list[Failure]:
        """Run all tasks."""
        failures: list[Failure] = []
        for task in tasks:
            try:
                on_done(task, execute(task, root, work))
            except GristmillError as error:
                failures.append(Failure(task, error))
                if bounds.exceeded(each.error for each in failures):
                    break
        return failures

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call it here."""
        return function(*args, **kwargs)


class LocalExecutor:
    """Worker processes of this machine, started when there is more to do than one task."""

    def __init__(self, workers: int, stack: ExitStack) -> None:
        self._workers = workers
        self._stack = stack
        self._started: Executor | None = None

    def run(
        self, tasks: list[Task], root: Path, work: Work, on_done: OnDone, bounds: Bounds = NO_BOUNDS
    ) -> list[Failure]:
        """Run all tasks: on the workers, or a single one here, for they take longer to start than they would save.

        A single one that reads records, which may end the process that reads them, gets one of its own.
        """
        if self._started is None and len(tasks) <= 1:
            if any(task.reads_records for task in tasks):
                return _run_apart(tasks[0], root, work, on_done, bounds)
            return SyncExecutor().run(tasks, root, work, on_done, bounds)
        if self._started is None:
            self._started = self._stack.enter_context(_local(self._workers))
        return self._started.run(tasks, root, work, on_done, bounds)

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call it on a worker, or here while there is none."""
        return (self._started or SyncExecutor()).call(function, *args, **kwargs)


def _run_apart(
    task: Task, root: Path, work: Work, on_done: OnDone, bounds: Bounds
) -> list[Failure]:
    try:
        on_done(task, run_apart(task, root, work, deadline(task, bounds.timeout)))
    except GristmillError as error:
        return [Failure(task, error)]
    return []


@contextmanager
def _local(workers: int) -> Iterator[Executor]:
    # importing distributed costs most of a second, so only who uses it pays
    from pipeline.engine.cluster import DaskExecutor, local_cluster  # noqa: PLC0415

    with local_cluster(workers) as client:
        yield DaskExecutor(client)


@contextmanager
def open_executor(name: ExecutorName, workers: int, scheduler: str | None) -> Iterator[Executor]:
    """Start the executor that the command line asks for, and stop it at the end."""
    if scheduler is not None and name != "dask":
        raise ConfigError("start: --scheduler goes with --executor dask")
    if name == "dask" and scheduler is None:
        raise ConfigError(
            "start: --executor dask needs --scheduler ADDRESS, as in tcp://127.0.0.1:8786"
        )
    if name == "sync":
        yield SyncExecutor()
        return
    if scheduler is None:
        with ExitStack() as stack:
            yield LocalExecutor(workers, stack)
        return
    from pipeline.engine.cluster import DaskExecutor, connect  # noqa: PLC0415  as above

    with connect(scheduler) as client:
        yield DaskExecutor(client)
