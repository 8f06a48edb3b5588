"""A file in a store, opened like a local one: it is read by range, and every byte is of one version of it."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from pipeline.errors import InputError, at
from pipeline.store.address import shown
from pipeline.store.connection import connect
from pipeline.store.faults import ChangedError, NoRangeError, ask

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

_TAGS: Final = ("ETag", "etag", "content_md5", "md5Hash")
_FIRST: Final = 256 << 10  # bytes of a request that follows no other
_MOST: Final = 4 << 20
_HELD: Final = 16 << 20
_GROWTH: Final = 4


class RemoteFile(NamedTuple):
    """A file in a store, with those of a path's methods that readers of inputs use.

    `etag` is what the store calls the version that is meant; `""` is whatever lies there.
    """

    url: str
    etag: str = ""

    def __str__(self) -> str:
        return shown(self.url)

    @property
    def name(self) -> str:
        """The last part of the URL."""
        return self.url.rpartition("/")[2]

    @property
    def suffix(self) -> str:
        """What follows the last dot of the name, with the dot."""
        return os.path.splitext(self.name)[1]  # noqa: PTH122  a URL is no path

    def open(self, mode: str = "rb", buffering: int = -1) -> BinaryIO:
        """Open it for reading; `mode` and `buffering` are those of a path, and change nothing.

        Raises:
            InputError: it is not there, or another version than `etag`.
            GristmillError: the store refuses, or cannot be reached.
        """
        del mode, buffering
        return cast("BinaryIO", self.reader())

    def stamp(self) -> tuple[int | str, ...]:
        """Return size, tag and time of what lies there now; nothing where the store tags no versions.

        Raises:
            InputError: it is not there.
            GristmillError: as `open` does.
        """
        try:
            system, path = connect(self.url)
            found = ask(self.url, system.info, path)
        except FileNotFoundError:
            raise InputError(at("read", str(self), "is not there")) from None
        if not any(found.get(name) for name in _TAGS):
            return ()
        return int(found["size"]), etag_of(found), str(found.get("LastModified", ""))

    def reader(self) -> RemoteReader:
        """Open it for reading, as `open` does."""
        try:
            system, path = connect(self.url)
            file = ask(self.url, system.open, path, "rb", cache_type="none")
            found = etag_of(getattr(file, "details", None) or ask(self.url, system.info, path))
        except FileNotFoundError:
            raise InputError(at("read", str(self), "is not there")) from None
        if self.etag and found != self.etag:
            file.close()
            raise _changed(self.url)
        return RemoteReader(self.url, file, found)


def etag_of(details: dict[str, Any]) -> str:
    """Return what a store calls this version of an object: an entity tag, else a digest of what it says."""
    for name in _TAGS:
        if details.get(name):
            return str(details[name]).strip('"')
    known = (str(details.get(name, "")) for name in ("size", "mtime", "LastModified", "created"))
    return "-".join(known)


def _changed(url: str) -> InputError:
    return InputError(at("read", shown(url), "changed while it was read"))


class RemoteReader(io.RawIOBase):
    """An open file in a store; all that is read is of the version `etag`.

    Raises `InputError` when that is no longer there.
    """

    def __init__(self, url: str, file: Any, etag: str) -> None:
        super().__init__()
        self.etag = etag
        self.size: int = file.size
        self._url = url
        self._file = file
        self._at = 0
        self._window = _Window(self._fetch, self.size)

    def pread(self, size: int, offset: int) -> bytes:
        """Return up to `size` bytes from `offset` on, fewer only at the end of the file."""
        return self._window.read(offset, min(offset + size, self.size))

    def _fetch(self, start: int, stop: int) -> bytes:
        try:
            data = cast("bytes", ask(self._url, self._range, start, stop))
        except (ChangedError, FileNotFoundError, NoRangeError):
            raise _changed(self._url) from None
        if len(data) != stop - start:
            raise _changed(self._url)
        return data

    def _range(self, start: int, stop: int) -> bytes:
        self._file.seek(start)
        return cast("bytes", self._file.read(stop - start))

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer as far as the file goes."""
        view = memoryview(buffer).cast("B")
        data = self.pread(len(view), self._at)
        view[: len(data)] = data
        self._at += len(data)
        return len(data)

    def readall(self) -> bytes:
        """Read the rest."""
        data = self.pread(self.size - self._at, self._at) if self._at < self.size else b""
        self._at += len(data)
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a byte; nothing is asked of the store."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """Return the byte that is read next."""
        return self._at

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that it can be read from any byte on."""
        return True

    def close(self) -> None:
        """Let go of what is held."""
        if not self.closed:
            self._window.clear()
            self._file.close()
        super().close()


class _Window:
    """The pieces of a file that were fetched last: readers look at headers before they read what follows.

    A request grows from 256 KiB to 4 MiB where one follows another, and 16 MiB are held.
    """

    def __init__(self, fetch: Callable[[int, int], bytes], size: int) -> None:
        self._fetch = fetch
        self._size = size
        self._step = _FIRST
        self._held: list[tuple[int, bytes]] = []

    def read(self, start: int, stop: int) -> bytes:
        """Return the bytes `[start, stop)`, which lie inside the file."""
        pieces = []
        while start < stop:
            first, data = self._find(start) or self._load(start, stop)
            pieces.append(data[start - first : stop - first])
            start += len(pieces[-1])
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def clear(self) -> None:
        """Hold nothing."""
        self._held.clear()

    def _find(self, at: int) -> tuple[int, bytes] | None:
        held = (each for each in reversed(self._held) if each[0] <= at < each[0] + len(each[1]))
        return next(held, None)

    def _load(self, start: int, stop: int) -> tuple[int, bytes]:
        """Fetch a piece that holds `start`, and nothing that is held already."""
        ends = (first + len(data) for first, data in self._held)
        # headers are read with gaps, and what lies between is read next
        before = max((end for end in ends if start - _FIRST <= end <= start), default=None)
        self._step = _FIRST if before is None else min(self._step * _GROWTH, _MOST)
        first = start if before is None else before
        wanted = first + min(max(stop - first, self._step), _MOST)
        behind = min((held for held, _ in self._held if held > start), default=self._size)
        self._held.append((first, self._fetch(first, min(wanted, behind, self._size))))
        while sum(len(data) for _, data in self._held) > _HELD:
            self._held.pop(0)
        return self._held[-1]
