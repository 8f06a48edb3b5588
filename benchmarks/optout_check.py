"""How long `optout check` takes on a release of a million documents, once its index is there.

Makes documents up as benchmarks/optout.py does (short texts; two of three from repositories, the
others from the web), writes them as a release that has shards, frames, a manifest and a true content
root, and no ledger; builds its index and asks. Prints JSON: seconds and bytes of the index, and for
each kind of subject the milliseconds of an answer in this process, first and median.

    python benchmarks/optout_check.py --documents 1000000 --work /tmp/check
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from common import machine
from optout import SITES, make_documents, name

from filters.subjects import content_swhid, normalised_subject, subject
from manifests import record
from manifests.addressing import address, shard_name, shard_of
from manifests.content import branch, content_root, record_leaf
from pipeline.optout import load
from pipeline.optout_check import Asked, check
from pipeline.release import FRAMES
from pipeline.shards import Line, write_frames
from pipeline.subject_index import keep_index

if TYPE_CHECKING:
    from filters.document import Document
    from filters.subjects import Subject

SEED, GOAL_MS = 0, 50


def line_of(document: Document) -> bytes:
    """Write a document as a release does."""
    meta = record.Meta(
        pile_set_name="",
        repo=document.repo,
        path=document.path,
        natural_language="und",
        redactions="[]",
        extra="{}",
    )
    return record.encode(
        record.Record(
            id=document.id,
            text=document.text,
            source="made-up",
            license="MIT",
            language="und",
            url=document.url,
            created="",
            sha256=document.sha256,
            meta=meta,
        )
    )


def write_release(folder: Path, documents: list[Document], shards: int) -> Path:
    """Write the release, without ledger and reports."""
    release = folder / "bench-1.0.0"
    groups: list[list[Line]] = [[] for _ in range(shards)]
    for each in documents:
        at = address(SEED, each.id)
        groups[shard_of(at, shards)].append(Line(at, line_of(each), bytes(32)))
    frames, branches, raw = [], [], 0
    for number, lines in enumerate(groups):
        lines.sort()
        path = shard_name("data/made-up", "train", number, shards)
        for index, frame in enumerate(write_frames(release / path, lines).frames):
            row = (path, index, frame.offset, frame.length, frame.raw_length, frame.documents, "")
            frames.append(dict(zip(FRAMES.names, row, strict=True)))
            raw += frame.raw_length
        leaves = (record_leaf(each[0], each[1][:-1], "data/made-up/train") for each in lines)
        branches.append(branch(leaves))
    (release / "index").mkdir()
    (release / "config").mkdir()
    (release / "config/config.json").write_text('{"sources": [], "dedup": {}}', encoding="utf-8")
    pq.write_table(pa.Table.from_pylist(frames, schema=FRAMES), release / "index/frames.parquet")
    manifest = {
        "name": "bench",
        "version": "1.0.0",
        "content_root": content_root(branches, SEED),
        "branches": branches,
        "documents": len(documents),
        "questions": 0,
        "bytes_raw": raw,
        "build": {"seed": SEED, "shards": shards},
    }
    (release / "manifest.json").write_bytes(msgspec.json.encode(manifest))
    return release


def questions(documents: list[Document]) -> dict[str, Subject]:
    """Ask for things that are there, at different sizes, and for some that are not."""
    code = next(each for each in documents[len(documents) // 2 :] if each.repo)
    page = next(each for each in documents[len(documents) // 2 :] if not each.repo)
    most = documents[1].repo  # of the first ranks
    host = page.url.split("/")[2]
    return {
        "id": subject("id", code.id),
        "id, absent": subject("id", "nothing"),
        "repo": subject("repo", code.repo),
        "repo, absent": subject("repo", "nobody-at/nothing"),
        "repo, large": subject("repo", most),
        "owner": subject("owner", code.repo.split("/")[0]),
        "path": subject("path", "src/**/*.py", repo=most),
        "domain": subject("domain", host),
        "url": subject("url", page.url),
        "origin": subject("origin", f"https://github.com/{code.repo}"),
        "sha256": subject("sha256", code.sha256),
        "swhid": subject("swhid", content_swhid(code.text.encode())),
        "normalised": normalised_subject(code.text.upper()),
    }


def timed(release: Path, registry: Any, one: Subject, rounds: int) -> dict[str, float]:
    """Ask again and again, each time from opening the index on."""
    took, found = [], 0
    for _ in range(rounds):
        start = time.perf_counter()
        found = len(check([release], registry, Asked((one,)))["documents"])
        took.append((time.perf_counter() - start) * 1000)
    first, median = round(took[0], 2), round(statistics.median(took), 2)
    return {"documents": found, "first_ms": first, "median_ms": median}


def command_seconds(release: Path, registry: Path) -> float:
    """Time the whole command, three times, and return the best."""
    took = []
    call = "import sys; from pipeline.cli.app import main; sys.exit(main(sys.argv[1:]))"
    rest = [str(release), "--registry", str(registry), "--id", "nothing", "--json"]
    for _ in range(3):
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", call, "optout", "check", *rest], check=True, capture_output=True
        )
        took.append(time.perf_counter() - start)
    return round(min(took), 2)


def main() -> None:
    """Run all and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--shards", type=int, default=16)
    parser.add_argument("--repos", type=int, default=50_000)
    parser.add_argument("--hosts", type=int, default=50_000)
    parser.add_argument("--characters", type=int, default=120, help="of a text")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--work", type=Path, required=True, help="an empty folder")
    options = parser.parse_args()
    chance = random.Random(7)
    repos = [f"{name(chance, 8)}/{name(chance, 10)}" for _ in range(options.repos)]
    hosts = [f"{name(chance, 7)}.{chance.choice(SITES)}" for _ in range(options.hosts)]
    documents = make_documents(chance, options.documents, repos, hosts, options.characters)
    release = write_release(options.work, documents, options.shards)
    registry = options.work / "events.jsonl"
    registry.write_bytes(b"")
    asked = questions(documents)
    del documents
    start = time.perf_counter()
    keep_index(release)
    built = time.perf_counter() - start
    folder = next((options.work / ".index").glob("*/subjects"))
    sizes = {each.name: each.stat().st_size for each in sorted(folder.iterdir())}
    loaded = load(registry)
    digest = hashlib.sha256((release / "manifest.json").read_bytes()).hexdigest()
    report = {
        "machine": machine({}),
        "goal_ms": GOAL_MS,
        "release": {"documents": options.documents, "manifest": digest[:12]},
        "index": {"seconds": round(built, 1), "bytes": sum(sizes.values()), "files": sizes},
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
        "answers": {k: timed(release, loaded, each, options.rounds) for k, each in asked.items()},
        "command_s": command_seconds(release, registry),
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
