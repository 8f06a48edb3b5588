r"""Measure near-duplicate removal inside a process, texts in memory: gristmill and rensa, in turn.

python benchmarks/in_process.py --corpus CORPUS --rensa .venv-rensa/bin/python --rounds 5

Each is a process of its own that reads all texts first; what counts is its CPU time from the list
of texts to the list of those kept. rensa shingles as in benchmarks/peers (words of `\w+` in lower
case, five a shingle) and verifies by signatures; gristmill verifies every pair exactly.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent


def gristmill(texts: list[str]) -> int:
    """Return how many texts gristmill keeps."""
    from pipeline.dedup.in_memory import keep_distinct  # noqa: PLC0415  not in rensa's environment

    return int(keep_distinct(texts).kept.sum())


def rensa(texts: list[str]) -> int:
    """Return how many texts rensa keeps."""
    from interface import BANDS, PERMUTATIONS  # noqa: PLC0415  only in the child that needs it
    from rensa import RMinHashDeduplicator  # noqa: PLC0415
    from words import shingles  # noqa: PLC0415

    dedup = RMinHashDeduplicator(
        threshold=0.8, num_perm=PERMUTATIONS, use_lsh=True, num_bands=BANDS
    )
    kept = 0
    for start in range(0, len(texts), 500):
        batch = enumerate(texts[start : start + 500], start)
        kept += sum(dedup.add_pairs([(str(key), shingles(text)) for key, text in batch]))
    return kept


def child(name: str, corpus: Path) -> None:
    """Read the texts, run one contestant, print what it took."""
    sys.path.append(str(HERE / "peers"))
    from words import read  # noqa: PLC0415  a script of that folder

    texts = [text for _, text in read(corpus)]
    contestant = {"gristmill": gristmill, "rensa": rensa}[name]
    contestant(texts[:50])  # loads what there is to load
    began = time.process_time()
    kept = contestant(texts)
    seconds = time.process_time() - began
    size = sum(len(text.encode()) for text in texts) / 1e6
    print(json.dumps({"kept": kept, "cpu_s": seconds, "mb": size}))


def main() -> None:
    """Let both take turns and print medians."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--rensa", type=Path, help="the interpreter of rensa's environment")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--core", default="0")
    parser.add_argument("--child", choices=("gristmill", "rensa"))
    args = parser.parse_args()
    if args.child is not None:
        child(args.child, args.corpus)
        return
    pythons = {"gristmill": Path(sys.executable), "rensa": args.rensa}
    runs: dict[str, list[float]] = {name: [] for name in pythons}
    for _ in range(args.rounds):
        for name, python in pythons.items():
            command = [str(python), __file__, "--child", name, "--corpus", str(args.corpus)]
            done = subprocess.run(
                ["taskset", "-c", args.core, *command], check=True, capture_output=True, text=True
            )
            result = json.loads(done.stdout)
            runs[name].append(result["cpu_s"])
            print(f"{name}: kept {result['kept']}, {result['mb'] / result['cpu_s']:.1f} MB/s")
    ours, theirs = median(runs["gristmill"]), median(runs["rensa"])
    print(f"medians: gristmill {ours:.2f} s, rensa {theirs:.2f} s: {theirs / ours:.1f} x")


if __name__ == "__main__":
    main()
