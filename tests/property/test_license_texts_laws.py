"""Laws of licence texts: nothing around one hides or moves it, and what takes rights back is never free."""

from __future__ import annotations

import random
import re
from typing import Final

from hypothesis import example, given, settings
from hypothesis import strategies as st

from filters.licenses.scan import scan
from filters.licenses.spdx import classify
from filters.licenses.texts.templates import _plain
from filters.licenses.texts.words import words
from pipeline.detector import open_matcher

PLAIN: Final = _plain()
NAMES: Final = (
    "MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "Zlib", "GPL-2.0-only", "GPL-3.0-only",
    "LGPL-2.1-only", "MPL-2.0", "EPL-2.0", "CC0-1.0", "Unlicense", "BSL-1.0", "0BSD", "NCSA", "OFL-1.1",
    "Artistic-2.0", "WTFPL", "CC-BY-SA-4.0",
)  # fmt: skip
FREE: Final = {"public-domain", "permissive"}
WORDS: Final = st.text(alphabet="abcdefghijklmnoprstuvwyzäößéи", min_size=2, max_size=9)
PROSE: Final = st.lists(WORDS, max_size=60).map(" ".join)
ANY: Final = st.text(max_size=120)


@settings(max_examples=120)
@given(st.sampled_from(NAMES), ANY | PROSE, ANY | PROSE)
def test_words_elsewhere_hide_no_text(name: str, before: str, after: str) -> None:
    text = f"{before}\n\n{PLAIN[name]}\n\n{after}"
    found = open_matcher().find(text)
    assert [each.names[0] for each in found] == [name]


@settings(max_examples=120)
@given(st.sampled_from(NAMES), PROSE | ANY, PROSE)
def test_spans_hold_the_text_and_nothing_else(name: str, before: str, after: str) -> None:
    inner = PLAIN[name]
    text = f"{before}\n\n{inner}\n\n{after}"
    (found,) = open_matcher().find(text)
    start = len(before) + 2
    assert 0 <= found.start < found.end <= len(text)
    own = words(inner)
    plain = own.starts[own.kinds == 0]
    # what a template leaves open, as a title or an appendix, may be left out at either end
    assert found.start <= start + plain[len(plain) // 3]
    assert found.end >= start + plain[-(len(plain) // 3)]
    assert text[found.start : found.end].strip() == text[found.start : found.end]
    assert start - 1 <= found.start
    assert found.end <= start + len(inner) + 1


@settings(max_examples=80)
@given(
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True),
    st.lists(PROSE, max_size=3),
    st.randoms(use_true_random=False),
)
def test_the_order_of_paragraphs_does_not_matter(
    names: list[str], prose: list[str], draw: random.Random
) -> None:
    parts = [*(PLAIN[name] for name in names), *prose]
    shuffled = list(parts)
    draw.shuffle(shuffled)
    one, other = (open_matcher().find("\n\n----\n\n".join(each)) for each in (parts, shuffled))
    assert sorted(each.names for each in one) == sorted(each.names for each in other)
    assert {each.names[0] for each in one} == set(names)


@settings(max_examples=100)
@given(ANY | PROSE)
def test_no_text_comes_from_nowhere(text: str) -> None:
    assert open_matcher().find(text) == []


@settings(max_examples=60)
@given(st.sampled_from(NAMES), st.data())
def test_a_text_survives_few_misprints(name: str, data: st.DataObject) -> None:
    tokens = PLAIN[name].split(" ")
    for at in data.draw(
        st.lists(st.integers(0, len(tokens) - 1), max_size=max(1, len(tokens) // 60))
    ):
        tokens[at] = f"{tokens[at]}x"
    found = open_matcher().find(" ".join(tokens))
    assert [each.names[0] for each in found] == [name]


# ---- what takes rights back

MAY_NOT = st.sampled_from(
    ["may not", "must not", "cannot", "shall not", "are not allowed to", "can't", "should never"]
)
DO = st.sampled_from(
    ["use", "sell", "redistribute", "modify", "copy", "sublicense", "resell", "host", "share"]
)
IT = st.sampled_from(
    ["this software", "the Software", "this code", "it", "copies of this work", "modified versions"]
)
HOW = st.sampled_from(
    ["", " commercially", " for profit", " in a product", " without a paid licence", " in weapons", " as a service",
     " to train models", " outside of your company", " without asking the author"]
)  # fmt: skip
FORBIDDEN = st.sampled_from(
    ["is prohibited", "is strictly forbidden", "is not permitted", "is not allowed", "is excluded"]
)
DEED = st.sampled_from(
    ["Commercial use", "Redistribution", "Any modification", "Sale of copies", "Use by companies", "Military use",
     "Use in production", "Copying of this file", "Use of it as training data", "Distribution of changed versions"]
)  # fmt: skip
KIND = st.sampled_from(
    ["non-commercial", "noncommercial", "personal", "academic", "educational", "research", "evaluation",
     "internal", "private", "academic and research"]
)  # fmt: skip
CHANGED = st.sampled_from(
    [
        "Derivative works",
        "Modified versions",
        "All changes",
        "Works that use it",
        "Any modifications",
    ]
)
SHARED = st.sampled_from(
    ["be released under the same licence", "be published under this license", "be made available in source form",
     "be sent to the author", "be licensed under these terms"]
)  # fmt: skip
LEAVE = st.sampled_from(
    [
        "written permission",
        "the prior consent of the author",
        "a commercial license",
        "a paid licence",
    ]
)
OTHERS = st.sampled_from(
    [
        "Only non-profit organisations may use it.",
        "The Software may be used by students only.",
        "Permission is not granted to companies.",
        "This grant does not include the right to Sell the Software.",
        '"Commons Clause" License Condition v1.0',
        "This licence is valid for 30 days.",
        "A licence fee must be paid for every copy.",
        "Users must register with the author before using the Software.",
        "All rights reserved; no part of this work may be reproduced without permission.",
        "This file is confidential and proprietary.",
        "Unauthorized copying of this file is strictly prohibited.",
        "Contact sales@example.org for commercial licensing.",
        "Nobody may use it who has not bought a license.",
        "You agree not to use the Software in connection with surveillance.",
        "The rights are revoked for anyone who sues the author.",
        "Its use for profit is excluded.",
        "Don't sell this.",
    ]
)
RESTRICTIONS: Final = (
    st.builds("You {} {} {}{}.".format, MAY_NOT, DO, IT, HOW)
    | st.builds("{} {}.".format, DEED, FORBIDDEN)
    | st.builds(
        "{} {} use only.".format, st.sampled_from(["For", "Free for", "Licensed for"]), KIND
    )
    | st.builds("{} must {}.".format, CHANGED, SHARED)
    | st.builds("{} requires {}.".format, DEED, LEAVE)
    | OTHERS
)
OPEN: Final = st.sampled_from(
    ["MIT", "BSD-2-Clause", "BSD-3-Clause", "ISC", "Apache-2.0", "0BSD", "Zlib"]
)


def spots(text: str) -> list[int]:
    """Where a sentence can be put: before, behind, after every clause and paragraph."""
    return [0, len(text), *(each.end() for each in re.finditer(r"[.;:,]\s+|\n\s*\n", text))]


@settings(max_examples=400)
@given(OPEN, RESTRICTIONS, st.data())
def test_a_licence_file_that_restricts_is_not_free(
    name: str, said: str, data: st.DataObject
) -> None:
    text = PLAIN[name]
    at = data.draw(st.sampled_from(spots(text)))
    blank = data.draw(st.sampled_from(["\n\n", "\n", " "]))
    path = data.draw(st.sampled_from(["LICENSE", "COPYING.txt", "LICENCE.md", "a/b/license"]))
    changed = f"{text[:at]}{blank}{said}{blank}{text[at:]}"
    found = scan(changed, path, open_matcher())
    assert classify(found.expression) not in FREE


@settings(max_examples=200)
@given(OPEN, RESTRICTIONS, st.booleans(), st.sampled_from(["# ", "// ", " * ", ";; ", "-- "]))
@example("MIT", "Don't sell this.", True, "# ")
def test_a_header_that_restricts_is_not_free(name: str, said: str, first: bool, mark: str) -> None:
    body = PLAIN[name] if name != "Apache-2.0" else PLAIN["MIT"]
    parts = [said, body] if first else [body, said]
    lines = "\n\n".join(parts).splitlines()
    code = "\nint main(void) { return only_once(commercial, use); }\n" * 9
    text = "\n".join(f"{mark}{line}".rstrip() for line in lines) + f"\n{code}"
    found = scan(text, "src/main.x", open_matcher())
    assert classify(found.expression) not in FREE


@settings(max_examples=60)
@given(OPEN, st.sampled_from(["# ", "// ", ";; "]))
def test_code_behind_a_header_restricts_nothing(name: str, mark: str) -> None:
    header = "\n".join(f"{mark}{line}".rstrip() for line in PLAIN[name].splitlines())
    code = (
        "def sell(self):\n    raise ValueError('must not be used: only commercial customers may')\n"
        * 4
    )
    assert scan(f"{header}\n{code}", "src/a.py", open_matcher()).expression == name
