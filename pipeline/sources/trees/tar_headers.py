"""The headers of a tar archive: ustar and pax (POSIX.1-2001, pax, "EXTENDED DESCRIPTION"), GNU, and v7 before them.

Read by ourselves, since the standard library's reader takes whatever a header claims: it reads a pax header
of any size whole, and holds every member that it has met.
"""

from __future__ import annotations

import re
from struct import Struct
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from pipeline.sources.trees.members import Kind

BLOCK: Final = 512
MAX_EXTENDED: Final = 1 << 20
"""Bytes of an extended header, or of a long name's, that are read; real ones have a few hundred."""

PAX: Final = b"x"
GLOBAL: Final = b"g"
LONG_NAME: Final = b"L"
LONG_LINK: Final = b"K"
OLD_SPARSE: Final = b"S"

_KINDS: Final[dict[bytes, Kind]] = {
    b"\0": "file",
    b"0": "file",
    b"7": "file",
    b"1": "hardlink",
    b"2": "symlink",
    b"5": "folder",
    b"S": "sparse",
}
_BARE: Final = frozenset([b"1", b"2", b"3", b"4", b"5", b"6"])
_BINARY: Final = 0x80  # the first byte of a number in base 256
_CHECKSUM: Final = slice(148, 156)
_FIELDS: Final = (slice(124, 136), slice(100, 108), slice(136, 148))  # size, mode, time of change
_SIGNED: Final = Struct("512b")
_POSIX: Final = b"ustar\x0000"
_SPARSE: Final = b"GNU.sparse."
_LENGTH: Final = re.compile(rb"([1-9][0-9]{0,6}) ")
_WANTED: Final = frozenset([b"path", b"linkpath", b"size", b"mtime"])


class HeaderError(Exception):
    """Five hundred and twelve bytes that are no header."""


class Header(NamedTuple):
    """What a header says; `more_sparse` that blocks of a sparse map follow it."""

    type: bytes
    name: bytes
    link: bytes
    mode: int
    size: int
    mtime: int
    more_sparse: bool

    @property
    def kind(self) -> Kind:
        """What the member is; of a type that is not known nothing is read."""
        return "folder" if self._is_old_folder else _KINDS.get(self.type, "special")

    @property
    def is_bare(self) -> bool:
        """Tell what has no content, whatever its size says."""
        return self._is_old_folder or self.type in _BARE

    @property
    def _is_old_folder(self) -> bool:
        """Tell a folder as v7 has it: a file whose name ends in a slash."""
        return self.type == b"\0" and self.name.endswith(b"/")


def parse_header(block: bytes) -> Header:
    """Read a header.

    Raises:
        HeaderError: its checksum is wrong, or its size is no number.
    """
    if not _holds(block):
        raise HeaderError
    size, mode, mtime = (_number(block[field]) for field in _FIELDS)
    if size is None or size < 0:
        raise HeaderError
    name = _text(block[:100])
    if block[257:265] == _POSIX and (prefix := _text(block[345:500])):
        name = prefix + b"/" + name
    link = _text(block[157:257])
    return Header(block[156:157], name, link, mode or 0, size, mtime or 0, block[482] != 0)


def _holds(block: bytes) -> bool:
    """Tell whether the checksum is the sum of all bytes, its own as blanks; old writers took them as signed."""
    told = _number(block[_CHECKSUM])
    data = block[:148] + b" " * 8 + block[156:]
    return told is not None and (told == sum(data) or told == sum(_SIGNED.unpack(data)))


def _text(field: bytes) -> bytes:
    return field.partition(b"\0")[0]


def _number(field: bytes) -> int | None:
    """Read octal digits, or GNU's base 256, of which a negative one is -1; `None` for what is neither."""
    if field[0] & _BINARY:
        return -1 if field[0] != _BINARY else int.from_bytes(field[1:], "big")
    digits = _text(field).strip()
    if not digits:
        return 0
    return int(digits, 8) if re.fullmatch(rb"[0-7]+", digits) else None


class Extended(NamedTuple):
    """What extended headers say of the member that follows; `None` where they are silent."""

    path: bytes | None = None
    link: bytes | None = None
    size: int | None = None
    mtime: int | None = None
    sparse: bool = False
    flaw: str = ""


def read_pax(data: bytes, before: Extended) -> Extended:
    """Add what a pax header says to what was said; one that does not parse is a flaw of the member."""
    said: dict[bytes, bytes] = {}
    sparse, at = before.sparse, 0
    while at < len(data) and data[at]:
        length = _LENGTH.match(data, at)
        stop = at + int(length[1]) if length else 0
        key, equals, value = data[length.end() : stop - 1].partition(b"=") if length else (b"",) * 3
        if not equals or stop > len(data) or data[stop - 1] != ord("\n"):
            return before._replace(flaw="member:header")
        sparse = sparse or key.startswith(_SPARSE)
        if key in _WANTED:
            said[key] = value
        at = stop
    return _told(said, before._replace(sparse=sparse))


def _told(said: dict[bytes, bytes], before: Extended) -> Extended:
    size, mtime = said.get(b"size", b""), said.get(b"mtime", b"").partition(b".")[0]
    if size and not re.fullmatch(rb"[0-9]{1,19}", size):
        return before._replace(flaw="member:header")
    return before._replace(
        path=said.get(b"path") or before.path,
        link=said.get(b"linkpath") or before.link,
        size=int(size) if size else before.size,
        mtime=int(mtime) if re.fullmatch(rb"[0-9]{1,12}", mtime) else before.mtime,
    )
