"""How fast are the files read that records of The Stack v2 name? It makes both, and prints files a second.

`gaps` is what a run asks first (which contents the folder lacks), `rows` reads a row a file, `repositories`
a row a repository, `lines` JSON lines. `MB` are those of the contents, unpacked and checked.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import random
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from filters.git_ids import content_id
from pipeline.sources.adapter import Reading, Said
from pipeline.sources.records import Raw
from pipeline.sources.stack.reader import missing_contents, read_stack

if TYPE_CHECKING:
    from collections.abc import Callable

_WORDS: Final = (
    "mill",
    "stone",
    "water",
    "wheel",
    "grain",
    "flour",
    "race",
    "gate",
    "sack",
    "gear",
)
_SAID: Final = Said("stack", options={"contents": "contents"})


def make(folder: Path, files: int, seed: int) -> int:
    """Make contents and three tables of them, fifty files a repository; return the bytes of the contents."""
    draw = random.Random(seed)
    (folder / "contents").mkdir()
    rows: list[dict[str, Any]] = []
    total = 0
    for number in range(files):
        lines = draw.randrange(1, 200)
        raw = "".join(
            f"{draw.choice(_WORDS)}_{number} = {draw.choice(_WORDS)!r}  # {draw.random()}\n"
            for _ in range(lines)
        ).encode()
        row = _row(number, raw)
        (folder / "contents" / row["blob_id"]).write_bytes(gzip.compress(raw, mtime=0))
        rows.append(row)
        total += len(raw)
    whole = [
        {"repo_name": f"mill/r{at}", "revision_id": "e" * 40, "files": rows[at : at + 50]}
        for at in range(0, files, 50)
    ]
    pq.write_table(pa.Table.from_pylist(rows), folder / "rows.parquet")
    pq.write_table(pa.Table.from_pylist(whole), folder / "repositories.parquet")
    (folder / "lines.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in rows))
    return total


def _row(number: int, raw: bytes) -> dict[str, Any]:
    return {
        "blob_id": hashlib.sha1(raw, usedforsecurity=False).hexdigest(),
        "content_id": content_id(raw),
        "path": f"/src/f{number}.py",
        "repo_name": f"mill/r{number // 50}",
        "revision_id": "e" * 40,
        "directory_id": "d" * 40,
        "committer_date": "2020-02-03T04:05:06",
        "detected_licenses": ["MIT"],
        "src_encoding": "UTF-8",
        "language": "Python",
        "length_bytes": len(raw),
        "star_events_count": number,
    }


def read(folder: Path, name: str) -> int:
    """Read a table; return how many documents it gives."""
    items = read_stack(folder / name, Reading(said=_SAID._replace(root=folder)))
    return sum(isinstance(each, Raw) and not each.drop for each in items)


def main() -> None:
    """Make the tables, measure, print the best of some rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        total = make(folder, options.files, options.seed)
        acts: dict[str, Callable[[], object]] = {
            "gaps": lambda: missing_contents(folder / "rows.parquet", _SAID._replace(root=folder)),
            "rows": lambda: read(folder, "rows.parquet"),
            "repositories": lambda: read(folder, "repositories.parquet"),
            "lines": lambda: read(folder, "lines.jsonl"),
        }
        print(f"{options.files:,} files, {total / 1e6:,.0f} MB, best of {options.rounds}:")
        for name, act in acts.items():
            best = min(_seconds(act) for _ in range(options.rounds))
            print(
                f"  {name:<13} {options.files / best:>9,.0f} files/s {total / best / 1e6:>7,.0f} MB/s"
            )


def _seconds(act: Callable[[], object]) -> float:
    begun = time.process_time()
    act()
    return time.process_time() - begun


if __name__ == "__main__":
    main()
