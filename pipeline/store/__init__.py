"""Files in an object store: a value that names a folder there, and the few things that are done with it.

An object appears whole or not at all, and `create` makes it once, whoever else tries: that is what
a commit stands on. Listings are fresh, and what is missing is `None`, never an error.
"""

from __future__ import annotations

import contextlib
import shutil
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec

from pipeline.errors import ConfigError, GristmillError, at
from pipeline.store.address import check_url, is_url, scheme_of, shown
from pipeline.store.connection import connect
from pipeline.store.faults import NoRangeError, ask
from pipeline.store.remote import RemoteFile, RemoteReader, etag_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["RemoteFile", "RemoteReader", "Store", "etag_of", "is_url", "shown"]

_S3: Final = {"s3", "s3a"}
_PART: Final = 16 << 20  # bytes that are sent at once, and held in memory
_MOST_PARTS: Final = 10_000  # S3 takes no more
_BLOCK: Final = 4 << 20
_AT_ONCE: Final = 8  # requests that wait for an answer side by side


class Store(msgspec.Struct, frozen=True):
    """A folder in an object store, by URL; keys are relative to it. It opens what it needs when it is asked.

    Every method raises `ConfigError` where the bucket is missing, access is refused or the package
    is not installed, and `GristmillError` where the store fails or cannot be reached.
    """

    url: str

    def __post_init__(self) -> None:
        if not is_url(self.url):
            raise ConfigError(at("start", shown(self.url), "is a local path and no store"))
        check_url(self.url)

    def __str__(self) -> str:
        return shown(self.url)

    def file(self, key: str) -> RemoteFile:
        """Name one object."""
        return RemoteFile(f"{self.url.rstrip('/')}/{key}" if key else self.url)

    def create(self, key: str, data: bytes) -> bool:
        """Write an object unless there is one; tell whether it was written.

        Of all who try at once, one writes it. A writer whose answer was lost on the way, so that it
        was sent twice, is told `False` of its own object: who must know reads it back.
        """
        try:
            self._ask("pipe_file", key, data, mode="create")
        except FileExistsError:
            return False
        return True

    def put(self, key: str, path: Path) -> None:
        """Write an object from a file, over one that is there; a large one in parts, seen when all are."""
        url = self.file(key).url
        system, place = connect(url)
        part = max(_PART, -(-path.stat().st_size // _MOST_PARTS))
        options = {"chunksize": part} if scheme_of(url) in _S3 else {}
        ask(url, system.put_file, str(path), place, **options)

    def read(self, key: str) -> bytes | None:
        """Read an object whole, by one request."""
        try:
            return cast("bytes", self._ask("cat_file", key))
        except FileNotFoundError:
            return None

    def read_start(self, key: str, size: int) -> bytes | None:
        """Read the first bytes of an object, all of a smaller one, by one request."""
        try:
            return cast("bytes", self._ask("cat_file", key, start=0, end=size))
        except FileNotFoundError:
            return None
        except NoRangeError:
            return b""

    def fetch(self, key: str, path: Path) -> None:
        """Copy an object to a file, which appears whole or not at all.

        Raises:
            InputError: it is not there, or was replaced meanwhile.
        """
        partial = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
        try:
            with self.open(key) as source, partial.open("wb") as target:
                shutil.copyfileobj(source, target, _BLOCK)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)

    def open(self, key: str) -> RemoteReader:
        """Open an object for reading by range; all of it is of one version.

        Raises:
            InputError: it is not there.
        """
        return self.file(key).reader()

    def size(self, key: str) -> int | None:
        """Return the bytes of an object."""
        try:
            found = self._ask("info", key)
        except FileNotFoundError:
            return None
        return None if found["type"] == "directory" else int(found["size"])

    def list(self, prefix: str = "") -> list[tuple[str, int]]:
        """Return key and size of every object below a folder, sorted."""
        return sorted((key, int(found["size"])) for key, found in self.look(prefix).items())

    def folders(self) -> tuple[str, ...]:
        """Return the names of the folders right below, sorted; what is in them is not listed."""
        system, whole = connect(self.url)
        try:
            found = ask(self.url, system.ls, whole.rstrip("/"), detail=True)
        except FileNotFoundError:
            return ()
        names = (each["name"].rstrip("/") for each in found if each["type"] == "directory")
        return tuple(sorted(name.rpartition("/")[2] for name in names))

    def look(self, prefix: str = "") -> dict[str, dict[str, Any]]:
        """Return what the store says of every object below a folder, by key."""
        system, whole = connect(self.url)
        folder, base = whole.rstrip("/") + "/", self.file(prefix).url.rstrip("/")
        below = connect(base)[1].rstrip("/") + "/"
        try:
            found = ask(base, system.find, below, detail=True)
        except FileNotFoundError:
            return {}
        return {
            name.removeprefix(folder): details
            for name, details in found.items()
            # a folder made by hand is an object of no bytes whose key ends with a slash
            if name.startswith(below) and name != below and details["type"] == "file"
        }

    def remove(self, keys: Iterable[str]) -> None:
        """Remove objects; one that is gone already is no matter."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for _ in pool.map(self._remove, keys):
                pass

    def require_create(self, key: str) -> None:
        """Make sure that the store creates an object once: some ignore the condition and write over it.

        Raises:
            ConfigError: it does not; two workers could both commit a task.
        """
        first = uuid.uuid4().bytes
        try:
            if not self.create(key, first) or self.create(key, b"") or self.read(key) != first:
                raise ConfigError(
                    at("start", str(self), "the store has no conditional put (If-None-Match)")
                )
        finally:
            with contextlib.suppress(GristmillError):
                self.remove([key])

    def _remove(self, key: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._ask("rm_file", key)

    def _ask(self, method: str, key: str, *arguments: Any, **options: Any) -> Any:
        url = self.file(key).url
        system, path = connect(url)
        return ask(url, getattr(system, method), path, *arguments, **options)
