"""DATASHEET.md: the questions of a datasheet, answered from the figures where figures can answer.

The seven parts are those of Gebru et al., Datasheets for Datasets (arXiv:1803.09010, 2018); the
questions are in our words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from manifests.markdown import code, number
from manifests.metadata import facts
from manifests.metadata.forms import Form, Item, Section, asked, by_config
from manifests.metadata.stated import about_of

if TYPE_CHECKING:
    from manifests.about import About
    from manifests.figures import Figures
    from manifests.manifest import Manifest

DATASHEET: Final = "DATASHEET.md"


def datasheet_form(manifest: Manifest, figures: Figures | None) -> Form:
    """Fill in the datasheet; without `figures` it says less of what the documents are."""
    about = about_of(manifest)
    return Form(
        title=f"Datasheet of {about.title or manifest.name} {manifest.version}",
        basis="Gebru et al., Datasheets for Datasets (arXiv:1803.09010)",
        note="Filled in from the manifest of the release; quoted are its publisher's own words.",
        sections=(
            Section("Motivation", _motivation(about)),
            Section("Composition", _composition(manifest, about, figures)),
            Section("Collection", _collection(manifest, about, figures)),
            Section("Preprocessing", _preprocessing(manifest)),
            Section("Uses", _uses(about)),
            Section("Distribution", _distribution(manifest, about)),
            Section("Maintenance", _maintenance(manifest, about)),
        ),
    )


def _motivation(about: About) -> tuple[Item, ...]:
    purpose = asked(
        "", "For what was it made?", about.purpose, "about.purpose", "why it was made, for whom"
    )
    makers = "; ".join(about.creators)
    return (
        purpose,
        asked("", "Who made it?", makers, "about.creators", "the people or the organisation"),
        Item("", "Who paid for it?", missing=(f"who funded the work; {facts.BY_HAND}",)),
    )


def _composition(manifest: Manifest, about: About, figures: Figures | None) -> tuple[Item, ...]:
    """Say what is in it: mostly figures."""
    size = (
        f"{number(manifest.documents)} documents and {number(manifest.questions)} questions, "
        f"{number(manifest.bytes_raw)} bytes of JSON lines. A document is a text with its source, "
        "licence, language and origin; a question has a context and its answers."
    )
    notes = tuple(f"{note[:1].upper()}{note[1:]}." for note in manifest.notes)
    quoted, missing = by_config(about.biases, "about.biases", "known errors, gaps and biases")
    return (
        Item("", "What is in it, and how much?", (size,), tables=(facts.sources(manifest),)),
        _languages(figures),
        Item("", "Is it a sample of something larger?", (_selection(manifest),)),
        Item("", "Are there splits?", (_SPLITS,), tables=(facts.splits(manifest),)),
        Item("", "Errors, noise, redundancies, biases?", notes, quoted, missing=missing),
        _personal(manifest),
    )


def _languages(figures: Figures | None) -> Item:
    title = "In which languages?"
    if figures is None:
        return Item("", title, ("Each record bears its language; they were not counted.",))
    tables = (
        facts.shares("language", figures.languages),
        facts.shares("natural language", figures.natural_languages),
    )
    return Item("", title, tables=tuple(each for each in tables if each.rows))


def _selection(manifest: Manifest) -> str:
    read = sum(each.read for each in manifest.sources)
    kept = sum(each.kept for each in manifest.sources)
    return (
        f"{number(read)} records were read and {number(kept)} are kept; the ledger says of each one "
        "why. The order of the records is random, so the first shards are a sample of the whole."
    )


def _personal(manifest: Manifest) -> Item:
    """Say what was done about personal data; that none is left nobody can promise."""
    redact = manifest.redact
    said = (
        "Redaction was off: personal data and secrets are as in the input."
        if redact.level == "off"
        else f"Redaction at level {redact.level} replaced what it found; some may be left."
    )
    tables = (facts.redacted(manifest),) if redact.counts else ()
    missing = (f"whether it tells of people's health, beliefs or the like; {facts.BY_HAND}",)
    return Item(
        "", "Does it hold personal or sensitive data?", (said,), (), tables, missing=missing
    )


def _collection(manifest: Manifest, about: About, figures: Figures | None) -> tuple[Item, ...]:
    quoted, missing = by_config(
        " to ".join(about.collected), "about.collected", "from when to when it was collected"
    )
    said: tuple[str, ...] = ()
    if figures is not None and figures.first_created:
        first, last = code(figures.first_created), code(figures.last_created)
        said = (f"Documents that bear a date were created from {first} to {last}.",)
    how = asked(
        "", "How were the data acquired?", about.collection, "about.collection", "how, by whom"
    )
    return (
        how,
        Item("", "Over what time?", said, quoted, missing=missing),
        Item(
            "",
            "Did people consent, and can they object?",
            facts.opted_out(manifest),
            missing=(f"whether people were asked or told; {facts.BY_HAND}",),
        ),
    )


def _preprocessing(manifest: Manifest) -> tuple[Item, ...]:
    build = manifest.build
    software = (
        f"gristmill, code {code(build.code_sha256)}, with the packages that provenance.json names. "
        f"The config is config/config.json, SHA-256 of its content {code(build.config_sha256)}."
    )
    return (
        Item("", "What was cleaned, filtered or labelled?", tables=(facts.flow(manifest),)),
        Item("", "Was the raw data kept?", (_RAW.format(inputs=number(len(manifest.inputs))),)),
        Item("", "With which software, and can it be had?", (software,)),
    )


def _uses(about: About) -> tuple[Item, ...]:
    return (
        asked(
            "", "When was it first used?", about.first_used, "about.first_used", "when, for what"
        ),
        asked(
            "",
            "For what should it not be used?",
            about.out_of_scope,
            "about.out_of_scope",
            "uses that it was not made for",
        ),
    )


def _distribution(manifest: Manifest, about: About) -> tuple[Item, ...]:
    quoted, missing = by_config(about.license, "about.license", "the licence of the collection")
    each_own = "Each record keeps the licence it came with; LICENSES.md has their texts."
    terms = Item(
        "",
        "Under which licences?",
        (each_own,),
        quoted,
        (facts.licenses(manifest),),
        missing=missing,
    )
    return (
        asked("", "Where can it be had?", about.url, "about.url", "the address people find it at"),
        asked("", "Since when?", about.published, "about.published", "the day of publication"),
        terms,
        asked("", "How should it be cited?", about.citation, "about.citation", "a reference"),
    )


def _maintenance(manifest: Manifest, about: About) -> tuple[Item, ...]:
    parent = manifest.parent
    history = (
        "This is the first release."
        if parent is None
        else f"This release follows version {parent.version}; CHANGELOG.md says what changed."
    )
    quoted, missing = by_config(
        about.maintenance, "about.maintenance", "who keeps it up, and for how long"
    )
    return (
        asked("", "Whom to write to?", about.contact, "about.contact", "an address that is read"),
        Item("", "Will it be updated?", (history,), quoted, missing=missing),
        Item("", "Do older versions stay?", (_OLDER,)),
    )


_SPLITS: Final = (
    "Near-duplicates are always in one split, and a record held out once stays held out."
)
_RAW: Final = (
    "The {inputs} input files are named in the manifest by path and SHA-256, and not part of it."
)
_OLDER: Final = (
    "ledger/tombstones.jsonl names what was removed since the first release; a release that removes "
    "documents on request takes the place of those before it."
)
