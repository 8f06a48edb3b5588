"""Probes: run a task over fewer and fewer records, to find the one that brings a worker down.

First over the last that were read, then over halves of what fails. Most of what a process does is
to load rules, tables and compiled code, so one process loads them and each probe is a fork of it.
"""

from __future__ import annotations

import os
import pickle
import select
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple

import msgspec

from pipeline.engine.commit import call, scratch_folder
from pipeline.engine.guard import die_with
from pipeline.engine.task import Context
from pipeline.errors import FaultError, GristmillError, LostError
from pipeline.poison import Poison

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pipeline.engine.task import Task
    from pipeline.engine.work import Work

_FIRST_WINDOW: Final = 2  # rows
_WIDER: Final = 8  # times
_SHARE: Final = 10  # of the time that a whole task may take, what a part of it may
_SECONDS: Final = 60.0  # a probe may take as long at least
_LOADING: Final = 2  # probes
_FAILED: Final = b"1"
_PASSED: Final = b"0"


class Order(NamedTuple):
    """What a process of its own is told to run."""

    task: Task
    root: Path
    work: Work


def apart(*arguments: str) -> list[str]:
    """Return the command of a process of its own."""
    return [sys.executable, "-P", "-m", "pipeline.engine.apart", *arguments]


def environment() -> dict[str, str]:
    """Let it find modules where this process does."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def sparing(task: Task, poison: Iterable[Poison]) -> Task:
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


def only(task: Task, first: int, end: int) -> Task:
    """Return the task that reads the rows from `first` up to `end` alone."""
    return sparing(task, (Poison(0, first), Poison(end, None)))


def search(order: Order, last: int, limit: float) -> int | None:
    """Find the row, at most one behind the last that was read, which seems to bring the task down.

    `limit` is after how many seconds the whole task counts as hung.
    """
    with subprocess.Popen(
        apart("probes"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(),
    ) as process:
        try:
            return _halve(_Probes(process, order, max(limit / _SHARE, _SECONDS)), last)
        except (EOFError, OSError, pickle.UnpicklingError):
            return None  # without any of the records it died, too
        finally:
            process.kill()


class _Probes:
    """The process that forks, seen from outside."""

    def __init__(self, process: subprocess.Popen[bytes], order: Order, limit: float) -> None:
        """Tell it who asks, and how many seconds a probe may take."""
        if process.stdin is None or process.stdout is None:
            raise OSError("no pipe to the process")
        self._to, self._from, self._order = process.stdin, process.stdout, order
        pickle.dump((os.getpid(), limit), self._to)

    def fail(self, first: int, end: int) -> bool:
        """Tell whether the rows from `first` up to `end` bring the task down."""
        task = only(self._order.task, first, end)
        pickle.dump(self._order._replace(task=task), self._to)
        self._to.flush()
        failed: bool = pickle.load(self._from)  # noqa: S301  our own process wrote it
        return failed


def _halve(probes: _Probes, last: int) -> int | None:
    """Widen a window until it fails, then halve it down to one row."""
    end, width = last + 2, _FIRST_WINDOW
    if probes.fail(end, end):
        return None  # it is no record's fault
    while not probes.fail(first := max(0, end - width), end):
        if first == 0:
            return None
        width *= _WIDER
    while end - first > 1:
        middle = (first + end) // 2
        if probes.fail(first, middle):
            end = middle
        else:
            first = middle
    return first


def answer_probes(orders: BinaryIO, answers: BinaryIO) -> None:
    """Fork for each order and answer whether it failed.

    What passed first, over no record and over some, is run here as well: the forks find all loaded.
    """
    parent, limit = pickle.load(orders)  # noqa: S301  our own process wrote it
    die_with(parent)
    passed = 0
    while True:
        order: Order = pickle.load(orders)  # noqa: S301  likewise
        failed = _fork(order, limit)
        passed += not failed
        if not failed and passed <= _LOADING:
            blame(order)
        pickle.dump(failed, answers)
        answers.flush()


def _fork(order: Order, limit: float) -> bool:
    """Run a task in a fork of this process; tell whether a record is to blame for how it ends."""
    parent = os.getpid()
    heard, told = os.pipe()
    child = os.fork()
    if child == 0:
        die_with(parent)
        os.write(told, _FAILED if blame(order) else _PASSED)
        os._exit(0)
    os.close(told)
    ready, _, _ = select.select([heard], [], [], limit)
    said = os.read(heard, 1) if ready else b""
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(heard)
    return said != _PASSED


def blame(order: Order) -> str:
    """Run a task and keep nothing; say what to hold against a record, `""` if none is to blame."""
    try:
        with scratch_folder(order.task, order.work) as scratch:
            call(order.task, Context(order.root, order.work, scratch))
    except GristmillError as error:
        return reason_of(error)
    return ""


def reason_of(error: GristmillError) -> str:
    """Say what to hold against a record over which a task failed so, `""` if none is to blame."""
    if isinstance(error, LostError):
        return "memory"
    return error.kind if isinstance(error, FaultError) else ""
