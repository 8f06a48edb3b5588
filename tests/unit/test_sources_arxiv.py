"""Papers of arXiv: main files and what they include, what becomes of TeX, and submissions that mean no good."""

from __future__ import annotations

import gzip
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import ConfigError
from pipeline.sources import Bad, Damage, Item, Raw, Said, read
from pipeline.sources.formats import adapter_of
from pipeline.sources.publications.arxiv import paper_id
from tests import papers
from tests.papers import PAPER, PAPER_TEXT, bulk, numbered, packed, submission

NAME = "2101.00007v2.tar.gz"


def items(folder: Path, data: bytes, name: str = NAME, **options: Any) -> list[Item]:
    path = folder / name
    path.write_bytes(data)
    return list(read(path, "arxiv", said=Said(options=options)))


def only(found: list[Item]) -> Raw:
    (item,) = found
    assert isinstance(item, Raw), item
    return item


def text_of(folder: Path, body: str, **files: str) -> str:
    tex = f"\\documentclass{{a}}\n\\begin{{document}}\n{body}\n\\end{{document}}"
    held = {"ms.tex": tex, **files}
    item = only(items(folder, papers.tar({name: each.encode() for name, each in held.items()})))
    return str(item.record["text"])


def test_a_paper_is_its_title_and_its_text(tmp_path: Path) -> None:
    record = dict(only(items(tmp_path, submission(7))).record)
    assert record.pop("text") == numbered(PAPER_TEXT, 7)
    assert record == {
        "id": "arXiv:2101.00007v2",
        "url": "https://arxiv.org/abs/2101.00007",
        "created": "2021-01",
        "title": r"On wheels in $\mathbb{R}^n$",
    }


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("2101.00007.gz", "arXiv:2101.00007"),
        ("0704.0001v12.tar.gz", "arXiv:0704.0001v12"),
        ("hep-th9901001.gz", "arXiv:hep-th/9901001"),
        ("9901/math.AG_9901001.tar", "arXiv:math.AG/9901001"),
        ("2101.00007.pdf", "arXiv:2101.00007"),
        ("arXiv_src_2101_001.tar", ""),
        ("paper.tar.gz", ""),
        ("2101.pdf", ""),
    ],
)
def test_a_paper_goes_by_its_file(name: str, number: str) -> None:
    assert paper_id(name) == number


def test_a_bulk_archive_is_a_row_for_each_paper(tmp_path: Path) -> None:
    withdrawn = packed("%auto-ignore\nThis paper has been withdrawn by the author due to an error.")
    more = {
        "2101/2101.00003.pdf": b"%PDF-1.4",
        "2101/2101.00004.gz": withdrawn,
        "2101/2101.00005.gz": packed("%!PS-Adobe"),
        "2101/2101.00006.gz": packed(PAPER)[:-30],
        "2101/2101.00007.gz": papers.tar({"fig.pdf": b"%PDF", "a.eps": b"%!PS"}),
        "2101/hep-th9901001.gz": packed("\\magnification 1200\nPlain \\TeX\\ text $x$. \\bye"),
        "README": b"no paper",
    }
    found = items(tmp_path, bulk([1, 2], more), "arXiv_src_2101_001.tar")
    said = [each.drop if isinstance(each, Raw) else each.reason for each in found]
    assert said == ["", "", "pdf-only", "withdrawn", "no-tex", "truncated", "pdf-only", ""]
    assert [each.record["text"] for each in found[:2] if isinstance(each, Raw)] == [
        numbered(PAPER_TEXT, each) for each in (1, 2)
    ]
    last = found[-1]
    assert isinstance(last, Raw)
    assert (last.record["id"], last.record["created"]) == ("arXiv:hep-th/9901001", "1999-01")
    assert "Plain TeX text $x$." in last.record["text"]


def test_an_archive_of_no_papers_is_damage(tmp_path: Path) -> None:
    (item,) = items(tmp_path, papers.tar({"a.tex": b"x"}), "mine.tar.gz")
    assert isinstance(item, Damage)
    assert item.reason == "format"


def test_metadata_beside_an_archive_tells_of_its_papers(tmp_path: Path) -> None:
    lines = [
        {"id": "2101.00001", "title": "On\n  wheels", "authors": "A. Miller", "license": "http://creativecommons.org/licenses/by/4.0/",
         "categories": "cs.CL math.AG", "versions": [{"version": "v1", "created": "Fri, 1 Jan 2021 19:18:42 GMT"}]},
        {"id": "2101.00002", "license": None},
    ]  # fmt: skip
    (tmp_path / "a.tar.jsonl").write_text("".join(json.dumps(each) + "\n" for each in lines))
    first, second = items(tmp_path, bulk([1, 2]), "a.tar", metadata=".jsonl")
    assert isinstance(first, Raw)
    assert isinstance(second, Raw)
    told = {
        key: first.record[key] for key in ("license", "created", "author", "title", "categories")
    }
    assert told == {
        "license": "http://creativecommons.org/licenses/by/4.0/",
        "created": "2021-01-01",
        "author": "A. Miller",
        "title": "On wheels",
        "categories": ["cs.CL", "math.AG"],
    }
    assert "license" not in second.record


def test_what_tells_of_papers_is_part_of_the_input(tmp_path: Path) -> None:
    beside = adapter_of("arxiv").beside
    assert beside is not None
    path = tmp_path / "a.tar"
    path.write_bytes(bulk([1]))
    said = Said(options={"metadata": ".jsonl"}, path="a.tar")
    assert beside(path, said) == ""
    (tmp_path / "a.tar.jsonl").write_text("{}")
    first = beside(path, said)
    (tmp_path / "a.tar.jsonl").write_text('{"id": "1"}')
    assert first
    assert first != beside(path, said)
    assert beside(path, Said(path="a.tar")) == ""


@pytest.mark.parametrize("suffix", ["/etc/passwd", "../x", "json", ".a/../b", 7])
def test_metadata_lies_beside_and_nowhere_else(tmp_path: Path, suffix: Any) -> None:
    with pytest.raises(ConfigError, match="metadata"):
        items(tmp_path, bulk([1]), "a.tar", metadata=suffix)


def test_a_line_that_tells_nothing_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.tar.jsonl").write_text('{"id": "1"}\n{"no": 1}\n')
    with pytest.raises(ConfigError, match=r"a\.tar\.jsonl:2"):
        items(tmp_path, bulk([1]), "a.tar", metadata=".jsonl")


def document(body: str, kind: str = "{x}") -> str:
    return rf"\documentclass{kind}\begin{{document}}{body}\end{{document}}"


TOLD = json.dumps(
    {
        "sources": [
            {"usage": "ignore", "filename": "b.tex"},
            {"usage": "toplevel", "filename": "a.tex"},
        ]
    }
)
TWO = {"a.tex": document("A"), "b.tex": document("BBBB")}
MAINS = {
    "the one with a class": ({"a.tex": "A", "b.tex": document("B")}, "B"),
    "the longest": (TWO, "BBBB"),
    "a part is none": (
        {"a.tex": document("AAAAAAAA", "[b]{subfiles}"), "b.tex": document(r"B \subfile{a}")},
        "B AAAAAAAA",
    ),
    "a comment is none": ({"a.tex": "%\\documentclass{x}\nAAAAAA", "b.tex": document("B")}, "B"),
    "what 00README says": ({"00README.XXX": "a.tex toplevelfile", **TWO}, "A"),
    "what 00README.json says": ({"00README.json": TOLD, **TWO}, "A"),
    "in a folder": (
        {
            "src/a.tex": document(r"A \input{sub/b} \input c "),
            "src/sub/b.tex": "B",
            "src/c.tex": "C",
        },
        "A B C",
    ),
}


@pytest.mark.parametrize("name", MAINS)
def test_the_main_file_is_found(tmp_path: Path, name: str) -> None:
    files, text = MAINS[name]
    record = only(
        items(tmp_path, papers.tar({each: data.encode() for each, data in files.items()}))
    ).record
    assert record["text"].split() == text.split()


def test_nothing_is_included_from_outside(tmp_path: Path) -> None:
    outside = r"A \input{/etc/hostname} \input{../../../../etc/passwd} \input{../x} \include{~/x} B"
    data = papers.tar(
        {
            "ms.tex": rf"\documentclass{{a}}\begin{{document}}{outside}\end{{document}}".encode(),
            "../x.tex": b"SECRET",
            "/etc/passwd": b"SECRET",
        }
    )
    text = only(items(tmp_path, data)).record["text"]
    assert text.split() == ["A", "B"]


def test_includes_in_a_circle_end(tmp_path: Path) -> None:
    text = text_of(
        tmp_path, r"A \input{b}", **{"b.tex": r"B \input{c}", "c.tex": r"C \input{b} \input{ms}"}
    )
    assert text.split() == ["A", "B", "C"]


def test_includes_do_not_multiply_without_end(tmp_path: Path) -> None:
    files = {f"f{at}.tex": rf"\input{{f{at + 1}}} \input{{f{at + 1}}}" for at in range(30)} | {
        "f30.tex": "x"
    }
    assert len(text_of(tmp_path, r"A \input{f0}", **files)) < 100_000


RULES = {
    r"50\% % hidden": "50%",
    "a % b\n\nc": "a\n\nc",
    "a% b\nc": "ac",
    r"a \% b % c \verb|%|": "a % b",
    r"\verb|%a_b| \verb+$+": "%a_b $",
    "\\begin{lstlisting}\nx = 1 % y\n\\end{lstlisting}": "x = 1 % y",
    r"\begin{comment}a\end{comment}b": "b",
    r"$a<b$ and \(c\) and \$5": "$a<b$ and $c$ and $5",
    r"\[x\]": "$$x$$",
    r"$$y$$": "$$y$$",
    r"\begin{align*}a&=b\end{align*}": "\\begin{align*}\na&=b\n\\end{align*}",
    r"Miller~\cite[p.~3]{a,b}, \citet{c}": "Miller, [c]",
    r"Section~\ref{s:a}": "Section [s:a]",
    r"\section*{One} two": "One\n\ntwo",
    r"\'e\"u\ss\o{}\c{c}": "éüßøç",
    r"\newcommand{\x}[2][1]{#2#1}\x{a} \x[3]{b}": "a1 b3",
    r"\def\x#1{<#1>}\x a \x{b}": "<a> <b>",
    r"\DeclareMathOperator{\tr}{tr}$\tr A$": r"$\operatorname{tr} A$",
    r"\href{http://a.example}{b} \url{http://c.example/d_e}": "b http://c.example/d_e",
    r"\footnote{no}a\label{b}\vspace{1cm}": "a",
    r"\textbf{a} {\em b} \texttt{c}": "a b c",
    "\\begin{tikzpicture}\\draw (0,0);\\end{tikzpicture}a": "a",
    "``a'' --- b": "“a” — b",
    r"\bibliography{x}a": "a",
    r"unclosed $x": "unclosed x",
    r"\unknown{a} b": "a b",
}


@pytest.mark.parametrize("tex", RULES)
def test_tex_becomes_text(tmp_path: Path, tex: str) -> None:
    assert text_of(tmp_path, tex) == RULES[tex] + "\n"


LETTERS = "abcdefghijklmnopqrstuvwxy"
LAUGHS = r"\def\a{haha}\y" + "".join(
    rf"\def\{name}{{\{last} \{last} }}" for last, name in pairwise(LETTERS)
)
HOSTILE = {
    "groups": "{" * 50_000,
    "environments": r"\begin{x}" * 5000,
    "arguments": r"\item[" * 5000,
    "crossed": r"\begin{a}\end{b}" * 3000,
    "laughs": LAUGHS,
    "itself": r"\def\a{\a\a}\a",
    "dollars": "$" * 20_001,
    "openings": r"\begin{equation}" * 20_000,
    "one long line": "word " * 300_000,
    "escapes": "\\" * 50_001,
    "blanks": r"\documentclass" + " " * 200_000 + r"\title" + " " * 200_000 + r"\def\x" + " " * 200_000,
    "copies": r"\def\x{\begin{verbatim}" + "a" * 100_000 + r"\end{verbatim}}" + r"\x " * 20_000,
    "a place": r"\def\x#1{#19#1} \x\verb|a| \x\verb|b|",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_tex_that_means_no_good_is_one_row_and_small(tmp_path: Path, name: str) -> None:
    tex = rf"\documentclass{{a}}\begin{{document}}A {HOSTILE[name]} \end{{document}}"
    (item,) = items(tmp_path, packed(tex), "2101.00001.gz")
    if isinstance(item, Bad):
        assert item.reason in {"depth", "large", "latex"}
        assert item.name == "arXiv:2101.00001"
    else:
        assert isinstance(item, Raw)
        assert len(item.record.get("text", "")) <= 4 * len(tex) + (64 << 10)


def test_a_bomb_is_one_bad_row(tmp_path: Path) -> None:
    bomb = gzip.compress(bytes(200 << 20), 9)
    found = items(
        tmp_path,
        bulk([1], {"2101/2101.00002.gz": bomb, "2101/2101.00003.gz": submission(3)}),
        "a.tar",
    )
    assert [type(each) for each in found] == [Raw, Bad, Raw]
    assert isinstance(found[1], Bad)
    assert found[1].reason in {"bomb", "oversize"}
