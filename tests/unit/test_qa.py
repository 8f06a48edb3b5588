"""What a question must hold, and what is left of it after a redaction."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import msgspec
import pytest

from filters.normalise import Edit, OffsetMap, offset_map
from filters.qa import (
    Answer,
    Question,
    Synthetic,
    check,
    context_sha256,
    group_of,
    qa_record,
    remap,
    synthetic_of,
)

CONTEXT = "The miller writes to Ada at the weir, and Ada writes back."
ADA, WEIR = Answer("Ada", 21, 24), Answer("weir", 32, 36)


def question(**changes: Any) -> Question:
    sound = Question(
        id="q1", question="Who?", context=CONTEXT, answers=(ADA,), title="Mills", group="Mills"
    )
    return msgspec.structs.replace(sound, **changes)


class Cut(msgspec.Struct, frozen=True):
    """A redaction of one span, as the redactor gives it: a touched span has no place."""

    text: str
    change: OffsetMap
    start: int
    end: int

    def forward(self, start: int, end: int) -> tuple[int, int] | None:
        touched = start < self.end and self.start < end
        return None if touched else self.change.forward(start, end)


def cut(text: str, start: int, end: int, placeholder: str = "<NAME>") -> Cut:
    change = offset_map([Edit(start, end, len(placeholder))])
    return Cut(text[:start] + placeholder + text[end:], change, start, end)


def test_a_sound_question_breaks_no_law() -> None:
    assert check(question()) is None
    assert check(question(answers=(), is_impossible=True, plausible_answers=(ADA,))) is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": " "}, "qa:no-id"),
        ({"question": "\n"}, "qa:no-question"),
        ({"context": "", "answers": ()}, "qa:no-context"),
        ({"group": ""}, "qa:no-group"),
        ({"question": "cafe\u0301?"}, "qa:not-nfc"),
        ({"question": "Wh\0?"}, "qa:nul"),
        ({"answers": ()}, "qa:no-answer"),
        ({"is_impossible": True}, "qa:answer-to-impossible"),
        ({"answers": (ADA, Answer(" ", 3, 4))}, "qa:empty-answer"),
        ({"answers": (ADA, Answer("Ada", 22, 25))}, "qa:span"),
        ({"answers": (Answer("Ada", 21, 25),)}, "qa:span"),
        ({"answers": (Answer("k.", -2, len(CONTEXT)),)}, "qa:span"),
        ({"answers": (Answer("back.", 53, 99),)}, "qa:span"),
        ({"plausible_answers": (Answer("x", 0, 1),)}, "qa:span"),
    ],
)
def test_the_first_broken_law_is_named(changes: dict[str, Any], reason: str) -> None:
    assert check(question(**changes)) == reason


def test_an_answer_beside_a_redaction_moves_with_its_text() -> None:
    moved = remap(question(answers=(WEIR,)), cut(CONTEXT, 21, 24))
    assert isinstance(moved, Question)
    assert moved.context == "The miller writes to <NAME> at the weir, and Ada writes back."
    assert moved.answers == (Answer("weir", 35, 39),)


def test_an_answer_that_touches_a_redaction_is_dropped_and_never_found_elsewhere() -> None:
    both = question(answers=(ADA, WEIR), plausible_answers=())
    moved = remap(both, cut(CONTEXT, 22, 24))
    assert isinstance(moved, Question)
    assert [answer.text for answer in moved.answers] == ["weir"]
    assert remap(question(), cut(CONTEXT, 22, 24)) == "answer-redacted"


def test_an_impossible_question_outlives_its_plausible_answers() -> None:
    asked = question(answers=(), is_impossible=True, plausible_answers=(ADA,))
    moved = remap(asked, cut(CONTEXT, 21, 24))
    assert isinstance(moved, Question)
    assert moved.plausible_answers == ()


def test_the_question_is_taken_as_redacted() -> None:
    redaction = cut(CONTEXT, 0, 3)
    moved = remap(question(), redaction, redacted_question="Who is <NAME>?")
    assert isinstance(moved, Question)
    assert moved.question == "Who is <NAME>?"
    assert remap(question(), redaction, redacted_question=" ") == "qa:no-question"


def test_a_redaction_that_leaves_other_text_in_the_span_drops_the_answer() -> None:
    liar = Cut(CONTEXT.replace("Ada", "Eve"), offset_map([]), 0, 0)
    assert remap(question(), liar) == "answer-redacted"


def test_a_redacted_context_that_is_no_longer_nfc_is_refused() -> None:
    context = "from ab\u0338 to c"  # the placeholder's last sign would take the stroke
    asked = question(context=context, answers=(Answer("c", 12, 13),))
    assert check(asked) is None
    assert remap(asked, cut(context, 5, 7)) == "qa:not-nfc"


def test_the_group_without_a_title_is_the_digest_of_what_is_emitted() -> None:
    asked = question(title="", group=group_of("", CONTEXT), answers=(WEIR,))
    moved = remap(asked, cut(CONTEXT, 21, 24))
    assert isinstance(moved, Question)
    assert moved.group == context_sha256(moved.context) != asked.group


def test_the_record_has_every_key_in_order_and_no_null() -> None:
    line = qa_record(
        question(answers=(ADA, WEIR)),
        source="demo",
        license="CC0-1.0",
        language="en",
        url="",
        redactions=[(0, 6, "EMAIL")],
        question_redactions=[(0, 3, "NAME")],
        extra={"b": 2**70, "a": "물"},
    )
    assert b"\n" not in line
    record = json.loads(line)
    assert list(record) == [
        "id", "schema", "context", "context_sha256", "question", "answers", "is_impossible",
        "plausible_answers", "source", "license", "language", "url", "title", "group",
        "synthetic", "quality", "meta",
    ]  # fmt: skip
    assert record["synthetic"] == {"method": "", "seed": 0}
    assert record["quality"] == {
        "question_words": 1, "answer_words": 1, "overlap": 0.0, "leak": False, "places": 2,
    }  # fmt: skip
    assert record["schema"] == "qa/1"
    assert record["answers"][1] == {"text": "weir", "start": 32, "end": 36}
    assert record["plausible_answers"] == []
    assert record["context_sha256"] == hashlib.sha256(CONTEXT.encode()).hexdigest()
    assert record["meta"]["redactions"] == '[[0,6,"EMAIL"]]'
    assert list(record["meta"]) == ["redactions", "question_redactions", "extra"]
    assert record["meta"]["question_redactions"] == '[[0,3,"NAME"]]'
    assert record["meta"]["extra"] == '{"a":"물","b":1180591620717411303424}'
    assert b"null" not in line


@pytest.mark.parametrize(
    ("value", "made"),
    [
        (None, Synthetic()),
        ({"method": "", "seed": 0}, Synthetic()),
        ({"method": "cloze", "seed": 7}, Synthetic("cloze", 7)),
        ({"seed": 2**63 - 1, "method": "round-trip.2"}, Synthetic("round-trip.2", 2**63 - 1)),
    ],
)
def test_what_says_how_a_question_was_made_is_taken_over(value: object, made: Synthetic) -> None:
    assert synthetic_of(value) == made


@pytest.mark.parametrize(
    "value",
    [
        True,
        "cloze",
        {},
        {"method": "cloze"},
        {"method": "cloze", "seed": True},
        {"method": "cloze", "seed": -1},
        {"method": "cloze", "seed": 2**63},
        {"method": "cloze", "seed": 1.0},
        {"method": "", "seed": 3},
        {"method": "By Ada, ada@mill.net", "seed": 0},
        {"method": "cloze", "seed": 1, "model": "x"},
        {"method": None, "seed": 0},
    ],
)
def test_what_says_something_else_there_is_refused(value: object) -> None:
    assert synthetic_of(value) == "qa:synthetic"
