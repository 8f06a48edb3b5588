"""`gristmill qa score`: how good predicted answers are, by the rules of the sets' own scorers."""

from __future__ import annotations

import argparse
import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pipeline.cli.options import add_json_option, print_json, print_table
from pipeline.errors import ConfigError
from pipeline.terminal import say

if TYPE_CHECKING:
    from pipeline.qa.scored.facts import Given

_TWO: Final = "squad-v2"
_ALL: Final = 100.0
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
    score.add_argument(
        "--confidence", type=Path, metavar="FILE",
        help="a JSON object of the probability that each answer is exactly right, 0 to 1, by question id",
    )  # fmt: skip
    score.add_argument(
        "--precision", type=_per_cent, action="append", metavar="P",
        help="say how many questions can be answered with so many per cent exact (with --confidence; may be"
        " given several times; default: 80 and 90)",
    )  # fmt: skip
    score.add_argument(
        "--report", type=Path, metavar="FILE", help="write a page (HTML) with the figures drawn"
    )
    add_json_option(score)
    score.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Print the scores under the names that the sets' own scorers give them.

    Raises:
        ConfigError: the options do not go together.
        InputError: a file cannot be read, or is something else.
    """
    from pipeline.qa.scored.names import spelled  # noqa: PLC0415  loads only for who needs it

    _check(options)
    given = _given(options)
    found = _score(given, options)
    if options.report:
        _write_page(options.report, given, found)
    if options.json:
        print_json(found)
        return 0
    print_table(
        "", ("score", "value"), [(name, spelled(name, each)) for name, each in found.items()]
    )
    if options.report:
        say(str(options.report))
    return 0


def _check(options: argparse.Namespace) -> None:
    if options.format != _TWO and (options.null_odds or options.curve):
        raise ConfigError(f"score: --null-odds and --curve are for --format {_TWO}")
    if options.curve and not options.null_odds:
        raise ConfigError("score: --curve needs --null-odds")
    if options.precision and not options.confidence:
        raise ConfigError("score: --precision needs --confidence")


def _given(options: argparse.Namespace) -> Given:
    """Read what is scored."""
    from pipeline.qa.files import (  # noqa: PLC0415  loads only for who needs it
        read_confidences,
        read_gold,
        read_odds,
        read_predictions,
    )
    from pipeline.qa.score import RULES, judged  # noqa: PLC0415  likewise
    from pipeline.qa.scored import facts  # noqa: PLC0415  likewise

    gold, told = read_gold(options.gold), read_predictions(options.predictions)
    odds, sure = options.null_odds, options.confidence
    files = {
        facts.QUESTIONS: options.gold,
        "predictions": options.predictions,
        "odds of no answer": odds,
        facts.CONFIDENCES: sure,
    }
    return facts.Given(
        options.format,
        gold,
        told,
        judged(gold, told, RULES[options.format]),
        None if odds is None else read_odds(odds),
        options.threshold,
        None if sure is None else read_confidences(sure),
        {part: path for part, path in files.items() if path is not None},
    )


def _score(given: Given, options: argparse.Namespace) -> dict[str, Any]:
    from pipeline.qa.score import RULES, null_curve, score_one, score_two  # noqa: PLC0415  loads only for who needs it
    from pipeline.qa.scored.confidence import PRECISIONS  # noqa: PLC0415  likewise
    from pipeline.qa.scored.facts import confidence_figures  # noqa: PLC0415  likewise

    if options.curve and given.odds is not None:
        _write_csv(options.curve, null_curve(given.gold, given.told, given.odds))
    if given.format == _TWO:
        found = score_two(given.gold, given.told, given.odds, given.threshold)
    else:
        found = score_one(given.gold, given.told, RULES[given.format])
    if given.confidences is not None:
        found |= confidence_figures(given, options.precision or PRECISIONS)
    return found


def _write_page(path: Path, given: Given, found: dict[str, Any]) -> None:
    from pipeline.qa.scored.facts import gather  # noqa: PLC0415  loads only for who needs it
    from pipeline.qa.scored.page import render  # noqa: PLC0415  likewise
    from pipeline.release import write_bytes  # noqa: PLC0415  likewise

    write_bytes(path, render(gather(given, found)))


def _write_csv(path: Path, rows: list[dict[str, float]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")


def _per_cent(text: str) -> float:
    """Read a share in per cent, above 0."""
    try:
        share = float(text)
    except ValueError:
        share = 0.0
    if not 0.0 < share <= _ALL:
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0 and up to 100")
    return share
