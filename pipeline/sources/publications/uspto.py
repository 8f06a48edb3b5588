"""Read US patents and published applications in the XML of the USPTO, version 4: one row for each publication."""

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

SEQUENCES: Final = "sequence-listing"
"""The document lists nucleotides or amino acids of a patent that is another row."""

_RULES: Final = Rules(
    blocks=words(
        "abstract claim claim-text claims dd description description-of-drawings dl dt heading li maths ol p"
        " summary-of-invention technical-field background-art disclosure us-claim-statement ul"
    ),
    items=frozenset({"li"}),
    verbatim=frozenset({"pre", "program-listing"}),
    formulas=frozenset({"maths", "math"}),
    displayed=frozenset({"maths"}),
)
_LEFT_OUT: Final = words(
    "tables table chemistry img us-references-cited references-cited us-field-of-classification-search"
    " classifications-cpc classifications-ipcr us-chemistry us-math us-megatable-doc sequence-list"
    " us-sequence-list-doc drawings"
)
_GRANT, _APPLICATION, _SEQUENCES = "us-patent-grant", "us-patent-application", "sequence-cwu"
_NUMBER: Final = re.compile(r"([A-Z]{0,2})0*([0-9]{1,12})")


def make_patent(patent: Element) -> Made | None:
    """Make the record of a publication; `None` where it has no number."""
    if patent.name == _SEQUENCES:
        found = next(iter(patent.all("publication-reference")), None)
        name = "" if found is None else _publication(found.first("document-id"))
        return Made(known(id=f"{name}/{SEQUENCES}" if name else ""), SEQUENCES)
    about = next(iter(patent.children(*_ABOUT)), None)
    told = None if about is None else about.first("publication-reference", "document-id")
    name = _publication(told)
    if about is None or told is None or not name:
        return None
    titles = paragraphs(about.children("invention-title"), _RULES)
    date = told.text("date")
    prose = paragraphs(
        patent.children("abstract", "description", "us-claim-statement", "claims"), _RULES
    )
    record = known(
        id=name,
        created=day(date[:4], date[4:6], date[6:8]),
        language=patent.attributes.get("lang", "").lower(),
        title=" ".join(titles),
        application=_application(about),
        kind=(about.first("application-reference") or about).attributes.get("appl-type", ""),
    )
    record["text"] = join(titles + prose)
    return Made(record, "" if prose else NO_TEXT)


_ABOUT: Final = ("us-bibliographic-data-grant", "us-bibliographic-data-application")


def _publication(told: Element | None) -> str:
    """Return the number as people write it: country, number without zeros before it, kind of document."""
    if told is None:
        return ""
    found = _NUMBER.fullmatch(told.text("doc-number").upper())
    kind = told.text("kind")
    return "" if found is None else f"{told.text('country')}{found[1]}{found[2]}{kind}"


def _application(about: Element) -> str:
    told = about.first("application-reference", "document-id")
    return "" if told is None else f"{told.text('country')}{told.text('doc-number')}"


FORM: Final = XmlForm(
    names=Names((_GRANT, _APPLICATION, _SEQUENCES)),
    suffixes=(".xml",),
    left_out=_LEFT_OUT,
    make=make_patent,
)


def _read(path: InputFile, how: Reading) -> Iterator[Item]:
    return read_xml(path, how, FORM)


ADAPTER: Final = Adapter(read=_read, suffixes=(*packed(".xml"), *PACKED))
