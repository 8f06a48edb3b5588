"""A mix: which documents of a release a training run reads, how often, and in which order.

A release holds each document once; a mix is a view of it. Whether pass number n over a source takes
a document, and where it lies then, follow from SHA-256(domain, seed, n, id) alone: no document moves
another, and more epochs only add. (Epochs and weights per source as in Gao et al. 2020, "The Pile",
arXiv:2101.00027, table 1.)
"""

from __future__ import annotations

from fractions import Fraction
from hashlib import sha256
from math import ceil, isfinite
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from manifests.checksum import SHA256_HEX

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Unit = Literal["bytes", "characters", "words", "tokens"]

MAX_EPOCHS: Final = 1000
MAX_SHARDS: Final = 1 << 16
_STEP: Final = 10**9  # epochs are whole billionths, so that mix.json can say exactly what was used
_DOMAIN: Final = b"gristmill-mix-1\0"
_WHOLE: Final = 1 << 64


class Recipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[mix]` of a recipe. `size` is what the whole mix is to hold, in `unit`.

    Either `epochs` alone; or `weights`, shares of the mix by `unit` in any scale, with `size` or with
    the epochs of one of their sources. `shards` 0 picks a number by size; `tokenizer_sha256`, where
    given, is what the tokenizer's file must hash to.
    """

    name: str
    seed: int = 0
    split: Literal["train", "validation", "test"] = "train"
    unit: Unit = "bytes"
    tokenizer: str = "words-1"
    tokenizer_sha256: str = ""
    size: int = 0
    shards: int = 0
    epochs: dict[str, float] = {}
    weights: dict[str, float] = {}

    @property
    def sources(self) -> frozenset[str]:
        """The sources that it names."""
        return frozenset(self.epochs) | frozenset(self.weights)


def mistakes(recipe: Recipe) -> list[str]:
    """Say what types cannot: one `key: problem` for each mistake, in the order of the keys."""
    found = []
    if not 0 <= recipe.seed < _WHOLE:
        found.append("seed: between 0 and 2^64 - 1")
    if recipe.tokenizer_sha256 and SHA256_HEX.fullmatch(recipe.tokenizer_sha256) is None:
        found.append("tokenizer_sha256: 64 lower-case hex digits")
    if recipe.shards and not _power_of_two(recipe.shards):
        found.append(f"shards: a power of two up to {MAX_SHARDS}, or 0 to pick one")
    if recipe.size < 0:
        found.append(f"size: {recipe.size} is no size")
    found += [
        f"epochs.{name}: above 0 and at most {MAX_EPOCHS}; leave a source out to read none of it"
        for name, value in sorted(recipe.epochs.items())
        if not 0 < value <= MAX_EPOCHS or not _rounded(_exact(value))
    ]
    found += [
        f"weights.{name}: above 0; leave a source out to read none of it"
        for name, value in sorted(recipe.weights.items())
        if not (value > 0 and isfinite(value))
    ]
    return found + _forms(recipe)


def _power_of_two(number: int) -> bool:
    return 0 < number <= MAX_SHARDS and number & (number - 1) == 0


def _forms(recipe: Recipe) -> list[str]:
    """Check that it is one of the three forms of a recipe."""
    if not recipe.weights:
        if not recipe.epochs:
            return ["epochs: give [mix.epochs], or [mix.weights] with a size"]
        return ["size: the epochs say how much there is: leave it out"] if recipe.size else []
    if recipe.epochs and recipe.size:
        return ["size: the epochs of a source say how much there is: leave one of them out"]
    if not recipe.epochs:
        return [] if recipe.size else ["size: weights need it, or the epochs of one source"]
    if len(recipe.epochs) > 1 or not recipe.epochs.keys() <= recipe.weights.keys():
        return ["epochs: beside weights, give those of one source that has a weight"]
    return []


def epochs_of(recipe: Recipe, totals: Mapping[str, int]) -> dict[str, Fraction]:
    """Return the epochs of each source, in whole billionths; `totals` is what it holds, in the unit.

    Raises:
        ValueError: one line for each source of which there is nothing, or which would be read more
            than `MAX_EPOCHS` times.
    """
    if not recipe.weights:
        return {name: _rounded(_exact(value)) for name, value in sorted(recipe.epochs.items())}
    empty = [name for name in sorted(recipe.weights) if totals[name] == 0]
    if empty:
        raise ValueError(
            "\n".join(f"weights.{name}: the split has nothing of it" for name in empty)
        )
    scale = _scale(recipe, totals)
    epochs = {
        name: _rounded(_exact(value) * scale / totals[name])
        for name, value in sorted(recipe.weights.items())
    }
    beyond = [name for name, value in epochs.items() if not 0 < value <= MAX_EPOCHS]
    if beyond:
        raise ValueError(
            "\n".join(
                f"weights.{name}: would be read {float(epochs[name]):,.9g} times: above 0 and at most"
                f" {MAX_EPOCHS}"
                for name in beyond
            )
        )
    return epochs


def _scale(recipe: Recipe, totals: Mapping[str, int]) -> Fraction:
    """Return how much of the unit a weight of one stands for."""
    if recipe.size:
        return recipe.size / sum(map(_exact, recipe.weights.values()), Fraction(0))
    ((anchor, epochs),) = recipe.epochs.items()
    return _exact(epochs) * totals[anchor] / _exact(recipe.weights[anchor])


def _exact(number: float) -> Fraction:
    """Take a number as it was written: 0.1 is a tenth."""
    return Fraction(repr(number))


def _rounded(epochs: Fraction) -> Fraction:
    return Fraction(round(epochs * _STEP), _STEP)


def limits_of(epochs: Fraction) -> tuple[int, ...]:
    """Return for each pass which share of the documents it takes, of 2^64: all but the last take all."""
    whole, rest = divmod(epochs, 1)
    return (_WHOLE,) * whole + ((ceil(rest * _WHOLE),) if rest else ())


def addresses(seed: int, limits: tuple[int, ...], id: str) -> Iterator[bytes]:  # noqa: A002  the record's own word
    """Yield where a document lies in the mix (32 bytes), once for each pass that takes it.

    The last 8 bytes say whether the pass takes it, the order is that of the first ones: were they the
    same, a pass over a tenth of a source would lie in the first tenth of the mix.
    """
    name = id.encode()
    begin = _DOMAIN + seed.to_bytes(8, "big")
    for number, limit in enumerate(limits):
        address = sha256(begin + number.to_bytes(4, "big") + name).digest()
        if int.from_bytes(address[-8:], "big") < limit:
            yield address
