"""Tell by the words before a number whether it is a telephone number, and of which language they are."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from filters.redact.personal.phone_words import ASKED, NOT_A_PHONE, ORDERED, STRONG, WEAK

# The words before a number are looked for in this many code points of its line.
_REACH: Final = 48
_STRONG: Final = re.compile(rf"(?:{STRONG})(?P<between>[^\d\n+]{{0,32}}\+?)$", re.IGNORECASE)
_HINT: Final = re.compile(rf"(?:{WEAK})(?P<between>[^\d\n+]{{0,20}})$", re.IGNORECASE)
_BEHIND_DIGITS: Final = re.compile(r"(?<=\d)\D*+\Z")
NO_WORD: Final = "+ \t,;|0123456789.-:/'\"[]{}()"
# A number right before another one, for which the same word vouches
_EARLIER: Final = re.compile(
    r"(?<!\d)\+?\(?\d[\d ().\-\u2010-\u2013]{5,18}\d\s?(?:[,;/|&\u3001]|or|and|und|oder|et|ou|y|o|및|또는)\s?$"
)
_JOINS: Final = tuple(",;/|&\u3001")
_JOINING: Final = (" or", " and", " und", " oder", " et", " ou", " y", " o", " 및", " 또는")


def is_announced(text: str, start: int) -> bool:
    """Tell whether a plain word for a telephone, or one that asks to use it, stands before."""
    before = line_before(text, start)
    return told(before) is not None or ASKED.match(hint(before)) is not None


def line_before(text: str, start: int) -> str:
    """Return what stands before a number on its line, as far as words are looked for."""
    low = max(0, start - _REACH)
    return text[max(text.rfind("\n", low, start) + 1, low) : start]


def words_before(text: str, start: int) -> str:
    """Return what stands before a number, or before the earlier number that it follows."""
    before = line_before(text, start)
    plain = before.rstrip()
    joined = plain[-1:] in _JOINS or plain.endswith(_JOINING)
    earlier = _EARLIER.search(before) if joined else None
    if earlier is None:
        return before
    start -= len(before) - earlier.start()
    return line_before(text, start)


def told(before: str) -> tuple[str, str] | None:
    """Return the telling word for a telephone before a number, and what stands between them."""
    return _told(_wordy(before))


def _wordy(before: str) -> str:
    """Return what stands behind the last digit: no word has one, nor what may follow it."""
    found = _BEHIND_DIGITS.search(before)
    return before if found is None else found[0]


# Lines full of numbers show the same words again and again.
@lru_cache(maxsize=1 << 10)
def _told(before: str) -> tuple[str, str] | None:
    found = _STRONG.search(before)
    if found is None or NOT_A_PHONE.search(found["between"]) is not None:
        return None
    return found[0], found["between"]


def hint(before: str) -> str:
    """Return the words that hint at a telephone number, or an empty text."""
    return _hint(_wordy(before))


@lru_cache(maxsize=1 << 10)
def _hint(before: str) -> str:
    found = _HINT.search(before) if before.strip(NO_WORD) else None
    if found is None or "/" in found["between"] or NOT_A_PHONE.search(found["between"]):
        return ""
    return found[0]


def is_ordered(before: str) -> bool:
    """Tell whether the words right before a number order to telephone it."""
    return _is_ordered(_wordy(before))


@lru_cache(maxsize=1 << 10)
def _is_ordered(before: str) -> bool:
    return ORDERED.search(before) is not None
