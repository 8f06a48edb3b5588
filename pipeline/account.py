"""The account that a release gives of itself: its manifest, what was redacted, and what was not done."""

from __future__ import annotations

import json
import platform
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from manifests.about import About
from manifests.checksum import canonical_json, canonical_sha256
from manifests.content import Branch, content_root
from manifests.manifest import (
    SCHEMA_VERSION,
    STAGES,
    Against,
    Build,
    Decontam,
    File,
    Manifest,
    Parent,
    Redact,
    Registry,
    Source,
    Stage,
)
from manifests.manifest import Input as ManifestInput
from pipeline.decontaminated import decontamination, protected_sets
from pipeline.detector import detector_version
from pipeline.license_review import review_list
from pipeline.making import Making
from pipeline.plugged import of_config
from pipeline.preflight import code_digest, package_versions
from pipeline.shards import libzstd
from pipeline.stages.review_list import totals
from pipeline.summary import Counts, accepted_losses, as_json, oddities

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manifests.diff import Change
    from pipeline.engine.work import Marker
    from pipeline.job import Job
    from pipeline.lineage import ParentRelease
    from pipeline.policy_file import Licenses
    from pipeline.stages.review_list import Entry

NO_REGISTRY: Final = "no opt-out registry was configured: no request was honoured"
_DETECTOR: Final = "gristmill-license-detector"


class Origin(NamedTuple):
    """What a release says of what it was made of: all that does not follow from its records and its ledger.

    `config` is config.json, `review` lists what a person should look at, `papers` are further files by path.
    """

    config: bytes
    inputs: tuple[ManifestInput, ...]
    against: tuple[Against, ...]
    license: dict[str, Any] | Literal["none"]
    decontam: Decontam | None
    notes: tuple[str, ...]
    review: list[Entry]
    papers: dict[str, bytes]


class Finished(NamedTuple):
    """What the phases left for the seal."""

    origin: Origin
    emitted: list[Marker]
    ledger: Marker
    counts: Counts
    parent: ParentRelease | None
    branches: tuple[Branch, ...]


def origin_of(job: Job, parts: list[Marker], counts: Counts, held_out: str) -> Origin:
    """Tell of a run what it was made of; `parts` are the finished screens, in the order of the inputs.

    `held_out` is the digest of the questions that no document may hold.
    """
    return Origin(
        config=job.config.canonical(job.root),
        inputs=tuple(_inputs(job, parts)),
        against=tuple(
            Against(
                name=each.manifest.name,
                version=each.manifest.version,
                content_root=each.manifest.content_root,
            )
            for each in job.earlier
        ),
        license=_license(job.licenses),
        decontam=protected_sets(job, held_out),
        notes=notes(job, counts),
        review=review_list(job, parts),
        papers=decontamination(job, parts, held_out),
    )


def _inputs(job: Job, parts: list[Marker]) -> Iterator[ManifestInput]:
    """Yield each input once, its stretches taken together."""
    read = zip(job.inputs, parts, strict=True)
    for (source, path, sha256), mine in groupby(
        read, lambda each: (each[0].source, each[0].path, each[0].sha256)
    ):
        stretches = list(mine)
        yield ManifestInput(
            source=source,
            path=path,
            sha256=sha256,
            bytes=sum(item.bytes for item, _ in stretches),
            records=sum(part.record["read"] for _, part in stretches),
        )


def making(job: Job, origin: Origin) -> Making:
    """Tell what a release is made of before it has a manifest."""
    return Making(
        json.loads(origin.config),
        origin.inputs,
        origin.against,
        origin.license,
        origin.decontam,
        job.key,
        _build(job, origin),
    )


def make_manifest(job: Job, done: Finished, files: list[File], change: Change) -> Manifest:
    """Put the manifest together; it holds no clock, host, user or absolute path."""
    config, origin, parent = job.config, done.origin, done.parent
    ordered = tuple(sorted(files, key=lambda file: file.path.encode()))
    return Manifest(
        schema_version=SCHEMA_VERSION,
        name=config.release.name,
        version=config.release.version,
        parent=None
        if parent is None
        else Parent(version=parent.version, content_root=parent.content_root),
        against=origin.against,
        change=change,
        content_root=content_root(done.branches, config.release.seed),
        branches=done.branches,
        documents=sum(file.records or 0 for file in ordered if file.path.startswith("data/")),
        questions=sum(file.records or 0 for file in ordered if file.path.startswith("qa/")),
        bytes_raw=sum(file.raw_bytes or 0 for file in ordered),
        build=_build(job, origin),
        inputs=origin.inputs,
        registries=_registries(job),
        license=origin.license,
        optout="none" if job.gate is None else job.gate.state,
        redact=_redact(job, done),
        decontam=origin.decontam,
        stages=stage_flow(done.counts),
        sources=tuple(
            _source(done, name) for name in sorted(source.name for source in config.sources)
        ),
        quarantined={source.name: source.quarantined for source in done.counts.sources},
        notes=origin.notes,
        files=ordered,
        about=config.about if config.about != About() else None,
    )


def _redact(job: Job, done: Finished) -> Redact:
    settings = job.config.redact
    return Redact(
        level=settings.level,
        counts=redactions(done.emitted),
        rules=done.ledger.record["rules"],
        actions=dict(sorted(settings.replace.items())),
        key=job.key,
        recognisers=settings.recognisers,
    )


def _license(licenses: Licenses) -> dict[str, Any] | Literal["none"]:
    """Show the policy as it was read, and the digest of what people decided."""
    if licenses.filter is None and not licenses.decisions:
        return "none"
    shown: dict[str, Any] = {} if licenses.filter is None else _builtins(licenses.filter)
    return shown | ({"decisions": licenses.decisions.digest} if licenses.decisions else {})


def _registries(job: Job) -> tuple[Registry, ...]:
    if job.gate is None:
        return ()
    registry = job.gate.registry
    requests = {each.request for each in registry.requests}  # there, one for each name of a subject
    return (Registry(head=registry.head, requests=len(requests)),)


def _builtins(value: Any) -> dict[str, Any]:
    built: dict[str, Any] = json.loads(canonical_json(value))
    return built


def shaping_versions() -> dict[str, str]:
    """Name the versions of all packages that shape a release, and that of the licence detector."""
    return package_versions() | {_DETECTOR: detector_version()}


def _build(job: Job, origin: Origin) -> Build:
    return Build(
        code_sha256=code_digest(),
        config_sha256=canonical_sha256(json.loads(origin.config)),
        libzstd=libzstd(),
        packages=shaping_versions(),
        seed=job.config.release.seed,
        shards=job.config.release.shards,
        python=platform.python_version(),
        plugins=of_config(job.config),
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


def statistics(done: Finished) -> dict[str, Any]:
    """Make reports/stats.json: what became of the records, and how licences were decided.

    `licenses.decided_by` counts documents that were kept, or dropped for their licence, by the kind
    of evidence that decided; `licenses.review` counts those on the review list by reason.
    """
    decided = done.ledger.record["licenses"]
    licenses = {"decided_by": decided, "review": totals(done.origin.review)}
    return as_json(done.counts) | {"licenses": licenses}


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


def notes(job: Job, counts: Counts) -> tuple[str, ...]:
    """Say what was *not* done, so that nobody takes it for granted, what is odd, and what was accepted."""
    said = []
    if job.licenses.filter is None:
        said.append("no licence policy was configured: licences are recorded and filter nothing")
    if job.gate is None:
        said.append(NO_REGISTRY)
    if job.config.redact.level == "off":
        said.append("redaction is off: secrets and personal data are as in the input")
    if not job.config.dedup.exact:
        said.append("exact deduplication is off")
    if job.config.dedup.near_or_none is None:
        said.append("near-duplicate removal is off")
    for each in job.earlier:
        documents = each.manifest.documents
        said.append(f"compared with {each.name}: {documents} documents, whose copies are left out")
    return (*said, *oddities(counts), *accepted_losses(job, counts))
