"""What a token is to its question, said to a reader as the token's type.

A word of the question that stands in the passage, how near one is, what a word looks like, and how much of the
question its sentence holds: a network learns such things from a hundred thousand questions, and has fewer here.
After the exact-match features of Chen et al. 2017 (DrQA, arXiv:1704.00051) and the word-in-question features of
Weissenborn et al. 2017 (FastQA, arXiv:1703.04816), put into `token_type_ids`, so that any runtime takes them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
import numpy as np

from pipeline.qa.baseline.cues import ASKING, FUNCTION_WORDS, cue_of
from pipeline.qa.baseline.units import (
    ACRONYM,
    ARTICLE,
    CAPITAL,
    DATE,
    DIGIT,
    MARK,
    MONEY,
    NUMERAL,
    ORDINAL,
    PARTICLE,
    PERCENT,
    YEAR,
)
from pipeline.qa.reader.fits import LOOKS, USUAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from pipeline.qa.baseline.cues import Cue
    from pipeline.qa.baseline.units import Units
    from pipeline.qa.reader.fits import Fits

    Integers = npt.NDArray[np.int32]
    Floats = npt.NDArray[np.float32]

SCHEMA: Final = "hints/2"
LEVELS: Final = (4, 5, LOOKS, 4, 3)
"""How many values each hint of a passage's token has: match, distance, look, rank of the sentence, fit."""
_OF_QUESTION: Final = 6  # types of the question's tokens; 0 is that of marks
FIRST: Final = _OF_QUESTION + len(ASKING)
"""The first type of the passage's tokens; those before it are of marks, question, and `[CLS]` by what is asked."""
TYPES: Final = FIRST + math.prod(LEVELS)
"""The number of types."""
_RARE: Final = (2.0, 4.5)  # nats: about one context in seven, and one in ninety, hold the word
_NEAR: Final = (1, 3, 6, 11)  # units: from itself to too far to matter
_FAR: Final = 99
_ASKING_WORD, _HEAD, _MATCHED_HEAD, _MATCHED, _OTHER = range(1, _OF_QUESTION)


class Rarity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """In how many of so many contexts each token of the vocabulary stands."""

    contexts: int
    counts: tuple[int, ...]

    def nats(self) -> Floats:
        """Return each token's inverse document frequency (Spärck Jones 1972), smoothed by one."""
        counts = np.array(self.counts, np.float32)
        found: Floats = np.log((self.contexts + 1) / (counts + 1)).astype(np.float32)
        return found


def count_rarity(contexts: Iterable[Sequence[int]], vocabulary: int) -> Rarity:
    """Count the tokens of contexts."""
    counts = np.zeros(vocabulary, np.int64)
    total = 0
    for ids in contexts:
        counts[np.unique(np.array(ids, np.int64))] += 1
        total += 1
    return Rarity(total, tuple(counts.tolist()))


class Asking(NamedTuple):
    """A question's units, what it asks for, and the weight of each unit in nats."""

    units: Units
    cue: Cue
    weights: Floats


class Hints(NamedTuple):
    """The types of a question's units and of a passage's, and the rank of each sentence, the best 0."""

    question: Integers
    passage: Integers
    ranks: Integers


def weigh(units: Units, of_token: Integers, nats: Floats) -> Asking:
    """Weigh a question's units by their tokens; marks, function words and the word of asking weigh nothing."""
    cue = cue_of(units)
    weights = np.zeros(len(units.words), np.float32)
    np.add.at(weights, of_token, nats)
    for index, word in enumerate(units.words):
        if (
            int(units.shapes[index]) & (MARK | PARTICLE)
            or word in FUNCTION_WORDS
            or index == cue.at
        ):
            weights[index] = 0.0
    return Asking(units, cue, weights)


def looks(units: Units) -> Integers:
    """Return what each unit looks like, from 0 to 8."""
    starts = np.diff(units.sentence, prepend=-1) > 0
    rows = zip(units.shapes.tolist(), units.words, starts.tolist(), strict=True)
    return np.array([_look(*row) for row in rows], np.int32)


def _look(shape: int, word: str, is_first: bool) -> int:
    if shape & MARK:
        return 0
    if shape & (ARTICLE | PARTICLE) or word in FUNCTION_WORDS:
        return 1
    for look, shapes in enumerate(
        (YEAR | DATE, MONEY | PERCENT, DIGIT | NUMERAL | ORDINAL, ACRONYM), 2
    ):
        if shape & shapes:
            return look
    if shape & CAPITAL:  # of the first word of a sentence it says little
        return 6 if is_first else 7
    return 8


def hint(asking: Asking, units: Units, look: Integers, fits: Fits) -> Hints:
    """Compare a question with a passage of at least one unit."""
    match = _matches(asking, units)
    held = match >= 0
    weights = (
        np.where(held, asking.weights[match], 0.0) if len(asking.weights) else np.zeros(len(match))
    )
    level = np.where(held, 1 + np.digitize(weights, _RARE), 0)
    ranks = _ranks(match, weights, units.sentence)
    values = (
        level,
        np.digitize(_distances(level > 1, units.sentence), _NEAR),
        look,
        np.minimum(ranks[units.sentence], LEVELS[3] - 1),
        fits.of(asking.cue)[look],
    )
    passage = np.ravel_multi_index(values, LEVELS).astype(np.int32) + FIRST
    return Hints(_of_question(asking, set(match[held].tolist())), passage, ranks)


def hint_nothing(look: Integers) -> Integers:
    """Return the types of a passage's units where nothing is asked: no match, none near, no better sentence, no fit."""
    levels = (0, LEVELS[1] - 1, look, LEVELS[3] - 1, USUAL)
    return np.ravel_multi_index(np.broadcast_arrays(*levels), LEVELS).astype(np.int32) + FIRST


def hint_alone(asking: Asking) -> Integers:
    """Return the types of a question's units where no passage is there."""
    return _of_question(asking, set())


def opening(asking: Asking) -> int:
    """Return the type of `[CLS]`: what is asked for."""
    return _OF_QUESTION + asking.cue.asking


def _matches(asking: Asking, units: Units) -> Integers:
    """Return for each unit of a passage which one of the question it is a form of, or -1."""
    wanted: dict[str, int] = {}
    for index, stem in enumerate(asking.units.stems):
        if not int(asking.units.shapes[index]) & (MARK | PARTICLE) and index != asking.cue.at:
            wanted.setdefault(stem, index)
    return np.array([wanted.get(stem, -1) for stem in units.stems], np.int32)


def _distances(matched: npt.NDArray[np.bool_], sentence: Integers) -> Integers:
    """Return how many units each is from a matched one of its sentence."""
    found = np.full(len(matched), _FAR, np.int32)
    places = np.arange(len(matched))
    for at in np.flatnonzero(matched).tolist():
        first, end = np.searchsorted(sentence, [sentence[at], sentence[at] + 1])
        part = slice(int(first), int(end))
        found[part] = np.minimum(found[part], np.abs(places[part] - at))
    return found


def _ranks(match: Integers, weights: npt.NDArray[np.floating], sentence: Integers) -> Integers:
    """Order the sentences by the weight of the question's units that they hold, each counted once."""
    held = np.zeros(int(sentence[-1]) + 1, np.float64)
    places = np.flatnonzero(match >= 0)
    pairs = np.stack([sentence[places], match[places]], axis=1)
    _, first = np.unique(pairs, axis=0, return_index=True)
    np.add.at(held, sentence[places[first]], weights[places[first]])
    ranks = np.empty(len(held), np.int32)
    ranks[np.argsort(-held, kind="stable")] = np.arange(len(held), dtype=np.int32)
    return ranks


def _of_question(asking: Asking, matched: set[int]) -> Integers:
    found = np.full(len(asking.units.words), _OTHER, np.int32)
    for index in range(len(found)):
        if index == asking.cue.at:
            found[index] = _ASKING_WORD
        elif index == asking.cue.head:
            found[index] = _MATCHED_HEAD if index in matched else _HEAD
        elif index in matched:
            found[index] = _MATCHED
    return found
