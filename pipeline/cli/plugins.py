"""`gristmill plugins`: what other installed packages bring, and with --check whether it can be used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.cli.options import add_json_option, print_json, print_table
from pipeline.errors import ConfigError
from pipeline.terminal import say

if TYPE_CHECKING:
    import argparse


def add_parser(commands: Any) -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "plugins", help="list what other packages bring", description=__doc__
    )
    parser.add_argument(
        "--check", action="store_true", help="import each, and say what is wrong with it"
    )
    add_json_option(parser)
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """List the plug-ins; nothing of theirs is imported without --check. Exit code 2 where one cannot be used."""
    from pipeline.installed import installed  # noqa: PLC0415  redaction rules load only for who needs them

    found = installed(check=options.check)
    if options.json:
        for each in found:
            print_json(each.shown())
    elif found:
        rows = [
            (each.offer.kind, each.offer.name, each.package, each.offer.value, each.problem or "-")
            for each in found
        ]
        print_table(f"{len(found)} plug-ins", ("kind", "name", "package", "place", "problem"), rows)
    else:
        say("no plug-in is installed")
    return ConfigError.exit_code if any(each.problem for each in found) else 0
