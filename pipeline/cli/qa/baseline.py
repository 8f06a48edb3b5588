"""`gristmill qa baseline`: answers without a neural network, to see in minutes what a set of questions is worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from pipeline.cli.options import add_json_option, count, positive, print_json, print_table
from pipeline.cli.qa.answers import add_answer_options, write_answers, write_json
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from pipeline.qa.baseline.ranker import Ranker
    from pipeline.qa.baseline.trial import Row

_RANKER: Final = "ranker"
_METHODS: Final = ("sentence", "window", _RANKER)
_TRIED: Final = ("validation", "test")
_MOST: Final = 30_000  # learned from: about 2 GB and five minutes of a core
_QUESTIONS: Final = "releases, or files of any format that asks"


def add_part(parts: Any) -> None:
    """Describe the part."""
    baseline = parts.add_parser(
        "baseline", help="answer without a neural network", description=__doc__
    )
    steps = baseline.add_subparsers(dest="step", required=True, metavar="STEP")
    _add_try(steps)
    _add_train(steps)
    _add_predict(steps)


def _add_try(steps: Any) -> None:
    step = steps.add_parser(
        "try", help="train on the training questions and score all baselines on the others"
    )
    step.add_argument("questions", type=Path, nargs="+", metavar="QUESTIONS", help=_QUESTIONS)
    step.add_argument(
        "--on", type=Path, nargs="+", metavar="QUESTIONS",
        help="score on these (default: the splits validation and test of the same releases)",
    )  # fmt: skip
    _add_training_options(step)
    step.set_defaults(handler=_try)


def _add_train(steps: Any) -> None:
    step = steps.add_parser("train", help="train the ranker")
    step.add_argument("questions", type=Path, nargs="+", metavar="QUESTIONS", help=_QUESTIONS)
    step.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="MODEL",
        help="a folder to write, its name is free",
    )
    _add_training_options(step)
    step.set_defaults(handler=_train)


def _add_training_options(step: argparse.ArgumentParser) -> None:
    step.add_argument(
        "--split", default="train", metavar="NAME", help="of releases (default: train)"
    )
    step.add_argument("--seed", type=count, default=0, metavar="N", help="default: 0")
    step.add_argument(
        "--questions", type=positive, default=_MOST, dest="most", metavar="N",
        help=f"learn from at most so many questions, taken by chance (default: {_MOST:,})",
    )  # fmt: skip
    step.add_argument(
        "--synthetic", action="store_true", help="learn from questions that nobody asked, too"
    )
    step.add_argument(
        "--threads", type=positive, default=1, metavar="N",
        help="of the training; the result is the same (default: 1, more pay on idle cores alone)",
    )  # fmt: skip
    add_json_option(step)


def _add_predict(steps: Any) -> None:
    step = steps.add_parser("predict", help="answer questions")
    step.add_argument("questions", type=Path, nargs="+", metavar="QUESTIONS", help=_QUESTIONS)
    step.add_argument("--method", choices=_METHODS, required=True, help="how to answer")
    step.add_argument("--model", type=Path, metavar="MODEL", help="what `train` wrote (ranker)")
    step.add_argument("--split", metavar="NAME", help="of releases (default: all)")
    add_answer_options(step)
    step.add_argument(
        "--threshold", type=float, default=1.0, metavar="T",
        help="abstain where the null odds are higher (ranker; default 1.0)",
    )  # fmt: skip
    add_json_option(step)
    step.set_defaults(handler=_predict)


def _try(options: argparse.Namespace) -> int:
    """Train, answer by all methods, and print the scores."""
    from pipeline.qa.baseline.asked_sets import read_set  # noqa: PLC0415  loads only for who needs it
    from pipeline.qa.baseline.training import train  # noqa: PLC0415  likewise
    from pipeline.qa.baseline.trial import trial  # noqa: PLC0415  likewise
    from pipeline.watch.progress import open_display  # noqa: PLC0415  likewise

    given = read_set(options.questions, {options.split}, synthetic=options.synthetic)
    tried = read_set(options.on) if options.on else read_set(options.questions, _TRIED)
    both = {each.id for each in given.questions} & {each.id for each in tried.questions}
    if both:
        raise ConfigError(
            f"baseline: {len(both):,} questions would be learned from and scored on: name others with --on"
        )
    with open_display() as display:
        trained = train(given.questions, options.seed, options.threads, display, options.most)
        rows = trial(trained.ranker, tried.questions, display)
    if options.json:
        print_json({"learned": trained.questions, "rows": [row._asdict() for row in rows]})
    else:
        _print_rows(
            rows, f"trained on {trained.questions:,} questions, {trained.held_out:,} held out"
        )
    return 0


def _print_rows(rows: Sequence[Row], title: str) -> None:
    silent = any(row.best_f1 for row in rows)
    header = (
        "method",
        "questions",
        "exact",
        "F1",
        *(["best F1"] if silent else []),
        "a CPU second",
    )
    cells = [
        (
            row.method, f"{row.questions:,}", f"{row.exact:.2f}", f"{row.f1:.2f}",
            *([f"{row.best_f1:.2f}" if row.best_f1 else ""] if silent else []),
            f"{row.speed:,.0f}",
        )
        for row in rows
    ]  # fmt: skip
    print_table(title, header, cells)


def _train(options: argparse.Namespace) -> int:
    """Write a ranker, and say what it learned from."""
    from pipeline.qa.baseline.asked_sets import read_set, source_of  # noqa: PLC0415  loads only for who needs it
    from pipeline.qa.baseline.model_file import write_model  # noqa: PLC0415  likewise
    from pipeline.qa.baseline.training import train  # noqa: PLC0415  likewise
    from pipeline.watch.progress import open_display  # noqa: PLC0415  likewise

    if options.out.exists():
        raise ConfigError(f"baseline: {options.out}: is there already: name another --out")
    given = read_set(options.questions, {options.split}, synthetic=options.synthetic)
    with open_display() as display:
        trained = train(given.questions, options.seed, options.threads, display, options.most)
    sources = tuple(source_of(path) for path in options.questions)
    learned = write_model(options.out, trained, options.seed, sources)
    if options.json:
        print_json({"model": str(options.out)} | msgspec.to_builtins(learned))
        return 0
    told = (
        ("questions", trained.questions), ("held out for the calibration", trained.held_out),
        ("of these without an answer", trained.impossible), ("contexts", trained.contexts),
        ("spans that were ranked", trained.rows), ("synthetic questions left out", given.synthetic),
    )  # fmt: skip
    print_table("", ("learned from", "number"), [(name, f"{value:,}") for name, value in told])
    print(options.out)
    return 0


def _predict(options: argparse.Namespace) -> int:
    """Write answers."""
    from pipeline.qa.baseline.asked_sets import read_set  # noqa: PLC0415  loads only for who needs it
    from pipeline.qa.baseline.trial import answered, ranked  # noqa: PLC0415  likewise
    from pipeline.watch.progress import open_display  # noqa: PLC0415  likewise

    ranker = _ranker_of(options)
    asked = read_set(options.questions, {options.split} if options.split else ()).questions
    with open_display() as display:
        if ranker is None:
            found = answered(options.method, asked, display)
            write_json(options.out, found)
        else:
            told = ranked(ranker, asked, display)
            found = write_answers(told, options, options.threshold)
    silent = sum(not answer for answer in found.values())
    if options.json:
        print_json({"questions": len(found), "silent": silent, "out": str(options.out)})
    else:
        print_table("", ("questions", "silent"), [(f"{len(found):,}", f"{silent:,}")])
        print(options.out)
    return 0


def _ranker_of(options: argparse.Namespace) -> Ranker | None:
    """Read the model if the method has one.

    Raises:
        ConfigError: the options do not go together.
    """
    from pipeline.qa.baseline.model_file import read_model  # noqa: PLC0415  loads only for who needs it

    if options.method == _RANKER:
        if options.model is None:
            raise ConfigError("baseline: --method ranker needs --model")
        return read_model(options.model)[0]
    for name in ("model", "null_odds", "confidence", "n_best"):
        if getattr(options, name) is not None:
            raise ConfigError(f"baseline: --{name.replace('_', '-')} is for --method ranker")
    if options.threshold != 1.0:
        raise ConfigError("baseline: --threshold is for --method ranker")
    return None
