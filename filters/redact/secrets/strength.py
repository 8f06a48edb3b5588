"""Weigh a value: how much of it is words, and how much is digits, symbols and random letters."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from filters.redact.secrets.letters import is_word

# Camel-case humps, capitals, digits, letters of other scripts, and what stands between them
_PIECE: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+|[^\W\d_]+|[\W\d_]")
_SEPARATORS: Final = frozenset(" _-./:,\\|")
_JOINTS: Final = ("-", "_")
_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz"
_COUNTING: Final = "01234567890123456789"
_ANY_DIGIT: Final = re.compile("[0-9]")
_ANY_SYMBOL: Final = re.compile(r"[^A-Za-z0-9 _\-./:,\\|]")
_RUN: Final = 3
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
# Bits: a word from a large dictionary; a year or a run such as 1234; a letter, digit, symbol
_WORD, _TRIVIAL, _LETTER, _DIGIT, _SYMBOL = 8.0, 4.0, 4.7, 3.3, 3.0


# Digits in front of letters stand twice in few names, and often in random characters
_ALTERNATES: Final = re.compile(r"[0-9](?=[A-Za-z])")
_LONG_WORD: Final = 6


class Weight(NamedTuple):
    """What a value is made of, in bits, as someone who guesses it would count them."""

    words: float  # of its words
    odd: float  # of its digits, symbols and letters that form no word
    classes: int  # how many of lower case, upper case, digits and symbols it has
    number: int  # how many words it has


@lru_cache(1 << 14)
def weigh(value: str) -> Weight:
    """Weigh a value, in the manner of zxcvbn (Wheeler 2016) but without its dictionaries."""
    words = odd = 0.0
    count = 0
    mixed = len(_ALTERNATES.findall(value)) > 1
    for match in _PIECE.finditer(value):
        piece = match[0]
        if piece.isalpha():
            if len(piece) >= _RUN and piece.lower() in _ALPHABET:
                odd += _TRIVIAL
            elif _reads(piece) and not (mixed and len(piece) < _LONG_WORD):
                words += min(_WORD, _LETTER * len(piece))
                count += 1
            else:
                odd += _LETTER * len(piece)
        else:
            odd += _other(piece)
    if value[-1:] in _JOINTS and words + odd:
        odd += _SYMBOL  # joins nothing
    # a value of few different characters is no better than they are
    return Weight(words, min(odd, _LETTER * len(set(value))), classes(value), count)


def _reads(piece: str) -> bool:
    return not piece.isascii() or is_word(piece.lower())


def _other(piece: str) -> float:
    if not piece.isdigit():
        return 0.0 if piece in _SEPARATORS else _SYMBOL
    if piece in _COUNTING or len(set(piece)) == 1 or _YEAR.fullmatch(piece) is not None:
        return min(_TRIVIAL, _DIGIT * len(piece))
    return _DIGIT * len(piece)


def classes(value: str) -> int:
    """Count the kinds of characters of a value: lower case, upper case, digits, symbols.

    What joins words (`-`, `_`, `.`, blanks) is no symbol.
    """
    if value.isascii():
        return (
            (value.upper() != value)
            + (value.lower() != value)
            + (_ANY_DIGIT.search(value) is not None)
            + (_ANY_SYMBOL.search(value) is not None)
        )
    return (
        any(map(str.islower, value))
        + any(map(str.isupper, value))
        + any(map(str.isdigit, value))
        + any(not (c.isalnum() or c in _SEPARATORS) for c in value)
    )
