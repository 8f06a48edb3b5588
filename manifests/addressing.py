"""Where a document lies in a release: a hash of the seed and its id says so, and nothing else does.

The shard is the top bits of the address and the order within a shard is the address, so neither
workers nor the order of inputs matter, taking one document out moves no other, and a prefix of the
shards is a uniform sample.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import ceil
from typing import Final

from manifests import check_proof

MAX_SHARDS: Final = 1 << 32
_SPACE: Final = 1 << 256


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


def read_fraction(text: str) -> Fraction:
    """Read a share such as `0.01` or `1/64`, exactly; raises `ValueError` unless `0 < share <= 1`."""
    try:
        share = Fraction(text)
    except (ValueError, ZeroDivisionError):
        share = Fraction(0)
    if not 0 < share <= 1:
        raise ValueError(f"{text!r} is no share: above 0 and at most 1, as 0.01 or 1/64")
    return share


def in_fraction(address: bytes, fraction: Fraction) -> bool:
    """Say whether an address lies in the first `fraction` of all: `address < fraction * 2^256`.

    A larger fraction holds a smaller one, and one of `k / shards` is the first `k` shards.
    """
    return int.from_bytes(address, "big") < _bound(fraction)


def shards_in(fraction: Fraction, shards: int) -> int:
    """Return how many of the first shards hold all that lies in the fraction."""
    return ceil(fraction * shards)


@lru_cache(maxsize=8)
def _bound(fraction: Fraction) -> int:
    """Return the least address that is outside; the first bit of a product would cost each document."""
    return ceil(fraction * _SPACE)


def shard_name(folder: str, split: str, shard: int, shards: int) -> str:
    """Return the release-relative path of a shard; `folder` is `data/<source>` or `qa/<set>`."""
    return f"{folder}/{split}-{shard:05d}-of-{shards:05d}.jsonl.zst"
