"""The content of a release as one Merkle tree: which records it holds, whatever their compressor.

The records whose addresses fall into one shard number make a branch, in the order of (address,
folder), and the branches make the root. So a proof needs the shards of one number only, absence
shows between two neighbours, and a neighbour gives away its address alone, never its id.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from manifests import merkle
from manifests.check_proof import branch_entry, leaf, record_entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Branch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The records of one shard number, over all sources and splits: how many, and the root in hex."""

    records: int
    root: str


def record_leaf(address: bytes, line: bytes, folder: str) -> bytes:
    """Return the leaf hash (32 bytes) of a record; `line` is without its newline."""
    return leaf(record_entry(address, sha256(line).digest(), folder))


def folder_of(path: str) -> str:
    """Return what a shard's path says of its records: `data/<source>/<split>`."""
    return path.rpartition("/")[0] + "/" + path.rpartition("/")[2].partition("-")[0]


def branch(leaves: Iterable[bytes]) -> Branch:
    """Make a branch of leaf hashes in their order."""
    listed = list(leaves)
    return Branch(records=len(listed), root=merkle.root(listed).hex())


def branch_leaves(branches: Sequence[Branch], seed: int) -> list[bytes]:
    """Return the leaf hash of each branch, in the order of the shard numbers."""
    return [
        leaf(branch_entry(seed, len(branches), number, each.records, bytes.fromhex(each.root)))
        for number, each in enumerate(branches)
    ]


def content_root(branches: Sequence[Branch], seed: int) -> str:
    """Return the root over all branches, one for each shard number, in hex."""
    return merkle.root(branch_leaves(branches, seed)).hex()
