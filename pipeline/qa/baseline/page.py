"""A context and a question as the ranker sees them: units, spans, and numbers for the words that it knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from pipeline.qa.baseline.cues import Cue, cue_of
from pipeline.qa.baseline.spans import classes, spans
from pipeline.qa.baseline.units import MARK, Units, units_of

if TYPE_CHECKING:
    import numpy.typing as npt

    Integers = npt.NDArray[np.int32]

_OPENING: Final = frozenset("([{《〈<（")  # noqa: RUF001  full-width ones too
_CLOSING: Final = frozenset(")]}》〉>）")  # noqa: RUF001  likewise


class Page(NamedTuple):
    """A context: its units, the brackets among them, and its spans with their classes."""

    text: str
    units: Units
    brackets: Integers
    places: Integers
    classes: Integers

    def span(self, index: int) -> tuple[int, int]:
        """Return start and end of a span in code points."""
        first, last = self.places[index]
        return int(self.units.start[first]), int(self.units.end[last])


class Prompt(NamedTuple):
    """A question: its units, and what it asks for."""

    units: Units
    cue: Cue


def page_of(text: str) -> Page:
    """Prepare a context."""
    units = units_of(text)
    brackets = np.array(list(map(_bracket, units.words)), np.int32)
    places = spans(units.shapes, units.sentence, brackets)
    return Page(text, units, brackets, places, classes(units.shapes, places))


def prompt_of(question: str) -> Prompt:
    """Prepare a question."""
    units = units_of(question)
    return Prompt(units, cue_of(units))


def _bracket(word: str) -> int:
    return (word in _OPENING) - (word in _CLOSING)


def matches(page: Page, prompt: Prompt) -> Integers:
    """Return for each unit of the context which unit of the question it is a form of, or -1.

    Marks, particles and the word of asking match nothing.
    """
    wanted: dict[str, int] = {}
    for index, stem in enumerate(prompt.units.stems):
        if not int(prompt.units.shapes[index]) & MARK and index != prompt.cue.at:
            wanted.setdefault(stem, index)
    found = [wanted.get(stem, -1) for stem in page.units.stems]
    return np.array(found, np.int32)
