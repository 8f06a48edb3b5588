"""Peak memory of the screen phase on one shard of a given size: it should not grow with the shard.

python benchmarks/memory.py --corpus benchmarks/corpus --gb 0.01 2

Makes a jsonl.zst shard of real documents (repeated under new ids until it is large enough), runs it
with one worker process, and prints the peak resident memory that the screen task's marker recorded.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from itertools import count
from pathlib import Path

import orjson
import zstandard

_FRAME = 4 << 20
_CONFIG = """
[release]
name = "memory"
[[sources]]
name = "one"
paths = ["one.jsonl.zst"]
[license]
policy = "permissive"
[dedup]
near = { threshold = 0.8 }
"""


def write_shard(corpus: Path, target: Path, size: int) -> None:
    """Write `size` raw bytes of lines, round after round over the corpus's shards."""
    compressor = zstandard.ZstdCompressor(level=1, write_checksum=True)
    written = 0
    with target.open("wb") as out:
        for turn in count():
            for path in sorted(corpus.glob("*.jsonl.zst")):
                reader = zstandard.ZstdDecompressor().stream_reader(
                    path.read_bytes(), read_across_frames=True
                )
                lines = []
                for line in reader.readall().splitlines():
                    record = orjson.loads(line)
                    record["id"] = f"{turn}/{record['id']}"
                    lines.append(orjson.dumps(record) + b"\n")
                raw = b"".join(lines)
                for start in range(0, len(raw), _FRAME):
                    out.write(compressor.compress(raw[start : start + _FRAME]))
                written += len(raw)
                if written >= size:
                    return


def screen_peak(folder: Path) -> int:
    """Run the shard with one worker; return the screen task's peak memory in MiB."""
    program = Path(sys.executable).with_name("gristmill")
    subprocess.run(
        [program, "run", folder / "memory.toml", "--out", folder / "out", "--workers", "1"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    (marker,) = (folder / "out/.work/memory/screen").glob("*/marker.json")
    return int(json.loads(marker.read_bytes())["peak_mib"])


def main() -> None:
    """Measure each size asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=Path("benchmarks/corpus"))
    parser.add_argument("--gb", type=float, nargs="+", default=[0.01, 2.0])
    options = parser.parse_args()
    for size in options.gb:
        with tempfile.TemporaryDirectory(dir=".") as place:
            folder = Path(place)
            write_shard(options.corpus, folder / "one.jsonl.zst", int(size * 1e9))
            (folder / "memory.toml").write_text(_CONFIG)
            print(f"{size:g} GB shard: screen peak {screen_peak(folder)} MiB", flush=True)


if __name__ == "__main__":
    main()
