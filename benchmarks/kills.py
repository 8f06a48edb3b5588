"""Stop a run at random points, go on, and see that the release is the same and little was done twice.

python benchmarks/kills.py [--points 50] [--seed 1] [--signals INT,TERM,KILL] [--records 600] [--folder DIR]

A run of so many records in six shards, `sync` and `local` with two workers in turn, is sent a signal after
a random time: to its process or to its whole group. The same command is then given again, to be stopped
once more, up to six times, and at last left to end. Checked each time: the exit code, how long it took
to end, that standard error has one line and no traceback, that no process is left, that no finished
task was run again, that no more tasks were begun than there are workers; at the end, the checksums of
the release, and that nothing half-made lies about.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARDS = 6
WORKERS = 2
PROGRAM = str(Path(sys.executable).with_name("gristmill"))
_STOPS = 6  # on one work folder
_LINGER = 5.0  # seconds that a process may take to end once the driver is gone
_CONFIG = """
[release]
name = "m"
version = "1.0.0"
shards = 4
[[sources]]
name = "s"
paths = ["in"]
[split]
validation = 0.1
test = 0.1
"""


class Strike(NamedTuple):
    """A signal, after how many seconds it comes, and whether it reaches the workers as well."""

    signal: signal.Signals
    delay: float
    group: bool


class Struck(NamedTuple):
    """What came of it: the exit code, the seconds to the end, what was said, and what was being done."""

    code: int
    seconds: float
    said: tuple[str, ...]
    in_hand: int
    left: tuple[str, ...]


def make_corpus(folder: Path, seed: int = 1, records: int = 600) -> Path:
    """Write six shards of made-up words, some of them twice; return the config."""
    draw = random.Random(seed)
    texts = [" ".join(f"w{draw.randrange(900)}" for _ in range(80)) for _ in range(records)]
    texts[1::9] = texts[::9][: len(texts[1::9])]
    (folder / "in").mkdir(parents=True)
    for number in range(SHARDS):
        lines = (json.dumps({"text": text}) + "\n" for text in texts[number::SHARDS])
        (folder / f"in/{number}.jsonl").write_text("".join(lines))
    config = folder / "m.toml"
    config.write_text(_CONFIG)
    return config


def command(config: Path, out: Path, executor: str) -> list[str]:
    """Return the command line of a run."""
    options = ["--out", str(out), "--executor", executor, "--workers", str(WORKERS)]
    return [PROGRAM, "run", str(config), *options]


def strike(arguments: list[str], out: Path, blow: Strike, again: int = 0) -> Struck | None:
    """Start a run and stop it, `again` a few times more; `None` when it was done before."""
    process = subprocess.Popen(
        arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )
    try:
        process.wait(timeout=blow.delay)
    except subprocess.TimeoutExpired:
        family = psutil.Process(process.pid).children(recursive=True)
        in_hand = len(list((out / ".work/m/tmp").glob("*")))
        began = time.monotonic()
        for _ in range(1 + again):
            with contextlib.suppress(ProcessLookupError):
                (os.killpg if blow.group else os.kill)(process.pid, blow.signal)
        _, errors = process.communicate()
        if process.returncode == 0:
            return None  # it was just done
        seconds = time.monotonic() - began
        _, alive = psutil.wait_procs(family, timeout=_LINGER)
        left = tuple(each.name() for each in alive)
        return Struck(process.returncode, seconds, tuple(_said(errors)), in_hand, left)
    process.communicate()
    return None


def _said(errors: bytes) -> Iterator[str]:
    """Yield the lines on standard error that are no progress: a phase with its counts, or alone."""
    for line in errors.decode().splitlines():
        if "/" not in line.partition(" in ")[0] and not line.isalpha():
            yield line


def problems_of(struck: Struck, blow: Strike) -> list[str]:
    """Name what is not as it should be."""
    quiet = blow.signal != signal.SIGKILL
    code = 128 + blow.signal if quiet else -blow.signal
    said = 1 if quiet else 0
    checks = {
        f"exit code {struck.code}": struck.code == code,
        f"{struck.seconds:.1f} s to end": struck.seconds <= _LINGER,
        f"said {struck.said}": len(struck.said) == said,
        f"{struck.in_hand} tasks in hand": struck.in_hand <= WORKERS,
        f"left {struck.left}": not struck.left,
    }
    return [problem for problem, good in checks.items() if not good]


def markers(out: Path) -> dict[Path, int]:
    """Return when each finished task was committed."""
    found = {}
    for path in (out / ".work/m").glob("*/*/marker.json"):
        found[path] = path.stat().st_mtime_ns
    return found


def half_made(out: Path) -> list[str]:
    """Name what only a run that is under way may have."""
    found = [*out.glob(".*.partial"), *out.glob(".*.lock"), *out.glob(".work/m/tmp/*")]
    found += [path for path in out.rglob("*.tmp") if path.is_file()]
    return [str(path.relative_to(out)) for path in found]


def _finish(arguments: list[str], out: Path, sums: bytes) -> list[str]:
    """Let the run end; name what is not as if it had never been stopped."""
    done = subprocess.run(arguments, capture_output=True, check=False)
    if done.returncode:
        return [f"resumed: exit code {done.returncode}: {done.stderr.decode()}"]
    same = (out / "m-1.0.0/SHA256SUMS").read_bytes() == sums
    return [*([] if same else ["other bytes"]), *half_made(out)]


class Campaign(NamedTuple):
    """Many strikes with one signal."""

    config: Path
    folder: Path
    sums: bytes
    longest: float
    draw: random.Random

    def run(self, number: signal.Signals, points: int) -> tuple[list[Struck], list[str]]:
        """Strike so many times; return what came of each, and all problems."""
        struck: list[Struck] = []
        problems: list[str] = []
        while len(struck) < points:
            out = self.folder / f"{number.name}-{len(struck)}"
            executor = self.draw.choice(("sync", "local"))
            arguments = command(self.config, out, executor)
            for _ in range(min(_STOPS, points - len(struck))):
                blow = Strike(
                    number, self.draw.uniform(0.7, self.longest), self.draw.random() < 0.5
                )
                before = markers(out)
                ended = strike(arguments, out, blow)
                after = markers(out)
                again = [path for path, at in before.items() if after.get(path) != at]
                if ended is None:
                    break
                struck.append(ended)
                found = [*problems_of(ended, blow), *(f"run again: {path}" for path in again)]
                problems += [f"{executor} {blow}: {each}" for each in found]
            problems += [f"{executor}: {each}" for each in _finish(arguments, out, self.sums)]
            shutil.rmtree(out)
        return struck, problems


def main() -> None:
    """Print a line for each signal, and each problem."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--signals", default="INT,TERM,KILL")
    parser.add_argument("--records", type=int, default=600)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        config = make_corpus(folder / "corpus", options.seed, options.records)
        quiet = command(config, folder / "quiet", "local")
        subprocess.run(quiet, capture_output=True, check=True)  # compiles what later runs find
        shutil.rmtree(folder / "quiet")
        began = time.monotonic()
        subprocess.run(quiet, capture_output=True, check=True)
        longest = time.monotonic() - began
        sums = (folder / "quiet/m-1.0.0/SHA256SUMS").read_bytes()
        print(f"seed {options.seed}, undisturbed {longest:.1f} s", flush=True)
        for short in options.signals.split(","):
            number = signal.Signals[f"SIG{short}"]
            draw = random.Random(f"{options.seed} {short}")
            struck, problems = Campaign(config, folder, sums, longest, draw).run(
                number, options.points
            )
            seconds = sorted(each.seconds for each in struck)
            hands = [each.in_hand for each in struck]
            print(
                f"{number.name}: {len(struck)} points, {len(problems)} problems;"
                f" to the end: median {seconds[len(seconds) // 2]:.2f} s, longest {seconds[-1]:.2f} s;"
                f" tasks in hand: {sum(hands)} in all, most {max(hands)}",
                flush=True,
            )
            for problem in problems:
                print(f"  {problem}", flush=True)


if __name__ == "__main__":
    main()
