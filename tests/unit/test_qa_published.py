"""No span of the published sets breaks, whatever form the set comes in: as it is, decomposed, counted in bytes."""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from filters.normalise import nfc
from filters.qa import Answer, Question, check
from pipeline.qa.asked import read_asked
from pipeline.sources.questions.record import Repaired, repair, to_question
from pipeline.sources.questions.squad import read_squad
from pipeline.sources.records import Raw

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("GRISTMILL_SHARED_DATA", ROOT.parent / "shared" / "data")) / "qa"
GOLD = {
    "korquad/dev-v1.0.json": (5_774, 5_774),
    "squadshifts/amazon_reviews.json": (9_885, 27_318),
    "squadshifts/new_wiki.json": (7_938, 22_794),
    "squadshifts/reddit.json": (9_803, 27_692),
    "xquad/ar.json": (1_190, 1_190),
    "xquad/de.json": (1_190, 1_190),
    "xquad/en.json": (1_190, 1_190),
    "xquad/zh.json": (1_190, 1_190),
}
"""Questions and answers of each set."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not SHARED.is_dir(), reason=f"no published QA sets under {SHARED}"),
]


def records(name: str) -> Iterator[dict[str, Any]]:
    for item in read_squad(SHARED / name):
        assert isinstance(item, Raw)
        yield item.record


@pytest.mark.parametrize(("name", "counts"), GOLD.items())
def test_every_gold_span_is_true_in_nfc(name: str, counts: tuple[int, int]) -> None:
    questions = answers = 0
    for record in records(name):
        found = repair(record)
        assert isinstance(found, Repaired), (record["id"], found)
        assert found.repairs == ()
        assert_true(found.question, record)
        questions += 1
        answers += len(found.question.answers)
    assert (questions, answers) == counts
    assert sum(1 for _ in read_asked(SHARED / name)) == questions


def assert_true(question: Question, record: dict[str, Any]) -> None:
    assert unicodedata.is_normalized("NFC", question.context)
    assert len(question.answers) == len(record["answers"])
    for answer, given in zip(question.answers, record["answers"], strict=True):
        assert question.context[answer.start : answer.end] == answer.text
        assert answer.text == unicodedata.normalize("NFC", given["text"])


@pytest.mark.parametrize("name", GOLD)
def test_the_decomposed_set_gives_the_same_questions(name: str) -> None:
    for record in records(name):
        whole = to_question(record)
        assert isinstance(whole, Question)
        assert to_question(decomposed(record, whole)) == whole


def decomposed(record: dict[str, Any], whole: Question) -> dict[str, Any]:
    """Write the question as a file in NFD would, its starts counted there."""
    context = unicodedata.normalize("NFD", record["context"])
    way = nfc(context)[1]
    answers = [placed(way.backward(each.start, each.end), context) for each in whole.answers]
    question = unicodedata.normalize("NFD", record["question"])
    return record | {"context": context, "question": question, "answers": answers}


def placed(span: tuple[int, int] | None, context: str) -> dict[str, Any]:
    assert span is not None
    return {"text": context[slice(*span)], "start": span[0]}


@pytest.mark.parametrize("name", GOLD)
def test_byte_offsets_are_recognised_or_refused(name: str) -> None:
    """A byte offset that happens to lead to another place of the text cannot be told from gold."""
    outcomes: Counter[str] = Counter()
    for record in records(name):
        whole = to_question(record)
        assert isinstance(whole, Question)
        found = to_question(in_bytes(record, whole.answers))
        assert isinstance(found, str) or check(found) is None
        outcomes[outcome(whole, found)] += 1
    assert outcomes["same"] > 0.9 * outcomes.total()
    assert outcomes["other"] < 0.02 * outcomes.total()
    assert outcomes.keys() <= {"same", "other", "qa:span"}


def in_bytes(record: dict[str, Any], answers: tuple[Answer, ...]) -> dict[str, Any]:
    context = unicodedata.normalize("NFC", record["context"])
    starts = [len(context[: each.start].encode()) for each in answers]
    pairs = zip(answers, starts, strict=True)
    given = [{"text": each.text, "start": start} for each, start in pairs]
    return record | {"context": context, "answers": given}


def outcome(whole: Question, found: Question | str) -> str:
    if isinstance(found, str):
        return found
    return "same" if found == whole else "other"
