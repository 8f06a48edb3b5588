"""Questions of every format in one release: each record is accounted for, and a release feeds the next one."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from manifests.record import Question, decode_question
from pipeline.engine.crew import SYNC
from pipeline.qa.asked import read_asked
from pipeline.run import run_config
from pipeline.verify import verify
from tests.shapes import Asked, dump, flat, korquad_2, mrqa, row, squad

CONFIG = """
[release]
name = "asked"
shards = 2
[[sources]]
name = "pages"
paths = ["pages"]
format = "squad"
license = "CC0-1.0"
[[sources]]
name = "mrqa"
paths = ["mrqa"]
format = "mrqa"
license = "CC0-1.0"
[[sources]]
name = "flat"
paths = ["flat"]
format = "questions"
license = "CC0-1.0"
[[sources]]
name = "exchange"
paths = ["dump"]
format = "stackexchange"
[[sources]]
name = "faq"
paths = ["faq"]
format = "faq"
license = "CC0-1.0"
fields = { text = "body" }
[redact]
level = "balanced"
[dedup]
near = false
[split]
validation = 0
test = 0
[limits]
bad_records = 0.5
"""
MILL = "물레방아는 흐르는 물의 힘으로 바퀴를 돌려 곡식을 찧는 기구이다."
RIVER = "The 🌾 mill on the river Aach grinds rye — and nothing but rye — since 1743."
FAQ = "# Mills\n\n## Who built the mill?\n\nThe guild of the masons.\n\nQ: When?\nA: In 1811.\n"


def posts() -> bytes:
    """Three questions: answered, never answered, and answered by a post that is not there."""
    old, new = "2011-01-02T03:04:05.678", "2019-01-02T03:04:05.678"
    body = "<p>Rye keeps <b>two</b> weeks &amp; more.</p>\n\n<pre><code>a  b\n</code></pre>\n"
    return dump(
        row(Id="1", PostTypeId="1", AcceptedAnswerId="4", CreationDate=old, Score="3",
            Title="How long does rye keep?", Body="<p>Asking\nfor a mill.</p>",
            Tags="<bread><rye>", OwnerUserId="7")
        + row(Id="2", PostTypeId="1", CreationDate=new, Title="Why?", Body="<p>?</p>")
        + "  <row Id='3' PostTypeId='1' Title='broken' Body='<p>' />\n"
        + row(Id="4", PostTypeId="2", ParentId="1", CreationDate=new, Score="9", Body=body,
              OwnerUserId="8")
        + row(Id="5", PostTypeId="1", AcceptedAnswerId="99", CreationDate=new, Title="Gone?",
              Body="<p>Gone.</p>")
        + row(Id="6", PostTypeId="5", CreationDate=new, Body="<p>about rye</p>")
    )  # fmt: skip


def asked(name: str, question: str, context: str, *texts: str) -> Asked:
    starts = [context.index(text) for text in texts]
    spans = [(start, start + len(text)) for start, text in zip(starts, texts, strict=True)]
    return Asked(name, question, context, tuple(spans))


def lay_out(root: Path) -> Path:
    for name in ("pages", "mrqa", "flat", "dump/cooking.stackexchange.com", "faq"):
        (root / name).mkdir(parents=True)
    mill = asked("mill", "무엇으로 돌리나?", MILL, "흐르는 물의 힘")
    river = asked("river", "What does it grind?", RIVER, "rye")
    (root / "pages/one.json").write_bytes(korquad_2([mill]))
    (root / "pages/two.json.gz").write_bytes(gzip.compress(squad([river])))
    with zstandard.open(root / "mrqa/dev.jsonl.zst", "wb") as file:
        file.write(mrqa([asked("m1", "A mill?", RIVER, "river", "nothing")]) + b'{"context": 3}\n')
    late = flat([asked("f1", "What turns it?", MILL, "흐르는 물의 힘")])
    counted_in_bytes = late.replace(b'"answer_start": [6]', b'"answer_start": [16]')
    (root / "flat/train.jsonl").write_bytes(counted_in_bytes + b"{\n")
    table = pa.Table.from_pylist([json.loads(flat([asked("p1", "Parquet?", RIVER, "The 🌾")]))])
    pq.write_table(table, root / "flat/dev.parquet")
    (root / "dump/cooking.stackexchange.com/Posts.xml").write_bytes(posts())
    (root / "faq/pages.jsonl").write_text(
        json.dumps({"id": "about", "body": FAQ, "url": "https://mill.example.org/faq"})
        + "\n"
        + json.dumps({"id": "plain", "body": "No question is laid out here."})
        + "\n",
        encoding="utf-8",
    )
    (root / "asked.toml").write_text(CONFIG, encoding="utf-8")
    return root / "asked.toml"


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("asked")
    return run_config(lay_out(root), out=root / "out", crew=SYNC).release


def ledger(release: Path) -> list[dict[str, Any]]:
    paths = sorted((release / "ledger").glob("decisions-*.parquet"))
    return [each for path in paths for each in pq.read_table(path).to_pylist()]


def records(release: Path) -> dict[str, Question]:
    found = map(
        decode_question,
        (line for path in sorted(release.glob("qa/*/*.zst")) for line in _lines(path)),
    )
    return {each.id: each for each in found}


def _lines(path: Path) -> list[bytes]:
    with zstandard.open(path, "rb") as file:
        return [line for line in file.read().split(b"\n") if line]


def test_every_record_of_every_format_is_accounted_for(release: Path) -> None:
    assert not verify(release, deep=True).problems
    found = Counter((each["source"], each["stage"], each["reason"]) for each in ledger(release))
    assert found == {
        ("pages", "keep", "kept"): 2,
        ("mrqa", "keep", "kept"): 1,
        ("mrqa", "read", "shape:paragraph"): 1,
        ("flat", "keep", "kept"): 2,
        ("flat", "read", "json"): 1,
        ("exchange", "keep", "kept"): 1,
        ("exchange", "qa", "no-accepted-answer"): 2,
        ("exchange", "read", "xml"): 1,
        ("faq", "keep", "kept"): 2,
        ("faq", "qa", "no-pair"): 1,
    }
    for name in ("exchange", "faq"):
        assert sorted(each["row"] for each in ledger(release) if each["source"] == name) == list(
            range(4 if name == "exchange" else 3)
        )


def test_what_is_dropped_for_lack_of_an_answer_is_no_bad_record(release: Path) -> None:
    aside = json.loads((release / "manifest.json").read_bytes())
    assert "no-accepted-answer" in json.dumps(aside["stages"])
    bad = [each for each in ledger(release) if each["stage"] == "read"]
    assert len(bad) == 3


def test_answers_stand_where_they_are_said_to(release: Path) -> None:
    found = records(release)
    for each in found.values():
        for answer in each.answers:
            assert each.context[answer.start : answer.end] == answer.text
    assert [each.text for each in found["mill"].answers] == ["흐르는 물의 힘"]
    assert [each.text for each in found["m1"].answers] == ["river", "nothing"]
    assert [each.text for each in found["about#1"].answers] == ["The guild of the masons."]
    assert found["about#2"].question == "When?"
    assert found["about#2"].url == "https://mill.example.org/faq"


def test_a_repair_is_named_in_the_ledger(release: Path) -> None:
    details = {each["id"]: json.loads(each["detail"]) for each in ledger(release)}
    assert details["f1"]["repairs"] == {"bytes": 1}
    assert "repairs" not in details["river"]


def test_an_accepted_answer_is_the_context_and_says_whose_it_is(release: Path) -> None:
    found = records(release)["cooking.stackexchange.com/q/1"]
    assert found.question == "How long does rye keep?\n\nAsking for a mill."
    assert found.context == "Rye keeps two weeks & more.\n\na  b"
    assert [(each.start, each.end) for each in found.answers] == [(0, len(found.context))]
    assert found.license == "CC-BY-SA-2.5 AND CC-BY-SA-4.0"
    assert found.url == "https://cooking.stackexchange.com/a/4"
    extra = json.loads(found.meta.extra)
    assert extra["tags"] == ["bread", "rye"]
    assert extra["answer_post"]["OwnerUserId"] == "8"
    assert extra["question_post"]["Score"] == "3"


def test_a_release_is_read_back_and_feeds_another(release: Path, tmp_path: Path) -> None:
    blocks = CONFIG.partition("[[sources]]")[0]
    names = ("pages", "mrqa", "flat", "exchange", "faq")
    for name in names:
        blocks += f'[[sources]]\nname = "{name}"\nformat = "questions"\npaths = ["{release}/qa/{name}/*"]\n'
    config = blocks + "[redact]" + CONFIG.partition("[redact]")[2]
    (tmp_path / "again.toml").write_text(config)
    again = run_config(tmp_path / "again.toml", out=tmp_path / "out", crew=SYNC).release
    assert not verify(again, deep=True).problems
    assert records(again) == records(release)
    found = {each.question.id: each for each in read_asked(release)}
    assert found.keys() == records(release).keys()
    for name in names:
        for path in sorted(release.glob(f"qa/{name}/*.zst")):
            for each in read_asked(path):
                assert each.question == found[each.question.id].question
