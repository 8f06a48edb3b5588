"""Laws of a mix: no document moves another, more only adds, sizes are as promised, order is fair."""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction
from math import sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.size import size_of
from manifests.addressing import address, in_fraction, shard_of, shards_in
from manifests.mix import Recipe, addresses, epochs_of, limits_of

SEEDS = st.integers(0, 2**64 - 1)
EPOCHS = st.fractions(Fraction(1, 100), 4, max_denominator=100)
IDS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), unique=True)
ENOUGH = 4_000


def mixed(seed: int, epochs: Fraction, ids: list[str]) -> list[tuple[bytes, str]]:
    """The whole mix of one source: its order and whose document lies where."""
    limits = limits_of(epochs)
    return sorted((place, name) for name in ids for place in addresses(seed, limits, name))


def deviations(found: int, tries: int, share: float) -> float:
    """How many standard deviations a count lies from what is expected."""
    return abs(found - tries * share) / max(sqrt(tries * share * (1 - share)), 1)


@given(SEEDS, EPOCHS, IDS, st.data())
def test_a_document_that_leaves_moves_no_other(
    seed: int, epochs: Fraction, ids: list[str], data: st.DataObject
) -> None:
    gone = set(data.draw(st.lists(st.sampled_from(ids)))) if ids else set()
    rest = [name for name in ids if name not in gone]
    before = [item for item in mixed(seed, epochs, ids) if item[1] not in gone]
    assert mixed(seed, epochs, rest) == before


@given(SEEDS, EPOCHS, EPOCHS, IDS)
def test_more_epochs_only_add(seed: int, one: Fraction, other: Fraction, ids: list[str]) -> None:
    fewer, more = sorted((one, other))
    assert set(mixed(seed, fewer, ids)) <= set(mixed(seed, more, ids))


@given(SEEDS, EPOCHS, IDS)
def test_each_document_is_read_the_whole_epochs_and_at_most_once_more(
    seed: int, epochs: Fraction, ids: list[str]
) -> None:
    times = Counter(name for _, name in mixed(seed, epochs, ids))
    assert all(int(epochs) <= times[name] <= -(-epochs // 1) for name in ids)


@settings(max_examples=20)
@given(SEEDS, EPOCHS)
def test_sizes_are_as_promised(seed: int, epochs: Fraction) -> None:
    ids = [str(number) for number in range(ENOUGH)]
    whole, rest = divmod(epochs, 1)
    extra = len(mixed(seed, epochs, ids)) - whole * ENOUGH
    assert deviations(extra, ENOUGH, float(rest)) < 6


@settings(max_examples=20)
@given(SEEDS, EPOCHS)
def test_every_part_of_the_order_has_its_share_of_every_pass(seed: int, epochs: Fraction) -> None:
    ids = [str(number) for number in range(ENOUGH)]
    limits = limits_of(epochs)
    passes = [(0,) * number + (limit,) for number, limit in enumerate(limits)]
    for only in passes:  # a limit of 0 takes nothing: one pass alone
        taken = [place for name in ids for place in addresses(seed, only, name)]
        parts = Counter(shard_of(place, 8) for place in taken)
        assert all(deviations(parts[part], len(taken), 1 / 8) < 6 for part in range(8))


@settings(max_examples=20)
@given(SEEDS, st.integers(0, 2**64 - 1))
def test_another_seed_and_another_pass_are_another_order(seed: int, other: int) -> None:
    ids = [str(number) for number in range(400)]
    (first, second) = zip(
        *(addresses(seed, limits_of(Fraction(2)), name) for name in ids), strict=True
    )
    same = sum(
        (a < b) == (c < d) for a, b, c, d in zip(first, first[1:], second, second[1:], strict=False)
    )
    assert deviations(same, len(ids) - 1, 0.5) < 7
    if seed != other:
        assert set(first).isdisjoint(place for _, place in mixed_places(other, ids))


def mixed_places(seed: int, ids: list[str]) -> list[tuple[str, bytes]]:
    return [(name, place) for place, name in mixed(seed, Fraction(1), ids)]


@given(
    st.dictionaries(st.sampled_from("abcd"), st.floats(0.01, 100), min_size=1),
    st.integers(10**5, 10**12),
    st.data(),
)
def test_weights_are_shares_of_the_size(
    weights: dict[str, float], size: int, data: st.DataObject
) -> None:
    totals = {name: data.draw(st.integers(size // 100 + 1, size)) for name in weights}
    recipe = Recipe(name="m", weights=weights, size=size)
    epochs = epochs_of(recipe, totals)
    for name, weight in weights.items():
        share = epochs[name] * totals[name] / size
        assert float(share) == pytest.approx(weight / sum(weights.values()), rel=1e-6, abs=1e-6)
    # what mix.json says can be written into a recipe: nothing is lost on the way
    pinned = Recipe(name="m", epochs={name: float(each) for name, each in epochs.items()})
    assert epochs_of(pinned, {}) == epochs


@given(
    st.dictionaries(st.sampled_from("abcd"), st.floats(0.01, 100), min_size=1),
    st.floats(1, 5),
    st.integers(10**6, 10**9),
)
def test_a_larger_weight_never_reads_its_source_less(
    weights: dict[str, float], factor: float, size: int
) -> None:
    totals = dict.fromkeys(weights, 10**6)
    grown = {
        name: weight * (factor if name == min(weights) else 1) for name, weight in weights.items()
    }
    few, many = (
        epochs_of(Recipe(name="m", weights=each, size=size), totals) for each in (weights, grown)
    )
    assert few[min(weights)] <= many[min(weights)]


@given(SEEDS, st.fractions(Fraction(1, 1000), 1), st.fractions(Fraction(1, 1000), 1), IDS)
def test_a_larger_fraction_holds_a_smaller_one(
    seed: int, one: Fraction, other: Fraction, ids: list[str]
) -> None:
    less, more = sorted((one, other))
    for name in ids:
        place = address(seed, name)
        assert in_fraction(place, more) or not in_fraction(place, less)
        assert in_fraction(place, less) == (int.from_bytes(place, "big") < less * 2**256)
        assert not in_fraction(place, less) or shard_of(place, 64) < shards_in(less, 64)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_sizes_are_those_of_python(text: str) -> None:
    assert size_of(text) == (len(text.encode()), len(text), len(re.findall(r"\w+", text)))
