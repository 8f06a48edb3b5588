"""compliance/california-ab2013: the twelve items of California's law on training data, from the figures.

Assembly Bill 2013 (2024), Civil Code section 3111(a), in our words. It asks the developer of a
generative AI system; this page is what the corpus can tell that developer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from manifests.markdown import code, number
from manifests.metadata import facts
from manifests.metadata.forms import Form, Item, Section, asked, by_config
from manifests.metadata.stated import about_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from manifests.about import About
    from manifests.figures import Figures
    from manifests.manifest import Manifest

CALIFORNIA_PAGE: Final = "compliance/california-ab2013.md"
CALIFORNIA_DATA: Final = "compliance/california-ab2013.json"


def california_form(
    manifest: Manifest, figures: Figures | None, classes: Mapping[str, str]
) -> Form:
    """Fill in the twelve items; `classes` is licence expression -> class, without `figures` item 4 says less."""
    about = about_of(manifest)
    items = (
        _owners(manifest, about),
        asked("2", "How it serves the purpose", about.purpose, "about.purpose", "what it is for"),
        _points(manifest),
        _types(manifest, figures),
        _rights(manifest, classes),
        Item("6", "Purchased or licensed", missing=(_BOUGHT,)),
        _personal(manifest),
        Item("8", "Aggregate consumer information", missing=(_CONSUMER,)),
        _cleaning(manifest),
        _period(about, figures),
        asked(
            "11", "First use", about.first_used, "about.first_used", "when it was first trained on"
        ),
        Item("12", "Synthetic data", missing=(_SYNTHETIC,)),
    )
    return Form(
        title=f"Training data documentation of {about.title or manifest.name} {manifest.version}",
        basis="California Civil Code section 3111 (AB 2013)",
        note="For developers of generative AI systems that train on this release; no legal advice.",
        sections=(Section("The twelve items", items),),
    )


def _owners(manifest: Manifest, about: About) -> Item:
    counted = {f"kept:{each.name}": each.kept for each in manifest.sources}
    tables = (facts.sources(manifest),)
    named = "; ".join(dict.fromkeys(filter(None, (about.publisher, *about.creators))))
    quoted, missing = by_config(named, "about.publisher", "who owns or publishes the collection")
    said = (
        "Whose the documents are, as far as they tell, is listed in licenses/attribution.jsonl.",
    )
    return Item("1", "Sources or owners", said, quoted, tables, counted, missing)


def _points(manifest: Manifest) -> Item:
    said = (
        f"{number(manifest.documents)} documents and {number(manifest.questions)} questions, exactly: "
        f"{number(manifest.bytes_raw)} bytes of JSON lines."
    )
    counted = {
        "documents": manifest.documents,
        "questions": manifest.questions,
        "bytes_raw": manifest.bytes_raw,
    }
    return Item("3", "Number of data points", (said,), (), (facts.splits(manifest),), counted)


def _types(manifest: Manifest, figures: Figures | None) -> Item:
    """Describe the records: questions are labelled with their answers, documents are not labelled."""
    said = [
        "Documents are text without labels; their source, licence and language are on each of them."
    ]
    if manifest.questions:
        said.append(
            "Questions are labelled with spans of their context as answers, or as impossible."
        )
    tables = () if figures is None else (facts.shares("language", figures.languages),)
    return Item("4", "Types of data points", tuple(said), (), tables)


def _rights(manifest: Manifest, classes: Mapping[str, str]) -> Item:
    """Count by licence: whatever is licensed is protected, and the unknown is taken to be."""
    counted = facts.license_figures(manifest, classes)
    said = (
        f"{number(counted['public_domain'])} of {number(counted['records'])} records are given to the "
        f"public domain, {number(counted['licensed'])} are under other licences and so protected by "
        f"copyright, and of {number(counted['unknown_license'])} the licence is not known."
    )
    missing = (f"trade marks and patents; {facts.BY_HAND}",)
    tables = (facts.licenses(manifest),)
    return Item("5", "Copyright, trade mark, patent", (said,), (), tables, counted, missing)


def _personal(manifest: Manifest) -> Item:
    redact = manifest.redact
    spans = sum(redact.counts.values())
    said = (
        "Redaction was off: it holds whatever personal information the inputs held."
        if redact.level == "off"
        else f"Redaction at level {redact.level} replaced {number(spans)} spans that looked personal or "
        "secret; names, and what it did not find, may be left."
    )
    tables = (facts.redacted(manifest),) if redact.counts else ()
    return Item("7", "Personal information", (said,), (), tables, {"redacted_spans": spans})


def _cleaning(manifest: Manifest) -> Item:
    read = sum(each.read for each in manifest.sources)
    kept = sum(each.kept for each in manifest.sources)
    said = (
        f"{number(read)} records were read and {number(kept)} kept, to hold back what its licence or "
        "its author does not allow, what is personal or secret, and what is there twice."
    )
    tables = (facts.flow(manifest),)
    return Item("9", "Cleaning and processing", (said,), (), tables, {"read": read, "kept": kept})


def _period(about: About, figures: Figures | None) -> Item:
    quoted, missing = by_config(
        " to ".join(about.collected), "about.collected", "from when to when it was collected"
    )
    if about.collected:
        missing = (f"whether collection goes on; {facts.BY_HAND}",)
    said: tuple[str, ...] = ()
    if figures is not None and figures.first_created:
        first, last = code(figures.first_created), code(figures.last_created)
        said = (f"Documents that bear a date were created from {first} to {last}.",)
    return Item("10", "Time of collection", said, quoted, missing=missing)


_BOUGHT: Final = f"whether a source was purchased or licensed, and from whom; {facts.BY_HAND}"
_CONSUMER: Final = f"whether it holds aggregate consumer information; {facts.BY_HAND}"
_SYNTHETIC: Final = f"whether synthetic data were used or are generated on and on; {facts.BY_HAND}"
