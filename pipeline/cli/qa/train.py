"""`gristmill qa train`: an extractive reader, trained on questions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pipeline.cli.options import (
    above_zero,
    add_json_option,
    count,
    positive,
    print_json,
    print_table,
    share,
)
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    import argparse

    from pipeline.qa.reader.inputs import Way
    from pipeline.qa.reader.model_file import Head
    from pipeline.qa.reader.plan import Plan
    from pipeline.qa.wordpiece import WordPiece

_FAMILIES: Final = ("electra", "mobilebert", "distilbert")
_SIZES: Final = ("tiny", "small", "base")
_NETWORK: Final = (".json", ".safetensors")  # files of a network by how their names end
_QUESTIONS: Final = "releases, or files of any format that asks"


def add_part(parts: Any) -> None:
    """Describe the part."""
    part = parts.add_parser("train", help="train an extractive reader", description=__doc__)
    add_learning_options(part)
    part.add_argument("--family", choices=_FAMILIES, default="electra", help="default: electra")
    part.add_argument("--size", choices=_SIZES, default="tiny", help="default: tiny")
    part.add_argument("--layers", type=positive, metavar="N", help="in place of the size's")
    part.add_argument("--width", type=positive, metavar="N", help="in place of the size's")
    part.add_argument(
        "--from", type=Path, dest="begin", metavar="CHECKPOINT",
        help="begin with the weights and the tokenizer.json of this folder, in transformers' format",
    )  # fmt: skip
    part.add_argument(
        "--tokenizer", type=Path, metavar="FILE", help="take this tokenizer.json and train none"
    )
    part.add_argument(
        "--vocab", type=positive, default=8000, metavar="N",
        help="tokens of the WordPiece tokenizer that is trained (default: 8000)",
    )  # fmt: skip
    part.add_argument(
        "--windows", choices=("sentences", "passage"),
        help="best sentences, or all of the passage in windows that overlap (default: sentences; passage with --from)",
    )  # fmt: skip
    for name, meaning in (
        ("length", "tokens of a window (default: 128 for sentences, else 384)"),
        ("stride", "tokens that neighbouring windows share (default: 128)"),
    ):
        part.add_argument(f"--{name}", type=positive, metavar="N", help=meaning)
    part.add_argument(
        "--no-hints", action="store_true",
        help="token types tell question and passage apart and nothing else (always so with --from and DistilBERT)",
    )  # fmt: skip
    part.add_argument(
        "--silent", type=share, default=0.0, metavar="S",
        help="where no question lacks an answer, make this share of them anew so that they do (default: 0)",
    )  # fmt: skip
    part.set_defaults(handler=handle)


def add_learning_options(part: argparse.ArgumentParser) -> None:
    """Describe what training has in common with learning from a teacher."""
    part.add_argument("questions", type=Path, nargs="+", metavar="QUESTIONS", help=_QUESTIONS)
    part.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="MODEL",
        help="a folder to write, its name is free",
    )
    part.add_argument(
        "--split", default="train", metavar="NAME", help="of releases (default: train)"
    )
    part.add_argument("--epochs", type=above_zero, metavar="E", help="default: 0.8, 6, 12 by size")
    part.add_argument("--rate", type=above_zero, metavar="R", help="the highest learning rate")
    part.add_argument(
        "--batch",
        type=positive,
        default=2048,
        metavar="N",
        help="tokens of a batch (default: 2048)",
    )
    part.add_argument("--seed", type=count, default=0, metavar="N", help="default: 0")
    part.add_argument(
        "--questions", type=count, default=0, dest="most", metavar="N",
        help="learn from at most so many questions, taken by chance (default: all)",
    )  # fmt: skip
    part.add_argument(
        "--synthetic", action="store_true", help="learn from questions that nobody asked, too"
    )
    add_device_options(part)
    part.add_argument(
        "--precision", choices=("float32", "bfloat16"),
        help="of the training (default: bfloat16 on a GPU, else float32)",
    )  # fmt: skip
    add_json_option(part)


def add_device_options(part: argparse.ArgumentParser) -> None:
    """Describe where a network is computed."""
    part.add_argument(
        "--device", choices=("auto", "cpu", "cuda"), default="auto", help="default: auto"
    )
    part.add_argument(
        "--threads", type=positive, default=1, metavar="N",
        help="of a CPU; more change the last digits (default: 1)",
    )  # fmt: skip


def handle(options: argparse.Namespace) -> int:
    """Write a reader, and say what it learned.

    Raises:
        ConfigError: a package is missing, or the options do not go together.
        InputError: a file cannot be read, or there is too little to learn from.
    """
    from pipeline.qa.baseline.asked_sets import read_set, source_of  # noqa: PLC0415  loads only for who needs it
    from pipeline.qa.reader.card import card_of  # noqa: PLC0415  likewise
    from pipeline.qa.reader.checkpoints import Checkpoints  # noqa: PLC0415  likewise
    from pipeline.qa.reader.model_file import write_reader  # noqa: PLC0415  likewise
    from pipeline.qa.reader.packages import pick_device  # noqa: PLC0415  likewise
    from pipeline.qa.reader.training import identity_of, train  # noqa: PLC0415  likewise
    from pipeline.watch.progress import open_display  # noqa: PLC0415  likewise

    refuse_taken(options.out)
    device = pick_device(options.device)
    plan = _plan(options, device)
    tokenizer = _tokenizer(options)
    given = read_set(options.questions, {options.split}, synthetic=options.synthetic)
    sources = tuple(source_of(path) for path in options.questions)
    files = _files_of(options.tokenizer if options.begin is None else options.begin)
    checkpoints = Checkpoints(options.out, identity_of(given.questions, plan, device, *files))
    with open_display() as display:
        trained = train(
            given.questions, sources, plan, device, checkpoints, display,
            tokenizer=tokenizer, begin=options.begin,
        )  # fmt: skip
    write_reader(
        options.out, trained.network, trained.preparer, trained.head, card_of(trained.head)
    )
    checkpoints.clear()
    tell(options, trained.head)
    return 0


def refuse_taken(out: Path) -> None:
    """See to it that a model's name is free.

    Raises:
        ConfigError: it is not.
    """
    if out.exists():
        raise ConfigError(f"reader: {out}: is there already: name another --out")


def tell(options: argparse.Namespace, head: Head) -> None:
    """Say what was learned from, and how good it is."""
    learned = head.learned
    if options.json:
        print_json(
            {
                "model": str(options.out), "parameters": learned.parameters, "questions": learned.questions,
                "held_out": learned.held_out, "steps": learned.steps, "exact": learned.exact, "f1": learned.f1,
                "threshold": head.sureness.threshold, "device": learned.device,
            }
        )  # fmt: skip
        return
    rows = (
        ("questions", f"{learned.questions:,}"), ("of these without an answer", f"{learned.impossible:,}"),
        ("left out: the answer is in no window", f"{learned.left_out:,}"), ("windows", f"{learned.windows:,}"),
        ("steps", f"{learned.steps:,}"), ("weights", f"{learned.parameters:,}"),
        ("questions held out", f"{learned.held_out:,}"), ("exact match on these", f"{learned.exact:.2f}"),
        ("F1 on these", f"{learned.f1:.2f}"),
    )  # fmt: skip
    print_table("", ("trained on", learned.device), rows)
    print(options.out)


def _plan(options: argparse.Namespace, device: str) -> Plan:
    """Put together how to train.

    Raises:
        ConfigError: the options do not go together.
    """
    from pipeline.qa.reader.architecture import has_types  # noqa: PLC0415  loads only for who needs it
    from pipeline.qa.reader.inputs import Reading  # noqa: PLC0415  likewise
    from pipeline.qa.reader.model_file import read_measure  # noqa: PLC0415  likewise
    from pipeline.qa.reader.plan import EPOCHS, HIDDEN, RATES, TUNED, Plan, measure_of  # noqa: PLC0415  likewise

    begun = options.begin is not None
    for name in ("layers", "width", "tokenizer"):
        if begun and getattr(options, name) is not None:
            raise ConfigError(f"reader: --{name} is for a reader from scratch, not --from")
    way: Way = options.windows or ("passage" if begun else "sentences")
    reading = Reading(
        way=way,
        length=options.length or (128 if way == "sentences" else 384),
        stride=options.stride or 128,
        hints=not (options.no_hints or begun) and has_types(options.family),
    )
    reading.check()
    return Plan(
        family=options.family,
        measure=read_measure(options.begin)
        if begun
        else measure_of(options.family, options.size, layers=options.layers, width=options.width),
        reading=reading,
        epochs=options.epochs or (TUNED.epochs if begun else EPOCHS[options.size]),
        rate=options.rate or (TUNED.rate if begun else RATES[options.size]),
        vocabulary=options.vocab,
        tokens=options.batch,
        words=0.0 if begun else HIDDEN,
        seed=options.seed,
        threads=options.threads,
        precision=options.precision or ("bfloat16" if device == "cuda" else "float32"),
        silent=options.silent,
        most=options.most,
        begins_with=options.begin.resolve().name if begun else "",
    )


def _tokenizer(options: argparse.Namespace) -> WordPiece | None:
    """Read the tokenizer that is given, or that of the checkpoint."""
    from pipeline.qa.wordpiece import load  # noqa: PLC0415  loads only for who needs it

    path = options.tokenizer if options.begin is None else options.begin / "tokenizer.json"
    if path is None:
        return None
    try:
        return load(path.read_bytes(), str(path))
    except OSError as error:
        raise ConfigError(
            f"reader: {path}: {error.strerror}: it takes the tokenizer as a tokenizer.json"
        ) from error


def _files_of(path: Path | None) -> list[bytes]:
    """Return what weights depend on of a tokenizer.json, or of a network's folder."""
    if path is None or not path.is_dir():
        return [] if path is None else [path.read_bytes()]
    return [each.read_bytes() for each in sorted(path.iterdir()) if each.suffix in _NETWORK]
