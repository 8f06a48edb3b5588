"""What a run costs by phase, measured; and from that, what one of a thousand times the documents would.

python benchmarks/cost_model.py measure --corpus FOLDER --workers 1 --json small.json
python benchmarks/cost_model.py predict small.json --against large.json      # how good is the model
python benchmarks/cost_model.py predict large.json --documents 1e9 --size 5000 --cores 1000

`measure` runs shards of `corpus.py` (every `--take`th, for a smaller corpus) with licences, an empty opt-out
registry, redaction, near-duplicates and splits, and with the bands that a large run has; it reads the
markers of the work folder. `predict` is linear: a phase costs so much a byte of text, or so much a
document. Of the tasks that read text the median rate counts, which leaves out what a worker spends
on its start; phases of one task that is read whole are told apart from those that workers share.
What is read, and what a single task holds in memory, is worked out from the code: `READ`, `HELD`.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import msgspec
from resume import watched_run

from pipeline.engine.commit import peak_memory_mib
from pipeline.engine.crew import Crew
from pipeline.engine.task import Marker
from pipeline.near_tasks import _JOINS
from pipeline.sources.stretch import STRETCH
from pipeline.spill import BANDS, EXACT, IDS, PREFIXES
from pipeline.stages.edges import EDGE
from pipeline.stages.order import LINE
from pipeline.tasks import ranges

_CONFIG = """
[release]
name = "cost"
shards = {shards}
[[sources]]
name = "code"
paths = ["shards/code-*.jsonl.zst"]
[[sources]]
name = "docs"
paths = ["shards/docs-*.jsonl.zst"]
[license]
policy = "permissive"
[optout]
registry = "optout.jsonl"
[redact]
level = "balanced"
[dedup]
near = {{ threshold = 0.8, bands = 36, rows = 7 }}
"""
_BY_TEXT = ("cut", "survey", "names", "screen", "review", "shingles", "emit")
_SINGLE = ("trees", "order", "pairs", "resolve", "place", "pardons", "shares", "ledger")
_DRIVER = {  # what the driver does itself, and whether it goes with the text or the documents
    "list and hash the inputs": "text",
    "seal: deep check": "text",
    "seal: merge indexes": "documents",
    "seal: papers": "documents",
    "content tree": "documents",
}
# Bytes that a single task holds for each document at its peak, read off the code (dtypes; sorting makes copies).
HELD = {
    "order": 61,  # measured over 4 million documents, anonymous memory
    "resolve": LINE.itemsize + 3 * 8 + 2,  # lines, families: parents, labels, a copy; gone, member
    "place": 105,  # measured in the same way
    "seal: merge indexes": 4,  # the keys of the rows, which say where a table is cut
    "seal: deep check": 64 + 8 + 8,  # a leaf, the hashes of ids and places
}

SCHEDULER_SECONDS = 0.0015  # CPU of the scheduler a task, as benchmarks/scheduler.py finds it


class Phase(msgspec.Struct):
    """What the tasks of a phase used and wrote; `rate` is CPU seconds a byte of text, without start-up."""

    tasks: int
    cpu: float
    peak_mib: int
    written: dict[str, int]
    rate: float | None


class Measured(msgspec.Struct):
    """One run."""

    documents: int
    text: int
    inputs: int
    workers: int
    wall: float
    driver: dict[str, float]
    driver_mib: int
    phases: dict[str, Phase]


def measure(corpus: Path, take: int, workers: int, shards: int, folder: Path) -> Measured:
    """Run a corpus to a release in `folder`, and read what its markers say."""
    chosen = sorted(corpus.glob("*.jsonl.zst"))[::take]
    (folder / "shards").mkdir(parents=True)
    for path in chosen:
        (folder / "shards" / path.name).symlink_to(path.resolve())
    (folder / "optout.jsonl").touch()
    (folder / "cost.toml").write_text(_CONFIG.format(shards=shards))
    crew = Crew("local" if workers > 1 else "sync", workers)
    ran = watched_run(folder / "cost.toml", folder / "out", crew)
    by_phase = read_markers(folder / "out" / ".work" / "cost")
    screens = by_phase["screen"]
    return Measured(
        documents=sum(marker.record["read"] for marker in screens),
        text=sum(marker.record["text_bytes"] for marker in screens),
        inputs=sum(path.stat().st_size for path in chosen),
        workers=workers,
        wall=ran["wall"],
        driver={name: ran["seconds"].get(name, 0.0) for name in _DRIVER},
        driver_mib=peak_memory_mib(),
        phases={name: phase(name, markers, screens) for name, markers in by_phase.items()},
    )


def read_markers(work: Path) -> dict[str, list[Marker]]:
    """Read all markers of a work folder, by phase."""
    found: dict[str, list[Marker]] = {}
    for path in sorted(work.glob("*/*/marker.json")):
        marker = msgspec.json.decode(path.read_bytes(), type=Marker)
        found.setdefault(marker.phase, []).append(marker)
    return found


def phase(name: str, markers: list[Marker], screens: list[Marker]) -> Phase:
    """Add up a phase."""
    written: Counter[str] = Counter()
    for marker in markers:
        for output in marker.outputs:
            written[_kind(output.name)] += output.size
    return Phase(
        tasks=len(markers),
        cpu=sum(marker.cpu_seconds for marker in markers),
        peak_mib=max(marker.peak_mib for marker in markers),
        written=dict(written),
        rate=_rate(name, markers, screens),
    )


def _kind(name: str) -> str:
    """Name outputs that differ by number alone alike."""
    return "".join("N" if letter.isdigit() else letter for letter in name)


def _rate(name: str, markers: list[Marker], screens: list[Marker]) -> float | None:
    """Return the median CPU seconds a byte of text over the tasks of a phase that has one for each input."""
    if name not in {"survey", "names", "screen"}:
        return None
    text = {marker.name: marker.record["text_bytes"] for marker in screens}
    rates = (marker.cpu_seconds / max(text[marker.name], 1) for marker in markers)
    return float(statistics.median(rates))


class Cost(NamedTuple):
    """What a phase costs at another size: CPU seconds, bytes written, tasks."""

    cpu: float
    written: float
    tasks: int
    single: bool


def predict(found: Measured, documents: float, size: float) -> dict[str, Cost]:
    """Say what every phase would cost for so many documents of `size` bytes of text."""
    texts = documents * size / found.text
    many = documents / found.documents
    costs: dict[str, Cost] = {}
    for name, each in found.phases.items():
        by_text = name in _BY_TEXT
        cpu = each.rate * documents * size if each.rate else each.cpu * (texts if by_text else many)
        written = sum(each.written.values()) * (texts if by_text else many)
        if name == "screen":  # its spills go with documents, its lines with the text
            lines = each.written.get("lines.bin", 0)
            written = lines * texts + (sum(each.written.values()) - lines) * many
        tasks = count_tasks(name, each.tasks, found, documents, size)
        costs[name] = Cost(cpu, written, tasks, name in _SINGLE)
    for name, kind in _DRIVER.items():
        costs[name] = Cost(
            found.driver[name] * (texts if kind == "text" else many), 0, 1, single=True
        )
    return costs


def count_tasks(name: str, tasks: int, found: Measured, documents: float, size: float) -> int:
    """Count the tasks of a phase: stretches of the inputs, ranges of keys, slices of pairs."""
    if name in _SINGLE:
        return 1
    if name in {"exact", "candidates", "revisit"}:
        width = EXACT.itemsize + IDS.itemsize if name == "exact" else 36 * BANDS.itemsize
        return len(ranges(int(documents * width), 1 << 30))
    if name == "join":
        return _JOINS
    if name == "verify":  # 16 bytes a pair, 100,000 pairs a task
        pairs = found.phases["pairs"].written.get("pairs.bin", 0) / 16
        return max(1, round(pairs * documents / found.documents / 1e5))
    if name == "emit":
        return max(tasks, round(documents * size / (1 << 30)))  # shards of 1 GB of text
    return max(1, round(documents * size * 1.3 / STRETCH))  # lines are text and a third of it


def compare(found: Measured, other: Measured) -> None:
    """Print how well one run foretells another, by phase."""
    costs = predict(found, other.documents, other.text / other.documents)
    print(f"{'':28}{'foretold s':>11}{'measured s':>11}{'error':>8}")
    told = was = 0.0
    for name, cost in sorted(costs.items(), key=lambda item: -item[1].cpu):
        real = other.phases[name].cpu if name in other.phases else other.driver.get(name, 0.0)
        told, was = told + cost.cpu, was + real
        if real >= 0.05:
            print(f"{name:28}{cost.cpu:11.2f}{real:11.2f}{cost.cpu / real - 1:8.0%}")
    print(f"{'all':28}{told:11.2f}{was:11.2f}{told / was - 1:8.0%}")
    written = sum(sum(each.written.values()) for each in other.phases.values())
    foretold = sum(cost.written for cost in costs.values())
    print(
        f"{'bytes written, MB':28}{foretold / 1e6:11.1f}{written / 1e6:11.1f}{foretold / written - 1:8.0%}"
    )


def show_measured(found: Measured) -> None:
    """Print the constants."""
    print(
        f"{found.documents:,} documents, {found.text / 1e6:.0f} MB of text, {found.inputs / 1e6:.0f} MB in;",
        end=" ",
    )
    print(f"{found.workers} worker(s), {found.wall:.0f} s, driver peak {found.driver_mib} MiB")
    print(
        f"{'':28}{'tasks':>6}{'CPU s':>9}{'us/doc':>9}{'MB/s':>8}{'B/doc out':>11}{'peak MiB':>10}"
    )
    for name, each in sorted(found.phases.items(), key=lambda item: -item[1].cpu):
        cpu = each.rate * found.text if each.rate else each.cpu
        written = sum(each.written.values()) / found.documents
        print(
            f"{name:28}{each.tasks:6}{cpu:9.2f}{cpu / found.documents * 1e6:9.1f}"
            f"{found.text / 1e6 / max(cpu, 1e-9):8.0f}{written:11.0f}{each.peak_mib:10}"
        )
    for name, seconds in found.driver.items():
        speed = found.text / 1e6 / max(seconds, 1e-9)
        print(f"{name:28}{1:6}{seconds:9.2f}{seconds / found.documents * 1e6:9.1f}{speed:8.0f}")
    print(
        {
            kind: round(n / found.documents, 1)
            for kind, n in sorted(found.phases["screen"].written.items())
        }
    )


def show_predicted(found: Measured, documents: float, size: float, cores: int) -> None:
    """Print the table of a large run."""
    print(
        f"{documents:.0e} documents of {size:.0f} bytes, {documents * size / 1e12:.1f} TB of text, {cores} cores"
    )
    print(f"{'':28}{'tasks':>9}{'core h':>10}{'wall h':>9}{'TB out':>9}{'GB held':>9}")
    hours = wall = 0.0
    costs = predict(found, documents, size)
    for name, cost in costs.items():
        long = cost.cpu / 3600 / (1 if cost.single else min(cores, cost.tasks))
        hours, wall = hours + cost.cpu / 3600, wall + long
        held = f"{HELD[name] * documents / 1e9:9.0f}" if name in HELD else ""
        print(
            f"{name:28}{cost.tasks:9}{cost.cpu / 3600:10.1f}{long:9.2f}{cost.written / 1e12:9.3f}{held}"
        )
    tasks = sum(cost.tasks for cost in costs.values())
    print(f"{'all':28}{tasks:9}{hours:10.0f}{wall:9.1f}")
    print(f"of that the scheduler: {tasks * SCHEDULER_SECONDS / 3600:.2f} h of its one core")
    show_exchange(documents, size)


def show_exchange(documents: float, size: float) -> None:
    """Print what reading many parts by many ranges takes: openings of files, and bytes read over."""
    parts = documents * size * 1.3 / STRETCH
    for name, width in (
        ("exact", EXACT.itemsize + IDS.itemsize),
        ("candidates", 36 * BANDS.itemsize),
    ):
        cut = len(ranges(int(documents * width), 1 << 30))
        over = max(1, cut // 256)
        print(
            f"{name}: {parts:.2g} parts x {cut} ranges (of {PREFIXES}) = {parts * cut:.1e} openings,"
            f" {documents * width * over / 1e12:.2f} TB read for {documents * width / 1e12:.2f} TB written"
        )
    buckets = 1 << max(0, round(documents * size / (1 << 30)) - 1).bit_length()
    frame = documents * size / parts / buckets / 1e3
    print(
        f"emit: {parts * buckets:.1e} frames of {frame:.1f} kB of text in {buckets} shards;",
        end=" ",
    )
    print(f"shares.bin {parts * buckets * 32 / 1e9:.1f} GB; an edge takes {EDGE.itemsize} bytes")


def main() -> None:
    """Measure a run, or extrapolate from one."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("measure")
    one.add_argument("--corpus", type=Path, required=True)
    one.add_argument("--take", type=int, default=1, help="use every nth shard")
    one.add_argument("--workers", type=int, default=1)
    one.add_argument("--shards", type=int, default=16)
    one.add_argument("--json", type=Path, required=True)
    two = commands.add_parser("predict")
    two.add_argument("measured", type=Path)
    two.add_argument("--against", type=Path)
    two.add_argument("--documents", type=float, default=1e9)
    two.add_argument("--size", type=float, default=5000)
    two.add_argument("--cores", type=int, default=1000)
    args = parser.parse_args()
    if args.command == "measure":
        with tempfile.TemporaryDirectory(prefix="cost-") as place:
            found = measure(args.corpus, args.take, args.workers, args.shards, Path(place, "run"))
        args.json.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
        show_measured(found)
        return
    found = read(args.measured)
    if args.against is not None:
        compare(found, read(args.against))
        return
    show_measured(found)
    show_predicted(found, args.documents, args.size, args.cores)


def read(path: Path) -> Measured:
    """Read what `measure` left."""
    return msgspec.json.decode(path.read_bytes(), type=Measured)


if __name__ == "__main__":
    main()
