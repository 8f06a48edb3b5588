"""Score what a deduplication kept against the truth: `python benchmarks/quality.py TRUTH KEPT`.

TRUTH is a folder that truth.py wrote. KEPT is a file with one id a line, a release, or a folder of
`jsonl.zst` shards. Two documents are *alike* at t if their texts are equal in NFC, or if they have
shingles and J >= t (in integers: t is read as a ratio). What each figure means:

- `right`: removed documents to which a *kept* document is alike; `exact` of them have an equal one.
- `wrong`: the other removed documents: nothing that was kept stands for them. Of these, `chained`
  are alike to some document, only that it is gone too; `stranger` have not even one document at J
  0.4 in the whole corpus. What was lost to a bug in a kernel or to union-find shows here.
- **precision** = right / (right + wrong): the share of the removals that lost nothing.
  `near precision` leaves out `exact`, which would flatter it.
- `standing`: kept documents to which another kept one is alike. Both ends of a pair stand, and one
  of them should, so `missed` counts those that a walk over the kept documents in order of id would
  still remove because an earlier one, itself kept by the walk, is alike.
- **recall** = right / (right + missed): of the documents that repeat one which stayed, the share
  that is gone. `near recall` leaves out `exact`. This is recall of documents, not of pairs: a
  document needs one partner found to be gone, and a pair of two removed documents asks nothing.
- `ideal` is how many documents the same walk over the whole corpus keeps: keep-first with every
  pair known. Another order of survivors may keep a few more or less.

Where KEPT is a release, its ledger's word is checked too. Of `claims` (a removed document, the one
that it is said to repeat, and for a near one their shared and united shingles) `gone` name a
document that was not kept, `untrue` one that is not alike or not by these figures.

A removed document counts for its own script, a missed one too. KEPT must hold every document that
was not removed for being a duplicate: run without filters.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from fractions import Fraction
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson
import pyarrow.parquet as pq
import zstandard

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

COUNTS: Final = ("right", "exact", "wrong", "chained", "stranger", "missed", "standing")


class Truth(NamedTuple):
    """Documents by row, in order of id, and which set classes are alike.

    A set class is the row of its first document, or -1 for a document without shingles. `alike`
    maps it to the others at t or more; `measures` maps a pair at the truth's floor or more, the
    lesser first, to its intersection and union; `related` are those in any pair.
    """

    ids: list[str]
    scripts: list[str]
    languages: list[str]
    texts: list[int]
    sets: list[int]
    shingles: list[int]
    alike: dict[int, list[int]]
    measures: dict[tuple[int, int], tuple[int, int]]
    related: frozenset[int]


def read_truth(folder: Path, threshold: Fraction) -> Truth:
    """Read the two tables that truth.py wrote."""
    documents = pq.read_table(folder / "documents.parquet").to_pydict()
    row = {name: number for number, name in enumerate(documents["id"])}
    alike: defaultdict[int, list[int]] = defaultdict(list)
    measures: dict[tuple[int, int], tuple[int, int]] = {}
    pairs = pq.read_table(folder / "pairs.parquet").to_pydict()
    for first, second, shared, union in zip(*pairs.values(), strict=True):
        left, right = row[first], row[second]
        measures[left, right] = (shared, union)
        if shared * threshold.denominator >= union * threshold.numerator:
            alike[left].append(right)
            alike[right].append(left)
    return Truth(
        documents["id"],
        documents["script"],
        documents["lang"],
        documents["text_class"],
        documents["set_class"],
        documents["shingles"],
        dict(alike),
        measures,
        frozenset(number for pair in measures for number in pair),
    )


def kept_ids(path: Path) -> Iterator[str]:
    """Yield the ids in a list, a release or a folder of shards."""
    if path.is_file():
        yield from filter(None, path.read_text(encoding="utf-8").splitlines())
        return
    shards = sorted((path / "data").glob("**/*.jsonl.zst")) or sorted(path.glob("**/*.jsonl.zst"))
    for shard in shards:
        with zstandard.open(shard, "rb") as stream:
            for line in stream.read().splitlines():
                yield orjson.loads(line)["id"]


def marked(truth: Truth, names: Iterable[str]) -> list[bool]:
    """Say for each document whether it was kept; an unknown or a repeated id is a refusal."""
    row = {name: number for number, name in enumerate(truth.ids)}
    kept = [False] * len(row)
    for name in names:
        if name not in row or kept[row[name]]:
            sys.exit(f"quality: kept id unknown to the truth, or given twice: {name}")
        kept[row[name]] = True
    return kept


class Standing(NamedTuple):
    """How many documents of each class are there."""

    texts: dict[int, int]
    sets: dict[int, int]

    def add(self, truth: Truth, row: int) -> None:
        """Put one document in."""
        self.texts[truth.texts[row]] = self.texts.get(truth.texts[row], 0) + 1
        self.sets[truth.sets[row]] = self.sets.get(truth.sets[row], 0) + 1

    def alike(self, truth: Truth, row: int, itself: int = 0) -> bool:
        """Say whether one of these documents, `itself` times the asked one aside, is alike."""
        mine = truth.sets[row]
        if self.texts.get(truth.texts[row], 0) > itself:
            return True
        if mine < 0:
            return False
        near = truth.alike.get(mine, ())
        return self.sets.get(mine, 0) > itself or any(other in self.sets for other in near)


def gathered(truth: Truth, flags: Iterable[bool]) -> Standing:
    """Count the classes of the documents that are flagged."""
    made = Standing({}, {})
    for row in compress(range(len(truth.ids)), flags):
        made.add(truth, row)
    return made


def walk(truth: Truth, flags: Iterable[bool]) -> list[int]:
    """Return which of the flagged documents repeat an earlier one that itself repeats none."""
    kept = Standing({}, {})
    repeats: list[int] = []
    for row in compress(range(len(truth.ids)), flags):
        if kept.alike(truth, row):
            repeats.append(row)
        else:
            kept.add(truth, row)
    return repeats


def findings(truth: Truth, kept: list[bool]) -> dict[str, list[int]]:
    """Return the rows that each of COUNTS counts."""
    standing, everyone = gathered(truth, kept), gathered(truth, [True] * len(kept))
    found: dict[str, list[int]] = {name: [] for name in COUNTS}
    for row, stays in enumerate(kept):
        if stays:
            if standing.alike(truth, row, itself=1):
                found["standing"].append(row)
        elif standing.alike(truth, row):
            found["right"].append(row)
            if truth.texts[row] in standing.texts:
                found["exact"].append(row)
        else:
            found["wrong"].append(row)
            if everyone.alike(truth, row, itself=1):
                found["chained"].append(row)
            elif truth.sets[row] not in truth.related:
                found["stranger"].append(row)
    found["missed"] = walk(truth, kept)
    return found


def true_claim(truth: Truth, claim: dict[str, Any], rows: tuple[int, int]) -> bool:
    """Say whether a removed document and its survivor are as alike as the ledger has it."""
    one, other = rows
    if claim["stage"] == "exact":
        return truth.texts[one] == truth.texts[other]
    mine, theirs = sorted((truth.sets[one], truth.sets[other]))
    if mine < 0:
        return False
    detail = orjson.loads(claim["detail"])
    same = (truth.shingles[one], truth.shingles[one])
    measured = same if mine == theirs else truth.measures.get((mine, theirs))
    near = mine == theirs or theirs in truth.alike.get(mine, ())
    return near and measured == (detail["shared"], detail["union"])


def claims(truth: Truth, kept: list[bool], release: Path) -> dict[str, int]:
    """Check what a release's ledger says of its duplicates."""
    row = {name: number for number, name in enumerate(truth.ids)}
    ledgers = sorted(release.glob("ledger/decisions-*.parquet"))
    columns = ["id", "stage", "detail", "survivor"]
    count = {"claims": 0, "gone": 0, "untrue": 0}
    for claim in (
        each for path in ledgers for each in pq.read_table(path, columns=columns).to_pylist()
    ):
        if claim["stage"] in ("exact", "near"):
            rows = (row[claim["id"]], row[claim["survivor"]])
            count["claims"] += 1
            count["gone"] += not kept[rows[1]]
            count["untrue"] += not true_claim(truth, claim, rows)
    return count


def share(part: int, whole: int) -> float | None:
    """Return a ratio, or None of nothing."""
    return part / whole if whole > 0 else None


def scores(found: dict[str, list[int]], labels: list[str] | None, only: str) -> dict[str, Any]:
    """Return counts and ratios of all documents, or of those that bear one label."""
    count = {
        name: len(rows) if labels is None else sum(labels[row] == only for row in rows)
        for name, rows in found.items()
    }
    right, near = count["right"], count["right"] - count["exact"]
    return count | {
        "recall": share(right, right + count["missed"]),
        "precision": share(right, right + count["wrong"]),
        "near recall": share(near, near + count["missed"]),
        "near precision": share(near, near + count["wrong"]),
    }


def report(truth: Truth, kept: list[bool], threshold: Fraction, by: str) -> dict[str, Any]:
    """Return everything there is to say, as JSON has it."""
    found = findings(truth, kept)
    labels = truth.languages if by == "lang" else truth.scripts
    return {
        "threshold": float(threshold),
        "documents": len(kept),
        "kept": sum(kept),
        "ideal": len(kept) - len(walk(truth, [True] * len(kept))),
        "all": scores(found, None, ""),
        f"by {by}": {
            name: {"documents": labels.count(name), **scores(found, labels, name)}
            for name in sorted(set(labels))
        },
        "wrong ids": [truth.ids[row] for row in found["wrong"]],
        "missed ids": [truth.ids[row] for row in found["missed"]],
    }


def cell(value: float | None) -> str:
    """Return a figure as a table has it; a ratio is cut, not rounded, so that 1 means all."""
    if value is None:
        return ""
    return f"{int(value * 10_000) / 10_000:.4f}" if isinstance(value, float) else str(value)


def rendered(result: dict[str, Any], by: str) -> str:
    """Return the report as Markdown."""
    ratios = ("recall", "precision", "near recall", "near precision")
    head = (by, "documents", *COUNTS, *ratios)
    rows = [("all", {"documents": result["documents"], **result["all"]})]
    rows += [item for item in result[f"by {by}"].items() if item[1]["right"] + item[1]["missed"]]
    title = f"t = {result['threshold']}: {result['kept']} of {result['documents']} kept"
    lines = [
        f"{title}, keep-first over all true pairs in order of id keeps {result['ideal']}",
        "",
        f"| {' | '.join(head)} |",
        "|---|" + "--:|" * (len(head) - 1),
    ]
    lines += [
        f"| {' | '.join([name, *(cell(each[column]) for column in head[1:])])} |"
        for name, each in rows
    ]
    return "\n".join(lines)


def main() -> None:
    """Print the scores that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("truth", type=Path, help="folder that truth.py wrote")
    parser.add_argument("kept", type=Path, help="list of ids, release, or folder of shards")
    parser.add_argument("--threshold", type=Fraction, default=Fraction("0.8"))
    parser.add_argument("--by", choices=("script", "lang"), default="script")
    parser.add_argument("--show", type=int, default=0, help="name so many wrong and missed ids")
    parser.add_argument("--json", type=Path, help="write everything here too")
    args = parser.parse_args()
    truth = read_truth(args.truth, args.threshold)
    kept = marked(truth, kept_ids(args.kept))
    result = report(truth, kept, args.threshold, args.by)
    print(rendered(result, args.by))
    if (args.kept / "ledger").is_dir():
        result["ledger"] = claims(truth, kept, args.kept)
        print("\nledger:", ", ".join(f"{count} {name}" for name, count in result["ledger"].items()))
    for kind in ("wrong", "missed"):
        for name in result[f"{kind} ids"][: args.show]:
            print(f"{kind}: {name}")
    if args.json is not None:
        args.json.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
