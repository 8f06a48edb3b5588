"""Progress on stderr: bars with rates and a forecast on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from pipeline.terminal import lines

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLAIN_INTERVAL = 10.0  # seconds between plain lines


class Reporter(Protocol):
    """Is told how far a phase has come."""

    def start(self, phase: str, total: int, weight: int) -> None:
        """Begin a phase of `total` tasks, over `weight` bytes of input (0: not counted)."""
        ...

    def advance(self, weight: int) -> None:
        """Count one finished task."""
        ...

    def warn(self, message: str) -> None:
        """Say what a person should look at."""
        ...


class PlainReporter:
    """One line when a phase ends, and one every ten seconds within."""

    def __init__(self) -> None:
        self._began = self._said = time.monotonic()
        self._phase, self._total, self._done, self._weight, self._left = "", 0, 0, 0, 0

    def start(self, phase: str, total: int, weight: int) -> None:
        """Begin a phase."""
        self._began = self._said = time.monotonic()
        self._phase, self._total, self._done, self._weight, self._left = phase, total, 0, 0, weight
        if total == 0:
            self._say()

    def advance(self, weight: int) -> None:
        """Count one finished task."""
        self._done += 1
        self._weight += weight
        if self._done == self._total or time.monotonic() - self._said >= _PLAIN_INTERVAL:
            self._say()

    def warn(self, message: str) -> None:
        """Say what a person should look at."""
        print(f"warning: {lines(message)}", file=sys.stderr, flush=True)

    def _say(self) -> None:
        self._said = time.monotonic()
        seconds = self._said - self._began
        rate = f", {self._weight / 1e6 / max(seconds, 1e-3):.1f} MB/s" if self._weight else ""
        share = self._weight / self._left if self._left else self._done / max(self._total, 1)
        eta = f", about {seconds / share - seconds:.0f} s left" if 0 < share < 1 else ""
        line = f"{self._phase}: {self._done}/{self._total} in {seconds:.1f} s{rate}{eta}"
        print(line, file=sys.stderr, flush=True)


class RichReporter:
    """One bar for each phase."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: int | None = None
        self._bytes = self._weight = 0
        self._began = time.monotonic()

    def start(self, phase: str, total: int, weight: int) -> None:
        """Begin a phase."""
        self._bytes, self._weight, self._began = 0, weight, time.monotonic()
        self._task = self._progress.add_task(phase, total=total, rate="")

    def advance(self, weight: int) -> None:
        """Count one finished task."""
        if self._task is None:
            return
        self._bytes += weight
        seconds = max(time.monotonic() - self._began, 1e-3)
        rate = f"{self._bytes / 1e6 / seconds:.1f} MB/s" if self._weight else ""
        self._progress.update(self._task, advance=1, rate=rate)  # type: ignore[arg-type]  # rich's TaskID is an int

    def warn(self, message: str) -> None:
        """Say what a person should look at."""
        self._progress.console.print(f"warning: {lines(message)}", markup=False, highlight=False)


@contextmanager
def open_reporter() -> Iterator[Reporter]:
    """Choose by what stderr is."""
    if not sys.stderr.isatty():
        yield PlainReporter()
        return
    columns = (
        TextColumn("{task.description:>10}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield RichReporter(progress)
