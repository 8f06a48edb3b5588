"""A job is one run of one config: what goes in, where it works, and how its tasks are run."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pipeline.engine.commit import find_finished
from pipeline.engine.guard import Bounds
from pipeline.faults import second_try

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.config import Config, Source
    from pipeline.engine.executor import Executor
    from pipeline.engine.task import Task
    from pipeline.engine.work import Marker, Work
    from pipeline.gate import Gate
    from pipeline.plan import Input
    from pipeline.policy_file import Licenses
    from pipeline.published import Published
    from pipeline.store import Store
    from pipeline.watch.reporter import Reporter


DEFAULT_MEMORY = 1 << 30


def _cold() -> None:
    """Warm nothing: tasks load what they need."""


class Job(NamedTuple):
    """One run. `root` is the config's folder; `gate` is `None` where no opt-out registry is configured.

    `memory` is what one worker may fill with what grouping and comparing need, in bytes; it changes
    no result. `earlier` are the releases whose documents outlive their copies here,
    `key` is the id of the redaction key, `licenses` the policy and the decisions. Where `used` is a
    set, the output folders of all tasks of the run are added to it, done now or found. A task that
    takes longer than `timeout` seconds counts as hung, unset one far slower than any should be.
    `shelf` is where releases go that are put together in `out`, if they go into an object store.
    `warm` compiles or loads what tasks need, before any runs: workers find it in the caches then. It
    is called once for each phase that has tasks to run.
    """

    config: Config
    root: Path
    out: Path
    work: Work
    inputs: tuple[Input, ...]
    gate: Gate | None
    licenses: Licenses
    executor: Executor
    reporter: Reporter
    memory: int
    earlier: tuple[Published, ...] = ()
    key: str = ""
    used: set[Path] | None = None
    timeout: float | None = None
    shelf: Store | None = None
    warm: Callable[[], None] = _cold

    def source(self, name: str) -> Source:
        """Find a source by its tag."""
        return self.config.source(name)


def run_tasks(job: Job, phase: str, tasks: list[Task]) -> list[Marker]:
    """Run the tasks of one phase; return their markers in the order of the tasks.

    Raises:
        GristmillError: some failed. All the others were finished first; the error names every one.
        PoisonedError: the inputs hold records that bring workers down, which are known now.
    """
    markers: dict[str, Marker] = {}

    def on_done(task: Task, marker: Marker) -> None:
        markers[task.fingerprint] = marker
        job.reporter.done(task, marker)

    found = find_finished(tasks, job.work)
    markers.update((task.fingerprint, marker) for task, marker in found)
    left = [task for task in tasks if task.fingerprint not in markers]
    if left:
        job.warm()
    job.reporter.start(phase, tasks, found)
    bounds = Bounds(job.timeout, job.config.limits.faults)
    failures = job.executor.run(left, job.root, job.work, on_done, bounds) if left else []
    failures = second_try(job, failures, on_done)
    if failures:
        job.executor.give_up(failures)
        for failure in failures:
            job.reporter.failed(failure.task, failure.error)
        worst = max((failure.error for failure in failures), key=lambda error: error.exit_code)
        raise type(worst)("\n".join(dict.fromkeys(str(each.error) for each in failures)))
    if job.used is not None:
        job.used.update(job.work.folder(task).path for task in tasks)
    return [markers[task.fingerprint] for task in tasks]


def run_one(job: Job, task: Task) -> Marker:
    """Run a phase that is one task."""
    return run_tasks(job, task.phase, [task])[0]
