"""A job is one run of one config: what goes in, where it works, and how its tasks are run."""

from __future__ import annotations

import fcntl
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pipeline.engine.task import MARKER
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    `key` is the id of the redaction key, `licenses` the policy and the decisions. Where `used` is a
    set, the output folders of all tasks of the run are added to it, done now or found.
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
    used: set[Path] | None = None

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
    if job.used is not None:
        job.used.update(job.work / task.phase / task.fingerprint for task in tasks)
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


ROOT = "root"


def keep_root(work: Path, root: Path) -> None:
    """Note in the work folder where the config lies: paths start there when a release is amended."""
    (work / ROOT).write_text(str(root.resolve()), encoding="utf-8")


def kept_root(work: Path) -> Path | None:
    """Return the config's folder of the last run in this work folder, if that is still there."""
    try:
        root = Path((work / ROOT).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return None
    return root if root.is_dir() else None


# What a run hands to its tasks beside their specs, and every run hands over again.
_HANDED = ("requests", "texts", "evidence", "parents")


def sweep(work: Path, used: set[Path]) -> int:
    """Remove the outputs of all tasks but `used` ones; return how many.

    What other runs left may hold what was opted out since; what tasks were handed names it.
    """
    for kind in _HANDED:
        shutil.rmtree(work / kind, ignore_errors=True)
    removed = 0
    for marker in sorted(work.glob(f"*/*/{MARKER}")):
        if marker.parent not in used:
            shutil.rmtree(marker.parent)
            removed += 1
    return removed
