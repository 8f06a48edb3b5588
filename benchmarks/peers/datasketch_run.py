"""Near-duplicates with datasketch 2: `update_batch`, affine32, LSH 16 x 8, `jaccard()` of candidates.

The hash of a shingle is xxh32, as fast as any that gives the 32 bits that affine32 wants; the default
is SHA-1. Signatures and the index stay in memory, the first document of those that are alike is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from datasketch import MinHash, MinHashLSH
from interface import BANDS, PERMUTATIONS, ROWS, parser, write_ids
from words import read, shingles
from xxhash import xxh32_intdigest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def keep_first(documents: Iterable[tuple[str, str]], threshold: float) -> Iterator[str]:
    """Yield the ids of the documents that are like none before them."""
    empty = MinHash(num_perm=PERMUTATIONS, hashfunc=xxh32_intdigest, scheme="affine32")
    index = MinHashLSH(threshold=threshold, num_perm=PERMUTATIONS, params=(BANDS, ROWS))
    kept: dict[str, MinHash] = {}
    for key, text in documents:
        minhash = empty.copy()
        minhash.update_batch(map(str.encode, shingles(text)))
        if any(minhash.jaccard(kept[other]) >= threshold for other in index.query(minhash)):
            continue
        kept[key] = minhash
        index.insert(key, minhash)
        yield key


def main() -> None:
    """Keep the first document of each that are alike."""
    args = parser(__doc__).parse_args()
    write_ids(args.output, keep_first(read(args.inputs), args.threshold))


if __name__ == "__main__":
    main()
