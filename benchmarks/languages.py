"""How often the language of a file is right, and how fast it is told.

`python benchmarks/languages_sample.py --work DIR` builds the sample, then
`python benchmarks/languages.py --work DIR [--wrong] [--json FILE]`.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson
from languages_sample import Sample, read_sample

from filters.language import language_evidence
from filters.origin import is_generated, is_vendored

if TYPE_CHECKING:
    from collections.abc import Sequence

_ROUNDS: Final = 5
Outcome = tuple[Sample, str | None, str]


def judge(rows: Sequence[Sample], *, classifier: bool) -> list[Outcome]:
    """Ask for each file; `Text` counts as a language here."""
    answers = [language_evidence(row.path, row.text, classifier=classifier) for row in rows]
    return [(row, told.language, told.by) for row, told in zip(rows, answers, strict=True)]


def shares(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Per cent right, wrong and untold, how many files and languages, and which step answered."""
    right = sum(told in row.labels for row, told, _ in outcomes)
    untold = sum(told is None for _, told, _ in outcomes)
    total = len(outcomes)
    return {
        "files": total,
        "languages": len({row.labels[0] for row, _, _ in outcomes}),
        "right": round(100 * right / total, 2),
        "wrong": round(100 * (total - right - untold) / total, 2),
        "untold": round(100 * untold / total, 2),
        "steps": dict(Counter(by or "none" for _, _, by in outcomes).most_common()),
    }


def speed(rows: Sequence[Sample]) -> dict[str, float]:
    """Files a CPU second of one process, best of five: the language alone, and with both flags."""
    best, flagged = 0.0, 0.0
    for _ in range(_ROUNDS):
        start = time.process_time()
        for row in rows:
            language_evidence(row.path, row.text)
        best = max(best, len(rows) / (time.process_time() - start))
        start = time.process_time()
        for row in rows:
            language_evidence(row.path, row.text)
            is_vendored(row.path)
            is_generated(row.path, row.text)
        flagged = max(flagged, len(rows) / (time.process_time() - start))
    return {"language": round(best), "language and flags": round(flagged)}


def main() -> None:
    """Print a table, and with `--wrong` every file that is not right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--part", choices=["dev", "held", "fresh"], action="append")
    parser.add_argument("--wrong", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = [row for row in read_sample(options.work / "sample.jsonl") if row.part != "train"]
    results: dict[str, Any] = {}
    for part in options.part or ["dev", "held", "fresh", "all"]:
        own = [row for row in rows if part in {row.part, "all"}]
        outcomes = judge(own, classifier=True)
        results[f"{part}, rules only"] = shares(judge(own, classifier=False))
        results[f"{part}, with the classifier"] = shares(outcomes)
        if options.wrong:
            for row, told, by in outcomes:
                if told not in row.labels:
                    print(f"{told} ({by}) for {'|'.join(row.labels)}: {row.package}/{row.path}")
    results["files a second"] = speed(rows)
    for name, found in results.items():
        print(name, found)
    if options.json:
        options.json.write_bytes(orjson.dumps(results, option=orjson.OPT_INDENT_2))


if __name__ == "__main__":
    main()
