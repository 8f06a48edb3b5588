"""How much of a release does an opt-out rewrite? `python benchmarks/removal.py --corpus FOLDER`.

Makes a release of a corpus, takes documents out by opt-out (1, then 16), makes the next release
incrementally (with the work of the one before) and in full (without), and compares:
the bytes of data frames that are new, the files that differ, and whether both ways give equal bytes.
Seconds are wall and, with the workers', CPU time; those of the full release are of the same version.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq

from filters.subjects import subject
from manifests.manifest import SUMS, decode
from pipeline.compare import compare
from pipeline.engine.crew import Crew
from pipeline.mirror import new_bytes
from pipeline.optout import add
from pipeline.run import run_config

CONFIG = """\
[release]
name = "removal"
version = "{version}"
[[sources]]
name = "corpus"
paths = ["{corpus}"]
[optout]
registry = "registry.jsonl"
"""


class Made(NamedTuple):
    """A release and what it took: wall seconds, and CPU seconds of this process and its workers."""

    release: Path
    seconds: float
    cpu_seconds: float


def main() -> None:
    """Measure and print one JSON object a removal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="removal-") as folder:
        for row in measure(options.corpus.resolve(), Path(folder), options.workers):
            print(json.dumps(row))


def measure(corpus: Path, folder: Path, workers: int) -> list[dict[str, object]]:
    """Make the releases; return a row for each removal."""
    (folder / "registry.jsonl").touch()
    first = _make(corpus, folder, "1.0.0", "out", workers).release
    index = pq.read_table(first / "index/documents.parquet", columns=["id"])
    ids = sorted(map(str, index["id"].to_pylist()))
    rows, removed, old = [], 0, first
    for number, count in enumerate((1, 16), start=1):
        step = len(ids) // (count + 1)
        gone = [subject("id", ids[step * (n + 1) + removed]) for n in range(count)]
        add(folder / "registry.jsonl", gone, copies="none")
        removed += count
        new = _make(corpus, folder, f"1.0.{number}", "out", workers)
        full = folder / f"full-{number}"
        shutil.copytree(old, full / old.name)
        again = _make(corpus, folder, f"1.0.{number}", full.name, workers)
        rows.append(
            _row(old, new.release, count)
            | {
                "incremental_is_full": _sums(new.release) == _sums(again.release),
                "seconds": round(new.seconds, 1),
                "cpu_seconds": round(new.cpu_seconds, 1),
                "seconds_full": round(again.seconds, 1),
                "cpu_seconds_full": round(again.cpu_seconds, 1),
            }
        )
        old = new.release
    return rows


def _make(corpus: Path, folder: Path, version: str, out: str, workers: int) -> Made:
    config = folder / "removal.toml"
    config.write_text(CONFIG.format(version=version, corpus=corpus), encoding="utf-8")
    began, before = time.monotonic(), _cpu_seconds()
    release = run_config(config, out=folder / out, crew=Crew(workers=workers)).release
    return Made(release, time.monotonic() - began, _cpu_seconds() - before)


def _cpu_seconds() -> float:
    """Add up user and system time of this process and of the children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _sums(release: Path) -> bytes:
    return (release / SUMS).read_bytes()


def _row(old: Path, new: Path, count: int) -> dict[str, object]:
    found = compare(old, new, reseeded=False)
    was = {file.path: file for file in decode((old / "manifest.json").read_bytes()).files}
    now = decode((new / "manifest.json").read_bytes())
    fresh = [f for f in now.files if f.path not in was or was[f.path].sha256 != f.sha256]
    data = [f for f in fresh if f.path.startswith("data/")]
    fetch = new_bytes(old, new)
    return {
        "documents": now.documents,
        "removed": count,
        "frame_bytes": found.bytes,
        "new_frame_bytes": found.fetch,
        "new_frames_percent": round(100 * found.fetch / found.bytes, 2),
        "shards_that_differ": len(data),
        "bytes_of_other_files_that_differ": sum(f.bytes for f in fresh)
        - sum(f.bytes for f in data),
        "new_bytes": fetch.fresh,
        "bytes_of_release": fetch.bytes,
    }


if __name__ == "__main__":
    main()
