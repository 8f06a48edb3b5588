"""`gristmill qa tokenizer QUESTIONS…`: WordPiece trained on contexts and questions, and what it does to them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pipeline.cli.options import add_json_option, positive, print_json, print_table
from pipeline.errors import InputError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from pipeline.qa.features import Tally
    from pipeline.qa.wordpiece import WordPiece

_MOST: Final = 64  # mebibytes of documents
_TOLD: Final = "questions tokens unknown unknown_share answers exact exact_share".split()  # noqa: SIM905  a list of words reads as one
_SEED: Final = 0  # says with which documents reading begins


def add_part(parts: Any) -> None:
    """Describe the part."""
    part = parts.add_parser("tokenizer", help="train a WordPiece tokenizer", description=__doc__)
    part.add_argument(
        "questions", type=Path, nargs="+", metavar="QUESTIONS",
        help="releases, or files of any format that asks",
    )  # fmt: skip
    part.add_argument("--out", type=Path, required=True, metavar="FILE", help="a tokenizer.json")
    part.add_argument(
        "--vocab", type=positive, default=8000, metavar="N", help="tokens at most (default: 8000)"
    )
    part.add_argument(
        "--split", default="train", metavar="NAME",
        help="of releases, to train on; it is tried on all of them (default: train)",
    )  # fmt: skip
    part.add_argument(
        "--with", type=Path, action="append", default=[], dest="releases", metavar="RELEASE",
        help="train on the documents of this release's train split, too; may be given again",
    )  # fmt: skip
    part.add_argument(
        "--most", type=positive, default=_MOST, metavar="N",
        help=f"mebibytes of documents of each --with, as many of each source (default: {_MOST})",
    )  # fmt: skip
    add_json_option(part)
    part.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Write a tokenizer, and say what it does to the questions.

    Raises:
        ConfigError: the package is missing.
        InputError: a file cannot be read, or there is no question to train on.
        IntegrityError: a release is damaged.
    """
    from pipeline.cli.qa.features import read_named  # noqa: PLC0415  loads only for who needs it
    from pipeline.qa.features import measure  # noqa: PLC0415  likewise
    from pipeline.qa.windows import Shape  # noqa: PLC0415  likewise
    from pipeline.qa.wordpiece import train  # noqa: PLC0415  likewise
    from pipeline.release import write_bytes  # noqa: PLC0415  likewise

    texts = set(_asked_texts(options))
    if not texts:
        raise InputError(
            f"tokenizer: {', '.join(map(str, options.questions))}: no question of split {options.split}"
        )
    for release in options.releases:
        texts.update(_documents(release, options.most << 20))
    tokenizer = train(texts, options.vocab)
    found = measure(read_named(options.questions), tokenizer, Shape())
    write_bytes(options.out, tokenizer.as_json())
    _tell(options, tokenizer, found, len(texts))
    return 0


def _asked_texts(options: argparse.Namespace) -> Iterator[str]:
    """Yield contexts and questions to train on; of contexts alone their question mark may be unknown."""
    from pipeline.cli.qa.features import read_named  # noqa: PLC0415  loads only for who needs it

    for each in read_named(options.questions):
        if each.split in {"", options.split}:
            yield each.question.context
            yield each.question.question


def _documents(path: Path, most: int) -> Iterator[str]:
    """Yield documents of a release, so many bytes in all; the last of a source is cut."""
    from pipeline.bpb.held_out import sample  # noqa: PLC0415  loads only for who needs it
    from pipeline.catalog import open_catalog  # noqa: PLC0415  likewise
    from pipeline.qa.released import sources_of  # noqa: PLC0415  likewise

    with open_catalog(path) as release:
        for text, _ in sample(release, sources_of(path, "data"), most, _SEED).mixed():
            yield text.decode(errors="ignore")  # what is cut may end within a character


def _tell(
    options: argparse.Namespace,
    tokenizer: WordPiece,
    found: dict[tuple[str, str], Tally],
    texts: int,
) -> None:
    told = [(source, split, each.told()) for (source, split), each in found.items()]
    splits = tokenizer.splits_hangul()
    if options.json:
        sets = [
            {"source": source, "split": split} | {key: each[key] for key in _TOLD}
            for source, split, each in told
        ]
        print_json(
            {
                "out": str(options.out), "vocabulary": tokenizer.size, "texts": texts, "splits_hangul": splits,
                "sets": sets,
            }
        )  # fmt: skip
        return
    rows = [
        (
            source, split, f"{each['questions']:,}", f"{each['tokens']:,}", f"{each['unknown_share']:.3%}",
            f"{each['answers']:,}", f"{each['exact_share']:.2%}",
        )
        for source, split, each in told
    ]  # fmt: skip
    hangul = "takes Hangul syllables apart" if splits else "leaves Hangul syllables whole"
    head = ("source", "split", "questions", "tokens", "unknown", "answers", "exact")
    title = f"{tokenizer.size:,} tokens, trained on {texts:,} texts; it {hangul}"
    print_table(title, head, rows)
    print(options.out)
