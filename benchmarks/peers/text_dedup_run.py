"""Near-duplicates with text-dedup 0.4: its minhash command, 16 bands of 8, words of 5, one process.

The fastest of its settings: xxh3 and 32 bits (the defaults, SHA-1 and 64, take longer). It has no
verification: bands alone decide, so `--threshold` changes nothing. `min_length` is 1, not the default
5, as documents shorter than that are dropped whether they repeat anything or not.
"""

from __future__ import annotations

import os

from interface import BANDS, PERMUTATIONS, ROWS, WORDS, parser, write_ids

os.environ["HF_HUB_OFFLINE"] = "1"

from datasets import load_from_disk
from text_dedup.minhash import main as minhash
from text_dedup.utils import IOArgs, MetaArgs, MinHashArgs


def main() -> None:
    """Call what the command `python -m text_dedup.minhash` calls, then list the ids it left."""
    args = parser(__doc__).parse_args()
    work = args.output.with_suffix(".work")
    minhash.callback(
        io_args=IOArgs(
            path="json",
            data_files=str(args.inputs / "*.jsonl.zst"),
            split="train",
            cache_dir=str(work / "cache"),
            output=str(work / "kept"),
            num_proc=None,  # in this process; 1 would start a second one
        ),
        meta_args=MetaArgs(column="text"),
        minhash_args=MinHashArgs(
            ngram=WORDS,
            min_length=1,
            num_perm=PERMUTATIONS,
            threshold=args.threshold,
            b=BANDS,
            r=ROWS,
            hash_func="xxh3",
            hash_bits=32,
        ),
    )
    write_ids(args.output, load_from_disk(str(work / "kept"))["id"])


if __name__ == "__main__":
    main()
