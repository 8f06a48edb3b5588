"""croissant.json: the release in the terms of Croissant 1.1, from its manifest alone.

The Croissant Format Specification 1.1 (http://mlcommons.org/croissant/1.1) and its RAI vocabulary
1.0; provenance is PROV-O, conditions of use are ODRL, as both recommend. What nobody said is left
out. A date of publication the format demands: where nobody said one it is `NOT_STATED`, and the
description says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from manifests.about import is_url
from manifests.figures import Figures, Share
from manifests.manifest import is_shard
from manifests.markdown import number, size_text
from manifests.metadata.citation import cite_as, title_of
from manifests.metadata.frontmatter import HUB_LICENSES
from manifests.metadata.record_sets import PARQUET, file_sets, record_sets, twin_path
from manifests.metadata.stated import about_of, is_person, licenses_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manifests.manifest import File, Manifest

Node = dict[str, Any]

CROISSANT: Final = "croissant.json"
NOT_STATED: Final = "1970-01-01"
"""Day zero of SOURCE_DATE_EPOCH stands for a date that nobody stated: no data set is that old."""

_FOLDERS: Final = ("data/", "qa/", "parquet/", "index/", "ledger/", "signatures/")
_CONTEXT: Final[Node] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "odrl": "http://www.w3.org/ns/odrl/2/",
    "prov": "http://www.w3.org/ns/prov#",
    "wd": "http://www.wikidata.org/entity/",
    **{
        name: f"cr:{name}"
        for name in (
            *("annotation", "arrayShape", "citeAs", "column", "containedIn", "equivalentProperty"),
            *("excludes", "extract", "field", "fileObject", "fileProperty", "fileSet", "format"),
            *("includes", "isArray", "isLiveDataset", "jsonPath", "key", "md5", "parentField"),
            *("path", "readLines", "recordSet", "references", "regex", "repeated", "replace"),
            *("samplingRate", "sdVersion", "separator", "source", "subField", "transform"),
            *("unArchive", "value"),
        )
    },
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
}
"""The specification's own context (appendix 1), terms that readers expect beside it, and PROV-O and ODRL."""


def croissant(manifest: Manifest, figures: Figures | None = None) -> bytes:
    """Return croissant.json for the files that the manifest lists; it does not list itself.

    `figures` adds the natural languages.
    """
    made: Node = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "name": title_of(manifest),
        "alternateName": f"{manifest.name}-{manifest.version}",
        "description": describe(manifest),
        "conformsTo": [
            "http://mlcommons.org/croissant/1.1",
            "http://mlcommons.org/croissant/RAI/1.0",
        ],
        "version": manifest.version,
        "identifier": _root(manifest.content_root),
        "datePublished": about_of(manifest).published or NOT_STATED,
        "citeAs": cite_as(manifest),
        "license": _licenses(manifest),
        **_stated(manifest),
        "inLanguage": _languages(figures),
        "isLiveDataset": False,
        **_responsible(manifest),
        "usageInfo": _USAGE,
        **_provenance(manifest),
        "distribution": [*_files(manifest), *file_sets(manifest)],
        "recordSet": record_sets(manifest),
    }
    kept = {key: value for key, value in made.items() if value not in ("", [], None)}
    return msgspec.json.format(msgspec.json.encode(kept), indent=2) + b"\n"


class _Statistics(msgspec.Struct, frozen=True):
    content: Figures | None = None
    question_languages: dict[str, int] = {}


def read_figures(statistics: bytes) -> Figures | None:
    """Take the figures out of reports/stats.json; raises `ValueError` when it cannot be read.

    The languages of questions stand among the natural ones, with no documents where no document is in one.
    """
    told = msgspec.json.decode(statistics, type=_Statistics)
    if told.content is None:
        return None
    spoken = dict.fromkeys(sorted(told.question_languages), Share(0, 0))
    languages = spoken | told.content.natural_languages
    return msgspec.structs.replace(told.content, natural_languages=languages)


def describe(manifest: Manifest) -> str:
    """Return the description that people gave, with figures, and what they left open."""
    about = about_of(manifest)
    parts = [f"{number(manifest.documents)} documents"]
    if manifest.questions:
        parts.append(f"{number(manifest.questions)} questions")
    names = ", ".join(source.name for source in manifest.sources)
    figures = f"{' and '.join(parts)}, {size_text(manifest.bytes_raw)} of JSON lines"
    sentences = [about.description, f"{figures}, from {names}." if names else f"{figures}."]
    if not about.published:
        sentences.append(f"When it was published is not stated; {NOT_STATED} stands for that.")
    return " ".join(filter(None, sentences))


def _root(content_root: str) -> Node:
    """Give the Merkle root over all records as an identifier."""
    return {"@type": "PropertyValue", "propertyID": "content_root", "sc:value": content_root}


def _licenses(manifest: Manifest) -> list[Node | str]:
    """Name the licence of the collection if there is one; each document has its own beside it."""
    about = about_of(manifest)
    found = sorted(licenses_of(manifest))
    stated = about.license
    if stated in found or stated in HUB_LICENSES:
        stated = f"https://spdx.org/licenses/{stated}"
    own: Node = {
        "@type": "CreativeWork",
        "name": "Licence of each document",
        "description": "Stands in the record's key license; LICENSES.md counts them: "
        + (", ".join(found) or "no document"),
        "url": "LICENSES.md",
    }
    return [*filter(None, [stated]), own]


def _stated(manifest: Manifest) -> Node:
    """Return what people said of who made it and where it lies."""
    about = about_of(manifest)
    made: Node = {
        "url": about.url,
        "creator": [
            {"@type": "Person" if is_person(each) else "Organization", "name": each}
            for each in about.creators
        ],
        "keywords": list(about.keywords),
    }
    if about.publisher:
        made["publisher"] = {"@type": "Organization", "name": about.publisher}
        if about.contact:
            kind = "url" if is_url(about.contact) else "email" if "@" in about.contact else "name"
            made["publisher"]["contactPoint"] = {"@type": "ContactPoint", kind: about.contact}
    return made


def _languages(figures: Figures | None) -> list[str]:
    """List the natural languages, those with most text first."""
    found = {} if figures is None else figures.natural_languages
    ranked = sorted(found, key=lambda name: (-found[name].bytes, name))
    return [name for name in ranked if name not in {"", "und"}]


def _responsible(manifest: Manifest) -> Node:
    """Fill the RAI vocabulary: processing from the account of the run, the rest from what people said."""
    about = about_of(manifest)
    return {
        "rai:dataCollection": about.collection,
        "rai:dataCollectionTimeframe": list(about.collected),
        "rai:dataPreprocessingProtocol": [
            f"{stage.stage}: {number(stage.entered)} records in, {number(stage.left)} out"
            for stage in manifest.stages
        ],
        "rai:personalSensitiveInformation": _redaction(manifest),
        "rai:dataBiases": about.biases,
        "rai:dataUseCases": about.purpose,
        "rai:dataLimitations": about.out_of_scope,
        "rai:dataReleaseMaintenancePlan": about.maintenance,
    }


def _redaction(manifest: Manifest) -> list[str]:
    redact = manifest.redact
    if redact.level == "off":
        return ["Redaction was off: secrets and personal data are as in the input."]
    counts = (f"{name}: {number(n)} spans replaced" for name, n in sorted(redact.counts.items()))
    return [f"Redaction was {redact.level}; what it did not recognise may remain.", *counts]


_USAGE: Final[Node] = {
    "@type": ["CreativeWork", "odrl:Set"],
    "name": "Each document is used under its own licence",
    "description": "Read the key license of a record before using it: LICENSES.md counts the licences, "
    "licenses/ holds their texts and says whom to attribute.",
    "url": "LICENSES.md",
    "odrl:obligation": {
        "@type": "odrl:Duty",
        "odrl:action": {"@id": "odrl:reviewPolicy"},
    },
}
"""A duty, no permission: what may be done with a document is its owner's to say, not ours."""


def _provenance(manifest: Manifest) -> Node:
    """Tell what the release was made of, from what release it follows, and by which program."""
    labels: dict[str, list[str]] = {}
    for item in manifest.inputs:
        labels.setdefault(item.sha256, []).append(f"{item.source}: {item.path}")
    made: Node = {
        # an input's name is its content (RFC 6920, section 7)
        "prov:wasDerivedFrom": [
            {"@type": "prov:Entity", "@id": f"nih:sha-256;{digest}", "prov:label": names}
            for digest, names in labels.items()
        ],
        "prov:wasGeneratedBy": {
            "@type": "prov:Activity",
            "prov:label": "gristmill run",
            "prov:wasAssociatedWith": {
                "@type": "prov:SoftwareAgent",
                "prov:label": "gristmill",
                "identifier": f"code_sha256 {manifest.build.code_sha256}",
            },
        },
    }
    if manifest.parent is not None:
        name = f"{manifest.name}-{manifest.parent.version}"
        made["prov:wasRevisionOf"] = _release(name, manifest.parent.content_root)
    if manifest.against:
        made["prov:wasInfluencedBy"] = [
            _release(f"{each.name}-{each.version}", each.content_root) for each in manifest.against
        ]
    return made


def _release(name: str, content_root: str) -> Node:
    return {"@type": "prov:Entity", "prov:label": name, "identifier": _root(content_root)}


def _files(manifest: Manifest) -> Iterator[Node]:
    """Describe every file that holds data or tells where it went, and the page of licences."""
    twins = {twin_path(file.path): file.path for file in manifest.files if is_shard(file.path)}
    for file in manifest.files:
        if file.path.startswith(_FOLDERS) or file.path == "LICENSES.md":
            node = _file(file)
            if file.path in twins:
                node["sameAs"] = twins[file.path]
            yield node


def _file(file: File) -> Node:
    return {
        "@type": "cr:FileObject",
        "@id": file.path,
        "name": file.path.rpartition("/")[2],
        "contentUrl": file.path,
        "contentSize": f"{file.bytes} B",
        "encodingFormat": _format(file.path),
        "sha256": file.sha256,
    }


def _format(path: str) -> str | list[str]:
    """Return the media types of a file."""
    for suffix, types in _FORMATS.items():
        if path.endswith(suffix):
            return types
    return "application/octet-stream"


_FORMATS: Final[dict[str, str | list[str]]] = {
    ".jsonl.zst": ["application/zstd", "application/jsonlines"],  # RFC 8878
    ".jsonl": "application/jsonlines",
    ".json": "application/json",
    ".parquet": PARQUET,
    ".md": "text/markdown",
}
