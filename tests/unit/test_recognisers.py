"""Detectors from outside take part like rules, and are held to the same bounds."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from filters.redact.recognisers import Recogniser, recognise
from filters.redact.redactor import Redactor
from pipeline import recognising
from pipeline.errors import ConfigError, FaultError
from pipeline.redaction import Redact, check_redact
from tests.offers import forget
from tests.redactors import ready

MODULE = """
import re
from filters.redact.rule import Rule, whole

def people(text):
    for match in re.finditer("Jane Roe", text):
        yield match.start(), match.end(), "NAME"

def beyond(text):
    yield 0, len(text) + 1, "NAME"

def unknown(text):
    yield 0, 1, "PERSON"

def pairs(text):
    yield 0, 4

def twice(text):
    yield 0, 4, "NAME"
    yield 2, 6, "NAME"

def fails(text):
    raise ValueError(text)

def checked(match):
    return match.span() if sum(map(int, match[0][3:])) % 9 == 0 else None

badge = Rule("x", "USERNAME", "balanced", re.compile("AB-[0-9]{6}"), checked)
eager = badge._replace(level="strict")
too_far = badge._replace(check=lambda match: (match.start(), match.end() + 99))
grows = badge._replace(check=lambda match: (match.start(), match.end() + 3))
wrong_type = badge._replace(type="BADGE")
wrong_level = badge._replace(level="loud")
number = 7
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    name = "names_for_a_test"
    (tmp_path / f"{name}.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    forget()
    yield name
    forget()
    sys.modules.pop(name, None)


def opened(name: str, level: str = "balanced") -> Redactor:
    return ready(level, recognisers=recognising.open_recognisers((name,), level))  # type: ignore[arg-type]


def test_a_recogniser_takes_part_in_redaction(plugin: str) -> None:
    text = "Jane Roe wrote to jane" + "@" + "acme-corp.com, said Jane Roe"
    redactor = opened(f"{plugin}:people")
    done = redactor.redact(text)
    assert done.text == "REDACTED_NAME wrote to REDACTED_EMAIL, said REDACTED_NAME"
    assert done.edits[0].rule == f"{plugin}:people"
    assert redactor.redact(done.text).text == done.text


@pytest.mark.parametrize("name", ["beyond", "unknown", "pairs", "twice", "too_far"])
def test_a_recogniser_that_answers_nonsense_is_named_and_nothing_quoted(
    plugin: str, name: str
) -> None:
    with pytest.raises(ConfigError, match=f"redact: {plugin}:{name}: ") as caught:
        opened(f"{plugin}:{name}").redact("a private text AB-000000")
    assert "private" not in str(caught.value)


def test_what_a_recogniser_raises_is_told_by_place_alone(plugin: str) -> None:
    with pytest.raises(FaultError) as caught:
        opened(f"{plugin}:fails").redact("a private text")
    said = str(caught.value)
    assert said.startswith(f"recogniser '{plugin}:fails': unexpected ValueError at {plugin}.py:")
    assert caught.value.kind == "ValueError"
    assert "private" not in said


def test_a_rule_from_outside_has_its_check_its_level_and_its_type(plugin: str) -> None:
    text = "from AB-111114 to AB-111115\nand AB-000009, AB-12345"
    done = opened(f"{plugin}:badge").redact(text)
    assert done.text == "from REDACTED_USERNAME to AB-111115\nand REDACTED_USERNAME, AB-12345"
    assert {edit.rule for edit in done.edits} == {f"{plugin}:badge"}
    assert opened(f"{plugin}:badge", "permissive").redact(text).text == text
    assert opened(f"{plugin}:eager").redact(text).text == text
    assert opened(f"{plugin}:eager", "strict").redact(text).text == done.text


def test_spans_of_a_rule_that_run_into_each_other_are_one(plugin: str) -> None:
    assert opened(f"{plugin}:grows").redact("AB-000000AB-000000 and").text == "REDACTED_USERNAMEd"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("no_such_module:f", "ModuleNotFoundError"),
        ("names_for_a_test:absent", "AttributeError"),
        ("names_for_a_test:number", "is expected"),
        ("names_for_a_test:", "AttributeError"),
        ("names_for_a_test:wrong_type", "no type is called 'BADGE'"),
        ("names_for_a_test:wrong_level", "no level is called 'loud'"),
        ("x", "is no recogniser"),
        ("", "is no recogniser"),
    ],
)
def test_what_is_no_recogniser_is_refused(plugin: str, name: str, problem: str) -> None:
    (flaw,) = check_redact(Redact(recognisers=(name,)))
    assert flaw.startswith("recognisers: ")
    assert problem in flaw


def test_a_recogniser_is_named_once(plugin: str) -> None:
    twice = Redact(recognisers=(f"{plugin}:people",) * 2)
    assert check_redact(twice) == [f"recognisers: '{plugin}:people' is there twice"]


def test_nobody_is_asked_where_redaction_is_off(plugin: str) -> None:
    assert recognising.open_recognisers((f"{plugin}:beyond",), "off") == ()


def test_without_an_error_of_its_own_nonsense_is_a_value_error() -> None:
    nonsense = Recogniser("mine", lambda _: [(1, 1, "NAME")])
    with pytest.raises(ValueError, match="redact: mine: a span"):
        list(recognise((nonsense,), "text"))
