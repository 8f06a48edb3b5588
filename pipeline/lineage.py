"""The release before: which one it is, which splits stick to it, and what changed since."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from manifests import version as versions
from manifests.changelog import CHANGES, parse_steps
from manifests.diff import Change, Step
from manifests.manifest import MANIFEST
from pipeline.compare import compare
from pipeline.errors import ConfigError, IntegrityError
from pipeline.making import by_optouts_alone, making_of
from pipeline.published import open_release
from pipeline.release import SPLITS_PATH, TOMBSTONES_PATH
from pipeline.tombstones import next_tombstones, privacy_of

if TYPE_CHECKING:
    from pathlib import Path

    from manifests.record import Tombstone
    from pipeline.config import Config
    from pipeline.engine.work import Work
    from pipeline.job import Job
    from pipeline.making import Making


class ParentRelease(NamedTuple):
    """The release that this one continues."""

    path: Path
    version: str
    content_root: str
    seed: int
    registries: tuple[str, ...]

    @property
    def splits(self) -> str:
        """The digest of its splits."""
        return hashlib.sha256((self.path / SPLITS_PATH).read_bytes()).hexdigest()

    def keep_splits(self, work: Work) -> str:
        """Copy its splits to where tasks find them; return their digest."""
        data = (self.path / SPLITS_PATH).read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        name = f"{digest}.parquet"
        if not work.find("parents", name).exists():
            work.leave("parents", name, [data])
        return digest


def find_parent(config: Config, root: Path, out: Path) -> ParentRelease | None:
    """Take the configured parent, else the newest earlier version of the same name under `out`.

    Raises:
        ConfigError: the configured parent is no release.
    """
    release = config.release
    if release.parent:
        return _open(root / release.parent)
    folders = (path.parent.name for path in out.glob(f"*/{MANIFEST}"))
    found = versions.newest_before(folders, release.name, release.version)
    return None if found is None else _open(out / found)


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
    """What changed since the parent; `tombstones` hold ids and reasons, never content.

    `steps` are the releases before this one and it, newest first.
    """

    change: Change
    steps: tuple[Step, ...]
    tombstones: list[Tombstone]


def succeed(
    job: Job, parent: ParentRelease | None, staging: Path, content_root: str, making: Making
) -> Succession:
    """Compare the release in the making with its parent, record by record.

    Raises:
        ConfigError: the version is a smaller step from the parent than the change needs.
    """
    version = job.config.release.version
    if parent is None:
        step = Step(version=version, content_root=content_root, change="initial")
        return Succession("initial", (step,), [])
    found = compare(
        parent.path,
        staging,
        reseeded=job.config.release.seed != parent.seed,
        by_optouts=by_optouts_alone(making_of(parent.path), making),
    )
    try:
        versions.check(parent.version, version, found.change, found.why)
    except ValueError as error:
        raise ConfigError(f"seal: release.version: {error}") from error
    step = Step(
        version=version,
        content_root=content_root,
        change=found.change,
        parent=parent.version,
        sources=found.sources,
        reasons=found.reasons,
        opted_out=found.opted_out,
    )
    earlier = read_steps(parent.path)
    tombstones = next_tombstones(
        (parent.path / TOMBSTONES_PATH).read_bytes(),
        version,
        found.fates,
        (name for _, name in found.difference.added),
        privacy_of(job.gate, job.config.release.name),
    )
    return Succession(found.change, (step, *earlier), tombstones)


def read_steps(release: Path) -> tuple[Step, ...]:
    """Read what every release of the line changed, newest first.

    Raises:
        IntegrityError: the file is not there or does not read.
    """
    try:
        return parse_steps((release / CHANGES).read_bytes())
    except (OSError, ValueError) as error:
        raise IntegrityError(
            f"start: {release / CHANGES}: does not read: verify the release"
        ) from error
