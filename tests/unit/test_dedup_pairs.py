"""Facts about candidates, verification and survivors."""

from __future__ import annotations

import time
from fractions import Fraction

import numpy as np
import pytest

from pipeline.dedup import warm
from pipeline.dedup.candidates import candidate_pairs, least_agreement, signature_filter
from pipeline.dedup.jit import frozen
from pipeline.dedup.minhash import SignatureSpec, band_keys, sign
from pipeline.dedup.shingles import shingle_sets
from pipeline.dedup.survivors import families, keep_first
from pipeline.dedup.verify import at_least, jaccard


def test_no_entries_no_pairs() -> None:
    none = np.empty(0, np.int64)
    found = candidate_pairs(np.empty(0, np.uint64), none, none, 10)
    assert found.pairs.shape == (0, 2)
    assert found.capped_runs == 0
    decision = keep_first(found.pairs, none, none, 3)
    assert decision.kept.all()
    assert families(found.pairs, 3).tolist() == [0, 1, 2]


def test_a_document_is_no_candidate_of_itself_and_a_pair_counts_once() -> None:
    keys = np.array([7, 7, 7, 9, 9], np.uint64)
    docs = np.array([4, 4, 2, 2, 4])
    found = candidate_pairs(keys, docs, docs, 10)
    assert found.pairs.tolist() == [[2, 4]]


def test_the_better_rank_comes_first() -> None:
    found = candidate_pairs(np.full(2, 5, np.uint64), np.array([0, 1]), np.array([9, 3]), 10)
    assert found.pairs.tolist() == [[1, 0]]


def test_every_member_of_a_capped_run_meets_its_first() -> None:
    n, window = 10_000, 16
    docs = np.arange(n)
    rank = (docs * 7919) % n
    found = candidate_pairs(np.full(n, 3, np.uint64), docs, rank, 2000, window=window)
    assert found.capped_runs == 1
    first = int(np.argmin(rank))
    assert set(found.pairs[found.pairs[:, 0] == first, 1].tolist()) == set(docs.tolist()) - {first}
    near = rank[found.pairs[:, 1]] - rank[found.pairs[:, 0]]
    assert set(near[found.pairs[:, 0] != first].tolist()) == set(range(1, window + 1))


def test_keys_of_one_prefix_partition_are_still_told_apart() -> None:
    rng = np.random.default_rng(3)
    keys = rng.integers(0, 1 << 40, 20_000, np.uint64) | np.uint64(0xABC << 52)
    keys[5_000:5_100] = keys[:100]
    docs = np.arange(len(keys))
    pairs = candidate_pairs(keys, docs, docs, 100).pairs
    assert pairs.tolist() == [[i, i + 5_000] for i in range(100)]


@pytest.mark.parametrize(("threshold", "least"), [(Fraction(4, 5), 84), (Fraction(7, 10), 68)])
def test_the_sieve_stands_four_sigma_below(threshold: Fraction, least: int) -> None:
    assert least_agreement(128, threshold) == least
    assert least_agreement(128, float(threshold)) == least
    one = np.zeros((2, 128), np.uint32)
    other = np.zeros((2, 128), np.uint32)
    other[0, least:], other[1, least - 1 :] = 1, 1
    assert signature_filter(one, other, threshold).tolist() == [True, False]


@pytest.mark.parametrize("minima", [1, 7, 100, 128, 256])
def test_the_sieve_is_exact(minima: int) -> None:
    def stands(count: int, p: int, q: int) -> bool:  # count <= K (t - 4 sigma), squared
        below = minima * p - count * q
        return below >= 0 and below**2 >= 16 * minima * p * (q - p)

    for q in range(2, 40):
        for p in range(1, q + 1):
            least = least_agreement(minima, Fraction(p, q))
            assert least == max([0, *(c for c in range(1, minima + 1) if stands(c, p, q))])


def test_the_ends_of_the_sieve() -> None:
    assert least_agreement(128, Fraction(1)) == 128
    assert least_agreement(128, Fraction(1, 100)) == 0


def test_a_similarity_at_the_threshold_reaches_it() -> None:
    inter, union = np.array([7, 4, 699_999, 0]), np.array([10, 5, 1_000_000, 0])
    assert at_least(inter, union, Fraction(7, 10)).tolist() == [True, True, False, False]
    # As a float 0.7 is a little less than 7/10, with a denominator that 64 bits cannot multiply.
    assert at_least(inter, union, Fraction(0.7)).tolist() == [True, True, False, False]
    assert at_least(inter, union, Fraction(0)).tolist() == [True, True, True, False]


def test_nothing_is_removed_through_a_chain() -> None:
    # 0-1 and 1-2 are alike, 0-2 are not: 1 goes for 0, and 2 stays though it is like 1.
    edges, ones = np.array([[1, 2], [0, 1]]), np.array([8, 9])
    decision = keep_first(edges, ones, np.array([10, 10]), 3)
    assert decision.kept.tolist() == [True, False, True]
    assert decision.survivor.tolist() == [-1, 0, -1]
    assert (decision.intersection[1], decision.union[1]) == (9, 10)
    assert families(edges, 3).tolist() == [0, 0, 0]


def test_the_survivor_is_the_closest_and_of_equals_the_first() -> None:
    edges = np.array([[0, 3], [1, 3], [2, 3]])
    decision = keep_first(edges, np.array([8, 9, 18]), np.array([10, 10, 20]), 4)
    assert decision.survivor.tolist() == [-1, -1, -1, 1]


def test_a_pair_out_of_order_is_refused() -> None:
    with pytest.raises(ValueError, match="earlier rank"):
        keep_first(np.array([[2, 1]]), np.array([1]), np.array([1]), 3)


def test_a_long_path_is_one_family() -> None:
    n = 200_000
    steps = np.arange(n - 1)
    assert not families(np.stack([steps[::-1], steps[::-1] + 1], axis=1), n).any()


def test_ten_thousand_near_copies_leave_one_in_seconds() -> None:
    spec = SignatureSpec()
    body = " ".join(f"word{number}" for number in range(200))
    texts = [f"{body} copy {number}" for number in range(10_000)]
    began = time.process_time()
    minima = sign(texts, spec).minima
    documents = np.repeat(np.arange(len(texts)), spec.bands)
    found = candidate_pairs(band_keys(minima, spec).ravel(), documents, documents, 512)
    assert found.capped_runs > 0
    overlap = jaccard(*shingle_sets(texts, spec), found.pairs[:, 0], found.pairs[:, 1])
    reached = at_least(*overlap, Fraction(4, 5))
    edges, inter, union = (
        found.pairs[reached],
        overlap.intersection[reached],
        overlap.union[reached],
    )
    assert np.flatnonzero(keep_first(edges, inter, union, len(texts)).kept).tolist() == [0]
    assert time.process_time() - began < 20


def test_one_compilation_serves_mapped_and_fresh_arrays() -> None:
    fresh = np.arange(8, dtype=np.int64)
    view = frozen(fresh, np.int64)
    assert not view.flags.writeable
    assert fresh.flags.writeable
    assert np.shares_memory(view, fresh)
    strided = frozen(fresh[::2], np.int64)
    assert strided.flags.c_contiguous
    assert strided.tolist() == [0, 2, 4, 6]


def test_warm_leaves_nothing_to_compile() -> None:
    warm()
    began = time.process_time()
    warm()
    assert time.process_time() - began < 0.2
