"""Kill one worker of two in the middle of a task, and see who finishes, and with the same bytes.

python benchmarks/faults.py --corpus benchmarks/corpus --rival-python benchmarks/.venv-datatrove/bin/python

Twelve shards of the corpus, two workers, first undisturbed, then with a SIGKILL for the busiest worker once
three tasks are done, then the same command once more over what that left. gristmill makes a whole release
(licences, redaction, near-duplicates); datatrove 0.10 filters by licence and replaces e-mail and IP
addresses, one task a shard (`peers/datatrove_faults_run.py`). A run that has not ended after four times
what the undisturbed one took, and a minute at least, is ended here, and counts as hung.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
_SHARDS = 12
_KILL_AFTER = 3  # tasks
_PATIENCE = 4  # times what the undisturbed run took
_LEAST_PATIENCE = 60.0
_CONFIG = """
[release]
name = "faults"
[[sources]]
name = "all"
paths = ["shards"]
[license]
policy = "permissive"
[dedup]
near = { threshold = 0.8 }
"""


class Contestant(NamedTuple):
    """How to start a run in a folder, and how to see what it has done."""

    name: str
    command: list[str]
    done: str  # a glob in the run's folder: one path a finished task
    result: str  # the folder in it that has the result


class Ended(NamedTuple):
    """How a run ended; no exit code where it did not."""

    code: int | None
    seconds: float
    tasks: int
    digest: str


def contestants(rival: Path | None, inputs: Path) -> list[Contestant]:
    """Say how each is called; `{}` stands for the run's folder."""
    ours = [str(Path(sys.executable).with_name("gristmill")), "run"]
    ours += [str(inputs.parent / "faults.toml"), "--executor", "local", "--workers", "2"]
    found = [
        Contestant(
            "gristmill",
            [*ours, "--out", "{}/out", "--work", "{}/work"],
            "work/screen/*/marker.json",
            "out",
        )
    ]
    if rival is not None:
        script = str(HERE / "peers" / "datatrove_faults_run.py")
        command = [str(rival), script, str(inputs), "{}/out", "{}/logs"]
        found.append(Contestant("datatrove", command, "logs/completions/*", "out"))
    return found


def digest(folder: Path) -> str:
    """Digest every file of a result by its path and bytes."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            whole.update(path.relative_to(folder).as_posix().encode() + b"\0")
            whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def descendants(root: psutil.Process) -> list[psutil.Process]:
    """List the processes below one, without those that only watch others."""
    found = []
    with suppress(psutil.NoSuchProcess):
        for each in root.children(recursive=True):
            with suppress(psutil.NoSuchProcess):  # it has just ended
                if "resource_tracker" not in " ".join(each.cmdline()):
                    found.append(each)
    return found


def busiest(root: psutil.Process) -> psutil.Process | None:
    """Return the process below `root` that works most, looked at for half a second; there may be none."""
    before = {each: sum(each.cpu_times()[:2]) for each in descendants(root)}
    time.sleep(0.5)
    used = {
        each: sum(each.cpu_times()[:2]) - before[each]
        for each in descendants(root)
        if each in before
    }
    return max(used, key=lambda each: used[each], default=None)


def run(each: Contestant, folder: Path, limit: float, *, kill: bool) -> Ended:
    """Run once, with or without the murder of a worker."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [part.replace("{}", str(folder)) for part in each.command]
    began = time.monotonic()
    with (folder / "log").open("wb") as log:
        child = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        root = psutil.Process(child.pid)
        code = None
        while code is None and time.monotonic() - began < limit:
            time.sleep(0.05)
            code = child.poll()
            if kill and len(list(folder.glob(each.done))) >= _KILL_AFTER:
                victim = busiest(root)
                if victim is not None:
                    victim.kill()
                    kill = False
        if code is None:
            end(root)
            child.wait()
    seconds = time.monotonic() - began
    done = len(list(folder.glob(each.done)))
    return Ended(code, seconds, done, digest(folder / each.result))


def end(root: psutil.Process) -> None:
    """End a run and all of its processes."""
    for process in [*descendants(root), root]:
        process.kill()


def attempts(each: Contestant, folder: Path) -> Iterator[tuple[str, Ended]]:
    """Run undisturbed, with a killed worker, and again over what that left."""
    calm = run(each, folder / "calm", 3600, kill=False)
    if calm.code != 0:
        sys.exit(f"{each.name} ended with {calm.code}: see {folder / 'calm' / 'log'}")
    yield "undisturbed", calm
    limit = max(_LEAST_PATIENCE, _PATIENCE * calm.seconds)
    yield "a worker killed", run(each, folder / "killed", limit, kill=True)
    yield "run again", run(each, folder / "killed", limit, kill=False)


def main() -> None:
    """Run all and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--corpus", type=Path, required=True, help="folder of jsonl.zst shards")
    parser.add_argument("--rival-python", type=Path, help="interpreter of datatrove's environment")
    parser.add_argument("--keep", type=Path, help="a folder to work in that is left behind")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="faults-") as place:
        folder = (args.keep or Path(place)).resolve()
        inputs = folder / "shards"
        inputs.mkdir(parents=True)
        for path in sorted(args.corpus.resolve().glob("*.jsonl.zst"))[:_SHARDS]:
            shutil.copyfile(path, inputs / path.name)
        (folder / "faults.toml").write_text(_CONFIG)
        print("| | run | finished | seconds | tasks done | same bytes |")
        print("|---|---|---|--:|--:|---|", flush=True)
        for each in contestants(args.rival_python, inputs):
            calm = ""
            for name, ended in attempts(each, folder / each.name):
                calm = calm or ended.digest
                how = (
                    "hung"
                    if ended.code is None
                    else "yes"
                    if ended.code == 0
                    else f"exit {ended.code}"
                )
                same = "yes" if ended.digest == calm else "no"
                print(
                    f"| {each.name} | {name} | {how} | {ended.seconds:.0f} | {ended.tasks}/{_SHARDS} | {same} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
