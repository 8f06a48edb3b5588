"""What became of the records, by source, stage and reason: for limits, the manifest and the closing table."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np

from manifests.manifest import STAGES
from pipeline.engine.task import Context
from pipeline.errors import at
from pipeline.sources.formats import asks
from pipeline.stages.part import QUARANTINE
from pipeline.stages.place import (
    AGAIN,
    CONTAINED,
    CONTRADICTED,
    COPY_EXACT,
    COPY_NEAR,
    EMPTIED,
    EXACT,
    FORK,
    KEPT,
    NEAR,
    PLACED,
    SHADOWED,
)
from pipeline.stages.refuse import refusals_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.engine.work import Marker
    from pipeline.job import Job

_LATE = {
    EXACT: ("exact", "sha256"),
    NEAR: ("near", "jaccard"),
    CONTAINED: ("near", "contained"),
    FORK: ("near", "fork"),
    EMPTIED: ("exact", "passages"),
    COPY_EXACT: ("optout", "copy:exact"),
    COPY_NEAR: ("optout", "copy:near"),
    SHADOWED: ("license", "copy:exact"),
    AGAIN: ("near", "question"),
    CONTRADICTED: ("qa", "contradiction"),
}
_WARN_LOSS = Fraction(1, 2)  # a source that loses more than half is worth a look


class SourceCounts(msgspec.Struct, kw_only=True):
    """One source: `read = kept + sum(dropped)`; `dropped` is by stage, then by reason.

    `quarantined` counts the rows of bad records and of the rests of damaged shards, `known` what was
    dropped because an earlier release holds it, `odd` the records in which something is odd, by what.
    """

    name: str
    kind: str
    read: int = 0
    kept: int = 0
    quarantined: int = 0
    known: int = 0
    text_bytes: int = 0
    dropped: dict[str, Counter[str]]
    odd: Counter[str] = msgspec.field(default_factory=Counter)

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
            kind="question" if asks(source.format) else "document",
            dropped={},
        )
        for source in sorted(job.config.sources, key=lambda source: source.name)
    }
    known = _known(job, parts, placed)
    for item, part, fates, held, unfit in zip(
        job.inputs, parts, placed.record["fates"], known, _unfit(job, parts, placed), strict=False
    ):
        source = sources[item.source]
        source.known += held
        source.read += part.record["read"]
        source.quarantined += part.record["bad"] + bool(part.record["damage"])
        source.text_bytes += part.record["text_bytes"]
        source.kept += fates[KEPT]
        source.odd.update(part.record.get("odd", {}))
        for stage, reasons in part.record["dropped"].items():
            source.dropped.setdefault(stage, Counter()).update(reasons)
        for fate, (stage, reason) in _LATE.items():
            if fates[fate]:
                source.dropped.setdefault(stage, Counter())[reason] += fates[fate]
        if unfit:
            source.dropped.setdefault("quality", Counter()).update(unfit)
    return Counts(tuple(sources.values()))


def _known(job: Job, parts: list[Marker], placed: Marker) -> list[int]:
    """Count in each input the documents that lost to one of an earlier release, whose lines come last."""
    if not job.earlier:
        return [0] * len(parts)
    lines = np.load(job.work.folder(placed) / PLACED, mmap_mode="r")
    bases = [0, *accumulate(part.record["rows"] for part in parts)]
    return [
        int(np.count_nonzero(lines["survivor"][start:end] >= bases[-1]))
        for start, end in pairwise(bases)
    ]


def _unfit(job: Job, parts: list[Marker], placed: Marker) -> list[Counter[str]]:
    """Count in each input the documents that a quality filter refused, by reason."""
    context = Context(job.root, job.work, job.work.path)
    refusals = refusals_of(context, placed.record["refused"])
    first = [0, *accumulate(part.record["rows"] for part in parts)]
    return [refusals.between(start, end).by_reason() for start, end in pairwise(first)]


def over_limits(job: Job, parts: list[Marker]) -> list[str]:
    """Name the sources beyond the limits and then, so that one look is enough, all that is bad in any source."""
    limits = job.config.limits
    problems = []
    for source in job.config.sources:
        mine = [
            part.record
            for item, part in zip(job.inputs, parts, strict=False)
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
        for item, part in zip(job.inputs, parts, strict=False):
            problems += _bad_in(job, item.path, part)
    return problems


def _bad_in(job: Job, path: str, part: Marker) -> list[str]:
    """Name the bad lines of one input, and its damage."""
    record = part.record
    found = [
        at("read", path, reason, line=line) if line else at("read", f"{path}#{row}", reason)
        for line, row, reason in record["bad_lines"]
    ]
    more = record["bad"] - len(found)
    if more > 0:
        place = job.work.folder(part) / QUARANTINE
        found.append(at("read", path, f"{more} more bad lines, all of them listed in {place}"))
    if record["damage"]:
        found.append(at("read", path, record["damage"]))
    return found


def over_loss(job: Job, counts: Counts) -> list[str]:
    """Name the sources that lose more than `dedup.max_loss` (unset: a half) and are not accepted."""
    accepted = job.config.dedup.accepted
    problems = []
    for loss in _losses(job, counts):
        if loss.source in accepted:
            continue
        aside = f", beside {loss.known} that an earlier release holds" if loss.known else ""
        names = ", ".join(f'"{name}"' for name in (*accepted, loss.source))
        problems.append(
            f"dedup: source {loss.source!r} loses {loss.lost} of {loss.entered} documents as duplicates"
            f"{aside}: {loss.share}, more than {float(_allowed(job) * 100):g}%: look at some with"
            f" `gristmill dedup sample CONFIG --source {loss.source}`, and if they are what you want gone,"
            f" write `[dedup] accepted = [{names}]`, or allow more by dedup.max_loss"
        )
    return problems


def accepted_losses(job: Job, counts: Counts) -> list[str]:
    """Say of the sources in `dedup.accepted` what is more than the others may lose."""
    return [
        f"loss of source {loss.source!r} accepted: {loss.share} of its documents are duplicates"
        for loss in _losses(job, counts)
        if loss.source in job.config.dedup.accepted
    ]


def oddities(counts: Counts) -> list[str]:
    """Say of each source how many of its records are odd, and in what way."""
    return [
        f"odd in source {source.name!r}: "
        + ", ".join(f"{kind} {count}" for kind, count in sorted(source.odd.items()))
        for source in counts.sources
        if source.odd
    ]


class _Loss(NamedTuple):
    """A source that loses too much: how many of how many documents, beside those that are `known`."""

    source: str
    lost: int
    entered: int
    known: int

    @property
    def share(self) -> str:
        return f"{self.lost / self.entered:.1%}"


def _allowed(job: Job) -> Fraction:
    """Return what `dedup.max_loss` says, exactly: 0.29 of 100 documents are 29."""
    allowed = job.config.dedup.max_loss
    return _WARN_LOSS if allowed is None else Fraction(str(allowed))


def _losses(job: Job, counts: Counts) -> Iterator[_Loss]:
    """Yield what is too much: lost to duplicates of any kind, by file, by repository or by passages.

    What an earlier release holds counts neither as lost nor as entered. To leave that out is what
    such a run is for, so the alarm would sound at every run until somebody accepts the source, and
    then a fault in what is new would go unheard. What an opted-out document takes along is no
    duplicate either.
    """
    for source in counts.sources:
        dropped = sum(
            sum(source.dropped.get(stage, Counter()).values()) for stage in ("exact", "near")
        )
        lost = dropped - source.known
        entered = lost + source.kept
        if lost > _allowed(job) * entered:
            yield _Loss(source.name, lost, entered, source.known)


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
