"""Turn an input file into the bytes that can be trusted, plain, gzip or zstd by its first bytes.

A decoder hands out bytes before the checksum over them is verified, and a shard must not yield a
record that a later checksum takes back. So `Trusted` holds a frame back until its end is verified.
A frame too large for that is decoded twice: `probe` runs through the file and measures how many
bytes are good, and no more are handed out.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple

from pipeline.errors import InputError, at
from pipeline.sources.file import positional
from pipeline.sources.records import BrokenStreamError
from pipeline.sources.zstd_frames import MAGIC as ZSTD
from pipeline.sources.zstd_frames import decode_good, decode_zstd, is_zstd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pipeline.sources.file import Openable

    Decoder = Callable[[BinaryIO], Iterator[tuple[bytes, bool]]]
    Opener = Callable[[BinaryIO, Openable, int], Decoder]

_GZIP: Final = b"\x1f\x8b"
_GZIP_MEMBER: Final = 31  # zlib's word for "one gzip member, its CRC checked"
_CHUNK: Final = 1 << 20
_READ: Final = 256 << 10
_CHECKS: Final = ("incorrect data check", "incorrect length check")
_SLACK: Final = 1 << 20
_SUFFIXES: Final = {".zst": ZSTD, ".zstd": ZSTD, ".gz": _GZIP}
_FOREIGN: Final = {
    b"BZh": "bzip2",
    b"\xfd7zXZ\0": "xz",
    b"PK\x03\x04": "zip",
    b"\x04\x22\x4d\x18": "lz4",
    b"PAR1": "parquet",
}


_HELD: Final = 16 << 20  # decoded bytes of one frame that are held back
_SO_FAR: Final = {"truncated", "bomb"}  # nothing is known against what came before


class Probe(NamedTuple):
    """How many decoded bytes of a file can be trusted, and what is wrong after them."""

    good_bytes: int
    damage: BrokenStreamError | None


class Trusted:
    """The trusted bytes of a file, in chunks; after the last one `damage` says what is wrong after them.

    `seek` is the file's byte to begin at, where a frame does, and `opener` chooses the decoder. Raises
    `InputError` if a file that is decoded twice gives fewer bytes the second time.
    """

    def __init__(self, path: Openable, seek: int = 0, opener: Opener | None = None) -> None:
        self._path = path
        self._seek = seek
        self._open = opener or open_decoder
        self.damage: BrokenStreamError | None = None

    def __iter__(self) -> Iterator[bytes]:
        held: list[bytes] = []
        given = size = 0
        with self._path.open("rb", buffering=0) as file:
            try:
                for chunk, sealed in self._open(file, self._path, self._seek)(file):
                    held.append(chunk)
                    size += len(chunk)
                    if sealed:
                        yield from held
                        given, size = given + size, 0
                        held.clear()
                    elif size > _HELD:
                        break
                else:
                    return
            except BrokenStreamError as broken:
                self.damage = broken
                yield from held if broken.reason in _SO_FAR else ()
                return
        held.clear()
        yield from self._twice(given)

    def _twice(self, given: int) -> Iterator[bytes]:
        """Go on after `given` bytes with what a first run through the file finds good."""
        good, self.damage = probe(self._path, self._seek, self._open)
        for chunk in decode(self._path, good, self._seek, self._open):
            if given < len(chunk):
                yield chunk[given:]
            given = max(0, given - len(chunk))


def probe(path: Openable, seek: int = 0, opener: Opener | None = None) -> Probe:
    """Decode the file once from a byte on, at decoder speed, and measure how far it can be trusted.

    A frame or member whose checksum or structure is wrong is not trusted at all, one that is cut
    short is trusted as far as it decodes, and nothing after either is read.
    """
    good = seen = 0
    with path.open("rb") as file:
        try:
            decoder = (opener or open_decoder)(file, path, seek)
            if decoder is read_plain:
                return Probe(positional(file).size - seek, None)
            for chunk, sealed in decoder(file):
                seen += len(chunk)
                good = seen if sealed else good
        except BrokenStreamError as broken:
            return Probe(seen if broken.reason in _SO_FAR else good, broken)
    return Probe(good, None)


def decode(
    path: Openable, good_bytes: int, seek: int = 0, opener: Opener | None = None
) -> Iterator[bytes]:
    """Yield the first `good_bytes` decoded bytes, as `probe` counted them, in chunks.

    Raises `InputError` if the file gives fewer by now.
    """
    left = good_bytes
    with path.open("rb", buffering=0) as file:
        try:
            decoder = (opener or open_decoder)(file, path, seek) if left > 0 else _nothing
            chunks = decode_good(file, left) if decoder is decode_zstd else decoder(file)
            for chunk, _ in chunks:
                yield chunk[:left]
                left -= len(chunk)
                if left <= 0:
                    return
        except BrokenStreamError as broken:
            raise InputError(at("read", str(path), "changed while it was read")) from broken
    if left > 0:
        raise InputError(at("read", str(path), "changed while it was read"))


def open_decoder(file: BinaryIO, path: Openable, seek: int) -> Decoder:
    """Choose by the first bytes, the suffix only tells a broken archive from a text file; go to `seek`.

    Raises `BrokenStreamError` for a file of another kind.
    """
    head, suffix = file.read(64), path.suffix.lower()
    file.seek(seek)
    if is_zstd(head):
        return decode_zstd
    if head.startswith(_GZIP):
        return gunzip
    for magic, kind in _FOREIGN.items():
        if head.startswith(magic):
            raise BrokenStreamError("format", f"the file is {kind}, not JSON lines, gzip or zstd")
    claim = _SUFFIXES.get(suffix)
    text = head.removeprefix(b"\xef\xbb\xbf").strip()
    if claim is not None and text and not text.startswith(b"{"):
        cut = claim.startswith(head)
        raise BrokenStreamError(
            "truncated" if cut else "garbage", "the file is not what its name says"
        )
    return read_plain


def _nothing(_: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    return iter(())


def read_plain(file: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    """Yield `(chunk, sealed)`: nothing vouches for plain bytes, so all of them count as good."""
    while chunk := file.read(_CHUNK):
        yield chunk, True


def gunzip(file: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    """Yield `(chunk, sealed)` of every member (RFC 1952); zero bytes after the last are padding."""
    data = file.read(_READ)
    while data:
        member = zlib.decompressobj(_GZIP_MEMBER)
        size = 0
        while not member.eof:
            data = data or file.read(_READ)
            chunk = _inflate(member, data)
            size += len(chunk)
            if not data and not chunk and not member.eof:
                raise _cut_member(file, size)
            data = member.unconsumed_tail
            yield chunk, False
        yield b"", True
        data = _next_member(file, member.unused_data)


def _inflate(member: zlib._Decompress, data: bytes) -> bytes:
    try:
        return member.decompress(data, _CHUNK)
    except zlib.error as error:
        reason = "gzip-crc" if str(error).endswith(_CHECKS) else "corrupt-frame"
        raise BrokenStreamError(reason, f"gzip member: {error}") from error


def _cut_member(file: BinaryIO, size: int) -> BrokenStreamError:
    """Tell a member that was cut short from one that a flipped bit made run past its own end.

    A member closes with its decoded size modulo 2^32 (RFC 1952, 2.3.1). If the last bytes of the
    file nearly say the size that was decoded, the end is there and the middle is wrong.
    """
    file.seek(max(0, file.tell() - 4))
    claimed = int.from_bytes(file.read(4), "little")
    if size > 0 and abs(claimed - size % 2**32) <= _SLACK:
        return BrokenStreamError("corrupt-frame", "gzip member: it runs past its own end")
    return BrokenStreamError("truncated", "the last gzip member is cut short")


def _next_member(file: BinaryIO, data: bytes) -> bytes:
    """Return the first bytes of the next member, `b""` at the end of the file."""
    while not data.strip(b"\0") or len(data) < len(_GZIP):
        more = file.read(_READ)
        if not more:
            break
        data = data.lstrip(b"\0") + more
    if not data.strip(b"\0"):
        return b""
    if not data.startswith(_GZIP):
        cut = _GZIP.startswith(data)
        raise BrokenStreamError(
            "truncated" if cut else "garbage", "no gzip member begins after the last one"
        )
    return data
