"""`gristmill export RELEASE --format F`: what a release says of itself, in the format that somebody asks for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cli.options import add_json_option, existing_release

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

FORMATS = ("california", "croissant", "cyclonedx", "datasheet", "eu", "provenance", "spdx")


def add_parser(commands: Any) -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "export", help="describe a release in another format", description=__doc__
    )
    parser.add_argument("release", type=Path, metavar="RELEASE")
    parser.add_argument(
        "--format",
        metavar="FORMAT",
        required=True,
        help=f"{', '.join(FORMATS)}, or what a plug-in offers (gristmill plugins)",
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="where to write it, else stdout")
    add_json_option(parser)
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Write the description and nothing else; with --json the forms as JSON, as the rest are anyway."""
    from pipeline.export import export, export_by_plugin  # noqa: PLC0415  only for who needs it
    from pipeline.release import atomic  # noqa: PLC0415  arrow loads only for who needs it

    release, name = existing_release(options.release), options.format
    own = name in FORMATS
    pieces: Iterable[bytes] = (
        [export(release, name, machine=options.json)] if own else export_by_plugin(release, name)
    )
    if options.out is None:
        sys.stdout.buffer.writelines(pieces)
        sys.stdout.flush()
    else:
        with atomic(options.out) as file:
            file.writelines(pieces)
    return 0
