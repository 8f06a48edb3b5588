"""`gristmill qa score`: how good predicted answers are, by the rules of the sets' own scorers."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pipeline.cli.options import add_json_option, print_json, print_table
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from pipeline.qa.score import Gold

_TWO: Final = "squad-v2"
_FORMATS: Final = ("squad-v1", _TWO, "korquad", "korquad-v2")


def add_part(parts: Any) -> None:
    """Describe the part."""
    score = parts.add_parser("score", help="score predicted answers", description=__doc__)
    score.add_argument(
        "--gold", type=Path, required=True, metavar="G",
        help="the questions: a file of the SQuAD shape, or a shard of a release",
    )  # fmt: skip
    score.add_argument(
        "--predictions", type=Path, required=True, metavar="P",
        help='a JSON object of answers by question id; "" is to abstain',
    )  # fmt: skip
    score.add_argument("--format", choices=_FORMATS, required=True, help="whose rules")
    score.add_argument(
        "--null-odds", type=Path, metavar="FILE",
        help="a JSON object of odds of having no answer, by question id (squad-v2)",
    )  # fmt: skip
    score.add_argument(
        "--threshold", type=float, default=1.0, metavar="T",
        help="hold it to be silent where the odds are higher (squad-v2; default 1.0)",
    )  # fmt: skip
    score.add_argument(
        "--curve", type=Path, metavar="FILE",
        help="write the scores at every threshold as CSV (with --null-odds)",
    )  # fmt: skip
    add_json_option(score)
    score.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Print the scores under the names that the sets' own scorers give them.

    Raises:
        ConfigError: the options do not go together.
        InputError: a file cannot be read, or is something else.
    """
    from pipeline.qa.files import read_gold, read_predictions  # noqa: PLC0415  loads only for who needs it
    from pipeline.qa.score import RULES, score_one  # noqa: PLC0415  likewise

    if options.format != _TWO and (options.null_odds or options.curve):
        raise ConfigError(f"score: --null-odds and --curve are for --format {_TWO}")
    if options.curve and not options.null_odds:
        raise ConfigError("score: --curve needs --null-odds")
    gold, told = read_gold(options.gold), read_predictions(options.predictions)
    two = options.format == _TWO
    found = _score_two(gold, told, options) if two else score_one(gold, told, RULES[options.format])
    if options.json:
        print_json(found)
    else:
        print_table("", ("score", "value"), [(name, _shown(each)) for name, each in found.items()])
    return 0


def _score_two(
    gold: Sequence[Gold], told: dict[str, str], options: argparse.Namespace
) -> dict[str, Any]:
    from pipeline.qa.files import read_odds  # noqa: PLC0415  loads only for who needs it
    from pipeline.qa.score import null_curve, score_two  # noqa: PLC0415  likewise

    odds = None if options.null_odds is None else read_odds(options.null_odds)
    if options.curve and odds is not None:
        _write_csv(options.curve, null_curve(gold, told, odds))
    return score_two(gold, told, odds, options.threshold)


def _write_csv(path: Path, rows: list[dict[str, float]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")


def _shown(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.2f}"
