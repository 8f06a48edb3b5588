"""A Merkle tree with the domain separation of RFC 9162, section 2.1.1, over 32-byte hashes.

A release has three floors of it. The entries of a frame's tree are its records (the line without
its newline), those of a shard's tree are its frames' roots, those of the release's tree are its
shards' paths and roots: `content_root`. So one record is proved by one frame and two short lists,
a frame that is left alone keeps its root, and nothing depends on the compressor.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

EMPTY: Final = sha256(b"").digest()


def leaf(entry: bytes) -> bytes:
    """Return the leaf hash of an entry: SHA-256 of 0x00 and the entry (32 bytes)."""
    return sha256(b"\x00" + entry).digest()


def root(leaves: Iterable[bytes]) -> bytes:
    """Return the root (32 bytes) over leaf hashes in their order; of none, SHA-256 of nothing.

    Joining neighbours floor by floor and carrying an odd last one up is the same tree as the RFC's
    split at the largest power of two, without the recursion.
    """
    floor = list(leaves)
    if not floor:
        return EMPTY
    while len(floor) > 1:
        pairs = iter(floor)
        above = [
            sha256(b"\x01" + left + right).digest()
            for left, right in zip(pairs, pairs, strict=False)  # an odd last one is carried below
        ]
        if len(floor) % 2:
            above.append(floor[-1])
        floor = above
    return floor[0]


def shard_root(frame_roots: Iterable[bytes]) -> bytes:
    """Return the root of a shard whose frames have these roots, in file order."""
    return root(map(leaf, frame_roots))


def content_root(shard_roots: Mapping[str, bytes]) -> bytes:
    """Return the root of a release from path -> shard root, in the byte order of the paths."""
    paths = sorted(shard_roots, key=str.encode)
    return root(leaf(path.encode() + b"\x00" + shard_roots[path]) for path in paths)
