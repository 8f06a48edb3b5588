"""Read articles in JATS, as PubMed Central and journals publish them: title, abstract and body in their order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pipeline.sources.adapter import Adapter, packed
from pipeline.sources.publications.xml_cut import Names
from pipeline.sources.publications.xml_records import (
    NO_TEXT,
    Made,
    XmlForm,
    day,
    join,
    known,
    read_xml,
)
from pipeline.sources.publications.xml_text import Rules, paragraphs, words
from pipeline.sources.trees.bundles import PACKED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.sources.adapter import Reading
    from pipeline.sources.file import InputFile
    from pipeline.sources.publications.xml_tree import Element
    from pipeline.sources.records import Item

# What is not prose: grids, pictures, lists of references, notes elsewhere; reviews and translations of the article.
_LEFT_OUT: Final = words(
    "table graphic inline-graphic media supplementary-material inline-supplementary-material chem-struct"
    " chem-struct-wrap chem-struct-wrapper object-id alt-text long-desc table-wrap-foot fn fn-group ref-list"
    " index-term related-article related-object permissions-group attrib x sub-article response"
)
_RULES: Final = Rules(
    blocks=words(
        "abstract ack app body boxed-text caption def def-item def-list disp-formula disp-formula-group"
        " disp-quote fig fig-group list list-item p sec speech statement subtitle table-wrap"
        " table-wrap-group term title verse-group verse-line"
    ),
    items=frozenset({"list-item"}),
    verbatim=frozenset({"preformat", "code"}),
    labels=frozenset({"label"}),
    formulas=frozenset({"inline-formula", "disp-formula", "alternatives", "tex-math", "math"}),
    displayed=frozenset({"disp-formula"}),
    reference="xref",
    cited=frozenset({"bibr", "ref"}),
    noted=frozenset({"fn", "table-fn", "corresp", "aff"}),
)
# Of one abstract there may be several: these are pictures, lines for a table of contents and the like.
_ABSTRACTS: Final = frozenset({"", "structured", "section", "normal", "author", "original"})
_PRINTED: Final = frozenset({"pmc-release", "nihms-submitted", "retracted", "corrected"})
_PMC: Final = re.compile(r"(?:PMC)?([0-9]{1,12})")
_LONGEST: Final = 2000  # characters of the longest licence that is quoted


def make_article(article: Element) -> Made:
    """Make the record of an article."""
    meta = article.first("front", "article-meta") or article.first("front-stub") or article
    ids = {
        each.attributes.get("pub-id-type", ""): each.text() for each in meta.children("article-id")
    }
    found = _PMC.fullmatch(ids.get("pmcid") or ids.get("pmc") or ids.get("pmcaid") or "")
    pmc = "" if found is None else f"PMC{found[1]}"
    doi, pmid = ids.get("doi", ""), ids.get("pmid", "")
    titles = paragraphs(meta.at("title-group", "article-title"), _RULES)
    prose = paragraphs(
        [*_abstracts(meta), *article.children("body"), *article.children("floats-group")], _RULES
    )
    record = known(
        id=pmc or (f"doi:{doi}" if doi else f"PMID:{pmid}" if pmid else ""),
        license=_licenses(meta),
        url=f"https://doi.org/{doi}"
        if doi
        else f"https://pmc.ncbi.nlm.nih.gov/articles/{pmc}/"
        if pmc
        else "",
        created=_date(meta),
        language=article.attributes.get("lang", ""),
        author=_authors(meta),
        title=" ".join(titles),
        doi=doi,
        pmid=pmid,
        journal=article.text("front", "journal-meta", "journal-title-group", "journal-title")
        or article.text("front", "journal-meta", "journal-title"),
        article_type=article.attributes.get("article-type", ""),
    )
    record["text"] = join(titles + prose)
    return Made(record, "" if prose else NO_TEXT)


def _abstracts(meta: Element) -> list[Element]:
    """Return the abstract without the headings and pictures that stand for it elsewhere."""
    found = meta.children("abstract")
    return [each for each in found if each.attributes.get("abstract-type", "") in _ABSTRACTS]


def _licenses(meta: Element) -> list[str]:
    """Return under what licences an article says that it is: by address, else in its words.

    What says something that nobody understands must not look as if it said nothing.
    """
    claims = [_license(each) for each in meta.at("permissions", "license")]
    if not claims:
        claims = [each.text() for each in meta.at("permissions", "license_ref")]
    return list(dict.fromkeys(each for each in claims if each))


def _license(license_: Element) -> str:
    addresses = [each.text() for each in license_.all("license_ref")]
    addresses.append(license_.attributes.get("href", ""))
    for each in license_.all("ext-link", "uri"):
        addresses += [each.attributes.get("href", ""), each.text()]
    found = [each.strip() for each in addresses if each.strip().startswith(("http://", "https://"))]
    commons = [each for each in found if "creativecommons.org/" in each]
    terms = " ".join(license_.raw().split())[:_LONGEST]
    return next(iter([*commons, *found]), "") or terms


def _date(meta: Element) -> str:
    """Return the first day that the article was published on, as far as it is told."""
    days = []
    for each in meta.children("pub-date"):
        kinds = {each.attributes.get("pub-type", ""), each.attributes.get("date-type", "")}
        if not kinds & _PRINTED:
            days.append(day(each.text("year"), each.text("month"), each.text("day")))
    # the whole of a date before a year alone, which is that of a volume
    return min(filter(None, days), key=lambda said: (-len(said), said), default="")


def _authors(meta: Element) -> str:
    """Return who wrote an article, and the addresses under which they are known: opt-outs go by these."""
    people = []
    for each in meta.at("contrib-group", "contrib"):
        if each.attributes.get("contrib-type", "author") != "author":
            continue
        name = each.first("name") or each.first("name-alternatives", "name")
        said = (
            f"{name.text('given-names')} {name.text('surname')}"
            if name is not None
            else each.text("collab")
        )
        people.append(" ".join([said.strip(), *(f"<{mail.text()}>" for mail in each.all("email"))]))
    people += (f"<{mail.text()}>" for mail in meta.at("author-notes", "corresp", "email"))
    people += (
        f"<{mail.text()}>"
        for aff in [*meta.at("aff"), *meta.at("contrib-group", "aff")]
        for mail in aff.all("email")
    )
    return "; ".join(dict.fromkeys(filter(None, people)))


FORM: Final = XmlForm(
    names=Names(("article",), ("pmc-articleset", "nlm-articleset", "articles")),
    suffixes=(".nxml", ".xml"),
    left_out=_LEFT_OUT,
    make=make_article,
)


def _read(path: InputFile, how: Reading) -> Iterator[Item]:
    return read_xml(path, how, FORM)


ADAPTER: Final = Adapter(read=_read, suffixes=(*packed(".nxml", ".xml"), *PACKED))
