"""How busy one Dask scheduler is with many workers, and what the shortest sensible task is.

python benchmarks/scheduler.py --workers 10 100 300 1000 --rates 5 20 50 100
python benchmarks/scheduler.py --workers 1000 --seconds 60           # the bar: 25 % busy with tasks of a minute

A real scheduler in a process of its own, real `distributed` workers of one thread each, many to a
process, on loopback, with the heartbeats that the scheduler asks for, and tasks that do what tasks
of a run do but work: they sleep, and commit a marker with a record of 3 kB. They are sent by the
executor of a run (`--executor dask`), windowed, released at once. Workers share processes, so a
worker here is slower to take its next task than one with a process and a core of its own.

All figures are of the steady state: from the end of the first round, which is staggered, to the start of
the last task. `busy` is CPU seconds of the scheduler's process over wall seconds, `idle` the same with
all workers joined and nothing to do; `gap` is the time from the end of a task's work to the start of
that worker's next, commit included.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import dask
import numpy as np
import psutil
from naps import Nap, nap

from pipeline.engine import crew
from pipeline.engine.cluster import SETTINGS
from pipeline.engine.task import Marker, Task, Work

if TYPE_CHECKING:
    from collections.abc import Iterator

_PER_PROCESS = 250
_IDLE_SECONDS = 15.0
# what a worker tells of its process twice a second would, 250 times a process, be all that the process does
_QUIET = {"distributed.admin.system-monitor.interval": "30s"}


class Cluster(NamedTuple):
    """A running scheduler."""

    address: str
    scheduler: psutil.Process
    workers: list[psutil.Process]


async def serve_scheduler() -> None:
    """Run a scheduler until this process is ended; its address is the first line of stdout."""
    from distributed import Scheduler  # noqa: PLC0415  the driver needs none of it

    async with Scheduler(host="127.0.0.1", port=0, dashboard_address="127.0.0.1:0") as scheduler:
        print(scheduler.address, flush=True)
        await scheduler.finished()


async def serve_workers(address: str, count: int) -> None:
    """Run workers until this process is ended; a line on stdout says that all have joined."""
    from distributed import Worker  # noqa: PLC0415  as above

    with tempfile.TemporaryDirectory(prefix="scheduler-") as place:
        workers = [
            Worker(
                address,
                nthreads=1,
                host="127.0.0.1",
                memory_limit=0,
                dashboard=False,
                local_directory=place,
            )
            for _ in range(count)
        ]
        for start in range(0, count, 25):
            await asyncio.gather(*workers[start : start + 25])
        print("joined", flush=True)
        await asyncio.gather(*(worker.finished() for worker in workers))


@contextmanager
def spawn(*role: str) -> Iterator[tuple[psutil.Process, str]]:
    """Start a process of this script; yield it with its first line."""
    child = subprocess.Popen(
        [sys.executable, __file__, *role], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        yield (
            psutil.Process(child.pid),
            (child.stdout or sys.stdin.buffer).readline().decode().strip(),
        )
    finally:
        child.kill()
        child.wait()


@contextmanager
def cluster(workers: int) -> Iterator[Cluster]:
    """Start a scheduler and so many workers."""
    with ExitStack() as stack:
        scheduler, address = stack.enter_context(spawn("--scheduler"))
        processes = [
            stack.enter_context(spawn("--join", address, str(min(_PER_PROCESS, workers - start))))[
                0
            ]
            for start in range(0, workers, _PER_PROCESS)
        ]
        yield Cluster(address, scheduler, processes)


def cpu(process: psutil.Process) -> float:
    """Return the CPU seconds that a process has used, all threads."""
    times = process.cpu_times()
    return float(times.user + times.system)


class Sampler(threading.Thread):
    """Notes twice a second what scheduler, driver and workers have used."""

    def __init__(self, running: Cluster) -> None:
        super().__init__(daemon=True)
        self._running = running
        self._over = threading.Event()
        self.rows: list[tuple[float, float, float, float]] = []

    def run(self) -> None:
        """Sample until told to stop."""
        me = psutil.Process()
        while True:
            working = sum(map(cpu, self._running.workers))
            self.rows.append((time.time(), cpu(self._running.scheduler), cpu(me), working))
            if self._over.wait(0.5):
                return

    def stop(self) -> np.ndarray:
        """Return float64[n, 4]: the time, and the CPU seconds of the three by then."""
        self._over.set()
        self.join()
        return np.array(self.rows)


def idle_share(running: Cluster) -> float:
    """Return the share of a core that the scheduler takes for heartbeats alone."""
    before, began = cpu(running.scheduler), time.monotonic()
    time.sleep(_IDLE_SECONDS)
    return (cpu(running.scheduler) - before) / (time.monotonic() - began)


def measure(running: Cluster, workers: int, seconds: float, window: float) -> dict[str, float]:
    """Run tasks of a mean length for a while; say what they cost."""
    chance = random.Random(f"{workers}:{seconds}")
    naps = [seconds * (n + 0.5) / workers for n in range(workers)]  # the first round
    chance.shuffle(naps)
    naps += [
        seconds * chance.uniform(0.8, 1.2) for _ in range(int(workers * (window / seconds + 1)))
    ]
    name = f"{workers}-{seconds}"
    tasks = [Task("nap", f"{n}", nap, Nap(name, n, each)) for n, each in enumerate(naps)]
    done: list[Marker] = []
    idle, rss = idle_share(running), running.scheduler.memory_info().rss
    with tempfile.TemporaryDirectory(prefix="scheduler-", dir=_memory()) as place:
        root, work = Path(place), Work(Path(place))
        wanted = crew.Crew("dask", cluster=crew.Cluster(running.address))
        with crew.open_executor(wanted, work) as executor:
            sampler = Sampler(running)
            began = time.time()
            sampler.start()
            errors = executor.run(tasks, root, work, lambda _, marker: done.append(marker))
            took = time.time() - began
            rows = sampler.stop()
    if errors:
        sys.exit(f"{len(errors)} tasks failed, the first: {errors[0]}")
    figures = steady(rows, done, began + seconds)
    return {
        "workers": workers,
        "seconds": seconds,
        "tasks": len(tasks),
        "done": len(done),
        "took": took,
        "idle": idle,
        **figures,
        "rss_mb": rss / 1e6,
        "rss_after_mb": running.scheduler.memory_info().rss / 1e6,
    }


def steady(rows: np.ndarray, done: list[Marker], start: float) -> dict[str, float]:
    """Reduce samples and markers to the figures of the steady state."""
    spans = np.array([(m.record["began"], m.record["ended"]) for m in done])
    stop = max(float(spans[:, 0].max()), start + 1)
    first, last = np.searchsorted(rows[:, 0], [start, stop]).clip(0, len(rows) - 1)
    wall, scheduler, driver, working = rows[last] - rows[first]
    count = int(np.sum((spans[:, 1] >= rows[first, 0]) & (spans[:, 1] < rows[last, 0])))
    gaps = [
        later - earlier
        for mine in by_worker(done)
        for (_, earlier), (later, _) in pairwise(mine)
        if start <= earlier < stop
    ]
    return {
        "rate": count / wall,
        "busy": scheduler / wall,
        "scheduler_ms": scheduler / count * 1e3,
        "driver_ms": driver / count * 1e3,
        "worker_ms": working / count * 1e3,
        "gap_ms": float(np.median(gaps)) * 1e3,
        "gap_p99_ms": float(np.percentile(gaps, 99)) * 1e3,
    }


def by_worker(done: list[Marker]) -> list[list[tuple[float, float]]]:
    """List what each worker did, in order of time."""
    found: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for each in (marker.record for marker in done):
        mine = found.setdefault((each["process"], each["worker"]), [])
        mine.append((each["began"], each["ended"]))
    return [sorted(mine) for mine in found.values()]


def _memory() -> Path | None:
    """Return a folder in memory, where there is one: markers are synced, and the disk is not asked here."""
    place = Path("/dev/shm")  # noqa: S108  a scratch folder is made in it
    return place if place.is_dir() else None


_COLUMNS = (
    ("workers", "workers", "{:.0f}"),
    ("task s", "seconds", "{:.3g}"),
    ("tasks", "tasks", "{:.0f}"),
    ("done", "done", "{:.0f}"),
    ("tasks/s", "rate", "{:.1f}"),
    ("busy", "busy", "{:.1%}"),
    ("idle", "idle", "{:.1%}"),
    ("scheduler ms/task", "scheduler_ms", "{:.2f}"),
    ("driver ms/task", "driver_ms", "{:.2f}"),
    ("workers ms/task", "worker_ms", "{:.2f}"),
    ("gap ms", "gap_ms", "{:.0f}"),
    ("gap p99", "gap_p99_ms", "{:.0f}"),
    ("RSS MB", "rss_mb", "{:.0f}"),
    ("after", "rss_after_mb", "{:.0f}"),
)


def show(figures: dict[str, float] | None) -> None:
    """Print one row of the table, or its head."""
    cells = [head if figures is None else form.format(figures[key]) for head, key, form in _COLUMNS]
    print("| " + " | ".join(cells) + " |", flush=True)
    if figures is None:
        print("|" + "--:|" * len(cells), flush=True)


def main() -> None:
    """Measure what was asked for, or be one of the processes."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--workers", type=int, nargs="+", default=[10, 100, 300, 1000])
    parser.add_argument("--rates", type=float, nargs="+", default=[5.0, 20.0, 50.0, 100.0])
    parser.add_argument("--seconds", type=float, nargs="+", help="task lengths, instead of rates")
    parser.add_argument("--window", type=float, default=30, help="seconds to measure")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--scheduler", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--join", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.scheduler or args.join:
        with dask.config.set(SETTINGS | (_QUIET if args.join else {})):
            asyncio.run(
                serve_scheduler()
                if args.scheduler
                else serve_workers(args.join[0], int(args.join[1]))
            )
        return
    found = []
    show(None)
    for workers in args.workers:
        with cluster(workers) as running:
            for seconds in args.seconds or [workers / rate for rate in args.rates]:
                found.append(measure(running, workers, seconds, args.window))
                show(found[-1])
    if args.json is not None:
        args.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
