"""`gristmill qa predict MODEL`: answers of a reader, with spans, confidence and doubt."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cli.options import add_json_option, print_json, print_table, share
from pipeline.cli.qa.answers import add_answer_options, write_answers
from pipeline.cli.qa.train import add_device_options

if TYPE_CHECKING:
    import argparse


def add_part(parts: Any) -> None:
    """Describe the part."""
    part = parts.add_parser("predict", help="answer questions with a reader", description=__doc__)
    part.add_argument(
        "model", type=Path, metavar="MODEL", help="what `train`, `distil` or `export-model` wrote"
    )
    part.add_argument(
        "questions", type=Path, nargs="+", metavar="QUESTIONS",
        help="releases, or files of any format that asks",
    )  # fmt: skip
    part.add_argument("--split", metavar="NAME", help="of releases (default: all)")
    add_answer_options(part)
    part.add_argument(
        "--lines", type=Path, metavar="FILE",
        help="everything as JSON lines, one question each, in order; - is standard output",
    )  # fmt: skip
    part.add_argument(
        "--threshold", type=share, metavar="T",
        help="abstain where the null odds are higher (default: the reader's own; 1 never)",
    )  # fmt: skip
    add_device_options(part)
    add_json_option(part)
    part.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Write answers.

    Raises:
        ConfigError: a package is missing.
        InputError: a file does not read.
    """
    from pipeline.qa.baseline.asked_sets import read_set  # noqa: PLC0415  loads only for who needs it
    from pipeline.qa.baseline.lines import line_of  # noqa: PLC0415  likewise
    from pipeline.qa.reader.model_file import read_reader  # noqa: PLC0415  likewise
    from pipeline.release import write_bytes  # noqa: PLC0415  likewise
    from pipeline.watch.progress import open_display  # noqa: PLC0415  likewise

    opened = read_reader(options.model, options.device, options.threads)
    asked = read_set(options.questions, {options.split} if options.split else ()).questions
    threshold = opened.head.sureness.threshold if options.threshold is None else options.threshold
    with open_display() as display:
        display.start("answers", len(asked), 0)
        told = list(opened.reader.answers(asked, display.advance))
    found = write_answers(told, options, threshold)
    if options.lines is not None:
        lines = b"".join(line_of(each, threshold) for each in told)
        if str(options.lines) == "-":
            sys.stdout.buffer.write(lines)
            return 0
        write_bytes(options.lines, lines)
    silent = sum(not answer for answer in found.values())
    if options.json:
        print_json({"questions": len(found), "silent": silent, "out": str(options.out)})
    else:
        print_table("", ("questions", "silent"), [(f"{len(found):,}", f"{silent:,}")])
        print(options.out)
    return 0
