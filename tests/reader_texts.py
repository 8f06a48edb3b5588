"""Texts that are awkward to read, ways to read them, and tokenizers: what laws of readers are tried on."""

from __future__ import annotations

import unicodedata
from functools import cache

from hypothesis import strategies as st

from pipeline.qa.reader.fits import Fits
from pipeline.qa.reader.hints import Rarity, count_rarity
from pipeline.qa.reader.inputs import Preparer, Reading
from pipeline.qa.wordpiece import WordPiece, load, train

WORDS = st.sampled_from(
    ["who", "What", "mill", "Mills", "the", "Ada", "1848", "$3", "12%", "(", ")", "[SEP]", '"', ".", ".", "!", ",",
     "\n", "'s", "don't", "서울은", "1989년에", "누구", "《", "》", "의", "東京", "。", "U.S.", "\u0301", "각", "é",
     "\U0001f33e", "\U0001f469\u200d\U0001f33e", "الطاحونة", "في", "؟", "\u200b", "\u200e", "\x1c", "\x85", "\ufeff",
     "İstanbul", "ﬁn", "\u2126", "unknowable", "\ud7a3", "\U0010ffff"]
)  # fmt: skip
texts = st.one_of(
    st.lists(WORDS, max_size=60).map(" ".join),
    st.lists(WORDS, max_size=60).map("".join),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60),
).map(lambda text: unicodedata.normalize("NFC", text))
readings = st.builds(
    lambda way, room, question, stride, hinted: Reading(
        way, question + 3 + room, min(stride, room - 1), question, 30, hinted
    ),
    st.sampled_from(("sentences", "passage")),
    st.integers(1, 40),
    st.integers(1, 12),
    st.integers(0, 39),
    st.booleans(),
)
ENGLISH = "The old mill burned down in 1848. Ada Stone rebuilt it with bricks (from Kent). Who? It's a museum!"
KOREAN = "서울은 대한민국의 수도이다. 1989년에 누가 그것을 지었는가? 《도서관》의 역사는 길다."
KINDS = ("english", "korean", "pieces", "bytes")


@cache
def tokenizer(kind: str) -> WordPiece:
    """Two that are trained here, and two that people bring: one has tokens for blanks, one cuts letters into bytes."""
    if kind in {"english", "korean"}:
        return train([ENGLISH, KOREAN] if kind == "korean" else [ENGLISH], 200)
    import tokenizers  # comes with an extra

    vocabulary = {each: number for number, each in enumerate(("[PAD]", "[UNK]", "[CLS]", "[SEP]"))}
    if kind == "bytes":
        before = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
        letters = tokenizers.pre_tokenizers.ByteLevel.alphabet()
    else:
        before = tokenizers.pre_tokenizers.Metaspace(prepend_scheme="never")
        letters = sorted({*ENGLISH, *KOREAN, "▁"})
    for each in sorted(letters):
        vocabulary.setdefault(each, len(vocabulary) + 3)  # not all numbers are taken
    made = tokenizers.Tokenizer(tokenizers.models.BPE(vocabulary, [], unk_token="[UNK]"))  # noqa: S106  no password
    made.pre_tokenizer = before
    return load(made.to_str().encode(), kind)


FITS = Fits({"mill": (0, 1, 2, 1, 0, 2, 1, 1, 2)}, {"who": (2,) * 9, "": (0,) * 9})


@cache
def rarity(kind: str) -> Rarity:
    known = tokenizer(kind)
    return count_rarity((known.encode(each).ids for each in (ENGLISH, KOREAN)), known.size)


def preparer(kind: str, reading: Reading | None = None) -> Preparer:
    return Preparer(tokenizer(kind), reading or Reading(), rarity(kind), FITS)


kinds = st.sampled_from(KINDS)
