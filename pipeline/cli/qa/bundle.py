"""`gristmill qa bundle MODEL`: a folder that Hugging Face Inference Endpoints and Azure ML host as it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cli.options import add_json_option, print_json
from pipeline.cli.qa.train import refuse_taken

if TYPE_CHECKING:
    import argparse


def add_part(parts: Any) -> None:
    """Describe the part."""
    part = parts.add_parser("bundle", help="a reader for hosted endpoints", description=__doc__)
    part.add_argument(
        "model", type=Path, metavar="MODEL", help="what `train`, `distil` or `export-model` wrote"
    )
    part.add_argument(
        "--out", type=Path, required=True, metavar="FOLDER", help="a folder to write, its name is free"
    )  # fmt: skip
    add_json_option(part)
    part.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Write a bundle.

    Raises:
        ConfigError: what runs the reader is not installed.
        InputError: the reader is damaged.
    """
    from pipeline.qa.reader.export.bundle import write_bundle  # noqa: PLC0415  loads only for who needs it

    refuse_taken(options.out)
    head = write_bundle(options.model, options.out)
    if options.json:
        print_json({"out": str(options.out), "form": head.form.name})
    else:
        print(options.out)
    return 0
