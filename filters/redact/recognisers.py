"""Detectors from outside, such as a model that finds names: they take part like rules, and are checked.

A recogniser gives what it finds in a text as `(start, end, type)` in code points, with a type of
`rule.TYPES`. It must give the same answer for the same text, or releases stop being reproducible; that
is for its author to see to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from operator import index
from typing import Any, NamedTuple

from filters.document import Span
from filters.redact.database import build
from filters.redact.prefilter import find
from filters.redact.rule import LEVELS, TYPES, Level, Rule

Finder = Callable[[str], Iterable[tuple[int, int, str]]]


class Recogniser(NamedTuple):
    """What the ledger calls it, what it finds, and the error that is raised where it answers nonsense."""

    name: str
    find: Finder
    error: type[Exception] = ValueError


def recognise(recognisers: tuple[Recogniser, ...], text: str) -> Iterator[Span]:
    """Yield what recognisers find in a text; each one's spans lie in the text, and apart.

    Raises:
        ValueError: or the recogniser's own error, when one answers otherwise. It quotes nothing.
    """
    for each in recognisers:
        spans = sorted(_span(each, found, len(text)) for found in each.find(text))
        if any(one.end > other.start for one, other in pairwise(spans)):
            raise each.error(f"redact: {each.name}: two spans of it overlap")
        yield from spans


def _span(recogniser: Recogniser, found: Any, length: int) -> Span:
    problem = f"redact: {recogniser.name}: a span of it is outside the text or of no type"
    try:
        start, end, kind = found
        start, end = index(start), index(end)
    except (TypeError, ValueError):
        raise recogniser.error(problem) from None
    if not 0 <= start < end <= length or kind not in TYPES:
        raise recogniser.error(problem)
    return Span(start, end, kind, recogniser.name)


def finder_of(rule: Rule) -> Finder:
    """Make a rule find as a recogniser does: what it finds twice, or in two windows of a line, is one span.

    Raises:
        ValueError: its pattern cannot be compiled.
    """
    scanner = build((rule,))

    def found(text: str) -> Iterator[tuple[int, int, str]]:
        start = end = -1
        for span in find(scanner, text):
            if span.start >= end:
                if end >= 0:
                    yield start, end, rule.type
                start, end = span.start, span.end
            end = max(end, span.end)
        if end >= 0:
            yield start, end, rule.type

    return found


def applies(rule: Rule, level: Level) -> bool:
    """Tell whether a rule applies at a level: its own, or a more eager one."""
    return level != "off" and LEVELS.index(rule.level) <= LEVELS.index(level)
