"""The traps of Korean and of offsets, each with the tokenizer that is trained here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.qa.windows import Encoded, answer_tokens, is_exact
from pipeline.qa.wordpiece import WordPiece, load, train

pytest.importorskip("tokenizers")

KOREAN = [
    "서울은 대한민국의 수도이다. 서울에는 한강이 흐르고 서울의 인구는 천만 명이다.",
    "한강은 서울을 지나 서해로 흐른다. 한강의 길이는 길다. 대한민국은 한강을 사랑한다.",
    "임금은 한양을 수도로 정했다. 한양은 서울이 되었다. 수도의 이름은 서울이다.",
] * 3
ENGLISH = ["The Café on the weir was built by Zoë. It burnt 🌾 in 1743.", "A café by the weir."] * 3


@pytest.fixture(scope="module")
def korean() -> WordPiece:
    return train(KOREAN, 400)


def pieces(text: str, encoded: Encoded) -> list[str]:
    return [text[start:end] for start, end in encoded.offsets]


def test_syllables_stay_whole_and_nothing_is_unknown(korean: WordPiece) -> None:
    vocabulary = json.loads(korean.as_json())["model"]["vocab"]
    assert not any(0x1100 <= ord(sign) < 0x1200 for token in vocabulary for sign in token)
    assert any(token.startswith("서울") for token in vocabulary)
    assert not korean.splits_hangul()
    encoded = korean.encode(KOREAN[0])
    assert korean.unknown not in encoded.ids
    assert "".join(pieces(KOREAN[0], encoded)) == "".join(KOREAN[0].split())


def test_text_that_is_not_nfc_is_refused_wherever_it_comes_in(korean: WordPiece) -> None:
    with pytest.raises(ValueError, match="NFC"):
        korean.encode(unicodedata.normalize("NFD", KOREAN[0]))
    with pytest.raises(ConfigError, match="NFC"):
        train([unicodedata.normalize("NFD", KOREAN[0])], 100)


def test_a_particle_inside_a_word_leaves_the_answer_a_token_of_its_own(korean: WordPiece) -> None:
    text = KOREAN[0]
    encoded = korean.encode(text)
    start = text.index("서울의")
    place = answer_tokens(encoded.offsets, (start, start + 2))
    assert place is not None
    assert is_exact(encoded.offsets, place, (start, start + 2))
    # half a token: the answer is found, and is told not to be exact
    start = text.index("대한민국")
    place = answer_tokens(encoded.offsets, (start + 1, start + 4))
    assert place is not None
    assert encoded.offsets[place[0]][0] <= start + 1


def test_offsets_are_code_points_behind_astral_characters_and_accents() -> None:
    tokenizer = train(ENGLISH, 200)
    text = "🌾🌾 Zoë’s CAFÉ 𝕏 was built 🌾 in 1743."
    encoded = tokenizer.encode(text)
    assert "".join(pieces(text, encoded)) == "".join(text.split())
    start = text.index("1743")
    place = answer_tokens(encoded.offsets, (start, start + 4))
    assert place is not None
    assert is_exact(encoded.offsets, place, (start, start + 4))


def test_what_is_no_korean_is_lower_cased_with_its_accents(korean: WordPiece) -> None:
    tokenizer = train(ENGLISH, 200)
    assert tokenizer.encode("CAFÉ").ids == tokenizer.encode("café").ids != tokenizer.encode("cafe").ids  # fmt: skip
    assert json.loads(korean.as_json())["normalizer"]["lowercase"] is False
    assert json.loads(tokenizer.as_json())["normalizer"]["strip_accents"] is False


def test_marks_in_a_text_are_what_somebody_wrote(korean: WordPiece) -> None:
    encoded = korean.encode("[SEP] 서울 [CLS]")
    assert not {korean.marks.cls, korean.marks.sep} & set(encoded.ids)


def test_the_order_and_repetition_of_passages_do_not_matter_nor_does_the_process() -> None:
    texts = [f"{text} {n}" for n, text in enumerate(KOREAN + ENGLISH)]
    one = train(texts, 300).as_json()
    assert train(texts[::-1] + texts[:4], 300).as_json() == one
    code = (
        "import json, sys; from pipeline.qa.wordpiece import train;"
        "sys.stdout.buffer.write(train(json.load(sys.stdin), 300).as_json())"
    )
    root = str(Path(__file__).parents[2])
    made = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps(texts).encode(),
        capture_output=True,
        check=True,
        cwd=root,
        env=os.environ | {"PYTHONPATH": root, "PYTHONHASHSEED": "7"},
    )
    assert made.stdout == one


def test_a_tokenizer_is_read_again_as_it_was(korean: WordPiece) -> None:
    again = load(korean.as_json(), "t.json")
    assert again.encode(KOREAN[0]) == korean.encode(KOREAN[0])
    assert (again.marks, again.size) == (korean.marks, korean.size)


def test_a_tokenizer_that_takes_syllables_apart_is_told() -> None:
    from tokenizers import Tokenizer, models, normalizers, trainers

    bad = Tokenizer(models.WordPiece(unk_token="[UNK]"))  # noqa: S106  no password
    bad.normalizer = normalizers.BertNormalizer(lowercase=True)  # which strips accents by default
    trainer = trainers.WordPieceTrainer(
        vocab_size=200, show_progress=False, special_tokens=["[UNK]", "[CLS]", "[SEP]"]
    )
    bad.train_from_iterator(KOREAN, trainer)
    assert load(bad.to_str().encode(), "bad.json").splits_hangul()


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"model": 3}', b"\xff"])
def test_what_is_no_tokenizer_is_refused(data: bytes) -> None:
    with pytest.raises(ConfigError, match=r"no tokenizer\.json"):
        load(data, "x.json")


def test_one_without_marks_is_refused() -> None:
    from tokenizers import Tokenizer, models

    plain = Tokenizer(models.WordPiece({"a": 0, "[UNK]": 1}, unk_token="[UNK]"))  # noqa: S106  no password
    with pytest.raises(ConfigError, match="neither"):
        load(plain.to_str().encode(), "x.json")
