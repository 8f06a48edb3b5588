"""What is said to a question as one JSON object: in files of lines, and over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from pipeline.qa.baseline.ranker import Option, Told

DIGITS: Final = 6
"""Behind the point, of odds and probabilities."""


def object_of(told: Told, threshold: float) -> dict[str, Any]:
    """Return what is said; an answer of `""` has no span, and stands for there being none.

    Spans are code points of the passage in NFC, end exclusive.
    """
    answer = told.abstaining(threshold)
    found: dict[str, Any] = {"id": told.id, "answer": answer}
    if answer:
        found |= {"start": told.options[0].start, "end": told.options[0].end}
    return found | {
        "confidence": round(told.sure(threshold), DIGITS),
        "null_odds": round(told.null_odds, DIGITS),
        "options": [spelled(each) for each in told.options],
    }


def line_of(told: Told, threshold: float) -> bytes:
    """Return it as a line."""
    return msgspec.json.encode(object_of(told, threshold)) + b"\n"


def spelled(option: Option) -> dict[str, Any]:
    """Return one of an n-best list as an object."""
    return option._asdict() | {"probability": round(option.probability, DIGITS)}
