"""Where a frame ends: a frame is a range of addresses, halved until what lies in it is small enough.

Frames are the largest prefix ranges of the address space within the limit. Which frame a document
lies in depends on its own address and on how much lies around it, never on what comes before: to
take it out changes its own frame, at most joined to the other half of its range, and none else.
(Cuts that a document elects, as in FastCDC, fall into step again only after some frames.)
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_KIB: Final = 1024
_BITS: Final = 256  # of an address


class FrameCut(msgspec.Struct, frozen=True):
    """A frame holds at most `limit` raw bytes, to which one document adds `most` and no more.

    So frames of ordinary documents are half of the limit up to all of it, and a document that is
    larger than a frame does not leave its neighbours in frames of a few kilobytes. (Below 256 KiB
    zstd picks smaller windows, whose match finder depends on the processor.)
    """

    limit: int = 1024 * _KIB
    most: int = 512 * _KIB

    def ends(self, addresses: Sequence[bytes], lengths: Sequence[int]) -> list[int]:
        """Return where each frame ends, as counts of documents from the start.

        `addresses` are sorted, 32 bytes each; `lengths` are the raw bytes of the lines.
        """
        capped = (min(length, self.most) for length in lengths)
        before = array("Q", accumulate(capped, initial=0))
        return list(self._ends(addresses, before))

    def _ends(self, addresses: Sequence[bytes], before: Sequence[int]) -> Iterator[int]:
        """Walk the ranges from low to high, halving those that hold too much."""
        waiting = [(0, len(addresses), 0, 0)]
        while waiting:
            first, end, prefix, bit = waiting.pop()
            if first == end:
                continue
            if end - first == 1 or bit == _BITS or before[end] - before[first] <= self.limit:
                yield end
                continue
            upper = prefix | 1 << (_BITS - 1 - bit)
            middle = bisect_left(addresses, upper.to_bytes(_BITS // 8, "big"), first, end)
            waiting.append((middle, end, upper, bit + 1))
            waiting.append((first, middle, prefix, bit + 1))


FRAME_CUT: Final = FrameCut()
