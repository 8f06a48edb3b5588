"""`gristmill qa validate PATH…`: what is wrong with questions, in files of any format or in releases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cli.options import add_json_option, count, print_json, print_table
from pipeline.errors import InputError
from pipeline.terminal import say

if TYPE_CHECKING:
    import argparse

    from pipeline.qa.validate import Validation

_SHOWN = 20


def add_part(parts: Any) -> None:
    """Describe the part."""
    parser = parts.add_parser(
        "validate", help="say what is wrong with questions", description=__doc__
    )
    parser.add_argument(
        "paths", type=Path, nargs="+", metavar="PATH", help="a release, or a file of questions"
    )
    parser.add_argument(
        "--show", type=count, default=_SHOWN, metavar="N",
        help=f"problems to name one by one (default: {_SHOWN}; with --json all are)",
    )  # fmt: skip
    parser.add_argument("--strict", action="store_true", help="exit 3 where anything is wrong")
    add_json_option(parser)
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Print the counts, then the problems by input, row and id.

    Raises:
        InputError: a file cannot be read at all, or with --strict anything is wrong.
        IntegrityError: a release is damaged.
    """
    from pipeline.qa.validate import validate  # noqa: PLC0415  loads only for who needs it

    found = validate(options.paths)
    if options.json:
        print_json(found)
    else:
        _tell(found, options.show)
    if options.strict and found.problems:
        raise InputError(f"validate: {len(found.problems)} problems")
    return 0


def _tell(found: Validation, most: int) -> None:
    counts = {
        name.replace("_", " "): f"{value:,}"
        for name in found.__struct_fields__
        if isinstance(value := getattr(found, name), int)
    }
    print_table("", ("what", "count"), list(counts.items()))
    for title, counted in (("repaired", found.repaired), ("problems", found.reasons)):
        if counted:
            print_table("", (title, "count"), [(why, f"{n:,}") for why, n in counted.items()])
    for each in found.problems[:most]:
        say(
            f"{each.input}#{each.row}: {each.id}: {each.reason}"
            if each.id
            else f"{each.input}#{each.row}: {each.reason}"
        )
    if len(found.problems) > most:
        say(f"{len(found.problems) - most} more: --show N, or --json")
