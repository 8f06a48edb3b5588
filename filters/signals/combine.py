"""What all recordings together say of a URL: the strictest answer wins, with all that says so.

Adding a recording never turns a no into anything else, and their order does not matter.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

import msgspec

from filters.signals.model import Answer, Reading, Signal, target
from filters.signals.patterns import deciding
from filters.urls import SubjectError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from filters.signals.model import Target

TRAINING: Final = frozenset({"train-ai", "tdm"})
"""The purposes of a corpus of text; images, search and answers are others'."""

_STRICTNESS: Final[tuple[Answer, ...]] = ("unknown", "yes", "no")


class Combined(msgspec.Struct, frozen=True):
    """An answer, and the signals that give it, sorted; none for `unknown`."""

    answer: Answer
    because: tuple[Signal, ...] = ()


def combine(signals: Iterable[Signal]) -> Combined:
    """Return the strictest answer among signals."""
    found = sorted(set(signals))
    answer: Answer = max((each.answer for each in found), key=_STRICTNESS.index, default="unknown")
    if answer == "unknown":
        return Combined("unknown")
    return Combined(answer, tuple(each for each in found if each.answer == answer))


def speak(reading: Reading, at: Target) -> Iterator[Signal]:
    """Yield what one reading says of a URL, for each purpose and agent."""
    if reading.place != (at.page if reading.page else at.site):
        return
    for rules in reading.sets:
        rule = rules.rules[0] if reading.page else deciding(rules, at.path)
        if rule is not None and rule.answer != "unknown":
            yield reading.signal(rule, rules.purpose)


class Signals:
    """Readings by place. Build it once, ask it for many URLs."""

    def __init__(self, readings: Iterable[Reading]) -> None:
        self._places: defaultdict[tuple[str, bool], list[Reading]] = defaultdict(list)
        for each in readings:
            if each.place and each.sets:
                self._places[each.place, each.page].append(each)

    def signals(self, url: str) -> tuple[Signal, ...]:
        """Return all that is said of a URL; a text that is no URL has nothing said of it."""
        try:
            at = target(url)
        except SubjectError:
            return ()
        readings = (
            *self._places.get((at.site, False), ()),
            *self._places.get((at.page, True), ()),
        )
        return tuple(sorted({each for reading in readings for each in speak(reading, at)}))

    def answer(self, url: str, purposes: frozenset[str] = TRAINING) -> Combined:
        """Return the strictest answer about a URL for any of the purposes."""
        return combine(each for each in self.signals(url) if each.purpose in purposes)

    def by_vocabulary(self, url: str, purposes: frozenset[str] = TRAINING) -> dict[str, Combined]:
        """Return the strictest answer of each vocabulary that says something, by its name."""
        found: defaultdict[str, list[Signal]] = defaultdict(list)
        for each in self.signals(url):
            if each.purpose in purposes:
                found[each.vocabulary].append(each)
        return {name: combine(signals) for name, signals in sorted(found.items())}
