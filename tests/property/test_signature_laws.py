"""Laws of tokens, shingles, signatures and band keys, against the definition in plain Python."""

from __future__ import annotations

import random
import unicodedata
from itertools import combinations

import datasketch
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.dedup.minhash import SignatureSpec, band_keys, sign
from pipeline.dedup.shingles import shingle_runs, shingle_sets
from pipeline.dedup.spec import permutations
from pipeline.dedup.tokens import token_runs

M64 = (1 << 64) - 1
M32 = (1 << 32) - 1
UNSPACED = [
    range(0x0E00, 0x10A0), range(0x1100, 0x1200), range(0x1780, 0x1800), range(0x1950, 0x1A00), range(0x1A20, 0x1AB0),
    range(0x2E80, 0x2FE0), range(0x3005, 0x3008), range(0x3021, 0x302A), range(0x3038, 0x303D),
    range(0x3041, 0x3130), range(0x3130, 0x3190), range(0x3190, 0x31C0), range(0x31F0, 0x3200),
    range(0x3400, 0x4DC0), range(0x4E00, 0xA000), range(0xA960, 0xA980), range(0xA9E0, 0xAA00),
    range(0xAA60, 0xAAE0), range(0xAC00, 0xD7A4), range(0xD7A4, 0xD7B0), range(0xD7B0, 0xD800),
    range(0xF900, 0xFB00), range(0xFF66, 0xFFA0), range(0xFFA0, 0xFFDD), range(0x11700, 0x11750),
    range(0x16FE0, 0x18E00), range(0x1AFF0, 0x1B300), range(0x20000, 0x40000),
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


def test_every_character_does_to_a_word_what_is_defined() -> None:
    codes = [
        *range(0x20000), *range(0x2FA00, 0x30100), *range(0x3FF00, 0x40100),
        *range(0xE0000, 0xE0300),
        *(plane << 16 | at for plane in range(2, 17) for at in (0, 1, 0x7FFF, 0xFFFD, 0xFFFF)),
    ]  # fmt: skip
    batch = [f"x{chr(code)}y" for code in codes]
    (run,) = token_runs(batch, 0, block=1 << 20, capacity=1 << 20)
    for text, found in zip(batch, np.split(run.words, run.ends[:-1]), strict=True):
        assert found.tolist() == [*map(oracle_token_hash, oracle_tokens(text))], ascii(text)


SCRIPTS = [
    "abcXYZ_09", " \n.,", "àÉßẞŉﬃſ", "абВЖё", "αβΣςΐΰᾳ", "עִברית", "عَرَبِيّ\u200c", "हिन्दी\u094d\u200d", "தமிழ்",
    "ไทย\u200b", "ລາວ", "བོད་", "မြန်မာ", "ខ្មែរ", "中文漢字，。", "ひらがなカタカナー゙", "ｱｲｳﾞﾟ", "한국어글",
    "\u1112\u1161\u11ab\u3131\u314f\u3164", "\uffa1\uffc2\uffdc\uffa0", "\ua960\ud7b0\ud7ff", "ᏣᎳᎩꭰ", "𐐀𐐨", "𞤀𞤢",
    "\U00020000\U0003ffff\U00040000", "😀\ufe0f\u200d🏽", "\U000e0001\U000e0100\U0010ffff",
    "\ud800\udfff", "\u00ad\u2060\ufeff\u180e\u180b", "１２ＡＢ", "٣٤५६", "½²ªº№㈠㊀", "\u0301\u3099\u20dd",
]  # fmt: skip
stretches = st.lists(
    st.sampled_from(SCRIPTS).flatmap(lambda script: st.text(script, min_size=1, max_size=12)),
    max_size=12,
).map("".join)


@given(st.lists(stretches, max_size=5), st.integers(1, 30), st.integers(5, 30))
@settings(max_examples=200, deadline=None)
def test_scripts_that_take_turns_are_read_as_defined(
    batch: list[str], block: int, capacity: int
) -> None:
    found: list[list[int]] = [[] for _ in batch]
    for run in token_runs(batch, 0, block=block, capacity=capacity):
        for index, part in enumerate(np.split(run.words, run.ends[:-1]), run.first):
            found[index] += part.tolist()
    assert found == [[*map(oracle_token_hash, oracle_tokens(text))] for text in batch]


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


@given(st.lists(texts, min_size=1, max_size=4), st.integers(0, (1 << 32) - 1))
@settings(max_examples=50, deadline=None)
def test_signatures_are_those_of_datasketch(batch: list[str], seed: int) -> None:
    spec = SignatureSpec(minima=16, bands=4, seed=seed)
    minima = sign(batch, spec).minima
    made = []
    for text, row in zip(batch, minima, strict=True):
        made.append(datasketch.MinHash(16, seed=seed, hashfunc=int, scheme="affine32"))
        made[-1].update_batch([value >> 32 for value in oracle_shingles(text)])
        assert made[-1].hashvalues.tolist() == row.tolist()
    opened = [datasketch.MinHash(hashvalues=row, scheme="affine32", seed=seed) for row in minima]
    for one, other in combinations(range(len(batch)), 2):
        assert opened[one].jaccard(made[other]) == float((minima[one] == minima[other]).mean())
