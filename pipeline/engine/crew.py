"""The crew: which executor runs the tasks, with how many workers and where, as the command line says.

None of it changes a byte of what tasks write.
"""

from __future__ import annotations

import uuid
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Literal, NamedTuple, ParamSpec, TypeVar

from pipeline.engine.alone import run_apart
from pipeline.engine.executor import NO_BOUNDS, Failure, Solo, SyncExecutor
from pipeline.engine.guard import Bounds, deadline
from pipeline.engine.work import PROBE
from pipeline.errors import ConfigError, GristmillError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from manifests.manifest import Plugin
    from pipeline.engine.executor import Executor, OnDone
    from pipeline.engine.task import Task
    from pipeline.engine.work import Work

ExecutorName = Literal["sync", "local", "dask", "slurm"]
P = ParamSpec("P")
T = TypeVar("T")


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


class Needs(NamedTuple):
    """What machines of a cluster need of the driver's: keys by their ids, files that they must see, plug-ins."""

    keys: tuple[tuple[str, bytes], ...] = ()
    files: tuple[Path, ...] = ()
    plugins: tuple[Plugin, ...] = ()

    def __repr__(self) -> str:  # a log never shows a key
        return f"Needs({len(self.keys)} keys, {len(self.files)} files, {len(self.plugins)} plugins)"


NOTHING = Needs()


class Rank(NamedTuple):
    """Which of how many equal processes this is; from 0 on."""

    number: int
    world: int


class Crew(NamedTuple):
    """Who runs the tasks. `timeout` is after how many seconds one counts as hung; unset, its size decides."""

    name: ExecutorName = "local"
    workers: int = 1
    cluster: Cluster = HERE
    timeout: float | None = None
    rank: Rank | None = None


SYNC = Crew("sync")  # this process, one task after the other
LOCAL = Crew()  # one worker process of this machine


class LocalExecutor(Solo):
    """Worker processes of this machine, started when there is more to do than one task."""

    def __init__(self, crew: Crew, stack: ExitStack) -> None:
        self._crew = crew
        self._stack = stack
        self._started: Executor | None = None

    def run(
        self, tasks: list[Task], root: Path, work: Work, on_done: OnDone, bounds: Bounds = NO_BOUNDS
    ) -> list[Failure]:
        """Run all tasks: on the workers, or a single one here, for they take longer to start than they would save.

        A single one that reads records, which may end the process that reads them, gets one of its own.
        """
        if self._started is None and len(tasks) <= 1 and self._crew.rank is None:
            if any(task.reads_records for task in tasks):
                return _run_apart(tasks[0], root, work, on_done, bounds)
            return SyncExecutor().run(tasks, root, work, on_done, bounds)
        if self._started is None:
            self._started = self._stack.enter_context(_local(self._crew))
        return self._started.run(tasks, root, work, on_done, bounds)

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call it on a worker, or here while there is none."""
        return (self._started or SyncExecutor()).call(function, *args, **kwargs)

    @property
    def link(self) -> str | None:
        """The address of the dashboard, once there are workers."""
        return None if self._started is None else self._started.link


def _run_apart(
    task: Task, root: Path, work: Work, on_done: OnDone, bounds: Bounds
) -> list[Failure]:
    try:
        on_done(task, run_apart(task, root, work, deadline(task, bounds.timeout)))
    except GristmillError as error:
        return [Failure(task, error)]
    return []


@contextmanager
def _local(crew: Crew) -> Iterator[Executor]:
    # importing distributed costs most of a second, so only who uses it pays
    from pipeline.engine.dask_executor import DaskExecutor  # noqa: PLC0415
    from pipeline.engine.local_cluster import local_cluster  # noqa: PLC0415

    with local_cluster(crew.workers) as client:
        yield DaskExecutor(client)


@contextmanager
def open_executor(crew: Crew, work: Work, needs: Needs = NOTHING) -> Iterator[Executor]:
    """Start the executor that the command line asks for, and stop it at the end.

    `needs` is for other machines; processes of this one have it all.

    Raises:
        ConfigError: the options do not go together, or there is no such cluster.
    """
    _refuse_strays(crew)
    with ExitStack() as stack:
        executor = _open(crew, work, needs, stack)
        stack.callback(executor.leave, work)
        if crew.rank is None:
            yield executor
            return
        from pipeline.engine.ranks import Board, RankExecutor  # noqa: PLC0415  as above

        board = Board(work, *crew.rank)
        with board.beating():
            yield RankExecutor(executor, board, crew.workers)


def _open(crew: Crew, work: Work, needs: Needs, stack: ExitStack) -> Executor:
    """Start it until the stack is unwound; jobs of a queue leave their logs in the work folder."""
    if crew.name == "sync":
        return SyncExecutor()
    if crew.name == "local":
        return LocalExecutor(crew, stack)
    from pipeline.engine.cluster import connect  # noqa: PLC0415  as above
    from pipeline.engine.dask_executor import DaskExecutor  # noqa: PLC0415  likewise

    if work.store is None:
        needs = needs._replace(files=(*needs.files, stack.enter_context(_probe(work))))
    if crew.name == "dask":
        return DaskExecutor(stack.enter_context(connect(crew.cluster, needs)))
    from pipeline.engine.slurm import slurm_cluster  # noqa: PLC0415  likewise

    cluster = slurm_cluster(crew.workers, crew.cluster, work.path, needs)
    client = stack.enter_context(cluster)
    return DaskExecutor(client)


@contextmanager
def _probe(work: Work) -> Iterator[Path]:
    """Put something into a work folder that all machines must see.

    It lies at the top, where a network's file system cannot remember that a name was not there.
    """
    path = work.path / f"{PROBE}-{uuid.uuid4().hex}"
    try:
        path.mkdir(parents=True)
    except OSError as error:
        raise ConfigError(f"start: {work.path}: cannot be written: {error.strerror}") from error
    try:
        yield path
    finally:
        with suppress(OSError):
            path.rmdir()


def _refuse_strays(crew: Crew) -> None:
    """Refuse an option that the executor would not look at: whoever gives one relies on it."""
    name, cluster = crew.name, crew.cluster
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
    if crew.rank is not None and name in {"dask", "slurm"}:
        raise ConfigError(
            "start: --rank goes with --executor local or sync: ranks need no scheduler"
        )
