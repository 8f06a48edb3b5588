"""Laws of bits per byte: code lengths are those of probabilities, and bits of parts are the bits of the whole."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.bpb import kernels
from pipeline.bpb.compressors import bzip2, xz, zstd
from pipeline.bpb.kernels import MARK, SCALE, SYMBOLS
from pipeline.bpb.measure import Measured, add_up, mean_rates, whole
from pipeline.bpb.model import FRACTION_BITS, ONE_BIT
from pipeline.bpb.neural import windows
from pipeline.bpb.ngram import NGram, train

texts = st.binary(max_size=60) | st.text("ab \n", max_size=60).map(str.encode)
corpora = st.lists(texts, max_size=6)
orders = st.integers(1, 4)
rows = st.builds(
    Measured,
    st.text(max_size=3),
    st.sampled_from("abc"),
    st.sampled_from(("validation", "test")),
    st.sampled_from(("MIT", "CC0-1.0")),
    st.sampled_from(("en", "ko")),
    st.integers(0, 1 << 40),
    st.tuples(st.integers(0, 1 << 70), st.integers(0, 1 << 70)),
)


def trained(order: int, corpus: list[bytes], *, adaptive: bool = False) -> NGram:
    return train(order, [(text, True) for text in corpus])._replace(adaptive=adaptive)


class Slow:
    """The model once more, from its definition: whole runs in dictionaries, probabilities as fractions."""

    def __init__(self, order: int, corpus: list[bytes]) -> None:
        self.order = order
        self.counts: dict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
        for text in corpus:
            symbols = [MARK, *text, MARK]
            for at in range(1, len(symbols)):
                for length in range(min(order, at), -1, -1):
                    followers = self.counts[tuple(symbols[at - length : at])]
                    followers[symbols[at]] += 1
                    if followers[symbols[at]] > 1:
                        break

    def probability(self, context: list[int], symbol: int, discounts: list[list[int]]) -> Fraction:
        chance = Fraction(1, SYMBOLS)
        for length in range(min(self.order, len(context)) + 1):
            followers = self.counts.get(tuple(context[len(context) - length :]))
            if followers:
                found = [Fraction(each, 64) for each in discounts[length]]
                held = sum(found[min(count, 3)] for count in followers.values())
                own = followers[symbol] - found[min(followers[symbol], 3)]
                chance = (own + held * chance) / followers.total()
        return chance


@given(orders, corpora, texts)
@settings(max_examples=150)
def test_the_model_is_the_one_of_the_papers(order: int, corpus: list[bytes], text: bytes) -> None:
    model, slow = trained(order, corpus), Slow(order, corpus)
    symbols, expected = [MARK, *text, MARK], 0.0
    for at in range(1, len(symbols)):
        chance = slow.probability(symbols[:at], symbols[at], model.discounts.tolist())
        expected -= math.log2(chance)
    (bits,) = model.bits([text])
    assert bits / ONE_BIT == pytest.approx(expected, rel=1e-4)


@given(orders, corpora, st.binary(max_size=8))
def test_probabilities_add_up_to_one_and_to_no_more(
    order: int, corpus: list[bytes], context: bytes
) -> None:
    model = trained(order, corpus)
    found = model.counts.spread(context, model.discounts)
    assert len(found) == SYMBOLS
    assert min(found) >= 1
    assert (1 - 2**-14) * 2**SCALE < sum(found) <= 2**SCALE


@given(st.integers(1, 1 << SCALE))
def test_a_code_length_is_the_logarithm_rounded_up(chance: int) -> None:
    found = kernels.code_length(chance)
    assert found >= 0
    assert found / ONE_BIT == pytest.approx(SCALE - math.log2(chance), abs=2 / ONE_BIT)
    assert kernels._FRACTION_BITS == FRACTION_BITS


@given(orders, corpora, corpora, st.randoms(use_true_random=False), st.booleans())
def test_bits_depend_on_no_other_document(
    order: int, corpus: list[bytes], told: list[bytes], draw: Random, adaptive: bool
) -> None:
    model = trained(order, corpus, adaptive=adaptive)
    together = dict(zip(told, model.bits(told), strict=True))
    size = len(model.counts)
    draw.shuffle(told)
    assert [model.bits([text])[0] for text in told] == [together[text] for text in told]
    assert len(model.counts) == size
    assert all(bits > 0 for bits in together.values())


@given(orders, corpora, texts)
def test_what_was_learnt_from_a_document_is_forgotten(
    order: int, corpus: list[bytes], text: bytes
) -> None:
    model = trained(order, corpus)
    before = model.bits([text, b"a"])
    model.counts.score_adaptive(text, model.discounts)
    assert model.bits([text, b"a"]) == before
    used = len(model.counts)
    assert not model.counts._nodes[used:].any()
    assert (model.counts._table[:, 0] >= 0).sum() == used - 1


@given(st.lists(rows, max_size=20), st.randoms(use_true_random=False))
def test_bits_of_parts_are_the_bits_of_the_whole(measured: list[Measured], draw: Random) -> None:
    total = whole(add_up(measured, "source", 2).values(), 2)
    draw.shuffle(measured)
    for by in ("source", "license", "language"):
        assert whole(add_up(measured, by, 2).values(), 2) == total
    assert total.bits == (
        sum(each.bits[0] for each in measured),
        sum(each.bits[1] for each in measured),
    )
    assert total.bytes == sum(each.bytes for each in measured)


@given(st.lists(rows.filter(lambda row: row.bytes > 0), min_size=1, max_size=20))
def test_the_mean_by_bytes_is_the_rate_of_the_whole(measured: list[Measured]) -> None:
    groups = add_up(measured, "source", 2)
    total = whole(groups.values(), 2)
    weights = {name: Fraction(each.bytes, 7) for name, each in groups.items()}
    expected = tuple(float(Fraction(bits, ONE_BIT * total.bytes)) for bits in total.bits)
    assert mean_rates(groups, weights, 2) == expected


@given(st.binary(max_size=300))
def test_a_compressor_tells_what_it_compresses_to(text: bytes) -> None:
    for compressor in (zstd(), xz(), bzip2()):
        (bits,) = compressor.bits([text])
        assert bits % (8 * ONE_BIT) == 0
        assert bits == 8 * ONE_BIT * compressor.size(text) > 0


@given(st.integers(0, 60), st.integers(2, 12), st.data())
def test_windows_count_each_token_but_the_first_once(
    tokens: int, length: int, data: st.DataObject
) -> None:
    overlap = data.draw(st.integers(1, length - 1))
    found = list(windows(tokens, length, overlap))
    counted = [token for each in found for token in range(each.first, each.stop)]
    assert counted == list(range(1, tokens))
    for each in found:
        assert each.stop - each.start <= length
        assert each.first - each.start >= min(each.first, overlap)
        assert each.start >= 0
