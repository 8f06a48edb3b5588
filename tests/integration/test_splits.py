"""No test document has a near-duplicate in train, whether duplicates go or stay, nor does one ever move there."""

from __future__ import annotations

import json
import random
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.engine.crew import SYNC
from pipeline.run import run_config

CONFIG = """\
[release]
name = "s"
version = "{version}"
shards = 4
[[sources]]
name = "web"
paths = ["in.jsonl"]
[dedup]
near = {near}
[split]
validation = 0.1
test = 0.2
"""
Records = list[dict[str, str]]


def family(number: int, copies: int) -> Records:
    """A text of 120 words and near copies of it, each with another word exchanged."""
    draw = random.Random(number)
    words = [f"w{draw.randrange(5000)}" for _ in range(120)]
    found = [{"id": f"f{number}-0", "text": " ".join(words)}]
    for copy in range(1, copies + 1):
        other = list(words)
        other[draw.randrange(len(other))] = f"changed{copy}"
        found.append({"id": f"f{number}-{copy}", "text": " ".join(other)})
    return found


def shingles(text: str) -> set[tuple[str, ...]]:
    words = text.split()
    return set(zip(*(words[n:] for n in range(5)), strict=False))


def leaks(records: Records, splits: dict[str, str]) -> list[tuple[str, str]]:
    """Pairs of documents of one family, at a Jaccard similarity of 0.8 or more, in two splits."""
    known = {each["id"]: shingles(each["text"]) for each in records if each["id"] in splits}
    return [
        (one, other)
        for one in known
        for other in known
        if one < other
        and splits[one] != splits[other]
        and len(known[one] & known[other]) >= 0.8 * len(known[one] | known[other])
    ]


def make(folder: Path, version: str, records: Records, near: str) -> dict[str, str]:
    (folder / "in.jsonl").write_text("".join(json.dumps(each) + "\n" for each in records))
    (folder / "s.toml").write_text(CONFIG.format(version=version, near=near))
    made = run_config(folder / "s.toml", out=folder / "out", crew=SYNC).release
    rows: list[dict[str, Any]] = pq.read_table(made / "index/documents.parquet").to_pylist()
    return {row["id"]: row["split"] for row in rows}


@pytest.mark.parametrize("near", ["false", "{ threshold = 0.8 }", "{ threshold = 0.95 }"])
def test_no_near_duplicates_across_splits_and_no_way_back_to_train(
    tmp_path: Path, near: str
) -> None:
    """Families grow from release to release, and in the last one new families bridge nothing."""
    everything = [each for number in range(60) for each in family(number, 4)]
    grown = [
        [each for each in everything if int(each["id"].split("-")[1]) <= step] for step in (1, 3, 4)
    ]
    told = []
    for step, records in enumerate(grown):
        splits = make(tmp_path, f"{step}.0.0", records, near)
        assert set(splits.values()) == {"train", "validation", "test"}
        assert leaks(records, splits) == []
        told.append(splits)
    if near == "false":
        assert len(told[-1]) == len(everything)
    for old, new in pairwise(told):
        assert {name: new[name] for name in old.keys() & new.keys()} == {
            name: old[name] for name in old.keys() & new.keys()
        }
