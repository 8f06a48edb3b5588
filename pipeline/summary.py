"""What became of the records, by source, stage and reason: for limits, the manifest and the closing table."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from pipeline.errors import at
from pipeline.stages.part import QUARANTINE
from pipeline.stages.place import COPY_EXACT, COPY_NEAR, EXACT, KEPT, NEAR

if TYPE_CHECKING:
    from pipeline.engine.task import Marker
    from pipeline.job import Job

STAGES = ("read", "license", "optout", "redact", "quality", "qa", "exact", "near")
_LATE = {
    EXACT: ("exact", "sha256"),
    NEAR: ("near", "jaccard"),
    COPY_EXACT: ("optout", "copy:exact"),
    COPY_NEAR: ("optout", "copy:near"),
}
_WARN_LOSS = 0.5  # a source that loses more than half is worth a look


class SourceCounts(msgspec.Struct, kw_only=True):
    """One source: `read = kept + sum(dropped)`; `dropped` is by stage, then by reason.

    `quarantined` counts the rows of bad records and of the rests of damaged shards.
    """

    name: str
    kind: str
    read: int = 0
    kept: int = 0
    quarantined: int = 0
    text_bytes: int = 0
    dropped: dict[str, Counter[str]]

    @property
    def lost(self) -> int:
        """How many records did not make it."""
        return sum(sum(reasons.values()) for reasons in self.dropped.values())


class Counts(NamedTuple):
    """All sources of a job, sorted by name."""

    sources: tuple[SourceCounts, ...]

    @property
    def dropped(self) -> dict[str, Counter[str]]:
        """Drops over all sources, in the order of the stages."""
        total: dict[str, Counter[str]] = {}
        for stage in STAGES:
            for source in self.sources:
                if stage in source.dropped:
                    total.setdefault(stage, Counter()).update(source.dropped[stage])
        return total


def count_documents(job: Job, parts: list[Marker], placed: Marker) -> Counts:
    """Add up the records of the screen and place tasks; integers only, in the order of the inputs."""
    sources = {
        source.name: SourceCounts(
            name=source.name,
            kind="question" if source.format == "squad" else "document",
            dropped={},
        )
        for source in sorted(job.config.sources, key=lambda source: source.name)
    }
    for item, part, fates in zip(job.inputs, parts, placed.record["fates"], strict=True):
        source = sources[item.source]
        source.read += part.record["read"]
        source.quarantined += part.record["bad"] + bool(part.record["damage"])
        source.text_bytes += part.record["text_bytes"]
        source.kept += fates[KEPT]
        for stage, reasons in part.record["dropped"].items():
            source.dropped.setdefault(stage, Counter()).update(reasons)
        for fate, (stage, reason) in _LATE.items():
            if fates[fate]:
                source.dropped.setdefault(stage, Counter())[reason] += fates[fate]
    return Counts(tuple(sources.values()))


def over_limits(job: Job, parts: list[Marker]) -> list[str]:
    """Name the sources beyond the limits and then, so that one look is enough, all that is bad in any source."""
    limits = job.config.limits
    problems = []
    for source in job.config.sources:
        mine = [
            part.record
            for item, part in zip(job.inputs, parts, strict=True)
            if item.source == source.name
        ]
        read = sum(record["read"] for record in mine)
        bad = sum(record["bad"] for record in mine)
        if bad > limits.bad_records * read:
            problems.append(
                f"read: source {source.name!r}: {bad} of {read} records are bad, limits.bad_records allows"
                f" {limits.bad_records:g}: mend the lines named here, or raise the limit"
            )
        damaged = sum(1 for record in mine if record["damage"])
        if damaged > limits.damaged_shards:
            problems.append(
                f"read: source {source.name!r}: {damaged} damaged shards, limits.damaged_shards allows"
                f" {limits.damaged_shards}: fetch them again, or raise the limit"
            )
    if problems:
        for item, part in zip(job.inputs, parts, strict=True):
            problems += _bad_in(job, item.path, part)
    return problems


def _bad_in(job: Job, path: str, part: Marker) -> list[str]:
    """Name the bad lines of one input, and its damage."""
    record = part.record
    found = [at("read", path, reason, line=line) for line, reason in record["bad_lines"]]
    more = record["bad"] - len(found)
    if more > 0:
        place = job.work / part.phase / part.fingerprint / QUARANTINE
        found.append(at("read", path, f"{more} more bad lines, all of them listed in {place}"))
    if record["damage"]:
        found.append(at("read", path, record["damage"]))
    return found


def over_loss(job: Job, counts: Counts) -> list[str]:
    """Name the sources that lose more than `dedup.max_loss` (unset: a half) to deduplication."""
    allowed = job.config.dedup.max_loss
    threshold = _WARN_LOSS if allowed is None else allowed
    problems = []
    for source in counts.sources:
        lost = sum(
            sum(source.dropped.get(stage, Counter()).values()) for stage in ("exact", "near")
        )
        entered = lost + source.kept
        if entered and lost > threshold * entered:
            problems.append(
                f"dedup: source {source.name!r} loses {lost} of {entered} documents as duplicates,"
                f" more than {threshold:.0%}: look at `gristmill explain`, then set dedup.max_loss to what you accept"
            )
    return problems


def as_json(counts: Counts) -> dict[str, Any]:
    """Render the counts for `--json` and `reports/stats.json`."""
    return {
        "read": sum(source.read for source in counts.sources),
        "kept": sum(source.kept for source in counts.sources),
        "dropped": {
            stage: dict(sorted(reasons.items())) for stage, reasons in counts.dropped.items()
        },
        "sources": [
            {
                "name": source.name,
                "kind": source.kind,
                "read": source.read,
                "kept": source.kept,
                "text_bytes": source.text_bytes,
                "dropped": {
                    stage: dict(sorted(source.dropped[stage].items()))
                    for stage in STAGES
                    if stage in source.dropped
                },
            }
            for source in counts.sources
        ],
    }
