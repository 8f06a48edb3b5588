"""How fast documents are compared with protected sets on one core, and what memory an index of many passages takes.

python benchmarks/decontam.py SHARD… [--passages 300000] [--words 120]

The passages are words of the shards' own texts in another order, so that they are as common as they
can be and nothing is found; a few passages are planted and must be. Each part is a process of its own:
its seconds are processor time, its memory the peak of its resident set.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common import records

from filters.decontam_words import words_of
from filters.document import Document
from pipeline.config import check_config
from pipeline.decontam import read_protected
from pipeline.engine.work import Work
from pipeline.protected import find_protected, keep_protected

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLANTED = 100
_MEGABYTES = 200


def texts(shards: list[Path], megabytes: int = _MEGABYTES) -> Iterator[str]:
    """Yield texts of the shards until they are enough."""
    left = megabytes * 1_000_000
    for shard in shards:
        for record in records(shard):
            yield record["text"]
            left -= len(record["text"])
            if left < 0:
                return


def write_passages(path: Path, shards: list[Path], count: int, length: int) -> None:
    """Write passages of shuffled words."""
    draw = random.Random(3)
    vocabulary = re.findall(r"[^\W\d_]+", "\n".join(texts(shards, 60)))
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            words = draw.choices(vocabulary, k=length)
            file.write(json.dumps({"id": f"passage-{number}", "text": " ".join(words)}) + "\n")


def build(folder: Path) -> dict[str, float]:
    """Make the index of the passages and leave it in the folder."""
    table = {
        "release": {"name": "bench"},
        "sources": [{"name": "bench", "paths": ["passages.jsonl"]}],
        "decontam": {"protect": [{"name": "bench", "paths": ["passages.jsonl"]}]},
    }
    config = check_config(table, "benchmark")
    began = time.process_time()
    keep_protected(find_protected(config, folder), Work(folder))
    return {"seconds": time.process_time() - began}


def judge(folder: Path, shards: list[Path]) -> dict[str, float]:
    """Judge all texts, then some with a passage in it."""
    (path,) = (folder / "decontam").iterdir()
    documents = [_document(text) for text in texts(shards)]
    words_of(documents[0].text)
    before = _peak()
    protected, _ = read_protected(Work(folder), path.name)
    protected.judge(documents[0])
    began = time.process_time()
    flagged = sum(not protected.judge(document).keep for document in documents)
    took = time.process_time() - began
    began = time.process_time()
    for document in documents:
        words_of(document.text)
    cutting = time.process_time() - began
    size = sum(len(document.text.encode()) for document in documents) / 1e6
    return {
        "documents": len(documents),
        "megabytes": size,
        "MB_s": size / took,
        "words_only_MB_s": size / cutting,
        "flagged": flagged,
        "planted_found": sum(
            not protected.judge(each).keep for each in _planted(folder, documents)
        ),
        "index_MB": path.stat().st_size / 1e6,
        "memory_MB": _peak() - before,
    }


def _planted(folder: Path, documents: list[Document]) -> Iterator[Document]:
    with (folder / "passages.jsonl").open(encoding="utf-8") as file:
        for line, document in zip(file, documents[:_PLANTED], strict=False):
            yield _document(f"{document.text}\n{json.loads(line)['text']}\n{document.text}")


def _document(text: str) -> Document:
    return Document(id="benchmark", text=text, sha256="", source="benchmark")


def _peak() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return (
        int(status.partition("VmHWM:")[2].split()[0]) / 1024
    )  # ru_maxrss would count the parent's


def main() -> None:
    """Run each part in a process of its own and print what it found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("shards", type=Path, nargs="+")
    parser.add_argument("--passages", type=int, default=300_000)
    parser.add_argument("--words", type=int, default=120)
    parser.add_argument("--part", choices=("build", "judge"))
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    if asked.part is not None:
        parts: dict[str, Any] = {"build": lambda: build(asked.folder)}
        parts["judge"] = lambda: judge(asked.folder, asked.shards)
        print(json.dumps(parts[asked.part]() | {"peak_MB": _peak()}))
        return
    with tempfile.TemporaryDirectory() as folder:
        write_passages(Path(folder) / "passages.jsonl", asked.shards, asked.passages, asked.words)
        for part in ("build", "judge"):
            command = [sys.executable, __file__, *asked.shards, "--part", part, "--folder", folder]
            print(part, subprocess.run(command, check=True, capture_output=True, text=True).stdout)


if __name__ == "__main__":
    main()
