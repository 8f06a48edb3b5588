"""A permissive text with another word or sentence than its template's is no such licence, unless it is explained."""

from __future__ import annotations

import pytest

from filters.licenses.remarks import is_harmless, unread
from filters.licenses.scan import scan
from filters.licenses.spdx import classify
from filters.licenses.texts.full import full_text
from pipeline.detector import open_matcher

FREE = {"public-domain", "permissive"}


def plain(name: str) -> str:
    found = full_text(name)
    assert found is not None
    return "\n\n".join(" ".join(part.split()) for part in found.text.split("\n\n"))


def answer(text: str, path: str = "LICENSE") -> str:
    return scan(text, path, open_matcher()).expression


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("MIT", "any person", "any student"),
        ("MIT", "free of charge", "on payment"),
        ("MIT", "is hereby granted", "is hereby denied"),
        ("MIT", "and/or sell copies", "but not sell copies"),
        ("MIT", "and/or sell copies", "and/or lend copies"),
        ("MIT", "modify, merge", "merge"),
        ("MIT", "shall be included", "shall be left out"),
        ("X11", "any person", "our members"),
        ("BSD-2-Clause", "Redistribution and use", "Use"),
        ("BSD-2-Clause", "with or without modification", "without modification"),
        ("BSD-3-Clause", "are permitted", "are forbidden"),
        ("BSD-3-Clause", "binary forms", "binary forms by schools"),
        ("ISC", "for any purpose", "for this purpose"),
        ("ISC", "with or without fee", "without fee"),
        ("0BSD", "is hereby granted", "is hereby lent"),
        ("Apache-2.0", "perpetual, worldwide", "yearly, worldwide"),
        ("Apache-2.0", "irrevocable copyright", "revocable copyright"),
        ("Zlib", "including commercial", "excluding commercial"),
        ("BSL-1.0", "any person or organization", "any person or charity"),
        ("Unlicense", "Anyone is free", "Anyone in Rome is free"),
        ("PostgreSQL", "copy, modify, and distribute", "copy"),
    ],
)
def test_an_exchanged_word_of_the_grant(name: str, old: str, new: str) -> None:
    text = plain(name)
    assert old in text
    assert classify(answer(text)) in FREE
    assert classify(answer(text.replace(old, new, 1))) not in FREE


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("MIT", "sublicense", "sub-license"),
        ("MIT", "furnished", "furnised"),
        ("MIT", "documentation files", "documention files"),
        ("MIT", "DEALINGS", "DEAL- INGS"),
        ("MIT", "to any person", "to any persons"),
        ("BSD-3-Clause", "this software without", "the program without"),
        ("BSD-3-Clause", "the name of the copyright holder", "the name of Mill Ltd. nor the names of its millers"),
        ("BSD-2-Clause", "above copyright notice", "above copyright notices"),
        ("BSD-2-Clause", "this list of conditions", "this list of conditions without modification"),
        ("ISC", "appear in all copies", "appears in all copies"),
        ("Zlib", "the authors be held", "the author be held"),
    ],
)  # fmt: skip
def test_an_explained_difference(name: str, old: str, new: str) -> None:
    text = plain(name)
    assert old in text
    assert answer(text.replace(old, new, 1)) == name


@pytest.mark.parametrize(
    "said",
    [
        "Each copy costs one euro.",
        "Banks are outside this grant.",
        "Ask first.",
        "Die Weitergabe bedarf der Zustimmung des Urhebers.",
        "Tylko do użytku domowego.",
        "La vente de copies est exclue.",
        "禁止用于商业目的。",
        "상업적 이용을 금합니다.",
        "Запрещено использовать в коммерческих целях.",
    ],
)
@pytest.mark.parametrize("name", ["MIT", "BSD-3-Clause", "ISC", "Apache-2.0"])
def test_a_sentence_that_nothing_explains(name: str, said: str) -> None:
    text = plain(name)
    assert not is_harmless(said)
    for changed in (f"{said}\n\n{text}", f"{text}\n\n{said}\n"):
        assert classify(answer(changed)) not in FREE


@pytest.mark.parametrize(
    "said",
    [
        "Rollup is released under the MIT license:",
        "This package contains code originally written by Ann Miller.",
        "Some portions of this file are derived from code from another project.",
        "Thanks to the many volunteers who have worked on it.",
        "See AUTHORS for the full list.",
        "Guido van Rossum and others.",
        "Sun Microsystems, Inc.",
        "Copyright (c) 2020 Ann Miller. All rights reserved.",
        "The mill was built in 1850.",
        "Pillow is the friendly fork.",
        "IN THE SOFTWARE.",
    ],
)
def test_a_harmless_remark(said: str) -> None:
    assert unread(said, 0, len(said)) is None
    assert answer(f"{plain('MIT')}\n\n{said}\n") == "MIT"


def test_the_paragraph_that_was_not_read() -> None:
    text = "The MIT License\n\nKeep it to yourself.\nBe quiet.\n\nThanks to all."
    found = unread(text, 0, len(text))
    assert found is not None
    assert text[slice(*found)] == "Keep it to yourself.\nBe quiet."


def test_only_what_is_mostly_a_licence_is_read_so_closely() -> None:
    prose = "Mills grind grain. The wheel turns slowly. Bread feeds everybody. " * 90
    assert answer(f"{prose}\n\n{plain('MIT')}", "README.md") == "MIT"


@pytest.mark.parametrize("piece", ["Inc. ", " ", "\n", "*\n", "a. ", "licensed ", "by A B ", "A,"])
def test_a_long_repetition_is_read_in_one_pass(piece: str) -> None:
    text = f"X{piece * 100_000}x"
    found = unread(text, 0, len(text))
    assert found is None or found[1] <= len(text)


def test_a_contraction_says_the_same() -> None:
    text = plain("Apache-2.0")
    assert "do not pertain" in text
    assert answer(text.replace("do not", "don't")) == "Apache-2.0"
