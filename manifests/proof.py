"""Make a proof that a document is, or is not, in a release; manifests/check_proof.py checks it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from manifests import merkle
from manifests.addressing import address, shard_of
from manifests.check_proof import FORMAT, leaf, record_entry
from manifests.content import branch_leaves

if TYPE_CHECKING:
    from collections.abc import Sequence

    from manifests.manifest import Manifest


class Entry(NamedTuple):
    """A record of a branch: address, `data/<source>/<split>`, SHA-256 of its line; sorts as the branch does."""

    address: bytes
    folder: str
    line_sha256: bytes


class Leaf(msgspec.Struct, frozen=True, kw_only=True):
    """A record in its branch, hashes in hex; `path` leads from its leaf up to the branch's root."""

    index: int
    address: str
    line_sha256: str
    folder: str
    path: tuple[str, ...]


class BranchOf(msgspec.Struct, frozen=True, kw_only=True):
    """The branch that an id belongs to; `path` leads from it up to the content root."""

    seed: int
    shards: int
    records: int
    root: str
    path: tuple[str, ...]


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """`claim` is `"member"` or `"absent"`: all leaves are of the id, or they stand around where it would be."""

    format: str
    release: str
    content_root: str
    id: str
    claim: str
    branch: BranchOf
    leaves: tuple[Leaf, ...]


def shard_number(manifest: Manifest, name: str) -> int:
    """Return the number of the shards in which an id lies, if in any."""
    return shard_of(address(manifest.build.seed, name), manifest.build.shards)


def prove(manifest: Manifest, name: str, entries: Sequence[Entry]) -> Proof:
    """Prove that an id is in a release or is not; `entries` are all records of its shard number, sorted.

    Raises `ValueError` when they are not what the manifest lists: the release is damaged.
    """
    seed, number = manifest.build.seed, shard_number(manifest, name)
    hashes = [leaf(record_entry(each.address, each.line_sha256, each.folder)) for each in entries]
    listed = manifest.branches[number]
    if (merkle.root(hashes).hex(), len(hashes)) != (listed.root, listed.records):
        raise ValueError("the records are not those that the manifest lists")
    mine = address(seed, name)
    first, end = _range(entries, mine)
    shown = (
        range(first, end) if first < end else range(max(0, first - 1), min(len(entries), first + 1))
    )
    return Proof(
        format=FORMAT,
        release=f"{manifest.name}-{manifest.version}",
        content_root=manifest.content_root,
        id=name,
        claim="member" if first < end else "absent",
        branch=BranchOf(
            seed=seed,
            shards=manifest.build.shards,
            records=listed.records,
            root=listed.root,
            path=_hex(merkle.path(branch_leaves(manifest.branches, seed), number)),
        ),
        leaves=tuple(
            Leaf(
                index=index,
                address=entries[index].address.hex(),
                line_sha256=entries[index].line_sha256.hex(),
                folder=entries[index].folder,
                path=_hex(merkle.path(hashes, index)),
            )
            for index in shown
        ),
    )


def as_json(proof: Proof) -> bytes:
    """Spell a proof as the JSON that the checker reads, with a newline."""
    return msgspec.json.format(msgspec.json.encode(proof), indent=2) + b"\n"


def _range(entries: Sequence[Entry], mine: bytes) -> tuple[int, int]:
    """Return where the records of an address stand."""
    return (
        bisect_left(entries, mine, key=lambda each: each.address),
        bisect_right(entries, mine, key=lambda each: each.address),
    )


def _hex(path: list[bytes]) -> tuple[str, ...]:
    return tuple(each.hex() for each in path)
