"""`gristmill analyze PATH…`: statistics of raw shards, before any config exists."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cli.options import add_json_option, print_json, print_table

if TYPE_CHECKING:
    import argparse


def add_parser(commands: Any) -> None:
    """Describe the command."""
    parser = commands.add_parser("analyze", help="statistics of raw shards", description=__doc__)
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="shards, or folders of them"
    )
    add_json_option(parser)
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Print what is in the shards."""
    from pipeline.analyze import analyze_paths  # noqa: PLC0415  the filters load only for who needs them

    found = analyze_paths(options.paths)
    if options.json:
        print_json(found)
        return 0
    rows = [
        (
            name,
            *(f"{shard[key]:,}" for key in ("records", "bad", "bytes", "text_bytes", "duplicates")),
        )
        for name, shard in found["shards"].items()
    ]
    print_table("shards", ("shard", "records", "bad", "bytes", "text bytes", "exact copies"), rows)
    for title in ("keys", "licenses", "languages", "bad_reasons"):
        top = list(found[title].items())[:12]
        print_table(
            title.replace("_", " "),
            ("value", "records"),
            [(key, f"{count:,}") for key, count in top],
        )
    lengths = found["length"]
    print_table(
        "text length in code points",
        ("quantile", "length"),
        [(k, f"{v:,}") for k, v in lengths.items()],
    )
    return 0
