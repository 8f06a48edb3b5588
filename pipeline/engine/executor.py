"""Run tasks: here and now (`sync`), on processes of this machine (`local`), or on a cluster (`dask`, `slurm`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from pipeline.engine.task import Marker, Task, execute, finished
from pipeline.errors import ConfigError, GristmillError

if TYPE_CHECKING:
    from pathlib import Path

ExecutorName = Literal["sync", "local", "dask", "slurm"]
OnDone = Callable[[Task, Marker], None]


class Tls(NamedTuple):
    """PEM files: whom to trust, and what to show to be trusted."""

    ca: Path
    cert: Path
    key: Path


class Cluster(NamedTuple):
    """How to reach a cluster or to ask for one; none of it changes a byte of what tasks write.

    `settings` is a YAML file of Dask's own; without `tls`, Dask's own config may name the files.
    """

    scheduler: str | None = None
    scheduler_file: Path | None = None
    tls: Tls | None = None
    insecure: bool = False
    settings: Path | None = None


HERE = Cluster()  # no cluster but this machine


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
def open_executor(
    name: ExecutorName, workers: int, cluster: Cluster, work: Path
) -> Iterator[Executor]:
    """Start the executor that the command line asks for, and stop it at the end.

    Jobs that are started in a queue leave their logs in the folder `work`.

    Raises:
        ConfigError: the options do not go together, or there is no such cluster.
    """
    _refuse_strays(name, cluster)
    if name == "sync":
        yield SyncExecutor()
        return
    with ExitStack() as stack:
        if name == "local":
            yield LocalExecutor(workers, stack)
            return
        from pipeline.engine.cluster import DaskExecutor, connect  # noqa: PLC0415  as above

        if name == "dask":
            client = stack.enter_context(connect(cluster))
        else:
            from pipeline.engine.slurm import slurm_cluster  # noqa: PLC0415  likewise

            client = stack.enter_context(slurm_cluster(workers, cluster, work))
        yield DaskExecutor(client)


def _refuse_strays(name: ExecutorName, cluster: Cluster) -> None:
    """Refuse an option that the executor would not look at: whoever gives one relies on it."""
    given = {
        "--scheduler": cluster.scheduler,
        "--scheduler-file": cluster.scheduler_file,
        "--insecure": cluster.insecure or None,
        "--tls-ca, --tls-cert and --tls-key": cluster.tls,
        "--dask-config": cluster.settings,
    }
    for option, value in given.items():
        takers = ("dask", "slurm") if option == "--dask-config" else ("dask",)
        if value is not None and name not in takers:
            wanted = " or ".join(f"--executor {taker}" for taker in takers)
            verb = "go" if " and " in option else "goes"
            raise ConfigError(f"start: {option} {verb} with {wanted}")
    if name == "dask" and (cluster.scheduler is None) == (cluster.scheduler_file is None):
        raise ConfigError(
            "start: --executor dask needs --scheduler ADDRESS, as in tcp://127.0.0.1:8786,"
            " or --scheduler-file FILE"
        )
