"""Ranks: equal processes that share a run without a scheduler, each started by itself, as by a job array.

They meet in the work folder alone. A rank takes a task by creating its claim, which one of all who
try succeeds in; the marker of a finished task is what it is without ranks. Each rank notes every few
seconds that it lives. Whose note stands still is taken for dead, and its claims are free: no clock of
one machine is compared with another's. Where two ranks run a task after all, their bytes are equal.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
import uuid
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple, ParamSpec, TypeVar

import msgspec

from pipeline.engine.commit import find_finished
from pipeline.engine.executor import NO_BOUNDS, Failure
from pipeline.errors import GristmillError, kind_of
from pipeline.poison import KIND, PoisonedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pipeline.engine.executor import Executor, OnDone
    from pipeline.engine.guard import Bounds
    from pipeline.engine.task import Task
    from pipeline.engine.work import Work

RANKS: Final = "ranks"
CLAIMS: Final = "claims"
_BEAT: Final = 5.0  # seconds between two notes
_FRESH: Final = 1.0  # seconds for which what was read of others will do
_PATIENCE: Final = 12  # beats without news, after which a rank is taken for dead
_WATCHED: Final = 2.5  # beats for which a note is watched
_POLL: Final = (0.05, 2.0)  # seconds between two looks at what others do: the first and the longest
_BATCH: Final = 2  # tasks that are claimed at once, for each worker of a rank

P = ParamSpec("P")
T = TypeVar("T")


class Problem(NamedTuple):
    """An error as others are told of it."""

    kind: str
    message: str

    @classmethod
    def of(cls, error: GristmillError) -> Problem:
        """Spell an error."""
        return cls(type(error).__name__, str(error))

    def error(self) -> GristmillError:
        """Make the error again."""
        return kind_of(self.kind)(self.message)


class Note(msgspec.Struct):
    """What a rank says of itself: a `session` is one process, `beat` grows while it lives.

    `failed` are the tasks that it gave up, by fingerprint, `said` the results of what is done once.
    """

    rank: int
    world: int
    session: str
    host: str
    pid: int
    beat: int = 0
    phase: str = ""
    done: int = 0
    ended: bool = False
    failed: dict[str, Problem] = {}
    said: dict[str, Any] = {}


class Board:
    """The notes of all ranks, and their claims, in the work folder."""

    def __init__(self, work: Work, rank: int, world: int) -> None:
        self.note = Note(rank, world, uuid.uuid4().hex, socket.gethostname(), os.getpid())
        self._work = work
        self._stale = {each.session for each in self._read()}
        self._news: dict[str, tuple[int, float]] = {}  # by session: its beat, and when it was new
        self._owners: dict[str, str] = {}  # of what was claimed, as far as is known
        self._notes: list[Note] = []
        self._began = self._looked = time.monotonic()
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def beating(self) -> Iterator[None]:
        """Note that this rank lives, until the block ends; where it ends well, all is done and no claim holds."""
        over = threading.Event()

        def beat() -> None:
            while not over.wait(_BEAT):
                self.post()

        self.post()
        thread = threading.Thread(target=beat, daemon=True)
        thread.start()
        done = False
        try:
            yield
            done = True
        finally:
            over.set()
            thread.join()
            self.note.ended = True
            self.post()
            if done or all(note.ended for note in self._read()):
                self._work.clear(CLAIMS)

    def post(self) -> None:
        """Write the own note."""
        with self._lock:
            self.note.beat += 1
            data = msgspec.json.encode(self.note)
            self._work.leave(RANKS, f"{self.note.rank}.json", [data])

    def others(self) -> list[Note]:
        """Return the notes of this run, not a second old, and none of an earlier one that lie there still."""
        if time.monotonic() - self._looked < _FRESH:
            return self._notes
        return self.look()

    def look(self) -> list[Note]:
        """Return them as they are now."""
        now = self._looked = time.monotonic()
        self._notes = [each for each in self._read() if each.session not in self._stale]
        for each in self._notes:
            if self._news.get(each.session, (0, 0.0))[0] != each.beat:
                self._news[each.session] = each.beat, now
        return self._notes

    def others_live(self) -> bool:
        """Tell whether anybody is at work who was there before; if one may be, it is watched for a while."""
        before = {each.session: each.beat for each in self._read() if not each.ended}
        if not before:
            return False
        time.sleep(_WATCHED * _BEAT)
        return any(before.get(each.session, each.beat) != each.beat for each in self._read())

    def claim(self, name: str) -> bool:
        """Take something for this rank alone; what a dead rank has taken is free."""
        mine = f"{self.note.rank} {self.note.session}"
        if name not in self._owners and self._work.create(CLAIMS, name, mine.encode()):
            self._owners[name] = mine
        elif name not in self._owners:
            self._owners[name] = (self._work.look(CLAIMS, name) or b"").decode()
        owner = self._owners[name]
        if owner == mine or self._lives(owner):
            return owner == mine
        del self._owners[name]
        if (self._work.look(CLAIMS, name) or b"").decode() != owner:
            return self.claim(name)  # another has freed it meanwhile
        self._work.drop(CLAIMS, name)
        return self._work.create(CLAIMS, name, mine.encode())

    def _lives(self, owner: str) -> bool:
        """Tell whether the owner of a claim lives; one that has not been heard of yet is given time."""
        rank, _, session = owner.partition(" ")
        if session in self._stale:
            return False
        for note in self.others():
            if note.session == session and note.ended:
                return False
            if note.session != session and str(note.rank) == rank:  # started again
                return False
        _, heard = self._news.get(session, (0, self._began))
        return time.monotonic() - heard < _PATIENCE * _BEAT

    def _read(self) -> list[Note]:
        notes = []
        for name in sorted(self._work.names(RANKS)):
            with contextlib.suppress(msgspec.DecodeError):
                notes.append(msgspec.json.decode(self._work.look(RANKS, name) or b"", type=Note))
        return notes


class RankExecutor:
    """Runs the tasks that no other rank has taken, and waits for those that others have."""

    def __init__(self, inner: Executor, board: Board, workers: int) -> None:
        self._inner = inner
        self._board = board
        self._batch = _BATCH * workers

    def run(
        self, tasks: list[Task], root: Path, work: Work, on_done: OnDone, bounds: Bounds = NO_BOUNDS
    ) -> list[Failure]:
        """Run all tasks, here or elsewhere."""
        waiting = {task.fingerprint: task for task in sorted(tasks, key=lambda task: -task.weight)}
        failures: list[Failure] = []
        poison = work.names(KIND)
        pause = _POLL[0]

        def done(task: Task, marker: Any) -> None:
            waiting.pop(task.fingerprint, None)
            self._board.note.done += 1
            on_done(task, marker)

        self._board.note.phase = tasks[0].phase
        while waiting:
            mine = list(
                islice((t for n, t in waiting.items() if self._board.claim(n)), self._batch)
            )
            if mine:
                pause = _POLL[0]
                failed = self._inner.run(mine, root, work, done, bounds)
            else:
                time.sleep(pause)
                pause = min(2 * pause, _POLL[1])
                for task, marker in find_finished(list(waiting.values()), work):
                    done(task, marker)
                failed = self._failed_elsewhere(waiting)
            failures += failed
            for each in failed:
                waiting.pop(each.task.fingerprint)
            if work.names(KIND) != poison and waiting:
                task = next(iter(waiting.values()))
                return [*failures, Failure(task, PoisonedError("another rank found poison"))]
        return failures

    def _failed_elsewhere(self, waiting: dict[str, Task]) -> list[Failure]:
        told = {name: each for note in self._board.others() for name, each in note.failed.items()}
        return [Failure(task, told[name].error()) for name, task in waiting.items() if name in told]

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call it here."""
        return self._inner.call(function, *args, **kwargs)

    @property
    def link(self) -> str | None:
        """The address at which a browser shows the workers of this rank."""
        return self._inner.link

    def give_up(self, failures: list[Failure]) -> None:
        """Tell the others, who would wait for these tasks."""
        for failure in failures:
            self._board.note.failed[failure.task.fingerprint] = Problem.of(failure.error)
        self._board.post()

    def leave(self, work: Work) -> None:
        """Leave it to the workers' own."""
        self._inner.leave(work)

    def once(self, name: str, act: Callable[[], T]) -> T:
        """Let one rank do something, and return what it says to all."""
        pause = _POLL[0]
        while True:
            mine = self._board.claim(name)  # also where it was done by one that has ended
            for note in self._board.look() if mine else self._board.others():
                if name in note.failed:
                    raise note.failed[name].error()
                if name in note.said:
                    said: T = note.said[name]
                    return said
            if mine:
                break
            time.sleep(pause)
            pause = min(2 * pause, _POLL[1])
        try:
            made = act()
        except GristmillError as error:
            self._board.note.failed[name] = Problem.of(error)
            raise
        self._board.note.said[name] = made
        return made
