"""The benchmark's truth and its scores are what they say, and agree with the pipeline's tokens."""

import importlib
import json
import random
import struct
import unicodedata
from collections.abc import Callable
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import zstandard

from pipeline.dedup.shingles import shingle_sets
from pipeline.dedup.spec import SignatureSpec

Load = Callable[[str], ModuleType]
Report = dict[str, Any]
Judge = Callable[[str, str], Report]

FOLDER = Path(__file__).parents[2] / "benchmarks"
# Tone marks, repeat marks, annotations and a ligature: which script has them, neither says.
ODD = {0x302E, 0x302F, *range(0x3031, 0x3036), 0x303C, *range(0x3190, 0x31A0)}


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Load:
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Straße STRASSE \u212aelvin", ["strasse", "strasse", "kelvin"]),
        ("ΣΊΣΥΦΟΣ Ёлка", ["σίσυφοσ", "ёлка"]),
        ("snake_case x2, v1.0", ["snake_case", "x2", "v1", "0"]),
        ("日本語を, 한국어", list("日本語を한국어")),
        ("ภาษาไทย", list("ภาษาไทย")),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("so\u00adft a\u200db c\u200bd e\ufe0f", ["soft", "ab", "c", "d", "e"]),
        ("cafe\u0301", ["caf\u00e9"]),
        ("a\u3002b\uff0cc\U0001f600d", ["a", "b", "c", "d"]),
        ("", []),
    ],
)
def test_tokens_follow_the_specification(script: Load, text: str, expected: list[str]) -> None:
    truth = script("truth")
    assert truth.tokens(text, truth.Characters()) == expected


def test_korean_can_be_read_in_words(script: Load) -> None:
    truth = script("truth")
    assert truth.tokens("한국어 문서", truth.Characters("words")) == ["한국어", "문서"]


def test_the_kernel_reads_every_letter_mark_digit_and_stop_in_this_way(script: Load) -> None:
    truth = script("truth")
    characters = truth.Characters()
    codes = [
        code
        for code in range(0x20000)
        if unicodedata.category(chr(code)) not in ("So", "Cn", "Cs", "Co") and code not in ODD
    ][::3]
    texts = [unicodedata.normalize("NFC", f"a{chr(code)}b") for code in codes]
    kernel = shingle_sets(texts, SignatureSpec(shingle=1))
    sizes = np.diff(kernel.offsets).tolist()
    found = [set(truth.tokens(text, characters)) for text in texts]
    assert [code for code, s, f in zip(codes, sizes, found, strict=True) if s != len(f)] == []
    one = {
        text.pop(): int(kernel.flat[at])
        for text, at, size in zip(found, kernel.offsets.tolist(), sizes, strict=False)
        if size == 1
    }
    assert len(set(one.values())) == len(one)


def test_short_documents_are_one_shingle_apart_by_length(script: Load) -> None:
    truth = script("truth")
    some = [truth.shingles(np.arange(count, dtype=np.uint64)) for count in range(8)]
    assert [len(each) for each in some] == [0, 1, 1, 1, 1, 1, 2, 3]
    assert len(np.unique(np.concatenate(some[:6]))) == 5


def test_all_pairs_and_only_those_are_found(script: Load) -> None:
    truth = script("truth")
    chance = random.Random(5)
    sets: dict[int, set[int]] = {}
    for number in range(300):
        parent = sets[chance.randrange(number)] if number > 40 and chance.random() < 0.8 else set()
        kept = {each for each in parent if chance.random() < chance.choice((0.6, 0.9, 0.99))}
        sets[number] = kept | {chance.randrange(900) for _ in range(chance.randrange(1, 25))}
    arrays = {number: np.array(sorted(each), np.uint64) for number, each in sets.items()}
    expected = [
        [a, b, len(sets[a] & sets[b]), len(sets[a] | sets[b])]
        for a, b in combinations(sets, 2)
        if 5 * len(sets[a] & sets[b]) >= 2 * len(sets[a] | sets[b])
    ]
    assert len(expected) > 200
    assert any(5 * both == 2 * union for *_, both, union in expected)
    assert truth.pairs(arrays).tolist() == expected


WORDS = [f"word{number}" for number in range(64)]
TEXTS = {
    "a": " ".join(WORDS),  # 60 shingles
    "a-equal": " ".join(WORDS),
    "a-case": " ".join(WORDS).title(),
    "b": " ".join(WORDS[:58]),  # 54 of a's
    "c": " ".join(WORDS[4:58]),  # 50 of b's 54 and of a's 60
    "d": " ".join(reversed(WORDS)),
    "short": "two words",
    "none": "... !",
    "none-equal": "... !",
}


@pytest.fixture
def judged(script: Load, tmp_path: Path) -> Judge:
    lines = "".join(json.dumps({"id": id_, "text": text}) + "\n" for id_, text in TEXTS.items())
    (tmp_path / "corpus").mkdir()
    shard = tmp_path / "corpus" / "x.jsonl.zst"
    shard.write_bytes(zstandard.compress(lines.encode()))
    truth, quality = script("truth"), script("quality")
    corpus = truth.read(tmp_path / "corpus")
    truth.write(tmp_path / "truth", corpus, truth.pairs(corpus.sets))

    def judge(kept: str, threshold: str) -> Report:
        (tmp_path / "kept").write_text(kept.replace(" ", "\n") + "\n")
        table = quality.read_truth(tmp_path / "truth", Fraction(threshold))
        flags = quality.marked(table, quality.kept_ids(tmp_path / "kept"))
        return quality.report(table, flags, Fraction(threshold), "script")

    return judge


def counts(result: Report, *names: str) -> tuple[float, ...]:
    return tuple(result["all"][name] for name in names)


def test_a_perfect_result_scores_one(judged: Judge) -> None:
    result = judged("a d short none", "0.8")
    assert counts(result, "right", "exact", "wrong", "missed") == (5, 2, 0, 0)
    assert counts(result, "recall", "precision", "near precision") == (1.0, 1.0, 1.0)
    assert result["ideal"] == 4


def test_what_still_stands_and_what_should_have_gone(judged: Judge) -> None:
    result = judged("a a-case b d short none none-equal", "0.9")
    assert counts(result, "right", "wrong", "standing", "missed") == (2, 0, 5, 3)
    assert result["missed ids"] == ["a-case", "b", "none-equal"]
    assert counts(result, "recall", "precision") == (0.4, 1.0)


def test_a_removal_is_wrong_where_only_a_removed_document_is_alike(judged: Judge) -> None:
    result = judged("a d short none", "9/10")  # c is 50/54 of b, which is gone, and 50/60 of a
    assert counts(result, "right", "wrong", "chained", "stranger") == (4, 1, 1, 0)
    assert result["wrong ids"] == ["c"]


def test_a_removal_without_any_relative_is_a_stranger(judged: Judge) -> None:
    result = judged("a none", "0.8")
    assert counts(result, "wrong", "chained", "stranger") == (2, 0, 2)


def test_a_kept_document_that_never_was_is_refused(judged: Judge) -> None:
    with pytest.raises(SystemExit, match="unknown"):
        judged("a e", "0.8")


def test_an_edit_is_labelled_and_the_same_every_time(script: Load) -> None:
    made, corpus = script("multilingual"), script("corpus")
    record = {"id": "x", "text": " ".join(WORDS) * 20, "meta": {}}
    entry = corpus.Entry(record, "g", "english", 9000)
    edit = made.edit_of(entry, 1)
    assert edit == made.edit_of(entry, 1)
    assert edit.record["meta"]["parent"] == "x"
    assert edit.record["text"] != record["text"]
    assert made.edit_of(entry, 2) != edit


def test_a_catalogue_gives_its_translations(script: Load) -> None:
    made = script("multilingual")
    head = struct.pack("<5I", 0x950412DE, 0, 2, 28, 44)
    table = struct.pack("<2I", 0, 0) + struct.pack("<6I", 1, 60, 1, 61, 6, 63)
    content = head + b"\0" * 8 + table[8:16] * 2 + struct.pack("<4I", 2, 60, 6, 63)
    content = content.ljust(60, b"\0") + b"hi\0" + "мир".encode()
    assert made.catalogue(content).decode() == "hi\nмир"


def test_markup_loses_its_tags_and_what_is_not_shown(script: Load) -> None:
    page = "<head><title>no</title></head><p>one  <b>two</b>&amp;<br/>three<script>x</script></p>"
    assert script("multilingual").page_text(page) == "one two&\nthree"


def test_a_long_text_is_cut_and_loses_nothing(script: Load) -> None:
    text = "".join(f"line {number}\n" for number in range(20_000))
    parts = list(script("multilingual").pieces(text))
    assert "".join(parts) == text
    assert max(map(len, parts)) <= 24_020
