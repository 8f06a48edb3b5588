"""Laws of hints: each engine finds the same, and no rule finds anything where its hint does not stand."""

from __future__ import annotations

import re
from typing import Final

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from filters.licenses.notices import (
    files,
    find,
    foreign,
    foreign_cc,
    gnu,
    names,
    own,
    unnamed,
    urls,
)
from filters.licenses.notices.flat import lower
from filters.licenses.notices.mention import matches_at, windows

WORDS: Final = (
    "mit", "licence", "license", "permitted", "disclaimed", "gnu", "gpl", "general public license", "lgpl", "fdl",
    "apache-2.0", "utf-8", "(c) 2004-2010", "bsd", "redistribution and use", "public domain", "\n", "\u00e9", "许可证",
    "license file", "see the", "copying", "https://opensource.org/licenses/mit", "php.net/license", "mozilla.org/mpl/",
    "cc by-sa", "creative commons", "affero", "may not be", "copied", "without", "perl", "as perl itself", "ruby",
    "licence publique", "gnu公共许可证", "\udc80",
)  # fmt: skip
prose = st.lists(st.sampled_from(WORDS) | st.text(max_size=4), max_size=24).map(
    lambda words: lower(" ".join(words))
)
# patterns that a hint stands for: where one matches, so does the other
RULES: Final = (
    *((row.pattern, row.hint, row.literal) for row in names._NAMES),
    *((rule, hint, "") for hint, rule, _ in own._COMPILED if "[" in hint or "(" in hint),
    (unnamed._REFERENCE, unnamed._REFERS, ""),
    (foreign._NAME, foreign._NAMED, ""),
    (foreign._ENGLISH, foreign._IN_ENGLISH, ""),
    (foreign_cc._HOUSE, foreign_cc.HINTS[0], ""),
    (urls._CC_URL, urls._CC_HOME, ""),
    (urls._CC_NAME, urls._CC_WORDS, ""),
    (files._CHOICE, files._HINT, ""),
    (names._LISTED, names._NUMBERED, ""),
)


@given(prose)
def test_hints_are_the_same_with_and_without_the_fast_engine(low: str) -> None:
    assert find._HINTER.of(low) == find._HINTER.of_slowly(low)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(RULES).flatmap(lambda rule: st.tuples(st.just(rule), st.from_regex(rule[0])))
)
def test_no_rule_matches_without_its_hint(
    drawn: tuple[tuple[re.Pattern[str], str, str], str],
) -> None:
    (pattern, hint, literal), text = drawn
    low = lower(text)
    # an id with digits of another script is on no list
    assume(
        pattern.search(low) is not None and literal in low and not re.search(r"(?![0-9])\d", low)
    )
    assert hint in find._HINTER.of(low)


@given(prose)
def test_gnu_names_are_found_in_windows_as_in_the_whole(low: str) -> None:
    near = windows(low, gnu._STEMS, gnu._LONGEST, gnu._LONGEST)
    found = [m.span() for start, end in near for m in gnu._NAME.finditer(low, start, end)]
    assert found == [m.span() for m in gnu._NAME.finditer(low)]


@given(prose)
def test_addresses_and_ids_are_found_from_their_beginnings(low: str) -> None:
    found = matches_at(urls._OTHER, low, low, urls._BEGINNINGS)
    assert [m.span() for m in found] == [m.span() for m in urls._OTHER.finditer(low)]
    found = matches_at(gnu._URL, low, low, gnu._HOMES)
    assert [m.span() for m in found] == [m.span() for m in gnu._URL.finditer(low)]
    spans = [m.span() for m in names._numbered(low)]
    assert spans == [m.span() for m in names._LISTED.finditer(low)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Licensed under the Foo Bar License.", "Foo Bar License"),
        ("Licensed under the MIT License Agreement of Foo.\nUsed by the Acme EULA", "Acme EULA"),
        ("released to you by the Big Corp, Fine Agreement", "Big Corp, Fine Agreement"),
        ("under the License", None),
        ("Licensed under\nFoo License", None),
    ],
)
def test_strange_names_of_licences(text: str, name: str | None) -> None:
    taken = bytearray(len(text))
    at = text.find("MIT License")
    if at >= 0:
        taken[at : at + 11] = b"\1" * 11
    match = unnamed.unread(text, taken)
    assert (match and match[1]) == name
