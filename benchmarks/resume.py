"""What a run that is finished costs when it is run again, by what it does: a bar of 1 ms a task.

python benchmarks/resume.py --shards 200 2000

Makes shards of files of the standard library, runs them once, and then again: CPU seconds of the whole
process, each counted for the innermost of the functions named here. Two sizes tell the cost of a task
from that of a run: the difference of both over the difference of their tasks.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import ExitStack
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import zstandard

from pipeline.account import origin_of, statistics
from pipeline.branches import grow_branches
from pipeline.dedup import warm
from pipeline.detector import open_matcher
from pipeline.engine.commit import finished
from pipeline.engine.crew import Cluster, Crew
from pipeline.engine.task import Task
from pipeline.indexes import write_indexes
from pipeline.job import run_tasks
from pipeline.plan import freeze_inputs
from pipeline.policy_file import open_licenses
from pipeline.redaction import warm_rules
from pipeline.release_tasks import emit_tasks, screen_task, survey_tasks
from pipeline.residue import disown
from pipeline.run import run_config
from pipeline.seal import _compare_published, _place_shards, _verify_staged, _write_papers
from pipeline.stages.similarity import identities
from pipeline.stages.trees import keep_trees
from pipeline.summary import count_documents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pipeline.engine.work import Marker
    from pipeline.job import Job

HOME = Path(__file__).resolve().parents[1]
_DOCUMENTS = 4  # of a shard
_CONFIG = """
[release]
name = "engine"
shards = {shards}
[[sources]]
name = "one"
paths = ["{paths}"]
[dedup]
near = {{ threshold = 0.8 }}
"""
# What a resumed run does, each named by a function whose own time and that of what it calls is
# counted, less that of other functions of this list, and what it is called here.
_WATCHED: tuple[tuple[Callable[..., Any], str], ...] = (
    (freeze_inputs, "list and hash the inputs"),
    (warm, "kernels"),
    (warm_rules, "redaction rules"),
    (open_matcher, "licence detector"),
    (open_licenses, "licence policy"),
    (finished, "marker checks"),
    (survey_tasks, "specs of survey"),
    (screen_task, "specs of screen"),
    (emit_tasks, "specs of emit"),
    (identities, "specs of shingles"),
    (keep_trees, "hand over evidence"),
    (count_documents, "count documents"),
    (disown, "disown"),
    (origin_of, "account"),
    (grow_branches, "content tree"),
    (statistics, "seal: papers"),
    (write_indexes, "seal: merge indexes"),
    (_place_shards, "seal: link shards"),
    (_write_papers, "seal: papers"),
    (_verify_staged, "seal: deep check"),
    (_compare_published, "seal: compare with the published"),
)


class Watch:
    """CPU seconds of this process by what it is doing; the innermost watched function counts."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.calls: Counter[str] = Counter()
        self._doing = ["the rest"]
        self._since = time.process_time()

    def turn(self) -> None:
        """Count the time since the last turn for what is being done."""
        now = time.process_time()
        self.seconds[self._doing[-1]] += now - self._since
        self._since = now

    def around(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap a function so that its time is counted under a name."""

        def timed(*args: Any, **named: Any) -> Any:
            self.turn()
            self._doing.append(name)
            self.calls[name] += 1
            try:
                return function(*args, **named)
            finally:
                self.turn()
                self._doing.pop()

        return timed


def substitute(changes: Iterable[tuple[Callable[..., Any], Callable[..., Any]]]) -> None:
    """Put functions in the place of others wherever the pipeline has them."""
    fresh = {id(old): new for old, new in changes}
    for module in [value for key, value in sys.modules.items() if key.startswith("pipeline")]:
        for name, value in list(vars(module).items()):
            if id(value) in fresh:
                setattr(module, name, fresh[id(value)])


def watched_run(config: Path, out: Path, crew: Crew) -> dict[str, Any]:
    """Run a config in this process; say what its CPU time went into, and over how many tasks."""
    watch = Watch()
    watch.seconds["start Python, load modules"] += time.process_time()
    name = "fingerprint"  # a property, which no module has by its name
    setattr(Task, name, property(watch.around("fingerprints", vars(Task)[name].fget)))
    counted: Counter[str] = Counter()

    def counting(job: Job, phase: str, tasks: list[Task]) -> list[Marker]:
        counted[phase] += len(tasks)
        return run_tasks(job, phase, tasks)

    watched = [(each, watch.around(label, each)) for each, label in _WATCHED]
    substitute([*watched, (run_tasks, counting)])
    began = time.monotonic()
    watch.turn()
    run_config(config, out=out, crew=crew)
    watch.turn()
    return {
        "tasks": dict(counted),
        "seconds": dict(watch.seconds),
        "calls": dict(watch.calls),
        "wall": time.monotonic() - began,
    }


def pieces() -> Iterator[str]:
    """Yield the standard library's modules in pieces of 4,000 characters; no two are alike."""
    library = Path(sysconfig.get_path("stdlib"))
    for path in sorted(library.rglob("*.py")):
        if "site-packages" not in path.parts:
            text = path.read_text(encoding="utf-8", errors="replace")
            yield from (text[start : start + 4000] for start in range(0, len(text), 4000))


def write_shards(folder: Path, count: int) -> None:
    """Write shards of a few pieces each, under ids of their own."""
    folder.mkdir(parents=True)
    texts = islice(cycle(pieces()), count * _DOCUMENTS)
    compressor = zstandard.ZstdCompressor(level=3)
    for shard in range(count):
        lines = [
            orjson.dumps({"id": f"{shard}/{place}", "text": text}) + b"\n"
            for place, text in enumerate(islice(texts, _DOCUMENTS))
        ]
        (folder / f"{shard:06d}.jsonl.zst").write_bytes(compressor.compress(b"".join(lines)))


def run_again(folder: Path, count: int, executor: str) -> dict[str, Any]:
    """Run `count` shards to the end, then again in a process of its own; return what that one did."""
    write_shards(folder / "shards", count)
    config = folder / "resume.toml"
    config.write_text(_CONFIG.format(shards=16, paths="shards"))
    command = [sys.executable, __file__, "--one", str(config)]
    with ExitStack() as stack:
        more = ["--executor", executor]
        if executor == "dask":
            from distributed import LocalCluster  # noqa: PLC0415  the process that is watched is to load what a run loads

            cluster = stack.enter_context(LocalCluster(2, threads_per_worker=1, processes=True))
            more += ["--scheduler", cluster.scheduler_address]
        answers = [
            subprocess.run([*command, *how], check=True, stdout=subprocess.PIPE, cwd=HOME).stdout
            for how in (["--executor", "local"], more, more)  # the second warms the page cache
        ]
    said: dict[str, Any] = json.loads(answers[-1].splitlines()[-1])
    return said


def show(small: dict[str, Any], large: dict[str, Any]) -> None:
    """Print what both runs did, and what one more task costs."""
    tasks = [sum(each["tasks"].values()) for each in (small, large)]
    print(f"tasks: {tasks[0]} and {tasks[1]}: {large['tasks']}")
    more = tasks[1] - tasks[0]
    print(f"{'':36}{'CPU s':>8}{'CPU s':>8}{'ms a task':>11}{'calls a task':>14}")
    names = sorted(large["seconds"], key=lambda name: -large["seconds"][name])
    rows = [(name, *(each["seconds"].get(name, 0.0) for each in (small, large))) for name in names]
    rows.append(("all", *(sum(each["seconds"].values()) for each in (small, large))))
    for name, few, many in rows:
        calls = large["calls"].get(name, 0) - small["calls"].get(name, 0)
        print(
            f"{name:36}{few:8.2f}{many:8.2f}{(many - few) / more * 1e3:11.3f}{calls / more:14.2f}"
        )
    print(f"wall: {small['wall']:.1f} s and {large['wall']:.1f} s")


def main() -> None:
    """Measure two sizes."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--shards", type=int, nargs=2, default=[200, 2000])
    parser.add_argument("--executor", choices=("sync", "local", "dask"), default="sync")
    parser.add_argument("--scheduler", help=argparse.SUPPRESS)
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one is not None:
        out = args.one.parent / "out"
        crew = Crew(args.executor, 2, Cluster(args.scheduler))
        print(json.dumps(watched_run(args.one, out, crew)))
        return
    with tempfile.TemporaryDirectory(prefix="resume-") as place:
        small, large = (run_again(Path(place, str(n)), n, args.executor) for n in args.shards)
    show(small, large)


if __name__ == "__main__":
    main()
