"""Run tasks: here and now (`sync`), on worker processes of this machine (`local`) or on a cluster (`dask`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, Protocol

from pipeline.engine.task import Marker, Task, execute
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
    # importing distributed costs most of a second, so only who uses it pays
    from pipeline.engine.cluster import DaskExecutor, connect, local_cluster  # noqa: PLC0415

    opened = local_cluster(workers) if scheduler is None else connect(scheduler)
    with opened as client:
        yield DaskExecutor(client)
