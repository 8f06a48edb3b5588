"""Does what is kept depend on how the work is cut? gristmill and datatrove on the same documents.

Draws documents that are rich in near-duplicates (the versions of one file) from a corpus, deals them
into shards in several ways, deduplicates each way and counts the ids whose fate differs from the
first: kept one way and removed the other. datatrove is told to use 8 and then 4 tasks on the *same*
eight shards; gristmill gets those shards under reversed names, the documents in another order, other
numbers of shards, and two workers.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
import zstandard
from common import Input, records, weigh
from contestants import HERE, OURS, Entry, Setting, add_setting, measure, setting_of

if TYPE_CHECKING:
    from collections.abc import Iterable

DIGITS = re.compile(r"\d+")
WORKERS = ("--executor", "local", "--workers", "2")


class Cut(NamedTuple):
    """One way of giving the documents to a contestant."""

    name: str
    shards: int
    reverse: bool = False
    shuffle: bool = False
    extra: tuple[str, ...] = ()


CUTS = {
    "datatrove": (
        Cut("8 shards, 8 tasks", 8, extra=("--tasks", "8")),
        Cut("the same 8 shards, 4 tasks", 8, extra=("--tasks", "4")),
        Cut("the same 8 shards, 1 task", 8, extra=("--tasks", "1")),
        Cut("names of the 8 shards reversed, 8 tasks", 8, reverse=True, extra=("--tasks", "8")),
    ),
    "gristmill": (
        Cut("8 shards, in this process", 8),
        Cut("names of the 8 shards reversed", 8, reverse=True),
        Cut("documents shuffled, 8 shards", 8, shuffle=True),
        Cut("4 shards", 4),
        Cut("documents shuffled, 3 shards", 3, shuffle=True),
        Cut("1 shard", 1),
        Cut("8 shards, 2 workers", 8, extra=WORKERS),
        Cut("documents shuffled, 5 shards, 2 workers", 5, shuffle=True, extra=WORKERS),
    ),
}


def draw(shards: Iterable[Path], count: int) -> list[dict[str, Any]]:
    """Draw about `count` documents whose id, numbers aside, two to eight documents share.

    Those are the versions of a file. Groups come in the order of a hash, and so do the documents of
    all groups, so that the members of a group do not lie side by side.
    """
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for shard in shards:
        for record in records(shard):
            groups[DIGITS.sub("", record["id"])].append(record)
    drawn: list[dict[str, Any]] = []
    for name in sorted(groups, key=digest):
        if len(drawn) < count and 1 < len(groups[name]) <= 8:
            drawn += groups[name]
    return sorted(drawn, key=lambda record: digest(record["id"]))


def digest(text: str) -> bytes:
    """Hash a string, for an order that has nothing to do with what it says."""
    return hashlib.sha256(text.encode()).digest()


def deal(documents: list[dict[str, Any]], cut: Cut, folder: Path) -> Input:
    """Deal the documents into the shards of a folder as the cut says."""
    folder.mkdir(parents=True)
    given = random.Random(3).sample(documents, len(documents)) if cut.shuffle else documents
    for place in range(cut.shards):
        lines = [orjson.dumps(record) + b"\n" for record in given[place :: cut.shards]]
        number = cut.shards - 1 - place if cut.reverse else place
        shard = folder / f"mixed-{number:03d}.jsonl.zst"
        shard.write_bytes(zstandard.compress(b"".join(lines)))
    sizes = [weigh(shard) for shard in sorted(folder.glob("*.jsonl.zst"))]
    return Input(cut.name, folder, sum(n for n, _ in sizes), sum(size for _, size in sizes))


def compare(
    contestant: str, documents: list[dict[str, Any]], place: Path, setting: Setting
) -> list[dict[str, Any]]:
    """Run every cut of a contestant and count what differs from the first."""
    cuts = CUTS["gristmill" if contestant in OURS else contestant]
    first: set[str] | None = None
    rows = []
    for number, cut in enumerate(cuts):
        given = deal(documents, cut, place / contestant / str(number))
        kept = set(measure(Entry(contestant, given), place / "run", setting, cut.extra).kept)
        first = kept if first is None else first
        row = {"contestant": contestant, "cut": cut.name, "documents": given.documents}
        rows.append(row | {"kept": len(kept), "ids_that_differ": len(kept ^ first)})
        print(f"{contestant}, {cut.name}: kept {len(kept)}", file=sys.stderr)
    return rows


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--corpus", type=Path, default=HERE / "corpus", help="from corpus.py")
    parser.add_argument("--shards", type=int, default=4, help="draw from this many of its shards")
    parser.add_argument("--documents", type=int, default=700)
    parser.add_argument("--threshold", type=float, default=0.8)
    parser.add_argument("--json", type=Path, help="write the rows there")
    add_setting(parser)
    parser.set_defaults(only=[*OURS, "datatrove"])
    args = parser.parse_args()
    args.only = [name for name in args.only if name in (*OURS, *CUTS)]
    return args


def main() -> None:
    """Run every cut and print a Markdown table; a difference of ours is a failure."""
    args = arguments()
    setting = setting_of(args, args.threshold)
    shards = sorted(args.corpus.glob("*.jsonl.zst"))[: args.shards]
    documents = draw(shards, args.documents)
    with tempfile.TemporaryDirectory(prefix="order-") as folder:
        place = Path(folder)
        rows = [row for name in args.only for row in compare(name, documents, place, setting)]
    print("| contestant | documents | how they are cut | kept | ids whose fate differs |")
    print("|---|--:|---|--:|--:|")
    for row in rows:
        keys = ("contestant", "documents", "cut", "kept", "ids_that_differ")
        print("| " + " | ".join(str(row[key]) for key in keys) + " |")
    if args.json is not None:
        args.json.write_text(json.dumps(rows, indent=1) + "\n")
    if any(row["ids_that_differ"] for row in rows if row["contestant"] in OURS):
        sys.exit("order: what gristmill keeps depends on the cut")


if __name__ == "__main__":
    main()
