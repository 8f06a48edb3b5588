"""Near-duplicates with data-juicer 1.6: `document_minhash_deduplicator`, 16 bands of 8, one process.

Words are what white space separates, its default. It has no verification: bands alone decide, so
`--threshold` changes nothing. The operator's two steps are called on a dataset, as its `run` does, but
for the end of `run`, which would load (and, where it is missing, install) torch to free its memory. The
kept ids are written instead of an export.
"""

from __future__ import annotations

import os

from interface import BANDS, PERMUTATIONS, ROWS, WORDS, parser, write_ids

# A package that it misses it would install while it runs: rather fail.
os.environ |= {"HF_HUB_OFFLINE": "1", "UV_OFFLINE": "1", "PIP_NO_INDEX": "1"}

from data_juicer.ops.deduplicator import DocumentMinhashDeduplicator
from datasets import load_dataset


def main() -> None:
    """Load the shards as one dataset, run the operator on it, list the ids it left."""
    args = parser(__doc__).parse_args()
    loaded = load_dataset(
        "json",
        data_files=str(args.inputs / "*.jsonl.zst"),
        split="train",
        cache_dir=str(args.output.with_suffix(".work")),
    )
    operator = DocumentMinhashDeduplicator(
        tokenization="space",
        window_size=WORDS,
        lowercase=True,
        num_permutations=PERMUTATIONS,
        jaccard_threshold=args.threshold,
        num_bands=BANDS,
        num_rows_per_band=ROWS,
    )
    signed = loaded.select_columns(["id", "text"]).map(operator.compute_hash)
    kept, _ = operator.process(signed)
    write_ids(args.output, kept["id"])


if __name__ == "__main__":
    main()
