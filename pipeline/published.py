"""Published releases that a run starts from: opened only when they are whole, and named by content."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from manifests.checksum import sha256_hex
from manifests.manifest import MANIFEST, Manifest, decode
from pipeline.errors import ConfigError, IntegrityError
from pipeline.verify import verify

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.config import Config
    from pipeline.engine.work import Work


class Published(NamedTuple):
    """A release: where it lies, what its manifest says, and the SHA-256 of that manifest."""

    path: Path
    manifest: Manifest
    digest: str

    @property
    def name(self) -> str:
        """The name and the version, as the ledger spells them."""
        return f"{self.manifest.name}-{self.manifest.version}"

    def link(self, work: Work) -> None:
        """Say in the work folder where it lies now: tasks find it there by the digest of its manifest.

        Raises:
            ConfigError: tasks on other machines would not find it.
        """
        if work.store is not None:
            raise ConfigError(
                f"start: {self.path}: an earlier release is read by all workers, and {work.store} is no"
                " folder that they share: give --work one"
            )
        target = work.release(self.digest)
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_name(f".{self.digest}.{uuid.uuid4().hex}")
        fresh.symlink_to(self.path.resolve())
        fresh.replace(target)


def read_manifest(release: Path) -> Manifest:
    """Read the manifest of a release, whose files are not looked at.

    Raises:
        IntegrityError: it does not read.
    """
    try:
        return decode((release / MANIFEST).read_bytes())
    except ValueError as error:
        raise IntegrityError(f"start: {release / MANIFEST}: {error}: verify the release") from error


def open_release(path: Path, role: str) -> Published:
    """Read a release and check every file of it by its hash; `role` says in errors what it is to the run.

    Raises:
        ConfigError: there is no release.
        IntegrityError: it is damaged.
    """
    try:
        data = (path / MANIFEST).read_bytes()
        manifest: Manifest = decode(data)
    except OSError as error:
        raise ConfigError(f"plan: {path}: {role} is no release: it has no {MANIFEST}") from error
    except (ValueError, msgspec.MsgspecError) as error:
        raise IntegrityError(
            f"plan: {path / MANIFEST}: the manifest of {role} does not read: verify it"
        ) from error
    report = verify(path, deep=False)
    if report.problems:
        damage = "\n".join(f"  {problem}" for problem in report.problems)
        raise IntegrityError(f"plan: {path}: {role} is damaged:\n{damage}")
    return Published(path, manifest, sha256_hex(data))


def open_earlier(config: Config, root: Path) -> tuple[Published, ...]:
    """Open the releases of `dedup.against`, in an order that is not that of the config; `root` is its folder.

    Raises:
        ConfigError: one is no release, is the one to be made, or two of one version differ.
        IntegrityError: one is damaged.
    """
    paths = sorted({(root / path).resolve() for path in config.dedup.against})
    opened = {each.digest: each for each in (open_release(path, _EARLIER) for path in paths)}
    earlier = sorted(opened.values(), key=lambda each: (each.name, each.digest))
    names = [each.name for each in earlier]
    mine = f"{config.release.name}-{config.release.version}"
    problems = [
        f"plan: {each.path}: dedup.against: {each.name} is the release to be made: raise release.version"
        for each in earlier
        if each.name == mine
    ]
    problems += [
        f"plan: dedup.against: two releases called {name} differ: name one of them"
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
    if problems:
        raise ConfigError("\n".join(problems))
    return tuple(earlier)


_EARLIER: Final = "the earlier release (dedup.against)"
