"""What is known of words before any ranking: how rare they are, and where answers begin and end.

Counted on the training questions: a word of a context is seen once for each question asked of it. The
tallies of parts of the questions add up, so that those of all other parts give a part's own features
without having seen its answers.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from pipeline.qa.baseline.spans import CLASSES
from pipeline.qa.baseline.units import CAPITAL, DIGIT, MARK, PARTICLE, YEAR

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from pipeline.qa.baseline.page import Page, Prompt

    Floats = npt.NDArray[np.float32]
    Integers = npt.NDArray[np.int32]

LEAST: Final = 5  # contexts that hold a word before it is known by itself
LEAST_ASKED: Final = 5  # questions that share a cue before it is known by itself
EDGES: Final = 4  # before an answer, its first unit, its last unit, behind it
DIGITS: Final = (
    4  # behind the point, of log odds: a lexicon that was written is the one that was made
)
_TRUST: Final = 8.0  # how many sightings the average of all words is worth
_END: Final = "\n"  # what stands before the first and behind the last unit of a sentence


class Words(NamedTuple):
    """The words that have numbers, by lower-case form; `stems` gives the contexts that hold a stem."""

    numbers: dict[str, int]
    openings: dict[str, int]
    heads: dict[str, int]
    stems: dict[str, int]
    contexts: int


class Tally(NamedTuple):
    """Counts: shape (words, 5): seen, then the four edges; and classes of answers by opening and by head."""

    words: npt.NDArray[np.float64]
    openings: npt.NDArray[np.float64]
    heads: npt.NDArray[np.float64]
    spans: npt.NDArray[np.float64]


class Lexicon(NamedTuple):
    """Log odds against the average: of a word at each edge, shape (words, 4); of a class by cue.

    `classes` is the log of how much likelier an answer is of a class than any span is.
    """

    words: Words
    edges: Floats
    openings: Floats
    heads: Floats
    classes: Floats


def words_of(pages: Sequence[Page], prompts: Sequence[Prompt]) -> Words:
    """Give numbers to what occurs often enough, in alphabetical order."""
    held: Counter[str] = Counter()
    stems: Counter[str] = Counter()
    for page in pages:
        units = page.units
        held.update(
            {
                _rough(word, int(shape))
                for word, shape in zip(units.words, units.shapes, strict=True)
            }
        )
        held.update(set(units.words))
        stems.update(set(units.stems))
    common = sorted(word for word, count in held.items() if count >= LEAST)
    return Words(
        {word: number for number, word in enumerate(["", _END, *common])},
        _numbered(prompt.cue.opening for prompt in prompts),
        _numbered(prompt.cue.head_stem for prompt in prompts),
        {stem: count for stem, count in sorted(stems.items()) if count > 1},
        len(pages),
    )


def _numbered(keys: Iterable[str]) -> dict[str, int]:
    counts = Counter(keys)
    often = sorted(key for key, count in counts.items() if count >= LEAST_ASKED and key)
    return {key: number for number, key in enumerate(["", *often])}


def _rough(word: str, shape: int) -> str:
    """Name the kind of a word that is not known by itself."""
    if shape & MARK:
        return "<mark>"
    if shape & PARTICLE:
        return "<particle>"
    if shape & DIGIT:
        return "<year>" if shape & YEAR else "<number>"
    if shape & CAPITAL:
        return "<capital>"
    return f"<-{word[-3:]}>" if len(word) > 4 else "<small>"  # noqa: PLR2004  an ending of three letters


def number_words(words: Words, page: Page) -> Integers:
    """Return the numbers of a context's words; 0 for those of which nothing is known."""
    numbers = words.numbers
    found = [
        number
        if number is not None
        else numbers.get(_rough(word, shape), numbers.get("<small>", 0))
        for word, shape, number in (
            (word, shape, numbers.get(word))
            for word, shape in zip(page.units.words, page.units.shapes.tolist(), strict=True)
        )
    ]
    return np.array(found, np.int32)


def rarities(words: Words, stems: Sequence[str], shapes: Integers) -> Floats:
    """Return the inverse document frequencies of stems, log((1 + N) / (1 + n)); 0 for marks."""
    known, total = words.stems, 1.0 + words.contexts
    held = np.array([known.get(stem, 1) for stem in stems], np.float64)
    found = np.log(total / (1.0 + held))
    found[(shapes & (MARK | PARTICLE)) != 0] = 0.0
    return np.maximum(found, 0.0).astype(np.float32)


def edges_of(numbers: Integers, sentence: Integers) -> tuple[Integers, Integers]:
    """Return what stands before and behind each unit in its sentence, by number."""
    end = np.int32(1)
    before, behind = np.full(len(numbers), end), np.full(len(numbers), end)
    same = sentence[1:] == sentence[:-1]
    before[1:][same] = numbers[:-1][same]
    behind[:-1][same] = numbers[1:][same]
    return before, behind


def empty_tally(words: Words) -> Tally:
    """Return counts of nothing."""
    return Tally(
        np.zeros((len(words.numbers), 1 + EDGES)),
        np.zeros((len(words.openings), CLASSES)),
        np.zeros((len(words.heads), CLASSES)),
        np.zeros(CLASSES),
    )


def count(
    tally: Tally, words: Words, page: Page, prompt: Prompt, gold: Sequence[tuple[int, float]]
) -> None:
    """Add one question, whose right spans of the page have shares that sum up to 1, or none."""
    numbers = number_words(words, page)
    before, behind = edges_of(numbers, page.units.sentence)
    np.add.at(tally.words[:, 0], numbers, 1.0)
    tally.words[1, 0] += int(page.units.sentence[-1]) + 1 if len(numbers) else 0
    tally.spans[:] += np.bincount(page.classes, minlength=CLASSES) / max(len(page.classes), 1)
    opening = words.openings.get(prompt.cue.opening, 0)
    head = words.heads.get(prompt.cue.head_stem, 0)
    for index, share in gold:
        first, last = page.places[index]
        at = (before[first], numbers[first], numbers[last], behind[last])
        for edge, number in enumerate(at, 1):
            tally.words[number, edge] += share
        tally.openings[opening, page.classes[index]] += share
        tally.heads[head, page.classes[index]] += share


def total(tallies: Iterable[Tally]) -> Tally:
    """Add counts up."""
    return Tally(*(np.sum(parts, axis=0) for parts in zip(*tallies, strict=True)))


def lexicon_of(words: Words, tally: Tally) -> Lexicon:
    """Turn counts into log odds; what was seen seldom is drawn to the average."""
    seen, edges = tally.words[:, :1], tally.words[:, 1:]
    average = (edges.sum(axis=0) + 1.0) / (seen.sum() + 1.0)
    odds = np.log((edges + _TRUST * average) / (seen + _TRUST)) - np.log(average)
    answers = tally.openings.sum(axis=0)
    usual = (answers + 0.5) / (answers + 0.5).sum()
    spans = (tally.spans + 1e-3) / (tally.spans + 1e-3).sum()
    return Lexicon(
        words,
        _rounded(odds),
        _lift(tally.openings, usual),
        _lift(tally.heads, usual),
        _rounded(np.log(usual / spans)),
    )


def _lift(counts: npt.NDArray[np.float64], usual: npt.NDArray[np.float64]) -> Floats:
    """Return how much likelier each class is by cue than usual, in logs; the unknown cue's is 0."""
    trust = 2.0 * _TRUST
    shares = (counts + trust * usual) / (counts.sum(axis=1, keepdims=True) + trust)
    found = _rounded(np.log(shares / usual))
    found[0] = 0.0
    return found


def _rounded(odds: npt.NDArray[np.float64]) -> Floats:
    return np.round(odds, DIGITS).astype(np.float32)
