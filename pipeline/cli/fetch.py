"""`gristmill fetch URL`: copy a release out of an object store, checked, for the commands that read one."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from pipeline.cli.options import add_json_option, print_json
from pipeline.store import Store, is_url
from pipeline.terminal import say


def add_parser(commands: Any) -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "fetch", help="copy a release out of an object store", description=__doc__
    )
    parser.add_argument(
        "url", type=_url, metavar="URL", help="such as s3://bucket/releases/m-1.0.0"
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("out"),
        metavar="DIR",
        help="the folder to put it into (default: out)",
    )
    add_json_option(parser)
    parser.set_defaults(handler=handle)


def _url(text: str) -> Store:
    if not is_url(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no URL of a store, as in s3://bucket/m-1.0.0"
        )
    return Store(text.rstrip("/"))


def handle(options: argparse.Namespace) -> int:
    """Fetch it; the last line on stdout is where it is now."""
    from pipeline.outlet import fetch  # noqa: PLC0415  arrow loads only for who needs it

    release = fetch(options.url, options.out)
    if options.json:
        print_json({"release": str(release), "url": options.url.url})
    else:
        say(release)
    return 0
