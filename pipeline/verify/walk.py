"""What the deep check carries from shard to shard."""

from __future__ import annotations

import hashlib
from array import array
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

if TYPE_CHECKING:
    from manifests.manifest import File, Manifest, ShardPath
    from pipeline.verify.index import Index
    from pipeline.verify.report import Findings


class Walk:
    """What a walk over the shards knows and gathers; a key is 64 bits of a hash, 8 bytes each.

    `last` is the address of the document before, `complete` says that nothing is wrong so far.
    """

    def __init__(self, manifest: Manifest, index: Index, findings: Findings) -> None:
        self.manifest = manifest
        self.index = index
        self.findings = findings
        self.documents = array("Q")
        self.questions: set[int] = set()
        self.placements = array("Q")
        self.last = b""
        self.complete = False


class Shard(NamedTuple):
    """The shard under the walk: its entry, what its path says, its open file."""

    entry: File
    place: ShardPath
    file: BinaryIO


def key64(*parts: str) -> int:
    """Return 64 bits of SHA-256 over the parts, joined by NULs."""
    return int.from_bytes(hashlib.sha256("\0".join(parts).encode()).digest()[:8], "big")
