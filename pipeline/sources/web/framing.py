"""The records of a web archive (ISO 28500, WARC/0.17 to 1.1): where each begins and ends, and its fields.

Neither warcio nor fastwarc tells what it could not read: a length that lies swallows the records behind it, and
a broken member ends the file (docs/decisions/0047-web-archives.md). So records are framed here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from pipeline.sources.records import RAW_LIMIT, BrokenStreamError
from pipeline.sources.web.fields import LONGEST, Fields, read_fields
from pipeline.sources.web.pieces import RECORD, Piece

if TYPE_CHECKING:
    from collections.abc import Iterator

AFTER_DAMAGE: Final = "after-damage"
"""What is odd of a record: it was found by seeking, behind one that is broken. A page could have planted it."""

_VERSION: Final = re.compile(rb"WARC/(?:0\.1[78]|1\.[01])[ \t]*\r?\n")
_END: Final = re.compile(rb"\n\r?\n")
_NEXT: Final = re.compile(rb"\n(?=WARC/[01]\.[0-9]+[ \t]*\r?\n)")
_LENGTH: Final = re.compile(rb"[0-9]{1,18}")
_BLANKS: Final = 1 << 10  # bytes of line ends between two records; two lines are the rule
_ONCE: Final = frozenset(
    (
        *("content-length", "content-type", "warc-date", "warc-record-id"),
        *("warc-segment-number", "warc-target-uri", "warc-truncated", "warc-type"),
    )
)
_LOOK: Final = 1 << 20  # bytes that are looked through at once
_OVERLAP: Final = 64  # bytes that a line that opens a record takes at most
_ENDING: Final = 32  # bytes behind a block that are looked at
_REST: Final = 1 << 20  # bytes without a record at a file's end that are more than one bad record
_CUT: Final = "cut"  # the bytes end before the record does


class Framed(NamedTuple):
    """One record: its number in the file from 1, its fields, its block.

    Of a block that is longer than wanted `block` holds the beginning alone; `size` is the whole one's.
    """

    number: int
    fields: Fields
    block: bytes
    size: int
    odd: tuple[str, ...] = ()


class Lost(NamedTuple):
    """What is no record: why, and its first bytes. `final`: nothing can be read behind it."""

    number: int
    reason: str
    raw: bytes
    detail: str = ""
    final: bool = False


class _LostError(Exception):
    """The record at hand is broken: the reason, and its first bytes."""

    def __init__(self, reason: str, raw: bytes) -> None:
        super().__init__(reason)
        self.reason = reason
        self.raw = raw[:RAW_LIMIT]


class _Stream:
    """Bytes to be taken. They end before damage, and where another record is known to begin."""

    def __init__(self, pieces: Iterator[Piece]) -> None:
        self._pieces = pieces
        self._next: Piece | None = None
        self._held = b""
        self._from = 0
        self._members = 0
        self.met = 0  # records since the last member that opened with one

    @property
    def is_alone(self) -> bool:
        """Tell whether the record at hand seems to have its member for itself."""
        return self._members > 1 and self.met <= 1

    def ahead(self) -> Piece | None:
        """Return the next piece without taking it."""
        if self._next is None:
            self._next = next(self._pieces, None)
        return self._next

    def enter(self) -> BrokenStreamError | None:
        """Drop what is held and take the next piece; return the damage that lies before it."""
        piece = self.ahead()
        self._held, self._from, self._next = b"", 0, None
        if piece is None:
            return None
        if piece.starts:
            self._members, self.met = self._members + 1, 0
        self._held = piece.data
        return piece.broken

    def peek(self, size: int) -> bytes:
        """Return up to so many bytes without taking them, fewer only at the end."""
        while len(self._held) - self._from < size and self._fill():
            pass
        return self._held[self._from : self._from + size]

    def drop(self, size: int) -> None:
        """Take bytes that were peeked at."""
        self._from += size

    def take(self, size: int, most: int) -> tuple[bytes, int]:
        """Take bytes, keep the first `most`; return these and how many there were."""
        kept: list[bytes] = []
        have = 0
        while have < size and (self._from < len(self._held) or self._fill()):
            step = min(size - have, len(self._held) - self._from)
            kept.append(self._held[self._from : self._from + min(step, max(0, most - have))])
            self._from += step
            have += step
        return b"".join(kept), have

    def back(self, data: bytes) -> None:
        """Put back what was taken."""
        self._held, self._from = data + self._held[self._from :], 0

    def _fill(self) -> bool:
        piece = self.ahead()
        if piece is None or piece.broken is not None or piece.starts:
            return False
        self._held = self._held[self._from :] + piece.data
        self._from, self._next = 0, None
        return True


def records(pieces: Iterator[Piece], most: int) -> Iterator[Framed | Lost]:
    """Yield the records of an archive and what is none; of a block `most` bytes are held."""
    stream, number, odd = _Stream(pieces), 0, tuple[str, ...]()
    while True:
        _skip_blanks(stream)
        if not stream.peek(1):
            if stream.ahead() is None:
                return
            broken = stream.enter()
            if broken is not None:
                number, odd = number + 1, (AFTER_DAMAGE,)
                yield Lost(number, broken.reason, b"", broken.detail, stream.ahead() is None)
            continue
        number += 1
        stream.met += 1
        try:
            framed = _record(stream, number, most, odd)
        except _LostError as error:
            yield _after(stream, number, error)
            odd = (AFTER_DAMAGE,)
        else:
            yield framed
            odd = ()


def _after(stream: _Stream, number: int, error: _LostError) -> Lost:
    """Go on behind a broken record; where damage or the file's end cut it, both are one row."""
    found, skipped = _resume(stream)
    piece = stream.ahead()
    is_cut = error.reason == _CUT and not found
    if is_cut and piece is not None and piece.broken is not None:
        broken = piece.broken
        stream.enter()
        return Lost(number, broken.reason, error.raw, broken.detail, stream.ahead() is None)
    if is_cut and piece is None:
        return Lost(number, "truncated", error.raw, f"record {number} is cut short", final=True)
    if not found and piece is None and skipped > _REST:
        return Lost(number, "garbage", error.raw, f"no record from number {number} on", final=True)
    reason = "warc:length" if error.reason == _CUT else error.reason
    return Lost(number, reason, error.raw)


def _skip_blanks(stream: _Stream) -> None:
    while (data := stream.peek(_BLANKS)) and (blanks := len(data) - len(data.lstrip(b"\r\n"))):
        stream.drop(blanks)


def _record(stream: _Stream, number: int, most: int, odd: tuple[str, ...]) -> Framed:
    """Take one record.

    Raises:
        _LostError: it is broken; the stream stands behind what is certainly no other record.
    """
    head = _head(stream)
    version = _VERSION.match(head)
    fields = read_fields(head[version.end() :] if version else b"")
    length = fields.get("content-length")
    reason = _flaw(fields, length) if version else "warc:version"
    if reason:
        stream.back(b"\n")  # another one may begin right behind it
        raise _LostError(reason, head)
    size = int(length)
    block, taken = stream.take(size, most)
    if taken == size and _ends(stream.peek(_ENDING)):
        return Framed(number, fields, block, size, odd)
    if taken == len(block):
        stream.back(block)  # the records that a lying length swallowed are sought in there
    raise _LostError(_CUT if taken < size else "warc:length", head)


def _ends(data: bytes) -> bool:
    """Tell whether a block ends before these bytes: before two line ends, or fewer and then another record."""
    rest = data.lstrip(b"\r\n")
    return data.startswith((b"\r\n\r\n", b"\n\n")) or (
        rest.startswith(RECORD) if rest and rest != data else not rest
    )


def _head(stream: _Stream) -> bytes:
    """Take the lines of a header, with the blank one behind them.

    Raises:
        _LostError: there is none.
    """
    data = stream.peek(LONGEST)
    if not data.startswith(RECORD):
        is_cut = len(data) < len(RECORD) and RECORD.startswith(data)
        raise _LostError(_CUT if is_cut else "warc:version", data)
    end = _END.search(data)
    if end is None:
        raise _LostError(_CUT if len(data) < LONGEST else "warc:header", data)
    stream.drop(end.end())
    return data[: end.end()]


def _flaw(fields: Fields, length: bytes) -> str:
    """Return what is wrong with a record's header; a field that decides and stands twice may mean either."""
    names = [name for name, _ in fields.pairs if name in _ONCE]
    if fields.flawed:
        return "warc:header"
    if len(set(names)) < len(names):
        return "warc:header-twice"
    return "" if _LENGTH.fullmatch(length) else "warc:length"


def _resume(stream: _Stream) -> tuple[bool, int]:
    """Go on where the next record seems to begin; tell whether one does before the next member, and what was skipped.

    Where each record has its member, nothing is sought within: a page that holds a record would be believed.
    """
    skipped = 0
    while data := stream.peek(_LOOK):
        found = None if stream.is_alone else _NEXT.search(data)
        if found is not None:
            stream.drop(found.end())
            return True, skipped + found.end()
        step = len(data) if len(data) < _LOOK or stream.is_alone else _LOOK - _OVERLAP
        stream.drop(step)
        skipped += step
    return False, skipped
