"""Near-duplicates at scale: synthetic documents through the real stages, within a memory limit.

python benchmarks/scale.py mixed --documents 10000000
python benchmarks/scale.py copies --documents 1000000
python benchmarks/scale.py header --documents 100000

`mixed`: of ten documents seven are unlike all others, one differs from another by one word of 60
(Jaccard 51/61), one by two (46/66), one is an exact copy; every twentieth group shares one of 200
headers. `copies`: one document over and over. `near-copies`: the same, each with a word of its own.
`header`: a licence header of 170 words and a body of 80, every twentieth body a near copy of another.
`dense`: the same with bodies of 30 words, so that all are alike by 0.71, just below the threshold.

What has to go is known from how the documents are made, and is compared with the ledger. Texts
are made, signed and written by worker processes like those of a run; exact, order, candidates,
shingles, verify, resolve, place and ledger are those of a run.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import pyarrow.parquet as pq
from synthetic import KINDS, Made, expected, make

from pipeline.cli.options import memory_size
from pipeline.config import Config, Limits, Release, Source
from pipeline.decide import decide
from pipeline.dedup import warm
from pipeline.engine.commit import peak_memory_mib
from pipeline.engine.crew import Crew, open_executor
from pipeline.engine.task import Task
from pipeline.engine.work import Marker, Work
from pipeline.job import Job, run_one, run_tasks
from pipeline.plan import Input
from pipeline.policy_file import Licenses
from pipeline.tasks import ledger_task, signature_of
from pipeline.watch.progress import PlainDisplay
from pipeline.watch.reporter import Reporter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Phase(NamedTuple):
    """How long a phase took, and the most memory that one of its workers used so far."""

    name: str
    seconds: float
    peak_mib: int


class Stopwatch(Reporter):
    """Times the phases."""

    def __init__(self) -> None:
        self.phases: list[tuple[str, float]] = []
        self._display = PlainDisplay()

    def start(
        self, phase: str, tasks: Sequence[Task], found: Sequence[tuple[Task, Marker]]
    ) -> None:
        """Note when a phase begins."""
        self.phases.append((phase, time.monotonic()))
        self._display.start(phase, len(tasks), sum(task.weight for task in tasks), len(found))

    def done(self, task: Task, marker: Marker) -> None:
        """Show how far it has come."""
        del marker
        self._display.advance(task.weight)


def run(args: argparse.Namespace, work: Path) -> tuple[list[Phase], dict[str, int], int]:
    """Run the phases; return them, the documents by stage, and the peak memory of this process."""
    config = Config(
        release=Release(name="scale"),
        sources=(Source(name="made", paths=("made",)),),
        limits=Limits(),
    )
    signature = signature_of(config, ())
    reporter = Stopwatch()
    starts = range(0, args.documents, args.part)
    inputs = tuple(
        Input(ordinal=n, source="made", path=f"part-{n:05d}", bytes=0, sha256="")
        for n, _ in enumerate(starts)
    )
    warm()
    crew = Crew("local" if args.workers > 1 else "sync", args.workers)
    folder = Work(work)
    with open_executor(crew, folder) as executor:
        job = Job(
            config, work, work, folder, inputs, None, Licenses(), executor, reporter, args.memory
        )
        parts = run_tasks(
            job,
            "make",
            [
                Task(
                    "make",
                    f"{first}",
                    make,
                    Made(
                        kind=args.kind,
                        first=first,
                        end=min(first + args.part, args.documents),
                        total=args.documents,
                        signature=signature,
                    ),
                )
                for first in starts
            ],
        )
        placed = decide(job, parts)
        rows = run_one(job, ledger_task(job, parts, placed))
        reporter.phases.append(("end", time.monotonic()))
    return phases(work, reporter), stages(work / "ledger" / rows.fingerprint), peak_memory_mib()


def phases(work: Path, watch: Stopwatch) -> list[Phase]:
    """Add up how long each phase took."""
    seconds: Counter[str] = Counter()
    for (name, began), (_, ended) in zip(watch.phases, watch.phases[1:], strict=False):
        seconds[name] += ended - began  # type: ignore[assignment]  # a Counter adds floats as well
    peaks = {
        name: max(marker.peak_mib for marker in markers(work / name))
        if (work / name).exists()
        else 0
        for name in seconds
    }
    return [Phase(name, seconds[name], peaks[name]) for name in seconds]


def markers(folder: Path) -> Iterator[Marker]:
    """Read the markers of a phase."""
    for path in sorted(folder.glob("*/marker.json")):
        yield msgspec.json.decode(path.read_bytes(), type=Marker)


def stages(folder: Path) -> dict[str, int]:
    """Count the ledger's rows by stage."""
    counts: Counter[str] = Counter()
    for path in sorted(folder.glob("decisions-*.parquet")):
        table = pq.read_table(path, columns=["stage"])
        counted = table.group_by("stage").aggregate([([], "count_all")])
        names = map(str, counted["stage"].to_pylist())
        counts.update(dict(zip(names, counted["count_all"].to_pylist(), strict=True)))
    return dict(counts)


def main() -> None:
    """Run one corpus and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--documents", type=int, default=10_000_000)
    parser.add_argument("--part", type=int, default=250_000, help="documents of one input")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--memory-limit", type=memory_size, default=1 << 30, dest="memory")
    parser.add_argument("--work", type=Path, help="where to work (default: a temporary folder)")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="scale-")) if args.work is None else args.work
    work.mkdir(parents=True, exist_ok=True)
    try:
        timed, found, driver = run(args, work.resolve())
    finally:
        if args.work is None:
            shutil.rmtree(work)
    wanted = expected(args.kind, args.documents)
    for phase in timed:
        print(f"{phase.name:12} {phase.seconds:8.1f} s  worker peak {phase.peak_mib:6} MiB")
    after = sum(phase.seconds for phase in timed if phase.name != "make")
    peak = max(phase.peak_mib for phase in timed)
    print(f"without making and signing: {after:.1f} s; driver peak {driver} MiB")
    print(f"at most {args.workers} x {peak} + {driver} = {args.workers * peak + driver} MiB")
    print(f"expected {wanted}\nfound    {found}")
    if args.json is not None:
        report = {"phases": timed, "expected": wanted, "found": found, "driver_mib": driver}
        args.json.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
