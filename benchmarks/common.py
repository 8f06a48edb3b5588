"""What the benchmarks share: shards and their weight, samples, and processes that are measured."""

from __future__ import annotations

import io
import os
import platform
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
import zstandard

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ONE_THREAD = (
    "OMP_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "RAYON_NUM_THREADS",
)


class Input(NamedTuple):
    """A folder of shards, and what is in it."""

    name: str
    folder: Path
    documents: int
    megabytes: float


class Usage(NamedTuple):
    """What one process and its waited-for children used."""

    cpu_s: float
    wall_s: float
    peak_rss_mb: float


def records(shard: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of a `jsonl.zst` file, all frames."""
    with shard.open("rb") as raw:
        frames = zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True)
        yield from map(orjson.loads, io.BufferedReader(frames, 1 << 20))


def weigh(shard: Path) -> tuple[int, float]:
    """Count the documents of a shard and the megabytes of their text."""
    sizes = [len(record["text"].encode()) for record in records(shard)]
    return len(sizes), sum(sizes) / 1e6


def source_of(shard: Path) -> str:
    """Name the source of a shard: what its file name has before the first hyphen."""
    return shard.name.partition("-")[0].partition(".")[0]


def choose(weights: Mapping[Path, tuple[int, float]], megabytes: float) -> list[Path]:
    """Choose shards of about `megabytes`, of each source the share that it has of the whole."""
    share = min(1.0, megabytes / sum(size for _, size in weights.values()))
    chosen = []
    for source in sorted({source_of(shard) for shard in weights}):
        shards = [shard for shard in weights if source_of(shard) == source]
        chosen += shards[: max(1, round(share * len(shards)))]
    return chosen


def prepare(
    name: str, folder: Path, weights: Mapping[Path, tuple[int, float]], megabytes: float
) -> Input:
    """Copy the chosen shards into a folder of their own."""
    folder.mkdir(parents=True)
    chosen = choose(weights, megabytes)
    for shard in chosen:
        shutil.copyfile(shard, folder / shard.name)
    documents = sum(weights[shard][0] for shard in chosen)
    return Input(name, folder, documents, sum(weights[shard][1] for shard in chosen))


def pinned(command: list[str], core: int) -> list[str]:
    """Pin a command to one core where the system can."""
    taskset = shutil.which("taskset")
    return command if taskset is None else [taskset, "--cpu-list", str(core), *command]


def run_measured(
    command: list[str], core: int, log: Path, extra: Mapping[str, str] | None = None
) -> Usage:
    """Run a command on one core, with one thread for every numeric library.

    Its output goes to `log`; a failure ends the benchmark with the end of that log.
    """
    environment = os.environ | dict.fromkeys(ONE_THREAD, "1") | dict(extra or {})
    start = time.perf_counter()
    with log.open("wb") as sink:
        child = subprocess.Popen(pinned(command, core), stdout=sink, stderr=sink, env=environment)
        _, status, usage = os.wait4(child.pid, 0)  # the child and all of its waited-for children
    child.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    if child.returncode != 0:
        tail = log.read_text(errors="replace")[-2000:]
        sys.exit(f"{' '.join(command)} ended with {child.returncode}:\n{tail}")
    unit = 1e6 if sys.platform == "darwin" else 1e3  # ru_maxrss is in bytes there, else in kB
    return Usage(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / unit)


def versions_of(python: Path, packages: tuple[str, ...]) -> dict[str, str]:
    """Ask an interpreter for the versions of packages that its environment has."""
    ask = "import sys; from importlib.metadata import version as v; print(*map(v, sys.argv[1:]))"
    answer = subprocess.check_output([str(python), "-c", ask, *packages], text=True)
    return dict(zip(packages, answer.split(), strict=True))


def machine(packages: Mapping[str, Any]) -> dict[str, Any]:
    """Describe where and with what the figures were taken."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        cpu = names[0].partition(": ")[2] if names else cpu
    date = datetime.now(UTC).date().isoformat()
    return {"date": date, "cpu": cpu, "python": platform.python_version(), "packages": packages}
