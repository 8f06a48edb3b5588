"""The central directory of a zip archive (PKWARE, APPNOTE.TXT 6.3.10, 4.3), read entry by entry.

The standard library's reader holds an object for every entry; here a million of them take 8 MB.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from contextlib import suppress
from datetime import datetime
from struct import Struct
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from pipeline.sources.records import BrokenStreamError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.sources.file import Positional

_END: Final = Struct("<4s4H2LH")  # APPNOTE 4.3.16
_LOCATOR: Final = Struct("<4sLQL")  # 4.3.15
_END64: Final = Struct("<4sQ2H2L4Q")  # 4.3.14
_ENTRY: Final = Struct("<4s6H3L5H2L")  # 4.3.12
_EXTRA: Final = Struct("<2H")  # 4.5.1
_ZIP64: Final = 1  # 4.5.3
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF
_FIRST_DAY: Final = "1980-01-01T00:00:00"  # what stands for no time


class Directory(NamedTuple):
    """Where the entries lie, and how many there are, modulo `wrap` where that is told."""

    start: int
    stop: int
    members: int
    wrap: int


class Entry(NamedTuple):
    """What the directory says of a member; `stored` is its size as packed, `mode` the one of Unix or 0.

    `day` and `time` are packed as MS-DOS has them.
    """

    name: bytes
    flags: int
    method: int
    time: int
    day: int
    crc: int
    stored: int
    size: int
    offset: int
    mode: int

    @property
    def created(self) -> str:
        """When the member was changed, as it stands there: zip has no zone (APPNOTE 4.4.6)."""
        day, time = self.day, self.time
        try:
            found = datetime(  # noqa: DTZ001  see above
                1980 + (day >> 9),
                day >> 5 & 15,
                day & 31,
                time >> 11,
                time >> 5 & 63,
                (time & 31) * 2,
            ).isoformat()
        except ValueError:
            return ""
        return "" if found == _FIRST_DAY else found


def find_directory(file: Positional) -> Directory:
    """Find the central directory.

    Raises:
        BrokenStreamError: there is none, so that the archive is cut short or something else.
    """
    start = max(0, file.size - _END.size - _FULL16)
    tail = file.pread(file.size - start, start)
    stop = max(0, len(tail) - _END.size + 4)
    while (at := tail.rfind(b"PK\5\6", 0, stop)) >= 0:
        end = _END.unpack_from(tail, at)
        if at + _END.size + end[7] == len(tail):
            return _directory(file, start + at, end)
        stop = at + 3
    raise BrokenStreamError("truncated", "no end of a central directory stands at its end")


def _directory(file: Positional, at: int, end: tuple[int, ...]) -> Directory:
    _, disk, first, here, count, size, offset, _ = end
    stop, wrap = at, _FULL16 + 1
    located = file.pread(_LOCATOR.size, at - _LOCATOR.size) if at >= _LOCATOR.size else b""
    if located.startswith(b"PK\6\7"):
        stop, wrap = _LOCATOR.unpack(located)[2], 1 << 64
        found = file.pread(_END64.size, stop) if stop < at else b""
        if len(found) < _END64.size or not found.startswith(b"PK\6\6"):
            raise BrokenStreamError(
                "garbage", "zip64: its end of the directory is not where it is said to be"
            )
        _, _, _, _, disk, first, here, count, size, offset = _END64.unpack(found)
    if disk or first or here != count:
        raise BrokenStreamError("format", "a part of a zip archive in several parts")
    if offset + size != stop:
        raise BrokenStreamError("garbage", "its directory is not where it is said to be")
    return Directory(offset, stop, count, wrap)


def entries(file: Positional, directory: Directory) -> Iterator[Entry]:
    """Yield the entries in their order.

    Raises:
        BrokenStreamError: what follows is none, or there are not as many as is said.
    """
    at, number = directory.start, 0
    while at < directory.stop:
        number += 1
        head = file.pread(_ENTRY.size, at)
        if len(head) < _ENTRY.size or not head.startswith(b"PK\1\2"):
            raise BrokenStreamError(
                "garbage", f"member {number}: its entry in the directory is none"
            )
        fields = _ENTRY.unpack(head)
        names, extra, comment = fields[10:13]
        at += _ENTRY.size + names + extra + comment
        if at > directory.stop:
            raise BrokenStreamError(
                "garbage", f"member {number}: its entry runs out of the directory"
            )
        behind = file.pread(names + extra, at - names - extra - comment)
        yield _entry(fields, behind[:names], behind[names:])
    if number % directory.wrap != directory.members:
        raise BrokenStreamError(
            "garbage", f"its directory has {number} members and says {directory.members}"
        )


def _entry(fields: tuple[int, ...], name: bytes, extra: bytes) -> Entry:
    flags, method, time, day, crc, stored, size = fields[3:10]
    outside, offset = fields[15:17]
    wide = iter(_wide(extra))
    size, stored, offset = (
        next(wide, each) if each == _FULL32 else each for each in (size, stored, offset)
    )
    return Entry(name, flags, method, time, day, crc, stored, size, offset, outside >> 16)


def _wide(extra: bytes) -> tuple[int, ...]:
    """Return the 64-bit values that stand for those that 32 bits do not hold."""
    at = 0
    while at + _EXTRA.size <= len(extra):
        kind, size = _EXTRA.unpack_from(extra, at)
        at += _EXTRA.size
        if kind == _ZIP64:
            data = extra[at : at + min(size, 24)]
            return tuple(np.frombuffer(data[: len(data) // 8 * 8], "<u8").tolist())
        at += size
    return ()


class Places:
    """Where the members begin: 8 bytes for each, to tell those that share bytes with another.

    Entries that lie in one another make a bomb out of any archive (D. Fifield, "A better zip bomb", 2019).
    """

    def __init__(self, file: Positional, directory: Directory, most: int) -> None:
        held = array("Q")
        with suppress(BrokenStreamError):  # who reads the entries is told
            for entry in entries(file, directory):
                if len(held) == most:
                    break
                held.append(entry.offset)
        if held:
            np.frombuffer(held, np.uint64).sort()
        self._held = held
        self._last = directory.start

    def end(self, offset: int) -> int:
        """Return where the next member begins, or the directory; `offset` itself where two begin there."""
        after = bisect_right(self._held, offset)
        if after - bisect_left(self._held, offset) > 1:
            return offset
        return min(self._held[after], self._last) if after < len(self._held) else self._last
