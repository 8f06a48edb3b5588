"""What the engine costs beside a plain loop over the same tasks, and what a second worker gains.

python benchmarks/engine.py --corpus FOLDER --take 3 --rounds 3

FOLDER holds shards as `corpus.py` writes them: of 8 MB, the screen of one takes about a second. Every `--take`th is
screened in four ways, in turns, each in a process of its own: `loop` calls the task functions and
nothing else; `sync` is that executor, which commits and leaves markers; `local-1` and `local-2` are one worker
and two. A few tasks go first and are not counted: they load rules and kernels into the workers. CPU seconds
are those of all processes (driver with scheduler and nannies, workers); `beside` is what of them no task
function used, over what these did. Wall time is only worth something on idle cores: where CPU seconds of
the same tasks go up with a second worker, the cores are shared, and by how much.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from pipeline import release_tasks, tasks
from pipeline.config import load_config
from pipeline.detector import open_matcher
from pipeline.engine.crew import Crew, ExecutorName, open_executor
from pipeline.engine.task import Context
from pipeline.means import Means
from pipeline.redaction import warm_rules
from pipeline.release_tasks import Findings
from pipeline.run import conduct, hand_over, prepare
from pipeline.screening import gather_evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.engine.task import Task
    from pipeline.engine.work import Work
    from pipeline.job import Job

_CREWS: dict[str, tuple[ExecutorName, int]] = {
    "sync": ("sync", 1),
    "local-1": ("local", 1),
    "local-2": ("local", 2),
}
WAYS = ("loop", *_CREWS)
_CONFIG = """
[release]
name = "engine"
[[sources]]
name = "all"
paths = ["shards"]
[license]
policy = "permissive"
[dedup]
near = { threshold = 0.8 }
"""
_FIRST = 4  # tasks that are not counted, for each worker too


def screens(job: Job) -> list[Task]:
    """Make the screen tasks of a job, and what they are handed."""
    warm_rules(job.config.redact)
    open_matcher()
    handed = hand_over(job)
    signature = tasks.signature_of(job.config, job.inputs)
    return [
        release_tasks.screen_task(job.config, item, Findings(each, None), handed, signature)
        for item, each in zip(job.inputs, gather_evidence(job), strict=True)
    ]


def used() -> float:
    """Return the CPU seconds of this process and of all below it that live."""
    me = psutil.Process()
    family = [me, *me.children(recursive=True)]
    return sum(sum(each.cpu_times()[:2]) for each in family)


@contextmanager
def way(name: str, root: Path, work: Work) -> Iterator[Any]:
    """Open one way to run tasks; it returns the CPU seconds that the task functions used."""
    if name == "loop":
        yield lambda some: sum(_call(task, root, work) for task in some)
        return
    with open_executor(Crew(*_CREWS[name]), work) as running:

        def run(some: list[Task]) -> float:
            inside: list[float] = []
            errors = running.run(
                some, root, work, lambda _, marker: inside.append(marker.cpu_seconds)
            )
            if errors:
                sys.exit(f"{len(errors)} tasks failed, the first: {errors[0]}")
            return sum(inside)

        yield run


def _call(task: Task, root: Path, work: Work) -> float:
    """Call a task's function; nothing is committed."""
    out = work.path / "loop" / task.fingerprint
    out.mkdir(parents=True)
    began = time.process_time()
    task.function(task.spec, Context(root, work, out))
    return time.process_time() - began


def measure(name: str, folder: Path) -> dict[str, float]:
    """Run the tasks of a config one way; say what was used."""
    config = load_config(folder / "engine.toml", ())
    means = Means(folder / "out", None, Crew("sync"))
    work: list[Work] = []

    def act(job: Job) -> list[Task]:
        work.append(job.work)
        return screens(job)

    todo = conduct(prepare(config, folder), means, act)
    before = used()
    with way(name, folder, work[0]) as run:
        run(todo[:_FIRST])
        start, began = used(), time.monotonic()
        inside = run(todo[_FIRST:])
        wall, cpu = time.monotonic() - began, used() - start
    count = len(todo) - _FIRST
    return {
        "tasks": count,
        "cpu": cpu,
        "inside": inside,
        "wall": wall,
        "start": start - before - inside / count * _FIRST,
    }


def main() -> None:
    """Take the ways in turns, and print what each used."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--take", type=int, default=1, help="use every nth shard")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one is not None:
        print(json.dumps(measure(args.one[0], Path(args.one[1]))))
        return
    found: dict[str, list[dict[str, float]]] = {name: [] for name in args.ways}
    for _ in range(args.rounds):
        for name in args.ways:
            found[name].append(once(name, args.corpus, args.take))
            print(name, json.dumps(found[name][-1]), file=sys.stderr, flush=True)
    show(found)


def once(name: str, corpus: Path, take: int) -> dict[str, float]:
    """Measure one way in a process and a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="engine-") as place:
        folder = Path(place)
        (folder / "shards").mkdir()
        for path in sorted(corpus.resolve().glob("*.jsonl.zst"))[::take]:
            (folder / "shards" / path.name).symlink_to(path)
        (folder / "engine.toml").write_text(_CONFIG)
        command = [sys.executable, __file__, "--one", name, place]
        answer = subprocess.run(
            command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    measured: dict[str, float] = json.loads(answer.stdout.splitlines()[-1])
    return measured


def show(found: dict[str, list[dict[str, float]]]) -> None:
    """Print medians over the rounds; ratios are of the same round."""
    print(
        "| | tasks | CPU s a task | of it in the functions | beside | over loop | start-up, CPU s | wall s |"
    )
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    for name, rounds in found.items():
        middle = {key: statistics.median(each[key] for each in rounds) for key in rounds[0]}
        beside = statistics.median(each["cpu"] / each["inside"] - 1 for each in rounds)
        beside_loop = zip(rounds, found.get("loop", rounds), strict=True)
        over = statistics.median(mine["cpu"] / loop["cpu"] - 1 for mine, loop in beside_loop)
        count = middle["tasks"]
        print(
            f"| {name} | {count:.0f} | {middle['cpu'] / count:.3f} | {middle['inside'] / count:.3f}"
            f" | {beside:.1%} | {over:+.1%} | {middle['start']:.1f} | {middle['wall']:.1f} |"
        )
    if not {"local-1", "local-2"} <= found.keys():
        return
    pairs = list(zip(found["local-1"], found["local-2"], strict=True))
    gain = [one["wall"] / two["wall"] for one, two in pairs]
    dearer = [two["inside"] / one["inside"] for one, two in pairs]
    print(
        f"two workers against one: wall x {statistics.median(gain):.2f} ({min(gain):.2f} to {max(gain):.2f}),",
        end=" ",
    )
    print(f"CPU seconds of the same functions x {statistics.median(dearer):.2f}")


if __name__ == "__main__":
    main()
