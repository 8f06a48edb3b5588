"""The quarantine manifest: what a run put aside and why, in the work folder and never in a release."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import msgspec

from pipeline.faults import poison_phases
from pipeline.stages.part import QUARANTINE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pipeline.engine.work import Marker
    from pipeline.job import Job
    from pipeline.plan import Input

_KIND: Final = "quarantine"
_NAME: Final = "manifest.json"
_LISTED: Final = 10_000  # records of one input; its quarantine file has all of them


class Aside(msgspec.Struct, frozen=True):
    """One record that was put aside: its place, why, and the phase that found it out."""

    row: int
    line: int
    reason: str
    phase: str


class AsideIn(msgspec.Struct, frozen=True, kw_only=True):
    """What was put aside of one input; `lines` is the file that keeps the lines themselves, in the work folder."""

    source: str
    input: str
    bad: int
    reasons: dict[str, int]
    damage: str
    records: tuple[Aside, ...]
    lines: str


class SourceAside(msgspec.Struct, kw_only=True):
    """How much of a source was put aside: `poison` are those of the bad records that brought workers down."""

    read: int = 0
    bad: int = 0
    damaged_shards: int = 0
    poison: int = 0


class Quarantine(msgspec.Struct, frozen=True, kw_only=True):
    """The manifest: the limits of the config, the counts that are held against them, and every record."""

    limits: dict[str, float]
    sources: dict[str, SourceAside]
    inputs: tuple[AsideIn, ...]


def keep_quarantine(job: Job, parts: Sequence[Marker]) -> None:
    """Leave the manifest in the work folder; without anything to list there is none."""
    phases = poison_phases(job)
    inputs: list[AsideIn] = []
    sources = {source.name: SourceAside() for source in job.config.sources}
    for item, part in zip(job.inputs, parts, strict=False):
        count = sources[item.source]
        count.read += part.record["read"]
        if not part.record["bad"] and not part.record["damage"]:
            continue
        found = _read(job, item, part, phases)
        inputs.append(found)
        count.bad += found.bad
        count.damaged_shards += bool(found.damage)
        count.poison += sum(n for why, n in found.reasons.items() if why.startswith("poison:"))
    job.work.drop(_KIND, _NAME)
    if inputs:
        limits: dict[str, float] = {
            "bad_records": job.config.limits.bad_records,
            "damaged_shards": job.config.limits.damaged_shards,
            "faults": job.config.limits.faults,
        }
        listed = Quarantine(limits=limits, sources=sources, inputs=tuple(inputs))
        encoded = msgspec.json.format(msgspec.json.encode(listed), indent=2)
        job.work.leave(_KIND, _NAME, [encoded, b"\n"])


def told(job: Job) -> str:
    """Say in one line what the manifest lists and where it is, `""` if there is none."""
    data = job.work.look(_KIND, _NAME)
    if data is None:
        return ""
    listed = msgspec.json.decode(data, type=Quarantine)
    bad = sum(each.bad for each in listed.sources.values())
    damaged = sum(each.damaged_shards for each in listed.sources.values())
    return (
        f"put aside: {bad:,} records, {damaged:,} damaged shards: {job.work.place}/{_KIND}/{_NAME}"
    )


def _read(
    job: Job, item: Input, part: Marker, phases: Mapping[tuple[str, str, int], str]
) -> AsideIn:
    """Gather what a part says of its bad records; the lines themselves stay where they are."""
    reasons: Counter[str] = Counter()

    def records() -> Iterator[Aside]:
        path = job.work.folder(part) / QUARANTINE
        with path.open("rb") as file:
            for entry in map(msgspec.json.decode, file):
                if "line" in entry:
                    reasons[entry["reason"]] += 1
                    yield _aside(item, entry, phases)

    every = records()
    listed = tuple(islice(every, _LISTED))
    for _ in every:
        pass  # they are counted
    return AsideIn(
        source=item.source,
        input=item.path,
        bad=part.record["bad"],
        reasons=dict(sorted(reasons.items())),
        damage=part.record["damage"],
        records=listed,
        lines=f"{part.phase}/{part.fingerprint}/{QUARANTINE}",
    )


def _aside(item: Input, entry: dict[str, Any], phases: Mapping[tuple[str, str, int], str]) -> Aside:
    phase = phases.get((item.source, item.path, entry["row"]), "screen")
    return Aside(entry["row"], entry["line"], entry["reason"], phase)
