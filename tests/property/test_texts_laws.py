"""Laws of articles, citations, patents, books and papers: what is written comes out, and no bytes do harm."""

from __future__ import annotations

import tempfile
import textwrap
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.sources import Damage, Item, Raw, read
from pipeline.sources.publications.hard_wraps import unwrap
from pipeline.sources.publications.tex_macros import GROWTH, PASSES, expand, split_definitions
from pipeline.sources.publications.tex_source import Kept, include, without_comments
from pipeline.sources.publications.xml_cut import Names, cut
from tests import papers
from tests.papers import ARTICLE, BOOK, GRANT, citations, numbered

KINDS = ["jats", "pubmed", "uspto", "gutenberg", "arxiv"]
NAMES = {"gutenberg": "11.txt", "arxiv": "2101.00001.gz"}
letters = st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"])
words = st.text(letters, min_size=1, max_size=12)
paragraphs = st.lists(words, min_size=1, max_size=20).map(" ".join)
WHOLE = {
    "jats": (numbered(ARTICLE, 1) + numbered(ARTICLE, 2)).encode(),
    "pubmed": citations(1, 2, 3).encode(),
    "uspto": (numbered(GRANT, 1) + numbered(GRANT, 2)).encode(),
    "gutenberg": numbered(BOOK, 1).encode("latin-1"),
    "arxiv": papers.submission(1),
}


def items(kind: str, data: bytes) -> list[Item]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / NAMES.get(kind, "a.xml")
        path.write_bytes(data)
        return list(read(path, kind))


def check(found: list[Item]) -> None:
    assert [each.row for each in found] == list(range(len(found)))
    assert not any(isinstance(each, Damage) for each in found[:-1])
    for each in found:
        if isinstance(each, Raw) and not each.drop:
            assert each.record["text"].strip()
            assert "\0" not in each.record["text"]


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_damage_raises_nothing_and_every_row_counts(kind: str, data: st.DataObject) -> None:
    whole = bytearray(WHOLE[kind])
    for _ in range(data.draw(st.integers(0, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    stop = data.draw(st.one_of(st.just(len(whole)), st.integers(0, len(whole))))
    check(items(kind, bytes(whole[:stop])))


@pytest.mark.parametrize("kind", KINDS)
@given(st.binary(max_size=300))
def test_any_bytes_are_rows(kind: str, data: bytes) -> None:
    check(items(kind, data))


@given(st.lists(paragraphs, min_size=1, max_size=5))
def test_what_an_article_says_comes_out(said: list[str]) -> None:
    body = "".join(f"<p>{escape(each)}</p>" for each in said)
    (item,) = items("jats", f"<article><body>{body}</body></article>".encode())
    assert isinstance(item, Raw)
    assert item.record["text"] == "\n\n".join(said) + "\n"


@given(
    st.lists(
        st.sampled_from(
            [
                "<r>a</r>",
                "<r>b",
                "</r>",
                "<?xml version='1.0'?>",
                "<s/>",
                "words\n",
                "<r/>",
                "<!--r-->",
            ]
        ),
        max_size=12,
    ),
    st.integers(1, 40),
)
def test_where_a_stream_is_cut_changes_nothing(pieces: list[str], size: int) -> None:
    data = "".join(pieces).encode()
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    names = Names(("r",), ("set",))
    assert list(cut(chunks, names, 1000)) == list(cut([data], names, 1000))


@given(st.lists(st.integers(1, 10**8), max_size=6, unique=True))
def test_every_citation_is_a_row(numbers: list[int]) -> None:
    found = items("pubmed", citations(*numbers).encode())
    assert [each.record["id"] for each in found if isinstance(each, Raw)] == [
        f"PMID:{each}" for each in numbers
    ]


plain_words = st.text(st.characters(codec="ascii", categories=["Ll"]), min_size=1, max_size=12)


@given(st.lists(plain_words, min_size=60, max_size=300), st.integers(60, 80))
def test_wrapped_prose_is_unwrapped(said: list[str], width: int) -> None:
    prose = " ".join(said)
    wrapped = textwrap.fill(prose, width)
    joined = unwrap(wrapped)
    assert joined.split() == said
    # the width is told by the text itself: where its lines are ragged it is left as it is
    assert joined in {prose + "\n", wrapped + "\n"}


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=500))
def test_unwrapping_changes_white_space_alone(text: str) -> None:
    assert "".join(unwrap(text).split()) == "".join(text.split())


tex = st.lists(
    st.sampled_from(
        [
            r"\a",
            r"\b{",
            "}",
            r"\def\a{\b{x}\b{y}}",
            r"\newcommand{\b}[1]{#1\a #1}",
            "%",
            "\n",
            "\\",
            "$",
            r"\input{f}",
            "w ",
            "[",
            "]",
        ]
    ),
    max_size=40,
).map("".join)


@given(tex)
def test_expansion_is_bounded(source: str) -> None:
    bare, macros = split_definitions(source)
    most = len(bare)
    for _ in range(PASSES):
        most = GROWTH * most + (64 << 10)
    assert len(expand(bare, macros)) <= most


@given(tex)
def test_comments_go_and_nothing_comes(source: str) -> None:
    kept = Kept()
    restored = kept.restore(without_comments(source, kept), 1 << 20)
    assert restored is not None
    assert set(restored) <= set(source)


@given(st.dictionaries(st.sampled_from(["f.tex", "g.tex", "ms.tex"]), tex, min_size=3))
def test_includes_end(files: dict[str, str]) -> None:
    assert len(include("ms.tex", files, 10_000)) <= 40_000


@settings(max_examples=25)
@given(
    st.lists(
        st.sampled_from(
            [
                "{",
                "}",
                r"\begin{x}",
                r"\end{x}",
                r"\item[",
                "]",
                r"\textbf{",
                "$",
                "a ",
                "\n\n",
                r"\cite{",
                r"\\",
                r"\'",
                r"\verb|",
            ]
        ),
        max_size=300,
    )
)
def test_any_tex_is_a_row(pieces: list[str]) -> None:
    body = "".join(pieces)
    (item,) = items(
        "arxiv", papers.packed(rf"\documentclass{{a}}\begin{{document}}A {body}\end{{document}}")
    )
    check([item])
