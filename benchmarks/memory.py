"""Peak memory of a worker that screens shards of several sizes: it should not grow with the shard.

python benchmarks/memory.py --corpus benchmarks/corpus --gb 0.01 2

Makes a jsonl.zst shard of real documents (with a word of its own in each, round after round until it
is large enough), screens it in one worker process with licences, redaction, near-duplicates and
repeated passages, and prints what the markers of its tasks recorded: the most memory that the process
had taken by then. A second shard of one document is there so that a worker is started at all. Ends
with 1 where a peak is above the limit, or where peaks differ by more than a tenth.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from itertools import count
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import orjson
import zstandard

from pipeline.engine.task import Marker

_FRAME: Final = 4 << 20
_LIMIT_MB: Final = 300
_SPREAD: Final = 1.1
_MIB: Final = (1 << 20) / 1e6
_CONFIG: Final = """
[release]
name = "memory"
shards = 16
[[sources]]
name = "one"
paths = ["*.jsonl.zst"]
[license]
policy = "permissive"
[redact]
level = "balanced"
[dedup]
near = { threshold = 0.8 }
passages = { least = 100 }
"""


class Peak(NamedTuple):
    """The screen tasks of one shard: how many there were, and the worker's peak after the first and at the end."""

    gb: float
    tasks: int
    first_mb: float
    most_mb: float


def write_shard(corpus: Path, target: Path, size: int, *, one_frame: bool) -> None:
    """Write `size` raw bytes of lines, round after round over the corpus's shards."""
    compressor = zstandard.ZstdCompressor(level=1, write_checksum=True)
    with target.open("wb") as out, compressor.stream_writer(out) as writer:
        written = waiting = 0
        for turn in count():
            for path in sorted(corpus.glob("*.jsonl.zst")):
                reader = zstandard.ZstdDecompressor().stream_reader(
                    path.read_bytes(), read_across_frames=True
                )
                for line in reader.readall().splitlines():
                    record = orjson.loads(line)
                    own = {"id": f"{turn}/{record['id']}", "text": f"turn{turn} {record['text']}"}
                    written += writer.write(orjson.dumps(record | own) + b"\n")
                    if written - waiting >= _FRAME and not one_frame:
                        writer.flush(zstandard.FLUSH_FRAME)
                        waiting = written
                    if written >= size:
                        return


def screen_peak(folder: Path, gb: float) -> Peak:
    """Run the shard with one worker; return the peaks of its screen tasks."""
    program = Path(sys.executable).with_name("gristmill")
    out = folder / "out"
    subprocess.run(
        [program, "run", folder / "memory.toml", "--out", out, "--workers", "1"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    paths = (out / ".work/memory/screen").glob("*/marker.json")
    found = [msgspec.json.decode(path.read_bytes(), type=Marker) for path in paths]
    peaks = sorted(marker.peak_mib * _MIB for marker in found)
    shutil.rmtree(out)
    return Peak(gb, len(peaks) - 1, peaks[0], peaks[-1])


def main() -> None:
    """Measure each size asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=Path("benchmarks/corpus"))
    parser.add_argument("--gb", type=float, nargs="+", default=[0.01, 2.0])
    parser.add_argument("--one-frame", action="store_true", help="the shard is one zstd frame")
    options = parser.parse_args()
    peaks = []
    for size in options.gb:
        with tempfile.TemporaryDirectory(dir=".") as place:
            folder = Path(place)
            shard = folder / "one.jsonl.zst"
            write_shard(options.corpus, shard, int(size * 1e9), one_frame=options.one_frame)
            write_shard(options.corpus, folder / "two.jsonl.zst", 1, one_frame=True)
            (folder / "memory.toml").write_text(_CONFIG)
            peaks.append(screen_peak(folder, size))
        print(
            "{:g} GB: {} screens, {:.0f} MB after the first, {:.0f} MB at most".format(*peaks[-1])
        )
    most = [peak.most_mb for peak in peaks]
    print(
        f"at most {max(most):.0f} MB of {_LIMIT_MB}, the largest {max(most) / min(most):.2f} times the least"
    )
    sys.exit(max(most) > _LIMIT_MB or max(most) > _SPREAD * min(most))


if __name__ == "__main__":
    main()
