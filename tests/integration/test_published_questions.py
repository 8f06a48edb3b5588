"""Published sets through a whole run: no span breaks beside or over redactions, and what is held out is found.

By default one question of each context is taken; `GRISTMILL_PUBLISHED=all` takes every one.
"""

from __future__ import annotations

import json
import os
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.engine.crew import SYNC
from pipeline.qa.asked import read_asked
from pipeline.release import ledger_parts
from pipeline.run import run_config
from pipeline.verify import verify
from tests.unit.test_qa_published import SHARED

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason=f"no published QA sets under {SHARED}")
ALL = os.environ.get("GRISTMILL_PUBLISHED") == "all"
GOLD = ("squadshifts/amazon_reviews", "squadshifts/new_wiki", "squadshifts/reddit",
        "korquad/dev-v1.0", "xquad/en", "xquad/de", "xquad/zh", "xquad/ar")  # fmt: skip
BESIDE, INSIDE, NOWHERE = range(3)
CONFIG = """\
[release]
name = "planted"
shards = 1
[[sources]]
name = "asked"
format = "squad"
paths = ["planted.json"]
license = "CC0-1.0"
[dedup]
exact = false
near = false
[qa]
contradictions = "keep"
"""
Question = dict[str, Any]


def questions(name: str) -> Iterator[tuple[str, Question]]:
    for article in json.loads((SHARED / f"{name}.json").read_bytes())["data"]:
        for paragraph in article["paragraphs"]:
            for asked in paragraph["qas"] if ALL else paragraph["qas"][:1]:
                yield paragraph["context"], asked


def mail(number: int) -> str:
    return f"miller{number}@" + "watermill-museum.org"


def planted(context: str, asked: Question, number: int) -> tuple[str, list[Question]]:
    """Put an address before, after or into the first answer, and move the starts of all."""
    first = asked["answers"][0]
    start, end = first["answer_start"], first["answer_start"] + len(first["text"])
    middle = start + len(first["text"]) // 2
    # where an address runs into a word in Latin letters, or into a sign, nobody could tell where it ends
    lead = "" if context[start - 1 : start].isspace() else " "
    gap = " " if context[end : end + 1].isascii() else ""
    insertions = {
        BESIDE: [(start, f"{lead}{mail(number)} "), (end, f" {mail(number)}{gap}")],
        INSIDE: [(middle, f" {mail(number)} ")],
        NOWHERE: [],
    }[number % 3]
    answers = []
    for each in asked["answers"]:
        low, high = each["answer_start"], each["answer_start"] + len(each["text"])
        cuts = [(at - low, text) for at, text in insertions if low < at < high]
        text = each["text"]
        for at, more in reversed(cuts):
            text = text[:at] + more + text[at:]
        moved = low + sum(len(more) for at, more in insertions if at <= low)
        answers.append({"text": text, "answer_start": moved})
    for at, more in reversed(insertions):
        context = context[:at] + more + context[at:]
    return context, answers


def decomposed(context: str, answers: list[Question]) -> tuple[str, list[Question]]:
    def nfd(text: str) -> str:
        return unicodedata.normalize("NFD", text)

    return nfd(context), [
        {"text": nfd(each["text"]), "answer_start": len(nfd(context[: each["answer_start"]]))}
        for each in answers
    ]


def plant(folder: Path) -> dict[str, tuple[int, list[str]]]:
    """Write all sets as one; return of each question what was planted, and the answers that should be left."""
    wanted: dict[str, tuple[int, list[str]]] = {}
    articles = []
    for name in GOLD:
        for number, (context, asked) in enumerate(questions(name)):
            text, answers = planted(context, asked, number)
            assert all(text.startswith(each["text"], each["answer_start"]) for each in answers)
            left = [
                unicodedata.normalize("NFC", each["text"])
                for each in answers
                if mail(number) not in each["text"]
            ]
            if number % 2:
                text, answers = decomposed(text, answers)
            key = f"{name}/{asked['id']}"
            wanted[key] = (number % 3, left)
            qa = {"id": key, "question": asked["question"], "answers": answers}
            articles.append({"title": key, "paragraphs": [{"context": text, "qas": [qa]}]})
    (folder / "planted.json").write_text(json.dumps({"data": articles}), encoding="utf-8")
    (folder / "planted.toml").write_text(CONFIG, encoding="utf-8")
    return wanted


def test_no_span_breaks_beside_or_over_what_is_redacted(tmp_path: Path) -> None:
    wanted = plant(tmp_path)
    made = run_config(tmp_path / "planted.toml", out=tmp_path / "out", crew=SYNC).release
    assert verify(made, deep=True).problems == ()
    held = {each.question.id: each.question for each in read_asked(made)}
    counts: Counter[str] = Counter()
    for name, (kind, left) in wanted.items():
        question = held.get(name)
        answers = [] if question is None else [each.text for each in question.answers]
        rest = Counter(left)
        rest.subtract(answers)
        assert min(rest.values(), default=0) >= 0, name  # no answer that was not there before
        if kind == INSIDE and not left:
            assert question is None, name
        counts["asked"] += 1
        counts["answers"] += len(answers)
        counts[f"lost {kind}"] += len(left) - len(answers)
        if question is not None:
            assert "watermill-museum" not in question.context
            assert all(question.context[a.start : a.end] == a.text for a in question.answers)
    print(dict(counts))
    # what else is lost has a redaction of its own: an address or a number in the text as it was published
    assert sum(counts[f"lost {kind}"] for kind in range(3)) <= 0.002 * counts["answers"]
    rows = pq.read_table(ledger_parts(made / "ledger"), columns=["stage", "reason"]).to_pylist()
    told = Counter((row["stage"], row["reason"]) for row in rows)
    assert set(told) <= {("keep", "kept"), ("qa", "answer-redacted"), ("qa", "malformed-question")}
    assert sum(told.values()) == len(wanted)


LEAKING = """\
[release]
name = "leaks"
shards = 1
[[sources]]
name = "squad"
format = "squad"
paths = ["{shared}/squad/dev-v1.1.json"]
license = "CC-BY-SA-4.0"
split = "validation"
[[sources]]
name = "pages"
paths = ["pages.jsonl"]
license = "CC0-1.0"
[redact]
level = "off"
"""


def test_every_context_of_sets_that_overlap_is_found_and_none_of_another(tmp_path: Path) -> None:
    names = ("xquad/en", "squad/dev-v2.0", *GOLD[:3])
    contexts = {
        f"{name}#{context}": context
        for name in names
        for article in json.loads((SHARED / f"{name}.json").read_bytes())["data"]
        for context in dict.fromkeys(each["context"] for each in article["paragraphs"])
    }
    pages = {
        f"{name.partition('#')[0]}#{n}": text for n, (name, text) in enumerate(contexts.items())
    }
    with (tmp_path / "pages.jsonl").open("w", encoding="utf-8") as file:
        for name, text in pages.items():
            file.write(json.dumps({"id": name, "text": f"Seen on a page.\n\n{text}\n"}) + "\n")
    (tmp_path / "leaks.toml").write_text(LEAKING.format(shared=SHARED), encoding="utf-8")
    made = run_config(tmp_path / "leaks.toml", out=tmp_path / "out", crew=SYNC).release
    rows = pq.read_table(ledger_parts(made / "ledger")).to_pylist()
    found = Counter(
        (row["id"].partition("#")[0], row["stage"] == "decontam")
        for row in rows
        if row["source"] == "pages"
    )
    assert found["xquad/en", True] == 240
    assert found["squad/dev-v2.0", True] == 1_204
    assert sum(found[name, True] for name in GOLD[:3]) == 0
    assert sum(found[name, False] for name in GOLD[:3]) > 5_600
    assert {name for name, leaked in found if not leaked} == set(GOLD[:3])
