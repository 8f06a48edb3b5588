"""Where the index of a release lies, and that it is the one of this release and of this code.

`.index/<content_root>/` beside the release; where nothing can be written there, a user's cache. An
index is a folder that appears whole or not at all; one that another code made, or that is not whole,
is made again. Whoever makes one takes those away whose releases are gone from the folder.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any, Final

import msgspec

from manifests.content import Branch
from manifests.manifest import MANIFEST, Plugin
from pipeline.cache import cache_folder
from pipeline.errors import ConfigError, IntegrityError
from pipeline.preflight import environment_digest
from pipeline.subject_index.index import Index

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FOLDER: Final = ".index"
_ABOUT: Final = "about.json"
_FORMAT: Final = 2
_SUBJECTS: Final = "subjects"


class Build(msgspec.Struct, frozen=True):
    """What addresses depend on, and what redaction does: the code, `packages` as name -> version, and `plugins`."""

    seed: int
    shards: int
    code_sha256: str = ""
    packages: dict[str, str] = {}
    plugins: tuple[Plugin, ...] = ()


class Redacted(msgspec.Struct, frozen=True):
    """How many redactions there are, by type, the id of the key, empty for none, and the level."""

    counts: dict[str, int] = {}
    key: str = ""
    level: str = "off"

    @property
    def hides_addresses(self) -> bool:
        """Say whether ids that are e-mail addresses were replaced."""
        return self.level != "off"


class Honoured(msgspec.Struct, frozen=True):
    """The head of an opt-out registry that a release honours."""

    head: str


class Head(msgspec.Struct, frozen=True):
    """What of a manifest an index needs; whatever else stands in it is let be."""

    name: str
    version: str
    content_root: str
    documents: int
    questions: int
    bytes_raw: int
    build: Build
    branches: tuple[Branch, ...]
    redact: Redacted = Redacted()
    registries: tuple[Honoured, ...] = ()
    optout: dict[str, Any] | str = "none"
    notes: tuple[str, ...] = ()

    @property
    def release(self) -> str:
        """The name and the version, as the ledger spells them."""
        return f"{self.name}-{self.version}"

    @property
    def records(self) -> int:
        """How many rows the index has."""
        return self.documents + self.questions


class About(msgspec.Struct, frozen=True):
    """What an index was made of: its format and code, its release, and the size of each of its files."""

    format: int
    code: str
    content_root: str
    files: dict[str, int]


def read_head(release: Path) -> Head:
    """Read what an index needs of a manifest.

    Raises:
        ConfigError: there is no release.
        IntegrityError: its manifest does not read.
    """
    try:
        return msgspec.json.decode((release / MANIFEST).read_bytes(), type=Head)
    except FileNotFoundError as error:
        raise ConfigError(f"start: {release}: is no release: it has no {MANIFEST}") from error
    except (ValueError, RecursionError) as error:
        raise IntegrityError(f"start: {release / MANIFEST}: does not read: verify it") from error


def places_of(release: Path, head: Head) -> tuple[Path, Path]:
    """Return where an index of the release may lie, the better place first."""
    beside = release.resolve().parent / FOLDER / head.content_root
    return beside, cache_folder() / "subject-index" / head.content_root


def sound(folder: Path, head: Head) -> bool:
    """Say whether a folder holds an index of the release, whole and made by this code."""
    try:
        about = msgspec.json.decode((folder / _ABOUT).read_bytes(), type=About)
        sizes = {name: (folder / name).stat().st_size for name in about.files}
    except (OSError, ValueError):
        return False
    wanted = About(_FORMAT, environment_digest(), head.content_root, sizes)
    return about == wanted


def seal_folder(folder: Path, head: Head) -> None:
    """Say in a folder what it was made of, last of all."""
    sizes = {each.name: each.stat().st_size for each in sorted(folder.iterdir())}
    about = About(_FORMAT, environment_digest(), head.content_root, sizes)
    (folder / _ABOUT).write_bytes(msgspec.json.encode(about))


def open_index(release: Path) -> Index | None:
    """Open the index of a release, `None` where there is none that is sound. Errors as `read_head`."""
    head = read_head(release)
    folder = find_folder(release, head, _SUBJECTS)
    return None if folder is None else Index(folder, release, head)


def keep_index(release: Path) -> Index:
    """Open the index of a release; one that is not there yet is made, which says so on stderr.

    Raises:
        ConfigError, IntegrityError: as `read_head`, or the release is damaged.
    """
    from pipeline.subject_index.build import build_index  # noqa: PLC0415  arrow loads only for who builds

    head = read_head(release)
    folder = keep_folder(release, head, _SUBJECTS, lambda into: build_index(release, head, into))
    return Index(folder, release, head)


def find_folder(release: Path, head: Head, kind: str) -> Path | None:
    """Return the sound folder of one kind of index."""
    folders = (place / kind for place in places_of(release, head))
    return next((each for each in folders if sound(each, head)), None)


def keep_folder(release: Path, head: Head, kind: str, make: Callable[[Path], None]) -> Path:
    """Return the sound folder of one kind of index; `make` fills one that is missing."""
    found = find_folder(release, head, kind)
    if found is not None:
        return found
    beside, cached = (place / kind for place in places_of(release, head))
    try:
        beside.parent.mkdir(parents=True, exist_ok=True)
        (beside.parent / ".writable").touch()
        (beside.parent / ".writable").unlink(missing_ok=True)
    except OSError:  # read-only, or another's
        beside = cached
    sweep(release.resolve().parent)
    return _made(beside, head, make)


def _made(folder: Path, head: Head, make: Callable[[Path], None]) -> Path:
    from pipeline.release import whole_folder  # noqa: PLC0415  arrow loads only for who builds

    if folder.exists():
        shutil.rmtree(folder, ignore_errors=True)
    try:
        with whole_folder(folder) as staging:
            make(staging)
            seal_folder(staging, head)
    except OSError:
        if not sound(folder, head):  # else somebody else was as fast
            raise
    return folder


def sweep(folder: Path) -> None:
    """Take the indexes away whose releases are not in the folder any more."""
    if not (folder / FOLDER).is_dir():
        return
    roots = set()
    for path in sorted(folder.glob(f"*/{MANIFEST}")):
        try:
            roots.add(read_head(path.parent).content_root)
        except (ConfigError, IntegrityError):
            return  # nobody knows whose index is whose
    for old in sorted((folder / FOLDER).iterdir()):
        if old.name not in roots:
            shutil.rmtree(old, ignore_errors=True)
