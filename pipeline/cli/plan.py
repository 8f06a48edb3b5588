"""`gristmill plan CONFIG`: what would run, on which inputs, and what is done already; writes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.cli.options import add_config_options, add_run_options, print_json, print_table

if TYPE_CHECKING:
    import argparse


def add_parser(commands: Any) -> None:
    """Describe the command."""
    parser = commands.add_parser("plan", help="show what would run", description=__doc__)
    add_config_options(parser)
    add_run_options(parser)
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Print the inputs, with which of them are screened already."""
    from pipeline.planned import plan_config  # noqa: PLC0415  numba and arrow load only for who needs them

    rows = plan_config(options.config, tuple(options.overrides), options.out, options.work)
    if options.json:
        for row in rows:
            print_json(row)
        return 0
    table = [
        (
            str(row["source"]),
            str(row["path"]),
            f"{row['bytes']:,}",
            "done" if row["done"] else "to do",
        )
        for row in rows
    ]
    print_table(f"{len(rows)} inputs", ("source", "input", "bytes", "screen"), table)
    return 0
