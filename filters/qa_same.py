"""What two questions, or two answers, say when their spelling does not count."""

from __future__ import annotations

from typing import Final

import regex  # type: ignore[import-untyped]  # it ships no types

_WORD: Final = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_SAID: Final = regex.compile(r"[\p{L}\p{M}\p{N}]+|\p{S}")


def plain_question(question: str) -> str:
    """Return a question's words and signs (of money, of mathematics) without case and punctuation.

    One that has none is as it is.
    """
    return " ".join(_SAID.findall(question.casefold())) or question


def is_malformed(question: str) -> bool:
    """Tell what nobody can have meant to ask: no word, or fewer word characters than others, spaces aside."""
    words = sum(map(len, _WORD.findall(question)))
    return words * 2 < len("".join(question.split())) or words == 0


def say_the_same(one: str, other: str) -> bool:
    """Tell whether two answers have a word in common, or one stands in the other (a case ending, a unit)."""
    a, b = one.casefold().strip(), other.casefold().strip()
    return a in b or b in a or not set(_WORD.findall(a)).isdisjoint(_WORD.findall(b))
