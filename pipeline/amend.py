"""Amend a release without its inputs: the records that stay, the ledger that says what went, and the same seal.

What a run would read again is not there; so nothing comes back, and what cannot be known is said.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import pyarrow.parquet as pq

from manifests.licenses_page import REVIEW
from pipeline.account import NO_REGISTRY, Finished, Origin
from pipeline.branches import grow_branches
from pipeline.config.tables import OptOut
from pipeline.decontaminated import DECONTAMINATION
from pipeline.dedup.copies import COPY_THRESHOLD
from pipeline.engine.task import Task
from pipeline.errors import ConfigError
from pipeline.gate import require_heads
from pipeline.job import run_one, run_tasks
from pipeline.lineage import find_parent
from pipeline.optout import load_as_of
from pipeline.optout_check.redacted import is_of_address
from pipeline.plan import is_package
from pipeline.release import CONFIG_PATH, STATISTICS_PATH
from pipeline.signatures import FOLDER as SIGNATURES
from pipeline.signatures import read_spec
from pipeline.stages.amended import AmendedSpec, amend_ledger, amend_shard
from pipeline.stages.given_texts import save_texts
from pipeline.stages.removals import RemovalsSpec, Reviewed, read_reviewed, removals
from pipeline.stages.requests import save_requests
from pipeline.stages.review_list import decode as decode_review
from pipeline.stages.review_shrunk import shrink
from pipeline.stages.shard_writer import Target
from pipeline.summary import Counts, SourceCounts, accepted_losses
from pipeline.tasks import draws_splits, signature_of

if TYPE_CHECKING:
    from pathlib import Path

    from filters.optout import Request
    from manifests.manifest import Manifest
    from pipeline.dedup import SignatureSpec
    from pipeline.engine.work import Marker
    from pipeline.gate import Gate
    from pipeline.job import Job
    from pipeline.published import Published

_ACCEPTED = "loss of source "  # how the notes on accepted losses begin: they are counted anew
_DIGESTS = frozenset({"sha256", "swhid", "sha1_git", "normalised"})


class Amended(NamedTuple):
    """What the seal needs, how many duplicates lost their survivor and stay out, and what cannot be known."""

    done: Finished
    not_re_elected: int
    unknown: tuple[str, ...]


def amend(job: Job, published: Published) -> Amended | None:
    """Do what `pipeline.run.make` does, from the release alone; `None` where nothing in it is opted out.

    Raises:
        RegistryError: the registry is older than the release, or another one.
    """
    parent = find_parent(job.config, job.root, job.out)
    gate = _gate(job)
    require_heads(gate, () if parent is None else parent.registries)
    published.link(job.work)
    found = run_one(job, _removals_task(job, published, gate))
    if found.record["gone"] == 0:
        return None
    emitted = run_tasks(job, "emit", _shard_tasks(job, published, found))
    rows = run_one(job, _task("ledger", "all", published, found, None))
    counts = _counts(published, found, rows)
    unknown = _unknown(published.manifest, gate, found)
    reviewed = read_reviewed(job.work.folder(found))
    origin = _origin(job, published, counts, unknown, reviewed)
    branches = grow_branches(job, emitted)
    done = Finished(origin, emitted, rows, counts, parent, branches)
    return Amended(done, found.record["not_re_elected"], unknown)


def _gate(job: Job) -> Gate:
    if job.gate is None:
        raise ConfigError("optout: a release is amended for a registry: give it with --registry")
    return job.gate


def _removals_task(job: Job, published: Published, gate: Gate) -> Task:
    config, manifest = job.config, published.manifest
    near = config.dedup.near_or_none
    threshold = COPY_THRESHOLD if near is None else str(near.threshold)
    copies = min(threshold, COPY_THRESHOLD, key=Fraction)
    # families are known where they were asked for, from the similarity of duplicates on at least
    related = draws_splits(config) or (near is not None and copies == threshold)
    spec = RemovalsSpec(
        release=published.digest,
        requests=save_requests(job.work, gate.filter),
        texts=save_texts(job.work, gate.texts),
        questions=tuple(each.name for each in manifest.sources if each.kind == "question"),
        packaged=tuple(each.name for each in config.sources if is_package(each)),
        copies=copies,
        common=(config.optout or OptOut(registry="")).common,
        related=related,
        signature=signature_of(config, ()),
    )
    return Task("removals", published.name, removals, spec, manifest.bytes_raw)


def _task(
    phase: str, name: str, published: Published, found: Marker, target: Target | None
) -> Task:
    spec = AmendedSpec(release=published.digest, removals=found.fingerprint, target=target)
    return Task(phase, name, amend_ledger if target is None else amend_shard, spec)


def _shard_tasks(job: Job, published: Published, found: Marker) -> list[Task]:
    """One task for each shard number of each source, as the emit stage has."""
    release = job.config.release
    signature = _signature(published)
    tasks = []
    for source in published.manifest.sources:
        kind = "qa" if source.kind == "question" else "data"
        for bucket in range(release.shards):
            target = Target(
                source=source.name,
                folder=f"{kind}/{source.name}",
                bucket=bucket,
                shards=release.shards,
                seed=release.seed,
                signature=signature if kind == "data" else None,
                parquet=release.parquet,
            )
            tasks.append(_task("emit", f"{source.name}-{bucket:05d}", published, found, target))
    return tasks


def _signature(published: Published) -> SignatureSpec | None:
    """Read how the documents were signed, where the release keeps signatures."""
    paths = [f.path for f in published.manifest.files if f.path.startswith(SIGNATURES)]
    return read_spec(pq.read_schema(published.path / paths[0])) if paths else None


def _counts(published: Published, found: Marker, rows: Marker) -> Counts:
    """Move what changed from one stage and reason to another."""
    told = json.loads((published.path / STATISTICS_PATH).read_bytes())
    counts = {
        each["name"]: SourceCounts(
            name=each["name"],
            kind=each["kind"],
            read=each["read"],
            kept=each["kept"],
            quarantined=published.manifest.quarantined[each["name"]],
            known=rows.record["known"].get(each["name"], 0),
            text_bytes=each["text_bytes"],
            dropped={stage: Counter(reasons) for stage, reasons in each["dropped"].items()},
        )
        for each in told["sources"]
    }
    for name, stage, reason, new_stage, new_reason, count in found.record["moves"]:
        source = counts[name]
        if stage == "keep":
            source.kept -= count
        else:
            source.dropped[stage][reason] -= count
        source.dropped.setdefault(new_stage, Counter())[new_reason] += count
    for source in counts.values():
        source.dropped = {stage: +each for stage, each in source.dropped.items() if +each}
    return Counts(tuple(counts[name] for name in sorted(counts)))


def _unknown(manifest: Manifest, gate: Gate, found: Marker) -> tuple[str, ...]:
    """Say what a release alone does not tell."""
    said = []
    before = _honoured(manifest, gate)
    fresh = [each for each in gate.filter.requests if each not in before]
    authors = {each.request for each in fresh if each.subject.kind == "author"}
    digests = {each.request for each in fresh if each.subject.kind in _DIGESTS}
    if digests and manifest.redact.counts:
        said.append(
            f"{len(digests)} requests name a text by its digest:"
            " one that was redacted is not found by that of what it was"
        )
    if authors:
        said.append(
            f"{len(authors)} requests name an author, whom no record names:"
            " what is theirs was not found"
        )
    ids = {each.request for each in fresh if is_of_address(each.subject)}
    if ids and manifest.redact.level != "off":
        said.append(
            f"{len(ids)} requests name an id that is an e-mail address, which no record shows:"
            " what had it was not found"
        )
    unsought = found.record["unsought"]
    if unsought:
        said.append(
            f"{unsought} opted-out documents are not in the release, nor is their text:"
            " near copies of them were not sought"
        )
    left = found.record["not_re_elected"]
    if left:
        said.append(f"{left} duplicates stood behind what went and are not re-elected")
    return tuple(said)


def _honoured(manifest: Manifest, gate: Gate) -> set[Request]:
    """Return the requests that the release honours already: those of its registry at its cut-off."""
    state = {} if manifest.optout == "none" else manifest.optout
    then = (
        load_as_of(gate.path, each.head, state.get("cutoff", "")) for each in manifest.registries
    )
    return {each for registry in then for each in registry.requests}


def _origin(
    job: Job,
    published: Published,
    counts: Counts,
    unknown: tuple[str, ...],
    reviewed: list[Reviewed],
) -> Origin:
    """Say of the release what the one before said, but for what changed."""
    release, manifest = published.path, published.manifest
    review, lost = shrink(decode_review((release / REVIEW).read_bytes()), reviewed)
    if lost:
        unknown += (f"{lost} documents that went may still be counted on the licence review list",)
    kept = [n for n in manifest.notes if n != NO_REGISTRY and not n.startswith(_ACCEPTED)]
    made = f"amended from {published.name} without its inputs"
    return Origin(
        config=_config(job, release),
        inputs=manifest.inputs,
        against=manifest.against,
        license=manifest.license,
        decontam=manifest.decontam,
        notes=(*kept, *accepted_losses(job, counts), made, *unknown),
        review=review,
        papers=_papers(release, {each.id for each in reviewed if each.group is None}),
    )


def _config(job: Job, release: Path) -> bytes:
    """Take the config as it stands in the release: where it lay then, nobody knows."""
    table: dict[str, Any] = json.loads((release / CONFIG_PATH).read_bytes())
    table["release"]["version"] = job.config.release.version
    if table["optout"] is None and job.gate is not None:
        registry = os.path.relpath(job.gate.path.resolve(), job.root)
        settings = msgspec.to_builtins(OptOut(registry=registry))
        table["optout"] = {name: value for name, value in settings.items() if name != "key"}
    return msgspec.json.encode(table, order="deterministic")


def _papers(release: Path, names: set[str]) -> dict[str, bytes]:
    """Take over the account of decontamination, without what was opted out before it came so far."""
    path = release / DECONTAMINATION
    if not path.exists():
        return {}
    lines = path.read_bytes().splitlines(keepends=True)
    return {
        DECONTAMINATION: b"".join(each for each in lines if json.loads(each)["id"] not in names)
    }
