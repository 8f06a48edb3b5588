"""What each phase runs: a config and the markers before it become tasks, whose specs say what they depend on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from pipeline.dedup import SignatureSpec
from pipeline.engine.task import Marker, Task
from pipeline.spill import PARTITIONS
from pipeline.stages import emit, exact, ledger, order, place, screen
from pipeline.stages.part import EXACT_KEYS, ID_KEYS

if TYPE_CHECKING:
    from pipeline.config import Config
    from pipeline.job import Job
    from pipeline.plan import Input

_BYTES_PER_RANGE = 16 << 20  # of exchange records that one task reads
_LEAST_MINIMA = 128


def fingerprints(markers: list[Marker]) -> tuple[str, ...]:
    """Collect the fingerprints of finished tasks."""
    return tuple(marker.fingerprint for marker in markers)


def output_bytes(markers: list[Marker], *names: str) -> int:
    """Add up the sizes of the named outputs of finished tasks."""
    return sum(each.size for marker in markers for each in marker.outputs if each.name in names)


def ranges(size: int) -> list[tuple[int, int]]:
    """Cut the key prefixes into ranges for so many bytes of records; the cut changes no result."""
    count = 1
    while count < PARTITIONS and count * _BYTES_PER_RANGE < size:
        count *= 2
    step = PARTITIONS // count
    return [(first, first + step) for first in range(0, PARTITIONS, step)]


def signature_of(config: Config) -> SignatureSpec:
    """Choose the signature: as many minima as the bands need, at least 128."""
    near = config.dedup.near_or_none
    if near is None:
        return SignatureSpec()
    minima = max(_LEAST_MINIMA, near.bands * near.rows)
    return SignatureSpec(minima=minima, bands=near.bands, rows=near.rows)


def screen_task(config: Config, item: Input, requests: str | None) -> Task:
    """Screen one input; `requests` is the digest of the active opt-out requests."""
    source = next(source for source in config.sources if source.name == item.source)
    spec = screen.ScreenSpec(
        path=item.path,
        sha256=item.sha256,
        source=msgspec.structs.replace(source, paths=()),
        license=config.license,
        requests=requests,
        redact=config.redact,
        quality=config.quality.filters,
        signature=signature_of(config),
        seed=config.release.seed,
        shards=config.release.shards,
        max_record_mib=config.limits.max_record_mib,
    )
    return Task("screen", item.path, screen.screen, spec, item.bytes)


def exact_tasks(job: Job, parts: list[Marker]) -> list[Task]:
    """One task for each range of prefixes of content digests and ids."""
    return [
        Task(
            "exact",
            f"{first}-{end}",
            exact.exact,
            exact.ExactSpec(
                parts=fingerprints(parts),
                first=first,
                end=end,
                repeats_only=not job.config.dedup.exact,
            ),
        )
        for first, end in ranges(output_bytes(parts, EXACT_KEYS, ID_KEYS))
    ]


def order_task(parts: list[Marker], exacts: list[Marker]) -> Task:
    """Put all documents into the survivor order."""
    spec = order.OrderSpec(parts=fingerprints(parts), exact=fingerprints(exacts))
    return Task("order", "all", order.order, spec)


def place_task(
    job: Job, parts: list[Marker], ordered: Marker, resolved: Marker | None, parent: str
) -> Task:
    """Give each document its last verdict, family and split; `parent` is the digest of the parent's splits."""
    spec = place.PlaceSpec(
        parts=fingerprints(parts),
        order=ordered.fingerprint,
        near=None if resolved is None else resolved.fingerprint,
        seed=job.config.release.seed,
        validation=job.config.split.validation,
        test=job.config.split.test,
        parent=parent,
    )
    return Task("place", "all", place.place, spec)


def emit_tasks(
    job: Job, parts: list[Marker], ordered: Marker, placed: Marker, requests: str | None
) -> list[Task]:
    """One task for each shard of each source."""
    release = job.config.release
    tasks = []
    for source in sorted(job.config.sources, key=lambda source: source.name):
        kind = "qa" if source.format == "squad" else "data"
        mine = tuple(
            (item.ordinal, part.fingerprint)
            for item, part in zip(job.inputs, parts, strict=True)
            if item.source == source.name
        )
        for bucket in range(release.shards):
            spec = emit.EmitSpec(
                source=source.name,
                folder=f"{kind}/{source.name}",
                parts=mine,
                order=ordered.fingerprint,
                place=placed.fingerprint,
                bucket=bucket,
                shards=release.shards,
                seed=release.seed,
                requests=requests,
            )
            tasks.append(Task("emit", f"{source.name}-{bucket:05d}", emit.emit, spec))
    return tasks


def ledger_task(job: Job, parts: list[Marker], ordered: Marker, placed: Marker) -> Task:
    """Write one row for every input record."""
    spec = ledger.LedgerSpec(
        parts=tuple(
            (part.fingerprint, item.source, item.path)
            for item, part in zip(job.inputs, parts, strict=True)
        ),
        order=ordered.fingerprint,
        place=placed.fingerprint,
    )
    return Task("ledger", "all", ledger.ledger, spec)
