"""Who takes part in the near-duplicate benchmarks: commands, environments, and one measured run."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pyarrow.parquet as pq
from common import Input, records, run_measured, source_of, versions_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

HERE = Path(__file__).resolve().parent
OURS = ("gristmill-ids", "gristmill-dedup", "gristmill-run")
SCRIPTS = {
    "rensa": "rensa_run.py",
    "datasketch": "datasketch_run.py",
    "text-dedup": "text_dedup_run.py",
    "data-juicer": "data_juicer_run.py",
    "datatrove": "datatrove_dedup_run.py",
}
SLOW = ("text-dedup", "data-juicer", "datatrove")  # on the sample; the others on the whole
CONTESTANTS = (*OURS, *SCRIPTS)
PACKAGES = {
    "gristmill": ("gristmill", "numba", "numpy", "zstandard", "orjson"),
    "rensa": ("rensa",),
    "datasketch": ("datasketch", "xxhash"),
    "text-dedup": ("text-dedup", "datasets"),
    "data-juicer": ("py-data-juicer", "datasets"),
    "datatrove": ("datatrove", "spacy"),
}
CONFIG = """\
[release]
name = "near"
version = "1.0.0"
shards = 4
{sources}
[redact]
level = "off"
[dedup]
near = {{ threshold = {threshold} }}
"""
SOURCE = """\
[[sources]]
name = "{name}"
paths = ["{folder}/{name}[-.]*jsonl.zst"]
priority = {priority}
"""


class Entry(NamedTuple):
    """One line of the table: who runs on what."""

    contestant: str
    input: Input


class Run(NamedTuple):
    """What one process used and left, and how busy the machine was before it."""

    cpu_s: float
    wall_s: float
    peak_rss_mb: float
    kept: list[str]
    load: float


class Setting(NamedTuple):
    """What is the same for every run of a benchmark."""

    pythons: Mapping[str, Path]
    threshold: float
    core: int


def python_of(contestant: str, setting: Setting) -> Path:
    """Find the interpreter of a contestant's environment."""
    return setting.pythons["gristmill" if contestant in OURS else contestant]


def write_config(folder: Path, threshold: float) -> Path:
    """Write a config beside the shards with nothing in it but near-duplicates; it keeps sources."""
    names = sorted({source_of(shard) for shard in folder.glob("*.jsonl.zst")})
    sources = "".join(
        SOURCE.format(name=name, folder=folder, priority=place)
        for place, name in enumerate(names, 1)
    )
    path = folder / "near.toml"
    path.write_text(CONFIG.format(sources=sources, threshold=threshold))
    return path


def command_of(contestant: str, folder: Path, out: Path, setting: Setting) -> list[str]:
    """Spell a contestant's command line; it may write below `out` only."""
    python = python_of(contestant, setting)
    program, result = str(python.with_name("gristmill")), str(out / "result")
    threshold = ["--threshold", str(setting.threshold)]
    if contestant in {"gristmill-ids", "gristmill-dedup"}:
        command = [program, "dedup", "run", f"{folder}/*.jsonl.zst", "--out", result]
        command += ["--ledger-only"] if contestant == "gristmill-ids" else []
        return [*command, "--executor", "sync", *threshold]
    if contestant == "gristmill-run":
        config = str(write_config(folder, setting.threshold))
        places = ["--out", result, "--work", str(out / "work")]
        return [program, "run", config, "--executor", "sync", *places]
    script = str(HERE / "peers" / SCRIPTS[contestant])
    return [str(python), script, str(folder), str(out / "kept"), *threshold]


def ids_left(contestant: str, out: Path) -> list[str]:
    """Read the ids that a contestant kept, sorted."""
    if contestant not in OURS:
        return sorted((out / "kept").read_text(encoding="utf-8").splitlines())
    result = out / "result"
    if contestant == "gristmill-ids":
        ledger = pq.read_table(result / "ledger", columns=["id", "verdict"])
        return sorted(row["id"] for row in ledger.to_pylist() if row["verdict"] == "keep")
    shards = [
        shard
        for shard in result.rglob("*.jsonl.zst")
        if not any(part.startswith(".") for part in shard.relative_to(result).parts)
    ]
    return sorted(record["id"] for shard in shards for record in records(shard))


def measure(entry: Entry, out: Path, setting: Setting, extra: tuple[str, ...] = ()) -> Run:
    """Run one contestant once, with `extra` arguments; a failure ends the benchmark.

    Caches of datasets are below `out`, so that no round finds what the one before has computed.
    """
    out.mkdir(parents=True)
    load = os.getloadavg()[0]
    command = command_of(entry.contestant, entry.input.folder, out, setting)
    caches = {"HF_HOME": str(out / "cache")}
    usage = run_measured([*command, *extra], setting.core, out / "log.txt", caches)
    kept = ids_left(entry.contestant, out)
    shutil.rmtree(out)
    return Run(usage.cpu_s, usage.wall_s, usage.peak_rss_mb, kept, load)


def add_setting(parser: argparse.ArgumentParser) -> None:
    """Add what says who takes part, where its environment is, and on which core it runs."""
    parser.add_argument("--core", type=int, default=0, help="the core that all are pinned to")
    parser.add_argument("--only", nargs="+", choices=CONTESTANTS, default=list(CONTESTANTS))
    parser.add_argument(
        "--venv",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME=PYTHON",
        help="the interpreter of a contestant, if not .venv-NAME/bin/python beside this file; "
        "gristmill=PYTHON for one with gristmill installed, if not this one",
    )


def setting_of(args: argparse.Namespace, threshold: float) -> Setting:
    """Find the interpreter of everyone who takes part; a missing one ends the benchmark."""
    pythons = {name: HERE / f".venv-{name}" / "bin" / "python" for name in SCRIPTS}
    pythons["gristmill"] = Path(sys.executable)
    for pair in args.venv:
        name, _, python = pair.partition("=")
        if name not in pythons or not python:
            sys.exit(f"--venv {pair}: not NAME=PYTHON with a name of {', '.join(pythons)}")
        pythons[name] = Path(python)
    setting = Setting(pythons, threshold, args.core)
    for name in args.only:
        if not python_of(name, setting).exists():
            sys.exit(f"{python_of(name, setting)} is missing: see requirements-{name}.txt")
    return setting


def packages_of(names: list[str], setting: Setting) -> dict[str, dict[str, str]]:
    """Name the versions of what takes part, by environment."""
    environments = {"gristmill" if name in OURS else name for name in names}
    return {
        name: versions_of(setting.pythons[name], PACKAGES[name]) for name in sorted(environments)
    }
