"""Alone: run a task that brought its worker down in a process of its own, and find the record that does it.

A worker may die of what another program did, so the task is first run again as it is. If it fails
alone, too, and reads records, the one that does it is sought: over the last that were read, then over
more, then over halves of what fails. A record counts as poison only when it fails all by itself, so a
crash, a hang and an exhausted memory are all told alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from pipeline.engine.forks import Forks
from pipeline.errors import LostError
from pipeline.poison import Poison

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pipeline.engine.task import Task
    from pipeline.engine.work import Marker, Work
    from pipeline.errors import GristmillError

_FIRST_WINDOW: Final = 2  # rows
_WIDER: Final = 8  # times
_SHARE: Final = 10  # of the time that a whole task may take, what a part of it may
_SECONDS: Final = 60.0  # a part may take as long at least


class Examined(NamedTuple):
    """What came of a task alone: its marker, or the poison in its input, or the error that stays."""

    marker: Marker | None = None
    poison: tuple[Poison, ...] = ()
    error: GristmillError | None = None


def run_apart(task: Task, root: Path, work: Work, limit: float) -> Marker:
    """Run a task in a process of its own, so that this one outlives it; commit what it wrote.

    Raises:
        LostError: it died, or hung for more than `limit` seconds.
        GristmillError: as `execute` does.
    """
    with Forks(root, work) as forks:
        ended = forks.run(task, limit, keep=True)
    if ended.marker is None:
        raise ended.error or LostError(f"{task.phase}: {task.name}: its process leaves no result")
    return ended.marker


def examine(task: Task, root: Path, work: Work, limit: float, most: int) -> Examined:
    """Run a task alone until it ends well without its poison, of which there may be `most` records.

    `limit` is after how many seconds it counts as hung.
    """
    found: list[Poison] = []
    with Forks(root, work) as forks:
        sought = task.reads_records and forks.load(_only(task, 0, 0), limit)
        while True:
            spared = _sparing(task, found)
            ended = forks.run(spared, limit, keep=True)
            if ended.error is None:
                return Examined(None if found else ended.marker, tuple(found))
            blamed = None
            if sought and ended.reason and len(found) < most:
                blamed = _search(_Probes(forks, spared, limit), ended.row)
            if blamed is None:
                return Examined(None, (), ended.error)
            found.append(blamed)


def _sparing(task: Task, poison: Iterable[Poison]) -> Task:
    """Return the task that leaves some rows of its input out."""
    stretch = getattr(task.spec, "stretch", None)
    if stretch is None:
        return task
    spared = msgspec.structs.replace(
        stretch, poison=tuple(sorted({*stretch.poison, *poison}, key=_by_row))
    )
    return task._replace(spec=msgspec.structs.replace(task.spec, stretch=spared))


def _by_row(poison: Poison) -> tuple[int, str]:
    return poison.first, poison.reason


def _only(task: Task, first: int, end: int) -> Task:
    """Return the task that reads the rows from `first` up to `end` alone."""
    return _sparing(task, (Poison(0, first), Poison(end, None)))


class _Probes(NamedTuple):
    """Tries of a task over a part of its records; `limit` is for the whole of it, in seconds."""

    forks: Forks
    task: Task
    limit: float

    def reason(self, first: int, end: int) -> str:
        """Say how the rows from `first` up to `end` bring the task down, `""` if they do not."""
        limit = min(self.limit, max(self.limit / _SHARE, _SECONDS))
        return self.forks.run(_only(self.task, first, end), limit, keep=False).reason


def _search(probes: _Probes, last: int) -> Poison | None:
    """Find the record, at most one behind the last that was read, that brings the task down all by itself."""
    row = _halve(probes, last)
    reason = "" if row is None else probes.reason(row, row + 1)
    return None if row is None or not reason else Poison(row, row + 1, f"poison:{reason}")


def _halve(probes: _Probes, last: int) -> int | None:
    """Widen a window until it fails, then halve it down to one row."""
    end, width = last + 2, _FIRST_WINDOW
    while not probes.reason(first := max(0, end - width), end):
        if first == 0:
            return None
        width *= _WIDER
    while end - first > 1:
        middle = (first + end) // 2
        if probes.reason(first, middle):
            end = middle
        else:
            first = middle
    return first
