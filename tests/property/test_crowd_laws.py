"""The join of a crowd finds what comparing every pair would find, and strikes whom a leader resembles."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.dedup.candidates import EARLIER, GHOST, LIVING, QUESTION, allowed_pairs
from pipeline.dedup.crowd import Joined, Members, join

sets = st.lists(st.sets(st.integers(0, 24), max_size=16), max_size=14)
headed = st.lists(st.sets(st.integers(20, 60), max_size=6), max_size=14).map(
    lambda bodies: [body | set(range(16)) for body in bodies]
)
thresholds = st.fractions(Fraction(3, 10), Fraction(1), max_denominator=20)


def joined(found: list[set[int]], threshold: Fraction, *, always: bool) -> Joined:
    offsets = np.cumsum([0, *map(len, found)])
    flat = np.array([each for one in found for each in sorted(one)], np.uint64)
    kinds, lead = np.zeros(len(found), np.uint8), np.full(len(found), always)
    return join(Members(flat, offsets, kinds, lead), threshold, allowed_pairs(ghosts_only=False))


def near(a: set[int], b: set[int], threshold: Fraction) -> bool:
    return bool(a | b) and Fraction(len(a & b), len(a | b)) >= threshold


@given(sets | headed, thresholds)
def test_when_all_lead_all_pairs_are_found(found: list[set[int]], threshold: Fraction) -> None:
    result = joined(found, threshold, always=True)
    expected = [
        [a, b] for b in range(len(found)) for a in range(b) if near(found[a], found[b], threshold)
    ]
    assert sorted(result.pairs.tolist()) == sorted(expected)
    assert not result.struck.any()


@given(sets | headed, thresholds)
def test_leaders_strike_as_keep_first_does(found: list[set[int]], threshold: Fraction) -> None:
    result = joined(found, threshold, always=False)
    leaders: list[int] = []
    expected = []
    for index, mine in enumerate(found):
        like = [leader for leader in leaders if near(found[leader], mine, threshold)]
        expected += [[leader, index] for leader in like]
        if not like:
            leaders.append(index)
    assert sorted(result.pairs.tolist()) == sorted(expected)
    assert np.flatnonzero(~result.struck).tolist() == leaders


@given(sets | headed, thresholds, st.randoms(use_true_random=False))
def test_only_pairs_that_decide_anything_are_found(
    found: list[set[int]], threshold: Fraction, draw: random.Random
) -> None:
    allowed = allowed_pairs(ghosts_only=False)
    kinds = sorted((draw.choice((LIVING, QUESTION, EARLIER, GHOST)) for _ in found), reverse=True)
    offsets = np.cumsum([0, *map(len, found)])
    flat = np.array([each for one in found for each in sorted(one)], np.uint64)
    array = np.array(kinds, np.uint8)
    result = join(Members(flat, offsets, array, array >= EARLIER), threshold, allowed)
    leaders: list[int] = []
    expected = []
    for index, mine in enumerate(found):
        like = [
            leader
            for leader in leaders
            if allowed[kinds[leader], kinds[index]] and near(found[leader], mine, threshold)
        ]
        expected += [[leader, index] for leader in like]
        if kinds[index] >= EARLIER or (kinds[index] == LIVING and not like):
            leaders.append(index)
    assert sorted(result.pairs.tolist()) == sorted(expected)


def test_a_threshold_of_many_digits_loses_nothing() -> None:
    found = [{*range(10)}, {*range(9)}, {*range(8)}]
    threshold = Fraction("0.9000000000000001")
    assert threshold.denominator > 1 << 40
    pairs = joined(found, threshold, always=True).pairs.tolist()
    assert pairs in ([], [[0, 1]])  # 9/10 is a little less, and may come to be verified
    assert joined(found, threshold - Fraction(1, 10**12), always=True).pairs.tolist() == [[0, 1]]


def test_a_crowd_below_the_threshold_is_joined_fast() -> None:
    """8,000 sets of 240 elements, 200 of them common: similarity 0.71, and one true pair in twenty."""
    rng = np.random.default_rng(5)
    common = np.arange(200, dtype=np.uint64)
    own = rng.integers(1 << 20, 1 << 62, (8_000, 40), np.uint64)
    own[19::20] = own[18::20]
    own[19::20, 0] += np.uint64(1)
    flat = np.sort(np.concatenate([np.tile(common, (8_000, 1)), own], axis=1), axis=1)
    offsets = np.arange(8_001) * 240
    members = Members(flat.ravel(), offsets, np.zeros(8_000, np.uint8), np.zeros(8_000, np.bool_))
    result = join(members, Fraction(4, 5), allowed_pairs(ghosts_only=False))
    assert result.pairs.tolist() == [[n - 1, n] for n in range(19, 8_000, 20)]
