"""`gristmill bpb RELEASE`: bits per byte of held-out documents, as in The Pile, by source and by weight."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack
from fractions import Fraction
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
    from pipeline.bpb.evaluate import Account
    from pipeline.bpb.measure import Amount, Measured

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
    from pipeline.bpb.choose import BUILT_IN, Asked  # noqa: PLC0415  loads only for who needs it
    from pipeline.bpb.evaluate import Measures, evaluate  # noqa: PLC0415  likewise
    from pipeline.bpb.neural import Settings  # noqa: PLC0415  likewise

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
        account = evaluate(release, measures, asked, partial(_watched, write=write))
    if options.json:
        print_json(_plain(account, mix))
    else:
        _print(account, mix)
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


def _plain(account: Account, mix: Mix | None) -> dict[str, Any]:
    """Return the JSON: the account, the mean over groups, and that by the mix."""
    told = account.plain()
    told["mean"] = dict(zip(account.names, account.mean(_even(account)), strict=True))
    if mix is not None:
        rates = account.mean(_of_mix(account, mix))
        told["mix"] = {
            "name": mix.name,
            "recipe_sha256": mix.recipe_sha256,
            "bits_per_byte": dict(zip(account.names, rates, strict=True)),
            "weights": {share.name: share.mixed.bytes for share in mix.sources},
            "not_measured": _unmeasured(account, mix),
        }
    return told


def _even(account: Account) -> dict[str, Fraction]:
    return dict.fromkeys(account.groups, Fraction(1))


def _of_mix(account: Account, mix: Mix) -> dict[str, Fraction]:
    """Return how many bytes the mix takes of each source.

    Raises:
        ConfigError: it takes nothing of what was measured.
    """
    weights = {share.name: Fraction(share.mixed.bytes) for share in mix.sources}
    if not any(weights.get(name) for name in account.groups):
        raise ConfigError(f"bpb: --mix: {mix.name} takes nothing of the sources that were measured")
    return weights


def _unmeasured(account: Account, mix: Mix) -> list[str]:
    return [share.name for share in mix.sources if share.name not in account.groups]


def _print(account: Account, mix: Mix | None) -> None:
    """Print a line for each group, for all of them by bytes, for their mean, and for the mix."""
    total = account.total
    rows = [(name, *_cells(each, total)) for name, each in account.groups.items()]
    rows += [("all, by bytes", *_cells(total, total))]
    means = [(f"mean of each {account.measures.by}", account.mean(_even(account)))]
    if mix is not None:
        means.append((f"mean by {mix.name}", account.mean(_of_mix(account, mix))))
    rows += [(name, "", "", "", *(f"{each:.4f}" for each in rates)) for name, rates in means]
    release = f"{account.manifest.name}-{account.manifest.version}"
    title = f"bits per byte: {' and '.join(account.measures.splits)} of {release}"
    print_table(title, (account.measures.by, "documents", "bytes", "%", *account.names), rows)
    _print_notes(account, mix)


def _cells(amount: Amount, total: Amount) -> tuple[str, ...]:
    from pipeline.bpb.model import rate  # noqa: PLC0415  loads only for who needs it

    share = 100 * amount.bytes / total.bytes if total.bytes else 0.0
    rates = (rate(bits, amount.bytes) for bits in amount.bits)
    return (
        f"{amount.documents:,}",
        f"{amount.bytes:,}",
        f"{share:.2f}",
        *("" if each is None else f"{each:.4f}" for each in rates),
    )


def _print_notes(account: Account, mix: Mix | None) -> None:
    """Say what the figures depend on, and what they leave out."""
    for model in account.models:
        (_, kind), *others = model.told.items()
        told = [f"{key.replace('_', ' ')} {_spelled(value)}" for key, value in others]
        say(f"{model.name}: {', '.join((kind, *told))}")
    if account.trained_on:
        taken = ", ".join(f"{size:,} of {name}" for name, size in account.trained_on.items())
        say(f"learnt from bytes of train: {taken} (seed {account.measures.seed})")
    if account.empty:
        say(f"holds nothing out, not measured: {', '.join(account.empty)}")
    if mix is not None and _unmeasured(account, mix):
        say(f"in {mix.name}, not measured: {', '.join(_unmeasured(account, mix))}")
    if account.manifest.questions:
        say(f"questions are not measured: {account.manifest.questions:,}")


def _spelled(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)
