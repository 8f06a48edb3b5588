"""The seek table at the end of a shard: a skippable frame that says how long each frame is.

The format is the zstd project's "seekable format" 0.1.0 without checksums, as each frame has its
own. Readers that do not know it skip it (RFC 8878, section 3.1.2); those that do jump to a frame.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_SKIPPABLE: Final = 0x184D2A5E
_SEEKABLE: Final = 0x8F92EAB1
_HEADER: Final = struct.Struct("<II")  # magic number, bytes behind it
_ENTRY: Final = struct.Struct("<II")  # compressed and raw bytes of a frame
_FOOTER: Final = struct.Struct("<IBI")  # frames, descriptor, magic number


def encode(frames: Iterable[tuple[int, int]]) -> bytes:
    """Return the table of frames given by (compressed bytes, raw bytes), each below 2^32."""
    entries = [_ENTRY.pack(*frame) for frame in frames]
    footer = _FOOTER.pack(len(entries), 0, _SEEKABLE)
    body = b"".join(entries) + footer
    return _HEADER.pack(_SKIPPABLE, len(body)) + body


def size(frames: int) -> int:
    """Return the length in bytes of the table of so many frames."""
    return _HEADER.size + frames * _ENTRY.size + _FOOTER.size


def decode(table: bytes) -> list[tuple[int, int]]:
    """Read a table that fills `table` exactly; raises `ValueError` for anything else."""
    if len(table) < size(0):
        raise ValueError("the seek table is too short")
    count, descriptor, magic = _FOOTER.unpack(table[-_FOOTER.size :])
    if (descriptor, magic) != (0, _SEEKABLE) or len(table) != size(count):
        raise ValueError("the seek table does not end as one does")
    if _HEADER.unpack(table[: _HEADER.size]) != (_SKIPPABLE, len(table) - _HEADER.size):
        raise ValueError("the seek table does not begin as one does")
    return list(_ENTRY.iter_unpack(table[_HEADER.size : -_FOOTER.size]))
