"""Laws of what is put in place of a span: stable under repetition, mapped both ways, a function of key and value."""

from __future__ import annotations

import json
from typing import get_args

import hypothesis.strategies as st
from hypothesis import given, settings

from filters.redact.edits import Redaction
from filters.redact.redactor import Redactor
from filters.redact.replace import SURROGATES, Action, Replacement, keyed
from tests.redactors import ready

KEY = b"a key of thirty-two bytes, no less"
# Parts of personal data and what stands around them; put together at random
PARTS = (
    "jane.roe", "@", "acme-corp.com", "user-0123456789ab", "example.com", "93.184.", "216.34", "198.18.",
    "7.9", "2a02:26f0:", "6c00::210:ba1", "2001:db8:1:2:3:4:5:6", "2001:db8:", "4539578763", "621486",
    "REDACTED_", "EMAIL", "IP", "\u0301", " ", ", ", ": ", '"', "[", "]", "{", "}", "\n", "=", ".", "0",
    "copyright ", "+1 650 253 ", "0000", "é", "password = ", "Tr0ub4", "dor&3",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(PARTS), max_size=20).map("".join)
ACTIONS = st.fixed_dictionaries(
    {},
    optional={
        kind: st.sampled_from(
            [a for a in get_args(Action) if a != "surrogate" or kind in SURROGATES]
        )
        for kind in ("EMAIL", "IP", "CARD", "PHONE", "SECRET")
    },
)
REDACTORS = st.builds(
    lambda level, actions, scope, emails: ready(
        level, Replacement(tuple(sorted(actions.items())), KEY), scope, emails
    ),
    st.sampled_from(["permissive", "balanced", "strict"]),
    ACTIONS,
    st.sampled_from(["document", "release"]),
    st.sampled_from(["redact", "keep"]),
)
LAW = settings(deadline=None, max_examples=200)


@LAW
@given(REDACTORS, TEXTS)
def test_redacting_twice_is_redacting_once_whatever_is_put_in(
    redactor: Redactor, text: str
) -> None:
    once = redactor.redact(text)
    assert redactor.redact(once.text) == Redaction(once.text)


@LAW
@given(REDACTORS, TEXTS, st.data())
def test_the_map_holds_whatever_is_put_in(
    redactor: Redactor, text: str, data: st.DataObject
) -> None:
    done = redactor.redact(text)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    there = done.forward(start, end)
    assert (there is None) == any(e.start < end and start < e.end for e in done.edits)
    if there is not None:
        assert done.text[slice(*there)] == text[start:end]
        assert done.backward(*there) == (start, end)
    old = new = 0
    for edit in done.edits:
        assert text[old : edit.start] == done.text[new : edit.new_start]
        old, new = edit.end, edit.new_end
    assert text[old:] == done.text[new:]


@LAW
@given(REDACTORS, TEXTS)
def test_a_refusal_names_a_type_that_is_there_and_to_be_dropped(
    redactor: Redactor, text: str
) -> None:
    done = redactor.redact(text)
    drops = {kind for kind, action in redactor.replacement.actions if action == "drop"}
    found = {edit.type for edit in done.edits}
    assert (done.refused in drops & found) if drops & found else done.refused == ""


@LAW
@given(REDACTORS, st.lists(st.integers(10**15, 5 * 10**15) | TEXTS, max_size=4))
def test_json_stays_json_whatever_is_put_in(redactor: Redactor, value: list[int | str]) -> None:
    for indent in (None, 1):
        json.loads(redactor.redact(json.dumps(value, indent=indent)).text)


@given(st.lists(st.text(max_size=5), max_size=4), st.lists(st.text(max_size=5), max_size=4))
def test_parts_of_a_digest_never_run_together(one: list[str], other: list[str]) -> None:
    assert (keyed(KEY, *one) == keyed(KEY, *other)) == (one == other)
