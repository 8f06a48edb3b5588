"""Facts about tokens, shingles, signatures and band keys."""

from __future__ import annotations

import hashlib

import datasketch
import msgspec
import numpy as np
import pytest

from pipeline.dedup.minhash import EMPTY, SignatureSpec, band_keys, sign, sign_sets
from pipeline.dedup.shingles import shingle_runs, shingle_sets
from pipeline.dedup.spec import permutations
from pipeline.errors import ConfigError

SPEC = SignatureSpec()
PROSE = "The quick brown fox, having jumped over the lazy dog, ran into 12 woods before dusk."


def words(text: str) -> int:
    """How many tokens: with shingles of one token, as many as there are shingles."""
    return sum(int((run.stops - run.starts).sum()) for run in shingle_runs([text], 1))


def same(one: str, other: str) -> bool:
    return np.array_equal(*(shingle_sets([text], SPEC).flat for text in (one, other)))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        (" \n\t.,;!?-\x00", 0),
        ("one", 1),
        ("don't stop_here 3.14", 5),
        ("中文字符", 4),
        ("中文, and words", 4),
        ("ひらがなカタカナ", 8),
        ("你好，世界！", 4),  # full-width punctuation separates
        ("\U00020000\U0002b820\U00031350", 3),  # extension planes
        ("ไทย", 3),
        ("한국어 문장", 5),  # a syllable is a token, whatever the spaces
        ("\u1112\u1161\u11ab\u3131\uffa1\uffdc\ua960\ud7b0", 8),  # so is a letter of one
        ("제3장, KBS뉴스", 6),
        ("हिन्दी भाषा", 2),  # vowel signs belong to their word
        ("e\u0301te\u0301", 1),  # so do combining accents
        ("ex\u00adample", 1),  # a soft hyphen is as if not there
        ("ex\u200bample", 2),  # a zero-width space separates
        ("😀😀 🇫🇷", 0),
    ],
)
def test_what_a_token_is(text: str, count: int) -> None:
    assert words(text) == count


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Straße ÉCLAIR ΣΊΣΥΦΟΣ МОСКВА", "STRASSE éclair σίσυφος москва"),
        ("300 \u212a", "300 k"),
        ("soft\u00adhyphen", "softhyphen"),
        ("ａｂｃ Ｘ", "ａｂｃ ｘ"),
    ],
)
def test_what_is_folded_away(one: str, other: str) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("row 1 2 3 4 5", "row 1 2 3 4 6"), ("a b", "a b b"), ("a b", "b a"), ("résumé", "resume")],
)
def test_what_is_not(one: str, other: str) -> None:
    assert not same(one, other)


def test_short_documents_have_one_shingle_and_empty_ones_none() -> None:
    signatures = sign(["", "one", "a b c d", "a b c d e", "a b c d e f"], SPEC)
    assert signatures.shingles.tolist() == [0, 1, 1, 1, 2]
    assert set(signatures.minima[0].tolist()) == {int(EMPTY)}
    assert len({row.tobytes() for row in signatures.minima}) == 5


def test_no_documents_at_all() -> None:
    assert sign([], SPEC).minima.shape == (0, 128)
    assert shingle_sets([], SPEC).offsets.tolist() == [0]
    assert band_keys(sign([], SPEC).minima, SPEC).shape == (0, 32)


@pytest.mark.parametrize("word", ["", "шум", "é", "\U0001d7ce"])
def test_a_document_longer_than_every_buffer(word: str) -> None:
    text = " ".join(f"{word}{number}" for number in range(300_000))
    signatures = sign(["x y", text, "x y"], SPEC)
    assert signatures.shingles.tolist() == [1, 300_000 - 4, 1]
    assert np.array_equal(signatures.minima[0], signatures.minima[2])
    flat = shingle_sets([text], SPEC).flat
    assert flat.size == 300_000 - 4
    assert np.all(flat[1:] > flat[:-1])
    twice = set(shingle_sets([text + " . " + text], SPEC).flat.tolist())
    assert len(twice) == 300_000 - 4 + 4
    assert twice > set(flat.tolist())


@pytest.mark.parametrize(("minima", "seed"), [(128, 1), (400, 42)])
def test_permutations_are_those_of_datasketch(minima: int, seed: int) -> None:
    theirs = datasketch.MinHash(minima, seed=seed, scheme="affine32").permutations
    for ours, their in zip(permutations(minima, seed), theirs, strict=True):
        assert np.array_equal(ours, their)


TEXTS = [PROSE, PROSE + " Or so they say.", "something else altogether, with words of its own", "x"]
SPECS = [SPEC, SignatureSpec(minima=256, bands=36, rows=7, seed=77)]


def opened(row: np.ndarray, spec: SignatureSpec) -> datasketch.MinHash:
    return datasketch.MinHash(hashvalues=row, scheme="affine32", seed=spec.seed)


def theirs(text: str, spec: SignatureSpec) -> datasketch.MinHash:
    """The MinHash that datasketch makes of a document's shingle hashes."""
    sketch = datasketch.MinHash(spec.minima, seed=spec.seed, hashfunc=int, scheme="affine32")
    sketch.update_batch((shingle_sets([text], spec).flat >> np.uint64(32)).tolist())
    return sketch


def index(sketches: list[datasketch.MinHash], spec: SignatureSpec) -> datasketch.MinHashLSH:
    lsh = datasketch.MinHashLSH(params=(spec.bands, spec.rows), num_perm=spec.minima)
    for number, sketch in enumerate(sketches):
        lsh.insert(number, sketch)
    return lsh


@pytest.mark.parametrize("spec", SPECS)
def test_a_minhash_of_datasketch_has_our_minima_bit_for_bit(spec: SignatureSpec) -> None:
    ours = sign([*TEXTS, ""], spec).minima
    made = [theirs(text, spec) for text in [*TEXTS, ""]]
    assert ours.dtype == made[0].hashvalues.dtype
    assert np.array_equal(ours, [sketch.hashvalues for sketch in made])
    assert opened(ours[-1], spec).is_empty()


@pytest.mark.parametrize("spec", SPECS)
def test_a_stored_row_opens_there_with_the_same_similarities(spec: SignatureSpec) -> None:
    stored = sign(TEXTS, spec).minima.astype("<u4").tobytes()
    rows = np.frombuffer(stored, "<u4").reshape(len(TEXTS), spec.minima)
    ours, made = [opened(row, spec) for row in rows], [theirs(text, spec) for text in TEXTS]
    likeness = [[float((one == other).mean()) for other in rows] for one in rows]
    assert 0.5 < likeness[0][1] < 1
    assert likeness[0][2] < 0.2
    for mine in (ours, made):
        assert [[one.jaccard(other) for other in made] for one in mine] == likeness
    joined = opened(rows[0].copy(), spec)
    joined.merge(made[2])
    assert np.array_equal(joined.hashvalues, np.minimum(rows[0], rows[2]))


@pytest.mark.parametrize("spec", SPECS)
def test_their_index_finds_our_signatures_and_theirs(spec: SignatureSpec) -> None:
    rows = sign(TEXTS, spec).minima
    ours, made = [opened(row, spec) for row in rows], [theirs(text, spec) for text in TEXTS]
    keys = band_keys(rows, spec)
    found = [{j for j in range(len(rows)) if np.any(keys[i] == keys[j])} for i in range(len(rows))]
    assert found == [{0, 1}, {0, 1}, {2}, {3}]
    for inserted, asked in ((ours, made), (made, ours), (ours, ours)):
        lsh = index(inserted, spec)
        assert [set(lsh.query(sketch)) for sketch in asked] == found
    (stranger,) = sign(["not one of these words stands in any of the others"], spec).minima
    assert index(made, spec).query(opened(stranger, spec)) == []


@pytest.mark.parametrize(
    ("texts", "digest"),
    [
        ([PROSE, "漢字とかな交じり文。", "ÇA VA, Straße?", "नमस्ते दुनिया", "x"], "c4c8c2b9cf94e06f"),
        (["대한민국의 주권은 국민에게 있고, 1948", "ﾊﾟ\uffa1\u1100\u3131"], "788d95d04631824f"),
    ],
)
def test_the_bytes_of_version_2(texts: list[str], digest: str) -> None:
    # Every machine must give these. Another value is another tokeniser: raise TOKENISER_VERSION.
    signatures = sign(texts, SPEC)
    keys = band_keys(signatures.minima, SPEC)
    data = signatures.minima.astype("<u4").tobytes() + keys.astype("<u8").tobytes()
    assert hashlib.sha256(data).hexdigest()[:16] == digest
    assert SPEC.version == 2


def test_sets_have_the_minima_of_their_texts() -> None:
    texts = [*TEXTS, "", " ".join(PROSE.split() * 400)]  # the last repeats itself
    spec = SignatureSpec()
    known, signed = sign_sets(shingle_sets(texts, spec), spec), sign(texts, spec)
    assert np.array_equal(known.minima, signed.minima)
    assert known.shingles[-1] < signed.shingles[-1]
    assert sign_sets(shingle_sets([], spec), spec).minima.shape == (0, spec.minima)


def test_estimates_are_near_the_truth() -> None:
    base = [f"word{number}" for number in range(2000)]
    other = base[:1000] + [f"else{number}" for number in range(1000)]
    minima = sign(
        [" ".join(base), " ".join(other)], msgspec.structs.replace(SPEC, minima=1024)
    ).minima
    sets = shingle_sets([" ".join(base), " ".join(other)], SPEC)
    one, two = (set(part.tolist()) for part in np.split(sets.flat, sets.offsets[1:-1]))
    truth = len(one & two) / len(one | two)
    assert abs(float((minima[0] == minima[1]).mean()) - truth) < 0.06


@pytest.mark.parametrize(
    "wrong",
    [{"minima": 0}, {"bands": 33}, {"rows": 0}, {"bands": 0}, {"shingle": 0}, {"seed": -1}],
)
def test_a_spec_that_makes_no_signature_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match=r"^near: signature: "):
        SignatureSpec(**wrong)


def test_a_spec_survives_its_file() -> None:
    spec = SignatureSpec(bands=25, rows=5, seed=7)
    assert msgspec.json.decode(msgspec.json.encode(spec), type=SignatureSpec) == spec
