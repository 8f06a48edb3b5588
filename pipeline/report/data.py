"""Read from a release all that its report shows: manifest, statistics, changes, tombstones, samples."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from manifests.changelog import CHANGES, parse_steps
from manifests.figures import Figures
from manifests.manifest import Manifest, shard_path
from manifests.record import decode_tombstone
from pipeline.errors import IntegrityError
from pipeline.published import read_manifest
from pipeline.release import STATISTICS_PATH, TOMBSTONES_PATH
from pipeline.report.samples import Sample, read_samples

if TYPE_CHECKING:
    from pathlib import Path

    from manifests.diff import Step

SHOWN_SOURCES: Final = 7
"""Sources with a colour of their own; all others share one."""
BESIDE: Final = ("parquet", "signatures", "licenses")
"""Folders that not every release has; they are there before the page is made."""


class SourceStatistics(msgspec.Struct, frozen=True, kw_only=True):
    """What reports/stats.json says of one source; `dropped` is by stage, then by reason."""

    name: str
    read: int = 0
    kept: int = 0
    dropped: dict[str, dict[str, int]] = {}


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """What the release before held of one source; `bytes` are raw JSON lines."""

    kind: str
    kept: int
    bytes: int


class Before(msgspec.Struct, frozen=True, kw_only=True):
    """The release before this one."""

    version: str
    documents: int
    questions: int
    bytes_raw: int
    sources: dict[str, Size]


class Statistics(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of reports/stats.json that the report shows."""

    sources: tuple[SourceStatistics, ...] = ()
    content: Figures | None = None
    classes: dict[str, str] = {}
    parent: Before | None = None


class Part(NamedTuple):
    """The shards of one source and split; sizes in bytes."""

    kind: str
    source: str
    split: str
    shards: int
    records: int
    raw: int
    stored: int


class Facts(NamedTuple):
    """Everything in the report; `colours` is source -> number of its colour, biggest first.

    `beside` is folder -> bytes of the files in it, of those of `BESIDE` that are there.
    """

    manifest: Manifest
    statistics: Statistics
    parts: tuple[Part, ...]
    steps: tuple[Step, ...]
    tombstones: dict[tuple[str, str], int]
    samples: tuple[Sample, ...]
    colours: dict[str, int]
    beside: dict[str, int]

    @property
    def stored(self) -> int:
        """The bytes of all shards as they are stored."""
        return sum(part.stored for part in self.parts)


def read_facts(release: Path, manifest: Manifest | None = None) -> Facts:
    """Read a release; `manifest` stands in for one that is not written yet.

    Raises:
        IntegrityError: a file that the report is made of does not read.
    """
    try:
        known = read_manifest(release) if manifest is None else manifest
        statistics = _optional(release, STATISTICS_PATH)
        steps = _optional(release, CHANGES)
        return Facts(
            known,
            msgspec.json.decode(statistics or b"{}", type=Statistics),
            parts_of(known),
            parse_steps(steps) if steps else (),
            _tombstones(_optional(release, TOMBSTONES_PATH)),
            read_samples(release, known),
            _colours(known),
            {each: _weight(release / each) for each in BESIDE if (release / each).is_dir()},
        )
    except (ValueError, OSError) as error:
        raise IntegrityError(
            f"report: {release}: does not read ({type(error).__name__}): verify the release"
        ) from error


def _optional(release: Path, path: str) -> bytes:
    file = release / path
    return file.read_bytes() if file.is_file() else b""


def _weight(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def parts_of(manifest: Manifest) -> tuple[Part, ...]:
    """Add up the shards of each source and split, in the order of their paths."""
    found: dict[tuple[str, str, str], Part] = {}
    for file in manifest.files:
        place = shard_path(file.path)
        if place is None:
            continue
        key = (place.kind, place.source, place.split)
        one = Part(*key, 1, file.records or 0, file.raw_bytes or 0, file.bytes)
        known = found.get(key)
        if known is not None:
            one = Part(*key, *(a + b for a, b in zip(known[3:], one[3:], strict=True)))
        found[key] = one
    return tuple(found[key] for key in sorted(found))


def _tombstones(data: bytes) -> dict[tuple[str, str], int]:
    """Count tombstones by release and reason."""
    rows = map(decode_tombstone, data.splitlines())
    return dict(sorted(Counter((row.removed_in, row.reason) for row in rows).items()))


def _colours(manifest: Manifest) -> dict[str, int]:
    ranked = sorted(manifest.sources, key=lambda each: (-each.bytes, each.name))
    return {each.name: min(rank, SHOWN_SOURCES) for rank, each in enumerate(ranked)}
