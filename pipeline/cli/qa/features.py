"""`gristmill qa features PATH…`: what a reader would see of the questions, counted through a real tokenizer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cli.options import add_json_option, count, positive, print_json, print_table
from pipeline.errors import ConfigError, IntegrityError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from pipeline.qa.asked import Asked
    from pipeline.qa.features import Tally
    from pipeline.qa.wordpiece import WordPiece

_VOCABULARY = 8000
_TRAINING = (
    "train",
    "",
)  # a tokenizer is trained on these, on others only where there is nothing else


def add_part(parts: Any) -> None:
    """Describe the part."""
    features = parts.add_parser(
        "features", help="check what a reader would see, without a model", description=__doc__
    )
    features.add_argument(
        "paths", type=Path, nargs="+", metavar="PATH", help="a release, or a file of questions"
    )
    for name, default, meaning in (
        ("length", 384, "tokens of a window"),
        ("stride", 128, "tokens that neighbouring windows share"),
        ("question", 64, "tokens of a question at most"),
    ):
        features.add_argument(
            f"--{name}", type=count, default=default, metavar="N", help=f"{meaning} (default: {default})"
        )  # fmt: skip
    features.add_argument(
        "--vocab", type=positive, default=_VOCABULARY, metavar="N",
        help=f"tokens of the WordPiece tokenizer that is trained on contexts and questions (default: {_VOCABULARY})",
    )  # fmt: skip
    features.add_argument(
        "--tokenizer", type=Path, metavar="FILE", help="take this tokenizer.json and train none"
    )
    features.add_argument(
        "--save-tokenizer", type=Path, metavar="FILE", help="write the tokenizer that was trained"
    )
    features.add_argument(
        "--least", type=float, metavar="S",
        help="exit 4 where a smaller share of the answers of any source and split is whole in some window",
    )  # fmt: skip
    add_json_option(features)
    features.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Print the counts by source and split.

    Raises:
        ConfigError: the options do not go together, or no tokenizer is to be had.
        InputError: a file cannot be read, or holds something that is no sound question.
        IntegrityError: a share is below what is asked for, or a release is damaged.
    """
    from pipeline.qa.features import measure  # noqa: PLC0415  loads only for who needs it
    from pipeline.qa.windows import Shape  # noqa: PLC0415  likewise

    if options.tokenizer is not None and options.save_tokenizer is not None:
        raise ConfigError("features: --save-tokenizer is for one that is trained, not --tokenizer")
    shape = Shape(options.length, options.stride, options.question)
    tokenizer = _tokenizer(options)
    try:
        found = measure(read_named(options.paths), tokenizer, shape)
    except ValueError as error:
        raise ConfigError(f"features: {error}") from error
    if not found:
        raise ConfigError("features: no question is there")
    _tell(found, tokenizer, as_json=options.json)
    low = [where for where, each in found.items() if each.told()["whole_share"] < (options.least or 0.0)]  # fmt: skip
    if low:
        names = ", ".join(" ".join(filter(None, where)) for where in low)
        raise IntegrityError(
            f"features: less than {options.least} of the answers are whole in a window: {names}"
        )
    return 0


def read_named(paths: list[Path]) -> Iterator[Asked]:
    """Yield all questions; those of a file without sources are of the source that its name says."""
    from pipeline.qa.asked import read_asked  # noqa: PLC0415  loads only for who needs it

    for path in paths:
        for each in read_asked(path):
            yield each if each.source else each._replace(source=path.name)


def _tokenizer(options: argparse.Namespace) -> WordPiece:
    from pipeline.qa.wordpiece import load, train  # noqa: PLC0415  loads only for who needs it
    from pipeline.release import write_bytes  # noqa: PLC0415  likewise

    if options.tokenizer is not None:
        try:
            return load(options.tokenizer.read_bytes(), str(options.tokenizer))
        except OSError as error:
            raise ConfigError(f"features: {options.tokenizer}: {error.strerror}") from error
    held = all(each.split not in _TRAINING for each in read_named(options.paths))
    asked = (each.question for each in read_named(options.paths) if held or each.split in _TRAINING)
    # questions too: of contexts alone their question mark may be unknown
    texts = (text for each in asked for text in (each.context, each.question))
    made = train(texts, options.vocab)
    if options.save_tokenizer is not None:
        write_bytes(options.save_tokenizer, made.as_json())
    return made


def _tell(found: dict[tuple[str, str], Tally], tokenizer: WordPiece, *, as_json: bool) -> None:
    rows = [({"source": source, "split": split} | each.told()) for (source, split), each in found.items()]  # fmt: skip
    splits = tokenizer.splits_hangul()
    if as_json:
        print_json({"vocabulary": tokenizer.size, "splits_hangul": splits, "sets": rows})
        return
    head = (
        *("source", "split", "questions", "windows", "most", "long", "capped", "unknown"),
        *("answers", "whole", "exact"),
    )
    shown = [
        (
            row["source"], row["split"], f"{row['questions']:,}", f"{row['windows_mean']:.3f}",
            f"{row['most_windows']}",
            f"{row['long']:,}", f"{row['capped']:,}", f"{row['unknown_share']:.3%}", f"{row['answers']:,}",
            f"{row['whole_share']:.3%}", f"{row['exact_share']:.2%}",
        )
        for row in rows
    ]  # fmt: skip
    note = ": it takes Hangul syllables apart" if splits else ""
    print_table(f"a vocabulary of {tokenizer.size:,} tokens{note}", head, shown)
