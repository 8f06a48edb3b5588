"""`gristmill qa embed MODEL PATH…`: vectors of texts or of their tokens, out of a reader's encoder, as Parquet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cli.options import add_json_option, count, positive, print_json, print_table
from pipeline.cli.qa.train import add_device_options
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from pipeline.qa.reader.alone import Cut
    from pipeline.qa.reader.embeddings import Embedder, Vectors
    from pipeline.qa.reader.model_file import Opened
    from pipeline.qa.reader.texts import Text
    from pipeline.qa.reader.vectors_file import Made
    from pipeline.watch.progress import Display


def add_part(parts: Any) -> None:
    """Describe the part."""
    part = parts.add_parser("embed", help="vectors of texts or tokens", description=__doc__)
    part.add_argument("model", type=Path, metavar="MODEL", help="what `train` or `distil` wrote")
    part.add_argument(
        "paths", type=Path, nargs="+", metavar="PATH",
        help="releases, shards, JSON lines with a `text` each, or files of any format that asks",
    )  # fmt: skip
    part.add_argument(
        "--out", type=Path, required=True, metavar="FILE.parquet|FOLDER",
        help="a name that is free; one that does not end in .parquet becomes a folder of files of about 1 GiB",
    )  # fmt: skip
    part.add_argument(
        "--level", choices=("passage", "token"), default="passage",
        help="one vector a text, or one a token (default: passage)",
    )  # fmt: skip
    part.add_argument(
        "--pool", choices=("mean", "cls"),
        help="a text's vector is the mean over its tokens, or that of [CLS] (default: mean)",
    )  # fmt: skip
    part.add_argument(
        "--what", choices=("context", "question", "both"), default="context",
        help="contexts (each once) and documents, questions, or all of them (default: context)",
    )  # fmt: skip
    part.add_argument("--split", default="", metavar="NAME", help="of releases (default: all)")
    for name, kind, meaning in (
        (
            "length",
            positive,
            "tokens of a window (default: those that the reader was trained with)",
        ),
        ("stride", count, "tokens that neighbouring windows share (default: half of a window)"),
    ):
        part.add_argument(f"--{name}", type=kind, metavar="N", help=meaning)
    part.add_argument("--float16", action="store_true", help="halve the file (default: float32)")
    part.add_argument("--texts", action="store_true", help="write the texts beside their vectors")
    add_device_options(part)
    add_json_option(part)
    part.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Write vectors.

    Raises:
        ConfigError: a package is missing, or the options do not go together.
        InputError: a file does not read, holds no text, or something lies under the name to write.
        IntegrityError: a release is damaged.
    """
    from pipeline.qa.reader.embeddings import Embedder  # noqa: PLC0415  loads only for who needs it
    from pipeline.qa.reader.model_file import read_reader  # noqa: PLC0415  likewise
    from pipeline.qa.reader.vectors_file import Shape, check_free, write_vectors  # noqa: PLC0415  likewise
    from pipeline.watch.progress import open_display  # noqa: PLC0415  likewise

    if options.level == "token" and options.pool is not None:
        raise ConfigError("embed: --pool is for passages, not for --level token")
    check_free(options.out)
    opened = read_reader(options.model, options.device, options.threads)
    cut = _cut(options, opened)
    made = _made(options, opened, cut)
    embedder = Embedder(
        opened.network, opened.reader.preparer.tokenizer, cut, hints=opened.head.plan.reading.hints
    )
    shape = Shape(options.level, made.width, made.dtype, options.texts)
    with open_display() as display:
        texts = _start(options, display)
        written = write_vectors(options.out, _vectors(options, embedder, display), shape, made)
    told = {
        "texts": texts, "vectors": written.rows, "files": written.files, "width": made.width,
        "model": made.model, "out": str(options.out),
    }  # fmt: skip
    if options.json:
        print_json(told)
    else:
        rows = [(f"{texts:,}", f"{written.rows:,}", f"{made.width:,}", f"{written.files:,}")]
        print_table("", ("texts", "vectors", "width", "files"), rows)
        print(options.out)
    return 0


def _texts(options: argparse.Namespace) -> Iterator[Text]:
    from pipeline.qa.reader.texts import read_texts  # noqa: PLC0415  loads only for who needs it

    return read_texts(options.paths, options.what, options.split)


def _start(options: argparse.Namespace, display: Display) -> int:
    """Read everything once, so that what is damaged is told before hours of work, and say how much there is.

    Raises:
        InputError: there is no text.
    """
    from pipeline.errors import InputError  # noqa: PLC0415  beside its only use

    texts = weight = 0
    for text in _texts(options):
        texts += 1
        weight += _weight(text)
    if not texts:
        named = f" of split {options.split}" if options.split else ""
        raise InputError(f"embed: {', '.join(map(str, options.paths))}: no {options.what}{named}")
    display.start("vectors", texts, weight)
    return texts


def _weight(text: Text) -> int:
    return len(text.text.encode())


def _vectors(
    options: argparse.Namespace, embedder: Embedder, display: Display
) -> Iterator[Vectors]:
    advance: Callable[[Text], None] = lambda text: display.advance(_weight(text))  # noqa: E731  typed so
    if options.level == "token":
        return embedder.tokens(_texts(options), advance)
    return embedder.passages(_texts(options), options.pool or "mean", advance)


def _cut(options: argparse.Namespace, opened: Opened) -> Cut:
    from pipeline.qa.reader.alone import Cut  # noqa: PLC0415  loads only for who needs it

    length = options.length or opened.head.plan.reading.length
    stride = max(length // 2 - 1, 0) if options.stride is None else options.stride
    cut = Cut(length, stride)
    cut.check(opened.network.net.config.max_position_embeddings)
    return cut


def _made(options: argparse.Namespace, opened: Opened, cut: Cut) -> Made:
    from manifests.checksum import sha256_hex  # noqa: PLC0415  loads only for who needs it
    from pipeline.qa.reader.model_file import HEAD, WEIGHTS  # noqa: PLC0415  likewise
    from pipeline.qa.reader.training import versions  # noqa: PLC0415  likewise
    from pipeline.qa.reader.vectors_file import SCHEMA, Made  # noqa: PLC0415  likewise

    plan = opened.head.plan
    return Made(
        schema=SCHEMA,
        model=sha256_hex((options.model / HEAD).read_bytes()),
        weights=opened.head.files[WEIGHTS],
        family=plan.family,
        level=options.level,
        pool="" if options.level == "token" else options.pool or "mean",
        length=cut.length,
        stride=cut.stride,
        hints=plan.reading.hints,
        width=opened.network.width,
        dtype="float16" if options.float16 else "float32",
        device=opened.network.device,
        versions=versions(),
    )
