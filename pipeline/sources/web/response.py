"""An HTTP response as it was recorded: its status, its fields, and the content without what it was sent in.

What is wrong here is what the site sent, and no damage of the archive: each flaw is a reason to drop the page.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Final, NamedTuple

import zstandard

from pipeline.sources.web.fields import LONGEST, Fields, read_fields

if TYPE_CHECKING:
    from collections.abc import Callable

CHUNKED: Final = "chunked"
"""What is odd of a response: it says that it is chunked or packed, and is not. Many crawlers store it so."""
PACKED: Final = "packed"
TOO_LARGE: Final = "too-large"

_STATUS: Final = re.compile(rb"HTTP/[0-9](?:\.[0-9])?[ \t]+([0-9]{3})(?:[ \t][^\r\n]*)?\r?\n")
_END: Final = re.compile(rb"\r?\n\r?\n")
_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]{0,4096})?\r?\n")
_STEP: Final = 64 << 10
_WINDOW: Final = 8 << 20  # bytes of the widest window of zstd in HTTP (RFC 9659)
_LAYERS: Final = 3  # encodings around each other; nobody who means well has more than two
_AS_IS: Final = frozenset({"", "identity", "none", "utf-8", "binary", "7bit", "8bit"})


class Response(NamedTuple):
    """A response; `content` is unpacked, `forms` are what a digest of the payload may be one of.

    `flaw` is why there is no content.
    """

    status: str
    fields: Fields
    content: bytes = b""
    forms: tuple[bytes, ...] = ()
    flaw: str = ""
    odd: tuple[str, ...] = ()


class _FlawError(Exception):
    """The content cannot be had; the reason is that of a drop."""


def read_response(block: bytes, most: int) -> Response:
    """Read a response; of its content at most so many bytes are unpacked, of a longer one nothing."""
    status = _STATUS.match(block)
    end = None if status is None else _END.search(block, status.end() - 2, LONGEST)
    if status is None or end is None:
        return Response("", Fields(()), flaw="http")
    fields = read_fields(block[status.end() : end.start()])
    code, body = status[1].decode(), block[end.end() :]
    odd: tuple[str, ...] = ()
    whole, forms = body, [body]
    try:
        if CHUNKED in fields.text("transfer-encoding").lower():
            joined = _join_chunks(body)
            odd += (CHUNKED,) if joined is None else ()
            whole = body if joined is None else joined
            forms.append(whole)
        for name in reversed(_encodings(fields)):
            opened = _unpack(name, whole, most)
            odd += (PACKED,) if opened is None else ()
            whole = whole if opened is None else opened
            forms.append(whole)
    except _FlawError as error:
        return Response(code, fields, forms=tuple(forms), flaw=str(error))
    flaw = TOO_LARGE if len(whole) > most else ""
    return Response(code, fields, whole, tuple(forms), flaw, odd)


def _join_chunks(body: bytes) -> bytes | None:
    """Join chunks (RFC 9112, section 7.1); `None` where the first is none.

    Raises:
        _FlawError: they end before the last one.
    """
    pieces: list[bytes] = []
    at = 0
    while True:
        size = _SIZE.match(body, at)
        if size is None:
            if not at:
                return None
            raise _FlawError("http:chunks")
        length = int(size[1], 16)
        if not length:
            return b"".join(pieces)
        start = size.end()
        pieces.append(body[start : start + length])
        at = start + length
        if at > len(body):
            raise _FlawError("http:chunks")
        at += 2 if body.startswith(b"\r\n", at) else body.startswith(b"\n", at)


def _encodings(fields: Fields) -> list[str]:
    told = b",".join(fields.all("content-encoding")).decode("latin-1").lower()
    names = [each.strip() for each in told.split(",") if each.strip() not in _AS_IS]
    if len(names) > _LAYERS:
        raise _FlawError("encoding:unknown")
    return names


def _unpack(name: str, body: bytes, most: int) -> bytes | None:
    """Unpack a content; `None` where it is not packed as it says.

    Raises:
        _FlawError: it is of an unknown kind, broken, cut short, or too large.
    """
    opener = _OPENERS.get(name.removeprefix("x-"))
    if opener is None:
        raise _FlawError("encoding:unknown")
    return opener(body, most) if body else body


def _gunzip(body: bytes, most: int) -> bytes | None:
    return _inflate(body, most, 31) if body.startswith(b"\x1f\x8b") else None


def _deflate(body: bytes, most: int) -> bytes | None:
    """Unpack zlib's format, or the bare one that some servers send for it."""
    is_zlib = body[0] & 15 == 8 and int.from_bytes(body[:2]) % 31 == 0  # noqa: PLR2004  RFC 1950, section 2.2
    return _inflate(body, most, 15 if is_zlib else -15)


def _inflate(body: bytes, most: int, kind: int) -> bytes:
    made = zlib.decompressobj(kind)
    try:
        found = made.decompress(body, most + 1)
    except zlib.error:
        raise _FlawError("encoding:corrupt") from None
    return _whole(found, most, ended=made.eof)


def _unbrotli(body: bytes, most: int) -> bytes | None:
    import brotli  # noqa: PLC0415  few sources need it

    made, pieces, size = brotli.Decompressor(), list[bytes](), 0
    try:
        found = made.process(body, output_buffer_limit=_STEP)
        while True:
            pieces.append(found)
            size += len(found)
            if size > most or made.is_finished() or (not found and made.can_accept_more_data()):
                break
            found = made.process(b"", output_buffer_limit=_STEP)
    except brotli.error:
        raise _FlawError("encoding:corrupt") from None
    return _whole(b"".join(pieces), most, ended=made.is_finished())


def _unzstd(body: bytes, most: int) -> bytes | None:
    if not body.startswith(b"\x28\xb5\x2f\xfd"):
        return None
    made = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
    pieces, size = list[bytes](), 0
    try:
        with made.stream_reader(body, read_across_frames=True) as reader:
            while size <= most and (found := reader.read(_STEP)):
                pieces.append(found)
                size += len(found)
    except zstandard.ZstdError:
        raise _FlawError("encoding:corrupt") from None
    return _whole(b"".join(pieces), most, ended=True)


def _whole(found: bytes, most: int, *, ended: bool) -> bytes:
    if len(found) > most:
        raise _FlawError(TOO_LARGE)
    if not ended:
        raise _FlawError("encoding:truncated")
    return found


_OPENERS: Final[dict[str, Callable[[bytes, int], bytes | None]]] = {
    "gzip": _gunzip,
    "deflate": _deflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}
