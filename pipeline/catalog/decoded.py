"""Frames that were decoded of late, up to so many bytes: a line is cut out of one, and no more is decoded."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING

from pipeline.errors import IntegrityError

if TYPE_CHECKING:
    from pipeline.catalog.frames import Frames


class Decoded:
    """The starts of frames, as far as somebody asked; the one not asked for longest goes first.

    Several threads may ask at once.
    """

    def __init__(self, frames: Frames, limit: int) -> None:
        self._frames = frames
        self._limit = limit
        self._held: OrderedDict[int, bytes] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    @property
    def size(self) -> int:
        """How many bytes are held: never more than the limit."""
        return self._size

    def start_of(self, frame: int, stop: int) -> bytes:
        """Return at least the first `stop` raw bytes of a frame.

        Raises:
            IntegrityError: it does not decode, or is shorter.
        """
        if not 0 <= frame < len(self._frames.raw_length) or stop > self._frames.raw_length[frame]:
            raise IntegrityError(f"read: {self._frames.release}: the index does not fit: verify it")
        with self._lock:
            raw = self._held.get(frame, b"")
            if len(raw) >= stop:
                self._held.move_to_end(frame)
                return raw
        # whoever comes a second time wants its neighbours too: then the whole frame, its checksum included
        raw = self._frames.decode(frame, None if raw else stop)
        with self._lock:
            self._keep(frame, raw)
        return raw

    def _keep(self, frame: int, raw: bytes) -> None:
        self._size -= len(self._held.pop(frame, b""))
        if len(raw) > self._limit:
            return
        self._held[frame] = raw
        self._size += len(raw)
        while self._size > self._limit:
            self._size -= len(self._held.popitem(last=False)[1])
