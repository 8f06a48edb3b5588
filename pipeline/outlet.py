"""Outlet: a release goes into an object store, where it appears when its last file does.

A store renames nothing, so a release is put together on this machine and sent file by file,
SHA256SUMS last and only where there is none: what has no SHA256SUMS is no release. While files are
sent, a note under another name says which release they are of, so that no other takes its place.
"""

from __future__ import annotations

import contextlib
import shutil
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

OUT: Final = "out"
"""In the mirror of a work folder: where releases are put together that go into a store."""

_AT_ONCE: Final = 8  # files that are sent or fetched side by side


def bring_parent(store: Store, config: Config, out: Path) -> None:
    """Fetch the newest release before this one, for what continues from it; a configured parent is local."""
    release = config.release
    if release.parent:
        return
    mine = versions.precedence(versions.parse(release.version))
    earlier = []
    for key, _ in store.list():
        folder, _, file = key.partition("/")
        with contextlib.suppress(ValueError):  # a release of another name that begins alike
            if file == SUMS and folder.startswith(f"{release.name}-"):
                version = versions.precedence(
                    versions.parse(folder.removeprefix(f"{release.name}-"))
                )
                if version < mine:
                    earlier.append((version, folder))
    if earlier:
        fetch_release(store, max(earlier)[1], out)


def fetch_release(store: Store, name: str, out: Path) -> Path:
    """Copy a release out of a store; return where it is now.

    Raises:
        IntegrityError: an object has a name that no release holds, as one that leads out of its folder.
    """
    keys = [key for key, _ in store.list(name)]
    for key in keys:
        if path_flaw(key) is not None:
            raise IntegrityError(f"fetch: {store}/{name}: an object in it {path_flaw(key)}")
    for folder in {(out / key).parent for key in keys}:
        folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for _ in pool.map(lambda key: store.fetch(key, out / key), keys):
            pass
    return out / name


def fetch(release: Store, out: Path) -> Path:
    """Copy a release out of a store into a folder, where it appears when every file is there and checked.

    Raises:
        ConfigError: there is no release, or something of its name in the folder.
        IntegrityError: it is damaged.
    """
    above, _, name = release.url.rpartition("/")
    if release.read(SUMS) is None:
        raise ConfigError(f"fetch: {release}: is no release: there is no {SUMS} in it")
    if (out / name).exists():
        raise ConfigError(f"fetch: {out / name}: is there already: give --out another folder")
    with whole_folder(out / name) as staging:
        fetched = fetch_release(Store(above), name, staging.parent / f"{staging.name}.of")
        try:
            shutil.rmtree(staging)
            fetched.rename(staging)
        finally:
            shutil.rmtree(fetched.parent)
        problems = verify(staging, deep=False).problems
        if problems:
            lines = "\n".join(f"  {problem}" for problem in problems)
            raise IntegrityError(f"fetch: {release}: is damaged:\n{lines}")
    return out / name


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
    files = [path for path in sorted(release.rglob("*")) if path.is_file()]
    keys = {f"{release.name}/{path.relative_to(release).as_posix()}": path for path in files}
    store.remove([key for key, _ in store.list(release.name) if key not in keys])
    last = f"{release.name}/{SUMS}"
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for _ in pool.map(
            store.put, *zip(*((k, p) for k, p in keys.items() if k != last), strict=True)
        ):
            pass
    if not store.create(last, sums) and store.read(last) != sums:
        raise ConfigError(
            f"seal: {store}/{release.name}: this version was published meanwhile with other content"
        )
    store.remove([note])


def _check(store: Store, release: Path) -> None:
    """Compare names and sizes of what is there with what was sent."""
    files = (path for path in release.rglob("*") if path.is_file())
    wanted = {
        f"{release.name}/{path.relative_to(release).as_posix()}": path.stat().st_size
        for path in files
    }
    there = dict(store.list(release.name))
    wrong = sorted(key for key in {*wanted, *there} if wanted.get(key) != there.get(key))
    if wrong:
        lines = "\n".join(f"  {key}" for key in wrong)
        raise IntegrityError(
            f"seal: {store}/{release.name}: is damaged: missing, extra or of another size:\n{lines}"
        )
