"""Laws of near-duplicate removal, against the definition written out in plain Python."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.dedup.candidates import (
    Rule,
    allowed_pairs,
    compare_short,
    find_runs,
    least_agreement,
    unique_pairs,
)
from pipeline.dedup.minhash import SignatureSpec, band_keys, sign
from pipeline.dedup.shingles import shingle_sets
from pipeline.dedup.survivors import Families, keep_first
from pipeline.dedup.verify import at_least, jaccard

sets_of_numbers = st.lists(st.sets(st.integers(0, 40), max_size=20), min_size=1, max_size=8)
thresholds = st.fractions(0, 1, max_denominator=20)


@given(sets_of_numbers, thresholds)
@settings(max_examples=150, deadline=None)
def test_jaccard_is_that_of_python_sets(parts: list[set[int]], threshold: Fraction) -> None:
    flat = np.array([value for part in parts for value in sorted(part)], np.uint64)
    offsets = np.cumsum([0, *map(len, parts)])
    pairs = np.array([(i, j) for i in range(len(parts)) for j in range(len(parts))])
    overlap = jaccard(flat, offsets, pairs[:, 0], pairs[:, 1])
    expected = [(len(parts[i] & parts[j]), len(parts[i] | parts[j])) for i, j in pairs]
    assert list(zip(*(side.tolist() for side in overlap), strict=True)) == expected
    reached = at_least(overlap.intersection, overlap.union, threshold)
    assert reached.tolist() == [u > 0 and Fraction(i, u) >= threshold for i, u in expected]


@st.composite
def verified(draw: st.DrawFn) -> tuple[int, np.ndarray, np.ndarray, np.ndarray]:
    n = draw(st.integers(1, 12))
    possible = list(combinations(range(n), 2))
    edges = draw(st.lists(st.sampled_from(possible), unique=True)) if possible else []
    union = [draw(st.integers(1, 9)) for _ in edges]
    common = [draw(st.integers(0, most)) for most in union]
    return n, np.array(edges, np.int64).reshape(-1, 2), np.array(common, int), np.array(union, int)


@given(verified(), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_greedy_keeps_the_first_and_names_the_closest(
    graph: tuple[int, np.ndarray, np.ndarray, np.ndarray], rng: random.Random
) -> None:
    n, edges, common, union = graph
    decision = keep_first(edges, common, union, n)
    kept = set[int]()
    likeness = {
        (int(a), int(b)): (int(i), int(u))
        for (a, b), i, u in zip(edges, common, union, strict=True)
    }
    for later in range(n):
        keepers = [hi for hi in kept if (hi, later) in likeness]
        if keepers:
            best = max(keepers, key=lambda hi: (Fraction(*likeness[hi, later]), -hi))
            assert decision.survivor[later] == best
            assert edges[decision.edge[later]].tolist() == [best, later]
        else:
            kept.add(later)
            assert decision.survivor[later] == decision.edge[later] == -1
    assert set(np.flatnonzero(decision.kept).tolist()) == kept
    assert not any(a in kept and b in kept for a, b in likeness)
    order = list(range(len(edges)))
    rng.shuffle(order)
    again = keep_first(edges[order], common[order], union[order], n)
    assert np.array_equal(again.kept, decision.kept)
    assert np.array_equal(again.survivor, decision.survivor)


@given(verified(), st.integers(1, 4))
@settings(max_examples=100, deadline=None)
def test_families_are_the_connected_components(
    graph: tuple[int, np.ndarray, np.ndarray, np.ndarray], step: int
) -> None:
    n, edges, _, _ = graph
    family = list(range(n))
    for a, b in edges.tolist():
        low, high = sorted((family[a], family[b]))
        family = [low if label == high else label for label in family]
    for order in (edges, edges[::-1, ::-1]):
        families = Families(n)
        for start in range(0, len(order), step):
            families.join(order[start : start + step])
        assert families.labels().tolist() == family


@pytest.mark.parametrize("threshold", [Fraction(4, 5), Fraction(7, 10)])
def test_the_whole_way_equals_greedy_over_all_true_pairs(threshold: Fraction) -> None:
    rng = random.Random(7)
    spec = SignatureSpec(minima=256, bands=64, rows=4)
    batch = []
    for _ in range(25):
        words = [f"w{rng.randrange(5000)}" for _ in range(rng.randrange(30, 120))]
        for _ in range(6):
            batch.append(" ".join(words))
            words[rng.randrange(len(words))] = f"x{rng.randrange(5000)}"
    rng.shuffle(batch)
    truth = [set(zip(*(text.split()[i:] for i in range(5)), strict=False)) for text in batch]
    kept: list[int] = []
    for i, mine in enumerate(truth):
        if not any(Fraction(len(mine & truth[k]), len(mine | truth[k])) >= threshold for k in kept):
            kept.append(i)
    lines = np.repeat(np.arange(len(batch)), spec.bands)
    minima = sign(batch, spec).minima
    keys = band_keys(minima, spec).ravel()
    runs = find_runs(keys, lines, lines, np.zeros(len(lines), np.uint8))
    rule = Rule(least_agreement(256, threshold), 256, allowed_pairs(ghosts_only=False))
    assert np.all(runs.stops - runs.starts <= rule.short)
    found = compare_short(runs, minima.astype(np.uint8).__getitem__, rule)
    pairs = unique_pairs(np.concatenate(list(found)))
    overlap = jaccard(*shingle_sets(batch, spec), pairs[:, 0], pairs[:, 1])
    reached = at_least(*overlap, threshold)
    edges = pairs[reached]
    decision = keep_first(edges, overlap.intersection[reached], overlap.union[reached], len(batch))
    assert np.flatnonzero(decision.kept).tolist() == kept
    assert 25 <= len(kept) < len(batch)
