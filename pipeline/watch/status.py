"""How a run in a work folder stands: from its event logs, while it goes on and after it has ended or was killed."""

from __future__ import annotations

import contextlib
import fcntl
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import msgspec

from pipeline.engine.ranks import RANKS, Note
from pipeline.engine.work import Work
from pipeline.errors import ConfigError
from pipeline.poison import KIND, Found
from pipeline.watch.event_log import BEAT_SECONDS, LOG, PAGE, SUFFIX
from pipeline.watch.run_log import RunLog, events, log_names, rank_of, read_log

if TYPE_CHECKING:
    from pipeline.store import Store
    from pipeline.watch.run_log import Ran, Span, Worker

State = Literal["running", "finished", "failed", "interrupted", "stopped", "unknown"]

_LOCK: Final = "lock"
_SILENCE: Final = 3 * BEAT_SECONDS
"""Seconds without an event after which a run elsewhere counts as stopped."""


class Status(NamedTuple):
    """How a run stands; `stopped` is one that was killed, `unknown` a folder in which no run left a log.

    `log` says what it did, `names` where that stands, the newest first; `idle` is for how many seconds
    it has said nothing.
    """

    place: str
    state: State
    log: RunLog
    names: tuple[str, ...]
    page: str
    idle: float
    ranks: tuple[Note, ...]
    poison: tuple[Found, ...]
    now: float


def read_status(place: Path | Store) -> Status:
    """Read how the last run in a work folder stands; nothing is written.

    Raises:
        ConfigError: it is no work folder.
    """
    work = Work(place)
    names = log_names(work)
    if not names and not _is_work_folder(place):
        raise ConfigError(
            f"status: {place}: is no work folder: give what --work named, or OUT/.work/NAME"
        )
    chosen = _together(work, names)
    log = read_log((name, work.look(LOG, name) or b"") for name in chosen)
    now = time.time()
    page = chosen[0].removesuffix(SUFFIX) + PAGE if chosen else ""
    return Status(
        str(place),
        _state(place, log, len(chosen), now),
        log,
        tuple(f"{LOG}/{name}" for name in chosen),
        f"{LOG}/{page}" if page and page in work.names(LOG) else "",
        max(now - log.last, 0.0) if chosen else 0.0,
        tuple(_notes(work)),
        tuple(_poison(work)),
        now,
    )


def _is_work_folder(place: Path | Store) -> bool:
    if isinstance(place, Path):
        return (place / _LOCK).is_file()
    return bool(place.look(RANKS))


def _together(work: Work, names: list[str]) -> list[str]:
    """Return the logs of the last run: one, or of every rank the newest that began the same run."""
    if not names:
        return []
    newest = names[-1]
    if rank_of(newest) is None:
        return [newest]
    mine = _started(work, newest)
    of_rank = {rank_of(name): name for name in names if rank_of(name) is not None}
    return sorted((n for n in of_rank.values() if _started(work, n) == mine), reverse=True)


def _started(work: Work, name: str) -> tuple[Any, ...]:
    """Tell what run a rank took part in."""
    first = (work.look(LOG, name) or b"").partition(b"\n")[0]
    about = next(events(first), {})
    world = (about.get("rank") or [0, 0])[1]
    return about.get("name"), about.get("version"), about.get("code"), world


def _state(place: Path | Store, log: RunLog, logs: int, now: float) -> State:
    """Tell whether it goes on: who has ended says so, and who was killed holds no lock any more."""
    if not logs:
        return "unknown"
    end = log.end
    if end is not None and (end["exit"] == 0 or len(log.ends) == logs):
        state: State = end["outcome"]
        return state
    here = isinstance(place, Path) and log.about.get("host") == socket.gethostname()
    if here and not log.about.get("rank"):
        return "running" if _is_held(Path(str(place)) / _LOCK) else "stopped"
    return "running" if now - log.last < _SILENCE else "stopped"


def _is_held(lock: Path) -> bool:
    """Tell whether a run holds a work folder; to ask takes the lock for an instant where nobody does."""
    try:
        with lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _notes(work: Work) -> list[Note]:
    notes = []
    for name in work.names(RANKS):
        with contextlib.suppress(msgspec.DecodeError):
            notes.append(msgspec.json.decode(work.look(RANKS, name) or b"", type=Note))
    return sorted(notes, key=lambda note: note.rank)


def _poison(work: Work) -> list[Found]:
    found = []
    for name in sorted(work.names(KIND)):
        with contextlib.suppress(msgspec.DecodeError):
            found.append(msgspec.json.decode(work.look(KIND, name) or b"", type=Found))
    return found


def as_json(status: Status) -> dict[str, Any]:
    """Spell a status for machines; times are in seconds, rates in MB/s of input."""
    log, end = status.log, status.log.end or {}
    share, left = outlook_of(status)
    return {
        "work": status.place,
        "state": status.state,
        "name": log.about.get("name", ""),
        "version": log.about.get("version", ""),
        "executor": log.about.get("executor", ""),
        "workers_asked": log.about.get("workers", 0),
        "host": log.about.get("host", ""),
        "pid": log.about.get("pid", 0),
        "command": log.about.get("command", []),
        "began": log.began,
        "seconds": round(seconds_of(status), 3),
        "idle_seconds": round(status.idle, 3),
        "share": round(share, 4),
        "left_seconds": None if left is None else round(left, 1),
        "dashboard": log.link if status.state == "running" else "",
        "logs": status.names,
        "page": status.page,
        "release": log.release,
        "exit": end.get("exit"),
        "problem": end.get("message", ""),
        "peak_mib": log.peak_mib,
        **_parts(status),
    }


def _parts(status: Status) -> dict[str, Any]:
    """Spell the phases, the workers, and what went wrong."""
    log = status.log
    return {
        "phases": [_phase(span, status.now) for span in log.spans],
        "workers": [_worker(each) for each in log.workers.values()],
        "slowest": [_task(each) for each in sorted(log.slowest, reverse=True)],
        "failures": [
            {name: event[name] for name in ("phase", "name", "kind", "message")}
            for event in log.failures
        ],
        "warnings": [event["message"] for event in log.warnings],
        "put_aside": {"bad_records": log.bad, "poison": msgspec.to_builtins(status.poison)},
        "ranks": [
            {
                name: getattr(note, name)
                for name in ("rank", "world", "host", "pid", "beat", "phase", "done", "ended")
            }
            | {"failed": len(note.failed)}
            for note in status.ranks
        ],
    }


def _phase(span: Span, now: float) -> dict[str, Any]:
    return {
        "phase": span.phase,
        "turn": span.turn,
        "tasks": span.total,
        "found": span.found,
        "done": done_of(span.found, span.done, span.total),
        "bytes": span.weight,
        "seconds": round((span.ended or now) - span.began, 3),
        "task_seconds": round(span.seconds, 3),
        "cpu_seconds": round(span.cpu_seconds, 3),
        "mb_s": round(span.rate / 1e6, 3),
        "bytes_out": span.bytes_out,
        "peak_mib": span.peak_mib,
    }


def _worker(worker: Worker) -> dict[str, Any]:
    return {
        "host": worker.host,
        "pid": worker.pid,
        "tasks": worker.tasks,
        "seconds": round(worker.seconds, 3),
        "mb_s": round(worker.rate / 1e6, 3),
        "peak_mib": worker.peak_mib,
    }


def _task(ran: Ran) -> dict[str, Any]:
    host, pid = ran.worker
    return {
        "phase": ran.phase,
        "name": ran.name,
        "seconds": ran.seconds,
        "host": host,
        "pid": pid,
    }


def done_of(found: int, done: int, total: int) -> int:
    """Count what is done of a phase, whoever did it."""
    return min(found + done, total)


def seconds_of(status: Status) -> float:
    """Return for how long the run goes on, or went on."""
    until = status.now if status.state == "running" else status.log.last
    return max(until - status.log.began, 0.0)


def outlook_of(status: Status) -> tuple[float, float | None]:
    """Return the share that is done, and the seconds that are left where that can be told."""
    if status.state == "finished":
        return 1.0, 0.0
    found = status.log.forecast.outlook(status.now)
    return found.share, found.left if status.state == "running" else None
