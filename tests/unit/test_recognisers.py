"""Detectors from outside take part like rules, and are held to the same bounds."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from filters.redact.recognisers import load
from tests.redactors import ready

MODULE = """
import re

def people(text):
    for match in re.finditer("Jane Roe", text):
        yield match.start(), match.end(), "NAME"

def beyond(text):
    yield 0, len(text) + 1, "NAME"

def unknown(text):
    yield 0, 1, "PERSON"

number = 7
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    name = "names_for_a_test"
    (tmp_path / f"{name}.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    load.cache_clear()
    yield name
    load.cache_clear()
    sys.modules.pop(name, None)


def test_a_recogniser_takes_part_in_redaction(plugin: str) -> None:
    text = "Jane Roe wrote to jane" + "@" + "acme-corp.com, said Jane Roe"
    done = ready(recognisers=(f"{plugin}:people",)).redact(text)
    assert done.text == "REDACTED_NAME wrote to REDACTED_EMAIL, said REDACTED_NAME"
    assert done.edits[0].rule == f"{plugin}:people"
    assert ready(recognisers=(f"{plugin}:people",)).redact(done.text).text == done.text


@pytest.mark.parametrize("function", ["beyond", "unknown"])
def test_a_recogniser_that_answers_nonsense_is_named_and_nothing_quoted(
    plugin: str, function: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(f"{plugin}:{function}")) as caught:
        ready(recognisers=(f"{plugin}:{function}",)).redact("a private text")
    assert "private" not in str(caught.value)


@pytest.mark.parametrize(
    "name", ["no_such_module:f", "names_for_a_test:absent", "names_for_a_test:number", "x", ""]
)
def test_what_is_no_recogniser_is_refused(plugin: str, name: str) -> None:
    with pytest.raises(ValueError, match="redact"):
        load(name)
