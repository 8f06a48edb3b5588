"""What earlier runs hashed: an input that is still the same file, or the same version, is not read again.

As git's index does, a record holds what the file system says of a file beside its name. A program
can set the time of its last change of content back, but not that of the last change at all (ctime).
"""

from __future__ import annotations

import hashlib
import os
import time
from typing import TYPE_CHECKING, Final

import msgspec

from pipeline.sources.file import Digest, digest
from pipeline.store import RemoteFile

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.engine.work import Work
    from pipeline.sources.file import InputFile

RACY: Final = 2_000_000_000
"""Nanoseconds before hashing in which a change is too fresh: another may follow under the same time stamp.

Two seconds is the coarsest step of a file system's clock (FAT); others step in milliseconds.
"""

_KIND, _NAME = "inputs", "digests"
_CHECK: Final = 32  # bytes of SHA-256 before the records


class Record(msgspec.Struct, frozen=True, array_like=True):
    """What a file looked like when it was hashed, and its digest."""

    stamp: tuple[int | str, ...]
    bytes: int
    sha256: str
    etag: str


class KnownInputs:
    """Digests of inputs by path. `now` gives the time in nanoseconds since 1970."""

    def __init__(
        self, records: dict[str, Record] | None = None, now: Callable[[], int] = time.time_ns
    ) -> None:
        self._earlier = records or {}
        self._kept: dict[str, Record] = {}
        self._now = now

    @classmethod
    def load(cls, work: Work) -> KnownInputs:
        """Read what runs in a work folder left; a file that is missing or damaged says nothing."""
        try:
            data = work.look(_KIND, _NAME) or b""
            if hashlib.sha256(data[_CHECK:]).digest() == data[:_CHECK]:
                return cls(msgspec.msgpack.decode(data[_CHECK:], type=dict[str, Record]))
        except (OSError, msgspec.DecodeError):
            pass
        return cls()

    def save(self, work: Work) -> None:
        """Leave for the next run what this one knows of its inputs; it is a help and no more, so it may fail."""
        data = msgspec.msgpack.encode(dict(sorted(self._kept.items())))
        try:
            work.leave(_KIND, _NAME, [hashlib.sha256(data).digest(), data])
        except OSError:
            return

    def digest(self, path: str, file: InputFile) -> Digest:
        """Hash an input, or tell its digest from a record.

        Raises:
            InputError: it cannot be read.
        """
        before, began = _stamp(file), self._now()
        known = self._earlier.get(path)
        if known is not None and known.stamp == before:
            self._kept[path] = known
            return Digest(known.bytes, known.sha256, known.etag)
        found = digest(file)
        if before and _stamp(file) == before and not _is_racy(before, began):
            self._kept[path] = Record(before, found.bytes, found.sha256, found.etag)
        return found


def _stamp(file: InputFile) -> tuple[int | str, ...]:
    """Take what changes with a file; of one that cannot be asked nothing, which is never kept."""
    if isinstance(file, RemoteFile):
        return file.stamp()
    try:
        about = os.stat(file)  # noqa: PTH116  as fast as it goes: there may be a million
    except OSError:
        return ()  # hashing it tells why
    return about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino, about.st_dev


def _is_racy(stamp: tuple[int | str, ...], began: int) -> bool:
    """Tell a file that was changed just before it was hashed; a store gives every version a tag of its own."""
    return any(isinstance(each, int) and each > began - RACY for each in stamp[1:3])
