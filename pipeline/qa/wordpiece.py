"""A fast tokenizer for readers: WordPiece trained on passages and questions, or one that is at hand as tokenizer.json.

What goes in must be NFC already, and no normal form is made inside: the offsets of `tokenizers` 0.23 are
those of another text where its NFC normaliser changes something, and accents that are stripped (the
default of a BERT normaliser that lower-cases) take Hangul syllables apart.
"""

from __future__ import annotations

import importlib
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import msgspec

from filters.korean import is_hangul
from pipeline.errors import ConfigError
from pipeline.qa.windows import Encoded, Marks

if TYPE_CHECKING:
    from collections.abc import Iterable

_SPECIAL: Final = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_MARKS: Final = (("[CLS]", "[SEP]", "[UNK]"), ("<s>", "</s>", "<unk>"))
_CACHED: Final = 1 << 13
_KOREAN: Final = 0.05  # of the letters: above it nothing is lower-cased
_LEAST: Final = 2  # how often a pair is seen before it becomes a token
_SYLLABLE: Final = "가"


class WordPiece:
    """A tokenizer, the ids of its marks, and what there is to say against it."""

    def __init__(self, tokenizer: Any, name: str) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        tokenizer.encode_special_tokens = True  # "[SEP]" in a text is what somebody wrote
        self._tokenizer = tokenizer
        known = ([tokenizer.token_to_id(mark) for mark in each] for each in _MARKS)
        found = next((each for each in known if None not in each[:2]), None)
        if found is None:
            raise ConfigError(f"features: {name}: has neither [CLS] and [SEP] nor <s> and </s>")
        self.marks = Marks(*found[:2])
        self.unknown: int | None = found[2]
        self.encode = lru_cache(maxsize=_CACHED)(self.encode_once)

    def encode_once(self, text: str) -> Encoded:
        """Return the tokens of a text in NFC; `ValueError` for another text, whose offsets would be wrong.

        `encode` does the same and keeps the latest: for questions, whose contexts come again.
        """
        if not unicodedata.is_normalized("NFC", text):
            raise ValueError("a text that is not NFC cannot be tokenised")
        found = self._tokenizer.encode(text, add_special_tokens=False)
        return Encoded(tuple(found.ids), tuple(found.offsets))

    def as_json(self) -> bytes:
        """Return what a tokenizer.json holds."""
        return str(self._tokenizer.to_str(pretty=True)).encode() + b"\n"

    @property
    def size(self) -> int:
        """One more than the highest number of a token: some vocabularies leave numbers out."""
        return 1 + max(map(int, self._tokenizer.get_vocab().values()))

    def has(self, token: str) -> bool:
        """Tell whether it is one of the tokens."""
        return self._tokenizer.token_to_id(token) is not None

    def splits_hangul(self) -> bool:
        """Tell whether it takes a Hangul syllable apart before it looks it up."""
        normaliser = self._tokenizer.normalizer
        return normaliser is not None and normaliser.normalize_str(_SYLLABLE) != _SYLLABLE


def train(texts: Iterable[str], size: int) -> WordPiece:
    """Train WordPiece (Schuster and Nakajima 2012) of at most so many tokens; equal texts, equal tokenizer.

    Lower-cased, unless it is trained on Korean, with accents left as they are.

    Raises:
        ConfigError: the package is missing, or a text is not NFC.
    """
    package = _package()
    known = sorted(set(texts))  # neither order nor repetitions matter
    if not all(unicodedata.is_normalized("NFC", text) for text in known):
        raise ConfigError("features: a tokenizer is trained on NFC alone")
    tokenizer = package.Tokenizer(package.models.WordPiece(unk_token="[UNK]"))  # noqa: S106  no password
    tokenizer.normalizer = package.normalizers.BertNormalizer(
        clean_text=True,
        handle_chinese_chars=True,
        strip_accents=False,
        lowercase=not _is_korean(known),
    )
    tokenizer.pre_tokenizer = package.pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = package.decoders.WordPiece()
    parts = _parts(tokenizer, known)
    trainer = package.trainers.WordPieceTrainer(
        vocab_size=size,
        min_frequency=_LEAST,
        special_tokens=[*_SPECIAL, *parts],
        show_progress=False,
    )
    tokenizer.train_from_iterator(known, trainer)
    cls, sep = (tokenizer.token_to_id(each) for each in ("[CLS]", "[SEP]"))
    tokenizer.post_processor = package.processors.BertProcessing(("[SEP]", sep), ("[CLS]", cls))
    return WordPiece(package.Tokenizer.from_str(_unmarked(tokenizer, set(parts))), "trained")


def _parts(tokenizer: Any, texts: list[str]) -> list[str]:
    """Return the single characters that go on with a word, as tokens, in order.

    The trainer of tokenizers 0.23 numbers these by the order of a hash table, which differs from run to
    run, and takes the lower numbers first among equally frequent pairs; special tokens it numbers as told.
    """
    words: set[str] = set()
    for text in texts:
        plain = tokenizer.normalizer.normalize_str(text)
        words.update(word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(plain))
    return sorted({f"##{sign}" for word in words for sign in word[1:]})


def _unmarked(tokenizer: Any, parts: set[str]) -> str:
    """Return the tokenizer's JSON in which those parts are special no longer."""
    told = msgspec.json.decode(tokenizer.to_str())
    told["added_tokens"] = [each for each in told["added_tokens"] if each["content"] not in parts]
    return msgspec.json.encode(told).decode()


def load(data: bytes, name: str) -> WordPiece:
    """Read a tokenizer.json.

    Raises:
        ConfigError: the package is missing, or it is none.
    """
    package = _package()
    try:
        msgspec.json.decode(data, type=dict[str, msgspec.Raw])
        tokenizer = package.Tokenizer.from_buffer(data)
    except ValueError as error:
        raise ConfigError(f"features: {name}: is no tokenizer.json") from error
    return WordPiece(tokenizer, name)


def _is_korean(texts: list[str]) -> bool:
    letters = hangul = 0
    for text in texts:
        letters += sum(map(str.isalpha, text))
        hangul += sum(map(is_hangul, text))
    return hangul > _KOREAN * letters


def _package() -> Any:
    try:
        return importlib.import_module("tokenizers")
    except ImportError as error:
        raise ConfigError(
            "features: it needs the package tokenizers: pip install 'gristmill[tokenizers]'"
        ) from error
