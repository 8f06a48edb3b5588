"""Laws of near-duplicate removal, against the definition written out in plain Python."""

from __future__ import annotations

import random
import unicodedata
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.dedup.alphabet import alphabet
from pipeline.dedup.candidates import candidate_pairs, signature_filter
from pipeline.dedup.minhash import SignatureSpec, band_keys, sign
from pipeline.dedup.shingles import shingle_runs, shingle_sets
from pipeline.dedup.spec import permutations
from pipeline.dedup.survivors import families, keep_first
from pipeline.dedup.verify import at_least, jaccard

M64 = (1 << 64) - 1
M32 = (1 << 32) - 1
UNSPACED = [
    range(0x0E00, 0x10A0), range(0x1780, 0x1800), range(0x1950, 0x1A00), range(0x1A20, 0x1AB0),
    range(0x2E80, 0x2FE0), range(0x3005, 0x3008), range(0x3021, 0x302A), range(0x3038, 0x303D),
    range(0x3041, 0x3130), range(0x3190, 0x31C0), range(0x31F0, 0x3200), range(0x3400, 0x4DC0),
    range(0x4E00, 0xA000), range(0xA9E0, 0xAA00), range(0xAA60, 0xAAE0), range(0xF900, 0xFB00),
    range(0xFF66, 0xFFA0), range(0x11700, 0x11750), range(0x16FE0, 0x18E00),
    range(0x1AFF0, 0x1B300), range(0x20000, 0x40000),
]  # fmt: skip
INVISIBLE = [range(0x180B, 0x1810), range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0)]


def oracle_kind(character: str) -> str:
    code, category = ord(character), unicodedata.category(character)
    if any(code in one for one in INVISIBLE) or (category == "Cf" and code != 0x200B):
        return "invisible"
    counts = category[0] in {"L", "M", "N"}
    if (counts or category in {"So", "Cn"}) and any(code in one for one in UNSPACED):
        return "alone"
    return "word" if counts or character == "_" else "separator"


def oracle_tokens(text: str) -> list[str]:
    tokens, word = [], ""
    for character in text + " ":
        kind = oracle_kind(character)
        if kind == "word":
            word += character.casefold()
        elif kind != "invisible":
            tokens += [word] if word else []
            tokens += [character] if kind == "alone" else []
            word = ""
    return tokens


def mix(value: int) -> int:
    value = ((value ^ (value >> 33)) * 0xFF51AFD7ED558CCD) & M64
    value = ((value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53) & M64
    return value ^ (value >> 33)


def oracle_token_hash(token: str) -> int:
    value = 0x9E3779B97F4A7C15
    for character in token:
        value = (value * 0xBF58476D1CE4E5B9 + mix(ord(character))) & M64
    return value


def oracle_shingles(text: str, size: int = 5) -> list[int]:
    words = [value ^ (value >> 32) for value in map(oracle_token_hash, oracle_tokens(text))]
    odd = [mix((j + 1) * 0x9E3779B97F4A7C15 & M64) | 1 for j in range(size)]
    if not words:
        return []
    length = min(size, len(words))
    return [
        mix((length * 0xD6E8FEB86659FD93 + sum(words[i + j] * odd[j] for j in range(length))) & M64)
        for i in range(len(words) - length + 1)
    ]


def oracle_minima(shingles: list[int], spec: SignatureSpec) -> list[int]:
    factors, summands = (row.tolist() for row in permutations(spec.minima, spec.seed))
    inputs = []
    for value in shingles:
        x = value >> 32
        x = ((x ^ (x >> 16)) * 0x85EBCA6B) & M32
        x = ((x ^ (x >> 13)) * 0xC2B2AE35) & M32
        inputs.append(x ^ (x >> 16))
    return [
        min([(a * x + b) & M32 for x in inputs], default=M32)
        for a, b in zip(factors, summands, strict=True)
    ]


TRICKY = "aAzZ_09 \t\n.,'-ßẞİıſKµÅéÉσςΣЖжß\u00ad\u200b\u200d\ufe0f\ufeffﬃŉǰΐ中文。、「あアーｶ゙０Ａ＿！한국어ไทยລາວབོད་မြန်ខ្មែរ१कि😀🇫🇷㐀\U00020000\U0002fa1d\U0003fffd\U0010ffff\ud800ªº²½"  # noqa: E501  one alphabet of hard cases
texts = st.text(
    st.one_of(
        st.sampled_from("ab c"), st.sampled_from(TRICKY), st.characters(exclude_categories=())
    ),
    max_size=60,
)
small = SignatureSpec(minima=24, bands=6, rows=4)


@given(st.lists(texts, max_size=6))
@settings(max_examples=150, deadline=None)
def test_kernels_equal_the_definition(batch: list[str]) -> None:
    expected = [oracle_shingles(text) for text in batch]
    signatures = sign(batch, small)
    assert signatures.shingles.tolist() == [len(one) for one in expected]
    assert signatures.minima.tolist() == [oracle_minima(one, small) for one in expected]
    sets = shingle_sets(batch, small)
    pieces = np.split(sets.flat, sets.offsets[1:-1]) if batch else []
    assert [piece.tolist() for piece in pieces] == [sorted(set(one)) for one in expected]


@given(st.lists(texts, max_size=8), st.integers(1, 7), st.integers(1, 60), st.integers(5, 40))
@settings(max_examples=150, deadline=None)
def test_how_the_work_is_cut_changes_nothing(
    batch: list[str], size: int, block: int, capacity: int
) -> None:
    found: list[list[int]] = [[] for _ in batch]
    for run in shingle_runs(batch, size, block=block, capacity=capacity):
        for index, (start, stop) in enumerate(zip(run.starts, run.stops, strict=True), run.first):
            found[index] += run.hashes[start:stop].tolist()
    assert found == [oracle_shingles(text, size) for text in batch]


@given(st.lists(texts, min_size=1, max_size=8), st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_a_signature_depends_on_its_text_alone(batch: list[str], rng: random.Random) -> None:
    together = sign(batch, small)
    order = list(range(len(batch)))
    rng.shuffle(order)
    shuffled = sign([batch[i] for i in order], small)
    assert np.array_equal(shuffled.minima, together.minima[order])
    assert np.array_equal(shuffled.shingles, together.shingles[order])
    alone = sign([batch[-1]], small)
    assert np.array_equal(alone.minima[0], together.minima[-1])


@given(texts)
@settings(max_examples=100, deadline=None)
def test_case_does_not_matter(text: str) -> None:
    # The folded characters of a word are word characters, so folding first changes no token.
    folded = "".join(c.casefold() if oracle_kind(c) == "word" else c for c in text)
    assert np.array_equal(shingle_sets([text], small).flat, shingle_sets([folded], small).flat)


def test_every_code_point_is_classified_and_folded_as_defined() -> None:
    names = {"separator": 0, "alone": 1, "word": 2, "invisible": 4}
    pages, entries, expansions = alphabet()
    for code in (*range(0x30000), *range(0x3FF00, 0x40100), *range(0xE0000, 0xE0300), 0x10FFFF):
        kind, folded = oracle_kind(chr(code)), [ord(part) for part in chr(code).casefold()]
        entry = int(entries[int(pages[code >> 8]) << 8 | code & 255])
        if entry & 7 == 3:
            assert kind == "word"
            assert folded == [part for part in expansions[entry >> 3].tolist() if part >= 0]
        else:
            assert entry & 7 == names[kind]
            assert kind != "word" or folded == [entry >> 3 or code]


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
            assert (decision.intersection[later], decision.union[later]) == likeness[best, later]
        else:
            kept.add(later)
            assert decision.survivor[later] == -1
    assert set(np.flatnonzero(decision.kept).tolist()) == kept
    assert not any(a in kept and b in kept for a, b in likeness)
    order = list(range(len(edges)))
    rng.shuffle(order)
    again = keep_first(edges[order], common[order], union[order], n)
    assert all(np.array_equal(a, b) for a, b in zip(again, decision, strict=True))


@given(verified())
@settings(max_examples=100, deadline=None)
def test_families_are_the_connected_components(
    graph: tuple[int, np.ndarray, np.ndarray, np.ndarray],
) -> None:
    n, edges, _, _ = graph
    family = list(range(n))
    for a, b in edges.tolist():
        low, high = sorted((family[a], family[b]))
        family = [low if label == high else label for label in family]
    assert families(edges, n).tolist() == family
    assert families(edges[::-1, ::-1], n).tolist() == family


entries = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9)), unique=True, max_size=30)


@given(entries, st.integers(2, 12), st.permutations(range(10)), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_candidates_are_the_documents_that_share_a_key(
    rows: list[tuple[int, int]], cap: int, ranks: list[int], rng: random.Random
) -> None:
    rng.shuffle(rows)
    keys = np.array([mix(key) for key, _ in rows], np.uint64)
    docs = np.array([doc for _, doc in rows], np.int64)
    rank = np.array([ranks[doc] for _, doc in rows], np.int64)
    found = candidate_pairs(keys, docs, rank, cap, window=2)
    expected, capped = set(), 0
    for key in range(6):
        run = sorted((doc for other, doc in rows if other == key), key=ranks.__getitem__)
        capped += len(run) > cap
        expected |= {
            (run[i], run[j])
            for i, j in combinations(range(len(run)), 2)
            if len(run) <= cap or i == 0 or j - i <= 2
        }
    assert [tuple(pair) for pair in found.pairs.tolist()] == sorted(expected)
    assert found.capped_runs == capped


@given(st.lists(texts, min_size=2, max_size=6))
@settings(max_examples=50, deadline=None)
def test_equal_bands_and_only_they_have_equal_keys(batch: list[str]) -> None:
    minima = sign([*batch, batch[0]], small).minima
    keys = band_keys(minima, small)
    assert keys.shape == (len(batch) + 1, 6)
    for i, j in combinations(range(len(minima)), 2):
        same = (minima[i].reshape(6, 4) == minima[j].reshape(6, 4)).all(axis=1)
        assert np.array_equal(keys[i] == keys[j], same)
    assert len(np.unique(keys[0])) == 6


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
    truth = [set(oracle_shingles(text)) for text in batch]
    kept: list[int] = []
    for i, mine in enumerate(truth):
        if not any(Fraction(len(mine & truth[k]), len(mine | truth[k])) >= threshold for k in kept):
            kept.append(i)
    documents = np.repeat(np.arange(len(batch)), spec.bands)
    minima = sign(batch, spec).minima
    pairs = candidate_pairs(band_keys(minima, spec).ravel(), documents, documents, 500).pairs
    pairs = pairs[signature_filter(minima[pairs[:, 0]], minima[pairs[:, 1]], threshold)]
    overlap = jaccard(*shingle_sets(batch, spec), pairs[:, 0], pairs[:, 1])
    reached = at_least(*overlap, threshold)
    edges = pairs[reached]
    decision = keep_first(edges, overlap.intersection[reached], overlap.union[reached], len(batch))
    assert np.flatnonzero(decision.kept).tolist() == kept
    assert 25 <= len(kept) < len(batch)
