"""Redact personal data and secrets: detectors return spans, and this one place edits the text.

The edits always map the original text to the final one, in code points, and redacting twice is
redacting once: detection is repeated on the edited text until nothing new is found.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import Final

import msgspec

from filters.document import Span
from filters.prefilter import BEST, Engine, Scanner, build, find
from filters.rules_base import LEVELS, MARKER, MARKER_PREFIX, TYPES, Level, Rule, marker

_ORDER: Final = {kind: rank for rank, kind in enumerate(TYPES)}


class Edit(msgspec.Struct, frozen=True, order=True):
    """One replacement: `[start, end)` of the old text became `[new_start, new_end)` of the new."""

    start: int
    end: int
    new_start: int
    new_end: int
    type: str
    rule: str


class Redaction(msgspec.Struct, frozen=True):
    """A redacted text and how it came about; `edits` are sorted and disjoint."""

    text: str
    edits: tuple[Edit, ...] = ()

    def forward(self, start: int, end: int) -> tuple[int, int] | None:
        """Map a span of the old text to the new one; None when a redaction touches it."""
        return _shift(self.edits, start, end, _old, _new)

    def backward(self, start: int, end: int) -> tuple[int, int] | None:
        """Map a span of the new text to the old one; None when a placeholder touches it."""
        return _shift(self.edits, start, end, _new, _old)


class Redactor(msgspec.Struct, frozen=True):
    """What to redact, as a small value; each process compiles the rules on first use."""

    level: Level = "balanced"

    def redact(self, text: str) -> Redaction:
        """Replace what the level's rules detect by `REDACTED_<TYPE>` placeholders."""
        if self.level == "off":
            return Redaction(text)
        return redact_with(scanner(self.level), text)

    def spans(self, text: str) -> tuple[Span, ...]:
        """Return what `redact` would replace, as spans of the original text."""
        return tuple(Span(e.start, e.end, e.type, e.rule) for e in self.redact(text).edits)


@cache
def scanner(level: Level, engine: Engine = BEST) -> Scanner:
    """Return the compiled rules of one level; built once a process."""
    return build(rules(level), engine)


@cache
def rules(level: Level) -> tuple[Rule, ...]:
    """Return the rules that apply at one level; none when it is off."""
    if level == "off":
        return ()
    # detect-secrets and phonenumbers load only in processes that redact
    from filters.pii import pii_rules  # noqa: PLC0415
    from filters.secrets import secret_rules  # noqa: PLC0415

    limit = LEVELS.index(level)
    every = secret_rules() + pii_rules()
    return tuple(rule for rule in every if LEVELS.index(rule.level) <= limit)


def redact_with(scanner: Scanner, text: str) -> Redaction:
    """Redact one text to the fixed point.

    Each round replaces at least one code point that is not part of a placeholder and adds none,
    so the rounds end.
    """
    done = Redaction(text)
    while True:
        spans = _fresh(find(scanner, done.text), done.text)
        if not spans:
            return done
        done = _compose(done, spans)


def _fresh(found: list[Span], text: str) -> list[Span]:
    """Merge overlapping detections; leave out those that hold nothing but placeholders.

    A placeholder that a detection touches in part is taken in whole, so that none is ever cut.
    """
    if not found:
        return []
    markers = _markers(text)
    grown = (_grow(_with_marks(span, text), markers) for span in found)
    return _merge([span for span in grown if not _is_covered(span, markers)])


def _with_marks(span: Span, text: str) -> Span:
    """Extend a span over the combining marks behind it: on a placeholder they would break NFC."""
    end = span.end
    while end < len(text) and not text[end].isascii() and unicodedata.combining(text[end]):
        end += 1
    return span if end == span.end else Span(span.start, end, span.type, span.rule)


def _markers(text: str) -> list[tuple[int, int]]:
    if MARKER_PREFIX not in text:
        return []
    return [match.span() for match in MARKER.finditer(text)]


def _grow(span: Span, markers: list[tuple[int, int]]) -> Span:
    """Extend a span over the placeholders that it cuts."""
    start, end = span.start, span.end
    for low, high in _touching(markers, start, end):
        start, end = min(start, low), max(end, high)
    return (
        span if (start, end) == (span.start, span.end) else Span(start, end, span.type, span.rule)
    )


def _is_covered(span: Span, markers: list[tuple[int, int]]) -> bool:
    touching = _touching(markers, span.start, span.end)
    return sum(high - low for low, high in touching) == span.end - span.start


def _touching(markers: list[tuple[int, int]], start: int, end: int) -> list[tuple[int, int]]:
    """Return the placeholders that share a code point with `[start, end)`."""
    first = bisect_right(markers, start, key=lambda item: item[1])
    last = bisect_right(markers, end - 1, key=lambda item: item[0])
    return markers[first:last]


def _merge(spans: list[Span]) -> list[Span]:
    """Unite overlapping spans; the earliest, then longest, then first in order names the union."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end, _ORDER[s.type], s.rule)):
        if merged and span.start < merged[-1].end:
            top = merged[-1]
            merged[-1] = Span(top.start, max(top.end, span.end), top.type, top.rule)
        else:
            merged.append(span)
    return merged


def _compose(done: Redaction, spans: list[Span]) -> Redaction:
    """Apply spans of the text so far, and express all edits on the original text."""
    kept = [edit for edit in done.edits if not _is_inside(edit, spans)]
    olds = [(e.start, e.end, e.type, e.rule) for e in kept]
    for span in spans:
        start, end = _back(done, span.start), _back(done, span.end)
        olds.append((start, end, span.type, span.rule))
    text = _replace(done.text, spans)
    return Redaction(text, _place(sorted(olds)))


def _is_inside(edit: Edit, spans: list[Span]) -> bool:
    """Tell whether a new span takes in an earlier edit (spans take in placeholders whole)."""
    index = bisect_right(spans, edit.new_start, key=lambda span: span.start) - 1
    return index >= 0 and edit.new_start < spans[index].end


def _back(done: Redaction, position: int) -> int:
    """Map a position at no placeholder's inside back to the original text."""
    mapped = done.backward(position, position)
    if mapped is None:
        raise ValueError("redact: a span ends inside a placeholder")
    return mapped[0]


def _replace(text: str, spans: list[Span]) -> str:
    """Write the placeholders in one pass."""
    pieces = [text[: spans[0].start]]
    for span, after in pairwise((*spans, None)):
        stop = len(text) if after is None else after.start
        pieces += (marker(span.type), text[span.end : stop])  # type: ignore[union-attr]  # only the last is None
    return "".join(pieces)


def _place(olds: list[tuple[int, int, str, str]]) -> tuple[Edit, ...]:
    """Give each replaced range of the original its place in the new text."""
    edits: list[Edit] = []
    shift = 0
    for start, end, kind, rule in olds:
        size = len(marker(kind))
        edits.append(Edit(start, end, start + shift, start + shift + size, kind, rule))
        shift += size - (end - start)
    return tuple(edits)


def _old(edit: Edit) -> tuple[int, int]:
    return edit.start, edit.end


def _new(edit: Edit) -> tuple[int, int]:
    return edit.new_start, edit.new_end


_Side = Callable[[Edit], tuple[int, int]]


def _shift(
    edits: tuple[Edit, ...], start: int, end: int, here: _Side, there: _Side
) -> tuple[int, int] | None:
    """Move a span from one side of the edits to the other."""
    before = bisect_right(edits, start, key=lambda edit: here(edit)[1])
    if before < len(edits) and here(edits[before])[0] < end and here(edits[before])[1] > start:
        return None
    if before == 0:
        return start, end
    last = edits[before - 1]
    moved = there(last)[1] - here(last)[1]
    return start + moved, end + moved
