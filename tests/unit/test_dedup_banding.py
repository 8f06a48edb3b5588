"""Facts about bands and rows: what is chosen for a threshold, and how often a pair is found."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from pipeline.dedup.banding import RECALL, Banding, candidate_probability, choose_bands
from pipeline.dedup.minhash import SignatureSpec, band_keys, sign
from pipeline.dedup.shingles import shingle_sets
from pipeline.errors import ConfigError


@pytest.mark.parametrize(
    ("threshold", "few", "many"),
    [
        ("0.5", (64, 2), (85, 3)),
        ("0.7", (32, 4), (51, 5)),
        ("0.8", (25, 5), (36, 7)),
        (Fraction(4, 5), (25, 5), (36, 7)),
        ("0.9", (16, 8), (23, 11)),
        ("0.95", (10, 12), (15, 17)),
        ("1", (1, 128), (1, 256)),
        ("0.001", (128, 1), (256, 1)),  # out of reach: the nearest there is
    ],
)
def test_bands_that_are_chosen(
    threshold: str | Fraction, few: tuple[int, int], many: tuple[int, int]
) -> None:
    assert choose_bands(threshold, 0) == choose_bands(threshold, 16 << 30) == Banding(128, *few)
    assert choose_bands(threshold, (16 << 30) + 1) == Banding(256, *many)


def test_rows_are_the_most_that_reach_the_recall() -> None:
    for percent in range(6, 101):
        for size in (1, 1 << 40):
            minima, bands, rows = choose_bands(Fraction(percent, 100), size)
            reached = [
                1 - (1 - (percent / 100) ** r) ** (minima // r) >= float(RECALL)
                for r in range(1, minima + 1)
            ]
            assert rows == max(r for r, enough in enumerate(reached, 1) if enough)
            assert bands == minima // rows
            SignatureSpec(minima=minima, bands=bands, rows=rows)


def test_the_table_in_the_docstring_is_what_is_chosen() -> None:
    lines = [line.split() for line in (choose_bands.__doc__ or "").splitlines()]
    table = [line for line in lines if len(line) == 7 and line[0].startswith("0.")]
    assert len(table) == 8
    for threshold, *cells in table:
        for size, (cut, *shares) in zip((0, 1 << 40), (cells[:3], cells[3:]), strict=True):
            _, bands, rows = choose_bands(threshold, size)
            assert cut == f"{bands}x{rows}"
            found = [candidate_probability(likeness, bands, rows) for likeness in (0.3, 0.5)]
            assert shares == [f"{share:.3f}" for share in found]


@pytest.mark.parametrize("wrong", ["0", "-0.1", "1.01", "much", "1/0", "nan"])
def test_a_threshold_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(ConfigError, match=r"^near: threshold: "):
        choose_bands(wrong, 0)


def test_candidates_are_as_frequent_as_the_formula_says() -> None:
    # A pair shares the first part of its tokens, so its shingle sets have a known similarity.
    pairs, shared, own = 600, 64, 20  # of shingles: 64 / (64 + 2 * 20)
    texts = []
    for pair in range(pairs):
        common = " ".join(f"s{pair}_{i}" for i in range(shared + 4))
        texts += [" ".join([common, *(f"{side}{pair}_{i}" for i in range(own))]) for side in "ab"]
    sets = shingle_sets(texts[:2], SignatureSpec())
    one, two = (set(part.tolist()) for part in np.split(sets.flat, sets.offsets[1:-1]))
    assert (len(one & two), len(one | two)) == (shared, shared + 2 * own)
    for bands, rows in ((25, 5), (16, 8)):
        spec = SignatureSpec(bands=bands, rows=rows)
        keys = band_keys(sign(texts, spec).minima, spec)
        share = float((keys[::2] == keys[1::2]).any(axis=1).mean())
        expected = candidate_probability(shared / (shared + 2 * own), bands, rows)
        assert 0.1 < expected < 0.95
        assert abs(share - expected) < 4 * math.sqrt(expected * (1 - expected) / pairs)
    likelihoods = [candidate_probability(percent / 100, 25, 5) for percent in range(101)]
    assert likelihoods[0] == 0
    assert likelihoods[-1] == 1
    assert all(a <= b for a, b in pairwise(likelihoods))
