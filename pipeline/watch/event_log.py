"""The event log of a run: JSON lines under `log/` in the work folder, one file for each driver.

Every line is written whole and at once, so a log can be read while its run goes on and after it was
killed. It names phases, tasks, hosts and figures, never a document's text. In a work folder in an
object store, which cannot be appended to, the whole log is put anew now and then.

    run      what was started: release, executor, workers, command, versions, host, and `steps`, the line of
             its forecast
    link     the address of the Dask dashboard
    phase    a phase begins: tasks, bytes of input, and how much of both an earlier run has done
    task     a task is done: where, in what time, with how much memory, bytes in and out, bad records
    failed   a task has failed
    warning  what a person should look at
    release  the release is published
    beat     nothing else has happened for a minute
    end      finished, failed or interrupted, with the exit code
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

from pipeline.errors import GristmillError

if TYPE_CHECKING:
    from typing import TextIO

    from pipeline.engine.work import Work

LOG: Final = "log"
SUFFIX: Final = ".jsonl"
PAGE: Final = ".html"
FORMAT: Final = 1
_KEPT: Final = 20  # logs of a work folder, of every rank
_PUT_SECONDS: Final = 10.0
BEAT_SECONDS: Final = 60.0


class EventLog:
    """Writes the log of one run; what goes wrong with it never harms the run."""

    def __init__(self, work: Work, rank: int | None = None) -> None:
        now = datetime.now(UTC)
        who = f"{os.getpid()}" if rank is None else f"rank{rank}"
        self.stem = f"{now:%Y%m%dT%H%M%S}.{now.microsecond:06}Z-{who}"
        self._work = work
        self._folder = work.path / LOG
        self.path = self._folder / f"{self.stem}{SUFFIX}"
        self._lock = threading.Lock()
        self._last = time.monotonic()
        self._dirty = False
        self._over = threading.Event()
        self._file = self._open()
        self._keeper = threading.Thread(target=self._keep, name="event log", daemon=True)
        self._keeper.start()

    def write(self, event: str, **fields: Any) -> None:
        """Add one event, with its time."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = msgspec.json.encode({"t": now, "event": event, **fields}).decode()
        with self._lock:
            self._last, self._dirty = time.monotonic(), True
            if self._file is not None:
                with contextlib.suppress(OSError):  # the disk is full, which the tasks will tell
                    self._file.write(line + "\n")
                    self._file.flush()

    def close(self) -> None:
        """End the log, put it where others find it, and remove the oldest."""
        self._over.set()
        self._keeper.join(_PUT_SECONDS)  # a store that does not answer holds nobody up
        with self._lock:
            if self._file is not None:
                with contextlib.suppress(OSError):
                    self._file.close()
                self._file = None
        self._put()
        self._prune()

    def put_page(self, page: bytes) -> None:
        """Leave the page that was made of the log, beside it."""
        path = self.path.with_suffix(PAGE)
        with contextlib.suppress(OSError, GristmillError):
            path.write_bytes(page)
            if self._work.store is not None:
                self._work.store.put(f"{LOG}/{path.name}", path)

    def _open(self) -> TextIO | None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            return self.path.open("w", encoding="utf-8")
        except OSError:
            return None

    def _keep(self) -> None:
        """Show others that the run is alive, and what it has done."""
        while not self._over.wait(_PUT_SECONDS):
            if time.monotonic() - self._last >= BEAT_SECONDS:
                self.write("beat")
            if self._dirty:
                self._dirty = False
                self._put()

    def _put(self) -> None:
        if self._work.store is not None:
            with contextlib.suppress(OSError, GristmillError):  # the next time, or the time after
                self._work.store.put(f"{LOG}/{self.path.name}", self.path)

    def _prune(self) -> None:
        """Remove what is older than the newest logs of this rank, or of all runs without ranks."""
        with contextlib.suppress(OSError, GristmillError):
            names = self._work.names(LOG)
            mine = sorted(
                name for name in names if name.endswith(SUFFIX) and _who(name) == _who(self.stem)
            )
            stale = {name.removesuffix(SUFFIX) for name in mine[:-_KEPT]}
            gone = [name for name in names if name.rpartition(".")[0] in stale]
            for name in gone:
                (self._folder / name).unlink(missing_ok=True)
            if self._work.store is not None:
                self._work.store.remove([f"{LOG}/{name}" for name in gone])


def _who(name: str) -> str:
    """Tell the rank in the name of a log; runs without ranks are alike."""
    who = name.partition("-")[2].partition(".")[0]
    return who if who.startswith("rank") else ""
