"""The features of a question's spans as one matrix, and which spans are worth it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from pipeline.qa.baseline import appearance, overlap
from pipeline.qa.baseline.lexicon import edges_of, number_words, rarities
from pipeline.qa.baseline.page import matches

if TYPE_CHECKING:
    import numpy.typing as npt

    from pipeline.qa.baseline.lexicon import Lexicon
    from pipeline.qa.baseline.page import Page, Prompt

    Floats = npt.NDArray[np.float32]
    Integers = npt.NDArray[np.int32]

_OF_CUE: Final = ("class_usual", "class_opening", "class_head")
_OF_QUESTION: Final = ("asking", "auxiliary", "asking_place", "question_units", "question_rarity", "head_known")
_PRIOR: Final = ("prior", "prior_rank")
_AGAINST_BEST: Final = (
    "sentence", "sentence_but_span", "around_4", "around_8", "around_16", "around_by_distance", "edges", "prior",
)  # fmt: skip
_SINGLE: Final = (*appearance.NAMES, *overlap.NAMES, *_OF_CUE, *_OF_QUESTION, *_PRIOR)
NAMES: Final = (*_SINGLE, *(f"{name}_to_best" for name in _AGAINST_BEST))
_COMPARED: Final = [_SINGLE.index(name) for name in _AGAINST_BEST]
_PLACE: Final = {name: number for number, name in enumerate(_SINGLE)}


class Known(NamedTuple):
    """What a lexicon says of a page: numbers of words, rarities, and log odds of the four edges by unit."""

    rarity: Floats
    before: Floats
    first: Floats
    last: Floats
    behind: Floats


class Spans(NamedTuple):
    """The spans of a page that are considered, best prior first, and their features."""

    indexes: Integers
    features: Floats


def known_of(lexicon: Lexicon, page: Page) -> Known:
    """Look a page's words up, once for all of its questions."""
    numbers = number_words(lexicon.words, page)
    before, behind = edges_of(numbers, page.units.sentence)
    edges = lexicon.edges
    return Known(
        rarities(lexicon.words, page.units.stems, page.units.shapes),
        np.ascontiguousarray(edges[before, 0]),
        np.ascontiguousarray(edges[numbers, 1]),
        np.ascontiguousarray(edges[numbers, 2]),
        np.ascontiguousarray(edges[behind, 3]),
    )


def spans_of(lexicon: Lexicon, page: Page, known: Known, prompt: Prompt, most: int) -> Spans:
    """Return the features of the `most` spans with the highest prior.

    The prior is the sum of the logs of what is known of edges and class, and of how much of the
    question the sentence holds.
    """
    asked = rarities(lexicon.words, prompt.units.stems, prompt.units.shapes)
    if prompt.cue.at >= 0:
        asked[prompt.cue.at] = 0.0
    match = matches(page, prompt)
    opening = lexicon.openings[lexicon.words.openings.get(prompt.cue.opening, 0)]
    head = lexicon.heads[lexicon.words.heads.get(prompt.cue.head_stem, 0)]
    first, last = page.places[:, 0], page.places[:, 1]
    prior = known.before[first] + known.first[first] + known.last[last] + known.behind[last]
    prior += (lexicon.classes + opening + head)[page.classes]
    masks = overlap.sentence_masks(match, page.units.sentence)
    whole = max(float(asked.sum()), 1.0)
    held = np.array([overlap.weight(int(mask), asked) / whole for mask in masks], np.float32)
    prior += SENTENCE_WEIGHT * held[page.units.sentence[first]]
    order = np.argsort(-prior, kind="stable")[:most].astype(np.int32)
    return Spans(order, _matrix(page, known, prompt, match, asked, order, prior[order], (lexicon.classes, opening, head)))


SENTENCE_WEIGHT: Final = 10.0  # of 3, 6 and 10 the best on held-out questions


def _matrix(page, known, prompt, match, asked, order, prior, by_class):
    units, places = page.units, page.places[order]
    kinds = page.classes[order]
    found = np.empty((len(order), len(NAMES)), np.float32)
    at = 0
    own = appearance.appearances(
        units.start, units.end, units.shapes, units.sentence, *known, places, kinds
    )
    found[:, : own.shape[1]] = own
    at = own.shape[1]
    over = overlap.overlaps(match, units.sentence, asked, places, prompt.cue.head, prompt.cue.at)
    found[:, at : at + over.shape[1]] = over
    at += over.shape[1]
    for table in by_class:
        found[:, at] = table[kinds]
        at += 1
    cue = prompt.cue
    found[:, at : at + len(_OF_QUESTION)] = (
        cue.asking, cue.auxiliary, cue.at, len(asked), asked.sum(), cue.head >= 0 and cue.head in match,
    )
    at += len(_OF_QUESTION)
    found[:, at] = prior
    found[:, at + 1] = np.arange(len(order))
    at += 2
    if len(order):
        compared = found[:, _COMPARED]
        found[:, at:] = compared - compared.max(axis=0)
    return found
