"""`gristmill changelog RELEASE`: what every release of its line changed, newest first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cli.options import add_json_option, existing_release, print_json
from pipeline.terminal import say

if TYPE_CHECKING:
    import argparse


def add_parser(commands: Any) -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "changelog", help="tell what each release of a line changed", description=__doc__
    )
    parser.add_argument("release", type=Path, metavar="RELEASE")
    add_json_option(parser)
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Print the changelog; with --json one object a line."""
    from manifests.changelog import changelog  # noqa: PLC0415  loads only for who needs it
    from pipeline.lineage import read_steps  # noqa: PLC0415  likewise
    from pipeline.published import read_manifest  # noqa: PLC0415  likewise

    steps = read_steps(existing_release(options.release))
    if options.json:
        for step in steps:
            print_json(step)
    else:
        text = changelog(read_manifest(options.release).name, steps)
        say(*text.removesuffix("\n").split("\n"))
    return 0
