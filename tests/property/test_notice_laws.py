"""Laws of tags and notices: places, comment marks, choices, strictness, linear time."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.licenses.notices.find import find_notices
from filters.licenses.notices.flat import flatten
from filters.licenses.notices.gate import _mentions_slowly, _places, _places_slowly
from filters.licenses.spdx import LICENSE_CLASSES, class_rank, classify, normalise, parse, render
from filters.licenses.tags import find_tags, mentions_license

WORDS = (
    "MIT", "License", "GPL", "GNU General Public License", "version 2", "or any later version",
    "licensed under", "the", "Apache License, Version 2.0", "not", "and", "or", "dual", "\n", "\n\n", " * ",
    "# ", "//",
    "Copyright (c)",
    "SPDX-License-Identifier:", "Apache-2.0", "OR", "AND", "(", ")", "WITH",
    "https://www.gnu.org/licenses/gpl-3.0.txt",
    "public domain", "BSD", "see LICENSE", "Redistribution and use in source", "\u00fc", "\u0130",
    "\U0001f600", '"', "'",
    "creativecommons.org/licenses/by/4.0/", "All rights reserved", "proprietary and confidential", "\t",
    "\\n", "&nbsp;",
    "as a special exception", "Classpath exception", "same terms as Perl itself", "CC BY-SA", "</b>", "LGPL-2.1+",
)  # fmt: skip
prose = st.lists(st.sampled_from(WORDS) | st.text(max_size=6), max_size=40).map(" ".join)
SENTENCES = {
    "MIT": "Licensed under the MIT License.",
    "Apache-2.0": "Licensed under the Apache License, Version 2.0.",
    "GPL-3.0-or-later": "Distributed under the terms of the GNU GPL, version 3 or any later version.",
    "MPL-2.0": "Subject to the terms of the Mozilla Public License, v. 2.0.",
    "AGPL-3.0-only": "Released under version 3 of the GNU Affero General Public License.",
    "CC-BY-NC-4.0": "Licensed under CC BY-NC 4.0.",
    "SSPL-1.0": "Licensed under the Server Side Public License, version 1.",
    "LicenseRef-scancode-proprietary-license": "Unauthorized copying of this file is strictly prohibited.",
}


@given(prose)
def test_findings_lie_in_the_text_in_canonical_form(text: str) -> None:
    for found in (*find_tags(text), *find_notices(text)):
        assert 0 <= found.start < found.end <= len(text)
        assert normalise(found.expression).expression == found.expression
        assert render(parse(found.expression)) == found.expression


@given(prose)
def test_no_finding_passes_a_shut_gate(text: str) -> None:
    if not mentions_license(text):
        assert find_tags(text) == ()
        assert find_notices(text) == ()


@given(prose)
def test_the_gate_is_the_same_with_and_without_the_fast_engine(text: str) -> None:
    assert mentions_license(text) == _mentions_slowly(text)
    assert bool(_places(text)) == bool(_places_slowly(text))


@given(prose)
def test_letters_of_the_flat_text_stand_where_it_says(text: str) -> None:
    flat = flatten(text)
    assert len(flat.lower) == len(flat.text)
    for at, letter in enumerate(flat.text):
        if not letter.isspace():
            assert text[flat.source(at)] == letter


@given(
    st.lists(st.sampled_from(sorted(SENTENCES)), min_size=1, max_size=4, unique=True),
    st.sampled_from(["", "# ", "// ", " * ", ";; ", "dnl "]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_separate_sentences_are_all_found_and_the_strictest_stays(
    ids: list[str], mark: str, line_feed: str
) -> None:
    text = line_feed.join(f"{mark}{SENTENCES[each]}{line_feed}{mark}" for each in ids)
    found = {each.expression for each in find_notices(text)}
    assert found == set(ids)
    ranks = [class_rank(classify(each)) for each in ids]
    assert max(class_rank(classify(each)) for each in found) == max(ranks)


@given(st.text(max_size=80), st.text(max_size=80))
def test_words_around_a_tag_on_other_lines_change_nothing(before: str, behind: str) -> None:
    # a fence, a quotation mark or REUSE's own word would make an example of the tag
    quiet = before.translate(dict.fromkeys(map(ord, "`~\"'<"))).replace("REUSE-Ignore", "")
    text = f"{quiet}\n// SPDX-License-Identifier: GPL-2.0-only\n-\n{behind}"
    assert "GPL-2.0-only" in {each.expression for each in find_tags(text)}


@settings(deadline=None)
@given(st.sampled_from(WORDS), st.sampled_from(WORDS))
def test_repetition_never_makes_a_licence_freer(first: str, second: str) -> None:
    once = f"{SENTENCES['AGPL-3.0-only']}\n\n{first} {second}"
    ranks = [class_rank(classify(each.expression)) for each in find_notices(once)]
    assert max(ranks) >= LICENSE_CLASSES.index("network-copyleft")


@pytest.mark.parametrize(
    "piece",
    [
        "*", " ", "gpl ", "license ", "licensed under the ", "a/", "or ", "(", "not-", "http", "/a", "mit,",
        "\n", "\n#",
        "version 2 ",
        "the ", "public domain ", "GNU General Public License ", "SPDX-License-Identifier: MIT OR\n# ",
        "Permission ", "copyright ", "without ", "Foo ", "License Foo ", "\u0130gpl ", "```\n", "<<EOF\n",
        "confidential ",
    ],
)  # fmt: skip
def test_time_grows_with_the_length_only(piece: str) -> None:
    text = "license " + piece * (40_000 // len(piece))
    find_tags(text)
    find_notices(text)
