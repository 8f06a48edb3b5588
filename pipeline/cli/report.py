"""`gristmill report RELEASE`: make the page reports/index.html once more, from the release alone."""

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
        "report", help="render the report of a release again", description=__doc__
    )
    parser.add_argument("release", type=Path, metavar="RELEASE")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="where to write the page (default: NAME-VERSION.html in this folder; never into the release)",
    )
    add_json_option(parser)
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Write the page, and print its path; `same` says whether it is the one in the release."""
    from pipeline.release import write_bytes  # noqa: PLC0415  arrow loads only for who needs it
    from pipeline.report import REPORT, render  # noqa: PLC0415  the same

    release = existing_release(options.release)
    page = render(release)
    out = options.out or Path(f"{release.resolve().name}.html")
    write_bytes(out, page)
    held = release / REPORT
    same = held.is_file() and held.read_bytes() == page
    if options.json:
        print_json({"report": str(out), "bytes": len(page), "same": same})
    else:
        say(out)
    return 0
