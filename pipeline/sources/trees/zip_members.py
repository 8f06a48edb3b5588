"""Read the members of a zip archive in the order of its central directory.

What the directory says of a member must hold: where it lies, that it shares no byte with another, how large
it is, packed and unpacked, and its checksum. ISO/IEC 21320-1 has two ways of packing, and they are read here.
"""

from __future__ import annotations

import stat
import zlib
from functools import partial
from struct import Struct
from typing import TYPE_CHECKING, Final

from pipeline.sources.records import BrokenStreamError
from pipeline.sources.trees.members import CHUNK, Allowance, Member, MemberError
from pipeline.sources.trees.zip_directory import Places, entries, find_directory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.sources.file import Positional
    from pipeline.sources.trees.members import Kind
    from pipeline.sources.trees.zip_directory import Entry

_LOCAL: Final = Struct("<4s5H3L2H")  # APPNOTE 4.3.7
_ENCRYPTED: Final = 1 | 1 << 6 | 1 << 13  # 4.4.4
_STORED, _DEFLATED = 0, 8  # 4.4.5
_EXECUTABLE: Final = 0o111
_READ: Final = 64 << 10


def zip_members(file: Positional, ratio: int, most: int) -> Iterator[Member]:
    """Yield the members of an archive.

    Raises:
        BrokenStreamError: the rest of it cannot be read: `truncated`, `format`, `garbage`, `members`, `bomb`.
    """
    directory = find_directory(file)
    places, allowance = Places(file, directory, most), Allowance(ratio)
    for number, entry in enumerate(entries(file, directory), 1):
        if number > most:
            raise BrokenStreamError("members", f"member {number}: more than {most} (max_members)")
        yield Member(
            number=number,
            name=entry.name,
            kind=_kind(entry),
            size=entry.size,
            read=partial(_read, file, number, entry, places, allowance),
            pieces=partial(_checked, file, number, entry, places, allowance),
            created=entry.created,
            executable=bool(entry.mode & _EXECUTABLE),
            flaw=_flaw(entry),
        )


def _kind(entry: Entry) -> Kind:
    """Tell by the mode of Unix, where the archive has it, and by the name."""
    if entry.name.endswith(b"/"):
        return "folder"
    kinds: dict[int, Kind] = {
        0: "file",
        stat.S_IFREG: "file",
        stat.S_IFLNK: "symlink",
        stat.S_IFDIR: "folder",
    }
    return kinds.get(stat.S_IFMT(entry.mode), "special")


def _flaw(entry: Entry) -> str:
    if entry.flags & _ENCRYPTED:
        return "member:encrypted"
    return "" if entry.method in {_STORED, _DEFLATED} else "member:method"


def _checked(
    file: Positional, number: int, entry: Entry, places: Places, allowance: Allowance
) -> Iterator[bytes]:
    """Unpack a member bit by bit, twice: nothing is given of what its checksum takes back."""
    start = _find(file, number, entry, places, allowance)
    for _ in _pieces(file, start, entry):
        pass
    yield from _pieces(file, start, entry)


def _read(
    file: Positional, number: int, entry: Entry, places: Places, allowance: Allowance
) -> bytes:
    """Unpack a member; no more comes out than it claims, and that is counted before it is done."""
    return b"".join(_pieces(file, _find(file, number, entry, places, allowance), entry))


def _find(file: Positional, number: int, entry: Entry, places: Places, allowance: Allowance) -> int:
    """Return where the content begins, once it is known that it may be unpacked."""
    start = _start(file, entry)
    if start + entry.stored > places.end(entry.offset):
        raise MemberError("member:overlap")
    try:
        allowance.spend(entry.stored, entry.size)
    except BrokenStreamError as broken:
        raise BrokenStreamError(broken.reason, f"member {number}: {broken.detail}") from None
    return start


def _pieces(file: Positional, start: int, entry: Entry) -> Iterator[bytes]:
    """Unpack what lies there; its checksum is held against it at the end."""
    unpack = _stored if entry.method == _STORED else _inflate
    crc = 0
    for piece in unpack(file, start, entry):
        crc = zlib.crc32(piece, crc)
        yield piece
    if crc != entry.crc:
        raise MemberError("member:crc")


def _stored(file: Positional, start: int, entry: Entry) -> Iterator[bytes]:
    if entry.stored != entry.size:
        raise MemberError("member:size")
    for at in range(0, entry.size, CHUNK):
        yield file.pread(min(CHUNK, entry.size - at), start + at)


def _start(file: Positional, entry: Entry) -> int:
    """Return where the content begins, behind a header that must say what the directory says."""
    head = file.pread(_LOCAL.size, entry.offset) if entry.offset < file.size else b""
    if len(head) < _LOCAL.size:
        raise MemberError("member:header")
    magic, _, flags, method, *_, names, extra = _LOCAL.unpack(head)
    name = file.pread(names, entry.offset + _LOCAL.size)
    if (magic, name, method) != (b"PK\3\4", entry.name, entry.method) or flags & _ENCRYPTED:
        raise MemberError("member:header")
    return entry.offset + _LOCAL.size + int(names) + int(extra)


def _inflate(file: Positional, start: int, entry: Entry) -> Iterator[bytes]:
    decoder = zlib.decompressobj(-zlib.MAX_WBITS)
    left, made, data, is_full = entry.stored, 0, b"", False
    while not decoder.eof:
        if not data and not is_full:  # where as much came out as was asked for, more may follow
            if not left:
                raise MemberError("member:corrupt")
            data = file.pread(min(left, _READ), start + entry.stored - left)
            left -= len(data)
        # one byte more than is claimed, so that it shows where there is one
        step = min(entry.size + 1 - made, CHUNK)
        try:
            piece = decoder.decompress(data, step)
        except zlib.error as error:
            raise MemberError("member:corrupt") from error
        data, made, is_full = decoder.unconsumed_tail, made + len(piece), len(piece) == step
        if made > entry.size:
            raise MemberError("member:size")
        yield piece
    if made < entry.size or left or decoder.unused_data:
        raise MemberError("member:size")
