"""Over real code: what is opted out is gone with its copies, and nothing else is lost; measured by hand."""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from filters.document import Document
from filters.optout import OptOutFilter
from filters.subjects import subject
from pipeline.dedup.copies import COPY_THRESHOLD
from pipeline.engine.crew import SYNC
from pipeline.optout import add, load
from pipeline.optout_review import OPTOUT_REVIEW
from pipeline.run import run_config
from pipeline.verify import verify
from tests.conftest import code_records, write_zst

Record = dict[str, Any]
Shingles = frozenset[tuple[str, ...]]

CONFIG = """
[release]
name = "n"
shards = 2
[[sources]]
name = "code"
paths = ["code-*.jsonl.zst"]
[[sources]]
name = "edited"
paths = ["edited.jsonl.zst"]
priority = 2
[optout]
registry = "events.jsonl"
common = 4
[redact]
level = "off"
[split]
validation = 0.1
test = 0.1
"""
_WORD = re.compile(r"\w+")
_REACH = {"none": 0, "exact": 1, "near": 2}


def shingles(text: str) -> Shingles:
    """The documented sets: five case-folded words in a row, of a shorter text all of them together."""
    words = _WORD.findall(text.casefold())
    return frozenset(
        tuple(words[at : at + 5]) for at in range(max(1, len(words) - 4)) if words[at : at + 5]
    )


def jaccard(one: Shingles, other: Shingles) -> Fraction:
    union = len(one | other)
    return Fraction(len(one & other), union) if union else Fraction(0)


def corpus() -> list[Record]:
    """Real files with copies, and edited ones on both sides of the threshold in other people's repositories."""
    draw = random.Random(3)
    code = [each for each in code_records(40) if each["text"].isascii()]
    edited = []
    for number, each in enumerate(code[::2]):
        lines = each["text"].splitlines(keepends=True)
        for part in (80, 40, 25, 15):  # one line in so many is another
            some = list(lines)
            for at in draw.sample(range(len(some)), len(some) // part + 1):
                some[at] = f"other_{at} = {draw.random()}\n"
            meta = {"repo": f"https://github.com/editor{(number + part) % 5}/m", "path": "e.py"}
            name = f"edited/{number}-{part}"
            edited.append({"id": name, "text": "".join(some), "meta": meta})
    return [*code, *edited]


def document(record: Record) -> Document:
    digest = hashlib.sha256(record["text"].encode()).hexdigest()
    meta = record["meta"]
    return Document(
        id=record["id"],
        text=record["text"],
        sha256=digest,
        source="code",
        repo=meta["repo"],
        path=meta["path"],
    )


@pytest.fixture(scope="module")
def mill(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("nothing")
    every = corpus()
    code = [each for each in every if not each["id"].startswith("edited/")]
    write_zst(root / "code-0.jsonl.zst", code[::2])
    write_zst(root / "code-1.jsonl.zst", code[1::2])
    write_zst(root / "edited.jsonl.zst", every[len(code) :])
    (root / "n.toml").write_text(CONFIG)
    return root


def ask(log: Path, seed: int) -> OptOutFilter:
    """Record some requests, each for something that is there and with a reach of its own."""
    draw = random.Random(seed)
    every = corpus()
    for _ in range(6):
        record = draw.choice(every)
        kind = draw.choice(["id", "id", "sha256", "repo", "path", "owner"])
        repo = record["meta"]["repo"]
        named = {
            "id": subject("id", record["id"]),
            "sha256": subject("sha256", document(record).sha256),
            "repo": subject("repo", repo),
            "path": subject("path", record["meta"]["path"], repo=repo),
            "owner": subject("owner", repo.rpartition("/")[0]),
        }[kind]
        add(log, [named], copies=draw.choice(["none", "exact", "near", "near"]))
    return load(log).filter()


def ledger(release: Path) -> Iterator[Record]:
    for path in sorted((release / "ledger").glob("decisions-*")):
        yield from pq.read_table(path).to_pylist()


@pytest.mark.parametrize("seed", range(4))
def test_what_is_opted_out_is_gone_with_its_copies_and_nothing_else(mill: Path, seed: int) -> None:
    log = mill / f"reg-{seed}/events.jsonl"
    optout = ask(log, seed)
    release = run_config(
        mill / "n.toml",
        overrides=(f'optout.registry="{log.relative_to(mill)}"',),
        out=mill / f"out-{seed}",
        work=mill / "work",
        crew=SYNC,
    ).release
    assert verify(release, deep=True, optout=optout).ok  # a re-scan of all that was emitted

    texts = {each["id"]: each["text"] for each in corpus()}
    sets = {name: shingles(text) for name, text in texts.items()}
    reach = {
        each["id"]: max((_REACH[it.copies] for it in optout.match(document(each))), default=-1)
        for each in corpus()
    }
    lines = (release / OPTOUT_REVIEW).read_bytes().splitlines()
    reviewed = {json.loads(line)["id"] for line in lines}
    rows = {row["id"]: row for row in ledger(release)}
    kept = {name for name, row in rows.items() if row["verdict"] == "keep"}
    assert rows.keys() == texts.keys()  # one verdict for each
    assert any(row["reason"] == "copy:near" for row in rows.values())

    def is_copy(name: str, of: str) -> bool:
        if reach[of] == 2 and jaccard(sets[name], sets[of]) >= Fraction(COPY_THRESHOLD):
            return True
        return reach[of] >= 1 and texts[name] == texts[of]

    ghosts = [name for name, far in reach.items() if far >= 1 and name not in reviewed]
    left = {(name, of) for name in kept for of in ghosts if is_copy(name, of)}
    assert left == set()
    for name, row in rows.items():
        if reach[name] >= 0:
            assert (row["verdict"], row["stage"]) == ("drop", "optout"), name
        elif row["stage"] == "optout":  # only a copy of what a request names and means
            of = json.loads(row["detail"])["copy_of"]
            assert is_copy(name, of), (name, of)
        else:  # in the release, or one that it stood behind is
            assert name in kept or row["survivor"] in kept, row
