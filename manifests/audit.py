"""Does a manifest contradict itself? Every figure that follows from another one is checked."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeVar

from manifests.addressing import MAX_SHARDS
from manifests.checksum import SHA256_HEX, path_flaw
from manifests.content import content_root
from manifests.manifest import (
    CARRIED,
    MANIFEST,
    SCHEMA_VERSION,
    STAGES,
    SUMS,
    File,
    Manifest,
    is_shard,
    shard_path,
)
from manifests.version import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")


def flaws(manifest: Manifest) -> list[str]:
    """Say in what the manifest contradicts itself; empty for a sound one."""
    found = [*_head_flaws(manifest), *_file_flaws(manifest.files)]
    if not found:
        found = [
            *_layout_flaws(manifest),
            *_sum_flaws(manifest),
            *_stage_flaws(manifest),
            *_source_flaws(manifest),
            *_registry_flaws(manifest),
        ]
    return found


def _head_flaws(manifest: Manifest) -> Iterator[str]:
    """Check the schema, the version and its parent."""
    if manifest.schema_version != SCHEMA_VERSION:
        yield f"schema_version is {manifest.schema_version}, not {SCHEMA_VERSION}"
    shards = manifest.build.shards
    if not 1 <= shards <= MAX_SHARDS or shards & (shards - 1):
        yield f"build: {shards} is no number of shards"
    if not 0 <= manifest.build.seed < 1 << 64:
        yield "build: the seed does not fit into 64 bits"
    others = [each.version for each in manifest.against]
    if manifest.parent is not None:
        others.append(manifest.parent.version)
    for version in (manifest.version, *others):
        try:
            parse(version)
        except ValueError as error:
            yield str(error)


def _file_flaws(files: tuple[File, ...]) -> Iterator[str]:
    """Check that every file is well named and described, and that they stand in order."""
    paths = [file.path for file in files]
    if paths != sorted(set(paths), key=str.encode):
        yield "files are not in order, or not each once"
    for file in files:
        flaw = "is not a payload file" if file.path in {MANIFEST, SUMS} else path_flaw(file.path)
        hashes = [file.sha256, *_given(file.merkle_root)]
        sizes = [file.bytes, *_given(file.raw_bytes, file.records)]
        if flaw is None and not all(SHA256_HEX.fullmatch(digest) for digest in hashes):
            flaw = "has a hash that is no SHA-256"
        if flaw is None and min(sizes) < 0:
            flaw = "has a negative size"
        if flaw is None and is_shard(file.path):
            flaw = _shard_flaw(file)
        if flaw is not None:
            yield f"files: {file.path!r} {flaw}"


def _given(*values: T | None) -> list[T]:
    return [value for value in values if value is not None]


def _shard_flaw(file: File) -> str | None:
    """Check the name and the description of a shard."""
    if shard_path(file.path) is None:
        return "is no name of a shard"
    described = (file.raw_bytes, file.records, file.merkle_root)
    if any(value is None for value in described) or file.records == 0:
        return "lacks what describes a shard, or is empty"
    return None


def _layout_flaws(manifest: Manifest) -> Iterator[str]:
    """Check that the shards are named after their number."""
    for file in manifest.files:
        place = shard_path(file.path)
        if place is not None and place.shards != manifest.build.shards:
            yield f"files: {file.path!r} is not one of {manifest.build.shards} shards"


def _sum_flaws(manifest: Manifest) -> Iterator[str]:
    """Check the totals against the files, and that every stage gives out what it took in."""
    for kind, key, total in (
        ("data/", "documents", manifest.documents),
        ("qa/", "questions", manifest.questions),
    ):
        records = sum(file.records or 0 for file in manifest.files if file.path.startswith(kind))
        if records != total:
            yield f"{key} is {total}, the files hold {records}"
    raw = sum(file.raw_bytes or 0 for file in manifest.files if is_shard(file.path))
    if raw != manifest.bytes_raw:
        yield f"bytes_raw is {manifest.bytes_raw}, the files hold {raw}"
    yield from _content_flaws(manifest)


def _stage_flaws(manifest: Manifest) -> Iterator[str]:
    """Follow the records through the stages: what leaves one enters the next, what leaves the last is kept."""
    names = [stage.stage for stage in manifest.stages]
    if names != [name for name in STAGES if name in names]:
        yield "stages are not those of a run, or not in their order"
    entered = sum(source.read for source in manifest.sources)
    for stage in manifest.stages:
        if stage.entered != stage.left + sum(stage.dropped.values()):
            yield f"stages: {stage.stage}: in is not out + dropped"
        if stage.entered != entered:
            yield f"stages: {stage.stage}: in is {stage.entered}, what comes to it is {entered}"
        entered = stage.left
    if entered != manifest.documents + manifest.questions:
        yield "stages: what the last one lets out is not what the files hold"


def _registry_flaws(manifest: Manifest) -> Iterator[str]:
    """Check what is said twice of the opt-out registry, and that a key stands where one was needed alone."""
    heads = [each.head for each in manifest.registries]
    if heads != ([] if manifest.optout == "none" else [manifest.optout.get("head")]):
        yield "optout: its head is not that of the registries"
    redact = manifest.redact
    if redact.level == "off" and (redact.key or (redact.counts and {*redact.rules} != {CARRIED})):
        yield "redact: it is off, and there is a key, or something was replaced"
    if redact.level != "off" and "surrogate" in redact.actions.values() and not redact.key:
        yield "redact: surrogates are made with a key, and none is named"


def _content_flaws(manifest: Manifest) -> Iterator[str]:
    """Check the content root against its branches, and those against the number of shards and records."""
    branches = manifest.branches
    if not all(SHA256_HEX.fullmatch(each.root) and each.records >= 0 for each in branches):
        yield "branches: one has a root that is no SHA-256, or a negative number of records"
    elif content_root(branches, manifest.build.seed) != manifest.content_root:
        yield "content_root does not follow from the branches"
    if len(branches) != manifest.build.shards:
        yield f"branches: {len(branches)} for {manifest.build.shards} shards"
    if sum(each.records for each in branches) != manifest.documents + manifest.questions:
        yield "branches: they do not hold as many records as the files"


def _source_flaws(manifest: Manifest) -> Iterator[str]:
    """Check each source against the inputs and the shards that bear its name."""
    kept: dict[tuple[str, str], dict[str, int]] = {}
    raw: Counter[tuple[str, str]] = Counter()
    for file in manifest.files:
        place = shard_path(file.path)
        if place is not None:
            raw[place.kind, place.source] += file.raw_bytes or 0
            splits = kept.setdefault((place.kind, place.source), {})
            splits[place.split] = splits.get(place.split, 0) + (file.records or 0)
    for source in manifest.sources:
        kind = "data" if source.kind == "document" else "qa"
        splits = kept.pop((kind, source.name), {})
        if {split: n for split, n in source.splits.items() if n} != splits:
            yield f"sources: {source.name!r}: splits are not what the files hold"
        if source.bytes != raw[kind, source.name]:
            yield f"sources: {source.name!r}: bytes are not those of the files"
        if source.kept != sum(splits.values()) or source.kept != sum(source.licenses.values()):
            yield f"sources: {source.name!r}: kept is not what the files or the licences add up to"
        if source.read != sum(
            each.records for each in manifest.inputs if each.source == source.name
        ):
            yield f"sources: {source.name!r}: read is not what its inputs hold"
    if manifest.quarantined.keys() - {source.name for source in manifest.sources}:
        yield "quarantined: it names what is no source"
    for kind, name in sorted(kept):
        yield f"sources: {kind}/{name} has files and no entry"
