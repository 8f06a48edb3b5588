"""SPDX tags count where they declare something, in any language's comment, and nowhere else."""

from __future__ import annotations

import pytest

from filters.licenses.notices.gate import _mentions_slowly
from filters.licenses.tags import GATE, find_tags, mentions_license


def expressions(text: str) -> list[str]:
    return [each.expression for each in find_tags(text)]


@pytest.mark.parametrize(
    "comment",
    [
        "// {}", "/* {} */", "/** {} */", " * {}", "# {}", "#! {}", "<!-- {} -->", "<!--\n{}--->", "-- {}",
        "--[[ {} ]]", "{{# {} #}}", "<%# {} %>", "{{- {} -}}", "(* {} *)", '"""{}"""', "'''{}\n'''", "; {}",
        ";; {}", "% {}", "%{}", "! {}", "C {}", "c     {}", "dnl {}", "REM\t{}", "@REM {}", ":: {}", "' {}", '" {}',
        ".. {}", '.\\" {}', "@c {}", "\ufeff// {}", "\t#\t{}", "* {}    *", "// {}\r", "//!{}", "///{}",
        "[//]: # ({})", "int x; // {}", "x = 1  # {}", "/* (c) 2020 Someone {} */", "/*! name v1 | {} */",
        "// Copyright 2020 Someone. {}", "{}\u2028", "/** @license {} */", "{}<br>", "$comment: {}",
    ],
)  # fmt: skip
def test_a_tag_counts_in_every_kind_of_comment(comment: str) -> None:
    text = comment.format("SPDX-License-Identifier: Apache-2.0 OR MIT")
    assert expressions(text) == ["Apache-2.0 OR MIT"]
    (found,) = find_tags(text)
    assert text[found.start : found.end] == "SPDX-License-Identifier: Apache-2.0 OR MIT"


@pytest.mark.parametrize(
    ("written", "expression"),
    [
        ("GPL-2.0+", "GPL-2.0-or-later"),
        ("(GPL-2.0 WITH Linux-syscall-note)", "GPL-2.0-only WITH Linux-syscall-note"),
        ("((GPL-2.0-only WITH Linux-syscall-note) OR BSD-3-Clause)",
         "GPL-2.0-only WITH Linux-syscall-note OR BSD-3-Clause"),
        ("mit or apache-2.0", "MIT OR Apache-2.0"),
        ("\tMIT\t", "MIT"),
        ("MIT. Written by hand", "MIT"),
        ("MIT # and a remark", "MIT"),
        ("MIT License", "MIT"),
        ("Apache 2.0", "Apache-2.0"),
        ("LicenseRef-Own-1", "LicenseRef-Own-1"),
        ("[MIT](https://example.org/mit)", "MIT"),
        ("MIT OR\n//   Apache-2.0\ncode()", "MIT OR Apache-2.0"),
        ("(MIT OR\n//   Apache-2.0)\ncode()", "MIT OR Apache-2.0"),
        ("MIT\n//   OR Apache-2.0\ncode()", "MIT OR Apache-2.0"),
        ("MIT\n// AND so it goes on", "MIT"),
        ("NONE", "NONE"),
        ("", "NOASSERTION"),
        ("some words", "NOASSERTION"),
        ("MIT AND", "NOASSERTION"),
    ],
)  # fmt: skip
def test_what_stands_behind_the_colon_becomes_one_expression(written: str, expression: str) -> None:
    assert expressions(f"// SPDX-License-Identifier: {written}") == [expression]


@pytest.mark.parametrize(
    "text",
    [
        'x = "SPDX-License-Identifier: MIT"',
        '    "SPDX-License-Identifier: MIT",',
        'print("// SPDX-License-Identifier: MIT")',
        "Put `SPDX-License-Identifier: MIT` at the top of each file.",
        "every file has an SPDX-License-Identifier: MIT line",
        "```\n// SPDX-License-Identifier: MIT\n```\n",
        'HEADER = """\n// SPDX-License-Identifier: MIT\n"""\n',
        "const header = `\n// SPDX-License-Identifier: MIT\n`",
        "cat <<EOF > x.c\n// SPDX-License-Identifier: MIT\nEOF\n",
        "# SPDX-License-Identifier: <SPDX id>",
        "# SPDX-License-Identifier: {{ license }}",
        "# REUSE-IgnoreStart\n# SPDX-License-Identifier: MIT\n# REUSE-IgnoreEnd\n",
        "# REUSE-IgnoreStart\n# SPDX-License-Identifier: MIT\n",
        " * @license React",
        "License: see the file",
        "# nothing at all",
        "",
    ],
)
def test_talk_about_tags_declares_nothing(text: str) -> None:
    assert find_tags(text) == ()


def test_snippets_and_repeated_tags_hold_together() -> None:
    text = (
        "# SPDX-License-Identifier: MIT\n# SPDX-SnippetBegin\n# SPDX-License-Identifier: ISC\n"
        "# SPDX-SnippetEnd\n# SPDX-License-Identifier: MIT\n"
    )
    assert expressions(text) == ["MIT", "ISC"]


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        (" * @license MIT", "MIT"),
        ("/** @license Apache-2.0 */", "Apache-2.0"),
        ("// @license      GPL-3.0-or-later", "GPL-3.0-or-later"),
        (" * License: GPL-2.0-or-later", "GPL-2.0-or-later"),
        ('SPDX-License-Identifier = "MIT"', "MIT"),
        ('{"SPDX-License-Identifier": "MIT"}', "MIT"),
        ('{"_comment": "SPDX-License-Identifier: MIT"}', "MIT"),
    ],
)
def test_other_labels_count_with_an_exact_expression(text: str, expression: str) -> None:
    assert expressions(text) == [expression]


@pytest.mark.parametrize(
    "text",
    [
        "Licensed under X", "LICENCE", "Lizenz: frei", "licencia", "лицензия", "Лицензия", "ライセンス", "许可证",
        "라이선스", "GPLv3", "(MIT)", "under the MIT", "BSD", "Apache 2", "public\n * domain", "CC0", "CC-BY", "CC BY",
        "Permission\n# is hereby granted", "redistribution", "without any warranty", "SPDX", "Confidential",
        "creative commons", "unauthorized\n// copying", "same terms as Perl", "copyleft", "WTFPL",
    ],
)  # fmt: skip
def test_the_gate_opens_for_every_licence_word(text: str) -> None:
    assert mentions_license(text)
    assert mentions_license(f"\u00fc {text.upper()}") or not text.isascii()
    assert _mentions_slowly(text)


@pytest.mark.parametrize(
    "text", ["", "def f(x):\n    return x\n", "limit commit permit admit", "\ud800", "import os"]
)
def test_the_gate_stays_shut_without_one(text: str) -> None:
    assert not mentions_license(text)
    assert not _mentions_slowly(text)


def test_the_gate_lists_each_word_once() -> None:
    assert len(set(GATE)) == len(GATE)


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ('"SPDX-License-Identifier: MIT"\n', "MIT"),
        ("10 REM SPDX-License-Identifier: MIT\n", "MIT"),
        ("// SPDX-License-Identifier: `MIT`\n", "MIT"),
        ("// SPDX-License-Identifier: <MIT>\n", "MIT"),
        ("// SPDX\u2011License\u2011Identifier: Apache\u20112.0\n", "Apache-2.0"),
        ("# SPDX: GPL-2.0-or-later\n", "GPL-2.0-or-later"),
    ],
)
def test_tags_in_odd_dress(text: str, expression: str) -> None:
    assert [each.expression for each in find_tags(text)] == [expression]


def test_two_tags_of_one_line_both_hold() -> None:
    text = "/* SPDX-License-Identifier: MIT */ /* SPDX-License-Identifier: Zlib */\n"
    assert [each.expression for each in find_tags(text)] == ["MIT", "Zlib"]


@pytest.mark.parametrize(
    "text", ["// SPDX-License-Identifier: <id>\n", 'x = [\n"SPDX-License-Identifier: MIT"\n]\n']
)
def test_placeholders_and_list_items_declare_nothing(text: str) -> None:
    assert find_tags(text) == ()
