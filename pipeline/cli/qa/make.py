"""`gristmill qa make RELEASE`: questions that nobody asked, made from a release and marked as such."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cli.options import (
    add_json_option,
    count,
    existing_release,
    print_json,
    print_table,
    share,
)
from pipeline.terminal import say

if TYPE_CHECKING:
    import argparse

    from pipeline.qa.make.write import Report

_METHODS = ("cloze", "negatives", "swap")


def add_part(parts: Any) -> None:
    """Describe the part."""
    make = parts.add_parser("make", help="make questions, marked as synthetic", description=__doc__)
    make.add_argument("release", type=Path, metavar="RELEASE")
    make.add_argument(
        "--method", choices=_METHODS, required=True,
        help="cloze: a sentence of a document asks for what is taken out of it; negatives: a question meets another"
        " passage of its article; swap: a date, figure or name in a question gives way to another",
    )  # fmt: skip
    make.add_argument(
        "--seed", type=count, required=True, metavar="N", help="what chance begins with"
    )
    make.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="a new file, .jsonl.zst"
    )
    make.add_argument(
        "--split", default="train", choices=("train", "validation", "test"),
        help="what to make them from (default: train; held-out text does not belong into training)",
    )  # fmt: skip
    _add_bounds(make)
    add_json_option(make)
    make.set_defaults(handler=handle)


def _add_bounds(make: argparse.ArgumentParser) -> None:
    """Add how many are made, and what bounds a question."""
    make.add_argument(
        "--limit", type=count, default=0, metavar="N", help="this many at most, by chance"
    )
    make.add_argument(
        "--per-document", type=count, metavar="N",
        help="of one document or article this many at most, by chance; 0 is all (default: cloze 3, else all)",
    )  # fmt: skip
    make.add_argument(
        "--min-overlap", type=share, default=0.4, metavar="S",
        help="negatives: the share of the question's words that the passage has at least (default: 0.4)",
    )  # fmt: skip
    make.add_argument(
        "--max-places", type=count, default=3, metavar="N",
        help="cloze: how often the answer may stand in the context (default: 3)",
    )  # fmt: skip
    for name, default in (("min", 4), ("max", 40)):
        make.add_argument(
            f"--{name}-words", type=count, default=default, metavar="N",
            help=f"words of a question (default: {default})",
        )  # fmt: skip


def handle(options: argparse.Namespace) -> int:
    """Print what was read and made, and why not more.

    Raises:
        ConfigError: nothing can be made, or there is no place for it.
        IntegrityError: the release is damaged.
    """
    from pipeline.qa.make.write import Wanted, make  # noqa: PLC0415  arrow loads only for who needs it

    bound = options.per_document
    wanted = Wanted(
        method=options.method,
        seed=options.seed,
        split=options.split,
        limit=options.limit,
        per_document=bound if bound is not None else 3 * (options.method == "cloze"),
        words=(options.min_words, options.max_words),
        overlap=options.min_overlap,
        places=options.max_places,
    )
    report = make(existing_release(options.release), wanted, options.out)
    if options.json:
        print_json({"report": report, "path": str(options.out)})
    else:
        _print(report, options.method)
        say(options.out)
    return 0


def _print(report: Report, method: str) -> None:
    what = "documents" if method == "cloze" else "questions"
    rows = [(f"{what} read", f"{report.read:,}"), ("questions made", f"{report.made:,}")]
    rows += [(f"skipped: {name}", f"{number:,}") for name, number in report.skipped.items()]
    print_table("", ("what", "number"), rows)
