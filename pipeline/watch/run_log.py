"""Read event logs: what a run has done so far, or had done when it ended or was killed."""

from __future__ import annotations

import contextlib
import heapq
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

from pipeline.watch.event_log import LOG, SUFFIX
from pipeline.watch.forecast import Forecast, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pipeline.engine.work import Work

Event = dict[str, Any]

_SLOWEST: Final = 10
_DRAWN: Final = 200_000  # tasks whose place and time are kept
_TOLD: Final = 100  # warnings that are kept
_NAME: Final = re.compile(rf"\d{{8}}T\d{{6}}\.\d{{6}}Z-(rank\d+|\d+){re.escape(SUFFIX)}")


class Span(msgspec.Struct):
    """A phase for the `turn`th time; times are in seconds since 1970, `found` had been done before."""

    phase: str
    turn: int
    began: float
    ended: float
    total: int
    weight: int
    found: int
    found_weight: int
    found_seconds: float
    done: int = 0
    done_weight: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_mib: int = 0
    bytes_out: int = 0
    last: float = 0.0  # when its last task was done

    @property
    def rate(self) -> float:
        """Bytes of input in a second, of what was done now."""
        return self.done_weight / max((self.last or self.ended) - self.began, 1e-3)

    def expected(self, then: int, now: int) -> float:
        """Say what it would take `now` workers, had nothing been done before; `then` there were so many.

        The work is divided among them; starting workers and waiting for them is not.
        """
        work = (self.found_seconds + self.seconds) / max(min(now, self.total), 1)
        idle = (self.ended - self.began) - self.seconds / max(min(then, self.done), 1)
        return work + max(idle, 0.0)


class Worker(msgspec.Struct):
    """A process that ran tasks, and when it first and last did."""

    host: str
    pid: int
    began: float
    ended: float
    tasks: int = 0
    seconds: float = 0.0
    weight: int = 0
    peak_mib: int = 0

    @property
    def rate(self) -> float:
        """Bytes of input in a second of its work."""
        return self.weight / max(self.seconds, 1e-3)


class Ran(msgspec.Struct, frozen=True, order=True):
    """A task that was done: for how long, by which worker, and when it ended."""

    seconds: float
    phase: str
    name: str
    worker: tuple[str, int]
    ended: float
    peak_mib: int


class RunLog(msgspec.Struct):
    """What the log of a run says, or those of all its ranks together."""

    about: Event = {}
    began: float = 0.0
    last: float = 0.0
    spans: list[Span] = []
    workers: dict[tuple[str, int], Worker] = {}
    slowest: list[Ran] = []
    tasks: list[Ran] = []
    failures: list[Event] = []
    warnings: list[Event] = []
    bad: int = 0
    link: str = ""
    release: str = ""
    ends: list[Event] = []
    forecast: Forecast = msgspec.field(default_factory=lambda: Forecast(()))
    _seen: set[tuple[str, str]] = set()
    _turns: dict[tuple[str, str], int] = {}

    def add(self, event: Event, who: str = "") -> None:
        """Take in one event, from the log of `who`; those of several come in the order of their times."""
        at = datetime.fromisoformat(event["t"]).timestamp()
        self.began = self.began or at
        self.last = at
        match event["event"]:
            case "run" if not self.about:
                self.about = event
                steps = msgspec.convert(event.get("steps", ()), tuple[Step, ...])
                self.forecast = Forecast(steps, event.get("side_by_side", 1))
            case "link":
                self.link = self.link or event["url"]
            case "phase":
                self._begin(event, who, at)
            case "task":
                self._count(event, at)
            case "failed":
                self.failures.append(event)
            case "warning" if len(self.warnings) < _TOLD:
                self.warnings.append(event)
            case "release":
                self.release = event["path"]
            case "end":
                self.ends.append(event)
                self._close(at)

    def _begin(self, event: Event, who: str, at: float) -> None:
        """Begin a phase, unless another rank has begun it."""
        phase = event["phase"]
        turn = self._turns[who, phase] = self._turns.get((who, phase), 0) + 1
        if any((each.phase, each.turn) == (phase, turn) for each in self.spans):
            return
        self._close(at)
        span = Span(
            phase,
            turn,
            at,
            0.0,
            event["tasks"],
            event["bytes"],
            event["found"],
            event["found_bytes"],
            event["found_seconds"],
        )
        self.bad += event["found_bad"] if turn == 1 else 0
        self.spans.append(span)
        self.forecast.start(
            at, phase, span.total, span.weight, min(span.found, span.total), span.found_weight
        )

    def _close(self, at: float) -> None:
        if self.spans and not self.spans[-1].ended:
            self.spans[-1].ended = at

    def _count(self, event: Event, at: float) -> None:
        """Count a task, once though several ranks tell of it."""
        key = event["phase"], event["fingerprint"]
        span = next((each for each in reversed(self.spans) if each.phase == key[0]), None)
        if span is None or key in self._seen:
            return
        self._seen.add(key)
        span.done += 1
        span.done_weight += event["bytes_in"]
        span.seconds += event["seconds"]
        span.cpu_seconds += event["cpu_seconds"]
        span.peak_mib = max(span.peak_mib, event["peak_mib"])
        span.bytes_out += event["bytes_out"]
        span.last = at
        self.bad += event["bad"]
        ran = Ran(
            event["seconds"],
            event["phase"],
            event["name"],
            (event["host"], event["pid"]),
            at,
            event["peak_mib"],
        )
        self._place(ran, event["bytes_in"])
        if span is self.spans[-1]:
            self.forecast.advance(at, event["bytes_in"])

    def _place(self, ran: Ran, weight: int) -> None:
        """Count a task for its worker."""
        began = ran.ended - ran.seconds
        worker = self.workers.setdefault(ran.worker, Worker(*ran.worker, began, ran.ended))
        worker.began, worker.ended = min(worker.began, began), ran.ended
        worker.tasks += 1
        worker.seconds += ran.seconds
        worker.weight += weight
        worker.peak_mib = max(worker.peak_mib, ran.peak_mib)
        if len(self.tasks) < _DRAWN:
            self.tasks.append(ran)
        if len(self.slowest) < _SLOWEST:
            heapq.heappush(self.slowest, ran)
        else:
            heapq.heappushpop(self.slowest, ran)

    @property
    def end(self) -> Event | None:
        """How it ended; of several ranks one that came to the end has done it for all."""
        return max(self.ends, key=lambda event: (event["exit"] == 0, event["exit"]), default=None)

    @property
    def peak_mib(self) -> int:
        """The most memory that a worker used."""
        return max((worker.peak_mib for worker in self.workers.values()), default=0)

    def steps(self, workers: int) -> tuple[Step, ...]:
        """Say what each phase would take with so many workers, had nothing been done before.

        What comes before the first task, as compiling does, takes long in a first run alone.
        """
        first = next((at for at, span in enumerate(self.spans) if span.total), len(self.spans))
        then = self.about.get("side_by_side", 1)
        return tuple(
            Step(span.phase, span.turn, span.expected(then, workers)) for span in self.spans[first:]
        )


def log_names(work: Work) -> list[str]:
    """List the logs of a work folder, the oldest first."""
    return sorted(name for name in work.names(LOG) if _NAME.fullmatch(name))


def rank_of(name: str) -> int | None:
    """Tell which rank wrote a log, if ranks did."""
    who = name.removesuffix(SUFFIX).rpartition("-")[2]
    return int(who.removeprefix("rank")) if who.startswith("rank") else None


def events(data: bytes) -> Iterator[Event]:
    """Yield the events of a log; a line that is cut short, as at the end of one still growing, is passed over."""
    for line in data.splitlines():
        with contextlib.suppress(msgspec.DecodeError, ValueError):
            event = msgspec.json.decode(line)
            if isinstance(event, dict) and "event" in event and "t" in event:
                yield event


def read_log(logs: Iterable[tuple[str, bytes]]) -> RunLog:
    """Read the logs of one run, each with who wrote it."""
    log = RunLog()
    told = ([(event["t"], who, event) for event in events(data)] for who, data in logs)
    for _, who, event in heapq.merge(*told, key=lambda each: each[:2]):
        log.add(event, who)
    return log


def last_finished(work: Work) -> RunLog | None:
    """Read the last run in a work folder that came to its end."""
    for name in reversed(log_names(work)):
        data = work.look(LOG, name) or b""
        tail = data.rstrip(b"\n").rpartition(b"\n")[2]
        if next((e for e in events(tail) if e["event"] == "end" and e["exit"] == 0), None):
            return read_log([(name, data)])
    return None
