"""A release as a CycloneDX 1.7 bill of materials: a `data` component with its sources and files.

Plain JSON that follows from the manifest and `[about]`; the format is ECMA-424, the schema
bom-1.7.schema.json of cyclonedx.org. The hash of the whole is that of SHA256SUMS, which pins every file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from manifests.checksum import sha256_hex
from manifests.manifest import MANIFEST, SUMS, checksums_text, encode, shard_path
from manifests.metadata.stated import (
    NOASSERTION,
    about_of,
    is_expression,
    is_person,
    licenses_of,
    moment,
    release_uuid,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manifests.about import About
    from manifests.manifest import File, Manifest, Source

SPEC_VERSION: Final = "1.7"
_SCHEMA: Final = f"http://cyclonedx.org/schema/bom-{SPEC_VERSION}.schema.json"


def cyclonedx(manifest: Manifest) -> bytes:
    """Return the bill of materials; it bears a time only where `about.published` gives a day."""
    about = about_of(manifest)
    stamp = moment(about)
    serial = release_uuid(manifest.name, manifest.version, manifest.content_root)
    metadata: dict[str, Any] = {} if stamp is None else {"timestamp": stamp}
    metadata["lifecycles"] = [{"phase": "post-build"}]
    metadata["tools"] = {"components": [{"type": "application", "name": "gristmill"}]}
    metadata["component"] = _release(manifest, about)
    told = {
        "$schema": _SCHEMA,
        "bomFormat": "CycloneDX",
        "specVersion": SPEC_VERSION,
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": metadata,
        "compositions": [{"aggregate": "complete", "assemblies": ["release"]}],
    }
    return msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n"


def _release(manifest: Manifest, about: About) -> dict[str, Any]:
    """Describe the release as a whole; what holds its files comes last."""
    data = encode(manifest)
    sums = sha256_hex(checksums_text(manifest, data).encode())
    component: dict[str, Any] = {
        "type": "data",
        "bom-ref": "release",
        "name": manifest.name,
        "version": manifest.version,
        "hashes": _sha256(sums),
        "licenses": _licenses(manifest, about),
        "data": [_data(manifest, about)],
        "properties": _properties(manifest),
        "components": [*_parts(manifest), _file(MANIFEST, sha256_hex(data)), _file(SUMS, sums)],
    }
    return component | _people(about) | _ancestors(manifest) | _links(about)


def _people(about: About) -> dict[str, Any]:
    """Name who made it and who gives it out, as far as stated."""
    told: dict[str, Any] = {}
    if about.description:
        told["description"] = about.description
    if about.creators:
        told["authors"] = [{"name": name} for name in about.creators]
    if about.publisher:
        told |= {"publisher": about.publisher, "supplier": {"name": about.publisher}}
    if about.keywords:
        told["tags"] = list(about.keywords)
    return told


def _ancestors(manifest: Manifest) -> dict[str, Any]:
    if manifest.parent is None:
        return {}
    parent = {"type": "data", "name": manifest.name, "version": manifest.parent.version}
    return {"pedigree": {"ancestors": [parent]}}


def _links(about: About) -> dict[str, Any]:
    return {"externalReferences": [{"type": "website", "url": about.url}]} if about.url else {}


def _data(manifest: Manifest, about: About) -> dict[str, Any]:
    """Say what the data are, what of them is sensitive, and who answers for them."""
    spans = sorted(manifest.redact.counts.items())
    told: dict[str, Any] = {
        "type": "dataset",
        "name": f"{manifest.name} {manifest.version}",
        "description": f"{manifest.documents} documents and {manifest.questions} questions of text, "
        f"{manifest.bytes_raw} bytes as JSON lines",
        "contents": {"properties": _counts(manifest.sources)},
        "sensitiveData": [f"{kind}: {number} spans were replaced" for kind, number in spans],
    }
    if about.url:
        told["contents"]["url"] = about.url
    governance = {
        "owners": [{"organization": {"name": about.publisher}}] if about.publisher else [],
        "stewards": [_party(name) for name in about.creators],
    }
    stated = {role: parties for role, parties in governance.items() if parties}
    return told | ({"governance": stated} if stated else {})


def _party(name: str) -> dict[str, Any]:
    """Name who answers for the data: a person as a contact, anybody else as an organisation."""
    return {"contact" if is_person(name) else "organization": {"name": name}}


def _counts(sources: Iterable[Source]) -> list[dict[str, str]]:
    """Count the records kept by source and split."""
    return [
        _property(f"records:{source.name}:{split}", number)
        for source in sources
        for split, number in sorted(source.splits.items())
        if number
    ]


def _properties(manifest: Manifest) -> list[dict[str, str]]:
    """Give the figures of the manifest for which CycloneDX has no field."""
    figures: dict[str, str | int] = {
        "content_root": manifest.content_root,
        "hash_of": SUMS,
        "documents": manifest.documents,
        "questions": manifest.questions,
        "bytes_raw": manifest.bytes_raw,
        "change": manifest.change,
        "redaction": manifest.redact.level,
    }
    heads = [_property("optout_registry", each.head) for each in manifest.registries]
    return [*(_property(name, value) for name, value in figures.items()), *heads]


def _property(name: str, value: str | int) -> dict[str, str]:
    return {"name": f"gristmill:{name}", "value": str(value)}


def _parts(manifest: Manifest) -> list[dict[str, Any]]:
    """Hang the shards of each source under it, and beside the sources all other files."""
    shards: dict[tuple[str, str], list[File]] = {}
    papers: list[File] = []
    for file in manifest.files:
        place = shard_path(file.path)
        home = papers if place is None else shards.setdefault((place.kind, place.source), [])
        home.append(file)
    sources = [
        _source(source, shards.get((_folder(source), source.name), []))
        for source in manifest.sources
    ]
    return [*sources, *(_file(file.path, file.sha256) for file in papers)]


def _folder(source: Source) -> str:
    return "data" if source.kind == "document" else "qa"


def _source(source: Source, shards: list[File]) -> dict[str, Any]:
    """Describe a source: the licences of its documents, and its shards."""
    described: dict[str, Any] = {
        "type": "data",
        "bom-ref": f"source:{source.name}",
        "name": source.name,
        "licenses": [_license(each, "concluded") for each in sorted(source.licenses)],
        "data": [{"type": "dataset", "name": source.name}],
        "properties": [
            _property("read", source.read),
            _property("kept", source.kept),
            _property("bytes", source.bytes),
        ],
    }
    if shards:
        described["components"] = [_file(file.path, file.sha256) for file in shards]
    return described


def _licenses(manifest: Manifest, about: About) -> list[dict[str, Any]]:
    """Give the stated licence of the collection, else those of all its documents."""
    if about.license:
        return [_license(about.license, "declared")]
    return [_license(each, "concluded") for each in sorted(licenses_of(manifest))]


def _license(text: str, acknowledgement: str) -> dict[str, Any]:
    """Spell a licence as an SPDX expression, or as a name where it is none."""
    if text != NOASSERTION and is_expression(text):
        return {"expression": text, "acknowledgement": acknowledgement}
    return {"license": {"name": text, "acknowledgement": acknowledgement}}


def _file(path: str, sha256: str) -> dict[str, Any]:
    return {"type": "file", "bom-ref": f"file:{path}", "name": path, "hashes": _sha256(sha256)}


def _sha256(digest: str) -> list[dict[str, str]]:
    return [{"alg": "SHA-256", "content": digest}]
