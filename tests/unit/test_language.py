"""Programming languages by name, extension, text and shebang; natural languages by text; tags."""

from __future__ import annotations

import pytest

from filters.document import Document
from filters.language import kind_of, language_count, language_name, programming_language
from filters.prose import language_code, natural_language
from filters.tags import Tags, tag

ENGLISH = "It was the best of times, it was the worst of times, it was the age of wisdom."
GERMAN = "Es war die beste und die schlimmste Zeit, ein Jahrhundert der Weisheit und des Unsinns."
FRENCH = (
    "C'était le meilleur et le pire de tous les temps, le siècle de la folie et celui du doute."
)
RUSSIAN = "Это было самое прекрасное время, это было самое злосчастное время, век мудрости."
KOREAN = "모든 인간은 태어날 때부터 자유로우며 존엄과 권리에 있어 동등하다."
JAPANESE = "すべての人間は、生まれながらにして自由であり、尊厳と権利とについて平等である。"
CHINESE = "人人生而自由,在尊严和权利上一律平等。他们赋有理性和良心,并应以兄弟关系的精神相对待。"
ARABIC = "يولد جميع الناس أحرارا متساوين في الكرامة والحقوق وقد وهبوا عقلا وضميرا"
GREEK = "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια."
THAI = "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ"


def document(text: str = "", path: str = "", language: str = "") -> Document:
    return Document(id="1", text=text, sha256="", source="s", path=path, language=language)


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("a/b.py", "Python"),
        ("A.PY", "Python"),
        ("x.pyi", "Python"),
        ("x.cpp", "C++"),
        ("x.rs", "Rust"),
        ("x.go", "Go"),
        ("README.md", "Markdown"),
        ("docs/index.rst", "reStructuredText"),
        ("x.json", "JSON"),
        ("tsconfig.json", "JSON with Comments"),
        ("x.yml", "YAML"),
        ("pyproject.toml", "TOML"),
        ("CMakeLists.txt", "CMake"),
        ("Makefile", "Makefile"),
        ("Makefile.linux", "Makefile"),
        ("docker/Dockerfile", "Dockerfile"),
        ("requirements.txt", "Pip Requirements"),
        ("index.d.ts", "TypeScript"),
        ("App.tsx", "TSX"),
        ("view.html.erb", "HTML+ERB"),
        ("x.f90", "Fortran Free Form"),
        ("x.ipynb", "Jupyter Notebook"),
        (".gitignore", "Ignore List"),
        ("setup.cfg", "INI"),
        ("notes.txt", None),
        ("LICENSE", None),
        ("x.tar.gz", None),
        ("noextension", None),
        ("", None),
        (".", None),
        ("folder.py/", None),
    ],
)
def test_language_by_path(path: str, language: str | None) -> None:
    assert programming_language(path, "") == language


@pytest.mark.parametrize(
    ("path", "text", "language"),
    [
        ("a.h", "#include <stdio.h>\nint f(void);\n", "C"),
        ("a.h", "#pragma once\nnamespace a {\n}\n", "C++"),
        ("a.h", "#include <vector>\n", "C++"),
        (
            "a.h",
            "#import <Foundation/Foundation.h>\n@interface A : NSObject\n@end\n",
            "Objective-C",
        ),
        ("a.m", "% area\nfunction y = f(x)\n", "MATLAB"),
        ("a.m", "#import <A.h>\n@implementation A\n@end\n", "Objective-C"),
        ("a.pl", "use strict;\nmy $x = 1;\n", "Perl"),
        ("a.pl", "parent(tom, bob).\nold(X) :- parent(X, _).\n", "Prolog"),
        ("a.pl", "use v6;\nsay 1;\n", "Raku"),
        ("a.ts", "export const x = 1;\n", "TypeScript"),
        ("a.ts", '<?xml version="1.0"?>\n<TS version="2.1">\n', "XML"),
        ("a.sql", "select 1;\n", "SQL"),
        ("a.sql", "create function f() returns int language plpgsql as $$\n", "PLpgSQL"),
        ("a.v", "module top(input a);\nendmodule\n", "Verilog"),
        ("a.v", "Require Import Arith.\nLemma a : True.\n", "Rocq Prover"),
        ("a.fs", "let x = 1\n", "F#"),
        ("a.fs", "#version 330\nvoid main() {}\n", "GLSL"),
        ("tool.1", '.TH TOOL 1\n.SH NAME\ntool \\- "x"\n', "Roff"),
        ("libx.so.1", "no manual", None),
        ("run", "#!/usr/bin/env python3\n", "Python"),
        ("run", "#!/usr/bin/env -S python3.11 -u\n", "Python"),
        ("run", "#!/bin/bash -e\n", "Shell"),
        ("run", "#! /usr/bin/perl -w\n", "Perl"),
        ("run", "#!/opt/own/thing\n", None),
        ("run", "#!\n", None),
        ("config", '<?xml version="1.0"?>\n', "XML"),
        ("notes", "-*- mode: python -*-\n", "Python"),
    ],
)
def test_the_text_decides_where_the_path_cannot(path: str, text: str, language: str | None) -> None:
    assert programming_language(path, text) == language


def test_the_table_is_large_and_consistent() -> None:
    assert language_count() > 400
    assert kind_of("Python") == "programming"
    assert kind_of("Markdown") == "prose"
    assert kind_of("Nonsense") is None
    assert language_name("c++") == "C++"
    assert language_name("PYTHON") == "Python"
    assert language_name("golang") == "Go"
    assert language_name("klingon") is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (ENGLISH, "en"),
        (ENGLISH.upper(), "en"),
        (GERMAN, "de"),
        (FRENCH, "fr"),
        (RUSSIAN, "ru"),
        (KOREAN, "ko"),
        (JAPANESE, "ja"),
        (CHINESE, "zh"),
        (ARABIC, "ar"),
        (GREEK, "el"),
        (THAI, "th"),
        ("안녕하세요", "ko"),
        ("", "und"),
        ("   \n", "und"),
        ("Too short", "und"),
        ("1234567890 " * 20, "und"),
        ("\x00\x01" * 50, "und"),
        ("\ud800" * 50, "und"),
        ("JE TSUO BLƆ NYA TOMI KƐ HA ADESA HE BLƆHI", "und"),  # Dangme: not in the model
    ],
)
def test_natural_language(text: str, code: str) -> None:
    assert natural_language(text) == code


def test_markup_does_not_count_as_text() -> None:
    fence = "```python\nfor the_item in the_list_of_things: print(the_item)\n```\n" * 5
    assert natural_language(fence + GERMAN) == "de"
    assert natural_language("<p class='the quick brown fox'>" * 5 + FRENCH) == "fr"


def test_declared_codes_are_brought_to_iso_639() -> None:
    cases = {"en": "en", "EN": "en", "eng": "en", "pt-BR": "pt", "zh_CN": "zh", "ceb": "ceb"}
    assert {each: language_code(each) for each in cases} == cases
    assert language_code("english text") is None
    assert language_code("") is None


@pytest.mark.parametrize(
    ("given", "tags"),
    [
        (document("x = 1", "a.py"), Tags("Python", "und", False, False)),
        (document(GERMAN, "README.md"), Tags("Markdown", "de", False, False)),
        (document(GERMAN, "README.rst"), Tags("reStructuredText", "de", False, False)),
        (document(GERMAN, "notes.txt"), Tags("de", "de", False, False)),
        (document(GERMAN), Tags("de", "de", False, False)),
        (document(""), Tags("und", "und", False, False)),
        (document('{"a": "b"}', "a.json"), Tags("JSON", "und", False, False)),
        (document("x = 1", "", "python"), Tags("Python", "und", False, False)),
        (document("x = 1", "", "C++"), Tags("C++", "und", False, False)),
        (document("x", "", "eng"), Tags("en", "en", False, False)),
        (document("x", "a.md", "de"), Tags("Markdown", "de", False, False)),
        (document(GERMAN, "", "gibberish"), Tags("de", "de", False, False)),
        (document("x", "", "Go"), Tags("Go", "und", False, False)),
        (document("x", "", "Io"), Tags("Io", "und", False, False)),
        (document("x", "", "io"), Tags("io", "io", False, False)),
        (document("x", "lib/site-packages/a.py"), Tags("Python", "und", True, False)),
        (document("# Generated by x. DO NOT EDIT", "a.py"), Tags("Python", "und", False, True)),
    ],
)
def test_tags(given: Document, tags: Tags) -> None:
    assert tag(given) == tags


@pytest.mark.timeout(120)
def test_hostile_text_takes_bounded_time() -> None:
    for text in (" " * 200_000, "\n" * 200_000, "(" * 200_000, "a" * 200_000, "<" * 200_000):
        for name in ("a.h", "a.m", "a.pl", "a.sql", "a.v", "a.inc", "a.ml", "a.d", "a", "a.txt"):
            tag(document(text, name))
