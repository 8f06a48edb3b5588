"""Which ids are addresses, which a bad record may keep, and what stands in their place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.document import Document
from filters.redact.redactor import Redactor
from pipeline.config import Source
from pipeline.errors import InputError
from pipeline.qa.files import read_gold
from pipeline.qa.validate import validate
from pipeline.sources.fields import field_map, own_id, to_document
from pipeline.sources.records import Bad, Damage, Raw
from pipeline.stages.question_reading import Read, Unasked, read_question
from pipeline.stages.shown_ids import content_of, is_address, named, unnamed

JANE, JOE = "jane@hidden-mail.org", "joe@hidden-mail.org"
ADDRESSES = [
    JANE,
    f"mail/{JANE}#1",
    f"<7.{JANE}>",
    "jane%40hidden-mail.org",
    "user@hidden-mail.org/repo",
]
OTHERS = [
    "git@github.com:owner/x",
    "name@1.2.3",
    "@scope/name@1.2.3",
    "<123@mail.example.com>",
    "plain",
    "100%40",
]
REDACTOR = Redactor()


@pytest.mark.parametrize("name", ADDRESSES)
def test_an_address_is_told(name: str) -> None:
    assert is_address(REDACTOR, name)
    assert not is_address(Redactor(level="off"), name)


@pytest.mark.parametrize("name", OTHERS)
def test_what_looks_like_one_is_none(name: str) -> None:
    assert not is_address(REDACTOR, name)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("x", "p/x"),
        ("경주 12", "p/경주 12"),
        ("git@github.com:owner/x", "p/git@github.com:owner/x"),
        ("", ""),
        (" ", ""),
        ("a\nb", ""),
        ("a\x00", ""),
        ("a\x9b", ""),
        ("a\u2028b", ""),
        ("a\ud800", ""),
        ("x" * 1022, "p/" + "x" * 1022),
        ("x" * 1023, ""),
        (JANE, ""),
    ],
)
def test_a_bad_record_keeps_an_id_that_can_be_shown(name: str, shown: str) -> None:
    bad = Bad(3, 4, "text-missing", b"{}", name)
    assert named(REDACTOR, bad, "p/") == msgspec.structs.replace(bad, name=shown)


def test_damage_has_no_id() -> None:
    damage = Damage(3, "truncated", "at byte 7")
    assert named(REDACTOR, damage, "p/") is damage


def test_an_id_is_found_where_that_of_a_document_is() -> None:
    assert own_id({"id": 7, "text": 1}) == "7"
    assert own_id({"id": None, "meta": {"id": "m"}}) == "m"
    assert own_id({"uid": "u", "id": "i"}, field_map({"id": "uid"})) == "u"
    assert own_id({"id": ["x"]}) == own_id({"id": True}) == own_id({}) == ""


def document(record: dict[str, Any], prefix: str = "p/") -> Document:
    made = to_document(record, source="s", id_prefix=prefix, is_address=lambda name: "@" in name)
    assert isinstance(made, Document)
    return made


def test_a_document_is_an_origin_of_itself() -> None:
    made = document({"id": JANE, "text": "words", "author": JANE})
    assert made.id.startswith("p/")
    assert JANE not in made.id
    assert made.origins == (
        Document(id=f"p/{JANE}", text=made.text, sha256=made.sha256, source="s"),
    )
    assert document({"id": "plain", "text": "words"}).origins == ()


def test_no_address_can_be_guessed_from_a_derived_id() -> None:
    """The id is the same whoever's the address is, also where it stands beside the text."""

    def record(who: str) -> dict[str, Any]:
        beside = {"author": who, "meta": {"from": [who, "x"], who: 1}}
        return {"id": who, "text": "words", **beside}

    assert document(record(JANE)).id == document(record(JOE)).id
    assert document(record(JANE) | {"path": "a"}).id != document(record(JANE)).id


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


@given(texts, texts)
def test_two_texts_have_two_ids(one: str, other: str) -> None:
    first, second = (document({"id": JANE, "text": each}) for each in (one, other))
    assert (first.id == second.id) == (first.sha256 == second.sha256)


def asked(name: str, **given: Any) -> Raw:
    record = {
        "id": name,
        "title": "",
        "context": "one two three",
        "question": "Which?",
        "answers": [{"text": "two", "start": 4}],
        "is_impossible": False,
        "plausible_answers": [],
    }
    return Raw(0, 1, record | given)


SOURCE = Source(name="s", format="questions", id_prefix="p/")


def nameless(item: Raw) -> Read | Unasked:
    read = read_question(SOURCE, item)
    assert not isinstance(read, str)
    return unnamed(read, SOURCE.id_prefix)


def test_a_question_has_the_id_of_what_it_asks() -> None:
    one = nameless(asked(JANE))
    assert isinstance(one, Read)
    assert one.question.id == one.document.id
    assert one.document.id.startswith("p/")
    assert one.document.origins[-1].id == f"p/{JANE}"
    assert nameless(asked(JOE, title=JOE)).document.id == one.document.id
    changes: list[dict[str, Any]] = [
        {"question": f"Who is {JANE}?"},
        {"question": f"Who is {JOE}?"},
        {"context": "one two three four"},
        {"answers": [{"text": "one", "start": 0}]},
        {"answers": [], "is_impossible": True},
        {"synthetic": {"method": "swap", "seed": 1}},
    ]
    others = [nameless(asked(JANE, **change)) for change in changes]
    assert len({one.document.id, *(each.document.id for each in others)}) == 1 + len(changes)
    contents = {content_of(each.question, each.made) for each in others if isinstance(each, Read)}
    assert len(contents) == len(changes)


def test_what_asks_nothing_has_the_id_of_its_text() -> None:
    item = msgspec.structs.replace(asked(JANE), drop="no-pair")
    one, other = nameless(item), nameless(msgspec.structs.replace(asked(JOE), drop="no-pair"))
    assert isinstance(one, Unasked)
    assert one.document.id == other.document.id
    assert one.document.origins[-1].id == f"p/{JANE}"


def test_reports_and_errors_about_questions_name_no_address(tmp_path: Path) -> None:
    wrong = [{"text": "four", "start": 0}]
    lines = [asked(JANE), asked(JANE), asked(JANE, answers=wrong), asked("ok", answers=wrong)]
    path = tmp_path / "q.jsonl"
    path.write_text("".join(json.dumps(each.record) + "\n" for each in lines))
    found = validate([path])
    assert {each.id for each in found.problems} == {"", "ok"}
    with pytest.raises(InputError) as caught:
        read_gold(path)
    assert "is there twice" in str(caught.value)
    assert JANE not in str(caught.value)
