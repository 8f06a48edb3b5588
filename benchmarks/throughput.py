"""How much text one core carries from shards to shards when nothing is filtered.

python benchmarks/throughput.py --corpus benchmarks/corpus

Two answers, in MB of UTF-8 text over CPU seconds, 1 MB = 10**6 bytes. `path` is the pure path from
reading to writing with the pipeline's own parts and no judgement: read and parse the shards, make
documents, encode records, pass them through the work folder, hash and write frames; each step has
its share, and `direct` is the path without the detour through the work folder. `run` is a whole
`gristmill run` in one process with every filter and every deduplication off, by phases: what cannot
be turned off (licences and languages of the documents, the ledger, the indexes, the deep check of
what was written) is in it, and so is its start-up, which is shown by a run on a single document.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter, defaultdict
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from statistics import median
from time import process_time
from typing import TYPE_CHECKING, Any, NamedTuple

import zstandard
from common import Input, machine, prepare, run_measured, weigh

from manifests.addressing import address, shard_of
from manifests.content import record_leaf
from manifests.record import Meta, Record, encode
from pipeline.shards import Line, write_frames
from pipeline.sources.fields import encode_extra, to_document
from pipeline.sources.jsonl import read_jsonl
from pipeline.sources.records import Raw
from pipeline.sources.zstd_frames import decode_zstd
from pipeline.spill import LineSpill, read_frames
from pipeline.stages.blocks import blocks, size_of_item

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from filters.document import Document

HERE = Path(__file__).resolve().parent
SHARDS = 16
FOLDER = "data/all/train"
PACKAGES = ("zstandard", "msgspec", "orjson", "numpy", "pyarrow")
DETOUR = ("spill", "read back")
CONFIG = """\
[release]
name = "throughput"
[[sources]]
name = "all"
paths = ["*.jsonl.zst"]
[redact]
level = "off"
[dedup]
exact = false
near = false
[split]
validation = 0
test = 0
"""


class Watch:
    """Adds up CPU seconds by step: a lap belongs to the step that it ends."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self._last = process_time()

    def lap(self, step: str) -> None:
        """Charge what was spent since the last lap."""
        now = process_time()
        self.spent[step] += now - self._last
        self._last = now


class Kept(NamedTuple):
    """A record on its way: where its line lies in the work folder."""

    frame: int
    place: int
    address: bytes


def decode(shards: Iterable[Path]) -> dict[str, float]:
    """Decompress, and nothing else."""
    watch = Watch()
    for shard in shards:
        with shard.open("rb") as file:
            for _ in decode_zstd(file):
                pass
    watch.lap("decode")
    return watch.spent


def path(shards: Iterable[Path], folder: Path, documents: int) -> dict[str, float]:
    """Carry every record from its shard to a release shard; return the CPU seconds of each step."""
    watch = Watch()
    kept: dict[int, list[Kept]] = defaultdict(list)
    spill = LineSpill(folder / "lines.bin")
    for block in chain.from_iterable(blocks(read_jsonl(shard), size_of_item) for shard in shards):
        watch.lap("read")
        made = [_document(item.record) for item in block if isinstance(item, Raw)]
        watch.lap("document")
        lines = [(address(0, each.id), _line(each)) for each in made]
        watch.lap("record")
        for where, line in lines:
            bucket = shard_of(where, SHARDS)
            kept[bucket].append(Kept(*spill.add(bucket, line), where))
        watch.lap("spill")
    spill.close()
    watch.lap("spill")
    written = 0
    for bucket, listed in kept.items():
        found = sorted(_read_back(folder / "lines.bin", bucket, listed))
        watch.lap("read back")
        hashed = [Line(where, line, record_leaf(where, line[:-1], FOLDER)) for where, line in found]
        watch.lap("leaves")
        written += write_frames(folder / f"{bucket}.jsonl.zst", hashed).records
        watch.lap("write")
    if written != documents:
        sys.exit(f"{written} records were written, of {documents}")
    return watch.spent


def _document(record: dict[str, Any]) -> Document:
    document = to_document(record, source="all")
    if isinstance(document, str):
        sys.exit(f"a record of the corpus is no document: {document}")
    return document


def _line(document: Document) -> bytes:
    """Encode what the judge would, without what it finds out."""
    return encode(
        Record(
            id=document.id,
            text=document.text,
            source=document.source,
            license=document.license,
            language=document.language,
            url=document.url,
            created=document.created,
            sha256=document.sha256,
            meta=Meta(
                pile_set_name=document.source,
                repo=document.repo,
                path=document.path,
                natural_language="",
                redactions="[]",
                extra=encode_extra(document.extra),
            ),
        )
    )


def _read_back(spilled: Path, bucket: int, listed: list[Kept]) -> Iterator[tuple[bytes, bytes]]:
    frames = dict(read_frames(spilled, bucket=bucket))
    return ((each.address, frames[each.frame][each.place] + b"\n") for each in listed)


def parts(whole: Input) -> dict[str, float]:
    """Measure the parts in this process; the sums `path` and `direct` are among them."""
    shards = sorted(whole.folder.glob("*.jsonl.zst"))
    with tempfile.TemporaryDirectory(dir=whole.folder.parent) as place:
        spent = path(shards, Path(place), whole.documents)
    total = sum(spent.values())
    direct = total - sum(spent[step] for step in DETOUR)
    return decode(shards) | spent | {"path": total, "direct": direct}


def run(given: Input, args: argparse.Namespace) -> dict[str, float]:
    """Measure one whole run; return the CPU seconds of each phase, of all else, and of all."""
    (given.folder / "throughput.toml").write_text(CONFIG, encoding="utf-8")
    with tempfile.TemporaryDirectory(dir=given.folder.parent) as place:
        out = Path(place)
        command = [str(args.gristmill), "run", str(given.folder / "throughput.toml")]
        command += ["--executor", "sync", "--out", str(out / "out"), "--work", str(out / "work")]
        used = run_measured(command, args.core, out / "log.txt").cpu_s
        phases: Counter[str] = Counter()
        for marker in out.glob("work/*/*/marker.json"):
            told = json.loads(marker.read_bytes())
            phases[told["phase"]] += told["cpu_seconds"]
    rest = used - sum(phases.values())
    return dict(phases.most_common()) | {"start-up, seal, deep check": rest, "run": used}


def single(folder: Path) -> Input:
    """Make an input of one document: what a run on it costs is start-up."""
    folder.mkdir()
    line = json.dumps({"id": "one", "text": "one document"}).encode() + b"\n"
    (folder / "one.jsonl.zst").write_bytes(zstandard.compress(line))
    return Input("single", folder, 1, 1e-6)


def row(what: str, step: str, taken: list[float], megabytes: float) -> dict[str, Any]:
    """Condense the rounds of one line of the table."""
    cpu = median(taken)
    speed = round(megabytes / cpu, 1) if cpu > 0 else None
    rounds = [round(each, 3) for each in taken]
    return {
        "what": what,
        "step": step,
        "cpu_s": round(cpu, 2),
        "mb_per_s": speed,
        "rounds": rounds,
    }


def rows(what: str, taken: list[dict[str, float]], megabytes: float) -> Iterator[dict[str, Any]]:
    """Condense the rounds, step by step."""
    for step in taken[0]:
        yield row(what, step, [each[step] for each in taken], megabytes)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--corpus", type=Path, default=HERE / "corpus", help="from corpus.py")
    parser.add_argument("--mb", type=float, default=1e9, help="use this much of the corpus")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--core", type=int, default=0, help="the core that a run is pinned to")
    parser.add_argument("--only", nargs="+", choices=("parts", "run"), default=("parts", "run"))
    parser.add_argument("--json", type=Path, help="write every figure there")
    parser.add_argument(
        "--gristmill", type=Path, default=Path(sys.executable).with_name("gristmill")
    )
    args = parser.parse_args()
    if not list(args.corpus.glob("*.jsonl.zst")):
        parser.error(f"{args.corpus} has no shards: run corpus.py first")
    return args


def measure(whole: Input, one: Input, args: argparse.Namespace) -> list[dict[str, Any]]:
    """Take all rounds, parts and runs in turns; the first run ever, which compiles, is not counted."""
    taken: dict[str, list[dict[str, float]]] = defaultdict(list)
    if "run" in args.only:
        run(one, args)
    for _ in range(args.rounds):
        if "parts" in args.only:
            taken["parts"].append(parts(whole))
        if "run" in args.only:
            taken["run"].append(run(whole, args))
            taken["single"].append({"start-up": run(one, args)["run"]})
    found = [each for what in taken for each in rows(what, taken[what], whole.megabytes)]
    if taken["run"]:
        inside = [
            whole_run["run"] - alone["start-up"]
            for whole_run, alone in zip(taken["run"], taken["single"], strict=True)
        ]
        found.append(row("run", "run without start-up", inside, whole.megabytes))
    return found


def main() -> None:
    """Run the benchmark and print a Markdown table."""
    args = arguments()
    weights = {shard: weigh(shard) for shard in sorted(args.corpus.glob("*.jsonl.zst"))}
    with tempfile.TemporaryDirectory(prefix="throughput-") as folder:
        whole = prepare("whole", Path(folder) / "whole", weights, args.mb)
        found = measure(whole, single(Path(folder) / "single"), args)
    about = machine({name: version(name) for name in PACKAGES})
    about |= {"documents": whole.documents, "megabytes": round(whole.megabytes, 1)}
    if args.json is not None:
        args.json.write_text(json.dumps({"machine": about, "rows": found}, indent=1) + "\n")
    print(json.dumps(about))
    print("| | step | CPU s | MB/s per core |\n|---|---|--:|--:|")
    for each in found:
        speed = "" if each["what"] == "single" else each["mb_per_s"]
        print(f"| {each['what']} | {each['step']} | {each['cpu_s']} | {speed} |")


if __name__ == "__main__":
    main()
