"""Facts about candidates, verification and survivors."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numba.core.event import install_recorder

from filters.jit import frozen
from pipeline.dedup import warm
from pipeline.dedup.candidates import (
    EARLIER,
    GHOST,
    LIVING,
    QUESTION,
    Led,
    Rule,
    Runs,
    allowed_pairs,
    compare_short,
    find_runs,
    lead_run,
    least_agreement,
    unique_pairs,
)
from pipeline.dedup.in_memory import keep_distinct
from pipeline.dedup.minhash import SignatureSpec, band_keys, sign
from pipeline.dedup.shingles import shingle_sets
from pipeline.dedup.survivors import Families, keep_first
from pipeline.dedup.verify import at_least, jaccard
from pipeline.dedup.warmup import warm_up

ALL = allowed_pairs(ghosts_only=False)
NONE = np.empty(0, np.int64)


def sketches(matrix: Any) -> Callable[[Any], Any]:
    """Give sketches by line, of sorted lines, as files do."""
    array = np.asarray(matrix, np.uint8)

    def read(lines: Any) -> Any:
        assert np.all(np.diff(lines) > 0)
        return array[lines]

    return read


def runs_of(keys: list[int], lines: list[int], kinds: list[int] | None = None) -> Runs:
    """Group, with the line as the rank."""
    at, zeros = np.array(lines, np.int64), np.zeros(len(keys), np.uint8)
    of = zeros if kinds is None else np.array(kinds, np.uint8)
    return find_runs(np.array(keys, np.uint64), at, at, of)


def short_pairs(runs: Runs, matrix: Any, rule: Rule) -> list[list[int]]:
    found = list(compare_short(runs, sketches(matrix), rule))
    pairs: list[list[int]] = unique_pairs(
        np.concatenate([np.empty((0, 2), np.int64), *found])
    ).tolist()
    return pairs


def lead(lines: Any, kinds: Any, matrix: Any, rule: Rule) -> tuple[list[list[int]], Led]:
    """Lead one run; give its pairs, which come each once, and what else came of it."""
    found: list[Any] = []
    led = lead_run(
        np.asarray(lines), np.asarray(kinds, np.uint8), sketches(matrix), rule, found.append
    )
    pairs: list[list[int]] = unique_pairs(np.concatenate(found)).tolist()
    assert sum(map(len, found)) == len(pairs)
    return pairs, led


def test_no_entries_no_pairs() -> None:
    runs = runs_of([], [])
    assert len(runs.keys) == 0
    assert short_pairs(runs, np.zeros((0, 4)), Rule(1, 1, ALL)) == []
    decision = keep_first(np.empty((0, 2), np.int64), NONE, NONE, 3)
    assert decision.kept.all()
    assert Families(3).labels().tolist() == [0, 1, 2]


def test_keys_of_one_document_make_no_run() -> None:
    assert len(runs_of([5, 6, 7], [0, 1, 2]).keys) == 0


def test_a_pair_that_shares_two_keys_counts_once() -> None:
    runs = runs_of([7, 7, 9, 9], [4, 2, 2, 4])
    assert runs.keys.tolist() == [7, 9]
    assert short_pairs(runs, np.zeros((5, 4)), Rule(4, 4, ALL)) == [[2, 4]]


def test_a_run_is_in_the_order_of_survival() -> None:
    keys, lines = np.full(5, 5, np.uint64), np.arange(5)
    kinds = np.array([LIVING, LIVING, GHOST, EARLIER, QUESTION], np.uint8)
    runs = find_runs(keys, lines, np.array([9, 3, 6, 4, 1]), kinds)
    assert runs.lines.tolist() == [3, 2, 4, 1, 0]  # what always leads comes first, then by rank
    assert runs.kinds.tolist() == [EARLIER, GHOST, QUESTION, LIVING, LIVING]


def test_keys_of_one_prefix_partition_are_still_told_apart() -> None:
    rng = np.random.default_rng(3)
    keys = rng.integers(0, 1 << 40, 20_000, np.uint64) | np.uint64(0xABC << 52)
    keys[5_000:5_100] = keys[:100]
    lines = np.arange(len(keys))
    runs = find_runs(keys, lines, lines, np.zeros(len(keys), np.uint8))
    pairs = short_pairs(runs, np.zeros((len(keys), 4)), Rule(4, 4, ALL))
    assert pairs == [[i, i + 5_000] for i in range(100)]


def test_which_pairs_decide_anything() -> None:
    kinds = [LIVING, LIVING, GHOST, GHOST, QUESTION, QUESTION, EARLIER, EARLIER]
    matrix = np.zeros((len(kinds), 4))

    def paired(*, ghosts_only: bool) -> set[tuple[int, int]]:
        rule = Rule(4, 5, allowed_pairs(ghosts_only=ghosts_only))
        runs = runs_of([1] * len(kinds), list(range(len(kinds))), kinds)
        short = short_pairs(runs, matrix, rule)
        assert lead(runs.lines, runs.kinds, matrix, rule)[0] == short
        return {(a, b) for a, b in short}

    haunted = {(0, 2), (0, 3), (1, 2), (1, 3), (2, 4), (2, 5), (3, 4), (3, 5)}
    assert paired(ghosts_only=True) == haunted
    published = {(0, 6), (0, 7), (1, 6), (1, 7)}
    assert paired(ghosts_only=False) == haunted | published | {(0, 1)}


def test_every_member_of_a_long_run_meets_every_ghost_and_every_earlier_document() -> None:
    count, standing = 3_000, 40
    kinds = np.full(count, LIVING, np.uint8)
    kinds[: 2 * standing : 2], kinds[1 : 2 * standing : 2] = GHOST, EARLIER
    kinds[-500:] = QUESTION
    rng = np.random.default_rng(5)
    lines = rng.permutation(count)
    # all are equal: the first living member strikes all others, and only those
    pairs, led = lead(lines, kinds, np.zeros((count, 4)), Rule(4, 5, ALL, leaders=1, few=1 << 60))
    met = {(a, b) for a, b in pairs}
    living, questions = lines[kinds == LIVING], lines[kinds == QUESTION]
    for kind, members in ((GHOST, np.r_[living, questions]), (EARLIER, living)):
        for one in lines[kinds == kind].tolist():
            assert {(min(one, m), max(one, m)) for m in members.tolist()} <= met
    rest = len(living) * 2 * standing + len(questions) * standing
    assert len(met) == rest + len(living) - 1  # and the one living leader
    assert led.unled == len(living) - 1


def test_a_long_run_of_equals_has_one_leader_and_is_not_compared_with_itself() -> None:
    count = 50_000
    pairs, led = lead(range(count), [LIVING] * count, np.zeros((count, 8)), Rule(8, 8, ALL))
    assert pairs == [[0, other] for other in range(1, count)]
    assert led.struck.tolist() == [False] + [True] * (count - 1)
    assert led.unled == 0


def test_questions_never_lead_nor_are_struck() -> None:
    kinds = np.array([GHOST] + [QUESTION] * 99, np.uint8)
    pairs, led = lead(range(100), kinds, np.zeros((100, 8)), Rule(8, 8, ALL))
    assert pairs == [[0, other] for other in range(1, 100)]
    assert (
        not led.struck.any()
    )  # a question loses to a ghost or to none: there is nothing to look at again
    assert led.unled == 0


def test_where_only_opted_out_texts_are_sought_no_living_document_leads() -> None:
    kinds = np.array([GHOST, *[LIVING] * 99], np.uint8)
    rule = Rule(8, 8, allowed_pairs(ghosts_only=True), leaders=3)
    pairs, led = lead(range(100), kinds, np.zeros((100, 8)), rule)
    assert pairs == [[0, other] for other in range(1, 100)]
    assert not led.struck.any()
    assert led.unled == 0


def test_more_leaders_than_may_lead_are_counted() -> None:
    matrix = np.arange(800).reshape(100, 8) // 8  # no two agree
    pairs, led = lead(range(100), [LIVING] * 100, matrix, Rule(8, 8, ALL, leaders=30))
    assert (len(pairs), led.struck.any(), led.unled) == (0, False, 70)


def test_a_short_run_may_be_longer_than_the_buffer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.dedup.candidates._BUFFER", 2)
    pairs = short_pairs(runs_of([1] * 9, list(range(9))), np.zeros((9, 4)), Rule(4, 4, ALL))
    assert len(pairs) == 36


@pytest.mark.parametrize(("threshold", "least"), [(Fraction(4, 5), 84), (Fraction(7, 10), 68)])
def test_the_sieve_stands_four_sigma_below(threshold: Fraction, least: int) -> None:
    assert least_agreement(128, threshold) == least
    assert least_agreement(128, float(threshold)) == least
    matrix = np.zeros((3, 128))
    matrix[1, least:], matrix[2, least - 1 :] = 1, 2
    pairs = short_pairs(runs_of([1, 1, 1], [0, 1, 2]), matrix, Rule(least, 128, ALL))
    assert pairs == [[0, 1]]


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
    assert decision.edge.tolist() == [-1, 1, -1]
    assert labels(edges, 3).tolist() == [0, 0, 0]


def labels(edges: Any, n: int) -> Any:
    families = Families(n)
    families.join(edges)
    return families.labels()


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
    assert not labels(np.stack([steps[::-1], steps[::-1] + 1], axis=1), n).any()


def test_ten_thousand_near_copies_leave_one() -> None:
    spec = SignatureSpec()
    body = " ".join(f"word{number}" for number in range(200))
    texts = [f"{body} copy {number}" for number in range(10_000)]
    minima = sign(texts, spec).minima
    lines = np.repeat(np.arange(len(texts)), spec.bands)
    keys = band_keys(minima, spec).ravel()
    runs = find_runs(keys, lines, lines, np.zeros(len(lines), np.uint8))
    rule = Rule(least_agreement(128, Fraction(4, 5)), 103, ALL)
    read = sketches(minima.astype(np.uint8))
    long = np.flatnonzero(runs.stops - runs.starts > rule.short)
    assert len(long) > 5
    found = [*compare_short(runs, read, rule)]
    for number in long.tolist():
        place = slice(runs.starts[number], runs.stops[number])
        lead_run(runs.lines[place], runs.kinds[place], read, rule, found.append)
    pairs = unique_pairs(np.concatenate(found))
    assert len(pairs) < 3 * len(texts)
    overlap = jaccard(*shingle_sets(texts, spec), pairs[:, 0], pairs[:, 1])
    reached = at_least(*overlap, Fraction(4, 5))
    edges, inter, union = pairs[reached], overlap.intersection[reached], overlap.union[reached]
    assert np.flatnonzero(keep_first(edges, inter, union, len(texts)).kept).tolist() == [0]


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
    with install_recorder("numba:compile") as compiled:
        warm_up()
    assert compiled.buffer == []


def test_a_run_of_too_many_pairs_is_given_up_as_a_crowd() -> None:
    lines, kinds = np.arange(400), np.full(400, LIVING, np.uint8)
    alike = np.zeros((400, 4), np.uint8)
    alike[np.arange(400), np.arange(400) % 3] = np.arange(400) % 251 + 1
    rule = Rule(2, 5, ALL, crowd=8, few=1000)
    assert lead_run(lines, kinds, sketches(alike), rule, lambda _: None).crowd
    assert not lead_run(
        lines, kinds, sketches(alike), rule._replace(few=10**9), lambda _: None
    ).crowd


@pytest.mark.parametrize("threshold", ["0.7", "0.8", "1"])
def test_in_memory_as_all_pairs_would(threshold: str) -> None:
    draw = random.Random(7)
    words = [f"w{number}" for number in range(200)]
    texts = ["", "one", "One!", *(" ".join(draw.choices(words, k=70)) for _ in range(60))]
    for _ in range(240):
        changed = draw.choice(texts[3:]).split(" ")
        for _ in range(draw.randrange(4)):
            changed[draw.randrange(len(changed))] = draw.choice(words)
        texts.append(" ".join(changed))
    flat, offsets = shingle_sets(texts, SignatureSpec())
    sets = [set(flat[a:b].tolist()) for a, b in pairwise(offsets)]
    kept: list[int] = []
    for index, mine in enumerate(sets):
        if not any(
            Fraction(len(mine & sets[k]), len(mine | sets[k])) >= Fraction(threshold)
            for k in kept
            if mine | sets[k]
        ):
            kept.append(index)
    decision = keep_distinct(texts, threshold)
    assert np.flatnonzero(decision.kept).tolist() == kept


def test_in_memory_many_near_copies_leave_one() -> None:
    body = " ".join(f"word{number}" for number in range(200))
    decision = keep_distinct([f"{body} copy {number}" for number in range(2_000)])
    assert np.flatnonzero(decision.kept).tolist() == [0]
    assert set(decision.survivor[1:].tolist()) == {0}
