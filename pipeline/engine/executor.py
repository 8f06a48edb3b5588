"""Run tasks: here and now (`sync`), on processes of this machine (`local`), or on a cluster (`dask`, `slurm`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, ParamSpec, Protocol, TypeVar

from pipeline.engine.commit import execute
from pipeline.engine.guard import Bounds
from pipeline.errors import GristmillError

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.engine.task import Task
    from pipeline.engine.work import Marker, Work

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

    def give_up(self, failures: list[Failure]) -> None:
        """Learn which tasks will not be tried again in this run."""
        ...

    def once(self, name: str, act: Callable[[], T]) -> T:
        """Do something in this process that only one of several that share a run must do."""
        ...

    def leave(self, work: Work) -> None:
        """Remove what machines that tasks ran on hold of a work folder in a store."""
        ...


class Solo:
    """What an executor is that shares its run with no other."""

    def give_up(self, failures: list[Failure]) -> None:
        """There is nobody to tell."""

    def once(self, name: str, act: Callable[[], T]) -> T:  # noqa: ARG002  there is nobody else to do it
        """Do it."""
        return act()

    def leave(self, work: Work) -> None:
        """Whoever holds the work folder removes what this machine has of it."""


class SyncExecutor(Solo):
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
