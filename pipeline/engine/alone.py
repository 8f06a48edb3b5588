"""Alone: run a task that brought its worker down in a process of its own, and find the record that does it.

A worker may die of what another program did, so the task is first run again as it is. If it fails
alone, too, and reads records, the one that does it is sought (`pipeline/engine/probes.py`). A record
counts as poison only when it fails all by itself, in a process of its own, so a crash, a hang and an
exhausted memory are all told alike.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from pipeline.engine.commit import execute
from pipeline.engine.guard import die_with
from pipeline.engine.probes import (
    Order,
    apart,
    environment,
    only,
    reason_of,
    search,
    sparing,
)
from pipeline.errors import GristmillError, LostError
from pipeline.poison import CRUMB, Poison, make_crumb, read_crumb

if TYPE_CHECKING:
    from pipeline.engine.task import Task
    from pipeline.engine.work import Marker, Work


class Examined(NamedTuple):
    """What came of a task alone: its marker, or the poison in its input, or the error that stays."""

    marker: Marker | None = None
    poison: tuple[Poison, ...] = ()
    error: GristmillError | None = None


class _Ended(NamedTuple):
    """How it ended; `reason` is set where a record may be to blame, `row` is the last that was read."""

    marker: Marker | None
    error: GristmillError | None
    reason: str
    row: int


def run_apart(task: Task, root: Path, work: Work, limit: float) -> Marker:
    """Run a task in a process of its own, so that this one outlives it; commit what it wrote.

    Raises:
        LostError: it died, or hung for more than `limit` seconds.
        GristmillError: as `execute` does.
    """
    ended = _run(task, root, work, limit)
    if ended.marker is None:
        raise ended.error or _lost(task, "its process leaves no result")
    return ended.marker


def examine(task: Task, root: Path, work: Work, limit: float, most: int) -> Examined:
    """Run a task alone until it ends well without its poison, of which there may be `most` records.

    `limit` is after how many seconds it counts as hung.
    """
    found: list[Poison] = []
    while True:
        ended = _run(sparing(task, found), root, work, limit)
        if ended.error is None:
            return Examined(ended.marker if not found else None, tuple(found))
        if not ended.reason or not task.reads_records or len(found) == most:
            return Examined(None, (), ended.error)
        row = search(Order(sparing(task, found), root, work), ended.row, limit)
        if (
            row is None
            or not _run(only(sparing(task, found), row, row + 1), root, work, limit).reason
        ):
            return Examined(None, (), ended.error)
        found.append(Poison(row, row + 1, f"poison:{ended.reason}"))


def _run(task: Task, root: Path, work: Work, limit: float) -> _Ended:
    """Run a task in a process of its own."""
    order = (os.getpid(), Order(task, root, work))
    with tempfile.TemporaryDirectory() as folder:
        crumb = Path(folder) / "row"
        make_crumb(crumb)
        try:
            process = subprocess.run(
                apart(),
                input=pickle.dumps(order),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=limit,
                check=False,
                env=environment() | {CRUMB: str(crumb)},
            )
        except subprocess.TimeoutExpired:
            problem = f"it does not end within {limit:.0f} s"
            return _Ended(None, _lost(task, problem), "hung", read_crumb(crumb))
        return _read(task, process, read_crumb(crumb))


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
    return LostError(f"{task.phase}: {task.name}: {problem}")


def run_order(orders: BinaryIO, answers: BinaryIO) -> None:
    """Run the one task that is ordered, commit what it wrote, and say what came of it."""
    parent, order = pickle.load(orders)  # noqa: S301  our own process wrote it
    die_with(parent)
    marker: Marker | None = None
    fault: GristmillError | None = None
    try:
        marker = execute(*order)
    except GristmillError as error:
        fault = error
    pickle.dump((marker, fault, "" if fault is None else reason_of(fault)), answers)
