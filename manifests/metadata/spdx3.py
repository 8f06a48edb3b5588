"""A release as an SPDX 3.0.1 document in JSON-LD: a DatasetPackage, its files and its licences.

Follows from the manifest and `[about]` alone. Names and rules: SPDX 3.0.1, profiles Core,
Software, SimpleLicensing and Dataset (spdx.github.io/spdx-spec/v3.0.1). The Dataset profile asks
for things that only people know; the document claims to conform to it where all of them are stated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from manifests.checksum import sha256_hex
from manifests.manifest import MANIFEST, encode
from manifests.metadata.stated import (
    NOASSERTION,
    about_of,
    all_of,
    is_expression,
    is_person,
    licenses_of,
    moment,
    references,
    release_uuid,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manifests.about import About
    from manifests.manifest import Manifest

CONTEXT: Final = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"
SPEC_VERSION: Final = "3.0.1"
NO_TIME: Final = "1970-01-01T00:00:00Z"
_INFO: Final = "_:creation"
_NO_LICENSE: Final = "expandedlicensing_NoAssertionLicense"
_PAPERS: Final = frozenset({"README.md", "DATASHEET.md", "CHANGELOG.md", "LICENSES.md"})
_METADATA: Final = frozenset({MANIFEST, "croissant.json", "provenance.json"})

Element = dict[str, Any]


class _Names(msgspec.Struct, frozen=True):
    """Makes ids: a fragment each, after the UUID of the release."""

    base: str

    def __call__(self, name: str) -> str:
        return f"{self.base}#{name}"


def spdx3(manifest: Manifest) -> bytes:
    """Return the document. Where no day of publication is stated, `created` is the epoch and says so."""
    about = about_of(manifest)
    uuid = release_uuid(manifest.name, manifest.version, manifest.content_root)
    name = _Names(f"urn:uuid:{uuid}")
    elements = [
        *_agents(name, about),
        _package(name, manifest, about),
        *_parent(name, manifest),
        *_files(name, manifest),
        *_licenses(name, manifest, about),
    ]
    graph = [_creation(name, about), *elements, _document(name, manifest, about, elements)]
    told = {"@context": CONTEXT, "@graph": graph}
    return msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n"


def _creation(name: _Names, about: About) -> Element:
    stamp = moment(about)
    info: Element = {
        "@id": _INFO,
        "type": "CreationInfo",
        "created": stamp or NO_TIME,
        "createdBy": [name("gristmill")],
        "specVersion": SPEC_VERSION,
    }
    silent = "the time of creation is not stated: about.published would give it"
    return info if stamp is not None else info | {"comment": silent}


def _element(kind: str, spdx_id: str, **more: Any) -> Element:
    return {"type": kind, "spdxId": spdx_id, "creationInfo": _INFO} | more


def _agents(name: _Names, about: About) -> Iterator[Element]:
    """Name the program that wrote this, and who made and published the release."""
    yield _element("SoftwareAgent", name("gristmill"), name="gristmill")
    for number, creator in enumerate(about.creators):
        kind = "Person" if is_person(creator) else "Organization"
        yield _element(kind, name(f"creator-{number}"), name=creator)
    if about.publisher:
        yield _element("Organization", name("publisher"), name=about.publisher)


def _package(name: _Names, manifest: Manifest, about: About) -> Element:
    """Describe the data set; a field for which nobody said anything is left out."""
    stamp = moment(about)
    told: Element = {
        "name": manifest.name,
        "software_packageVersion": manifest.version,
        "description": about.description,
        "software_primaryPurpose": "data",
        "software_downloadLocation": about.url,
        "software_homePage": about.url,
        "software_sourceInfo": f"made by gristmill from {len(manifest.inputs)} input files",
        "originatedBy": [name(f"creator-{number}") for number in range(len(about.creators))],
        "suppliedBy": name("publisher") if about.publisher else "",
        "builtTime": stamp,
        "releaseTime": stamp,
        "verifiedUsing": [_hash("other", manifest.content_root, _ROOT)],
    }
    told |= _dataset(manifest, about)
    stated = {key: value for key, value in told.items() if value not in ("", None, [])}
    return _element("dataset_DatasetPackage", name("release"), **stated)


def _dataset(manifest: Manifest, about: About) -> Element:
    """Fill the fields of the Dataset profile; size is in bytes, the raw JSON lines of all shards."""
    redact = manifest.redact
    replaced = f"redaction at level {redact.level}: {sum(redact.counts.values())} spans replaced"
    return {
        "dataset_datasetType": ["text"],
        "dataset_datasetSize": manifest.bytes_raw,
        "dataset_dataCollectionProcess": about.collection,
        "dataset_intendedUse": about.purpose,
        "dataset_knownBias": [about.biases] if about.biases else [],
        "dataset_datasetUpdateMechanism": about.maintenance,
        "dataset_dataPreprocessing": [
            f"{stage.stage}: {stage.entered} records in, {stage.left} out"
            for stage in manifest.stages
        ],
        "dataset_datasetNoise": "; ".join(manifest.notes),
        "dataset_hasSensitivePersonalInformation": "noAssertion",
        "dataset_anonymizationMethodUsed": [] if redact.level == "off" else [replaced],
    }


def _parent(name: _Names, manifest: Manifest) -> Iterator[Element]:
    """Say which release came before; its id is the one that its own document gives it."""
    older = _parent_id(manifest)
    if older is not None:
        yield _relation(name("ancestor"), "ancestorOf", older, [name("release")])


def _parent_id(manifest: Manifest) -> str | None:
    parent = manifest.parent
    if parent is None:
        return None
    return f"urn:uuid:{release_uuid(manifest.name, parent.version, parent.content_root)}#release"


def _files(name: _Names, manifest: Manifest) -> Iterator[Element]:
    """List every file with its SHA-256, and say which ones explain and which describe the release."""
    hashes = {file.path: file.sha256 for file in manifest.files}
    hashes[MANIFEST] = sha256_hex(encode(manifest))
    ids = {path: name(f"file-{number}") for number, path in enumerate(sorted(hashes))}
    for path, spdx_id in ids.items():
        shown = [_hash("sha256", hashes[path])]
        yield _element("software_File", spdx_id, name=path, verifiedUsing=shown)
    for kind, paths in (
        ("contains", ids.keys()),
        ("hasDocumentation", ids.keys() & _PAPERS),
        ("hasMetadata", ids.keys() & _METADATA),
    ):
        targets = [ids[path] for path in sorted(paths)]
        if targets:
            yield _relation(name(kind), kind, name("release"), targets)


def _licenses(name: _Names, manifest: Manifest, about: About) -> Iterator[Element]:
    """State the licence that the publisher declares, and the one under which all documents are.

    The latter joins every expression with AND. It is incomplete where a document has none.
    """
    counts = licenses_of(manifest)
    for role, expression in (
        ("declared", about.license if is_expression(about.license) else None),
        ("concluded", all_of(counts)),
    ):
        target = _NO_LICENSE if expression is None else name(f"license-{role}")
        if expression is not None:
            yield from _expression(name, role, expression)
        unknown = role == "concluded" and NOASSERTION in counts
        more = {"completeness": "incomplete"} if unknown else {}
        kind = f"has{role.capitalize()}License"
        yield _relation(name(role), kind, name("release"), [target], **more)


def _expression(name: _Names, role: str, expression: str) -> Iterator[Element]:
    """Write an expression, and an element for each of its ids that is on no public list."""
    entries = []
    for reference in references(expression):
        target = name(f"{role}-{reference}")
        entries.append({"type": "DictionaryEntry", "key": reference, "value": target})
        yield _element(
            "simplelicensing_SimpleLicensingText",
            target,
            name=reference,
            simplelicensing_licenseText=_NO_TEXT,
        )
    more: Element = {"simplelicensing_customIdToUri": entries} if entries else {}
    yield _element(
        "simplelicensing_LicenseExpression",
        name(f"license-{role}"),
        simplelicensing_licenseExpression=expression,
        **more,
    )


def _document(name: _Names, manifest: Manifest, about: About, elements: list[Element]) -> Element:
    """Hold all elements together, and claim the profiles that they conform to."""
    profiles = ["core", "software", "simpleLicensing"]
    if about.creators and about.url and moment(about) is not None:
        profiles.append("dataset")
    older = _parent_id(manifest)
    elsewhere = [] if older is None else [{"type": "ExternalMap", "externalSpdxId": older}]
    more: Element = {"import": elsewhere} if elsewhere else {}
    return _element(
        "SpdxDocument",
        name("document"),
        name=f"{manifest.name} {manifest.version}",
        profileConformance=profiles,
        rootElement=[name("release")],
        element=[each["spdxId"] for each in elements],
        **more,
    )


def _relation(spdx_id: str, kind: str, start: str, to: list[str], **more: Any) -> Element:
    return _element("Relationship", spdx_id, relationshipType=kind, to=to, **more) | {"from": start}


def _hash(algorithm: str, value: str, comment: str = "") -> Element:
    told = {"type": "Hash", "algorithm": algorithm, "hashValue": value}
    return told | ({"comment": comment} if comment else {})


_ROOT: Final = "Merkle root over the records (content_root): it does not change with the compressor"
_NO_TEXT: Final = "This id is on no public list: its text is in the documents that name it."
