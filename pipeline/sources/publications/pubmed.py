"""Read the citations of PubMed, as NLM publishes them (`PubmedArticleSet`): titles and abstracts, one row each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.sources.adapter import Adapter, packed
from pipeline.sources.publications.xml_cut import Names
from pipeline.sources.publications.xml_records import Made, XmlForm, day, join, known, read_xml
from pipeline.sources.publications.xml_text import Rules, paragraphs, words
from pipeline.sources.trees.bundles import PACKED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.sources.adapter import Reading
    from pipeline.sources.file import InputFile
    from pipeline.sources.publications.xml_tree import Element
    from pipeline.sources.records import Item

NO_ABSTRACT: Final = "no-abstract"
"""The citation is a title alone."""

_RULES: Final = Rules(
    blocks=frozenset({"AbstractText", "DispFormula"}),
    formulas=frozenset({"math", "DispFormula"}),
    displayed=frozenset({"DispFormula"}),
)
_LEFT_OUT: Final = words(
    "MeshHeadingList ChemicalList ReferenceList History GrantList DataBankList CommentsCorrectionsList"
    " SupplMeshList GeneSymbolList PersonalNameSubjectList OtherAbstract"
)


def make_citation(record: Element) -> Made | None:
    """Make the record of a citation; `None` where it has no number."""
    citation = record.first("MedlineCitation") or record
    number = citation.first("PMID")
    article = citation.first("Article")
    if number is None or not number.text().isdecimal() or article is None:
        return None
    pmid, version = number.text(), number.attributes.get("Version", "1")
    titles = paragraphs(article.at("ArticleTitle"), _RULES)
    prose = [said for each in article.at("Abstract", "AbstractText") for said in _section(each)]
    made = known(
        id=f"PMID:{pmid}" if version == "1" else f"PMID:{pmid}.{version}",
        url=f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/",
        created=_date(article),
        author=_authors(article),
        title=" ".join(titles),
        doi=_doi(record, article),
        journal=article.text("Journal", "Title"),
        article_language=[each.text() for each in article.children("Language")],
        article_type=[each.text() for each in article.at("PublicationTypeList", "PublicationType")],
        copyright=article.text("Abstract", "CopyrightInformation"),
    )
    made["text"] = join(titles + prose)
    return Made(made, "" if prose else NO_ABSTRACT)


def _section(element: Element) -> list[str]:
    """Return a part of a structured abstract behind its label."""
    label = element.attributes.get("Label", "").strip()
    said = paragraphs([element], _RULES)
    if said and label and label != "UNLABELLED":
        said[0] = f"{label}: {said[0]}"
    return said


def _date(article: Element) -> str:
    days = [
        day(each.text("Year"), each.text("Month"), each.text("Day"))
        for each in (
            *article.children("ArticleDate"),
            *article.at("Journal", "JournalIssue", "PubDate"),
        )
    ]
    days += [day(article.text("Journal", "JournalIssue", "PubDate", "MedlineDate")[:4])]
    return min(filter(None, days), key=lambda said: (-len(said), said), default="")


def _doi(record: Element, article: Element) -> str:
    found = [
        *article.children("ELocationID"),
        *record.at("PubmedData", "ArticleIdList", "ArticleId"),
    ]
    kinds = (
        (each.attributes.get("EIdType") or each.attributes.get("IdType"), each.text())
        for each in found
    )
    return next((text for kind, text in kinds if kind == "doi" and text), "")


def _authors(article: Element) -> str:
    """Return who wrote it; addresses stand among the affiliations, and opt-outs go by these."""
    people = []
    for each in article.at("AuthorList", "Author"):
        name = f"{each.text('ForeName')} {each.text('LastName')}".strip() or each.text(
            "CollectiveName"
        )
        places = (found.text() for found in each.at("AffiliationInfo", "Affiliation"))
        people.append(" ".join([name, *(f"({place})" for place in places if "@" in place)]))
    return "; ".join(dict.fromkeys(filter(None, people)))


FORM: Final = XmlForm(
    names=Names(("PubmedArticle",), ("PubmedArticleSet", "PubmedBookArticleSet")),
    suffixes=(".xml",),
    left_out=_LEFT_OUT,
    make=make_citation,
)


def _read(path: InputFile, how: Reading) -> Iterator[Item]:
    return read_xml(path, how, FORM)


ADAPTER: Final = Adapter(read=_read, suffixes=(*packed(".xml"), *PACKED))
