"""How long a document takes to look up in a release, and how fast a query counts and searches.

Looks up random ids with no cache of decoded frames, so that each one is cut out of its frame anew
(the files themselves lie in the page cache after the first pass), and runs a few queries. Prints
JSON: seconds, milliseconds and MB/s of raw lines, in wall time and CPU time.

    python benchmarks/lookup.py out/demo-1.0.0 --lookups 2000
"""

from __future__ import annotations

import argparse
import json
import random
import time
from functools import partial
from operator import contains
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.catalog import Query, count, count_by, open_catalog, rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.catalog import Release

LIMIT_MS = 2.0
QUERIES = {
    "count by language and licence": lambda it: count_by(it, Query(), ("language", "license")),
    "one language, one repository glob": lambda it: count(
        it, Query(where={"language": ("Python",), "repo": ("*/numpy",)}, kind="document")
    ),
    "sample of 100": lambda it: list(rows(it, Query(sample=100))),
    "pattern with plain characters": lambda it: count(it, Query(pattern=r"urllib\.request\w*")),
    "pattern without": lambda it: count(it, Query(pattern=r"(?i)urllib[.]request")),
    "pattern, sample of 10": lambda it: list(rows(it, Query(pattern="import os", sample=10))),
}


def timed(call: Callable[[], Any]) -> tuple[float, float]:
    """Return the wall and CPU seconds of a call."""
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - wall, time.process_time() - cpu


def spread(seconds: list[float]) -> dict[str, float]:
    """Return median, 99th percentile and maximum, in milliseconds."""
    ordered = sorted(seconds)
    places = {"median": 0.5, "p99": 0.99, "max": 1.0}
    last = len(ordered) - 1
    return {name: round(1e3 * ordered[int(place * last)], 3) for name, place in places.items()}


def within(seconds: list[float]) -> float:
    """Return the share that is within the limit."""
    return sum(1e3 * each <= LIMIT_MS for each in seconds) / len(seconds)


def look_up(release: Release, names: list[str]) -> dict[str, Any]:
    """Look ids up: once to make the columns of addresses and warm the page cache, once for the time."""
    first = [timed(partial(release.line, name)) for name in names]
    again = [timed(partial(release.line, name)) for name in names]
    missing = [timed(partial(contains, release, f"{name}?")) for name in names]
    walls, cpus = [wall for wall, _ in again], [cpu for _, cpu in again]
    return {
        "first_ms": spread([wall for wall, _ in first]),
        "ms": spread(walls),
        "cpu_ms": spread(cpus),
        "missing_ms": spread([wall for wall, _ in missing]),
        "within_limit": within(walls),
        "within_limit_cpu": within(cpus),
    }


def main() -> None:
    """Measure one release."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("release", type=Path)
    parser.add_argument("--lookups", type=int, default=2000)
    options = parser.parse_args()
    opening, _ = timed(lambda: open_catalog(options.release).close())
    with open_catalog(options.release, cache=0) as release:
        names = sorted(row["id"] for row in rows(release, Query(kind="document")))
        drawn = random.Random(0).choices(names, k=options.lookups)
        raw = int(release.frames.raw_length.sum())
        told: dict[str, Any] = {
            "documents": len(names),
            "raw_mb": round(raw / 1e6, 1),
            "largest_frame": int(release.frames.raw_length.max()),
            "open_ms": round(1e3 * opening, 2),
            "lookup": look_up(release, drawn),
        }
        for name, query in QUERIES.items():
            wall, cpu = timed(partial(query, release))
            rate = {"mb_s": round(raw / 1e6 / wall)} if name.startswith("pattern w") else {}
            told[name] = {"s": round(wall, 3), "cpu_s": round(cpu, 3), **rate}
    print(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
