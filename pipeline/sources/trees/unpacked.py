"""The bytes of a file that may be packed as a whole with gzip, bzip2, xz or zstd, told by its first bytes.

No more comes out than is allowed for what was read, so a bomb ends where it is known for one.
"""

from __future__ import annotations

import bz2
import lzma
from functools import partial
from typing import TYPE_CHECKING, BinaryIO, Final

from pipeline.sources.compressed import Trusted, gunzip, read_plain
from pipeline.sources.file import positional
from pipeline.sources.records import BrokenStreamError
from pipeline.sources.trees.members import Allowance
from pipeline.sources.zstd_frames import decode_zstd, is_zstd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pipeline.sources.compressed import Decoder, Opener
    from pipeline.sources.file import Openable

XZ_MEMORY: Final = 192 << 20
"""Bytes that unpacking xz may take: `xz -9` needs 65 MiB (xz(1)), and zstd may have a window of 128."""

_CHUNK: Final = 1 << 20
_READ: Final = 64 << 10
_HEAD: Final = 8
_XZ: Final = b"\xfd7zXZ\0"
_BZIP2: Final = b"BZh"
_GZIP: Final = b"\x1f\x8b"


class Feed:
    """The unpacked bytes of a file, taken in pieces of any size."""

    def __init__(self, path: Openable, ratio: int) -> None:
        self._source = Trusted(path, opener=_opener(ratio))
        self._chunks = iter(self._source)
        self._held = b""
        self._from = 0

    def take(self, size: int) -> bytes:
        """Return the next bytes, fewer only at the end."""
        pieces: list[bytes] = []
        while size > 0 and self._fill():
            pieces.append(self._held[self._from : self._from + size])
            self._from += len(pieces[-1])
            size -= len(pieces[-1])
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def skip(self, size: int) -> int:
        """Pass over bytes; return how many there were."""
        left = size
        while left > 0 and self._fill():
            step = min(left, len(self._held) - self._from)
            self._from += step
            left -= step
        return size - left

    def _fill(self) -> bool:
        while self._from >= len(self._held):
            chunk = next(self._chunks, None)
            if chunk is None:
                return False
            self._held, self._from = chunk, 0
        return True

    @property
    def damage(self) -> BrokenStreamError | None:
        """What is wrong after the last byte."""
        return self._source.damage


def _opener(ratio: int) -> Opener:
    """Return what chooses how a file is unpacked."""

    def open_any(file: BinaryIO, _: Openable, seek: int) -> Decoder:
        """Choose by the first bytes; what is not packed is taken as it is."""
        head = file.read(_HEAD)
        file.seek(seek)
        if is_zstd(head):
            return partial(_bounded, decode_zstd, ratio)
        known: dict[bytes, Decoder] = {_GZIP: gunzip, _BZIP2: _bunzip, _XZ: _unxz}
        for magic, decoder in known.items():
            if head.startswith(magic):
                return partial(_bounded, decoder, ratio)
        return read_plain

    return open_any


def _bounded(decoder: Decoder, ratio: int, file: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    """Unpack no more than is allowed; zstd is read by position, so all of the file counts as read."""
    allowance, read = Allowance(ratio), 0
    whole = positional(file).size if decoder is decode_zstd else 0
    for chunk, sealed in decoder(file):
        now = whole or file.tell()
        allowance.spend(now - read, len(chunk))
        read = now
        yield chunk, sealed


def _bunzip(file: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    return _streams(file, bz2.BZ2Decompressor, _BZIP2)


def _unxz(file: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    make = partial(lzma.LZMADecompressor, lzma.FORMAT_XZ, XZ_MEMORY)
    return _streams(file, make, _XZ)


def _streams(
    file: BinaryIO,
    make: Callable[[], bz2.BZ2Decompressor | lzma.LZMADecompressor],
    magic: bytes,
) -> Iterator[tuple[bytes, bool]]:
    """Yield `(chunk, sealed)` of one stream after the other; zero bytes after the last are padding."""
    data = file.read(_READ)
    while data:
        stream = make()
        while not stream.eof:
            if stream.needs_input and not data:
                data = file.read(_READ)
                if not data:
                    raise BrokenStreamError("truncated", "the last stream is cut short")
            chunk, data = _decompress(stream, data), b""
            yield chunk, False
        yield b"", True
        data = _next_stream(file, stream.unused_data, magic)


def _decompress(stream: bz2.BZ2Decompressor | lzma.LZMADecompressor, data: bytes) -> bytes:
    try:
        return stream.decompress(data, _CHUNK)
    except (lzma.LZMAError, OSError, ValueError) as error:
        reason = "window" if "emory" in str(error) else "corrupt-frame"
        raise BrokenStreamError(reason, f"{type(stream).__name__}: {error}") from error


def _next_stream(file: BinaryIO, data: bytes, magic: bytes) -> bytes:
    """Return the first bytes of the next stream, `b""` at the end of the file."""
    data = data.lstrip(b"\0")
    while len(data) < len(magic):
        more = file.read(_READ)
        if not more:
            break
        data = (data + more).lstrip(b"\0")
    if data and not data.startswith(magic):
        cut = magic.startswith(data)
        raise BrokenStreamError(
            "truncated" if cut else "garbage", "no stream begins after the last one"
        )
    return data
