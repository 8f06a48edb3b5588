"""Where a document lies in a release: a hash of the seed and its id says so, and nothing else does.

The shard is the top bits of the address and the order within a shard is the address, so neither
workers nor the order of inputs matter, taking one document out moves no other, and a prefix of the
shards is a uniform sample.
"""

from __future__ import annotations

from typing import Final

from manifests import check_proof

MAX_SHARDS: Final = 1 << 32


def address(seed: int, id: str) -> bytes:  # noqa: A002  `id` is the record's own word
    """Return the 32-byte address SHA-256(seed as 8 bytes, big-endian, then the id's UTF-8).

    Raises `OverflowError` for a seed outside `0 … 2^64 - 1`.
    """
    return check_proof.address_of(seed, id)


def shard_of(address: bytes, shards: int) -> int:
    """Return the shard `0 … shards - 1` of an address; `shards` is a power of two, at most 2^32.

    Raises `ValueError` for any other number of shards.
    """
    if shards < 1 or shards & (shards - 1) or shards > MAX_SHARDS:
        raise ValueError(f"the number of shards must be a power of two up to 2^32, not {shards}")
    return check_proof.shard_of(address, shards)


def shard_name(folder: str, split: str, shard: int, shards: int) -> str:
    """Return the release-relative path of a shard; `folder` is `data/<source>` or `qa/<set>`."""
    return f"{folder}/{split}-{shard:05d}-of-{shards:05d}.jsonl.zst"
