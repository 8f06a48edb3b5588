"""The release before: which one it is, which splits stick to it, and what changed since."""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from manifests import version as versions
from manifests.cards import SourceChange
from manifests.manifest import MANIFEST, Manifest, decode
from pipeline.errors import ConfigError, IntegrityError

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.job import Job


class ParentRelease(NamedTuple):
    """The release that this one continues."""

    path: Path
    version: str
    content_root: str
    shards: int
    seed: int

    def keep_splits(self, work: Path) -> str:
        """Copy the parent's splits to where tasks find them; return their digest."""
        source = self.path / "ledger/splits.parquet"
        digest = hashlib.sha256(source.read_bytes()).hexdigest()
        target = work / "parents" / f"{digest}.parquet"
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            partial = target.with_suffix(".tmp")
            shutil.copyfile(source, partial)
            partial.replace(target)
        return digest


def find_parent(job: Job) -> ParentRelease | None:
    """Take the configured parent, else the newest earlier version of the same name beside this one.

    Raises:
        ConfigError: the configured parent is no release.
    """
    release = job.config.release
    if release.parent:
        return _open(job.root / release.parent)
    mine = versions.precedence(versions.parse(release.version))
    earlier = []
    for path in sorted(job.out.glob(f"{release.name}-*/{MANIFEST}")):
        candidate = _open(path.parent)
        place = versions.precedence(versions.parse(candidate.version))
        if path.parent.name == f"{release.name}-{candidate.version}" and place < mine:
            earlier.append((place, candidate))
    return max(earlier, key=lambda item: item[0])[1] if earlier else None


def _open(path: Path) -> ParentRelease:
    try:
        manifest: Manifest = decode((path / MANIFEST).read_bytes())
    except OSError as error:
        raise ConfigError(
            f"plan: {path}: the parent is no release: it has no {MANIFEST}"
        ) from error
    except (ValueError, msgspec.MsgspecError) as error:
        raise IntegrityError(
            f"plan: {path / MANIFEST}: the parent's manifest does not read: verify it"
        ) from error
    return ParentRelease(
        path, manifest.version, manifest.content_root, manifest.build.shards, manifest.build.seed
    )


class Succession(NamedTuple):
    """What changed since the parent; `tombstones` hold ids and reasons, never content."""

    change: versions.Change
    sources: tuple[SourceChange, ...]
    reasons: dict[str, int]
    tombstones: list[dict[str, str]]
    changelog: str


FIRST: Final = Succession("initial", (), {}, [], "")


class _Fate(NamedTuple):
    """Why a document of the parent is gone."""

    stage: str
    reason: str
    request: str


def compare(job: Job, parent: ParentRelease | None, staging: Path) -> Succession:
    """Compare the release in the making with its parent.

    Raises:
        ConfigError: the version is a smaller step from the parent than the change needs.
    """
    if parent is None:
        return FIRST
    old, new = _contents(parent.path), _contents(staging)
    difference = versions.diff(_digests(old), _digests(new))
    fates = _fates(staging, set(difference.removed))
    opted_out = {name for name, fate in fates.items() if fate.stage == "optout"}
    change = versions.change_of(difference, opted_out=opted_out)
    try:
        versions.check(parent.version, job.config.release.version, change)
    except ValueError as error:
        raise ConfigError(f"seal: release.version: {error}") from error
    return Succession(
        change,
        _source_changes(difference, old, new),
        dict(Counter(f"{fate.stage}:{fate.reason}" for fate in fates.values())),
        _tombstones(job, parent, fates, new),
        (parent.path / "CHANGELOG.md").read_text(encoding="utf-8"),
    )


_Contents = dict[str, tuple[str, str]]  # id to (digest of the text, source)


def _contents(release: Path) -> _Contents:
    table = pq.read_table(release / "index/documents.parquet", columns=["id", "sha256", "source"])
    return {row["id"]: (row["sha256"], row["source"]) for row in table.to_pylist()}


def _digests(contents: _Contents) -> dict[str, str]:
    return {name: digest for name, (digest, _) in contents.items()}


def _source_changes(
    difference: versions.Diff, old: _Contents, new: _Contents
) -> tuple[SourceChange, ...]:
    counts: dict[str, Counter[str]] = {}
    for kind, names, contents in (
        ("added", difference.added, new),
        ("removed", difference.removed, old),
        ("changed", difference.changed, new),
    ):
        for name in names:
            counts.setdefault(contents[name][1], Counter())[kind] += 1
    return tuple(
        SourceChange(source, each["added"], each["removed"], each["changed"])
        for source, each in sorted(counts.items())
    )


def _fates(staging: Path, gone: set[str]) -> dict[str, _Fate]:
    """Look up in the new ledger why documents of the parent are not there."""
    fates = dict.fromkeys(gone, _Fate("input", "absent", ""))
    for path in sorted((staging / "ledger").glob("decisions-*.parquet")):
        table = pq.read_table(path, columns=["id", "stage", "reason", "detail"])
        for row in table.filter(
            pc.is_in(table["id"], pa.array(sorted(gone), pa.string()))
        ).to_pylist():
            request = msgspec.json.decode(row["detail"]).get("request", "")
            # a near duplicate's reason ends in its similarity, which is no kind of reason
            fates[row["id"]] = _Fate(row["stage"], row["reason"].partition(":")[0], request)
    return fates


def _tombstones(
    job: Job, parent: ParentRelease, fates: dict[str, _Fate], new: _Contents
) -> list[dict[str, str]]:
    """List what was removed since the parent, after the tombstones that the parent carries."""
    rows = {}
    for line in (parent.path / "ledger/tombstones.jsonl").read_bytes().splitlines():
        row = msgspec.json.decode(line, type=dict[str, str])
        if row["id"] not in new:
            rows[row["id"]] = row
    for name, fate in fates.items():
        rows[name] = {
            "id": name,
            "removed_in": job.config.release.version,
            "reason": f"{fate.stage}:{fate.reason}",
            "request": fate.request,
        }
    return [rows[name] for name in sorted(rows)]
