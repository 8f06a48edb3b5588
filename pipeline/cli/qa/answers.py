"""The files that answers are written to, by whatever system: each a JSON object by question id."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from pipeline.qa.baseline.ranker import Told


def add_answer_options(part: argparse.ArgumentParser) -> None:
    """Describe what may be written."""
    for name, meaning in (
        ("out", "the answers, as `gristmill qa score --predictions` takes them"),
        ("null-odds", "how much speaks against an answer, 0 to 1, as its --null-odds takes them"),
        (
            "confidence",
            "the probability that what is said is exactly right, 0 to 1, as its --confidence takes it",
        ),
        ("n-best", "the best five answers with their spans and probabilities"),
    ):
        part.add_argument(
            f"--{name}", type=Path, required=name == "out", metavar="FILE",
            help=f"{meaning}: a JSON object by question id",
        )  # fmt: skip


def write_answers(
    told: Sequence[Told], options: argparse.Namespace, threshold: float
) -> dict[str, str]:
    """Write what was asked for; returns the answers, silent where the null odds are above a threshold."""
    from pipeline.qa.baseline.lines import DIGITS, spelled  # noqa: PLC0415  loads only for who needs it

    found = {each.id: each.abstaining(threshold) for each in told}
    for path, values in (
        (options.out, found),
        (options.null_odds, {each.id: round(each.null_odds, DIGITS) for each in told}),
        (options.confidence, {each.id: round(each.sure(threshold), DIGITS) for each in told}),
        (options.n_best, {each.id: [spelled(option) for option in each.options] for each in told}),
    ):
        if path is not None:
            write_json(path, values)
    return found


def write_json(path: Path, values: dict[str, Any]) -> None:
    """Write one object."""
    from pipeline.release import write_bytes  # noqa: PLC0415  loads only for who needs it

    write_bytes(path, msgspec.json.encode(values) + b"\n")
