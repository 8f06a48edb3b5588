"""Near-duplicates with rensa 0.5: `RMinHashDeduplicator`, keep-first, tokens in bulk.

Its other calls that return flags mark *both* members of a pair, so they cannot say what to keep.
Documents go through in batches, so that memory is for signatures and not for shingles.
"""

from __future__ import annotations

from itertools import islice

from interface import BANDS, PERMUTATIONS, parser, write_ids
from rensa import RMinHashDeduplicator
from words import read, shingles

BATCH = 500


def main() -> None:
    """Keep the first document of each that are alike."""
    args = parser(__doc__).parse_args()
    dedup = RMinHashDeduplicator(
        threshold=args.threshold, num_perm=PERMUTATIONS, use_lsh=True, num_bands=BANDS
    )
    documents = read(args.inputs)
    kept: list[str] = []
    while batch := list(islice(documents, BATCH)):
        flags = dedup.add_pairs([(key, shingles(text)) for key, text in batch])
        kept += [key for (key, _), added in zip(batch, flags, strict=True) if added]
    write_ids(args.output, kept)


if __name__ == "__main__":
    main()
