"""compliance/eu-ai-act: what a model's provider needs from this corpus for the EU's public summary.

The order is that of the Commission's template of 24 July 2025 for Article 53(1)(d) of Regulation
(EU) 2024/1689; the wording is ours. It is filled for one corpus, not for a model: who trains on it
takes its answers over into the summary of the model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from manifests.figures import Share
from manifests.markdown import code, number
from manifests.metadata import facts
from manifests.metadata.forms import Form, Item, Section, by_config
from manifests.metadata.stated import about_of

if TYPE_CHECKING:
    from manifests.about import About
    from manifests.figures import Figures
    from manifests.manifest import Manifest

EU_PAGE: Final = "compliance/eu-ai-act.md"
EU_DATA: Final = "compliance/eu-ai-act.json"


def eu_form(manifest: Manifest, figures: Figures | None) -> Form:
    """Fill in the summary; without `figures` what they would say is marked as missing."""
    about = about_of(manifest)
    return Form(
        title=f"Training content of {about.title or manifest.name} {manifest.version}",
        basis="Article 53(1)(d) of Regulation (EU) 2024/1689, template of 24 July 2025",
        note="For providers of general-purpose AI models that train on this release; no legal advice.",
        sections=(
            Section("General information", _general(manifest, about, figures)),
            Section("List of data sources", _sources(manifest, about, figures)),
            Section("Data processing", _processing(manifest)),
        ),
    )


def _general(manifest: Manifest, about: About, figures: Figures | None) -> tuple[Item, ...]:
    corpus = f"{manifest.name} {manifest.version}, content root {code(manifest.content_root)}."
    who = by_config(about.publisher, "about.publisher", "the name of the provider")
    where = by_config(about.contact, "about.contact", "where to reach the provider")
    return (
        Item("1.1", "Provider", quoted=who[0] + where[0], missing=who[1] + where[1]),
        Item("1.2", "Model", (f"Corpus: {corpus}",), missing=(_MODEL,)),
        _size(manifest, figures),
        _types(manifest, figures),
        _acquired(about, figures),
    )


def _size(manifest: Manifest, figures: Figures | None) -> Item:
    """State modality and size band; a band that bytes do not settle is left to a count of tokens."""
    size = facts.text_bytes(manifest, figures)
    bands = facts.size_bands(size)
    settled = len(bands) == 1
    what = "text, questions as JSON lines" if figures is not None else "JSON lines"
    band = f"Modality: text. {number(size)} bytes of {what}: {' or '.join(bands)}."
    records = (
        f"{number(manifest.documents)} documents and {number(manifest.questions)} questions, "
        f"{number(manifest.bytes_raw)} bytes of JSON lines."
    )
    missing = () if settled else (f"the number of tokens, with the tokenizer; {facts.BY_HAND}",)
    counted = {
        "documents": manifest.documents,
        "questions": manifest.questions,
        "bytes_raw": manifest.bytes_raw,
    }
    counted |= {} if figures is None else {"text_bytes": size}
    return Item("1.3", "Modality and size", (band, records), figures=counted, missing=missing)


def _types(manifest: Manifest, figures: Figures | None) -> Item:
    """Tell code, markup and data from prose, and list the languages of both."""
    title = "Types of content, and languages"
    if figures is None:
        return Item("1.4", title, missing=("the languages were not counted",))
    unknown = figures.languages.get(facts.UNDETERMINED, Share(0, 0))
    known = {name: each for name, each in figures.languages.items() if name != facts.UNDETERMINED}
    prose = {name: each for name, each in known.items() if facts.is_prose(name)}
    code_like = {name: each for name, each in known.items() if name not in prose}
    counted = {
        "prose_documents": sum(each.documents for each in prose.values()),
        "code_documents": sum(each.documents for each in code_like.values()),
        "unknown_documents": unknown.documents,
        "questions": manifest.questions,
    }
    tables = (
        facts.shares("language of prose", prose),
        facts.shares("language of code, markup or data", code_like),
        facts.shares("natural language in any of them", figures.natural_languages),
    )
    said = (
        f"{number(counted['prose_documents'])} documents of prose, "
        f"{number(counted['code_documents'])} of source code, markup or data, "
        f"{number(counted['unknown_documents'])} of which neither could be told, and "
        f"{number(counted['questions'])} questions with their contexts."
    )
    shown = tuple(each for each in tables if each.rows)
    missing = (f"kinds of prose: fiction, press, science, law, social media; {facts.BY_HAND}",)
    return Item("1.4", title, (said,), (), shown, counted, missing if prose else ())


def _acquired(about: About, figures: Figures | None) -> Item:
    """State when data were acquired last; the newest date of a document is something else."""
    last = about.collected[-1] if about.collected else ""
    quoted, missing = by_config(
        last, "about.collected", "the month in which data were acquired last"
    )
    said: tuple[str, ...] = ()
    if figures is not None and figures.last_created:
        said = (f"The newest document that bears a date is of {code(figures.last_created)}.",)
    return Item("1.5", "Latest acquisition", said, quoted, missing=missing)


def _sources(manifest: Manifest, about: About, figures: Figures | None) -> tuple[Item, ...]:
    """List where the data come from. gristmill fetches nothing: who collected it has to say how."""
    listed = facts.sources(manifest)
    counted = {f"kept:{each.name}": each.kept for each in manifest.sources}
    quoted = (about.collection,) if about.collection else ()
    public = Item(
        "2.1",
        "Publicly available datasets",
        ("The sources of the release, whatever their kind:",),
        quoted,
        (listed,),
        counted,
        (_PUBLIC, *(() if quoted else ("`about.collection`: how each source was obtained",))),
    )
    return (
        public,
        Item("2.2", "Private datasets from third parties", missing=(_PRIVATE,)),
        _crawled(figures),
        Item("2.4", "User data", missing=(_USERS,)),
        Item("2.5", "Synthetic data", missing=(_SYNTHETIC,)),
        Item("2.6", "Other sources", missing=(f"anything that is none of these; {facts.BY_HAND}",)),
    )


def _crawled(figures: Figures | None) -> Item:
    """List the top tenth of the domains by bytes; for SMEs it is a twentieth, at most 1,000."""
    title = "Data crawled from the web"
    if figures is None:
        return Item("2.3", title, missing=("the domains were not counted", _CRAWLER))
    if figures.all_domains == 0:
        return Item("2.3", title, ("No document bears a web address.",), missing=(_CRAWLER,))
    table, wanted = facts.top_domains(figures)
    counted = {"domains": figures.all_domains, "top_tenth": wanted, "listed": len(table.rows)}
    small = min(1000, -(-figures.all_domains // 20))
    said = (
        f"Documents come from {number(figures.all_domains)} registrable domains. The tenth with most "
        f"bytes of text is {number(wanted)}, of which {number(len(table.rows))} are listed here; for a "
        f"small or medium-sized enterprise the first {number(small)} suffice."
    )
    rest = wanted - len(table.rows)
    cut = (f"the other {number(rest)} domains of the top tenth",) if rest else ()
    return Item("2.3", title, (said,), (), (table,), counted, (*cut, _CRAWLER))


def _processing(manifest: Manifest) -> tuple[Item, ...]:
    """Say what was done about rights and about harmful content."""
    requests = sum(each.requests for each in manifest.registries)
    counted = {
        "optout_requests": requests,
        "optout_dropped": facts.dropped(manifest, "optout"),
        "license_dropped": facts.dropped(manifest, "license"),
    }
    policy = (
        "No licence policy was configured."
        if manifest.license == "none"
        else "Documents that the licence policy does not allow were dropped; config/config.json has it."
    )
    said = (
        *facts.opted_out(manifest),
        f"{number(counted['optout_dropped'])} records were dropped for {number(requests)} requests.",
        f"{policy} {number(counted['license_dropped'])} records were dropped for their licence.",
    )
    spans = sum(manifest.redact.counts.values())
    personal = (
        f"{number(spans)} spans are redacted; the level of redaction is {manifest.redact.level}."
    )
    quality = facts.dropped(manifest, "quality")
    harmful = (personal, f"{number(quality)} records were dropped by quality filters.")
    tables = (facts.redacted(manifest),) if manifest.redact.counts else ()
    return (
        Item("3.1", "Respect of rights reservations", said, figures=counted, missing=(_RIGHTS,)),
        Item(
            "3.2",
            "Removal of illegal content",
            harmful,
            (),
            tables,
            {"redacted_spans": spans, "quality_dropped": quality},
            (_ILLEGAL,),
        ),
    )


_MODEL: Final = f"the model, its versions and the day it was placed on the market; {facts.BY_HAND}"
_PUBLIC: Final = (
    "for each source that is, or was taken from, a public dataset: its name, identifier and link, "
    f"and whether it is a large one (over 3 % of what is public); {facts.BY_HAND}"
)
_PRIVATE: Final = f"whether a source was licensed from, or given by, third parties; {facts.BY_HAND}"
_CRAWLER: Final = (
    "whether the documents were crawled: crawlers by name, their purpose and behaviour, from which "
    f"to which month; {facts.BY_HAND}"
)
_USERS: Final = f"whether data of users of a service are in it; {facts.BY_HAND}"
_SYNTHETIC: Final = f"whether texts were generated by a model, and by which; {facts.BY_HAND}"
_RIGHTS: Final = (
    "which protocols (robots.txt, text-and-data-mining reservations) were followed at collection; "
    f"{facts.BY_HAND}"
)
_ILLEGAL: Final = (
    "measures against illegal content, such as block lists and classifiers, at collection; "
    f"{facts.BY_HAND}"
)
