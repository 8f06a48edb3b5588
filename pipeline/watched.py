"""Watch a run: show how far it has come, keep its event log, and leave a page about it in the end."""

from __future__ import annotations

import platform
import socket
import sys
import time
from contextlib import contextmanager
from importlib.metadata import version
from os import getpid
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pipeline.errors import GristmillError
from pipeline.preflight import environment_digest
from pipeline.run_page.page import render
from pipeline.stop import Stop
from pipeline.store import is_url, shown
from pipeline.watch.event_log import FORMAT, LOG, EventLog
from pipeline.watch.forecast import Cost, Forecast, Step, expected
from pipeline.watch.progress import open_display
from pipeline.watch.reporter import LONGEST, RunReporter
from pipeline.watch.run_log import last_finished, read_log

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.config import Config
    from pipeline.engine.crew import Crew
    from pipeline.engine.work import Work


class _End(NamedTuple):
    """How a run ended."""

    outcome: str
    exit: int
    kind: str = ""
    message: str = ""


@contextmanager
def watched(work: Work, config: Config, crew: Crew, costs: Sequence[Cost]) -> Iterator[RunReporter]:
    """Give a run its reporter; whatever comes of the run stands in its log.

    `costs` is what its phases cost where no run here was finished.
    """
    log = EventLog(work, None if crew.rank is None else crew.rank.number)
    steps, workers = forecast_steps(work, crew, costs), _side_by_side(crew)
    log.write("run", **_about(config, crew), steps=steps, side_by_side=workers)
    forecast = Forecast(steps, workers)
    began = time.monotonic()
    end = _End("failed", 1)
    try:
        with open_display(lambda: forecast.outlook(time.monotonic()), workers) as display:
            yield RunReporter(display, log, forecast)
            forecast.end()
        end = _End("finished", 0)
    except GristmillError as error:
        end = _End("failed", error.exit_code, type(error).__name__, str(error)[:LONGEST])
        raise
    except KeyboardInterrupt as stop:
        end = _End("interrupted", stop.exit_code if isinstance(stop, Stop) else 130)
        raise
    finally:
        log.write("end", **end._asdict(), seconds=round(time.monotonic() - began, 3))
        _leave_page(work, log)
        log.close()


def forecast_steps(work: Work, crew: Crew, costs: Sequence[Cost]) -> tuple[Step, ...]:
    """Say what the phases will take: as in the last run here that was finished, else as is usual."""
    workers = _side_by_side(crew)
    last = last_finished(work)
    if last is None:
        return expected(costs, workers)
    return last.steps(max(workers, len(last.workers)) if crew.name == "dask" else workers)


def _side_by_side(crew: Crew) -> int:
    """Count the tasks that run at once."""
    workers = 1 if crew.name == "sync" else crew.workers
    return workers * (1 if crew.rank is None else crew.rank.world)


def _about(config: Config, crew: Crew) -> dict[str, object]:
    """Say what was started, where and with what."""
    return {
        "log": FORMAT,
        "name": config.release.name,
        "version": config.release.version,
        "executor": crew.name,
        "workers": crew.workers,
        "rank": crew.rank,
        "command": [
            Path(sys.argv[0]).name,
            *(shown(each) if is_url(each) else each for each in sys.argv[1:]),
        ],
        "gristmill": version("gristmill"),
        "python": platform.python_version(),
        "dask": version("distributed"),
        "code": environment_digest(),
        "host": socket.gethostname(),
        "pid": getpid(),
    }


def _leave_page(work: Work, log: EventLog) -> None:
    """Draw what the log says; without a log, as on a full disk, there is nothing to draw."""
    data = work.path / LOG / log.path.name
    if data.exists():
        log.put_page(render(read_log([("", data.read_bytes())])))
