"""A text as units: words, numbers and marks with their places, what they look like, and their sentences.

Nothing is looked up in a dictionary of a language but short closed lists (months, numerals, particles).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from filters.korean import is_hangul, is_particle, particle_length

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    Integers = npt.NDArray[np.int32]

CAPITAL: Final = 1  # begins with a capital letter
ACRONYM: Final = 2  # two capital letters or more, no small one
DIGIT: Final = 4  # holds a digit
YEAR: Final = 8  # 1000 to 2099
DATE: Final = 16  # a month, a day of the week, a part of a Korean date
NUMERAL: Final = 32  # a number in letters
MONEY: Final = 64  # with a sign of a currency, or the name of one
PERCENT: Final = 128
ORDINAL: Final = 256
MARK: Final = 512  # no letter and no digit
QUOTE: Final = 1024
BRACKET: Final = 2048
PARTICLE: Final = 4096  # the end of an eojeol
ARTICLE: Final = 8192  # does not count when answers are compared
SMALL: Final = 16384  # letters, the first of them small, or of a script without capitals

_UNIT: Final = re.compile(
    r"""
    (?:[A-Za-z]\.){2,}                                    # U.S.
    | [$£€¥₩]?\d+(?:[.,:]\d+)*%?(?:[a-zA-Z]+|[가-힣]+)?       # $1,200.50, 12%, 1960s, 3rd, 1989년
    | [\u3040-\u30ff\u3400-\u9fff]                        # kana and Han are not cut into words
    | (?:(?![\u3040-\u30ff\u3400-\u9fff])\w)+             # a word ...
      (?:(?:[-.&]|(?<=[A-Za-z])['\u2019](?!s\b))(?:(?![\u3040-\u30ff\u3400-\u9fff])\w)+)*  # ... joined
    | ['\u2019]s\b
    | \S
    """,
    re.VERBOSE,
)
_MONTHS: Final = frozenset(
    """january february march april may june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday""".split()  # noqa: SIM905  a list of words reads as one
)
_NUMERALS: Final = frozenset(
    """one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand
    million billion trillion dozen half twice once""".split()  # noqa: SIM905  a list of words reads as one
)
_ORDINALS: Final = frozenset(
    "first second third fourth fifth sixth seventh eighth ninth tenth last".split()  # noqa: SIM905  a list of words reads as one
)
_MONEY: Final = frozenset(("dollar", "dollars", "pound", "pounds", "euro", "euros", "cents", "yen"))
_ARTICLES: Final = frozenset(("a", "an", "the"))
_QUOTES: Final = frozenset("\"'“”‘’«»「」『』")  # noqa: RUF001  typed quotes are meant
_BRACKETS: Final = frozenset("()[]{}《》〈〉<>（）")  # noqa: RUF001  full-width ones too
_CLOSING: Final = frozenset("\"'”’»」』)]》〉>）")  # noqa: RUF001  likewise
_ENDS: Final = frozenset(".!?。！？")  # noqa: RUF001  likewise
_SHORT: Final = frozenset(
    "mr mrs ms dr st prof jr sr vs no gen col lt rev fig etc inc co ltd".split()  # noqa: SIM905  a list of words reads as one
)
_SUFFIXES: Final = (
    "ational", "ization", "ations", "ation", "ments", "ment", "ness", "ingly", "ings", "ing", "edly",
    "ions", "ion", "ers", "ors", "ies", "ied", "ed", "es", "er", "or", "al", "ly", "s", "y", "e",
)  # fmt: skip
_LEAST_STEM: Final = 3
_WORDS: Final = (
    1 << 16
)  # whose stems and shapes are kept: most words of a text were in the texts before it


class Units(NamedTuple):
    """The units of a text, in order; all of one length.

    `start` and `end` are code points, `words` the units in lower case, `stems` what is left without
    English endings, `shapes` are flags of this module and `sentence` counts from 0.
    """

    start: Integers
    end: Integers
    words: list[str]
    stems: list[str]
    shapes: Integers
    sentence: Integers


def units_of(text: str) -> Units:
    """Cut a text."""
    places = list(_cut(text))
    spelled = [text[start:end] for start, end, _ in places]
    words = [word.lower() for word in spelled]
    shapes = [
        PARTICLE if particle else shape_of(word, lower)
        for word, lower, (_, _, particle) in zip(spelled, words, places, strict=True)
    ]
    return Units(
        np.array([start for start, _, _ in places], np.int32),
        np.array([end for _, end, _ in places], np.int32),
        words,
        [stem_of(word) for word in words],
        np.array(shapes, np.int32),
        _sentences(text, places, words),
    )


def _cut(text: str) -> Iterator[tuple[int, int, bool]]:
    """Yield start, end and whether the unit is a particle."""
    for found in _UNIT.finditer(text):
        start, end = found.span()
        if not is_hangul(text[end - 1]):
            yield start, end, False
            continue
        if start and text[start - 1] in _CLOSING and is_particle(text[start:end]):
            yield start, end, True
            continue
        cut = end - particle_length(text[start:end])
        yield start, cut, False
        if cut < end:
            yield cut, end, True


@lru_cache(_WORDS)
def stem_of(word: str) -> str:
    """Take one English ending from a word in lower case, so that forms of one word meet."""
    if not word.isascii():
        return word
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _LEAST_STEM:
            return word[: -len(suffix)]
    return word


@lru_cache(_WORDS)
def shape_of(word: str, lower: str) -> int:
    """Return the flags of a unit."""
    if not any(map(str.isalnum, word)):
        return MARK | QUOTE * (word in _QUOTES) | BRACKET * (word in _BRACKETS)
    if any(map(str.isdigit, word)):
        return _shape_of_number(word, lower)
    capital = word[0].isupper()
    acronym = capital and len(word) > 1 and word.isupper()
    return (
        CAPITAL * capital
        | ACRONYM * acronym
        | SMALL * (not capital)
        | DATE * (lower in _MONTHS and capital)
        | NUMERAL * (lower in _NUMERALS)
        | ORDINAL * (lower in _ORDINALS)
        | MONEY * (lower in _MONEY)
        | PERCENT * (lower == "percent")
        | ARTICLE * (lower in _ARTICLES)
    )


_PLAIN_YEAR: Final = re.compile(r"(?:1\d|20)\d\d(?:s|년|년대)?")
_ORDINAL_NUMBER: Final = re.compile(r"\d+(?:st|nd|rd|th|번째|위|차)")
_DATE_NUMBER: Final = re.compile(r"\d+(?:년|월|일)")


def _shape_of_number(word: str, lower: str) -> int:
    return (
        DIGIT
        | YEAR * bool(_PLAIN_YEAR.fullmatch(lower))
        | MONEY * (word[0] in "$£€¥₩" or word.endswith(("원", "달러")))
        | PERCENT * word.endswith(("%", "퍼센트"))
        | ORDINAL * bool(_ORDINAL_NUMBER.fullmatch(lower))
        | DATE * bool(_DATE_NUMBER.fullmatch(lower))
        | CAPITAL * word[0].isupper()
    )


def _sentences(text: str, places: list[tuple[int, int, bool]], words: list[str]) -> Integers:
    """Return the number of each unit's sentence: one ends at its mark and the quotes behind it, and at a line's end."""
    found = np.zeros(len(places), np.int32)
    number, ended = 0, False
    for index, (start, end, _) in enumerate(places):
        before = places[index - 1][1] if index else 0
        gap = text[before:start]
        if index and ("\n" in gap or (ended and gap)):
            number += 1
        found[index] = number
        if text[start:end] in _ENDS:
            ended = not (index and text[start] == "." and _is_short(words[index - 1]))
        elif gap or text[start] not in _CLOSING:
            ended = False
    return found


def _is_short(word: str) -> bool:
    """Tell whether a full stop behind a word belongs to it: an initial or an abbreviation."""
    return word in _SHORT or (len(word) == 1 and word.isascii() and word.isalpha())
