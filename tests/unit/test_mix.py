"""Recipes, sizes and tokenizers: every mistake is told at once, every count is what it says."""

from __future__ import annotations

import hashlib
import json
import math
import re
import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import pytest

from filters.size import size_of
from manifests.addressing import address, in_fraction, read_fraction, shard_of, shards_in
from manifests.manifest import Manifest, Source
from manifests.mix import Recipe, addresses, epochs_of, limits_of, mistakes
from manifests.mix_account import Amount
from pipeline.errors import ConfigError
from pipeline.mix.recipe import load_recipe
from pipeline.mix.tokenizer import choose, counter

RECIPES = Path(__file__).parents[2] / "configs/mixes"


def manifest(**kinds: str) -> Manifest:
    """As much of a manifest as a recipe is held against."""
    sources = tuple(
        Source(
            name=name,
            kind=kind,  # type: ignore[arg-type]  # a test writes plain words
            read=1,
            kept=1,
            bytes=1,
            splits={"train": 1},
            licenses={},
        )
        for name, kind in kinds.items()
    )
    known: dict[str, Any] = dict.fromkeys(Manifest.__struct_fields__)
    return Manifest(**{**known, "sources": sources})


def problems(tmp_path: Path, text: str, **kinds: str) -> list[str]:
    path = tmp_path / "r.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_recipe(path, manifest(**kinds))
    return [line.removeprefix(f"mix: {path}: ") for line in str(caught.value).splitlines()]


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    text = """
    [mix]
    name = "../m"
    sead = 1
    unit = "byte"
    shards = 3
    [mix.epochs]
    webb = 2
    books = -1
    asked = 1
    """
    assert problems(tmp_path, text, web="document", books="document", asked="question") == [
        "mix.sead: unknown key; did you mean 'seed'?",
        "mix.unit: invalid enum value 'byte'; did you mean 'bytes'?",
        "mix.name: letters, digits, '.', '_' and '-' only, at most 100, not starting with '.'",
        "mix.shards: a power of two up to 65536, or 0 to pick one",
        "mix.epochs.books: above 0 and at most 1000; leave a source out to read none of it",
        "mix.epochs.asked: holds questions: a mix is made of documents",
        "mix.epochs.webb: the release has no such source; did you mean 'web'?",
    ]


def test_a_source_without_the_split_is_a_mistake(tmp_path: Path) -> None:
    text = '[mix]\nname = "m"\nsplit = "test"\n[mix.epochs]\nweb = 1\n'
    assert problems(tmp_path, text, web="document") == [
        "mix.epochs.web: has no document in the split 'test'"
    ]


def test_what_is_no_toml_or_not_there_is_said(tmp_path: Path) -> None:
    assert problems(tmp_path, "[mix\n")[0].startswith("not TOML")
    with pytest.raises(ConfigError, match="No such file"):
        load_recipe(tmp_path / "none.toml", manifest())


@pytest.mark.parametrize(
    ("recipe", "key"),
    [
        (Recipe(name="m"), "epochs"),
        (Recipe(name="m", epochs={"a": 1}, size=5), "size"),
        (Recipe(name="m", weights={"a": 1}), "size"),
        (Recipe(name="m", weights={"a": 1}, epochs={"a": 1}, size=5), "size"),
        (Recipe(name="m", weights={"a": 1}, epochs={"b": 1}), "epochs"),
        (Recipe(name="m", weights={"a": 1, "b": 1}, epochs={"a": 1, "b": 1}), "epochs"),
        (Recipe(name="m", weights={"a": math.inf}, size=1), "weights.a"),
        (Recipe(name="m", weights={"a": math.nan}, size=1), "weights.a"),
        (Recipe(name="m", epochs={"a": math.nan}), "epochs.a"),
        (Recipe(name="m", epochs={"a": 1001}), "epochs.a"),
        (Recipe(name="m", epochs={"a": 1e-12}), "epochs.a"),
        (Recipe(name="m", epochs={"a": 1}, seed=-1), "seed"),
        (Recipe(name="m", epochs={"a": 1}, size=-1), "size"),
        (Recipe(name="m", epochs={"a": 1}, tokenizer_sha256="x"), "tokenizer_sha256"),
    ],
)
def test_a_recipe_has_one_of_three_forms(recipe: Recipe, key: str) -> None:
    assert mistakes(recipe)[0].partition(":")[0] == key


def test_weights_become_epochs() -> None:
    recipe = Recipe(name="m", weights={"a": 3, "b": 1}, size=4_000)
    assert epochs_of(recipe, {"a": 1_500, "b": 4_000}) == {"a": 2, "b": Fraction(1, 4)}
    anchored = Recipe(name="m", weights={"a": 3, "b": 1}, epochs={"b": 0.5})
    assert epochs_of(anchored, {"a": 1_500, "b": 4_000}) == {"a": 4, "b": Fraction(1, 2)}
    assert epochs_of(Recipe(name="m", epochs={"a": 0.1}), {}) == {"a": Fraction(1, 10)}


def test_a_weight_that_cannot_be_met_is_told() -> None:
    recipe = Recipe(name="m", weights={"a": 1, "b": 1, "c": 1}, size=9_000_000)
    with pytest.raises(ValueError, match=r"(?s)^weights\.a: .*nothing.*\nweights\.b: .*nothing"):
        epochs_of(recipe, {"a": 0, "b": 0, "c": 5})
    with pytest.raises(ValueError, match=r"^weights\.a: would be read 3,000,000 times"):
        epochs_of(recipe, {"a": 1, "b": 9_000_000, "c": 9_000_000})


def test_an_address_in_a_mix_is_what_the_page_says() -> None:
    (first, second) = addresses(7, limits_of(Fraction(2)), "doc-é")
    spelled = b"gristmill-mix-1\0" + bytes(7) + b"\x07" + bytes(3) + b"\x01" + "doc-é".encode()
    assert second == hashlib.sha256(spelled).digest() != first


def test_limits_take_all_but_in_the_last_pass() -> None:
    assert limits_of(Fraction(5, 2)) == (1 << 64, 1 << 64, 1 << 63)
    assert limits_of(Fraction(3)) == (1 << 64,) * 3
    assert limits_of(Fraction(1, 4)) == (1 << 62,)


def test_a_fraction_is_read_exactly_and_is_the_first_shards() -> None:
    assert read_fraction("0.1") == read_fraction("1/10") == Fraction(1, 10)
    for text in ("0", "-1", "1.01", "a", "1/0", "nan", ""):
        with pytest.raises(ValueError, match="is no share"):
            read_fraction(text)
    assert in_fraction(bytes.fromhex("7f" + "ff" * 31), Fraction(1, 2))
    assert not in_fraction(bytes.fromhex("80" + "00" * 31), Fraction(1, 2))
    assert in_fraction(b"\xff" * 32, Fraction(1))
    assert [shards_in(Fraction(share), 8) for share in ("1/8", "1/7", "1")] == [1, 2, 8]
    for number in range(200):
        place = address(0, str(number))
        assert in_fraction(place, Fraction(3, 8)) == (shard_of(place, 8) < 3)


def test_sizes_are_counted_as_python_counts() -> None:
    texts = (
        "",
        "_",
        "a b",
        "don't",
        "naïve café_1 x²",
        "한국어 단어",
        "हिन्दी",
        "\u0660\u0661 \U0001f33e𝕏",
        "a\0b",
    )
    for text in texts:
        assert size_of(text) == (len(text.encode()), len(text), len(re.findall(r"\w+", text)))
    with pytest.raises(ValueError, match="surrogates"):
        size_of("\ud800")


def test_amounts_add_up() -> None:
    one = Amount(documents=1, bytes=8, characters=7, words=2, tokens=4)
    assert (one + one).in_unit("tokens") == 8
    assert one.tokens_per_byte == 0.5
    assert Amount().tokens_per_byte == 0


def word_level(path: Path) -> Path:
    """A tokenizer.json small enough to read: words by white space, each known or not."""
    pytest.importorskip("tokenizers")
    table = {
        "version": "1.0",
        "truncation": {
            "direction": "Right",
            "max_length": 2,
            "strategy": "LongestFirst",
            "stride": 0,
        },
        "padding": None,
        "added_tokens": [
            {
                "id": 1,
                "content": "<end>",
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
                "special": True,
            }
        ],
        "normalizer": None,
        "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": None,
        "decoder": None,
        "model": {
            "type": "WordLevel",
            "vocab": {"[UNK]": 0, "<end>": 1, "mill": 2},
            "unk_token": "[UNK]",
        },
    }
    path.write_text(json.dumps(table), encoding="utf-8")
    return path


def test_a_tokenizer_file_is_named_by_its_hash_and_reads_texts_as_texts(tmp_path: Path) -> None:
    path = word_level(tmp_path / "tiny.json")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    chosen = choose("tiny.json", tmp_path, digest)
    assert (chosen.told.name, chosen.told.sha256) == ("tiny.json", digest)
    count = counter(chosen)
    assert count is not None
    assert count("the mill turns again") == 4  # the file's own truncation would say 2
    assert count("a <end>") == 4  # as text: <, end, >
    with pytest.raises(ConfigError, match="its SHA-256 is"):
        choose("tiny.json", tmp_path, "0" * 64)


def test_a_tokenizer_that_is_not_there_is_said(tmp_path: Path) -> None:
    (tmp_path / "odd.json").write_text("{}", encoding="utf-8")
    (tmp_path / "broken.json").write_text('{"model": ', encoding="utf-8")
    for name, said in (
        ("byte", "did you mean 'bytes'"),
        ("none.json", "No such file"),
        ("odd.json", "neither a tokenizer.json"),
        ("broken.json", "does not read"),
    ):
        with pytest.raises(ConfigError, match=said):
            choose(name, tmp_path)
    with pytest.raises(ConfigError, match="has no file"):
        choose("bytes", tmp_path, "0" * 64)


def test_the_tekken_vocabulary_counts_whatever_the_text(tmp_path: Path) -> None:
    pytest.importorskip("tiktoken")
    pytest.importorskip("mistral_common")
    chosen = choose("tekken-240911", tmp_path)
    assert chosen.told.sha256.startswith("1948e2d48b0e7377")
    count = counter(chosen)
    assert count is not None
    assert count("The mill turns.") == 4
    assert count("<s>") > 1  # a text holds no special token
    assert count(" " * 1_200_000 + "end") > 0  # tiktoken alone panics


def test_the_recipes_that_are_shipped_are_right() -> None:
    for path in sorted(RECIPES.glob("*.toml")):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        assert mistakes(msgspec.convert(table["mix"], Recipe)) == [], path
