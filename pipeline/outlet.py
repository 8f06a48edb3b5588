"""Outlet: a release goes into an object store, where it appears when its last file does.

A store renames nothing, so a release is put together on this machine and sent file by file,
SHA256SUMS last and only where there is none: what has no SHA256SUMS is no release. While files are
sent, a note under another name says which release they are of, so that no other takes its place.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from manifests import version as versions
from manifests.checksum import path_flaw, sha256_hex
from manifests.manifest import SUMS
from pipeline.errors import ConfigError, IntegrityError
from pipeline.release import whole_folder
from pipeline.store import Store
from pipeline.verify import verify

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.config import Config

_AT_ONCE: Final = 8  # files that are sent or fetched side by side


def bring_parent(store: Store, config: Config, out: Path) -> None:
    """Fetch the newest release before this one, for what continues from it; a configured parent is local."""
    release = config.release
    if release.parent:
        return
    folders = set(store.folders())
    while found := versions.newest_before(folders, release.name, release.version):
        if store.size(f"{found}/{SUMS}") is not None:
            _copy(Store(f"{store.url.rstrip('/')}/{found}"), out / found)
            return
        folders.remove(found)  # it is being sent, or was given up


def _copy(release: Store, folder: Path) -> None:
    """Copy a release out of a store.

    Raises:
        IntegrityError: an object has a name that no release holds, as one that leads out of its folder.
    """
    keys = [key for key, _ in release.list()]
    for key in keys:
        if path_flaw(key) is not None:
            raise IntegrityError(f"fetch: {release}: an object in it {path_flaw(key)}")
    for place in {(folder / key).parent for key in keys}:
        place.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for _ in pool.map(lambda key: release.fetch(key, folder / key), keys):
            pass


def fetch(release: Store, out: Path) -> Path:
    """Copy a release out of a store into a folder, where it appears when every file is there and checked.

    Raises:
        ConfigError: there is no release, or something of its name in the folder.
        IntegrityError: it is damaged.
    """
    folder = out / release.url.rpartition("/")[2]
    if release.read(SUMS) is None:
        raise ConfigError(f"fetch: {release}: is no release: there is no {SUMS} in it")
    if folder.exists():
        raise ConfigError(f"fetch: {folder}: is there already: give --out another folder")
    with whole_folder(folder) as staging:
        _copy(release, staging)
        problems = verify(staging, deep=False).problems
        if problems:
            lines = "\n".join(f"  {problem}" for problem in problems)
            raise IntegrityError(f"fetch: {release}: is damaged:\n{lines}")
    return folder


def publish(store: Store, release: Path) -> str:
    """Send a sealed release; return its URL.

    Raises:
        ConfigError: this version is published with other content, or another one is being sent.
        IntegrityError: it is published and damaged, or what was sent did not arrive.
    """
    name = release.name
    sums = (release / SUMS).read_bytes()
    there = store.read(f"{name}/{SUMS}")
    if there is None:
        _send(store, release, sums)
    elif there != sums:
        raise ConfigError(
            f"seal: {store}/{name}: this version is published with other content:"
            " raise release.version, or give --out another folder"
        )
    _check(store, release)
    return f"{store.url.rstrip('/')}/{name}"


def _send(store: Store, release: Path, sums: bytes) -> None:
    """Send every file, SHA256SUMS last; what an earlier attempt left and this release has not is removed."""
    note = f".{release.name}.partial"
    mine = sha256_hex(sums).encode()
    if not store.create(note, mine) and store.read(note) not in {mine, None}:
        raise ConfigError(
            f"seal: {store}/{release.name}: another release of this version is being sent: wait for it,"
            f" or remove {note} there if it was given up"
        )
    files = _by_key(release)
    store.remove([key for key, _ in store.list(release.name) if key not in files])
    last = f"{release.name}/{SUMS}"
    del files[last]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for _ in pool.map(store.put, files.keys(), files.values()):
            pass
    if not store.create(last, sums) and store.read(last) != sums:
        raise ConfigError(
            f"seal: {store}/{release.name}: this version was published meanwhile with other content"
        )
    store.remove([note])


def _by_key(release: Path) -> dict[str, Path]:
    """Return the files of a release by the keys that they have in a store."""
    files = (path for path in sorted(release.rglob("*")) if path.is_file())
    return {path.relative_to(release.parent).as_posix(): path for path in files}


def _check(store: Store, release: Path) -> None:
    """Compare names and sizes of what is there with what was sent."""
    wanted = {key: path.stat().st_size for key, path in _by_key(release).items()}
    there = dict(store.list(release.name))
    wrong = sorted(key for key in {*wanted, *there} if wanted.get(key) != there.get(key))
    if wrong:
        lines = "\n".join(f"  {key}" for key in wrong)
        raise IntegrityError(
            f"seal: {store}/{release.name}: is damaged: missing, extra or of another size:\n{lines}"
        )
