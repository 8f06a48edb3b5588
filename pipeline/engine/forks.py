"""Forks: a process beside the run loads all that a task needs, and forks for each try of the task.

A fork is a process of its own, which may die, hang or fill the memory, and finds rules, tables and
compiled code loaded: to load them takes seconds, to try a task over one record milliseconds.
"""

from __future__ import annotations

import os
import pickle
import select
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple

from pipeline.engine.commit import call, execute, scratch_folder
from pipeline.engine.guard import die_with
from pipeline.engine.task import Context
from pipeline.errors import FaultError, GristmillError, LostError
from pipeline.poison import CRUMB, make_crumb, read_crumb

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from pipeline.engine.task import Task
    from pipeline.engine.work import Marker, Work

_STARTING: Final = 30.0  # seconds more for a try that has all to load yet
_LOADED: Final = 2  # tries, one of them over some records, after which all is loaded to the last


class Ended(NamedTuple):
    """How a try ended; `reason` is set where a record may be to blame, `row` is the last that was read."""

    marker: Marker | None
    error: GristmillError | None
    reason: str
    row: int


class _Order(NamedTuple):
    """A task to try for `limit` seconds; `keep` what it writes, or run it `inside` the process that forks."""

    task: Task
    root: Path
    work: Work
    limit: float
    keep: bool
    inside: bool = False


class _Answer(NamedTuple):
    """What a fork said before it ended, pickled, and its status as of `waitpid`, unset if it took too long."""

    said: bytes
    status: int | None


class Forks:
    """The process that forks, seen from outside: it lives as long as the context."""

    def __init__(self, root: Path, work: Work) -> None:
        """Name the folders that tasks are given."""
        self._root, self._work = root, work

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory()
        self._crumb = Path(self._folder.name) / "row"
        make_crumb(self._crumb)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "pipeline.engine.apart"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ
            | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), CRUMB: str(self._crumb)},
        )
        self._tell(os.getpid())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        with suppress(OSError):  # an order that it did not live to read is still in the pipe
            self._process.__exit__(kind, error, trace)
        self._folder.cleanup()

    def load(self, task: Task, limit: float) -> bool:
        """Run a task, which should read no record, before all forks; tell whether it ended well."""
        order = _Order(task, self._root, self._work, limit + _STARTING, keep=False, inside=True)
        return self._ask(order).error is None

    def run(self, task: Task, limit: float, *, keep: bool) -> Ended:
        """Try a task in a fork, for at most `limit` seconds; with `keep`, commit what it writes."""
        return self._ask(_Order(task, self._root, self._work, limit, keep))

    def _ask(self, order: _Order) -> Ended:
        make_crumb(self._crumb)
        self._tell(order)
        try:
            answer: _Answer = pickle.load(self._process.stdout)  # type: ignore[arg-type]  # noqa: S301  our own pipe
        except (EOFError, OSError, pickle.UnpicklingError):
            # the process that forks is gone, or could not run the task over no record: nobody is to blame
            return Ended(None, _lost(order.task, "its process dies"), "", 0)
        return _read(order, answer, read_crumb(self._crumb))

    def _tell(self, what: object) -> None:
        with suppress(OSError):  # it is gone, which the answer will tell
            pickle.dump(what, self._process.stdin)  # type: ignore[arg-type]  # it has one
            self._process.stdin.flush()  # type: ignore[union-attr]  # likewise


def _read(order: _Order, answer: _Answer, row: int) -> Ended:
    """Make out how a fork ended."""
    if answer.status is None:
        problem = f"it does not end within {order.limit:.0f} s"
        return Ended(None, _lost(order.task, problem), "hung", row)
    if answer.status == 0:
        return Ended(*_said(answer), row)
    code = os.waitstatus_to_exitcode(answer.status)
    how = signal.Signals(-code).name if code < 0 else f"exit {code}"
    return Ended(None, _lost(order.task, f"its process dies ({how})"), "died", row)


def _lost(task: Task, problem: str) -> LostError:
    return LostError(f"{task.phase}: {task.name}: {problem}")


def serve(orders: BinaryIO, answers: BinaryIO) -> None:
    """Fork for each order, until nobody asks any more.

    What passed first, over no record and over some, is run here as well: the forks find all loaded.
    """
    die_with(pickle.load(orders))  # noqa: S301  our own process wrote it
    passed = 0
    while True:
        try:
            order: _Order = pickle.load(orders)  # noqa: S301  likewise
        except EOFError:
            return
        loading = 0.0 if passed else _STARTING
        answer = _within(order) if order.inside else _fork(order, order.limit + loading)
        loads = passed < _LOADED and not order.keep
        if loads and answer.status == 0 and not _said(answer).reason:
            passed += 1
            if not order.inside:
                _within(order)
        pickle.dump(answer, answers)
        answers.flush()


class _Said(NamedTuple):
    """What came of a try, in the process that tried."""

    marker: Marker | None
    error: GristmillError | None
    reason: str


def _said(answer: _Answer) -> _Said:
    said: _Said = pickle.loads(answer.said)  # noqa: S301  our own process wrote it
    return said


def _within(order: _Order) -> _Answer:
    """Try a task in this process, which ends if it takes too long, whatever it is at."""
    signal.setitimer(signal.ITIMER_REAL, order.limit)
    try:
        return _Answer(pickle.dumps(_try(order)), 0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _fork(order: _Order, limit: float) -> _Answer:
    """Try a task in a fork of this process, for at most `limit` seconds."""
    parent = os.getpid()
    heard, told = os.pipe()
    child = os.fork()
    if child == 0:
        die_with(parent)
        with os.fdopen(told, "wb") as pipe:
            pickle.dump(_try(order), pipe)
        os._exit(0)
    os.close(told)
    said = _hear(heard, limit)
    os.close(heard)
    if said is None:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return _Answer(b"", None) if said is None else _Answer(said, status)


def _hear(pipe: int, limit: float) -> bytes | None:
    """Read a pipe to its end; `None` if it does not end within so many seconds."""
    end, said = time.monotonic() + limit, b""
    while select.select([pipe], [], [], max(0.0, end - time.monotonic()))[0]:
        more = os.read(pipe, 1 << 16)
        if not more:
            return said
        said += more
    return None


def _try(order: _Order) -> _Said:
    """Run a task; say what to hold against a record, `""` if none is to blame."""
    try:
        if order.keep:
            return _Said(execute(order.task, order.root, order.work), None, "")
        with scratch_folder(order.task, order.work) as scratch:
            call(order.task, Context(order.root, order.work, scratch))
    except GristmillError as error:
        return _Said(None, error, _reason_of(error))
    return _Said(None, None, "")


def _reason_of(error: GristmillError) -> str:
    if isinstance(error, LostError):
        return "memory"
    return error.kind if isinstance(error, FaultError) else ""
