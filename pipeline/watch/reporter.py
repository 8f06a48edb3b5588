"""What a run tells while it goes on: to the people who watch it, and to its event log."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from pipeline.terminal import lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.engine.executor import Executor
    from pipeline.engine.task import Task
    from pipeline.engine.work import Marker
    from pipeline.errors import GristmillError
    from pipeline.watch.event_log import EventLog
    from pipeline.watch.forecast import Forecast
    from pipeline.watch.progress import Display

LONGEST = 500  # characters of a message in the log


class Reporter:
    """Is told how far a run has come, and keeps it to itself: for what has nothing to report."""

    def start(
        self, phase: str, tasks: Sequence[Task], found: Sequence[tuple[Task, Marker]]
    ) -> None:
        """Begin a phase, of whose tasks an earlier run has done some; one of the driver's own has none."""

    def done(self, task: Task, marker: Marker) -> None:
        """Count a task that was done now."""

    def failed(self, task: Task, error: GristmillError) -> None:
        """Learn of a task that will not be tried again."""

    def published(self, place: str) -> None:
        """Learn where what the run has made lies: its path or URL."""

    def warn(self, message: str) -> None:
        """Say what a person should look at."""


class RunReporter(Reporter):
    """Shows a run to people and writes it into its log."""

    def __init__(self, display: Display, log: EventLog, forecast: Forecast) -> None:
        self._display = display
        self._log = log
        self._forecast = forecast
        self._executor: Executor | None = None

    def follow(self, executor: Executor) -> None:
        """Tell the link of the executor's dashboard as soon as it has one."""
        self._executor = executor
        self._tell_link()

    def start(
        self, phase: str, tasks: Sequence[Task], found: Sequence[tuple[Task, Marker]]
    ) -> None:
        """Begin a phase."""
        total, weight = len(tasks), sum(task.weight for task in tasks)
        done, done_weight = len(found), sum(task.weight for task, _ in found)
        self._log.write(
            "phase",
            phase=phase,
            tasks=total,
            bytes=weight,
            found=done,
            found_bytes=done_weight,
            found_seconds=round(sum(marker.seconds for _, marker in found), 3),
            found_bad=sum(_bad(marker) for _, marker in found),
        )
        self._forecast.start(time.monotonic(), phase, total, weight, done, done_weight)
        self._display.start(phase, total, weight, done, done_weight)
        self._tell_link()

    def done(self, task: Task, marker: Marker) -> None:
        """Count a task that was done now."""
        self._log.write(
            "task",
            phase=task.phase,
            name=lines(task.name),
            fingerprint=task.fingerprint,
            host=marker.host,
            pid=marker.pid,
            seconds=round(marker.seconds, 3),
            cpu_seconds=round(marker.cpu_seconds, 3),
            peak_mib=marker.peak_mib,
            bytes_in=task.weight,
            bytes_out=sum(output.size for output in marker.outputs),
            bad=_bad(marker),
        )
        self._forecast.advance(time.monotonic(), task.weight)
        self._display.advance(task.weight)
        self._tell_link()

    def failed(self, task: Task, error: GristmillError) -> None:
        """Learn of a task that will not be tried again."""
        self._log.write(
            "failed",
            phase=task.phase,
            name=lines(task.name),
            kind=type(error).__name__,
            message=str(error)[:LONGEST],
        )

    def published(self, place: str) -> None:
        """Learn where what the run has made lies: its path or URL."""
        self._log.write("release", path=place)

    def warn(self, message: str) -> None:
        """Say what a person should look at."""
        self._log.write("warning", message=message[:LONGEST])
        self._display.warn(message)

    def _tell_link(self) -> None:
        """Say once where the cluster can be watched; worker processes of this machine start late."""
        link = None if self._executor is None else self._executor.link
        if link is not None:
            self._executor = None
            self._log.write("link", url=link)
            self._display.tell(f"dashboard: {link}")


def _bad(marker: Marker) -> int:
    """Count the records that a task put aside."""
    return int(marker.record.get("bad", 0))
