"""`gristmill dedup`: remove duplicates from shards, or look at what a run removed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cli.options import (
    add_config_options,
    add_executor_options,
    add_json_option,
    add_memory_option,
    count,
    print_json,
)
from pipeline.terminal import say

if TYPE_CHECKING:
    import argparse

_KINDS = ("exact", "near", "contained", "fork", "passages")


def add_parser(commands: Any) -> None:
    """Describe the command and its two parts."""
    parser = commands.add_parser("dedup", help="remove duplicates from shards", description=__doc__)
    parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
    _add_run(parts)
    _add_sample(parts)


def _add_run(parts: Any) -> None:
    parser = parts.add_parser(
        "run",
        help="write the shards without exact and near-duplicates",
        description="Write the shards without exact and near-duplicates: the kept lines as they came in,"
        " and a ledger that names for every removed one what it repeats and how closely.",
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", help="jsonl shards, folders or globs")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="a new folder")
    parser.add_argument("--threshold", type=float, default=0.8, help="similarity (default: 0.8)")
    parser.add_argument(
        "--containment", type=float, help="share inside a longer one (default: off)"
    )
    parser.add_argument(
        "--text", default="text", metavar="KEY", help="key of the text, dotted where it is nested"
    )
    parser.add_argument("--id", default="id", metavar="KEY", help="key of the id, likewise")
    parser.add_argument(
        "--work", type=Path, metavar="DIR", help="kept, so that the next run reuses it"
    )
    parser.add_argument(
        "--ledger-only", action="store_true", help="write what would go and for whom, no shards"
    )
    add_executor_options(parser)
    add_json_option(parser)
    parser.set_defaults(handler=handle_run)


def handle_run(options: argparse.Namespace) -> int:
    """Remove the duplicates; the last line on stdout is the folder."""
    from pipeline.cli.closing import print_counts  # noqa: PLC0415  numba and arrow load only for who needs them
    from pipeline.config import Near  # noqa: PLC0415
    from pipeline.dedup_run import remove_duplicates  # noqa: PLC0415
    from pipeline.summary import as_json  # noqa: PLC0415

    done = remove_duplicates(
        tuple(options.paths),
        options.out,
        near=Near(threshold=options.threshold, containment=options.containment),
        fields={"text": options.text, "id": options.id},
        work=options.work,
        executor=options.executor,
        workers=options.workers,
        scheduler=options.scheduler,
        memory=options.memory,
        timeout=options.timeout,
        ledger_only=options.ledger_only,
    )
    if options.json:
        seconds = round(done.seconds, 3)
        print_json(as_json(done.counts) | {"seconds": seconds, "folder": str(done.folder)})
        return 0
    print_counts(done.counts, done.seconds)
    say(done.folder)
    return 0


def _add_sample(parts: Any) -> None:
    parser = parts.add_parser(
        "sample",
        help="show removed documents beside the kept ones",
        description="Show some of the documents that a run removed, drawn by chance, each beside the one"
        " that it lost to, with what differs. It reads the work folder of the run, which may have been"
        " stopped by the loss alarm, and writes no release.",
    )
    add_config_options(parser)
    parser.add_argument(
        "--out", type=Path, default=Path("out"), metavar="DIR", help="as in the run"
    )
    parser.add_argument("--work", type=Path, metavar="DIR", help="as in the run")
    add_memory_option(parser, "as in the run")
    parser.add_argument("--source", metavar="NAME", help="draw from this source only")
    parser.add_argument("--kind", choices=_KINDS, help="draw from one kind of duplicates only")
    parser.add_argument(
        "--id", metavar="ID", help="a document that was removed, or that others lost to"
    )
    parser.add_argument("--count", type=count, default=5, metavar="N", help="pairs (default: 5)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="another one, other pairs")
    add_json_option(parser)
    parser.set_defaults(handler=handle_sample)


def handle_sample(options: argparse.Namespace) -> int:
    """Show the pairs; the last line says of how many they are and what is not shown."""
    from rich.console import Console  # noqa: PLC0415  arrow and rich load only for who needs them

    from pipeline.cli.pairs import as_json, closing, print_pairs  # noqa: PLC0415
    from pipeline.sample import Wanted, sample_config  # noqa: PLC0415

    sample = sample_config(
        options.config,
        Wanted(options.source, options.kind, options.id, options.count, options.seed),
        overrides=tuple(options.overrides),
        out=options.out,
        work=options.work,
        memory=options.memory,
    )
    if options.json:
        for pair in sample.pairs:
            print_json(as_json(pair))
        say(closing(sample), error=True)
        return 0
    print_pairs(sample, Console() if sys.stdout.isatty() else None)
    return 0
