"""Spans that an earlier redaction left in a text, and where they stand when the text is redacted again."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple
from unicodedata import is_normalized

import msgspec

from filters.redact.replace import is_output
from filters.redact.rule import TYPES

if TYPE_CHECKING:
    from filters.redact.edits import Redaction

Spans = tuple[tuple[int, int, str], ...]
"""`(start, end, type)` of what stands for something redacted, sorted and disjoint."""

_TYPES: Final = frozenset(TYPES)


class Carried(NamedTuple):
    """What the record of a release says was redacted: in the context of a question, and in its own text."""

    context: Spans = ()
    question: Spans = ()


def trusted(given: object, text: object) -> Spans | None:
    """Read the spans that a record gives of its text; `None` where they cannot be what a redaction left.

    They lie in the text, which is NFC, overlap nowhere, have types that there are, and each holds
    what a redaction puts in: so the spans of a text that was edited since are not taken for its own.
    """
    try:
        spans = tuple(sorted(msgspec.convert(given, list[tuple[int, int, str]])))
    except msgspec.ValidationError:
        return None
    if not spans:
        return ()
    if not isinstance(text, str) or not is_normalized("NFC", text):
        return None
    sound = all(
        0 <= start < end <= len(text) and kind in _TYPES and is_output(text[start:end])
        for start, end, kind in spans
    )
    apart = all(one[1] <= other[0] for one, other in pairwise(spans))
    return spans if sound and apart else None


def carry(spans: Spans, redaction: Redaction) -> Spans:
    """Move spans into the redacted text; one that an edit touches is part of that edit, and goes."""
    moved = ((redaction.forward(start, end), kind) for start, end, kind in spans)
    return tuple((*place, kind) for place, kind in moved if place is not None)
