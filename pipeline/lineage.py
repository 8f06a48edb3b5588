"""The release before: which one it is, which splits stick to it, and what changed since."""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from manifests import version as versions
from manifests.cards import SourceChange
from manifests.manifest import MANIFEST
from manifests.record import Tombstone, decode_tombstone
from pipeline.catalog import read_lines
from pipeline.errors import ConfigError
from pipeline.published import open_release

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.job import Job


class ParentRelease(NamedTuple):
    """The release that this one continues."""

    path: Path
    version: str
    content_root: str
    seed: int
    registries: tuple[str, ...]

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
        try:
            version = versions.parse(path.parent.name.removeprefix(f"{release.name}-"))
        except ValueError:  # a release of another name that begins alike
            continue
        if versions.precedence(version) < mine:
            earlier.append((versions.precedence(version), path.parent))
    return _open(max(earlier)[1]) if earlier else None


def _open(path: Path) -> ParentRelease:
    published = open_release(path, "the parent")
    manifest = published.manifest
    return ParentRelease(
        path,
        manifest.version,
        manifest.content_root,
        manifest.build.seed,
        tuple(registry.head for registry in manifest.registries),
    )


class Succession(NamedTuple):
    """What changed since the parent; `tombstones` hold ids and reasons, never content."""

    change: versions.Change
    sources: tuple[SourceChange, ...]
    reasons: dict[str, int]
    tombstones: list[Tombstone]
    changelog: str


FIRST: Final = Succession("initial", (), {}, [], "")


class _Fate(NamedTuple):
    """Why a document of the parent is gone."""

    stage: str
    reason: str
    request: str


def compare(job: Job, parent: ParentRelease | None, staging: Path) -> Succession:
    """Compare the release in the making with its parent, line by line.

    Raises:
        ConfigError: the version is a smaller step from the parent than the change needs.
    """
    if parent is None:
        return FIRST
    old, new = _contents(parent.path), _contents(staging)
    difference = versions.diff(_digests(old), _digests(new))
    fates = _fates(staging, set(difference.removed))
    reset = job.config.release.seed != parent.seed
    change = _change(difference, fates, parent.path, breaking=reset)
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


def _change(
    difference: versions.Diff, fates: dict[str, _Fate], parent: Path, *, breaking: bool
) -> versions.Change:
    """Name the change; what comes back because an opted-out survivor left is no addition of ours."""
    opted_out = {name for name, fate in fates.items() if fate.stage == "optout"}
    freed = {
        row["id"]
        for row in _ledger_rows(parent, set(difference.added))
        if row["survivor"] in opted_out
    }
    return versions.change_of(difference, opted_out=opted_out, re_elected=freed, breaking=breaking)


_Contents = dict[str, tuple[str, str]]  # id to (digest of the whole line, source)


def _contents(release: Path) -> _Contents:
    """Digest every line: an edit to a licence or a URL is an edit as one to the text is."""
    found: _Contents = {}
    for line in read_lines(release):
        record = orjson.loads(line)
        found[record["id"]] = (hashlib.sha256(line).hexdigest(), record["source"])
    return found


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
    for row in _ledger_rows(staging, gone):
        request = msgspec.json.decode(row["detail"]).get("request", "")
        # a near duplicate's reason ends in its similarity, which is no kind of reason
        fate = _Fate(row["stage"], row["reason"].partition(":")[0], request)
        fates[row["id"]] = min(fates[row["id"]], fate, key=_telling)
    return fates


def _telling(fate: _Fate) -> tuple[bool, bool, _Fate]:
    """Of several rows of one id the opt-out says most, then any row; the rest is order for its own sake."""
    return fate.stage != "optout", fate.stage == "input", fate


def _ledger_rows(release: Path, names: set[str]) -> Iterator[dict[str, str]]:
    """Yield the ledger's rows of some ids."""
    wanted = pa.array(sorted(names), pa.string())
    for path in sorted((release / "ledger").glob("decisions-*.parquet")):
        table = pq.read_table(path, columns=["id", "stage", "reason", "detail", "survivor"])
        yield from table.filter(pc.is_in(table["id"], wanted)).to_pylist()


def _tombstones(
    job: Job, parent: ParentRelease, fates: dict[str, _Fate], new: _Contents
) -> list[Tombstone]:
    """List what was removed since the parent, after the tombstones that the parent carries."""
    rows = {}
    for line in (parent.path / "ledger/tombstones.jsonl").read_bytes().splitlines():
        row = decode_tombstone(line)
        if row.id not in new:
            rows[row.id] = row
    for name, fate in fates.items():
        rows[name] = Tombstone(
            id=name,
            removed_in=job.config.release.version,
            reason=f"{fate.stage}:{fate.reason}",
            request=fate.request,
        )
    return [rows[name] for name in sorted(rows)]
