"""A decided run, found again from its config: what became of every document, and where its files lie.

A run's tasks are named by what they depend on, so the run's own functions lead to them with an
executor that runs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, ParamSpec, TypeVar

import numpy as np

from pipeline.config import load_config
from pipeline.engine.executor import NO_BOUNDS, Failure, Solo
from pipeline.engine.task import Context
from pipeline.errors import ConfigError
from pipeline.faults import without_poison
from pipeline.gate import open_gate
from pipeline.job import Job
from pipeline.known_inputs import KnownInputs
from pipeline.lineage import find_parent
from pipeline.means import Means, work_of
from pipeline.plan import freeze_inputs
from pipeline.policy_file import open_licenses
from pipeline.published import open_earlier
from pipeline.redaction import key_id
from pipeline.run import handed_of, screen_and_decide
from pipeline.stages.part import ROWS, bases, read_stream
from pipeline.stages.place import PLACED
from pipeline.stretched import cut_inputs
from pipeline.tasks import refs
from pipeline.watch.reporter import Reporter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pyarrow as pa
    from numpy.typing import NDArray

    from pipeline.engine.executor import OnDone
    from pipeline.engine.guard import Bounds
    from pipeline.engine.task import Task
    from pipeline.engine.work import Marker, Work

P = ParamSpec("P")
T = TypeVar("T")


class DecidedRun(NamedTuple):
    """`parts[i]` has the lines `first[i]` to `first[i + 1]` of `placed`."""

    job: Job
    parts: list[Marker]
    first: NDArray[np.int64]
    placed: NDArray[np.void]
    context: Context

    @classmethod
    def of(cls, job: Job, parts: list[Marker], placed: Marker) -> DecidedRun:
        """Open what the run left."""
        context = Context(job.root, job.work, job.work.path)
        path = context.folder(placed.phase, placed.fingerprint) / PLACED
        return cls(job, parts, bases(refs(parts)), np.load(path, mmap_mode="r"), context)

    def rows(self, ordinal: int, *names: str) -> pa.Table:
        """Read columns of the rows of a part."""
        part = self.parts[ordinal]
        return read_stream(self.context.folder(part.phase, part.fingerprint) / ROWS).select(names)

    def lines(self, ordinal: int) -> slice:
        """Give the lines of a part."""
        return slice(int(self.first[ordinal]), int(self.first[ordinal + 1]))


def find_run(
    config_path: Path,
    *,
    overrides: tuple[str, ...],
    out: Path,
    work: Path | None,
    memory: int,
) -> DecidedRun:
    """Find the run of a config, finished or stopped by the loss alarm, in its work folder.

    Raises:
        ConfigError: it is not there, or was not given all that is given here.
        GristmillError: as the run itself raises it, where it ended before the verdicts.
    """
    config = load_config(config_path, overrides)
    root = config_path.resolve().parent
    folder = work_of(config, Means(out, work))
    job = Job(
        config,
        root,
        out.resolve(),
        folder,
        freeze_inputs(config, root, KnownInputs.load(folder)),
        open_gate(config, root),
        open_licenses(config, root),
        _Finder(config_path),
        Reporter(),
        memory,
        open_earlier(config, root),
        key_id(config.redact, root),
    )
    job = job._replace(inputs=cut_inputs(job))
    job = job._replace(inputs=without_poison(job))
    decided = screen_and_decide(job, handed_of(job), find_parent(config, root, job.out))
    return DecidedRun.of(job, decided.parts, decided.placed)


class _Finder(Solo):
    """An executor that runs nothing: it finds what a run has finished."""

    def __init__(self, config: Path) -> None:
        self._config = config

    def run(
        self, tasks: list[Task], root: Path, work: Work, on_done: OnDone, bounds: Bounds = NO_BOUNDS
    ) -> list[Failure]:
        """Refuse: only what is not finished comes here."""
        del root, on_done, bounds
        problem = ConfigError(
            f"start: {work.path}: {len(tasks)} {tasks[0].phase} tasks are not done:"
            f" run `gristmill run {self._config}` first, and give the same --set, --out, --work and"
            " --memory-limit here"
        )
        return [Failure(tasks[0], problem)]

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call it here."""
        return function(*args, **kwargs)
