"""The language of code is that of its comments, in every family of languages."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path

import pytest

from filters.comments import _scanners, comment_language, comments
from filters.document import Document
from filters.language import kind_of
from filters.tags import tag

ROOT = Path(__file__).parents[2]
SAID = {
    "de": (
        "Hier wird das Korn gemahlen und danach gesiebt,",
        "damit kein Stein in das Mehl gerät.",
    ),
    "fr": (
        "La meule écrase le grain et la farine tombe",
        "dans le sac qui se trouve sous le moulin.",
    ),
    "es": ("La muela tritura el grano y la harina cae", "en el saco que está debajo del molino."),
    "ru": ("Жернов размалывает зерно, и мука падает", "в мешок, который стоит под мельницей."),
    "ja": ("石臼が穀物を挽いて、粉が袋の中に落ちます。", "水が少ない時は動きません。"),
    "ko": ("맷돌이 곡식을 갈면 가루가 자루 안으로 떨어진다.", "물이 적으면 움직이지 않는다."),
    "zh": ("石磨把谷物磨成粉, 面粉落到下面的袋子里。", "水太少的时候它就不会转动。"),
    "en": (
        "The stone grinds the corn and the flour falls",
        "into the sack which stands below the mill.",
    ),
}
# A file of each way to write comments; LINE and NEXT stand for two lines of one.
FILES = {
    "Python": 'import mill\n\nx = "no # comment here"  # LINE\n# NEXT\ndef f(a):\n    return a\n',
    "Python docstring": 'def grind(corn):\n    """LINE\n\n    NEXT\n    """\n    return corn.ground()\n',
    "Shell": '#!/bin/sh\nset -e\n# LINE\n# NEXT\necho "a # b"\n',
    "C": '#include <stdio.h>\n/* LINE\n * NEXT\n */\nint main(void) { return puts("// no"); }\n',
    "Java": "package mill;\n/**\n * LINE\n * NEXT\n * @param corn\n */\nclass Mill {}\n",
    "JavaScript": "const a = 'http://x.y';\n// LINE\n// NEXT\nexport default a;\n",
    "Rust": "/// LINE\n/// NEXT\nfn f<'a>(x: &'a str) -> char { '\"' }\n",
    "Go": "package mill\n\n// LINE\n// NEXT\nvar s = `// raw`\n",
    "PHP": "<?php\n# LINE\n// NEXT\n$x = 'a';\n",
    "SQL": "select '-- no' from t; -- LINE\n-- NEXT\n",
    "Haskell": "module Mill where\n{- LINE\n   NEXT -}\nmain = print 'x'\n",
    "Lua": "--[[ LINE\nNEXT ]]\nlocal x = 1\n",
    "Ada": "procedure Mill is -- LINE\n-- NEXT\nbegin null; end;\n",
    "Emacs Lisp": ';;; mill.el\n;; LINE\n;; NEXT\n(message "; no")\n',
    "Erlang": "-module(mill).\n%% LINE\n%% NEXT\n",
    "MATLAB": "function y = mill(x)\n% LINE\n% NEXT\ny = x';\n",
    "OCaml": "let x = 1 (* LINE\n NEXT *)\n",
    "Pascal": "unit mill; { LINE\n NEXT }\n",
    "Fortran Free Form": "program mill\n! LINE\n! NEXT\nend program\n",
    "Fortran": "C     LINE\nC     NEXT\n      END\n",
    "XML": "<mill>\n<!-- LINE\n NEXT -->\n</mill>\n",
    "CSS": "a { color: red } /* LINE\n NEXT */\n",
    "Visual Basic .NET": "Dim x ' LINE\n' NEXT\n",
    "Batchfile": "@echo off\nrem LINE\nrem NEXT\n",
    "Vim Script": '" LINE\n" NEXT\nlet x = "a"\n',
    "Ruby": "x = 1\n=begin\nLINE\nNEXT\n=end\nputs x\n",
    "Perl": "my $x = 1;\n\n=pod\n\nLINE\nNEXT\n\n=cut\n\nprint $x;\n",
    "Elixir": 'defmodule Mill do\n  @moduledoc """\n  LINE\n  NEXT\n  """\nend\n',
    "Julia": '"""\nLINE\nNEXT\n"""\nf(x) = x\n',
    "YAML": "# LINE\n# NEXT\nmill:\n  stones: 2\n",
    "PowerShell": "<#\nLINE\nNEXT\n#>\nWrite-Host 1\n",
}


@pytest.mark.parametrize("name", FILES)
def test_comments_tell_the_language(name: str) -> None:
    language = name.removesuffix(" docstring")
    for code, (line, after) in SAID.items():
        text = FILES[name].replace("LINE", line).replace("NEXT", after)
        assert comment_language(language, text) == code, (name, code)
    bare = FILES[name].replace("LINE", "").replace("NEXT", "")
    assert comment_language(language, bare) == "und"


def test_the_tag_of_code_is_the_language_of_its_comments() -> None:
    text = FILES["Java"].replace("LINE", SAID["ko"][0]).replace("NEXT", SAID["ko"][1])
    found = tag(Document(id="1", text=text, sha256="", source="s", path="src/Mill.java"))
    assert (found.language, found.natural_language) == ("Java", "ko")


def test_a_notice_of_licence_does_not_decide() -> None:
    notice = (
        "# Copyright 2019 The Mill Authors. All rights reserved.\n"
        "# Licensed under the Apache License, Version 2.0; you may not use this file except in\n"
        "# compliance with the License. You may obtain a copy of the License at the address below.\n"
    )
    german = "".join(f"# {line}\n" for line in SAID["de"])
    assert comment_language("Python", notice + "\nimport mill\n") == "und"
    assert comment_language("Python", f"{notice}\nimport mill\n\n{german}") == "de"


def test_code_in_comments_does_not_decide() -> None:
    left_out = "".join(
        f"// mill.setStones({n}); if (corn_{n} == null) {{ grindAll(corn_{n}, 0x{n}); }}\n"
        for n in range(20)
    )
    assert comment_language("JavaScript", left_out + "f();\n") == "und"
    spanish = "".join(f"// {line}\n" for line in SAID["es"])
    assert comment_language("JavaScript", f"{left_out}f();\n{spanish}") == "es"


def test_strings_are_no_comments() -> None:
    russian = " ".join(SAID["ru"])
    for language, text in {
        "Python": f's = "# {russian}"\nt = """\n# {russian}\n"""\n',
        "C": f'char *s = "// {russian} \\" /* {russian} */";\n',
        "Shell": f"echo '# {russian}'\n",
        "Go": f"var s = `// {russian}\n// {russian}`\n",
        "SQL": f"select '-- {russian}';\n",
    }.items():
        assert list(comments(language, text)) == [], language
        assert comment_language(language, text) == "und"


def test_too_little_is_not_told() -> None:
    assert comment_language("Python", "x = 1  # Korn\n") == "und"
    assert comment_language("JSON", '{"a": "// no comments here at all, in no way"}') == "und"
    assert comment_language("Unheard Of", "# " + SAID["de"][0]) == "und"


def test_the_table_speaks_of_languages_that_exist_and_of_each_once() -> None:
    table = tomllib.loads((ROOT / "filters/_tables/comments.toml").read_text("utf-8"))
    names = [name for family in table.values() for name in family["languages"].split("|")]
    assert [name for name in names if kind_of(name) is None] == []
    assert sorted(names) == sorted(set(names))
    assert len(_scanners()) > 400


def test_hostile_text_takes_bounded_time() -> None:
    # a comparison of one machine with itself: what is hostile takes no longer than a hundred plain files
    languages = (
        "Python",
        "C",
        "Rust",
        "Ruby",
        "Perl",
        "Lua",
        "Elixir",
        "Emacs Lisp",
        "Batchfile",
        "XML",
    )
    plain = ("x = compute(1, 'a')\n" * 500)[:8_192]
    begun = time.process_time()
    for language in languages:
        for _ in range(100):
            comment_language(language, plain)
    allowed = time.process_time() - begun
    begun = time.process_time()
    for unit in (
        '"',
        "'",
        '\\"',
        "/*",
        "# ",
        "#\n",
        '"""',
        "'\\",
        "=a\n",
        "rem ",
        "<!--",
        "--[[",
        "@doc ",
    ):
        for language in languages:
            list(comments(language, unit * 100_000))
    assert time.process_time() - begun < 10 * allowed
