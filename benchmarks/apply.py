"""What does it cost to apply one opt-out to a published release? `python benchmarks/apply.py --corpus FOLDER …`.

Makes a release of all the corpora, opts one of its documents out, applies that to the release and,
for comparison, makes the same successor from nothing: CPU seconds of whole processes on one core,
the bytes that are new, by file, and whether the two successors are equal to the byte.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

import pyarrow.parquet as pq
from common import Usage, run_measured

from manifests.manifest import SUMS, decode
from pipeline.compare import compare
from pipeline.mirror import new_bytes

SOURCE = """
[[sources]]
name = "corpus{number}"
paths = ["{corpus}"]
id_prefix = "{number}:"
"""
CONFIG = """
[release]
name = "apply"
shards = 64
[optout]
registry = "registry.jsonl"
"""
MAIN = "import sys; from pipeline.cli.app import main; sys.exit(main())"


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, nargs="+", required=True)
    parser.add_argument("--core", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="apply-") as folder:
        found = measure([each.resolve() for each in options.corpus], Path(folder), options.core)
        print(json.dumps(found, indent=2))


def measure(corpora: list[Path], folder: Path, core: int) -> dict[str, object]:
    """Make the releases; return what they cost and in what they differ."""
    sources = [SOURCE.format(number=n, corpus=each) for n, each in enumerate(corpora)]
    config, registry = folder / "apply.toml", folder / "registry.jsonl"
    config.write_text(CONFIG + "".join(sources), encoding="utf-8")
    registry.touch()

    def mill(*arguments: object) -> Usage:
        command = [sys.executable, "-P", "-c", MAIN, *map(str, arguments)]
        return run_measured(command, core, folder / "log")

    out, again = folder / "out", folder / "again"
    first = mill("run", config, "--out", out, "--executor", "sync")
    release = out / "apply-1.0.0"
    index = pq.read_table(release / "index/documents.parquet", columns=["id"])
    ids = sorted(map(str, index["id"].to_pylist()))
    mill("optout", "add", "--registry", registry, "--id", ids[len(ids) // 2])
    shutil.copytree(release, again / release.name)
    applied = mill("optout", "apply", release, "--registry", registry, "--executor", "sync")
    version = ("--set", "release.version=1.0.1")
    rebuilt = mill("run", config, "--out", again, "--executor", "sync", *version)
    one, other = out / "apply-1.0.1", again / "apply-1.0.1"
    return _row(release, one, (first, applied, rebuilt)) | {
        "apply_is_rebuild": (one / SUMS).read_bytes() == (other / SUMS).read_bytes()
    }


def _row(old: Path, new: Path, costs: tuple[Usage, Usage, Usage]) -> dict[str, object]:
    first, applied, rebuilt = costs
    found = compare(old, new, reseeded=False)
    was = {file.path: file.sha256 for file in decode((old / "manifest.json").read_bytes()).files}
    now = decode((new / "manifest.json").read_bytes())
    fresh = sum(file.bytes for file in now.files if was.get(file.path) != file.sha256)
    fetch = new_bytes(old, new)
    return {
        "documents": now.documents,
        "raw_bytes": now.bytes_raw,
        "release_bytes": sum(file.bytes for file in now.files),
        "removed": len(found.difference.removed),
        "new_frames_percent": round(100 * found.fetch / found.bytes, 3),
        "new_files_percent": round(100 * fresh / sum(file.bytes for file in now.files), 2),
        "new_bytes_percent": round(100 * fetch.fresh / fetch.bytes, 3),
        "new_bytes_by_file": {
            file.path: [file.fresh, file.bytes]
            for file in sorted(fetch.files, key=lambda file: -file.fresh)
        },
        "first_cpu_s": round(first.cpu_s, 1),
        "apply_cpu_s": round(applied.cpu_s, 1),
        "rebuild_cpu_s": round(rebuilt.cpu_s, 1),
        "share_cpu": round(applied.cpu_s / rebuilt.cpu_s, 3),
        "share_wall": round(applied.wall_s / rebuilt.wall_s, 3),
        "apply_peak_mb": round(applied.peak_rss_mb),
    }


if __name__ == "__main__":
    main()
