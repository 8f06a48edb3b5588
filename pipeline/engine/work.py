"""The work folder: where tasks leave what others read, on this machine or in an object store.

In a store every machine has a mirror of its own: a file is fetched when it is first asked for, checked
against the marker of the task that wrote it, and kept. Nothing that a mirror holds is trusted beyond
that, so a mirror may be thrown away at any time between two runs.
"""

from __future__ import annotations

import functools
import getpass
import hashlib
import os
import shutil
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Literal, NamedTuple, Protocol

import msgspec

from pipeline.errors import GristmillError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.store import Store

MARKER: Final = "marker.json"
PROBE: Final = "probe"
_MIRRORS: Final = "GRISTMILL_MIRRORS"  # the folder of all mirrors, where TMPDIR is too small


class Output(msgspec.Struct, frozen=True):
    """One file of a finished task."""

    name: str
    size: int
    sha256: str


def file_sha256(path: Path) -> str:
    """Hash a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


Record = dict[str, Any]


class Marker(msgspec.Struct, frozen=True):
    """What a finished task leaves beside its files; `seconds` it took on `host`, in the process `pid`."""

    phase: str
    name: str
    fingerprint: str
    outputs: tuple[Output, ...]
    record: Record
    cpu_seconds: float
    peak_mib: int
    seconds: float = 0.0
    host: str = ""
    pid: int = 0


class Readable(Protocol):
    """A file to read by pieces: a `Path`, or an object in a store."""

    def open(self, mode: Literal["rb"], /) -> BinaryIO:
        """Open for reading and seeking."""
        ...


class Files(Protocol):
    """The files of a finished task by their names: a folder."""

    def __truediv__(self, name: str, /) -> Path:
        """Find one, whether it exists or not."""
        ...


class Ref(Protocol):
    """Whatever names a finished task: its marker, its task, a reference to its part."""

    @property
    def phase(self) -> str:
        """Its phase."""
        ...

    @property
    def fingerprint(self) -> str:
        """Its fingerprint."""
        ...


class Folder(NamedTuple):
    """The files of a finished task, wherever they lie."""

    work: Work
    phase: str
    fingerprint: str

    def __truediv__(self, name: str) -> Path:
        """Return where a file is on this machine, fetched if need be; whether there is one is for the caller to ask."""
        path = self.path / name
        if self.work.store is not None and not path.exists():
            self._fetch(self.work.store, name, path)
        return path

    @property
    def path(self) -> Path:
        """The folder on this machine, with what has been fetched so far."""
        return self.work.path / self.phase / self.fingerprint

    def ranged(self, name: str) -> Readable:
        """Open a large file of which only pieces are wanted."""
        path = self.path / name
        if self.work.store is None or path.exists():
            return path
        return self.work.store.file(f"{self.phase}/{self.fingerprint}/{name}")

    def all(self) -> Path:
        """Fetch every file; return the folder."""
        if self.work.store is not None:
            for name in _outputs(self.work.store, self.phase, self.fingerprint):
                _ = self / name
        return self.path

    def _fetch(self, store: Store, name: str, path: Path) -> None:
        """Bring a file that the marker lists; nothing unlisted is there."""
        output = _outputs(store, self.phase, self.fingerprint).get(name)
        if output is None:
            return
        fresh = path.with_name(f".{name}.{os.getpid()}.tmp")
        fresh.parent.mkdir(parents=True, exist_ok=True)
        store.fetch(f"{self.phase}/{self.fingerprint}/{name}", fresh)
        if file_sha256(fresh) != output.sha256:
            fresh.unlink()
            self.work.forget(self)
            raise GristmillError(
                f"{self.phase}: {self.fingerprint}/{name}: the store gave other bytes than were put:"
                " the result is removed: run the same command again"
            )
        fresh.replace(path)


class Work(NamedTuple):
    """A work folder. `place` is where it lies; `nook` sets several mirrors on one machine apart."""

    place: Path | Store
    nook: str = ""

    @property
    def store(self) -> Store | None:
        """The store that it lies in, if it is not a folder of this machine."""
        return None if isinstance(self.place, Path) else self.place

    @property
    def path(self) -> Path:
        """The folder on this machine: the work folder itself, or the mirror."""
        return self.place if isinstance(self.place, Path) else _mirror(self.place.url, self.nook)

    def folder(self, ref: Ref) -> Folder:
        """Find the files of a finished task."""
        return Folder(self, ref.phase, ref.fingerprint)

    def forget(self, ref: Ref) -> None:
        """Remove what a task has left, so that it is run again."""
        folder = self.folder(ref)
        shutil.rmtree(folder.path, ignore_errors=True)
        if self.store is not None:
            prefix = f"{ref.phase}/{ref.fingerprint}/"
            keys = [key for key, _ in self.store.list(prefix)]
            self.store.remove(sorted(keys, key=lambda key: not key.endswith(MARKER)))

    def leave(self, kind: str, name: str, pieces: Iterable[bytes | memoryview]) -> None:
        """Put a file where tasks find it by kind and name; only its owner may read it."""
        path = self.path / kind / name
        self._write(path, pieces).replace(path)
        if self.store is not None:
            self.store.put(f"{kind}/{name}", path)

    def release(self, digest: str) -> Path:
        """Say where an earlier release is, by the digest of its manifest; the driver links it there."""
        return self.path / "releases" / digest

    def create(self, kind: str, name: str, data: bytes) -> bool:
        """Put a small file unless there is one; of all who try, one succeeds and is told so."""
        if self.store is not None:
            return self.store.create(f"{kind}/{name}", data)
        path = self.path / kind / name
        partial = self._write(path, [data])
        try:
            # as exclusive as O_EXCL, over NFS too, and the file is never seen empty
            os.link(partial, path)
        except FileExistsError:
            return False
        finally:
            partial.unlink()
        return True

    def look(self, kind: str, name: str) -> bytes | None:
        """Read a small file that may change, as it is now."""
        if self.store is not None:
            return self.store.read(f"{kind}/{name}")
        try:
            return (self.path / kind / name).read_bytes()
        except FileNotFoundError:
            return None

    def drop(self, kind: str, name: str) -> None:
        """Remove a small file, if it is there."""
        if self.store is not None:
            self.store.remove([f"{kind}/{name}"])
        (self.path / kind / name).unlink(missing_ok=True)

    def clear(self, kind: str) -> None:
        """Remove all small files of a kind."""
        if self.store is not None:
            self.store.remove([key for key, _ in self.store.list(f"{kind}/")])
        shutil.rmtree(self.path / kind, ignore_errors=True)

    def names(self, kind: str) -> frozenset[str]:
        """List the files of a kind that were left."""
        if self.store is not None:
            return frozenset(key.rpartition("/")[2] for key, _ in self.store.list(f"{kind}/"))
        folder = self.path / kind
        found = folder.iterdir() if folder.is_dir() else ()
        return frozenset(path.name for path in found if path.suffix != ".tmp")

    def find(self, kind: str, name: str) -> Path:
        """Say where a file that was left is on this machine, fetched if need be; it may not exist."""
        path = self.path / kind / name
        if self.store is not None and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if self.store.size(f"{kind}/{name}") is not None:
                self.store.fetch(f"{kind}/{name}", path)
        return path

    @staticmethod
    def _write(path: Path, pieces: Iterable[bytes | memoryview]) -> Path:
        """Write what is to be a file beside it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.{uuid.uuid4().hex}.tmp")
        try:
            partial.touch(mode=0o600)  # it may hold the key of author subjects
            with partial.open("wb") as file:
                file.writelines(pieces)
        except OSError:
            partial.unlink(missing_ok=True)
            raise
        return partial

    def forget_mirror(self) -> None:
        """Remove the mirror, which holds what documents say."""
        if self.store is not None:
            shutil.rmtree(self.path, ignore_errors=True)


@functools.cache
def _mirror(url: str, nook: str) -> Path:
    """Make the mirror of a store on this machine, closed to others."""
    base = Path(os.environ.get(_MIRRORS) or tempfile.gettempdir())
    folder = base / f"gristmill-{getpass.getuser()}"
    mirror = folder / hashlib.sha256(f"{url}\0{nook}".encode()).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    mirror.mkdir(exist_ok=True, mode=0o700)
    return mirror


@functools.lru_cache(maxsize=1 << 16)
def _outputs(store: Store, phase: str, fingerprint: str) -> dict[str, Output]:
    """Read which files a finished task has left."""
    data = store.read(f"{phase}/{fingerprint}/{MARKER}")
    if data is None:
        raise GristmillError(
            f"{phase}: {fingerprint}: its result is gone from the work folder: run again"
        )
    marker = msgspec.json.decode(data, type=Marker)
    return {output.name: output for output in marker.outputs}
