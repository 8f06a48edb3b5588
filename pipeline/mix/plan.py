"""What a mix comes to: epochs from weights, and how much of each source it really takes, counted."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from filters.size import UNICODE
from manifests import addressing
from manifests.mix import addresses, epochs_of, limits_of
from manifests.mix_account import Amount, Base, Mix, Share
from pipeline.errors import ConfigError
from pipeline.mix.measure import Row, Shard, Task, measure, read_rows, shards_of
from pipeline.mix.tokenizer import Chosen, choose
from pipeline.published import read_manifest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pipeline.mix.recipe import Ready

_WHOLE = Fraction(1)


class Plan(NamedTuple):
    """A mix that is counted and may be written: its account, its shards with their rows, its passes."""

    mix: Mix
    release: Path
    shards: tuple[tuple[Shard, Path], ...]
    picker: Picker


class Picker(NamedTuple):
    """Which documents are in, and where: the passes over each source, the sample of the release."""

    seed: int
    limits: Mapping[str, tuple[int, ...]]
    release_seed: int
    fraction: Fraction

    def is_there(self, id: str) -> bool:  # noqa: A002  the record's own word
        """Say whether the sample of the release holds a document."""
        if self.fraction == _WHOLE:
            return True
        return addressing.in_fraction(addressing.address(self.release_seed, id), self.fraction)

    def places(self, source: str, id: str) -> Iterator[bytes]:  # noqa: A002  the record's own word
        """Yield where a document lies in the mix, once for each pass that takes it."""
        return addresses(self.seed, self.limits[source], id)


def make_plan(
    release: Path, ready: Ready, rows: Path, *, fraction: Fraction = _WHOLE, workers: int = 1
) -> Plan:
    """Count a mix; `rows` is an empty folder for what is counted, 40 to 100 bytes a document.

    Raises:
        ConfigError: the tokenizer is not there, or a weight cannot be met.
        IntegrityError: the release is damaged.
    """
    manifest, recipe = read_manifest(release), ready.recipe
    tokenizer = choose(recipe.tokenizer, ready.path.parent, recipe.tokenizer_sha256)
    # weights say how much of the whole release is read, also where a sample is asked for
    counted = shards_of(release, manifest, recipe, _WHOLE if recipe.weights else fraction)
    shards = tuple((shard, rows / f"{number:07d}") for number, shard in enumerate(counted))
    measure([Task(release, shard, tokenizer, path) for shard, path in shards], workers)
    epochs = _epochs(ready, shards)
    limits = {name: limits_of(each) for name, each in epochs.items()}
    picker = Picker(recipe.seed, limits, manifest.build.seed, fraction)
    base = Base(name=manifest.name, version=manifest.version, content_root=manifest.content_root)
    mix = _account(ready, base, tokenizer, epochs, _amounts(shards, picker), fraction)
    return Plan(mix, release, shards, picker)


def _epochs(ready: Ready, shards: tuple[tuple[Shard, Path], ...]) -> dict[str, Fraction]:
    """Resolve the weights by what there is of each source."""
    recipe = ready.recipe
    totals: Counter[str] = Counter()
    if recipe.weights:
        for shard, path in shards:
            totals[shard.source] += sum(getattr(row, recipe.unit) for row in read_rows(path))
    try:
        return epochs_of(recipe, totals)
    except ValueError as error:
        lines = str(error).splitlines()
        raise ConfigError("\n".join(f"mix: {ready.path}: mix.{line}" for line in lines)) from error


def _amounts(
    shards: tuple[tuple[Shard, Path], ...], picker: Picker
) -> dict[str, tuple[Amount, Amount]]:
    """Add up what there is of each source, and what the mix takes of it."""
    sums = {name: ([0] * 5, [0] * 5) for name in picker.limits}
    for shard, path in shards:
        there, mixed = sums[shard.source]
        for row in filter(lambda row: picker.is_there(row.id), read_rows(path)):
            _add(there, row, 1)
            _add(mixed, row, sum(1 for _ in picker.places(shard.source, row.id)))
    return {name: (_amount(there), _amount(mixed)) for name, (there, mixed) in sums.items()}


def _add(sums: list[int], row: Row, times: int) -> None:
    if times:
        for place, value in enumerate((1, *row[1:])):
            sums[place] += times * value


def _amount(sums: list[int]) -> Amount:
    return Amount(**dict(zip(Amount.__struct_fields__, sums, strict=True)))


def _account(
    ready: Ready,
    base: Base,
    tokenizer: Chosen,
    epochs: Mapping[str, Fraction],
    amounts: Mapping[str, tuple[Amount, Amount]],
    fraction: Fraction,
) -> Mix:
    recipe = ready.recipe
    there = sum((each for each, _ in amounts.values()), Amount())
    mixed = sum((each for _, each in amounts.values()), Amount())
    whole = mixed.in_unit(recipe.unit)
    return Mix(
        name=recipe.name,
        seed=recipe.seed,
        split=recipe.split,
        unit=recipe.unit,
        fraction=str(fraction),
        recipe_sha256=ready.sha256,
        release=base,
        tokenizer=tokenizer.told,
        unicode=UNICODE,
        sources=tuple(
            Share(
                name=name,
                there=amounts[name][0],
                epochs=float(each),
                mixed=amounts[name][1],
                weight=amounts[name][1].in_unit(recipe.unit) / whole if whole else 0.0,
            )
            for name, each in epochs.items()
        ),
        there=there,
        mixed=mixed,
        tokens_per_byte=mixed.tokens_per_byte,
    )
