"""What becomes of a record's keys: ours, extra, or a reason."""

from __future__ import annotations

import copy
import hashlib
import json
import pickle
import unicodedata
from typing import Any

import msgspec
import pytest

from filters.document import Document
from pipeline.sources import FieldMap, encode_extra, to_document


def document(record: dict[str, Any], **options: Any) -> Document:
    found = to_document(record, source=options.pop("source", "s"), **options)
    assert isinstance(found, Document)
    return found


def test_known_keys_are_found_at_the_top_and_in_meta_and_the_top_wins() -> None:
    record = {
        "id": "x", "text": "t", "license": "MIT", "url": "u", "stars": 3, "path": None,
        "meta": {"license": "BSD", "repo": "r", "path": "p", "depth": {"a": 1}},
        "metadata": {"author": "me", "created": "2020"},
    }  # fmt: skip
    before = copy.deepcopy(record)
    found = document(record)
    assert (found.id, found.license, found.url, found.repo) == ("x", "MIT", "u", "r")
    assert (found.path, found.author, found.created, found.language) == ("p", "me", "2020", "")
    assert found.extra == {"stars": 3, "meta": {"license": "BSD", "depth": {"a": 1}}}
    assert record == before


def test_blank_and_null_are_absent() -> None:
    record = {"id": "", "text": "t", "license": None, "url": "", "meta": {"license": "MIT"}}
    found = document(record, license_claim="BSD-3-Clause")
    assert (found.license, found.url, found.extra) == ("MIT", "", {})
    assert document({"text": "t", "meta": None}, license_claim="CC0-1.0").license == "CC0-1.0"


@pytest.mark.parametrize("wrong", [1.5, True, {"a": 1}, ["x", 2], [], "  "])
def test_a_known_key_of_a_wrong_type_is_carried_along(wrong: Any) -> None:
    record = {"text": "t", "id": "i"} | dict.fromkeys(["license", "url", "created"], wrong)
    found = document(record)
    assert (found.license, found.url, found.created) == ("", "", "")
    assert found.extra == dict.fromkeys(["license", "url", "created"], wrong)


def test_a_wrong_type_at_the_top_leaves_room_for_meta() -> None:
    found = document({"text": "t", "created": 1600000000, "meta": {"created": "2020-09-13"}})
    assert (found.created, found.extra) == ("2020-09-13", {"created": 1600000000})


@pytest.mark.parametrize(
    ("license_", "expected"),
    [
        (["MIT"], "MIT"),
        (["MIT", "MIT"], "MIT"),
        (["MIT", "Apache-2.0"], "MIT AND Apache-2.0"),
        (["MIT OR GPL-2.0-only", "ISC"], "(MIT OR GPL-2.0-only) AND ISC"),
        ("MIT OR ISC", "MIT OR ISC"),
    ],
)
def test_a_list_of_licences_is_no_choice(license_: Any, expected: str) -> None:
    assert document({"text": "t", "license": license_}).license == expected


def test_own_ids_become_strings_and_take_the_prefix() -> None:
    assert document({"text": "t", "id": 7}, id_prefix="a/").id == "a/7"
    assert document({"text": "t", "id": 2**70}).id == str(2**70)
    assert document({"text": "t", "meta": {"id": "m"}}, id_prefix="a/").id == "a/m"
    wrong = document({"text": "t", "id": True}, id_prefix="a/")
    assert len(wrong.id) == 32
    assert wrong.extra == {"id": True}


def test_mapped_fields_are_taken_from_where_they_are() -> None:
    fields = FieldMap(text="content", license="meta.lic", repo="repo.name", id="blob.id")
    record = {
        "content": "t", "text": "other", "license": "GPL", "meta": {"lic": "MIT"},
        "repo": {"name": "a/b", "stars": 1}, "blob.id": "dotted", "blob": {"id": "nested"},
    }  # fmt: skip
    found = document(record, fields=fields)
    assert (found.text, found.license, found.repo, found.id) == ("t", "MIT", "a/b", "dotted")
    assert found.extra == {
        "text": "other", "license": "GPL", "repo": {"stars": 1}, "blob": {"id": "nested"}
    }  # fmt: skip
    assert document({"a": {"b": {"c": "deep"}}}, fields=FieldMap(text="a.b.c")).text == "deep"
    assert document({"a": {"b": {"c": "deep"}}}, fields=FieldMap(text="a.b.c")).extra == {}
    assert to_document({"a": "x"}, source="s", fields=FieldMap(text="a.b")) == "text-missing"


def test_a_field_map_is_a_table_of_the_config() -> None:
    assert msgspec.convert({"text": "content"}, FieldMap) == FieldMap(text="content")
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.convert({"txet": "content"}, FieldMap)
    assert pickle.loads(pickle.dumps(FieldMap(id="x"))) == FieldMap(id="x")


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({}, "text-missing"),
        ({"text": None}, "text-missing"),
        ({"meta": {"text": "t"}}, "text-missing"),
        ({"text": 1}, "text-type"),
        ({"text": ["t"]}, "text-type"),
        ({"text": {"t": "t"}}, "text-type"),
        ({"text": "a\0b"}, "nul"),
        ({"text": "a\ud800b"}, "surrogate"),
    ],
)
def test_a_record_without_a_text_is_named(record: dict[str, Any], reason: str) -> None:
    assert to_document(record, source="s") == reason


def test_text_is_nfc_and_hashed_as_such() -> None:
    decomposed = "e\u0301 \u1112\u1161\u11ab \u2126"
    found = document({"text": decomposed, "id": "i"})
    assert found.text == unicodedata.normalize("NFC", decomposed) != decomposed
    assert found.sha256 == hashlib.sha256(found.text.encode()).hexdigest()
    assert document({"text": ""}).sha256 == hashlib.sha256(b"").hexdigest()


def test_a_derived_id_is_of_the_source_and_the_whole_content() -> None:
    record = {"text": "t", "a": 1, "meta": {"license": "MIT", "b": [2**80]}}
    same = {"meta": {"b": [2**80], "license": "MIT"}, "a": 1, "text": "t"}
    assert document(record).id == document(same).id
    assert document(record).id == document(record, license_claim="x", id_prefix="p").id
    others: list[dict[str, Any]] = [
        record | {"text": "u"}, record | {"a": 2}, record | {"a": 1.0}, record | {"new": None},
        record | {"meta": {"license": "BSD", "b": [2**80]}},
    ]  # fmt: skip
    ids = [document(each).id for each in others] + [document(record, source="z").id]
    assert len({document(record).id, *ids}) == 7
    # A figure that must not move: ids of published releases rest on it.
    assert document({"text": "t"}).id == "cc8c90e7f54b5cd4de61e4d59bf620fa"


def test_extra_is_canonical() -> None:
    extra = {"b": 2**70, "a": {"z": "é\u2028", "y": [1.0, 1e16, True, None]}, "é": -(2**65)}
    spelled = encode_extra(extra)
    assert spelled == (
        '{"a":{"y":[1.0,1e+16,true,null],"z":"é\u2028"},"b":1180591620717411303424,'
        '"é":-36893488147419103232}'
    )
    assert json.loads(spelled) == extra
    assert encode_extra({}) == "{}"
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode_extra({"n": float("nan")})
