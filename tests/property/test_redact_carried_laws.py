"""Laws of spans that were redacted before: they are told from others, and stay true when a text is redacted again."""

from __future__ import annotations

import json
import unicodedata
from itertools import pairwise
from typing import Any

import hypothesis.strategies as st
from hypothesis import given, settings

from filters.redact.carried import carry, trusted
from filters.redact.replace import Replacement, is_output
from filters.redact.rule import TYPES
from pipeline.stages.accounts import placed
from pipeline.stages.question_redaction import Part
from tests.redactors import ready

PARTS = (
    "jane.roe@", "acme-corp.com", "john@watermill-museum.org", "93.184.216.34", "2a02:26f0:6c00::210:ba1",
    "DE89370400440532013000", '{"card": ', "4539578763621486", "}", "password = ", "Tr0ub4dor&3x9Q", "'", "\n", " ",
    "the mill", "물레방아", "é", "😀", "0", "REDACTED_EMAIL", "REDACTED_", "tel ", "+1 650 253 0000", "?",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(PARTS), max_size=16).map(
    lambda parts: unicodedata.normalize("NFC", "".join(parts))
)
LEVELS = st.sampled_from(("permissive", "balanced", "strict"))
SURROGATES = Replacement((("EMAIL", "surrogate"), ("IP", "surrogate")), b"k" * 32)
LAW = settings(deadline=None, max_examples=150)


def as_read(spans: object) -> Any:
    return json.loads(json.dumps(spans))


@LAW
@given(TEXTS, LEVELS, st.sampled_from((Replacement(), SURROGATES)))
def test_what_is_redacted_again_says_what_it_said(
    text: str, level: str, replacement: Replacement
) -> None:
    redactor = ready(level, replacement=replacement)
    done = redactor.redact(text)
    told = as_read(placed(done))
    again = redactor.redact(done.text)
    spans = trusted(told, done.text)
    assert spans is not None
    assert as_read(Part(done.text, again, carry(spans, again)).spans()) == told


@LAW
@given(TEXTS)
def test_a_stricter_redaction_keeps_what_an_earlier_one_told_and_adds_to_it(text: str) -> None:
    done = ready("permissive").redact(text)
    again = ready("strict").redact(done.text)
    spans = trusted(as_read(placed(done)), done.text)
    assert spans is not None
    found = Part(done.text, again, carry(spans, again)).spans()
    assert all(one[1] <= other[0] for one, other in pairwise(found))
    assert all(is_output(again.text[start:end]) for start, end, _ in found)
    moved = [again.forward(start, end) for start, end, _ in spans]
    assert {(*each, kind) for each, (*_, kind) in zip(moved, spans, strict=True) if each} <= set(
        found
    )
    assert trusted(as_read(found), again.text) == tuple(found)


@LAW
@given(
    TEXTS,
    st.lists(
        st.tuples(
            st.integers(-2, 90), st.integers(-2, 90), st.sampled_from((*TYPES, "email", "", 3))
        ).map(list),
        max_size=3,
    ),
)
def test_other_spans_are_not_trusted(text: str, given_: list[Any]) -> None:
    spans = trusted(given_, text)
    if spans is not None:
        assert sorted(map(list, spans)) == sorted(given_)
        assert all(kind in TYPES and is_output(text[a:b]) and a >= 0 for a, b, kind in spans)
        assert all(one[1] <= other[0] for one, other in pairwise(spans))


def test_spans_of_a_text_that_was_changed_since_are_not_trusted() -> None:
    text = "ask REDACTED_EMAIL or 0 of 0"
    told = [[4, 18, "EMAIL"], [22, 23, "CARD"]]
    assert trusted(told, text) == ((4, 18, "EMAIL"), (22, 23, "CARD"))
    assert trusted(told[::-1], text) == trusted(told, text)
    for wrong in (
        [[4, 18, "email"]], [[4, 19, "EMAIL"]], [[4, 18, "EMAIL"], [4, 18, "IP"]], [[4, 4, "EMAIL"]],
        [[22, 99, "CARD"]], [[-1, 18, "EMAIL"]], [[4, 18]], [[4.0, 18, "EMAIL"]], [[True, 1, "EMAIL"]], "[]", {}, None,
    ):  # fmt: skip
        assert trusted(wrong, text) is None
    assert trusted(told, text.replace("ask", "ask e\u0301")) is None
    assert trusted(told, None) is None
    assert trusted([], None) == ()
