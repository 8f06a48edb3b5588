"""What every near-dedup script here has in common: `SCRIPT INPUT_DIR OUTPUT_FILE [--threshold T]`.

INPUT_DIR holds `*.jsonl.zst` shards whose records have `id` and `text`; OUTPUT_FILE gets the ids of
the documents that are kept, one a line. Needs nothing that a peer's environment might lack.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

PERMUTATIONS, BANDS, ROWS, WORDS = 128, 16, 8, 5


def parser(documentation: str) -> argparse.ArgumentParser:
    """Build the command line that all have; a script may add to it."""
    built = argparse.ArgumentParser(description=documentation.partition("\n")[0])
    built.add_argument("inputs", type=Path, metavar="INPUT_DIR")
    built.add_argument("output", type=Path, metavar="OUTPUT_FILE")
    built.add_argument("--threshold", type=float, default=0.8)
    return built


def write_ids(output: Path, ids: Iterable[str]) -> None:
    """Write one id a line."""
    with output.open("w", encoding="utf-8") as out:
        out.writelines(f"{each}\n" for each in ids)
