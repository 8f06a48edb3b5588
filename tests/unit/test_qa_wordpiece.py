"""The traps of Korean and of offsets, each with the tokenizer that is trained here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import unicodedata
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ConfigError
from pipeline.qa.asked import Asked, read_asked
from pipeline.qa.features import measure
from pipeline.qa.windows import Encoded, Shape, answer_tokens, is_exact
from pipeline.qa.wordpiece import WordPiece, load, train
from tests.profiles import examples
from tests.unit.test_qa_published import SHARED

pytest.importorskip("tokenizers", reason="the extra [tokenizers] is not installed")

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


TURKISH = ["İstanbul'da İki Σίγμα ﬁne 中文 ẞ Straße i\u0307"] * 3
WRITTEN = st.text(
    st.characters(exclude_categories=("Cs", "Cn"))  # what is not assigned yet has no letter case
    | st.sampled_from("İiIΣςẞﬁ\u0307aA가각나中 \t\u200d\u00ad\ufffd\u3000\0"),
    max_size=60,
)


@pytest.fixture(scope="module")
def mixed() -> WordPiece:
    return train([*ENGLISH, *TURKISH], 500)


def shown(text: str, *, lower: bool) -> str:
    """What of a text a tokenizer looks up: no white space, no control or format characters, in its letter case."""
    kept = (
        sign
        for sign in text
        if not sign.isspace() and unicodedata.category(sign)[0] != "C" and sign != "\ufffd"
    )
    return "".join(sign.lower() if lower else sign for sign in kept)


@given(WRITTEN, st.booleans())
def test_tokens_stand_in_order_cover_what_is_shown_and_are_what_stands_there(
    korean: WordPiece, mixed: WordPiece, written: str, foreign: bool
) -> None:
    tokenizer = mixed if foreign else korean
    text = unicodedata.normalize("NFC", written)
    encoded = tokenizer.encode_once(text)
    names = {at: name for name, at in json.loads(tokenizer.as_json())["model"]["vocab"].items()}
    spelled: dict[tuple[int, int], str] = {}
    for place, token in zip(encoded.offsets, encoded.ids, strict=True):
        spelled[place] = spelled.get(place, "") + names[token].removeprefix("##")
    covered: list[int] = []
    for (
        start,
        end,
    ), name in spelled.items():  # two tokens share a place where İ becomes i and a dot
        assert 0 <= start < end <= len(text)
        covered.extend(range(start, end))
        assert name in {"[UNK]", shown(text[start:end], lower=foreign)}
    assert covered == sorted(set(covered))
    assert not shown("".join(text[at] for at in set(range(len(text))) - set(covered)), lower=False)
    shared = {place for place in encoded.offsets if encoded.offsets.count(place) > 1}
    assert {text[start:end] for start, end in shared} <= {"İ"}


@given(st.lists(WRITTEN, min_size=1, max_size=6), st.randoms(use_true_random=False))
@examples(30)
def test_equal_texts_in_any_order_give_equal_bytes(texts: list[str], chance: Random) -> None:
    known = [unicodedata.normalize("NFC", each) for each in texts] + KOREAN
    turned = chance.sample(known, len(known)) + known[:2]
    assert train(known, 300).as_json() == train(turned, 300).as_json()


@given(WRITTEN, st.sampled_from("가각éÅ"), WRITTEN)
def test_no_text_that_is_not_nfc_has_tokens(
    korean: WordPiece, before: str, sign: str, behind: str
) -> None:
    text = before + unicodedata.normalize("NFD", sign) + behind
    with pytest.raises(ValueError, match="NFC"):
        korean.encode_once(text)


def test_why_the_tokenizer_makes_no_normal_form_itself() -> None:
    """With an NFC normaliser inside, tokens of 8 code points in NFD stand at 3 of them: the rest is lost."""
    from tokenizers import Tokenizer, normalizers

    made = Tokenizer.from_str(train(KOREAN, 400).as_json().decode())
    made.normalizer = normalizers.NFC()
    text = unicodedata.normalize("NFD", "서울은")
    offsets = made.encode(text, add_special_tokens=False).offsets
    assert len(text) == 8
    assert sum(end - start for start, end in offsets) < len(text)


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.is_dir(), reason=f"no published QA sets under {SHARED}")
def test_answers_of_korquad_that_it_never_saw_stand_at_tokens_borders() -> None:
    asked = list(read_asked(SHARED / "korquad/dev-v1.0.json"))
    learning, held = _halves(asked)
    tokenizer = train(
        {text for each in learning for text in (each.question.context, each.question.question)},
        8000,
    )
    (tally,) = measure(held, tokenizer, Shape()).values()
    told = tally.told()
    assert not tokenizer.splits_hangul()
    assert told["unknown_share"] < 0.02
    assert told["exact_share"] > 0.72
    assert tally.absent == 0


def _halves(asked: list[Asked]) -> tuple[list[Asked], list[Asked]]:
    titles = sorted({each.question.title for each in asked})
    first = set(titles[::2])
    return (
        [each for each in asked if each.question.title in first],
        [each for each in asked if each.question.title not in first],
    )
