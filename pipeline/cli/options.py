"""Options that several commands share, and the two ways to print a result."""

from __future__ import annotations

import argparse
import math
import os
import re
import sys
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from pipeline.errors import ConfigError
from pipeline.job import DEFAULT_MEMORY
from pipeline.terminal import cell, say

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def count(text: str) -> int:
    """Read a number of things to show, which may be 0."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number")
    return int(text)


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
        type=Path,
        default=Path("out"),
        metavar="DIR",
        help="where releases go (default: out)",
    )
    parser.add_argument(
        "--work",
        type=Path,
        metavar="DIR",
        help="where intermediate files go (default: DIR/.work/NAME under --out)",
    )
    add_executor_options(parser)
    add_json_option(parser)


def add_executor_options(parser: argparse.ArgumentParser) -> None:
    """Add how to run tasks, and on how much."""
    parser.add_argument(
        "--executor", choices=("sync", "local", "dask"), default="local", help="how to run tasks"
    )
    parser.add_argument(
        "--workers",
        type=positive,
        default=os.cpu_count() or 1,
        metavar="N",
        help="worker processes",
    )
    parser.add_argument("--scheduler", metavar="ADDR", help="address of a running Dask scheduler")
    parser.add_argument(
        "--task-timeout",
        type=seconds,
        metavar="SECONDS",
        dest="timeout",
        help="after how long a task counts as hung (default: ten minutes and more, by its size)",
    )
    add_memory_option(parser, "what each worker may fill while it groups and compares")


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
    if not (path / "manifest.json").is_file():
        raise ConfigError(f"start: {path}: is no release: there is no manifest.json in it")
    return path
