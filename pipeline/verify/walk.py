"""What the deep check carries from shard to shard."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple

import numpy as np

from manifests.record import redacted_spans
from pipeline.figures import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manifests.manifest import File, Manifest, ShardPath
    from pipeline.verify.honoured import Honoured
    from pipeline.verify.index import Index
    from pipeline.verify.report import Findings

_MASK: Final = (1 << 64) - 1


class Walk:
    """What a walk over the shards knows and gathers; a key is 64 bits of a hash, 8 bytes each.

    `last` is the address of the document before, `complete` says that nothing is wrong so far.
    """

    def __init__(
        self,
        manifest: Manifest,
        index: Index,
        findings: Findings,
        honoured: Honoured | None = None,
    ) -> None:
        self.manifest = manifest
        self.index = index
        self.findings = findings
        self.honoured = honoured
        self.documents = array("Q")
        self.questions: set[int] = set()
        self.placements = array("Q")
        self.leaves: defaultdict[int, bytearray] = defaultdict(bytearray)
        self.last = b""
        self.tally = Tally()
        self.redactions = Counter[str]()
        self.complete = False

    def take_leaf(self, shard: int, address: bytes, leaf: bytes) -> None:
        """Note a record's place in the content tree, 64 bytes."""
        self.leaves[shard] += address + leaf

    def take_redactions(self, *told: str) -> None:
        """Count redactions by type, as the sound `meta` of a record tells them."""
        for each in told:
            self.redactions.update(kind for _, _, kind in redacted_spans(each))

    def leaves_in_order(self, shard: int) -> Iterator[bytes]:
        """Yield the leaf hashes of one shard number; equal addresses stay in the order of the walk."""
        rows = np.frombuffer(self.leaves[shard], dtype=">u8").reshape(-1, 8)
        order = np.lexsort(rows.T[3::-1])
        return (rows[at, 4:].tobytes() for at in order)


class Shard(NamedTuple):
    """The shard under the walk: its entry, what its path says, its open file, its folder in the content tree."""

    entry: File
    place: ShardPath
    file: BinaryIO
    folder: str


def key64(*parts: str) -> int:
    """Return 64 bits that stand for the parts in this process, and in no file: Python's own hash."""
    return hash(parts) & _MASK
