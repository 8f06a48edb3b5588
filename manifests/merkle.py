"""A Merkle tree with the domain separation of RFC 9162, section 2.1.1, over 32-byte hashes.

How a leaf and a node are hashed stands in manifests/check_proof.py, the script that releases carry.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from manifests.check_proof import EMPTY, leaf

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def root(leaves: Iterable[bytes]) -> bytes:
    """Return the root (32 bytes) over leaf hashes in their order; of none, SHA-256 of nothing.

    Joining neighbours floor by floor and carrying an odd last one up is the same tree as the RFC's
    split at the largest power of two, without the recursion.
    """
    floor = list(leaves)
    if not floor:
        return EMPTY
    while len(floor) > 1:
        floor = _above(floor)
    return floor[0]


def path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the siblings from a leaf up to the root: the inclusion proof of RFC 9162, section 2.1.3.1.

    Raises `IndexError` when there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(f"there is no leaf {index} among {len(leaves)}")
    floor, siblings = list(leaves), []
    while len(floor) > 1:
        sibling = index ^ 1
        if sibling < len(floor):
            siblings.append(floor[sibling])
        floor, index = _above(floor), index >> 1
    return siblings


def _above(floor: list[bytes]) -> list[bytes]:
    """Join neighbours; an odd last one is carried up as it is."""
    pairs = iter(floor)
    above = [
        sha256(b"\x01" + left + right).digest()
        for left, right in zip(pairs, pairs, strict=False)  # an odd last one is carried below
    ]
    if len(floor) % 2:
        above.append(floor[-1])
    return above


def shard_root(frame_roots: Iterable[bytes]) -> bytes:
    """Return the root of a shard whose frames have these roots, in file order."""
    return root(map(leaf, frame_roots))
