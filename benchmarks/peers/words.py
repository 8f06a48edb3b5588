"""Documents and their word shingles for the libraries that leave both to their user."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import orjson
import zstandard

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORD = re.compile(r"\w+")


def read(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield (id, text) of every record of a folder's shards, in the order of their names."""
    for path in sorted(folder.glob("*.jsonl.zst")):
        with path.open("rb") as raw:
            frames = zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True)
            for line in io.BufferedReader(frames, 1 << 20):
                record = orjson.loads(line)
                yield record["id"], record["text"]


def shingles(text: str) -> list[str]:
    """Join each five successive words, in lower case; the fastest of four spellings tried.

    Repeats stay in: they change no minimum, and taking them out costs more than hashing them.
    """
    words = WORD.findall(text.lower())
    if len(words) < 5:
        return [" ".join(words)]
    return list(map(" ".join, zip(words, words[1:], words[2:], words[3:], words[4:], strict=False)))
