"""Where the words of a text begin and end, as filters trained on tokenized English count them.

A run of signs between blanks is one word, but for punctuation at its ends, the endings of English
contractions, and what joins two words inside: the conventions of the Penn Treebank as spaCy's rules
for English have them, in which the filters' published thresholds are used. Rules from facts, no
tables of either: what is left out are lists of abbreviations, smileys and slang.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from filters.jit import kernel
from filters.quality.signs import (
    CURRENCY,
    DIGIT,
    ICON,
    LETTER,
    LOWER,
    MARK,
    QUOTE,
    SPACE,
    UPPER,
)

_DOT, _HYPHEN, _PLUS, _PERCENT, _EQUALS, _SECTION = (ord(sign) for sign in ".-+%=§")
_SLASH, _COLON, _LESS, _MORE, _TILDE, _COMMA = (ord(sign) for sign in "/:<>~,")
_STAR, _CARET, _APOSTROPHE, _CURLY, _AT, _UNDER = (ord(sign) for sign in "*^'’@_")  # noqa: RUF001  the curly one is meant
_S, _T, _N, _D, _M = (ord(letter) for letter in "stndm")
_ELLIPSIS, _SHORT_DASH, _LONG_DASH = (ord(sign) for sign in "…–—")  # noqa: RUF001  real dashes
_FOLD: Final = 32  # between an ASCII capital and its small letter
_BASE: Final = 128
_MOST_PACKED: Final = 6  # letters of the longest abbreviation with its stop


def _packed(words: str) -> Any:
    """Spell words of ASCII as numbers of base 128, sorted."""
    numbers = [sum(ord(sign) << 7 * at for at, sign in enumerate(word)) for word in words.split()]
    return np.array(sorted(numbers), np.int64)


_SHORTENED: Final = _packed(
    "Mr. Mrs. Ms. Dr. St. vs. co. Co. Inc. Ltd. Corp. Jr. Prof. Gen. Gov. Rep. Sen. Rev."
    " Jan. Feb. Mar. Apr. Jun. Jul. Aug. Sep. Sept. Oct. Nov. Dec."
)
_ENDINGS: Final = _packed("re ve ll")
_UNITS: Final = _packed("km cm mm dm nm kg mg lb oz ft mb MB kb KB gb GB tb TB ha yd")
_UNIT: Final = _packed("m g t T G M K %")
_INITIAL, _INITIALS = 2, 4  # signs of "a." and of "e.g."


@kernel
def cut_words(points: Any, signs: Any) -> Any:
    """int64[n, 2]: start and end of each word, in code points."""
    spans = np.empty((len(points), 2), np.int64)
    tail = np.empty(len(points), np.int64)
    count = at = 0
    while at < len(points):
        while at < len(points) and signs[at] & SPACE:
            at += 1
        end = at
        while end < len(points) and not signs[end] & SPACE:
            end += 1
        if end > at:
            count = _cut_run(points, signs, at, end, spans, count, tail)
        at = end
    return spans[:count]


@kernel
def _cut_run(
    points: Any, signs: Any, start: Any, end: Any, spans: Any, count: Any, tail: Any
) -> Any:
    """Take words off both ends of a run as long as there are any, then cut what is left inside."""
    stack = split = 0
    last = end
    while start < last:
        split = _split(points, signs, start, last)
        if split:
            break
        size = _head(points, signs, start, last)
        if size:
            spans[count] = start, start + size
            count += 1
            start += size
            continue
        size = _tail(points, signs, start, last)
        if not size:
            break
        last -= size
        tail[stack] = last
        stack += 1
    if split > start and split < last:
        spans[count] = start, split
        spans[count + 1] = split, last
        count += 2
    elif split or (start < last and _is_address(points, signs, start, last)):
        spans[count] = start, last
        count += 1
    elif start < last:
        count = _cut_inside(points, signs, start, last, spans, count)
    while stack:
        stack -= 1
        spans[count] = tail[stack], tail[stack - 1] if stack else end
        count += 1
    return count


@kernel
def _among(points: Any, start: Any, end: Any, known: Any) -> Any:
    """Whether a short word is one of some packed ones."""
    number = np.int64(0)
    for at in range(end - 1, start - 1, -1):
        if points[at] >= _BASE:
            return False
        number = number * _BASE + np.int64(points[at])
    place = np.searchsorted(known, number)
    return place < len(known) and known[place] == number


@kernel
def _split(points: Any, signs: Any, start: Any, end: Any) -> Any:
    """Where a contraction parts; the end for an abbreviation, which keeps its stop; 0 for neither."""
    size = end - start
    if size < _INITIAL or not signs[start] & LETTER:
        return 0
    if points[end - 1] == _DOT:
        initials = size == _INITIAL or (
            size == _INITIALS and points[start + 1] == _DOT and signs[start + 2] & LETTER
        )
        known = size <= _MOST_PACKED and _among(points, start, end, _SHORTENED)
        return end if initials or known else 0
    if not signs[end - 1] & LETTER:
        return 0
    if size > 2 and points[end - 2] in (_APOSTROPHE, _CURLY):  # noqa: PLR2004  letter, apostrophe, letter
        return _short_ending(points, start, end)
    if size > 3 and points[end - 3] in (_APOSTROPHE, _CURLY):  # noqa: PLR2004  and one more
        return end - 3 if _among(points, end - 2, end, _ENDINGS) else 0
    return 0


@kernel
def _short_ending(points: Any, start: Any, end: Any) -> Any:
    """Where n't, 'd or 'm begins, 0 if none of them is there; 's is an end of any word."""
    last = points[end - 1]
    if last | _FOLD == _T:
        return end - 3 if end - start > 3 and points[end - 3] | _FOLD == _N else 0  # noqa: PLR2004  a letter before n't
    return end - 2 if last in (_D, _M) else 0


@kernel
def _dots(points: Any, at: Any, step: Any, start: Any, end: Any) -> Any:
    """How many full stops stand in a row."""
    count = 0
    while start <= at < end and points[at] == _DOT:
        count += 1
        at += step
    return count


@kernel
def _head(points: Any, signs: Any, start: Any, end: Any) -> Any:
    """Give the size of a word that a run begins with, 0 if there is none."""
    first, bits = points[start], signs[start]
    if bits & (MARK | CURRENCY | ICON):
        return 1
    if first == _DOT:
        dots = _dots(points, start, 1, start, end)
        return dots if dots > 1 else 0
    if first == _PLUS:
        return 0 if start + 1 < end and signs[start + 1] & DIGIT else 1
    return 1 if first in (_PERCENT, _EQUALS, _SECTION) else 0


@kernel
def _tail(points: Any, signs: Any, start: Any, end: Any) -> Any:
    """Give the size of a word that a run ends with, 0 if there is none."""
    last, before = points[end - 1], end - 2
    if signs[end - 1] & (MARK | ICON):
        return 1
    if before < start:
        return 0
    if last | _FOLD == _S and points[before] in (_APOSTROPHE, _CURLY):
        return 2
    if last == _DOT:
        dots = _dots(points, end - 1, -1, start, end)
        return dots if dots > 1 else _full_stop(points, signs, start, before)
    return _unit(points, signs, start, end)


@kernel
def _unit(points: Any, signs: Any, start: Any, end: Any) -> Any:
    """Give the size of a unit, a currency or a plus behind a number, 0 if there is none."""
    if signs[end - 2] & DIGIT:
        last = end - 1
        known = signs[last] & CURRENCY or points[last] == _PLUS
        return 1 if known or _among(points, last, end, _UNIT) else 0
    behind = end - 3 >= start and signs[end - 3] & DIGIT
    return 2 if behind and _among(points, end - 2, end, _UNITS) else 0


@kernel
def _full_stop(points: Any, signs: Any, start: Any, before: Any) -> Any:
    """1 where a stop ends a sentence: after a small letter, a digit, punctuation or two capitals."""
    if signs[before] & (LOWER | DIGIT | MARK | QUOTE):
        return 1
    sign = points[before]
    if sign in (_PERCENT, _HYPHEN, _PLUS):
        return 1
    capitals = signs[before] & UPPER and before > start and signs[before - 1] & UPPER
    return 1 if capitals else 0


@kernel
def _is_address(points: Any, signs: Any, start: Any, end: Any) -> Any:
    """Whether a run is a URL, an e-mail address or a host with or without a path, which stay whole."""
    at = start
    while at < end and signs[at] & LETTER:
        at += 1
    if start < at < end - 2 and points[at] == _COLON and points[at + 1] == points[at + 2] == _SLASH:
        return True
    at = start
    dot = -1
    while at < end and (
        signs[at] & (LETTER | DIGIT)
        or points[at] == _DOT
        or points[at] == _HYPHEN
        or points[at] == _AT
        or points[at] == _UNDER
    ):
        if points[at] == _DOT:
            dot = at
        at += 1
    if dot <= start or at - dot < 3:  # noqa: PLR2004  a stop and two letters, the shortest top-level domain
        return False
    for letter in range(dot + 1, at):
        if not signs[letter] & LOWER or points[letter] >= _BASE:
            return False
    return at == end or points[at] == _SLASH


@kernel
def _cut_inside(points: Any, signs: Any, start: Any, end: Any, spans: Any, count: Any) -> Any:
    """Cut a run at what joins two words, which is a word itself."""
    at = begin = start
    while at < end:
        size = _join(points, signs, at, start, end)
        if size == 0:
            at += 1
            continue
        if at > begin:
            spans[count] = begin, at
            count += 1
        spans[count] = at, at + size
        count += 1
        at += size
        begin = at
    if begin < end:
        spans[count] = begin, end
        count += 1
    return count


@kernel
def _join(points: Any, signs: Any, at: Any, start: Any, end: Any) -> Any:
    """Give the size of what joins two words here, 0 if nothing does."""
    sign = points[at]
    if signs[at] & ICON or sign == _ELLIPSIS:
        return 1
    dots = _dots(points, at, 1, start, end)
    if dots > 1:
        return dots
    if at == start or at + 1 >= end:
        return 0
    if sign in (_HYPHEN, _TILDE, _SHORT_DASH, _LONG_DASH) and signs[at - 1] & (LETTER | DIGIT):
        size = _hyphens(points, signs, at, end)
        if size:
            return size
    return 1 if _joins(sign, signs[at - 1], signs[at + 1], points[at + 1]) else 0


@kernel
def _joins(sign: Any, left: Any, right: Any, following: Any) -> Any:
    """Whether one sign between others joins two words or two numbers."""
    if sign == _DOT:
        return left & (LOWER | QUOTE) != 0 and right & (UPPER | QUOTE) != 0
    if sign == _COMMA:
        return left & LETTER != 0 and right & LETTER != 0
    if sign in (_PLUS, _HYPHEN, _STAR, _CARET):
        return left & DIGIT != 0 and (right & DIGIT != 0 or following == _HYPHEN)
    joined = sign in (_COLON, _LESS, _MORE, _EQUALS, _SLASH)
    return joined and left & (LETTER | DIGIT) != 0 and right & LETTER != 0


@kernel
def _hyphens(points: Any, signs: Any, at: Any, end: Any) -> Any:
    """One to three hyphens, or one or two dashes, before a letter."""
    size = 1
    most = 3 if points[at] == _HYPHEN else 2 if points[at] == _LONG_DASH else 1
    while size < most and at + size < end and points[at + size] == points[at]:
        size += 1
    return size if at + size < end and signs[at + size] & LETTER else 0
