"""`gristmill bpb RELEASE`: bits per byte of held-out documents, as in The Pile, by source and by weight."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from pipeline.cli.options import (
    add_json_option,
    count,
    existing_release,
    positive,
    print_json,
    print_table,
)
from pipeline.errors import ConfigError
from pipeline.terminal import say

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator

    from manifests.mix_account import Mix
    from pipeline.bpb.account import Account, Line
    from pipeline.bpb.measure import Measured

_NAMES: Final = "ngram, ngram-adaptive, zstd, zstd-dict, xz, bz2"
_PAUSE: Final = 5.0  # seconds between two lines of progress


def add_parser(commands: Any) -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "bpb", help="bits per byte of held-out documents", description=__doc__
    )
    parser.add_argument("release", type=Path, metavar="RELEASE")
    parser.add_argument(
        "--model", action="append", metavar="M",
        help=f"{_NAMES}, or the folder of a causal language model; may be given several times"
        " (default: all that come with gristmill)",
    )  # fmt: skip
    parser.add_argument(
        "--mix",
        type=Path,
        metavar="RECIPE",
        help="weigh the sources as the mix of this recipe does",
    )
    _add_scope(parser)
    _add_training(parser)
    _add_neural(parser)
    parser.add_argument(
        "--documents",
        type=Path,
        metavar="FILE",
        help="write the bits of each document as JSON lines",
    )
    parser.add_argument(
        "--html", type=Path, metavar="FILE", help="write a page with the figures drawn"
    )
    add_json_option(parser)
    parser.set_defaults(handler=handle)


def _add_scope(parser: argparse.ArgumentParser) -> None:
    """Add what is measured."""
    parser.add_argument(
        "--split", choices=("validation", "test", "both"), default="test",
        help="what is held out (default: test)",
    )  # fmt: skip
    parser.add_argument("--source", default="", metavar="S", help="measure this source alone")
    parser.add_argument(
        "--max-bytes", type=positive, metavar="N",
        help="of each source and split measure no more documents once there are N bytes",
    )  # fmt: skip
    parser.add_argument(
        "--by", choices=("source", "license", "language"), default="source",
        help="what a line of the table stands for (default: source)",
    )  # fmt: skip


def _add_training(parser: argparse.ArgumentParser) -> None:
    """Add what the models that come with gristmill learn, and from what."""
    parser.add_argument(
        "--order", type=positive, default=6, metavar="N",
        help="bytes of context of the n-gram model (default: 6)",
    )  # fmt: skip
    parser.add_argument(
        "--train-bytes", type=positive, default=1 << 23, metavar="N",
        help="how much of the train split they learn from, an equal part of each source (default: 8 MiB)",
    )  # fmt: skip
    parser.add_argument(
        "--curve", action="store_true",
        help="also train the n-gram model on a 64th, a 16th and a fourth of that",
    )  # fmt: skip
    parser.add_argument(
        "--seed", type=count, default=0, metavar="N", help="which part of the train split that is"
    )


def _add_neural(parser: argparse.ArgumentParser) -> None:
    """Add how a causal language model reads."""
    group = parser.add_argument_group(
        "language models", "of a folder; pip install 'gristmill[model]'"
    )
    group.add_argument(
        "--window", type=count, default=0, metavar="N",
        help="tokens that it sees at once, half of them again in the next window (default: what it was"
        " made for, at most 2,048)",
    )  # fmt: skip
    group.add_argument(
        "--batch", type=positive, default=8, metavar="N", help="windows at once (default: 8)"
    )
    group.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")


def handle(options: argparse.Namespace) -> int:
    """Print bits per byte of each group and model, their totals, and what they were measured by.

    Raises:
        ConfigError: nothing is held out, the options do not go together, or a package is missing.
        IntegrityError: the release is damaged.
    """
    from pipeline.bpb.account import Measures  # noqa: PLC0415  loads only for who needs it
    from pipeline.bpb.choose import BUILT_IN, Asked  # noqa: PLC0415  likewise
    from pipeline.bpb.evaluate import evaluate  # noqa: PLC0415  likewise
    from pipeline.bpb.neural import Settings  # noqa: PLC0415  likewise
    from pipeline.bpb.page import render  # noqa: PLC0415  likewise
    from pipeline.release import write_bytes  # noqa: PLC0415  likewise

    release = existing_release(options.release)
    if options.mix is not None and options.by != "source":
        raise ConfigError("bpb: --mix weighs sources: leave --by out")
    measures = Measures(
        options.split, options.source, options.train_bytes, options.max_bytes, options.by, options.seed
    )  # fmt: skip
    asked = Asked(
        tuple(options.model or BUILT_IN),
        options.order,
        options.curve,
        Settings(options.window, options.batch, options.device),
    )
    mix = None if options.mix is None else _mix_of(release, options.mix)
    with ExitStack() as stack:
        write = _writer(options.documents, stack)
        account = evaluate(release, measures, asked, partial(_watched, write=write), mix)
    if options.html is not None:
        write_bytes(options.html, render(account))
    if options.json:
        print_json(account.plain())
    else:
        _print(account)
    return 0


def _mix_of(release: Path, recipe: Path) -> Mix:
    """Count the mix of a recipe; its sources weigh as many bytes as it takes of them."""
    from pipeline.mix.plan import make_plan  # noqa: PLC0415  arrow loads only for who needs it
    from pipeline.mix.recipe import load_recipe  # noqa: PLC0415  likewise
    from pipeline.published import read_manifest  # noqa: PLC0415  likewise

    ready = load_recipe(recipe, read_manifest(release))
    with tempfile.TemporaryDirectory(prefix="gristmill-mix-") as rows:
        return make_plan(release, ready, Path(rows)).mix


def _writer(path: Path | None, stack: ExitStack) -> Callable[[Measured, list[str]], None]:
    """Return what writes one line for each document, or nothing."""
    if path is None:
        return lambda _measured, _names: None
    file = stack.enter_context(path.open("wb"))

    def write(measured: Measured, names: list[str]) -> None:
        record = measured._asdict() | {"bits": dict(zip(names, measured.bits, strict=True))}
        file.write(msgspec.json.encode(record) + b"\n")

    return write


def _watched(
    batches: Iterable[list[Measured]],
    expected: int,
    names: list[str],
    write: Callable[[Measured, list[str]], None],
) -> Iterator[Measured]:
    """Write each document and pass it on; every five seconds say on standard error how far it is."""
    start = told = time.monotonic()
    number = 0
    for batch in batches:
        for each in batch:
            write(each, names)
            yield each
        number += len(batch)
        now = time.monotonic()
        if now - told >= _PAUSE:
            left = (now - start) / number * (expected - number)
            say(f"bpb: {number:,} of {expected:,} documents, some {left:,.0f} s left", error=True)
            told = now


def _print(account: Account) -> None:
    """Print a line for each group, for all of them, for their mean, and the notes."""
    size = account.total.bytes
    rows = [(line.name, *_cells(line, size)) for line in account.lines()]
    head = (account.measures.by, "documents", "bytes", "%", *account.names)
    print_table(f"bits per byte: {account.title}", head, rows)
    say(*account.notes())


def _cells(line: Line, size: int) -> tuple[str, ...]:
    rates = ("" if each is None else f"{each:.4f}" for each in line.rates)
    if line.amount is None:
        return ("", "", "", *rates)
    share = 100 * line.amount.bytes / size if size else 0.0
    return (f"{line.amount.documents:,}", f"{line.amount.bytes:,}", f"{share:.2f}", *rates)
