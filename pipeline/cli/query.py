"""`gristmill query RELEASE`: which documents are in it, by source, licence, language, repository, path or id."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cli.options import add_json_option, count, existing_release, print_json, print_table

if TYPE_CHECKING:
    import argparse

FILTERS = ("source", "license", "language", "id", "split", "repo", "path")
_SHOWN = 20


def add_parser(commands: Any) -> None:
    """Describe the command."""
    parser = commands.add_parser("query", help="find documents in a release", description=__doc__)
    parser.add_argument("release", type=Path, metavar="RELEASE")
    for name in FILTERS:
        parser.add_argument(f"--{name}", metavar="X", help=f"{name}, or a glob of it such as 'a*'")
    parser.add_argument(
        "--pattern", metavar="REGEX", help="a regular expression that the text must contain"
    )
    parser.add_argument(
        "--text", action="store_true", help="print whole documents, not index rows (implies --json)"
    )
    parser.add_argument(
        "--limit", type=count, metavar="N", help=f"at most N documents (table: {_SHOWN})"
    )
    add_json_option(parser)
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Print index rows, one a line."""
    from pipeline.catalog import query  # noqa: PLC0415  arrow loads only for who needs it

    wanted = {
        name: getattr(options, name) for name in FILTERS if getattr(options, name) is not None
    }
    found = query(existing_release(options.release), wanted, options.pattern)
    if options.json or options.text:
        for row in found.rows(options.limit, with_text=options.text):
            print_json(row)
        return 0
    shown = [_cells(row) for row in found.rows(_SHOWN if options.limit is None else options.limit)]
    print_table(
        f"{len(found.table):,} documents", ("id", "source", "split", "license", "language"), shown
    )
    return 0


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in ("id", "source", "split", "license", "language"))
