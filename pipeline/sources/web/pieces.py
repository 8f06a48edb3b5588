"""The unpacked bytes of a web archive in pieces that can be trusted, and what breaks them on the way.

The usual archive has one gzip member for each record, so that damage ends with its member: the next one that
opens with a record is sought and the rest goes through. Of plain and zstd archives all up to the damage does.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final, NamedTuple

from pipeline.sources.file import positional
from pipeline.sources.records import BrokenStreamError
from pipeline.sources.trees.members import Allowance
from pipeline.sources.trees.unpacked import Feed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pipeline.sources.file import InputFile

RECORD: Final = b"WARC/"
"""How every record begins."""

_MAGIC: Final = b"\x1f\x8b\x08"
_GZIP: Final = b"\x1f\x8b"
_MEMBER: Final = 31  # zlib's word for "one gzip member, its CRC checked"
_READ: Final = 32 << 10
_WINDOW: Final = 1 << 20  # bytes that are fetched at once, from a store for instance
_CHUNK: Final = 1 << 20
_HELD: Final = 16 << 20  # decoded bytes of one member that are held back until its checksum holds
_LOOK: Final = 512  # bytes of a member that tell whether a record begins in it
_CHECKS: Final = ("incorrect data check", "incorrect length check")
_WASTE: Final = 64 << 20  # bytes that may be read in vain, and as often as this the file's own:
_WASTE_RATIO: Final = 4


class Piece(NamedTuple):
    """Bytes; `starts` where it is known that a record begins with them. `broken`: what is lost before them."""

    data: bytes
    starts: bool = False
    broken: BrokenStreamError | None = None


def pieces(path: InputFile, ratio: int) -> Iterator[Piece]:
    """Yield the bytes of an archive, plain or packed, told by its first bytes.

    `ratio` is how many bytes may come out for each one read. A `broken` piece is the last one where nothing
    follows the damage.
    """
    with path.open("rb", buffering=0) as file:
        if file.read(len(_GZIP)) == _GZIP:
            pread, size = positional(file)
            yield from _Members(_Window(pread), size, ratio).pieces()
            return
    feed = Feed(path, ratio)
    while data := feed.take(_CHUNK):
        yield Piece(data)
    if feed.damage is not None:
        yield Piece(b"", broken=feed.damage)


class _Window:
    """Reads by position, ahead: members are small, and lie one behind the other."""

    def __init__(self, pread: Callable[[int, int], bytes]) -> None:
        self._pread = pread
        self._start = 0
        self._data = b""

    def __call__(self, size: int, offset: int) -> bytes:
        at = offset - self._start
        if at < 0 or at + size > len(self._data):
            self._start, self._data, at = offset, self._pread(max(size, _WINDOW), offset), 0
        return self._data[at : at + size]


class _Member(NamedTuple):
    """One gzip member: the bytes held, where it ends; `long` where they are not all; what is wrong with it."""

    held: list[bytes]
    end: int
    long: bool = False
    broken: BrokenStreamError | None = None


class _Members:
    """The members of a gzip file, each by itself (RFC 1952)."""

    def __init__(self, pread: Callable[[int, int], bytes], size: int, ratio: int) -> None:
        self._pread = pread
        self._size = size
        self._allowance = Allowance(ratio)
        self._waste = _WASTE + _WASTE_RATIO * size

    def pieces(self) -> Iterator[Piece]:
        at: int | None = 0
        while at is not None and at < self._size:
            start = self._padding(at)
            if start >= self._size:
                return
            try:
                member = self._decode(start)
            except BrokenStreamError as bomb:
                yield Piece(b"", broken=bomb)
                return
            if member.broken is None:
                yield from self._give(start, member)
                at = member.end
            else:
                at = self._seek(start + 1, member.end)
                if at is None and member.broken.reason == "truncated":
                    yield from _join(member.held)
                yield Piece(b"", broken=member.broken)

    def _give(self, start: int, member: _Member) -> Iterator[Piece]:
        """Give a member that is whole; of one that is too long to hold decode it once more."""
        if not member.long:
            yield from _join(member.held)
            return
        first = True
        for _, data in _inflate(self._pread, start):
            yield Piece(data, first and data.startswith(RECORD))
            first = False

    def _padding(self, at: int) -> int:
        """Return where zero bytes end, as tapes have them behind a file."""
        while at < self._size:
            data = self._pread(_READ, at)
            rest = data.lstrip(b"\0")
            at += len(data) - len(rest)
            if rest:
                break
        return at

    def _decode(self, start: int) -> _Member:
        """Decode a member to its end.

        Raises:
            BrokenStreamError: more comes out than is allowed.
        """
        held: list[bytes] = []
        size, at, is_long = 0, start, False
        if not self._pread(len(_GZIP), start).startswith(_GZIP[: self._size - start]):
            problem = BrokenStreamError("garbage", f"no gzip member begins at byte {start}")
            return _Member(held, start, broken=problem)
        try:
            for end, data in _inflate(self._pread, start):
                self._allowance.spend(end - at, len(data))
                at, size = end, size + len(data)
                is_long = is_long or size > _HELD
                if is_long:
                    held.clear()
                else:
                    held.append(data)
        except zlib.error as error:
            reason = "gzip-crc" if str(error).endswith(_CHECKS) else "corrupt-frame"
            return _Member(
                [], at, broken=BrokenStreamError(reason, f"member at byte {start}: {error}")
            )
        except EOFError:
            problem = BrokenStreamError("truncated", f"member at byte {start}: it is cut short")
            return _Member(held, self._size, broken=problem)
        return _Member(held, at, is_long)

    def _seek(self, at: int, read: int) -> int | None:
        """Find the next member that opens with a record; `read` is how far the broken one was read."""
        self._waste -= read - at
        overlap = len(_MAGIC) - 1
        while at < self._size and self._waste > 0:
            data = self._pread(_READ, at)
            found = data.find(_MAGIC)
            while found >= 0:
                self._waste -= _LOOK
                if self._opens(at + found):
                    self._waste -= found
                    return at + found
                found = data.find(_MAGIC, found + 1)
            self._waste -= len(data)
            at += max(1, len(data) - overlap)
        return None

    def _opens(self, start: int) -> bool:
        member = zlib.decompressobj(_MEMBER)
        try:
            data = member.decompress(self._pread(_LOOK, start), len(RECORD))
        except zlib.error:
            return False
        return data.startswith(RECORD)


def _join(held: list[bytes]) -> Iterator[Piece]:
    data = b"".join(held)
    if data:
        yield Piece(data, data.startswith(RECORD))


def _inflate(pread: Callable[[int, int], bytes], start: int) -> Iterator[tuple[int, bytes]]:
    """Yield how far the file was read and what came out, to the end of one member.

    Raises:
        zlib.error: the bytes are no gzip, or its checksum does not hold.
        EOFError: the file ends first.
    """
    member, at, data = zlib.decompressobj(_MEMBER), start, b""
    while not member.eof:
        if not data:
            data = pread(_READ, at)
            at += len(data)
        chunk = member.decompress(data, _CHUNK)
        if not data and not chunk and not member.eof:
            raise EOFError
        data = b"" if member.eof else member.unconsumed_tail  # at the end it may be an old one
        yield at - len(member.unused_data) - len(data), chunk
