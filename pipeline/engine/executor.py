"""Run tasks: here and now (`sync`), on worker processes of this machine (`local`) or on a cluster (`dask`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Literal, Protocol

from pipeline.engine.task import Marker, Task, execute, finished
from pipeline.errors import ConfigError, GristmillError

if TYPE_CHECKING:
    from pathlib import Path

ExecutorName = Literal["sync", "local", "dask"]
OnDone = Callable[[Task, Marker], None]


class Executor(Protocol):
    """Runs tasks in any order and reports each as it ends; the outputs do not depend on which executor it is."""

    def run(
        self, tasks: list[Task], root: Path, work: Path, on_done: OnDone
    ) -> list[GristmillError]:
        """Run all tasks; return the errors of those that failed, in the order of the tasks."""
        ...


class SyncExecutor:
    """One task after the other in this process: for tests, debugging and small jobs."""

    def run(
        self, tasks: list[Task], root: Path, work: Path, on_done: OnDone
    ) -> list[GristmillError]:
        """Run all tasks; one that fails does not stop the others."""
        errors = []
        for task in tasks:
            try:
                on_done(task, execute(task, root, work))
            except GristmillError as error:
                errors.append(error)
        return errors


class LocalExecutor:
    """Worker processes of this machine, started when there is more to do than one task."""

    def __init__(self, workers: int, stack: ExitStack) -> None:
        self._workers = workers
        self._stack = stack
        self._started: Executor | None = None

    def run(
        self, tasks: list[Task], root: Path, work: Path, on_done: OnDone
    ) -> list[GristmillError]:
        """Run all tasks: on the workers, or here what an earlier run has left but for one."""
        if self._started is None and self._is_little(tasks, work):
            return SyncExecutor().run(tasks, root, work, on_done)
        if self._started is None:
            self._started = self._stack.enter_context(_local(self._workers))
        return self._started.run(tasks, root, work, on_done)

    @staticmethod
    def _is_little(tasks: list[Task], work: Path) -> bool:
        """Tell whether one task at most is not done: workers take longer to start than they would save."""
        left = (task for task in tasks if finished(task, work) is None)
        return next(left, None) is None or next(left, None) is None


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
