"""`gristmill qa export RELEASE`: its questions in the shape of SQuAD, of Hugging Face, of MRQA, or as chat."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cli.options import add_json_option, existing_release, print_json, print_table
from pipeline.terminal import say

if TYPE_CHECKING:
    import argparse

_FORMATS = ("squad", "hf", "mrqa", "chat")
_SYSTEM = "Answer the question with words of the text."


def add_part(parts: Any) -> None:
    """Describe the part."""
    export = parts.add_parser(
        "export", help="write questions in another shape", description=__doc__
    )
    export.add_argument("release", type=Path, metavar="RELEASE")
    export.add_argument("--format", choices=_FORMATS, required=True, help="the shape")
    export.add_argument(
        "--out", type=Path, required=True, metavar="DIR",
        help="a new folder: a file for each split, LICENSES.json and SHA256SUMS",
    )  # fmt: skip
    for name in ("split", "source"):
        export.add_argument(
            f"--{name}", action="append", default=[], metavar="X", help=f"only this {name}; may be given again"
        )  # fmt: skip
    export.add_argument(
        "--synthetic", action="store_true", help="made questions too, labelled as such"
    )
    export.add_argument(
        "--system", default=_SYSTEM, metavar="TEXT",
        help=f'chat: said to the system; "" is nothing (default: {_SYSTEM})',
    )  # fmt: skip
    export.add_argument(
        "--refusal", default="", metavar="TEXT", help="chat: said where there is no answer (default: nothing)"
    )  # fmt: skip
    add_json_option(export)
    export.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Print what was written and what was left out.

    Raises:
        ConfigError: there is nothing to export, or no place for it.
        IntegrityError: the release is damaged.
    """
    from pipeline.qa.export import Wanted, export  # noqa: PLC0415  arrow loads only for who needs it
    from pipeline.qa.shapes import Chat  # noqa: PLC0415  likewise

    wanted = Wanted(
        format=options.format,
        splits=tuple(options.split),
        sources=tuple(options.source),
        synthetic=options.synthetic,
        chat=Chat(options.system, options.refusal),
    )
    found = export(existing_release(options.release), wanted, options.out)
    if options.json:
        print_json({"files": found.files, "left_out": found.left_out, "path": str(options.out)})
        return 0
    rows = [(name, f"{count:,}") for name, count in found.files.items()]
    rows += [(f"left out: {name}", f"{count:,}") for name, count in found.left_out.items()]
    print_table("", ("file", "questions"), rows)
    say(options.out)
    return 0
