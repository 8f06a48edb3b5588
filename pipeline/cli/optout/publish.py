"""The parts of `gristmill optout` that are put before people: form, page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import terminal
from pipeline.cli.options import add_json_option, print_json
from pipeline.cli.optout.shared import add_part

if TYPE_CHECKING:
    import argparse


def add_parts(parts: Any) -> None:
    """Describe the parts."""
    _add_form(parts)
    _add_page(parts)


def _add_form(parts: Any) -> None:
    summary = "write out the form to copy into an issue tracker, and a guide for who fills it in"
    form = parts.add_parser("form", help=summary, description=summary)
    form.add_argument("--out", required=True, type=Path, metavar="DIR")
    form.add_argument("--force", action="store_true", help="write over files that differ")
    add_json_option(form)
    form.set_defaults(handler=_form)


def _add_page(parts: Any) -> None:
    page = add_part(
        parts, "page", "write a page on which anybody looks up what is in and what went", _page
    )
    page.add_argument(
        "releases", nargs="+", type=Path, metavar="RELEASE", help="releases, or folders of releases"
    )
    page.add_argument("--out", required=True, type=Path, metavar="FILE", help="the page to write")
    page.add_argument("--title", default="Opt-out look-up", metavar="T")
    page.add_argument(
        "--contact", default="", metavar="URL", help="where to ask, shown on the page"
    )


def _form(options: argparse.Namespace) -> int:
    from pipeline.forms import write_forms  # noqa: PLC0415  a quick --help

    written = write_forms(options.out, force=options.force)
    if options.json:
        print_json({"files": [str(each) for each in written]})
    else:
        terminal.say(*written)
    return 0


def _page(options: argparse.Namespace) -> int:
    from pipeline.optout_page import write_page  # noqa: PLC0415  arrow loads only for who needs it

    made = write_page(
        options.releases,
        options.registry,
        options.out,
        title=options.title,
        contact=options.contact,
    )
    if options.json:
        print_json(made)
        return 0
    terminal.say(*(f"left out, too large: {each}" for each in made.left_out))
    terminal.say(
        f"{options.out}: {made.size:,} bytes, {made.releases} releases, {made.keys:,} hashes,"
        f" {made.requests} requests"
    )
    return 0
