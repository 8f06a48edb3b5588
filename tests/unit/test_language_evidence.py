"""Each step of evidence speaks, and in its order; the tables agree with each other and with the model."""

from __future__ import annotations

import re

import hyperscan
import pytest

from filters import _language_model as model
from filters import _language_rules as rules
from filters._language_table import tables
from filters.language import _FAMILIES, language_count, language_evidence, language_name

_C = "#include <stdio.h>\nint main(void) { return 0; }\n"


def step(path: str, text: str) -> tuple[str | None, str]:
    return tuple(language_evidence(path, text))  # type: ignore[return-value]  # of two fields


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        # the whole name before all else
        ("CMakeLists.txt", "#!/bin/sh\n", ("CMake", "filename")),
        ("src/makefile", "", ("Makefile", "filename")),
        ("Makefile.in", "", ("Makefile", "filename")),
        # the interpreter before mode line and extension
        ("run.txt", "#!/bin/sh\n# -*- python -*-\n", ("Shell", "shebang")),
        ("run", "#! /usr/bin/env -S LANG=C python3.12 -u\n", ("Python", "shebang")),
        ("run", '#!/bin/sh\n# the next line\nexec tclsh "$0" ${1+"$@"}\n', ("Tcl", "shebang")),
        ("run", '#!/bin/sh\n\n\n\n\n\nexec tclsh "$0"\n', ("Shell", "shebang")),
        ("a.ts", "#!/usr/bin/env node\nexport {}\n", ("TypeScript", "text")),
        ("lib.rs", "#![allow(dead_code)]\nfn a() {}\n", ("Rust", "text")),
        # mode lines
        ("a", "/* -*- C++ -*- */\n", ("C++", "modeline")),
        ("a", "# -*- coding: utf-8; mode: ruby -*-\n", ("Ruby", "modeline")),
        ("a.inc", "; -*- mode: asm; tab-width: 8 -*-\n", ("Assembly", "modeline")),
        ("a", "x\n" * 50 + "# vim: set ts=4 filetype=perl :\n", ("Perl", "modeline")),
        ("a", "x\n" * 50 + "# vi:ft=sh\n\n", ("Shell", "modeline")),
        (
            "a",
            "x\n" * 50 + ";; Local Variables:\n;; mode: scheme\n;; End:\n",
            ("Scheme", "modeline"),
        ),
        ("a", "x\n" * 50 + "# vim: ft=perl\n" + "x\n" * 50, (None, "")),
        ("a", "# -*- coding: utf-8 -*-\n", (None, "")),
        ("a", "# -*- klingon -*-\n", (None, "")),
        ("a.h", "// -*- C++ -*-\nint f();\n", ("C++", "modeline")),
        ("a.rs", "// -*- python -*-\n", ("Python", "modeline")),
        # an editor's family does not overrule an extension that says the same and more
        ("a.pyx", "# -*- mode: python -*-\n", ("Cython", "extension")),
        ("a.cpp", "/* -*- mode: C -*- */\n", ("C++", "extension")),
        ("parse.y", "/* -*- C -*- */\n%token A\n", ("Yacc", "text")),
        ("a.patch", "--- a\n+++ b\n+# -*- python -*-\n", ("Diff", "extension")),
        ("a.c", "-*- text -*-\n", ("C", "extension")),
        # the extension, the longest first, in any case, under the endings of copies
        ("a.PY", "", ("Python", "extension")),
        ("a.html.erb", "", ("HTML+ERB", "extension")),
        ("a.b.c", _C, ("C", "extension")),
        ("config.yaml.example", "", ("YAML", "extension")),
        ("config.h.in", "#undef HAVE_X\n", ("C", "default")),
        ("a.py~", "", ("Python", "extension")),
        ("a.unheard", "", (None, "")),
        # the text of a shared extension, and what is left without it
        ("a.m", "%% area\n", ("MATLAB", "text")),
        ("a.m", "", (None, "")),
        ("a.sql", "", ("SQL", "default")),
        # a format's mark where the name says nothing
        ("a", "\ufeff<?xml version='1.0'?>\n", ("XML", "mark")),
        ("", "GET /a HTTP/1.1\nHost: b\n", ("HTTP", "mark")),
        ("", "GET up and go\n", (None, "")),
    ],
)
def test_the_first_step_that_speaks_decides(
    path: str, text: str, expected: tuple[str | None, str]
) -> None:
    assert step(path, text) == expected


def test_the_classifier_settles_what_the_patterns_leave_open() -> None:
    candidates = ("Pascal", "Puppet")
    text = (
        "procedure Area;\nvar Side: Integer;\nbegin\n"
        "  Side := 1;\n  WriteLn(Side);\n  if Side > 2 then Halt(1);\nend;\n"
    )
    assert model.tell_apart(candidates, text.encode()) == "Pascal"
    assert model.tell_apart(("Pascal",), text.encode()) is None  # nothing to tell apart
    assert model.tell_apart(candidates, b"a b") is None  # too little is said
    assert model.tell_apart(("Unheard", "Pascal"), text.encode()) is None


def test_the_classifier_is_asked_last_and_can_be_left_out() -> None:
    text = (
        "Side := 1;\nWriteLn(Side);\nif Side > 2 then Halt(1) else Result := Side;\nSide := nil;\n"
    )
    assert step("a.pp", text) == ("Pascal", "classifier")
    assert language_evidence("a.pp", text, classifier=False).language is None


def test_the_model_fits_its_reader() -> None:
    known = model._model()
    assert known.weights.shape == (len(known.rows), model.BUCKETS)
    assert len(known.scales) == len(known.rows) > 50
    assert set(known.rows) <= set(tables().kinds)


def test_the_tables_name_only_languages_of_the_table() -> None:
    kinds = tables().kinds
    assert language_count() >= 900
    for extension, rule in tables().rules.items():
        assert {name for name, _ in rule.patterns} <= set(kinds), extension
        assert rule.otherwise is None or rule.otherwise in kinds, extension
        assert rule.otherwise is not None or not rule.certain, extension
        assert rule.patterns, extension
    named = {name for akin in _FAMILIES.values() for name in akin.split("|") if name}
    assert named | set(_FAMILIES) <= set(kinds)
    assert set(tables().names.values()) <= set(kinds)


def test_every_shared_extension_has_a_rule() -> None:
    shared = {each for each, names in tables().extensions.items() if len(names) > 1}
    assert shared <= set(tables().rules)


def test_a_name_is_its_own() -> None:
    assert all(language_name(name) == name for name in tables().kinds)


def test_both_engines_give_the_same_answer() -> None:
    assert rules.hyperscan is hyperscan
    texts = [case.encode() for case in _TEXTS]
    for extension in tables().rules:
        for text in texts:
            said = {rules.spoken_for(extension, text, engine=each) for each in ("re", "hyperscan")}
            assert len(said) == 1, (extension, text[:40])


_TEXTS = (
    "",
    _C,
    "class A {\npublic:\n  virtual int b() = 0;\n};\n",
    "% comment\nfunction y = f(x)\n  y = x;\nend\n",
    "use strict;\nmy $x = 1;\nsub f { return $x }\n",
    ":- module(a, [b/1]).\nb(X) :- c(X).\n",
    "<?xml version='1.0'?>\r\n<a>\r\n</a>\r\n",
    "{\n  'a': [1, 2]\n}\n",
    "create table a (b int);\nGO\nselect @@version\n",
    "\\documentclass{article}\n% text\n\\begin{document}\n",
    "(defun f (x) x)\n; end\n",
    "begin\n  x := 1;\nend.\n",
    "\u00e9t\u00e9 \u2028 \ud800".encode("utf-8", "replace").decode() + "\n\x0b\x0c x\n",
    ".TH A 1\n.SH NAME\n",
    "[section]\nkey=value\n; end\n",
)


def test_no_pattern_needs_what_the_engines_do_not_share() -> None:
    for extension, rule in tables().rules.items():
        for name, pattern in rule.patterns:
            assert re.compile(pattern, re.MULTILINE).groups >= 0
            assert not re.search(rb"\(\?[=!<]|\\[1-9ZzGKR]", pattern), (extension, name)
