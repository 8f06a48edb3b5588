"""Chance that a seed and a text decide alone: the same questions fall the same way in whatever order they come."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from filters.qa import Question


def digest(seed: int, *texts: str) -> str:
    """Return SHA-256 over a seed and texts, in hex."""
    return hashlib.sha256("\0".join((str(seed), *texts)).encode()).hexdigest()


def part_of(context: str, seed: int, parts: int) -> int:
    """Return which of so many parts a context falls into, with all of its questions."""
    return int(digest(seed, context)[:8], 16) % parts


def taken(questions: Sequence[Question], seed: int, most: int | None) -> list[Question]:
    """Return the questions in an order of their own, `most` of them by chance of their ids."""
    by_chance = sorted(
        questions, key=lambda each: digest(seed, each.id, each.context, each.question)
    )
    return sorted(
        by_chance[:most], key=lambda each: (digest(seed, each.context), each.id, each.question)
    )
