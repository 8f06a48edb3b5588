"""Measure near-duplicate removal side by side: gristmill, rensa, datasketch and four more.

Each contestant is one process pinned to one core, and they take turns, round after round: ours, a
peer, ours, the next peer. What counts is user + system CPU of the process and its children, start-up
and imports included, over the UTF-8 bytes of the text that goes in, 1 MB = 10**6 bytes. Those that
take minutes for a round run on a sample of the shards, with ours on the same sample. A toy of three
documents (a, nearly a, b) goes first: it shows what each keeps, and what its start-up costs.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from statistics import median
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any

import orjson
import zstandard
from common import Input, machine, prepare, weigh
from contestants import (
    HERE,
    OURS,
    SLOW,
    Entry,
    Run,
    Setting,
    add_setting,
    measure,
    packages_of,
    setting_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


def make_toy(folder: Path) -> Input:
    """Write a shard of three documents: `a`, `near-a` with one word of 400 replaced, and `b`.

    Words are letters only: datatrove reads all numbers as the same one, so it takes two documents
    of words such as w17 for copies.
    """
    drawn = random.Random(20)
    words = [["".join(drawn.choices(ascii_lowercase, k=5)) for _ in range(400)] for _ in "ab"]
    near = [*words[0][:200], "replaced", *words[0][201:]]
    texts = {"a": " ".join(words[0]), "near-a": " ".join(near), "b": " ".join(words[1])}
    lines = b"".join(orjson.dumps({"id": i, "text": t}) + b"\n" for i, t in texts.items())
    folder.mkdir(parents=True)
    shard = folder / "toy-000.jsonl.zst"
    shard.write_bytes(zstandard.compress(lines))
    return Input("toy", folder, *weigh(shard))


def check_toy(names: list[str], toy: Input, place: Path, setting: Setting) -> None:
    """Run everyone on the toy and print what is kept; it warms caches of compiled code, too."""
    for name in names:
        kept = measure(Entry(name, toy), place, setting).kept
        right = kept in (["a", "b"], ["b", "near-a"])
        verdict = "one of the two and b" if right else "NOT what deduplication leaves"
        print(f"toy: {name} keeps {', '.join(kept)}: {verdict}", file=sys.stderr)


def turns(names: list[str], whole: Input, sample: Input, toy: Input) -> list[Entry]:
    """List one round: before each peer ours on the same input, and everyone once on the toy."""
    ours = [name for name in names if name in OURS]
    entries = []
    for peer in [name for name in names if name not in OURS] or [""]:
        source = sample if peer in SLOW else whole
        entries += [Entry(name, source) for name in ours]
        entries += [Entry(peer, source)] if peer else []
    return entries + [Entry(name, toy) for name in names]


def compete(
    entries: list[Entry], rounds: int, place: Path, setting: Setting
) -> dict[Entry, list[Run]]:
    """Let the contestants take turns for the asked number of rounds."""
    runs: dict[Entry, list[Run]] = defaultdict(list)
    for turn in range(rounds):
        for entry in entries:
            run = measure(entry, place, setting)
            runs[entry].append(run)
            label = f"round {turn + 1}: {entry.contestant}, {entry.input.name}"
            speed = entry.input.megabytes / run.cpu_s
            print(f"{label}: {run.cpu_s:.2f} CPU s, {speed:.1f} MB/s", file=sys.stderr)
    return runs


def row_of(entry: Entry, runs: Mapping[Entry, list[Run]], toy: Input) -> dict[str, Any]:
    """Condense the rounds of a line into medians, and compare with ours on the same input.

    `times_…` is this CPU over ours; `times_…_inside` the same after the start-up (the CPU of the
    contestant's own run on the toy) is taken from both.
    """
    cpu = {each: median(run.cpu_s for run in taken) for each, taken in runs.items()}
    inside = {each: cpu[each] - cpu[Entry(each.contestant, toy)] for each in cpu}
    taken = runs[entry]
    row = {
        "contestant": entry.contestant,
        "input": entry.input.name,
        "input_mb": round(entry.input.megabytes, 1),
        "input_documents": entry.input.documents,
        "kept_documents": len(taken[-1].kept),
        "kept_the_same_each_round": all(run.kept == taken[0].kept for run in taken),
        "cpu_s": round(cpu[entry], 2),
        "cpu_s_rounds": [round(run.cpu_s, 2) for run in taken],
        "start_up_cpu_s": round(cpu[entry] - inside[entry], 2),
        "mb_per_s_per_core": round(entry.input.megabytes / cpu[entry], 2),
        "wall_s": round(median(run.wall_s for run in taken), 2),
        "peak_rss_mb": round(max(run.peak_rss_mb for run in taken)),
        "load_average_before": [round(run.load, 2) for run in taken],
    }
    for name in OURS:
        ours = Entry(name, entry.input)
        if ours in runs and entry.contestant not in OURS:
            row[f"times_{name}"] = round(cpu[entry] / cpu[ours], 2)
            row[f"times_{name}_inside"] = round(inside[entry] / inside[ours], 2)
    return row


def print_table(rows: list[dict[str, Any]]) -> None:
    """Print the rows as a Markdown table."""
    ratios = [key for name in OURS for key in (f"times_{name}", f"times_{name}_inside")]
    ratios = [key for key in ratios if any(key in row for row in rows)]
    heads = [f"x {key.removeprefix('times_').replace('_', ', ')}" for key in ratios]
    print("| contestant | text in, MB | documents in | kept | CPU s | of it start-up "
          "| MB/s per core | peak RSS, MB |" + "".join(f" {head} |" for head in heads))  # fmt: skip
    print("|---|--:|--:|--:|--:|--:|--:|--:|" + "--:|" * len(heads))
    keys = ("input_documents", "kept_documents", "cpu_s", "start_up_cpu_s", "mb_per_s_per_core")
    for row in rows:
        source = f"{row['input_mb']} ({row['input']})"
        cells = [row["contestant"], source, *(row[key] for key in (*keys, "peak_rss_mb"))]
        cells += [row.get(key, "") for key in ratios]
        print("| " + " | ".join(map(str, cells)) + " |")


def write_kept(runs: Mapping[Entry, list[Run]], folder: Path) -> None:
    """Write the ids that each contestant kept on each input, and which shards the input had."""
    folder.mkdir(parents=True, exist_ok=True)
    for entry, taken in runs.items():
        ids = "".join(f"{each}\n" for each in taken[-1].kept)
        target = folder / entry.input.name / f"{entry.contestant}.ids"
        target.parent.mkdir(exist_ok=True)
        target.write_text(ids, encoding="utf-8")
        shards = sorted(shard.name for shard in entry.input.folder.glob("*.jsonl.zst"))
        (target.parent / "shards.txt").write_text("".join(f"{name}\n" for name in shards))


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--corpus", type=Path, default=HERE / "corpus", help="from corpus.py")
    parser.add_argument("--mb", type=float, default=1e9, help="use this much of the corpus")
    parser.add_argument("--sample-mb", type=float, default=28, help="for the slow contestants")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threshold", type=float, default=0.8)
    parser.add_argument("--toy", action="store_true", help="run the toy of three documents only")
    parser.add_argument("--json", type=Path, help="write every figure there")
    parser.add_argument("--kept", type=Path, help="write the kept ids there, INPUT/CONTESTANT.ids")
    add_setting(parser)
    args = parser.parse_args()
    if not args.toy and not list(args.corpus.glob("*.jsonl.zst")):
        parser.error(f"{args.corpus} has no shards: run corpus.py first")
    return args


def main() -> None:
    """Run the benchmark and print a Markdown table."""
    args = arguments()
    setting = setting_of(args, args.threshold)
    described = machine(packages_of(args.only, setting))
    with tempfile.TemporaryDirectory(prefix="dedup-") as folder:
        place = Path(folder)
        toy = make_toy(place / "toy")
        check_toy(args.only, toy, place / "run", setting)
        if args.toy:
            return
        weights = {shard: weigh(shard) for shard in sorted(args.corpus.glob("*.jsonl.zst"))}
        whole = prepare("whole", place / "whole", weights, args.mb)
        sample = prepare("sample", place / "sample", weights, min(args.mb, args.sample_mb))
        entries = turns(args.only, whole, sample, toy)
        runs = compete(entries, args.rounds, place / "run", setting)
        if args.kept is not None:
            write_kept({entry: runs[entry] for entry in runs if entry.input != toy}, args.kept)
    rows = [row_of(entry, runs, toy) for entry in runs if entry.input != toy]
    result = {
        "machine": described,
        "rounds": args.rounds,
        "threshold": args.threshold,
        "rows": rows,
    }
    print(json.dumps(described))
    print_table(rows)
    if args.json is not None:
        args.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
