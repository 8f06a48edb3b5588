"""A job is one run of one config: what goes in, where it works, and how its tasks are run."""

from __future__ import annotations

import fcntl
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.config import Config, Source
    from pipeline.engine.executor import Executor
    from pipeline.engine.task import Marker, Task
    from pipeline.gate import Gate
    from pipeline.plan import Input
    from pipeline.policy_file import Licenses
    from pipeline.progress import Reporter
    from pipeline.published import Published


DEFAULT_MEMORY = 1 << 30


class Job(NamedTuple):
    """One run. `root` is the config's folder; `gate` is `None` where no opt-out registry is configured.

    `memory` is what one worker may fill with what grouping and comparing need, in bytes; it changes
    no result. `earlier` are the releases whose documents outlive their copies here,
    `key` is the id of the redaction key, `licenses` the policy and the decisions.
    """

    config: Config
    root: Path
    out: Path
    work: Path
    inputs: tuple[Input, ...]
    gate: Gate | None
    licenses: Licenses
    executor: Executor
    reporter: Reporter
    memory: int
    earlier: tuple[Published, ...] = ()
    key: str = ""

    def source(self, name: str) -> Source:
        """Find a source by its tag."""
        return next(source for source in self.config.sources if source.name == name)


def run_tasks(job: Job, phase: str, tasks: list[Task]) -> list[Marker]:
    """Run the tasks of one phase; return their markers in the order of the tasks.

    Raises:
        GristmillError: some failed. All the others were finished first; the error names every one.
    """
    markers: dict[str, Marker] = {}

    def on_done(task: Task, marker: Marker) -> None:
        markers[task.fingerprint] = marker
        job.reporter.advance(task.weight)

    job.reporter.start(phase, len(tasks), sum(task.weight for task in tasks))
    errors = job.executor.run(tasks, job.root, job.work, on_done)
    if errors:
        worst = max(errors, key=lambda error: error.exit_code)
        raise type(worst)("\n".join(dict.fromkeys(str(error) for error in errors)))
    return [markers[task.fingerprint] for task in tasks]


def run_one(job: Job, task: Task) -> Marker:
    """Run a phase that is one task."""
    return run_tasks(job, task.phase, [task])[0]


@contextmanager
def hold_work_folder(work: Path) -> Iterator[None]:
    """Keep a work folder to one run at a time, and sweep what a killed run left half-made.

    Raises:
        ConfigError: another run is at work in this folder.
    """
    try:
        work.mkdir(parents=True, exist_ok=True)
        lock = (work / "lock").open("w")
    except OSError as error:
        raise ConfigError(f"start: {work}: cannot be written: {error.strerror}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigError(
                f"start: {work}: another run is at work here: wait for it, or give --work another folder"
            ) from None
        shutil.rmtree(work / "tmp", ignore_errors=True)
        try:
            yield
        finally:
            shutil.rmtree(work / "tmp", ignore_errors=True)
