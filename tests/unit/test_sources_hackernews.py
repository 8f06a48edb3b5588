"""Hacker News: stories with their comments as trees, from items in any order."""

from __future__ import annotations

import gzip
import json
import random
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources import Bad, Damage, Item, Raw, Said, read

STORY = {
    "id": 10, "type": "story", "by": "ada", "time": 1175714200, "title": "Wheels  turn", "score": 7,
    "url": "https://mill.example/wheel", "kids": [13, 11], "descendants": 4,
}  # fmt: skip
ITEMS = [
    STORY,
    {"id": 11, "type": "comment", "by": "bob", "parent": 10, "kids": [14],
     "text": "First &amp; <i>last</i>.<p>ada: yes?"},
    {"id": 12, "type": "job", "by": "eve", "title": "A job", "text": "", "time": 1},
    {"id": 13, "type": "comment", "by": "ada", "parent": 10, "text": "I am bob&#x27;s friend."},
    {"id": 14, "type": "comment", "parent": 11, "deleted": True, "kids": [15]},
    {"id": 15, "type": "comment", "by": "cyrene", "parent": 14, "text": "Gone?"},
    {"id": 21, "type": "comment", "by": "eve", "parent": 20, "text": "Of what?"},
    {"id": 22, "type": "comment", "by": "eve", "parent": 21, "text": "Of that."},
    {"id": 23, "type": "story", "by": "eve", "title": "Spam", "dead": True},
    {"id": 24, "type": "poll", "by": "eve", "title": "Poll", "parts": [25]},
    {"id": 25, "type": "pollopt", "by": "eve", "poll": 24, "text": "Yes", "score": 3},
]  # fmt: skip


def items(folder: Path, lines: list[Any], **options: Any) -> list[Item]:
    data = "".join((each if isinstance(each, str) else json.dumps(each)) + "\n" for each in lines)
    (folder / "items.jsonl").write_text(data)
    return list(read(folder / "items.jsonl", "hackernews", said=Said(options=options)))


def test_a_story_and_its_comments_are_a_document(tmp_path: Path) -> None:
    found = items(tmp_path, ITEMS)
    first = found[0]
    assert isinstance(first, Raw)
    assert first.record == {
        "id": "hackernews/10",
        "url": "https://news.ycombinator.com/item?id=10",
        "text": "Wheels turn\nhttps://mill.example/wheel\n\n- <user1> I am user2's friend.\n\n"
        "- <user2> First & last.\n\nuser1: yes?\n\n--- <user3> Gone?",
        "created": "2007-04-04T19:16:40Z",
        "author": "ada@news.ycombinator.com bob@news.ycombinator.com cyrene@news.ycombinator.com",
        "comments": 3,
        "score": 7,
        "left_out": {"dead": 1},
    }
    told = [(each.record["id"], each.drop) for each in found if isinstance(each, Raw)]
    assert told == [
        ("hackernews/10", ""), ("hackernews/12", ""), ("hackernews/21", "no-story"),
        ("hackernews/23", "dead"), ("hackernews/24", ""),
    ]  # fmt: skip
    assert (
        found[-1].record["text"] == "Poll\n\n- <user1> Yes" if isinstance(found[-1], Raw) else False
    )


def test_names_stay_where_that_is_asked_for(tmp_path: Path) -> None:
    found = items(tmp_path, ITEMS[:2], names="kept")
    assert isinstance(found[0], Raw)
    assert "- <bob> First & last.\n\nada: yes?" in found[0].record["text"]


def test_the_order_of_the_lines_changes_nothing(tmp_path: Path) -> None:
    found = items(tmp_path, ITEMS)
    for seed in range(5):
        mixed = random.Random(seed).sample(ITEMS, len(ITEMS))
        assert items(tmp_path, mixed) == found


def test_lines_that_are_no_items_are_bad_and_lies_are_none(tmp_path: Path) -> None:
    lies = [
        {"id": 30, "type": "comment", "parent": 31, "text": "a"},
        {"id": 31, "type": "comment", "parent": 30, "text": "b"},
        {"id": 32, "type": "comment", "parent": 32, "text": "c"},
        {"id": 33, "type": "story", "title": "d", "time": 10**15, "kids": [33, 30, 33]},
    ]
    bad = [
        "{",
        "[]",
        '{"id": "x"}',
        '{"id": 0}',
        '{"id": 99999999999999999999}',
        '{"type": "story"}',
    ]
    found = items(tmp_path, [*bad, *lies, STORY, {**STORY, "title": "Another"}, "null"])
    assert [each.reason for each in found if isinstance(each, Bad)] == ["shape:item"] * 7
    told = [(each.record["id"], each.drop) for each in found if isinstance(each, Raw)]
    assert told == [
        ("hackernews/10", ""), ("hackernews/30", "no-story"), ("hackernews/32", "no-story"), ("hackernews/33", ""),
    ]  # fmt: skip
    assert [each.row for each in found] == list(range(len(found)))


def test_long_threads_are_walked_and_too_large_ones_named(tmp_path: Path) -> None:
    chain = [STORY] + [
        {"id": 11 + at, "type": "comment", "by": f"n{at % 9}", "parent": 10 + at, "text": "x"}
        for at in range(5000)
    ]
    (whole,) = items(tmp_path, chain)
    assert isinstance(whole, Raw)
    assert whole.record["comments"] == 5000
    (large,) = items(tmp_path, chain, max_bytes=1000)
    assert isinstance(large, Raw)
    assert (large.record["text"], large.drop) == ("", "too-large")


def test_a_file_that_is_cut_is_damaged_and_gives_what_it_has(tmp_path: Path) -> None:
    noise = random.Random(1)
    lines = [{"id": at + 1, "type": "story", "title": str(noise.random())} for at in range(2000)]
    data = "".join(json.dumps(each) + "\n" for each in lines).encode()
    (tmp_path / "x.jsonl.gz").write_bytes(gzip.compress(data)[:-100])
    found = list(read(tmp_path / "x.jsonl.gz", "hackernews"))
    assert isinstance(found[-1], Damage)
    assert len(found) > 1000


@given(st.lists(st.integers(0, 8), max_size=30))
def test_every_item_is_in_one_tree(parents: list[int]) -> None:
    lines = [
        {"id": at + 1, "type": "comment" if parent and parent <= at else "story", "title": f"t{at + 1}.",
         "text": f"x{at + 1}x", "by": "a", **({"parent": parent} if parent else {})}
        for at, parent in enumerate(parents)
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        found = items(Path(folder), lines)
    text = "\n".join(each.record["text"] for each in found if isinstance(each, Raw))
    for at in range(1, len(parents) + 1):
        assert text.count(f"x{at}x") == 1
