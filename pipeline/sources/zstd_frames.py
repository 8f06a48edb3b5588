"""Decode a file of zstd frames, every frame of it, and say up to where it can be trusted.

The frame and block headers (RFC 8878, section 3.1.1) are walked before anything is decoded: this
tells a frame that was cut short from one that is whole, which the decoder's own end of stream does
not, and it refuses a window that would cost too much memory before any is taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple, cast

import zstandard

from pipeline.sources.file import positional
from pipeline.sources.records import BrokenStreamError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Pread = Callable[[int, int], bytes]

MAGIC: Final = b"\x28\xb5\x2f\xfd"
MAX_WINDOW: Final = 128 << 20
"""Bytes of the widest window that is decoded, as in the zstd command line and all readers."""

_MAX_BLOCK: Final = 128 << 10
_MAX_HEADER: Final = 18
_DICTIONARY_BYTES: Final = (0, 1, 2, 4)
_CROWD: Final = 64
_RLE, _RESERVED = 1, 3
_CHUNK: Final = 1 << 20
_READ: Final = 256 << 10


class _Header(NamedTuple):
    """What a frame header says: its own size, the window, and the bytes of checksum at the end."""

    size: int
    window: int
    checksum: int


class _Frame(NamedTuple):
    """The bytes `[start, stop)` that can be decoded; `broken` says why there are no more."""

    start: int
    stop: int
    broken: BrokenStreamError | None


def is_zstd(head: bytes) -> bool:
    """Tell whether `head` opens a zstd frame or a skippable one."""
    return head.startswith(MAGIC) or _is_skippable(head)


def decode_zstd(file: BinaryIO, stops: list[int] | None = None) -> Iterator[tuple[bytes, bool]]:
    """Yield `(chunk, sealed)`; `sealed` means that all up to here is vouched for.

    Where a frame ends is added to `stops` before it is sealed.

    A frame is vouched for when its last block and, if it has one, its checksum were decoded.
    It begins where the file stands. Raises `BrokenStreamError` where the stream can be followed no
    further. Of a frame that is cut short every whole block is yielded; skippable frames yield nothing.
    """
    pread, size = positional(file)
    decompressor = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW)
    for frame in _walk(pread, size, file.tell()):
        source = cast("BinaryIO", _Slice(pread, frame.start, frame.stop))
        with decompressor.stream_reader(source, read_size=_READ) as reader:
            try:
                while chunk := reader.read(_CHUNK):
                    yield chunk, False
            except zstandard.ZstdError as error:
                raise _broken("corrupt-frame", frame.start, str(error)) from error
        if frame.broken is not None:
            raise frame.broken
        if stops is not None:
            stops.append(frame.stop)
        yield b"", True


def decode_good(file: BinaryIO, size: int) -> Iterator[tuple[bytes, bool]]:
    """Yield the first `size` decoded bytes from where the file stands, which `decode_zstd` found good.

    No frame is followed to its end first, so no more of the file is read than this takes.
    """
    pread, whole = positional(file)
    source = cast("BinaryIO", _Slice(pread, file.tell(), whole))
    decompressor = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW)
    with decompressor.stream_reader(source, read_size=_READ, read_across_frames=True) as reader:
        try:
            while size > 0 and (chunk := reader.read(min(_CHUNK, size))):
                yield chunk, False
                size -= len(chunk)
        except zstandard.ZstdError as error:
            raise BrokenStreamError("corrupt-frame", str(error)) from error


class _Slice:
    """A stretch of an open file as the decoder wants it: something to `read` from."""

    __slots__ = ("_offset", "_pread", "_stop")

    def __init__(self, pread: Pread, start: int, stop: int) -> None:
        self._pread = pread
        self._offset = start
        self._stop = stop

    def read(self, size: int) -> bytes:
        data = self._pread(min(size, self._stop - self._offset), self._offset)
        self._offset += len(data)
        return data


def _walk(pread: Pread, size: int, start: int) -> Iterator[_Frame]:
    """Yield the frames of a file of `size` bytes from one on, up to the first one that is broken."""
    while start < size:
        head = pread(_MAX_HEADER, start)
        frame = (_skip if _is_skippable(head) else _follow)(pread, head, start, size)
        cut = frame.broken is not None and frame.broken.reason == "truncated"
        if cut and _holds_frame(pread, start + len(MAGIC), size):
            frame = _Frame(start, start, _broken("corrupt-frame", start, "it runs into the next"))
        yield frame
        if frame.broken is not None:
            return
        start = frame.stop


def _holds_frame(pread: Pread, start: int, size: int) -> bool:
    """Tell whether a whole frame begins at or after `start`.

    What seems cut short there is not: a wrong length made it swallow its neighbours. A magic number
    turns up by chance once in 4 GiB, so a crowd of them is an answer too.
    """
    candidates = 0
    while start < size:
        data = pread(_READ, start)
        at = data.find(MAGIC)
        while at >= 0:
            head = pread(_MAX_HEADER, start + at)
            candidates += 1
            if candidates > _CROWD or _follow(pread, head, start + at, size).broken is None:
                return True
            at = data.find(MAGIC, at + 1)
        start += max(1, len(data) - len(MAGIC) + 1)
    return False


def _is_skippable(head: bytes) -> bool:
    return len(head) > 0 and head[0] >> 4 == 5 and head[1:4] == b"\x2a\x4d\x18"  # noqa: PLR2004  RFC 8878, 3.1.2: 0x184D2A5?


def _broken(reason: str, start: int, problem: str) -> BrokenStreamError:
    return BrokenStreamError(reason, f"frame at byte {start}: {problem}")


def _skip(_: Pread, head: bytes, start: int, size: int) -> _Frame:
    """Step over a skippable frame (RFC 8878, 3.1.2): nothing of it is decoded."""
    stop = start + 8 + int.from_bytes(head[4:8], "little")
    if len(head) < 8 or stop > size:  # noqa: PLR2004  magic and length are four bytes each
        return _Frame(start, start, _broken("truncated", start, "the skippable frame is cut short"))
    return _Frame(stop, stop, None)


def _follow(pread: Pread, head: bytes, start: int, size: int) -> _Frame:
    """Follow one frame's blocks to its end, or to the end of its last whole block."""
    header = _header(head, start)
    if isinstance(header, BrokenStreamError):
        return _Frame(start, start, header)
    limit = min(header.window, _MAX_BLOCK)
    stop = start + header.size
    last = False
    while not last:
        block = int.from_bytes(pread(3, stop).ljust(3, b"\0"), "little")
        last, kind, length = bool(block & 1), block >> 1 & 3, block >> 3
        following = stop + 3 + (1 if kind == _RLE else length)
        if stop + 3 > size or (following > size and kind != _RESERVED and length <= limit):
            return _Frame(start, stop, _broken("truncated", start, "the frame is cut short"))
        if kind == _RESERVED or length > limit:
            return _Frame(start, stop, _broken("corrupt-frame", start, f"no block at byte {stop}"))
        stop = following
    if stop + header.checksum > size:
        return _Frame(start, stop, _broken("truncated", start, "the checksum is cut short"))
    return _Frame(start, stop + header.checksum, None)


def _header(head: bytes, start: int) -> _Header | BrokenStreamError:  # noqa: PLR0911  one for each fault
    """Read a frame header (RFC 8878, 3.1.1.1)."""
    if not head.startswith(MAGIC):
        if MAGIC.startswith(head):
            return _broken("truncated", start, "the frame's magic number is cut short")
        return _broken("garbage", start, "no zstd frame begins here")
    if len(head) < 5:  # noqa: PLR2004  magic and descriptor
        return _broken("truncated", start, "the frame's header is cut short")
    descriptor = head[4]
    single = descriptor >> 5 & 1
    content = (single, 2, 4, 8)[descriptor >> 6]
    dictionary = _DICTIONARY_BYTES[descriptor & 3]
    size = 5 + (1 - single) + dictionary + content
    if len(head) < size:
        return _broken("truncated", start, "the frame's header is cut short")
    if descriptor & 8:
        return _broken("corrupt-frame", start, "a reserved bit is set")
    if any(head[size - content - dictionary : size - content]):
        return _broken("dictionary", start, "the frame needs a dictionary")
    window = _content(head[size - content : size]) if single else _window(head[5])
    if window > MAX_WINDOW:
        return _broken("window", start, f"a window of {window} bytes is more than {MAX_WINDOW}")
    return _Header(size, window, 4 if descriptor & 4 else 0)


def _content(field: bytes) -> int:
    """Read the content size; two bytes count from 256 up."""
    return int.from_bytes(field, "little") + (256 if len(field) == 2 else 0)  # noqa: PLR2004  RFC 8878, 3.1.1.1.4


def _window(descriptor: int) -> int:
    base = 1 << 10 + (descriptor >> 3)
    return base + base // 8 * (descriptor & 7)
