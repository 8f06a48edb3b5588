"""Alone: run a task that brought its worker down in a process of its own, and find the record that does it.

A worker may die of what another program did, so the task is first run again as it is. If it fails
alone, too, and reads records, it is run over fewer and fewer of them: first over the last that were
read, then over halves of what fails. A record counts as poison only when it fails all by itself, and
each probe is a process, so a crash, a hang and an exhausted memory are all told alike.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from pipeline.engine.commit import call, execute, scratch_folder
from pipeline.engine.task import Context
from pipeline.errors import FaultError, GristmillError, LostError
from pipeline.poison import CRUMB, Poison, make_crumb, read_crumb

if TYPE_CHECKING:
    from pipeline.engine.task import Task
    from pipeline.engine.work import Marker, Work

_FIRST_WINDOW: Final = 2  # rows
_WIDER: Final = 8  # times
_PROBE_SHARE: Final = 10  # of the time that a whole task may take, what a part of it may
_PROBE_SECONDS: Final = 60.0  # a probe may take as long at least: a process starts in a few


class Examined(NamedTuple):
    """What came of a task alone: its marker, or the poison in its input, or the error that stays."""

    marker: Marker | None = None
    poison: tuple[Poison, ...] = ()
    error: GristmillError | None = None


class _Order(NamedTuple):
    """What a process of its own is told; with `keep` the task's result is committed."""

    task: Task
    root: Path
    work: Work
    keep: bool


class _Ended(NamedTuple):
    """How it ended; `reason` is set where a record may be to blame, `row` is the last that was read."""

    marker: Marker | None
    error: GristmillError | None
    reason: str
    row: int


def examine(task: Task, root: Path, work: Work, limit: float, most: int) -> Examined:
    """Run a task alone until it ends well without its poison, of which there may be `most` records.

    `limit` is after how many seconds it counts as hung.
    """
    found: list[Poison] = []
    while True:
        ended = _run(_Order(_sparing(task, found), root, work, keep=True), limit)
        if ended.error is None:
            return Examined(ended.marker if not found else None, tuple(found))
        if not ended.reason or not _reads_records(task) or len(found) == most:
            return Examined(None, (), ended.error)
        row = _search(_Search(task, root, work, limit, tuple(found)), ended.row)
        if row is None:
            return Examined(None, (), ended.error)
        found.append(Poison(row, row + 1, f"poison:{ended.reason}"))


def _reads_records(task: Task) -> bool:
    return hasattr(task.spec, "stretch")


def _sparing(task: Task, poison: list[Poison] | tuple[Poison, ...]) -> Task:
    """Return the task that leaves some rows of its input out."""
    if not poison:
        return task
    stretch = getattr(task.spec, "stretch")  # noqa: B009  a spec is any struct, and this one has it
    spared = msgspec.structs.replace(
        stretch, poison=tuple(sorted({*stretch.poison, *poison}, key=_by_row))
    )
    return task._replace(spec=msgspec.structs.replace(task.spec, stretch=spared))


def _by_row(poison: Poison) -> tuple[int, str]:
    return poison.first, poison.reason


class _Search(NamedTuple):
    """A search for one record; `found` are those known already."""

    task: Task
    root: Path
    work: Work
    limit: float
    found: tuple[Poison, ...]

    def fails(self, first: int, end: int, limit: float) -> bool:
        """Tell whether the rows from `first` up to `end` bring the task down."""
        others = (Poison(0, first), Poison(end, None))
        task = _sparing(self.task, (*self.found, *others))
        return bool(_run(_Order(task, self.root, self.work, keep=False), limit).reason)


def _search(search: _Search, last: int) -> int | None:
    """Find the row, at most one behind the last that was read, which fails all by itself."""
    probe = min(search.limit, max(search.limit / _PROBE_SHARE, _PROBE_SECONDS))
    first, end, width = last, last + 2, _FIRST_WINDOW
    while not search.fails(first := max(0, end - width), end, probe):
        if first == 0:
            return None
        width *= _WIDER
    while end - first > 1:
        middle = (first + end) // 2
        if search.fails(first, middle, probe):
            end = middle
        else:
            first = middle
    return first if search.fails(first, end, search.limit) else None


def _run(order: _Order, limit: float) -> _Ended:
    """Run a task in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        crumb = Path(folder) / "row"
        make_crumb(crumb)
        paths = os.pathsep.join(filter(None, sys.path))
        try:
            process = subprocess.run(
                [sys.executable, "-P", "-c", "from pipeline.engine import alone; alone.answer()"],
                input=pickle.dumps(order),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=limit,
                check=False,
                env=os.environ | {CRUMB: str(crumb), "PYTHONPATH": paths},
            )
        except subprocess.TimeoutExpired:
            problem = f"it does not end within {limit:.0f} s"
            return _Ended(None, _lost(order.task, problem), "hung", read_crumb(crumb))
        return _read(order.task, process, read_crumb(crumb))


def _read(task: Task, process: subprocess.CompletedProcess[bytes], row: int) -> _Ended:
    """Make out how the process ended."""
    if process.returncode != 0:
        how = (
            signal.Signals(-process.returncode).name
            if process.returncode < 0
            else f"exit {process.returncode}"
        )
        return _Ended(None, _lost(task, f"its process dies ({how})"), "died", row)
    marker, error, reason = pickle.loads(process.stdout)  # noqa: S301  our own process wrote it
    return _Ended(marker, error, reason, row)


def _lost(task: Task, problem: str) -> LostError:
    return LostError(f"{task.phase}: {task.name}: {problem}, alone as well as among others")


def _answer(order: _Order) -> tuple[Marker | None, GristmillError | None, str]:
    """Run the task; say what came of it, and what to hold against a record if one is to blame."""
    try:
        if order.keep:
            return execute(order.task, order.root, order.work), None, ""
        with scratch_folder(order.task, order.work) as scratch:
            call(order.task, Context(order.root, order.work, scratch))
    except LostError as error:
        return None, error, "memory"
    except FaultError as error:
        return None, error, error.kind
    except GristmillError as error:
        return None, error, ""
    return None, None, ""


def answer() -> None:
    """Run the task that standard input holds, in a process of its own."""
    order: _Order = pickle.load(sys.stdin.buffer)  # noqa: S301  our own process wrote it
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what libraries may print
    with out:
        pickle.dump(_answer(order), out)
