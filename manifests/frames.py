"""Where a frame ends: after a document that its own id elects, near 1 MiB of raw bytes.

The rule looks at the document and at the bytes since the last cut alone, so that after a removal
the cuts fall into step again within a frame or two (FastCDC's idea, one level up).
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

import msgspec

_KIB: Final = 1024
_HASH_BITS: Final = 64


class FrameCut(msgspec.Struct, frozen=True):
    """No cut below `minimum` raw bytes, always one from `maximum` on; between, one in `expected`.

    A document ends its frame with the probability length / `expected`, so a frame is `minimum` +
    `expected` bytes on average whatever the size of the documents. (A fixed chance per document
    would give 350 KiB frames for tweets and 4 MiB frames for books.) Below 256 KiB zstd picks
    smaller windows, whose match finder depends on the processor.
    """

    minimum: int = 256 * _KIB
    expected: int = 768 * _KIB
    maximum: int = 4096 * _KIB

    def after(self, id: str, length: int, filled: int) -> bool:  # noqa: A002  `id` is the record's own word
        """Say whether the frame ends after this document.

        `length` is its line in raw bytes, newline included, `filled` the raw bytes of the frame,
        this line included.
        """
        if filled < self.minimum:
            return False
        if filled >= self.maximum:
            return True
        drawn = int.from_bytes(sha256(id.encode()).digest()[-8:], "big")
        return drawn * self.expected < length << _HASH_BITS


FRAME_CUT: Final = FrameCut()
