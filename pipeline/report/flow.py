"""The way of the records from read to kept: what each stage dropped of each source, and that it adds up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from manifests.manifest import Manifest
    from pipeline.report.data import SourceStatistics

LABELS: Final = {
    "read": "Reading",
    "license": "Licence",
    "optout": "Opt-out",
    "redact": "Redaction",
    "quality": "Quality",
    "decontam": "Decontamination",
    "qa": "Question check",
    "exact": "Exact duplicates",
    "near": "Near duplicates",
}
"""Stage -> what people call it."""


class Step(NamedTuple):
    """One stage: records in, dropped by reason (most first), and dropped of each band."""

    stage: str
    entered: int
    dropped: tuple[tuple[str, int], ...]
    bands: tuple[int, ...]

    @property
    def lost(self) -> int:
        """How many records went no further."""
        return sum(count for _, count in self.dropped)

    @property
    def label(self) -> str:
        """What people call the stage."""
        return LABELS.get(self.stage, self.stage)


class Flow(NamedTuple):
    """All stages; `bands` are (name, colour, records read) of the sources, small ones joined."""

    bands: tuple[tuple[str, int, int], ...]
    steps: tuple[Step, ...]
    read: int
    kept: int


def flow_of(
    manifest: Manifest, sources: Sequence[SourceStatistics], colours: Mapping[str, int]
) -> Flow:
    """Follow the records through the stages.

    Where the statistics do not say what each source lost, all sources are one band.
    """
    read = sum(each.read for each in manifest.sources)
    kept = sum(each.kept for each in manifest.sources)
    shown = max(colours.values(), default=0)
    known = {each.name: each for each in sources}
    if not _agree(manifest, known):
        steps = tuple(
            Step(s.stage, s.entered, _ranked(s.dropped), (sum(s.dropped.values()),))
            for s in manifest.stages
        )
        return Flow((("all sources", 0, read),), steps, read, kept)
    groups: list[list[SourceStatistics]] = [[] for _ in range(shown + 1)]
    for name, colour in colours.items():
        groups[colour].append(known[name])
    steps = tuple(
        Step(
            s.stage,
            s.entered,
            _ranked(s.dropped),
            tuple(sum(_lost(each, s.stage) for each in group) for group in groups),
        )
        for s in manifest.stages
    )
    bands = tuple(
        (_band(group), colour, sum(each.read for each in group))
        for colour, group in enumerate(groups)
    )
    return Flow(bands, steps, read, kept)


def _agree(manifest: Manifest, known: Mapping[str, SourceStatistics]) -> bool:
    """Say whether the statistics by source add up to the manifest."""
    if not manifest.sources or {each.name for each in manifest.sources} != set(known):
        return False
    same = all(known[each.name].read == each.read for each in manifest.sources)
    return same and all(
        sum(_lost(each, stage.stage) for each in known.values()) == sum(stage.dropped.values())
        for stage in manifest.stages
    )


def _lost(source: SourceStatistics, stage: str) -> int:
    return sum(source.dropped.get(stage, {}).values())


def _ranked(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _band(group: Sequence[SourceStatistics]) -> str:
    return group[0].name if len(group) == 1 else f"{len(group)} more sources"
