"""Articles, citations and patents in XML: what each gives, what is left out, and what is wrong with one alone."""

from __future__ import annotations

import gzip
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
import zstandard

from pipeline.sources import Bad, Damage, Item, Raw, read
from tests import papers
from tests.papers import (
    ARTICLE,
    ARTICLE_TEXT,
    CITATION_TEXT,
    GRANT,
    GRANT_TEXT,
    SEQUENCES,
    citations,
    numbered,
)


def items(
    folder: Path, kind: str, data: bytes | str, name: str = "a.xml", **how: Any
) -> list[Item]:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return list(read(path, kind, **how))


def only(found: list[Item]) -> Raw:
    (item,) = found
    assert isinstance(item, Raw)
    return item


def said(found: list[Item]) -> list[str]:
    return [each.drop if isinstance(each, Raw) else each.reason for each in found]


def test_an_article_is_title_abstract_and_body(tmp_path: Path) -> None:
    item = only(items(tmp_path, "jats", numbered(ARTICLE, 123)))
    record = dict(item.record)
    assert record.pop("text") == numbered(ARTICLE_TEXT, 123)
    assert record == {
        "id": "PMC123",
        "license": ["http://creativecommons.org/licenses/by/4.0/"],
        "url": "https://doi.org/10.5555/mill.123",
        "created": "2008-04-11",
        "language": "en",
        "author": "Ann Miller <ann@mill.example>; <office@mill.example>",
        "title": "Wheels of α-iron and α-wood",
        "doi": "10.5555/mill.123",
        "pmid": "77",
        "journal": "Mills",
        "article_type": "research-article",
    }
    assert (item.row, item.line, item.drop) == (0, 3, "")


@pytest.mark.parametrize(
    ("said_of", "license_"),
    [
        ("<license><ali:license_ref>https://creativecommons.org/licenses/by-nc/4.0/</ali:license_ref></license>",
         ["https://creativecommons.org/licenses/by-nc/4.0/"]),
        ('<license><p>See <ext-link xlink:href="http://creativecommons.org/licenses/by/3.0/">it</ext-link></p></license>',
         ["http://creativecommons.org/licenses/by/3.0/"]),
        ("<license><license-p>Ask  the\nmiller.</license-p></license>", ["Ask the miller."]),
        ("<copyright-statement>© the mill</copyright-statement>", None),
    ],
)  # fmt: skip
def test_a_licence_is_an_address_or_else_its_words(
    tmp_path: Path, said_of: str, license_: list[str] | None
) -> None:
    before, _, behind = numbered(ARTICLE, 1).partition("<license ")
    article = before + said_of + behind.partition("</license>")[2]
    assert only(items(tmp_path, "jats", article)).record.get("license") == license_


@pytest.mark.parametrize(
    ("ids", "name", "url"),
    [
        (
            '<article-id pub-id-type="pmcid">PMC9</article-id>',
            "PMC9",
            "https://pmc.ncbi.nlm.nih.gov/articles/PMC9/",
        ),
        (
            '<article-id pub-id-type="doi">10.1/x</article-id>',
            "doi:10.1/x",
            "https://doi.org/10.1/x",
        ),
        ('<article-id pub-id-type="pmid">9</article-id>', "PMID:9", None),
        ("", None, None),
    ],
)
def test_an_article_goes_by_its_best_number(
    tmp_path: Path, ids: str, name: str | None, url: str | None
) -> None:
    article = (
        f"<article><front><article-meta>{ids}</article-meta></front><body><p>a</p></body></article>"
    )
    record = only(items(tmp_path, "jats", article)).record
    assert (record.get("id"), record.get("url"), record["text"]) == (name, url, "a\n")


def test_an_article_of_a_title_alone_is_dropped(tmp_path: Path) -> None:
    article = (
        '<article><front><article-meta><article-id pub-id-type="pmc">7</article-id><title-group><article-title>T'
        "</article-title></title-group></article-meta></front></article>"
    )
    assert only(items(tmp_path, "jats", article)).drop == "no-text"


def test_citations_are_rows_of_their_own(tmp_path: Path) -> None:
    found = items(
        tmp_path, "pubmed", gzip.compress(citations(11, 12).encode()), "pubmed24n0001.xml.gz"
    )
    assert said(found) == ["", ""]
    first = dict(found[0].record) if isinstance(found[0], Raw) else {}
    assert first.pop("text") == numbered(CITATION_TEXT, 11)
    assert first == {
        "id": "PMID:11",
        "url": "https://pubmed.ncbi.nlm.nih.gov/11/",
        "created": "1999-03-06",
        "author": "Ann Miller (The mill. ann@mill.example)",
        "title": "The turning of wheels 11.",
        "doi": "10.5555/11",
        "journal": "Journal of mills",
        "article_language": ["eng"],
        "copyright": "Copyright 1999, the mill.",
    }


def test_a_citation_without_an_abstract_or_a_number_is_a_row(tmp_path: Path) -> None:
    data = citations(1, 2, 3)
    data = data.replace('<PMID Version="1">2</PMID>', "", 1).replace(
        'Version="1">3', 'Version="2">3', 1
    )
    cut = data.index("<Abstract>"), data.index("</Abstract>") + len("</Abstract>")
    found = items(tmp_path, "pubmed", data[: cut[0]] + data[cut[1] :])
    assert said(found) == ["no-abstract", "root", ""]
    assert isinstance(found[2], Raw)
    assert found[2].record["id"] == "PMID:3.2"


def weekly() -> str:
    return (
        numbered(GRANT, 8927118)
        + numbered(SEQUENCES, 8927118)
        + '<?xml version="1.0"?>\n<us-patent-grant><unclosed>\n'
        + '<?xml version="1.0"?>\n<PATDOC><a/></PATDOC>\n'
        + numbered(GRANT, 8927119)
        .replace("us-patent-grant", "us-patent-application")
        .replace("-grant>", "-application>")
    )


def test_a_weekly_file_is_a_row_for_each_document(tmp_path: Path) -> None:
    found = items(tmp_path, "uspto", weekly())
    assert said(found) == ["", "sequence-listing", "truncated", "root", ""]
    assert [each.row for each in found] == [0, 1, 2, 3, 4]
    first, listing, *_, last = (each for each in found if isinstance(each, Raw))
    record = dict(first.record)
    assert record.pop("text") == numbered(GRANT_TEXT, 8927118)
    assert record == {
        "id": "US8927118B2",
        "created": "2015-01-06",
        "language": "en",
        "title": "Mill",
        "application": "US13349377",
        "kind": "utility",
    }
    assert listing.record == {"id": "US8927118B2/sequence-listing"}
    assert last.record["id"] == "US8927119B2"


@pytest.mark.parametrize(
    ("number", "kind", "name"),
    [
        ("D0799999", "S1", "USD799999S1"),
        ("RE046000", "E1", "USRE46000E1"),
        ("20200123456", "A1", "US20200123456A1"),
    ],
)
def test_a_patent_goes_by_its_number_without_zeros(
    tmp_path: Path, number: str, kind: str, name: str
) -> None:
    data = numbered(GRANT, 1).replace(">01<", f">{number}<").replace("B2", kind)
    assert only(items(tmp_path, "uspto", data)).record["id"] == name


@pytest.mark.parametrize("how", ["plain", "gz", "zst", "tar", "tar.gz", "zip"])
def test_what_it_is_packed_in_changes_nothing(tmp_path: Path, how: str) -> None:
    data = weekly().encode()
    files = {"a.xml": data, "read.me": b"no row"}
    packed = {
        "plain": lambda: data,
        "gz": lambda: gzip.compress(data),
        "zst": lambda: zstandard.ZstdCompressor(write_checksum=True).compress(data),
        "tar": lambda: papers.tar(files, "w"),
        "tar.gz": lambda: papers.tar(files),
        "zip": lambda: papers.pack_zip(files),
    }[how]()
    assert items(tmp_path, "uspto", packed, f"a.{how}") == items(tmp_path, "uspto", data)


def test_a_zip_that_is_not_what_it_says_gives_nothing_of_it(tmp_path: Path) -> None:
    data = bytearray(
        papers.pack_zip({"a.xml": weekly().encode(), "b.xml": numbered(GRANT, 9).encode()})
    )
    data[100] ^= 0xFF
    found = items(tmp_path, "uspto", bytes(data), "a.zip")
    assert isinstance(found[0], Bad)
    assert found[0].reason in {"member:corrupt", "member:crc", "member:size"}
    assert [each.record["id"] for each in found if isinstance(each, Raw)] == ["US9B2"]


def test_what_is_cut_short_is_no_record(tmp_path: Path) -> None:
    data = citations(1, 2).encode()
    found = items(tmp_path, "pubmed", data[: data.index(b"2 times")])
    assert said(found) == ["", "truncated"]
    found = items(tmp_path, "pubmed", gzip.compress(data)[:-40], "a.xml.gz")
    assert isinstance(found[-1], Damage)
    assert found[-1].reason == "truncated"


WRAP = "<article><body><p>{}</p></body></article>"
HOSTILE = {
    "entities": (
        '<!DOCTYPE article [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>' + WRAP.format("&b;"),
        ["entity"],
    ),
    "no names": (WRAP.format("&nosuchname;"), ["entity"]),
    "a file": (
        '<!DOCTYPE article [<!ENTITY f SYSTEM "file:///etc/passwd">]>' + WRAP.format("&f;"),
        ["entity"],
    ),
    "depth": (WRAP.format("<b>" * 300 + "</b>" * 300), ["depth"]),
    "elements": (WRAP.format("<b/>" * 500_001), ["elements"]),
    "a doctype within": (WRAP.format("<!DOCTYPE x>"), ["xml"]),
    "bytes": (WRAP.format("caf\xe9").encode("latin-1"), ["utf8"]),
    "an encoding": ('<?xml version="1.0" encoding="ebcdic"?>' + WRAP.format("a"), ["encoding"]),
    "no end": (WRAP.format("a").replace("</article>", ""), ["truncated"]),
    "begun again": (
        WRAP.format("a").replace("</article>", "") + WRAP.format("b"),
        ["truncated", ""],
    ),
    "other tags": ("<html><p>a</p></html>", ["root"]),
    "no tags": ("only words", ["root"]),
    "nothing": ("", []),
    "blanks": (" \n", []),
    "an empty set": ("<pmc-articleset></pmc-articleset>", []),
    "UTF-16": (WRAP.format("a").encode("utf-16"), ["format"]),
    "long blanks": (
        WRAP.format("<xref ref-type='bibr'>1</xref>" + " " * 1_000_000 + "[" + " [" * 50_000),
        [""],
    ),
    "a control": (WRAP.format("\x01"), ["xml"]),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_wrong_is_told_and_expands_nothing(tmp_path: Path, name: str) -> None:
    data, reasons = HOSTILE[name]
    found = items(tmp_path, "jats", data)
    assert said(found) == reasons
    assert "root:" not in repr([each.record for each in found if isinstance(each, Raw)])


def test_good_records_beside_bad_ones_go_through(tmp_path: Path) -> None:
    data = "\n".join(
        [
            numbered(ARTICLE, 1),
            *(str(HOSTILE[each][0]) for each in ("depth", "no names")),
            numbered(ARTICLE, 2),
        ]
    )
    found = items(tmp_path, "jats", data)
    assert said(found) == ["", "depth", "entity", ""]


def test_a_record_over_the_limit_is_passed_over(tmp_path: Path) -> None:
    data = WRAP.format("a") + WRAP.format("x" * 3_000_000) + WRAP.format("b")
    found = items(tmp_path, "jats", data, max_record=1 << 20)
    assert said(found) == ["", "oversize", ""]
    assert isinstance(found[1], Bad)
    assert len(found[1].raw) <= 64 << 10


def test_old_encodings_are_read_as_declared(tmp_path: Path) -> None:
    data = ('<?xml version="1.0" encoding="ISO-8859-1"?>' + WRAP.format("café")).encode("latin-1")
    assert only(items(tmp_path, "jats", data)).record["text"] == "café\n"


def test_who_looks_for_paths_reads_nothing(tmp_path: Path) -> None:
    assert items(tmp_path, "jats", numbered(ARTICLE, 1), wanted=lambda _: True) == []


FORMULAS = {
    "<inline-formula><italic>x</italic> = 1</inline-formula> m": "x = 1 m",
    "<disp-formula><label>(1)</label><graphic/></disp-formula><p>a</p>": "a",
    "<disp-formula><tex-math>\\[x\\]</tex-math></disp-formula>": "$$x$$",
    "<inline-formula><tex-math><![CDATA[ $a<b$ ]]></tex-math></inline-formula>": "$a<b$",
    "10<sup>n</sup> 4<sup>th</sup> x<sub>1</sub>": "10ⁿ 4th x₁",
    "a<xref ref-type='bibr'><sup>1</sup></xref> b<sup>2</sup>": "a b²",
    "see (<xref ref-type='bibr'>1</xref>) and <xref ref-type='bibr'>[2]</xref>.": "see and.",
    "in reference <xref ref-type='bibr'>2</xref>": "in reference 2",
    "<table-wrap><label>1</label><alternatives><table><tr><td>1</td></tr></table></alternatives></table-wrap>": None,
}


@pytest.mark.parametrize("inner", FORMULAS)
def test_formulas_and_references_in_a_line(tmp_path: Path, inner: str) -> None:
    record = items(tmp_path, "jats", WRAP.format(inner))
    item = only(record)
    assert item.record["text"] == ("" if FORMULAS[inner] is None else f"{FORMULAS[inner]}\n")


def test_a_zip_of_any_size_is_streamed(tmp_path: Path) -> None:
    grid = "<row><entry>1</entry></row>" * 40_000
    week = "".join(
        numbered(GRANT, each).replace("<tgroup>", f"<tgroup>{grid}") for each in range(1, 21)
    )
    assert len(week) > 20 << 20
    (tmp_path / "a.zip").write_bytes(papers.pack_zip({"ipg.xml": week.encode()}))
    tracemalloc.start()
    count = sum(isinstance(each, Raw) for each in read(tmp_path / "a.zip", "uspto"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 20
    assert peak < 10 << 20


@pytest.mark.parametrize(
    ("mathml", "tex"),
    [
        ("<msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup>", "x_{1}^{2}"),
        ("<mroot><mi>x</mi><mn>3</mn></mroot>", r"\sqrt[3]{x}"),
        ("<mover><mi>x</mi><mo>¯</mo></mover>", r"\bar{x}"),
        ('<mfenced open="{" close="}"><mi>a</mi><mi>b</mi></mfenced>', r"\{a,b\}"),
        (
            "<mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr></mtable>",
            r"\begin{matrix}1 & 2\end{matrix}",
        ),
        ("<mi>sin</mi><mo>%</mo><mtext>for all</mtext>", r"\mathrm{sin}\%\text{for all}"),
        ("<msup><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2</mn></msup>", "{a+b}^{2}"),
        (
            '<semantics><mi>q</mi><annotation encoding="application/x-tex">\\alpha</annotation></semantics>',
            r"\alpha",
        ),
        ("<mfrac><mi>a</mi></mfrac>", "a"),
    ],
)
def test_mathml_becomes_tex(tmp_path: Path, mathml: str, tex: str) -> None:
    item = only(items(tmp_path, "jats", WRAP.format(f"<mml:math>{mathml}</mml:math>")))
    assert item.record["text"] == f"${tex}$\n"
