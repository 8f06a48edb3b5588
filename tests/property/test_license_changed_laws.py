"""Laws of changed texts: no word that gives a right is exchanged unseen, and what is unread lies in its text."""

from __future__ import annotations

import re
from typing import Final

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from filters.licenses.remarks import unread
from filters.licenses.scan import scan
from filters.licenses.spdx import classify
from filters.licenses.texts.full import full_text
from pipeline.detector import open_matcher

FREE: Final = {"public-domain", "permissive"}
# The sentence of each text that gives the rights.
GRANTS: Final = {
    "MIT": ("Permission is hereby", "without restriction"),
    "ISC": ("Permission to use", "is hereby granted"),
    "BSD-2-Clause": ("Redistribution and use", "are permitted"),
    "Zlib": ("Permission is granted", "redistribute it freely"),
    "BSL-1.0": ("Permission is hereby", "derivative works of the Software"),
}
# Words that join or name the work may be missing, and the first may have gone to a copyright line.
LIGHT: Final = frozenset(
    """permission the and to a an of or in is this software copy documentation files hereby associated it its file
    source and/or obtaining accompanying covered by license""".split()  # noqa: SIM905  fewer lines
)
NEW: Final = st.sampled_from(
    ["sheep", "seldom", "pay", "students", "not", "zehn", "interdit", "reluctantly"]
)


def plain(name: str) -> str:
    found = full_text(name)
    assert found is not None
    return "\n\n".join(" ".join(part.split()) for part in found.text.split("\n\n"))


@settings(max_examples=150)
@given(st.sampled_from(sorted(GRANTS)), NEW, st.booleans(), st.data())
def test_no_word_of_a_grant_is_exchanged_unseen(
    name: str, new: str, keep: bool, data: st.DataObject
) -> None:
    text = plain(name)
    first, last = GRANTS[name]
    start, end = text.index(first), text.index(last) + len(last)
    words = [each.span() for each in re.finditer(r"[\w/-]+", text[start:end])]
    at = data.draw(st.sampled_from(words))
    assume(text[start:end][slice(*at)].lower() not in LIGHT)
    old = text[start:end][slice(*at)] if keep else ""
    changed = f"{text[: start + at[0]]}{old} {new}{text[start + at[1] :]}"
    assert classify(scan(changed, "LICENSE", open_matcher()).expression) not in FREE


@settings(max_examples=100)
@given(st.text(alphabet="abcdeXYZ .;!,\n()'禁。", max_size=300))
def test_what_is_unread_lies_inside_and_has_such_a_sentence(text: str) -> None:
    found = unread(text, 0, len(text))
    if found is not None:
        start, end = found
        assert 0 <= start < end <= len(text)
        assert unread(text, start, end) == found
