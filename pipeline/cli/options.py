"""Options that several commands share, and the two ways to print a result."""

from __future__ import annotations

import argparse
import math
import os
import re
import sys
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import msgspec

from pipeline.engine.crew import Cluster, Crew, ExecutorName, Rank, Tls
from pipeline.errors import ConfigError
from pipeline.job import DEFAULT_MEMORY
from pipeline.store import Store, is_url
from pipeline.terminal import cell, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.means import Place

_LEAST_MEMORY = 64 << 20
_MOST_MEMORY = 1 << 62  # what a 64-bit integer holds, as kernels and files want it


def positive(text: str) -> int:
    """Read a number of workers."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no positive number")
    return number


def seconds(text: str) -> float:
    """Read a time in seconds."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no time in seconds")
    return number


def above_zero(text: str) -> float:
    """Read a number above 0."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return number


def at_least_zero(text: str) -> float:
    """Read a number that is not below 0."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 on")
    return number


def share(text: str) -> float:
    """Read a number from 0 to 1."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no share from 0 to 1")
    return number


def count(text: str) -> int:
    """Read a number of things to show, which may be 0."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number")
    return int(text)


def place(text: str) -> Place:
    """Read a folder or the URL of one."""
    return Store(text) if is_url(text) else Path(text.removeprefix("file://"))


def memory_size(text: str) -> int:
    """Read a size such as 512MiB, 2GB or 1g, in bytes; at least 64 MiB."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?b)?", text.strip().lower())
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no size: write it as 512MiB or 2GB")
    step = 1000 if found[3] == "b" and found[2] else 1024
    size = int(Fraction(found[1]) * step ** " kmgt".index(found[2] or " "))
    if size < _LEAST_MEMORY:
        raise argparse.ArgumentTypeError(f"{text!r} is too little: give at least 64MiB")
    return min(size, _MOST_MEMORY)


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Add where to write and how to run."""
    parser.add_argument(
        "--out",
        type=place,
        default=Path("out"),
        metavar="DIR",
        help="where releases go, a folder or a URL such as s3://bucket/releases (default: out)",
    )
    parser.add_argument(
        "--work",
        type=place,
        metavar="DIR",
        help="where intermediate files go, a folder or a URL (default: .work/NAME under --out)",
    )
    add_executor_options(parser)
    _add_rank_options(parser)
    add_json_option(parser)


def add_executor_options(parser: argparse.ArgumentParser) -> None:
    """Add how to run tasks, and on how much."""
    parser.add_argument(
        "--executor", choices=get_args(ExecutorName), default="local", help="how to run tasks"
    )
    parser.add_argument(
        "--workers",
        type=positive,
        default=os.cpu_count() or 1,
        metavar="N",
        help="worker processes",
    )
    parser.add_argument(
        "--task-timeout",
        type=seconds,
        metavar="SECONDS",
        dest="timeout",
        help="after how long a task counts as hung (default: ten minutes and more, by its size)",
    )
    _add_cluster_options(parser)
    add_memory_option(parser, "what each worker may fill while it groups and compares")


def _add_cluster_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("clusters", "for --executor dask and slurm: docs/clusters.md")
    group.add_argument("--scheduler", metavar="ADDR", help="address of a running Dask scheduler")
    group.add_argument(
        "--scheduler-file", type=Path, metavar="FILE", help="the file where the scheduler wrote it"
    )
    for name, meaning in (
        ("ca", "certificate of the authority to trust"),
        ("cert", "certificate to show"),
        ("key", "its private key"),
    ):
        group.add_argument(f"--tls-{name}", type=Path, metavar="FILE", help=f"{meaning}, in PEM")
    group.add_argument(
        "--insecure",
        action="store_true",
        help="allow a tcp:// address beyond this machine: who reaches it runs code as you",
    )
    group.add_argument(
        "--dask-config", type=Path, metavar="FILE", help="settings of Dask's own, in YAML"
    )


def _add_rank_options(parser: argparse.ArgumentParser) -> None:
    """Add which of several equal processes this is."""
    group = parser.add_argument_group(
        "ranks", "share a run among equal processes, as of a job array, that need no scheduler"
    )
    group.add_argument("--rank", type=count, metavar="R", help="which one this is, from 0 on")
    group.add_argument("--world", type=positive, metavar="N", help="how many there are")


def rank_of(options: argparse.Namespace) -> Crew:
    """Return what the options say about who runs the tasks, ranks included.

    Raises:
        ConfigError: the options do not go together.
    """
    crew = crew_of(options)
    if (options.rank is None) != (options.world is None):
        raise ConfigError("start: --rank and --world go together")
    if options.rank is None:
        return crew
    if options.rank >= options.world:
        raise ConfigError(f"start: --rank {options.rank}: ranks are 0 to {options.world - 1}")
    return crew._replace(rank=Rank(options.rank, options.world))


def crew_of(options: argparse.Namespace) -> Crew:
    """Return what the options of a command say about who runs the tasks.

    Raises:
        ConfigError: of the three files of TLS one is missing.
    """
    files: tuple[Path | None, ...] = (options.tls_ca, options.tls_cert, options.tls_key)
    given = [file for file in files if file is not None]
    if given and len(given) < len(files):
        raise ConfigError("start: --tls-ca, --tls-cert and --tls-key go together")
    cluster = Cluster(
        options.scheduler,
        options.scheduler_file,
        Tls(*given) if given else None,
        options.insecure,
        options.dask_config,
    )
    return Crew(options.executor, options.workers, cluster, options.timeout)


def add_memory_option(parser: argparse.ArgumentParser, meaning: str) -> None:
    """Add `--memory-limit`."""
    parser.add_argument(
        "--memory-limit",
        type=memory_size,
        default=DEFAULT_MEMORY,
        metavar="SIZE",
        dest="memory",
        help=f"{meaning} (default: 1GiB)",
    )


def add_config_options(parser: argparse.ArgumentParser) -> None:
    """Add the config and its overrides."""
    parser.add_argument("config", type=Path, metavar="CONFIG")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="a.b=v",
        dest="overrides",
        help="override a key of the config",
    )


def add_json_option(parser: argparse.ArgumentParser) -> None:
    """Add `--json`."""
    parser.add_argument("--json", action="store_true", help="print JSON for machines")


def print_json(value: Any) -> None:
    """Print one JSON object on one line."""
    sys.stdout.buffer.write(msgspec.json.encode(value) + b"\n")
    sys.stdout.flush()


def print_table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table in plain text, never wrapped: words to the left, columns of numbers to the right.

    Cells are escaped and, on a terminal, cut (pipeline/terminal.py).
    """
    spelled = ([cell(each) for each in row] for row in (header, *rows))
    columns = list(zip(*spelled, strict=True))
    aligned = [_align(column, words=number == 0) for number, column in enumerate(columns)]
    say(title)
    for line in zip(*aligned, strict=True):
        say(f"  {'  '.join(line)}".rstrip())


def _align(column: Sequence[str], *, words: bool) -> list[str]:
    width = max(map(len, column))
    numbers = not words and all(each[:1].isdigit() or each == "" for each in column[1:])
    return [each.rjust(width) if numbers else each.ljust(width) for each in column]


def existing_release(path: Path) -> Path:
    """Check that a path is a release.

    Raises:
        ConfigError: it has no manifest.
    """
    if re.match(r"[a-z0-9]+:/", str(path)) and not path.exists():  # a path has lost one slash
        raise ConfigError(
            f"start: {path}: lies in a store: `gristmill fetch` copies it to a folder"
        )
    if not (path / "manifest.json").is_file():
        raise ConfigError(f"start: {path}: is no release: there is no manifest.json in it")
    return path
