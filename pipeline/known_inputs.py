"""What earlier runs hashed: an input that is still the same file, or the same version, is not read again.

As git's index does, a record holds what the file system says of a file beside its name. A program
can set the time of its last change of content back, but not that of the last change at all (ctime).
"""

from __future__ import annotations

import hashlib
import os
import time
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import msgspec

from pipeline.sources.file import Digest, digest
from pipeline.store import RemoteFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pipeline.engine.crew import Rank
    from pipeline.engine.work import Work
    from pipeline.sources.file import InputFile

RACY: Final = 2_000_000_000
"""Nanoseconds before hashing in which a change is too fresh: another may follow under the same time stamp.

Two seconds is the coarsest step of a file system's clock (FAT); others step in milliseconds.
"""

_KIND, _NAME = "inputs", "digests"
_SHARED: Final = "hashed"  # one file for each large input
_LARGE: Final = 16 << 20  # bytes
_CHECK: Final = 32  # bytes of SHA-256 before the records


class Record(msgspec.Struct, frozen=True, array_like=True):
    """What a file looked like when it was hashed, and its digest."""

    stamp: tuple[int | str, ...]
    bytes: int
    sha256: str
    etag: str


class KnownInputs:
    """Digests of inputs by path. `now` gives the time in nanoseconds since 1970.

    Ranks that share a run share the hashing of large inputs: each begins elsewhere and leaves what it
    finds in the work folder `shared` for the others.
    """

    def __init__(
        self, records: dict[str, Record] | None = None, now: Callable[[], int] = time.time_ns
    ) -> None:
        self._earlier = records or {}
        self._kept: dict[str, Record] = {}
        self._now = now
        self._shared: Work | None = None
        self._begin = Fraction(0)

    def share(self, work: Work, rank: Rank) -> None:
        """Share the hashing with the other ranks."""
        self._shared = work
        self._begin = Fraction(rank.number, rank.world)

    def turns(self, count: int) -> Iterator[int]:
        """Yield the numbers of so many inputs in the order in which they are to be hashed here."""
        first = int(count * self._begin)
        yield from range(first, count)
        yield from range(first)

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
        if known is None or known.stamp != before:
            known = self._told(path, before)
        if known is not None:
            self._kept[path] = known
            return Digest(known.bytes, known.sha256, known.etag)
        found = digest(file)
        if before and _stamp(file) == before and not _is_racy(before, began):
            self._kept[path] = Record(before, found.bytes, found.sha256, found.etag)
            self._tell(path, self._kept[path])
        return found

    def _told(self, path: str, stamp: tuple[int | str, ...]) -> Record | None:
        """Look whether another rank has hashed an input, where hashing would take longer than to look."""
        if self._shared is None or not _is_large(stamp):
            return None
        try:
            data = self._shared.look(_SHARED, _name(path)) or b""
            found = msgspec.msgpack.decode(data, type=Record)
        except (OSError, msgspec.DecodeError):
            return None
        return found if found.stamp == stamp else None

    def _tell(self, path: str, record: Record) -> None:
        if self._shared is not None and _is_large(record.stamp):
            self._shared.leave(_SHARED, _name(path), [msgspec.msgpack.encode(record)])


def _name(path: str) -> str:
    return hashlib.sha256(path.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _is_large(stamp: tuple[int | str, ...]) -> bool:
    return bool(stamp) and isinstance(stamp[0], int) and stamp[0] >= _LARGE


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
