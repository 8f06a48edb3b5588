"""SQuAD-shaped files: every question is accounted for, and a start is repaired where certain."""

from __future__ import annotations

import gzip
import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from filters.normalise import nfc
from filters.qa import Question
from pipeline.sources.questions.record import Repaired, extra_of, repair, to_question
from pipeline.sources.questions.squad import read_squad
from pipeline.sources.records import Bad, Damage, Raw

DEMO = Path(__file__).parents[2] / "configs" / "demo" / "qa.json"
KOREAN = "물레방아는 흐르는 물의 힘으로 바퀴를 돌린다. 물은 높은 곳에서 온다."


def asked(**changes: Any) -> dict[str, Any]:
    answers = [{"text": "runner", "answer_start": 4}]
    return {"id": "q1", "question": "What turns?", "answers": answers} | changes


def squad(*questions: Any, context: Any = "The runner turns.", **article: Any) -> dict[str, Any]:
    paragraph = {"context": context, "qas": list(questions)}
    return {"version": "1.1", "data": [{"title": "Stones", "paragraphs": [paragraph]} | article]}


def written(folder: Path, document: Any) -> Path:
    path = folder / "qa.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def record(context: str, text: str, start: int | None, /, **changes: Any) -> dict[str, Any]:
    answers = [{"text": text, "start": start}]
    found = {"id": "q", "title": "t", "context": context, "question": "?", "answers": answers}
    return found | {"is_impossible": False, "plausible_answers": []} | changes


def placed(context: str, text: str, start: int | None) -> tuple[int, tuple[str, ...]] | str:
    found = repair(record(context, text, start))
    if isinstance(found, str):
        return found
    return found.question.answers[0].start, found.repairs


def test_a_question_is_read_with_what_stands_around_it(tmp_path: Path) -> None:
    document = squad(asked(level=3), split="dev", id="a9") | {"license": "CC0-1.0", "level": 1}
    (item,) = read_squad(written(tmp_path, document))
    assert isinstance(item, Raw)
    assert item.row == 0
    assert item.record == {
        "id": "q1",
        "title": "Stones",
        "context": "The runner turns.",
        "question": "What turns?",
        "answers": [{"text": "runner", "start": 4}],
        "is_impossible": False,
        "plausible_answers": [],
        "level": 3,
        "split": "dev",
        "article.id": "a9",
        "version": "1.1",
        "license": "CC0-1.0",
        "file.level": 1,
    }
    assert list(extra_of(item.record))[:2] == ["level", "split"]


def test_ambiguous_answers_stay_and_mark_the_question(tmp_path: Path) -> None:
    answers = [
        {"text": "runner", "answer_start": 4, "ambiguous": False},
        {"text": "The", "answer_start": 0, "ambiguous": True, "rater": 2},
    ]
    (item,) = read_squad(written(tmp_path, squad(asked(answers=answers))))
    assert isinstance(item, Raw)
    assert len(item.record["answers"]) == 2
    assert item.record["ambiguous"] is True
    assert item.record["answer_extra"] == [{}, {"rater": 2}]


def test_what_has_another_shape_is_one_bad_row_each(tmp_path: Path) -> None:
    document = squad("text", asked(), 7)
    document["data"] += [3, {"title": "x"}, {"paragraphs": [[], {"context": "c", "qas": None}]}]
    items = list(read_squad(written(tmp_path, document)))
    assert [item.row for item in items] == list(range(7))
    reasons = [item.reason if isinstance(item, Bad) else "" for item in items]
    assert reasons == [
        "shape:question", "", "shape:question", "shape:article", "shape:article",
        "shape:paragraph", "shape:paragraph",
    ]  # fmt: skip
    assert isinstance(items[0], Bad)
    assert items[0].raw == b'"text"'


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"data": [', "format"),
        (b'{"data": [' + b"1" * 5000 + b"]}", "format"),
        (b"[" * 200_000, "format"),
        (b'{"data": ["\xff"]}', "format"),
        (b"[]", "format"),
        (b'{"data": {}}', "format"),
        (b'{"data": []}' + b" " * 600_000, "oversize"),
        (gzip.compress(b'{"data": []}', mtime=0)[:-9], "truncated"),
    ],
)
def test_a_file_that_is_no_squad_is_one_damage(tmp_path: Path, raw: bytes, reason: str) -> None:
    path = tmp_path / "qa.json"
    path.write_bytes(raw)
    (item,) = read_squad(path, max_bytes=500_000)
    assert isinstance(item, Damage)
    assert item.reason == reason


def test_a_compressed_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "qa.json.gz"
    path.write_bytes(gzip.compress(json.dumps(squad(asked())).encode()))
    assert [type(item) for item in read_squad(path)] == [Raw]


def test_no_reason_quotes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "qa.json"
    path.write_text('{"data": ["quern" "quern"]}')
    (item,) = read_squad(path)
    assert isinstance(item, Damage)
    assert "quern" not in item.detail
    assert "line 1" in item.detail


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "qa.json"
    path.write_text(json.dumps(squad(asked())), encoding="utf-8-sig")
    assert [type(item) for item in read_squad(path)] == [Raw]


def nested(levels: int) -> Any:
    return [nested(levels - 1)] if levels > 0 else 1


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("\ud800", "surrogate"),
        ({"\udfff": 1}, "surrogate"),
        ("\U0001f33e", ""),
        (float("inf"), "number"),
        (2**70, ""),
        (nested(254), ""),
        (nested(255), "depth"),
    ],
)
def test_what_no_record_may_hold_spoils_its_question_alone(
    tmp_path: Path, value: Any, reason: str
) -> None:
    document = squad(asked(), asked(note=[value]), asked())
    items = list(read_squad(written(tmp_path, document)))
    assert [item.reason if isinstance(item, Bad) else "" for item in items] == ["", reason, ""]


def test_a_start_that_fits_is_taken_though_the_text_comes_twice() -> None:
    assert placed("a quern, a quern", "quern", 11) == (11, ())


@pytest.mark.parametrize(
    ("context", "text", "start", "place"),
    [
        ("the runner turns", "runner", 6, (4, ("near",))),
        ("the runner turns", "runner", 1, (4, ("near",))),
        ("the runner turns", "runner", None, (4, ("only",))),
        (KOREAN, "힘", len(KOREAN[: KOREAN.index("힘")].encode()), (13, ("bytes",))),
        ("\U0001f33e" * 8 + " grain", "grain", 17, (9, ("utf-16",))),
        (KOREAN, "힘", len(unicodedata.normalize("NFD", KOREAN[:13])), (13, ("nfd",))),
        (unicodedata.normalize("NFD", KOREAN), "힘", 13, (13, ("nfc",))),
        (unicodedata.normalize("NFD", KOREAN), "바퀴를", None, (17, ("only",))),
    ],
)
def test_a_wrong_or_missing_start_is_repaired_where_certain(
    context: str, text: str, start: int | None, place: tuple[int, tuple[str, ...]]
) -> None:
    assert placed(context, text, start) == place


@pytest.mark.parametrize(
    ("context", "text", "start"),
    [
        ("the runner turns", "runner", 8),  # too far off
        ("the runner turns", "bedstone", 4),
        ("the runner turns", "bedstone", None),
        ("the runner turns", "runner", -1),
        ("x no no no", "no", 4),  # two places equally near
        ("lands, lands", "lands", None),
        ("aaaa", "aa", None),
        ("the runner turns", "runner", 10**12),
        ("éééé1----1", "1", 8),  # one place counted in bytes, another one code point away
    ],
)
def test_a_start_without_a_certain_place_is_refused(
    context: str, text: str, start: int | None
) -> None:
    assert placed(context, text, start) == "qa:span"


def test_an_answer_that_cuts_a_composed_cluster_is_refused() -> None:
    assert placed("cafe\u0301 noir", "cafe", 0) == "qa:cut-cluster"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": 7}, "qa:no-id"),
        ({"title": []}, "qa:title"),
        ({"context": None}, "qa:no-context"),
        ({"question": None}, "qa:no-question"),
        ({"answers": {"text": ["a"]}}, "qa:answers"),
        ({"answers": ["runner"]}, "qa:answers"),
        ({"answers": []}, "qa:no-answer"),
        ({"answers": [{"text": "  ", "start": 3}]}, "qa:empty-answer"),
        ({"answers": [{"text": None, "start": 3}]}, "qa:empty-answer"),
        ({"answers": [{"text": "runner", "start": "4"}]}, "qa:span"),
        ({"answers": [{"text": "he", "start": True}]}, "qa:span"),
        ({"is_impossible": "no"}, "qa:is-impossible"),
        ({"is_impossible": True}, "qa:answer-to-impossible"),
        ({"plausible_answers": None}, "qa:answers"),
    ],
)
def test_a_value_of_another_type_has_its_reason(changes: dict[str, Any], reason: str) -> None:
    assert to_question(record("The runner turns.", "runner", 4, **changes)) == reason


def demo() -> list[Question]:
    found = [to_question(item.record) for item in read_squad(DEMO) if isinstance(item, Raw)]
    return [each for each in found if isinstance(each, Question)]


def test_the_demo_reads_without_a_repair() -> None:
    items = list(read_squad(DEMO))
    repaired = [repair(item.record) for item in items if isinstance(item, Raw)]
    assert len(repaired) == len(items) == 15
    assert all(isinstance(each, Repaired) and each.repairs == () for each in repaired)
    assert sum(each.is_impossible for each in demo()) == 2


def test_the_demo_survives_decomposition() -> None:
    for item in read_squad(DEMO):
        assert isinstance(item, Raw)
        context = unicodedata.normalize("NFD", item.record["context"])
        behind = nfc(context)[1]
        answers = []
        for each in item.record["answers"]:
            span = behind.backward(each["start"], each["start"] + len(each["text"]))
            assert span is not None
            answers.append({"text": context[slice(*span)], "start": span[0]})
        decomposed = item.record | {"context": context, "answers": answers}
        decomposed["plausible_answers"] = []
        whole = item.record | {"plausible_answers": []}
        assert to_question(decomposed) == to_question(whole)
