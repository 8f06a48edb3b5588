"""Progress on stderr: bars with rates and a forecast on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from pipeline.terminal import lines
from pipeline.watch.forecast import Outlook, Pace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.progress import Task, TaskID

_PLAIN_INTERVAL: Final = 10.0  # seconds between plain lines
_ROWS: Final = 8  # phases that are shown on a terminal, the latest


class Display(Protocol):
    """Shows how far a phase has come."""

    def start(
        self, phase: str, total: int, weight: int, done: int = 0, done_weight: int = 0
    ) -> None:
        """Begin a phase of `total` tasks over `weight` bytes of input (0: not counted), some of them done already."""
        ...

    def advance(self, weight: int) -> None:
        """Count one finished task."""
        ...

    def warn(self, message: str) -> None:
        """Say what a person should look at."""
        ...

    def tell(self, message: str) -> None:
        """Say what a person may want to know."""
        ...


class PlainDisplay:
    """One line when a phase ends, and one every ten seconds within."""

    def __init__(self, whole: Callable[[], Outlook] | None = None, workers: int = 1) -> None:
        self._whole, self._workers = whole, workers
        self._said = time.monotonic()
        self._phase, self._pace = "", Pace(self._said, 0, 0, 0, 0)

    def start(
        self, phase: str, total: int, weight: int, done: int = 0, done_weight: int = 0
    ) -> None:
        """Begin a phase."""
        self._said = time.monotonic()
        self._phase = phase
        self._pace = Pace(self._said, total, weight, done, done_weight, self._workers)
        if done == total:
            self._say()

    def advance(self, weight: int) -> None:
        """Count one finished task."""
        self._pace.advance(weight)
        if self._pace.over or time.monotonic() - self._said >= _PLAIN_INTERVAL:
            self._say()

    def warn(self, message: str) -> None:
        """Say what a person should look at."""
        self.tell(f"warning: {message}")

    def tell(self, message: str) -> None:
        """Say what a person may want to know."""
        print(lines(message), file=sys.stderr, flush=True)

    def _say(self) -> None:
        now = self._said = time.monotonic()
        pace = self._pace
        if not pace.total:  # the driver's own, which counts nothing
            print(self._phase, file=sys.stderr, flush=True)
            return
        told = [f"{self._phase}: {pace.done}/{pace.total} in {now - pace.began:.1f} s"]
        if pace.found:
            told[0] += f", {pace.found} of them before"
        if pace.rate(now):
            told.append(f"{pace.rate(now) / 1e6:.1f} MB/s")
        if pace.left(now) is not None and not pace.over:
            told.append(f"about {spell(pace.left(now) or 0.0)} left")
        whole = "" if self._whole is None else f"; all: {outlook(self._whole())}"
        print(f"{', '.join(told)}{whole}", file=sys.stderr, flush=True)


class RichDisplay:
    """One bar for each of the latest phases, and one above them for the whole run."""

    def __init__(
        self, progress: Progress, whole: Callable[[], Outlook] | None, workers: int
    ) -> None:
        self._progress = progress
        self._whole, self._workers = whole, workers
        self._all = None if whole is None else progress.add_task("all", total=1.0)
        self._rows: list[TaskID] = []
        self._pace = Pace(0.0, 0, 0, 0, 0)

    def start(
        self, phase: str, total: int, weight: int, done: int = 0, done_weight: int = 0
    ) -> None:
        """Begin a phase."""
        self._pace = Pace(time.monotonic(), total, weight, done, done_weight, self._workers)
        pace = self._pace
        row = self._progress.add_task(phase, total=total, completed=done, pace=pace)
        self._rows.append(row)
        if len(self._rows) > _ROWS:
            self._progress.remove_task(self._rows.pop(0))
        self.move()

    def advance(self, weight: int) -> None:
        """Count one finished task."""
        if self._rows:
            self._pace.advance(weight)
            self._progress.update(self._rows[-1], completed=self._pace.done)
            self.move()

    def warn(self, message: str) -> None:
        """Say what a person should look at."""
        self.tell(f"warning: {message}")

    def tell(self, message: str) -> None:
        """Say what a person may want to know."""
        self._progress.console.print(lines(message), markup=False, highlight=False)

    def move(self) -> None:
        """Show how far the whole run has come."""
        if self._all is not None and self._whole is not None:
            self._progress.update(self._all, completed=self._whole().share)


class _Done(ProgressColumn):
    """Tasks of a phase; of the whole run its share."""

    def __init__(self) -> None:
        super().__init__()
        self._counted = MofNCompleteColumn()

    def render(self, task: Task) -> Text:
        """Draw the cell."""
        if "pace" in task.fields:
            return self._counted.render(task)
        return Text(f"{int(100 * task.completed)} %", style="progress.percentage")


class _Left(ProgressColumn):
    """What is left of a phase, or of the whole run."""

    def __init__(self, whole: Callable[[], Outlook] | None) -> None:
        super().__init__()
        self._whole = whole

    def render(self, task: Task) -> Text:
        """Draw the cell; it is drawn again while nothing happens, too."""
        now = time.monotonic()
        pace: Pace | None = task.fields.get("pace")
        if pace is not None:
            left = None if pace.over else pace.left(now)
        else:
            left = None if self._whole is None else self._whole().left
        return Text("" if left is None else f"about {spell(left)} left", style="progress.remaining")


class _Rate(ProgressColumn):
    """Bytes of input in a second."""

    def render(self, task: Task) -> Text:
        """Draw the cell."""
        pace: Pace | None = task.fields.get("pace")
        rate = 0.0 if pace is None else pace.rate(time.monotonic())
        return Text(f"{rate / 1e6:.1f} MB/s" if rate else "")


def spell(seconds: float) -> str:
    """Spell a time as people would: `20 s`, `12 min`, `3.5 h`, `2.1 days`."""
    if seconds < 90:  # noqa: PLR2004  seconds
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    if seconds < 36 * 3600:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 86400:.1f} days"


def outlook(found: Outlook) -> str:
    """Spell how far a run has come, as in `43 %, about 12 min left`."""
    percent = 100 if found.share == 1 else min(int(100 * found.share), 99)
    told = f"{percent} %"
    return (
        told
        if found.left is None or found.share == 1
        else f"{told}, about {spell(found.left)} left"
    )


@contextmanager
def open_display(whole: Callable[[], Outlook] | None = None, workers: int = 1) -> Iterator[Display]:
    """Choose by what stderr is; `whole` says how far the run has come, `workers` do tasks side by side."""
    if not sys.stderr.isatty():
        yield PlainDisplay(whole, workers)
        return
    columns = (
        TextColumn("{task.description:>10}"),
        BarColumn(),
        _Done(),
        _Rate(),
        TimeElapsedColumn(),
        _Left(whole),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        display = RichDisplay(progress, whole, workers)
        yield display
        display.move()
