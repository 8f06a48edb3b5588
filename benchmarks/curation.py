"""Measure whole curations side by side: gristmill, glue, glue with secrets, datatrove.

Each contestant is one process pinned to one core, and they take turns, round after round. What
counts is user + system CPU of the process and its children, start-up and imports included, over
the UTF-8 bytes of the text that goes in: MB/s per core, 1 MB = 10**6 bytes. The contestants that
take minutes for a round run on a sample of the shards, and the others on that sample too, so that
every line has one with the same input to be compared with; the table says who ran on what.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from common import Input, machine, prepare, records, run_measured, versions_of, weigh

HERE = Path(__file__).resolve().parent
CONTESTANTS = ("gristmill", "glue", "glue-secrets", "datatrove")
SLOW = ("glue-secrets", "datatrove")  # on the sample; the others on the whole
PACKAGES = ("gristmill", "zstandard", "orjson", "detect-secrets", "datasketch", "numba", "numpy")


class Entry(NamedTuple):
    """One line of the table: who runs on what."""

    contestant: str
    input: Input


class Run(NamedTuple):
    """What one process used and left."""

    cpu_s: float
    wall_s: float
    peak_rss_mb: float
    kept: int


def command_of(entry: Entry, out: Path, args: argparse.Namespace) -> list[str]:
    """Spell a contestant's command line; it may write below `out` only."""
    source = str(entry.input.folder)
    if entry.contestant == "gristmill":
        config = f"{source}/curation.toml"
        places = ["--out", f"{out}/release", "--work", f"{out}/work"]
        return [str(args.gristmill), "run", config, "--executor", "sync", *places]
    if entry.contestant == "datatrove":
        script = str(HERE / "peers" / "datatrove_run.py")
        return [str(args.datatrove_python), script, source, f"{out}/data"]
    flags = ["--secrets"] if entry.contestant == "glue-secrets" else []
    return [sys.executable, str(HERE / "peers" / "glue.py"), source, f"{out}/data", *flags]


def shards_of(entry: Entry, out: Path) -> list[Path]:
    """List the shards that a contestant leaves as its result."""
    if entry.contestant == "gristmill":
        return sorted(out.glob("release/*/data/**/*.jsonl.zst"))
    return sorted(out.glob("data/*.jsonl.zst"))


def measure(entry: Entry, out: Path, args: argparse.Namespace) -> Run:
    """Run one contestant once and count what it kept; a failure ends the benchmark."""
    out.mkdir(parents=True)
    usage = run_measured(command_of(entry, out, args), args.core, out / "log.txt")
    kept = sum(1 for shard in shards_of(entry, out) for _ in records(shard))
    shutil.rmtree(out)
    return Run(usage.cpu_s, usage.wall_s, usage.peak_rss_mb, kept)


def entries_for(names: list[str], whole: Input, sample: Input) -> list[Entry]:
    """Say who runs on what: everyone on the sample, those that are fast on the whole too."""
    fast = [Entry(name, whole) for name in names if name not in SLOW]
    if sample.documents == whole.documents:
        return [Entry(name, whole) for name in names]
    return fast + [Entry(name, sample) for name in names]


def rows_of(runs: dict[Entry, list[Run]]) -> list[dict[str, Any]]:
    """Condense the rounds into medians, and compare with gristmill on the same input."""
    speed = {
        entry: entry.input.megabytes / median(run.cpu_s for run in taken)
        for entry, taken in runs.items()
    }
    rows = []
    for entry, taken in runs.items():
        ours = speed.get(Entry("gristmill", entry.input))
        rows.append(
            {
                "contestant": entry.contestant,
                "input": entry.input.name,
                "input_mb": round(entry.input.megabytes, 1),
                "input_documents": entry.input.documents,
                "kept_documents": taken[0].kept,
                "cpu_s": round(median(run.cpu_s for run in taken), 2),
                "cpu_s_rounds": [round(run.cpu_s, 2) for run in taken],
                "wall_s": round(median(run.wall_s for run in taken), 2),
                "peak_rss_mb": round(max(run.peak_rss_mb for run in taken)),
                "mb_per_s_per_core": round(speed[entry], 2),
                "gristmill_is_faster_by": None if ours is None else round(ours / speed[entry], 2),
            },
        )
    return rows


def packages_of(args: argparse.Namespace) -> dict[str, str]:
    """Name the versions of what runs here."""
    packages = {name: version(name) for name in PACKAGES}
    if args.datatrove_python.exists():
        packages |= versions_of(args.datatrove_python, ("datatrove", "spacy"))
    return packages


def print_table(rows: list[dict[str, Any]]) -> None:
    """Print the rows as a Markdown table."""
    print("| contestant | text in, MB | documents in | kept | CPU s | MB/s per core "
          "| gristmill is faster by | peak RSS, MB |")  # fmt: skip
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    for row in rows:
        factor = row["gristmill_is_faster_by"]
        cells = (
            row["contestant"],
            f"{row['input_mb']} ({row['input']})",
            row["input_documents"],
            row["kept_documents"],
            row["cpu_s"],
            row["mb_per_s_per_core"],
            "" if factor is None or row["contestant"] == "gristmill" else f"{factor} x",
            row["peak_rss_mb"],
        )
        print("| " + " | ".join(str(cell) for cell in cells) + " |")


def compete(
    entries: list[Entry], small: Input, place: Path, args: argparse.Namespace
) -> dict[Entry, list[Run]]:
    """Let the contestants take turns for the asked number of rounds.

    Before the first, those that are fast run once on `small`, so that code that is compiled at
    first use (bytecode, numba's cache) is on disk as it is for every run but the first ever.
    """
    runs: dict[Entry, list[Run]] = defaultdict(list)
    for name in {entry.contestant for entry in entries}.difference(SLOW) if args.warm_up else ():
        print(f"warm-up: {name}", file=sys.stderr)
        measure(Entry(name, small), place / "run", args)
    for turn in range(args.rounds):
        for entry in entries:
            run = measure(entry, place / "run", args)
            runs[entry].append(run)
            speed = entry.input.megabytes / run.cpu_s
            label = f"round {turn + 1}: {entry.contestant}, {entry.input.name}"
            print(f"{label}: {run.cpu_s:.1f} CPU s, {speed:.2f} MB/s per core", file=sys.stderr)
    return runs


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--corpus", type=Path, default=HERE / "corpus", help="from corpus.py")
    parser.add_argument("--mb", type=float, default=1e9, help="use this much of the corpus")
    parser.add_argument("--sample-mb", type=float, default=28, help="for the slow contestants")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--core", type=int, default=0, help="the core that all are pinned to")
    parser.add_argument("--only", nargs="+", choices=CONTESTANTS, default=CONTESTANTS)
    parser.add_argument("--warm-up", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--json", type=Path, help="write every figure there")
    parser.add_argument(
        "--gristmill", type=Path, default=Path(sys.executable).with_name("gristmill")
    )
    parser.add_argument(
        "--datatrove-python",
        type=Path,
        default=HERE / ".venv-datatrove" / "bin" / "python",
        help="the interpreter of requirements-datatrove.txt",
    )
    args = parser.parse_args()
    if "datatrove" in args.only and not args.datatrove_python.exists():
        parser.error(
            f"{args.datatrove_python} is missing: see requirements-datatrove.txt, or --only"
        )
    if not list(args.corpus.glob("*.jsonl.zst")):
        parser.error(f"{args.corpus} has no shards: run corpus.py first")
    return args


def main() -> None:
    """Run the benchmark and print a Markdown table."""
    args = arguments()
    weights = {shard: weigh(shard) for shard in sorted(args.corpus.glob("*.jsonl.zst"))}
    with tempfile.TemporaryDirectory(prefix="curation-") as folder:
        place = Path(folder)
        whole = prepare("whole", place / "whole", weights, args.mb)
        sample = prepare("sample", place / "sample", weights, min(args.mb, args.sample_mb))
        small = prepare("warm-up", place / "small", weights, 0)
        for each in (whole, sample, small):
            shutil.copyfile(HERE / "curation.toml", each.folder / "curation.toml")
        runs = compete(entries_for(list(args.only), whole, sample), small, place, args)
    result = {"machine": machine(packages_of(args)), "rounds": args.rounds, "rows": rows_of(runs)}
    if args.json is not None:
        args.json.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result["machine"]))
    print_table(result["rows"])


if __name__ == "__main__":
    main()
