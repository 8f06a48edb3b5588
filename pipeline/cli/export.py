"""`gristmill export RELEASE --format F`: what a release says of itself, in the format that somebody asks for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cli.options import add_json_option, existing_release

if TYPE_CHECKING:
    import argparse

FORMATS = ("california", "croissant", "cyclonedx", "datasheet", "eu", "provenance", "spdx")


def add_parser(commands: Any) -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "export", help="describe a release in another format", description=__doc__
    )
    parser.add_argument("release", type=Path, metavar="RELEASE")
    parser.add_argument("--format", choices=FORMATS, required=True, help="what to write")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where to write it, else stdout")
    add_json_option(parser)
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Write the description and nothing else; with --json the forms as JSON, as the rest are anyway."""
    from pipeline.export import export  # noqa: PLC0415  only for who needs it
    from pipeline.release import write_bytes  # noqa: PLC0415  arrow loads only for who needs it

    data = export(existing_release(options.release), options.format, machine=options.json)
    if options.out is None:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
    else:
        write_bytes(options.out, data)
    return 0
