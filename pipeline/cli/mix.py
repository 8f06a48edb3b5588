"""`gristmill mix RELEASE RECIPE`: how much of each source a training mix takes, and with `--out` the mix itself."""

from __future__ import annotations

import argparse
import math
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cli.options import (
    add_json_option,
    existing_release,
    positive,
    print_json,
    print_table,
)
from pipeline.terminal import say

if TYPE_CHECKING:
    from fractions import Fraction

    from manifests.mix_account import Amount, Mix

_WORKERS = 2


def add_parser(commands: Any) -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "mix", help="weigh the sources of a release for training", description=__doc__
    )
    parser.add_argument("release", type=Path, metavar="RELEASE")
    parser.add_argument("recipe", type=Path, metavar="RECIPE")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="write the mix as a folder here; else only count it"
    )
    parser.add_argument(
        "--fraction",
        type=_fraction,
        default="1",
        metavar="F",
        help="mix a uniform sample of the documents: 0.01 or 1/64",
    )
    parser.add_argument(
        "--workers",
        type=positive,
        default=_WORKERS,
        metavar="N",
        help=f"processes that count, at most {_WORKERS}",
    )
    add_json_option(parser)
    parser.set_defaults(handler=handle)


def _fraction(text: str) -> Fraction:
    from manifests.addressing import read_fraction  # noqa: PLC0415  loads only for who needs it

    try:
        return read_fraction(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def handle(options: argparse.Namespace) -> int:
    """Print a table like the first of The Pile's paper; where a mix was written its path comes last."""
    from pipeline.mix.plan import make_plan  # noqa: PLC0415  arrow loads only for who needs it
    from pipeline.mix.recipe import load_recipe  # noqa: PLC0415  likewise
    from pipeline.mix.write import check_target, write_mix  # noqa: PLC0415  likewise
    from pipeline.published import read_manifest  # noqa: PLC0415  likewise

    release = existing_release(options.release)
    manifest = read_manifest(release)
    ready = load_recipe(options.recipe, manifest)
    if options.out is not None:
        check_target(options.out, ready.recipe, manifest, options.fraction)
    with tempfile.TemporaryDirectory(prefix="gristmill-mix-") as rows:
        plan = make_plan(
            release, ready, Path(rows), fraction=options.fraction, workers=options.workers
        )
        written = None if options.out is None else write_mix(plan, ready, options.out)
    if options.json:
        print_json({"mix": plan.mix} | ({"path": str(written)} if written else {}))
        return 0
    left_out = {each.name for each in manifest.sources if each.kind == "document"}
    _print(plan.mix, sorted(left_out - ready.recipe.sources))
    if written:
        say(written)
    return 0


def _print(mix: Mix, left_out: list[str]) -> None:
    sample = "" if mix.fraction == "1" else f", {mix.fraction} of it"
    release = f"{mix.release.name}-{mix.release.version}"
    own = mix.tokenizer.name not in _built_in()
    header = ("source", "documents", *_units(own), "epochs", "mixed documents")
    rows = [
        (
            share.name,
            *_cells(share.there, own),
            f"{share.epochs:,.6g}",
            f"{share.mixed.documents:,}",
        )
        for share in mix.sources
    ]
    rows.append(("all", *_cells(mix.there, own), "", f"{mix.mixed.documents:,}"))
    mixed = [
        (*row, f"{amount.in_unit(mix.unit):,}", f"{100 * weight:.2f}")
        for row, amount, weight in zip(
            rows,
            (*(share.mixed for share in mix.sources), mix.mixed),
            (*(share.weight for share in mix.sources), 1.0),
            strict=True,
        )
    ]
    title = f"{mix.name}: {mix.split} of {release}{sample}"
    print_table(title, (*header, f"mixed {mix.unit}", "weight %"), mixed)
    if left_out:
        say(f"not in the recipe: {', '.join(left_out)}")
    _print_tokens(mix)


def _built_in() -> tuple[str, ...]:
    """Return the tokenizers whose tokens another column counts already."""
    from pipeline.mix.tokenizer import BUILT_IN  # noqa: PLC0415  loads only for who needs it

    return BUILT_IN


def _units(own: bool) -> tuple[str, ...]:
    return ("bytes", "characters", "words", *(("tokens",) if own else ()))


def _cells(amount: Amount, own: bool) -> tuple[str, ...]:
    values = (amount.documents, amount.bytes, amount.characters, amount.words)
    return tuple(f"{value:,}" for value in (*values, *((amount.tokens,) if own else ())))


def _print_tokens(mix: Mix) -> None:
    """Say what a token is and how losses in nats a token become bits a byte."""
    told = mix.tokenizer
    of = f" (SHA-256 {told.sha256})" if told.sha256 else ""
    ratio = mix.tokens_per_byte
    say(f"tokens: {told.name}{of}, {mix.mixed.tokens:,} in the mix, {ratio:.6f} a byte")
    say(f"bits per byte = nats per token x {ratio / math.log(2):.6f}")
