"""How fast are the files of a git repository read? It makes one of small blobs and prints blobs a second.

`wall` is elapsed time. `cpu` is the time of this process and of git, both together, so one core's worth.
`plan` is what a run asks first (the commit, the number and the sizes of all files), `read` gives records.
Beside it stands `floor`: git alone handing out the same blobs, which nobody who uses it gets below.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from pipeline.sources.adapter import Reading, Said
from pipeline.sources.git.reader import digest_repository, read_repository

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
_COMMIT: Final = (
    b"commit refs/heads/main\ncommitter C <c@example.org> 1580702706 +0000\ndata 1\nm\n"
)


class Cost(NamedTuple):
    """What something took, in seconds."""

    wall: float
    cpu: float


def make(folder: Path, blobs: int, seed: int) -> None:
    """Make a repository of so many distinct files of some 30 to 3,000 bytes, fifty a folder, packed."""
    draw = random.Random(seed)
    parts = [_COMMIT]
    for number in range(blobs):
        lines = draw.randrange(1, 60)
        body = "".join(
            f"{draw.choice(_WORDS)}_{number} = {draw.choice(_WORDS)!r}  # {draw.random()}\n"
            for _ in range(lines)
        ).encode()
        path = f"src/p{number // 2500}/d{number // 50 % 50}/f{number}.py"
        parts.append(b"M 100644 inline %b\ndata %d\n%b\n" % (path.encode(), len(body), body))
    subprocess.run(["git", "init", "--quiet", "--bare", str(folder)], check=True)
    subprocess.run(["git", "fast-import", "--quiet"], cwd=folder, input=b"".join(parts), check=True)
    (folder / "HEAD").write_text("ref: refs/heads/main\n")
    subprocess.run(["git", "repack", "-a", "-d", "-q"], cwd=folder, check=True)


def floor(folder: Path) -> int:
    """Let git hand out all blobs, and throw them away."""
    listed = subprocess.run(
        ["git", "ls-tree", "-r", "HEAD"], cwd=folder, capture_output=True, check=True
    )
    ids = b"".join(line.split()[2] + b"\n" for line in listed.stdout.splitlines())
    subprocess.run(
        ["git", "cat-file", "--batch", "--buffer"],
        cwd=folder,
        input=ids,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return ids.count(b"\n")


def measured(act: Callable[[], object]) -> Cost:
    """Time one call, git's processes included, which are waited for in it."""
    wall, before = time.perf_counter(), os.times()
    act()
    after = os.times()
    return Cost(time.perf_counter() - wall, sum(after[:4]) - sum(before[:4]))


def main() -> None:
    """Make the repository, measure, print the best of some rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--blobs", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "r.git"
        make(folder, options.blobs, options.seed)
        acts: dict[str, Callable[[], object]] = {
            "plan": lambda: digest_repository(folder, Said()),
            "read": lambda: sum(1 for _ in read_repository(folder, Reading())),
            "floor": lambda: floor(folder),
        }
        best = {
            name: min(measured(act) for _ in range(options.rounds)) for name, act in acts.items()
        }
    print(f"{options.blobs:,} blobs, best of {options.rounds}; blobs a second:")
    for name, cost in best.items():
        print(
            f"  {name:<6} wall {options.blobs / cost.wall:>9,.0f}   cpu {options.blobs / cost.cpu:>9,.0f}"
        )
    if options.json:
        told = {name: cost._asdict() for name, cost in best.items()} | {"blobs": options.blobs}
        options.json.write_text(json.dumps(told, indent=2) + "\n")


if __name__ == "__main__":
    main()
