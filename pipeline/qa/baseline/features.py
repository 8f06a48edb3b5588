"""The features of a question's spans as one matrix, and which spans are worth it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from pipeline.qa.baseline import appearance, overlap
from pipeline.qa.baseline.appearance import Known, appearances
from pipeline.qa.baseline.lexicon import edges_of, number_words, rarities
from pipeline.qa.baseline.overlap import overlaps, sentence_masks, weight
from pipeline.qa.baseline.page import matches

if TYPE_CHECKING:
    import numpy.typing as npt

    from pipeline.qa.baseline.lexicon import Lexicon
    from pipeline.qa.baseline.page import Page, Prompt

    Floats = npt.NDArray[np.float32]
    Integers = npt.NDArray[np.int32]

_OF_CUE: Final = ("class_usual", "class_opening", "class_head")
_OF_QUESTION: Final = (
    "asking",
    "auxiliary",
    "asking_place",
    "question_units",
    "question_rarity",
    "head_known",
)
_PRIOR: Final = ("prior", "prior_rank")
_AGAINST_BEST: Final = (
    "sentence", "sentence_but_span", "around_4", "around_8", "around_16", "around_by_distance", "edges", "prior",
)  # fmt: skip
_SINGLE: Final = (*appearance.NAMES, *overlap.NAMES, *_OF_CUE, *_OF_QUESTION, *_PRIOR)
NAMES: Final = (*_SINGLE, *(f"{name}_to_best" for name in _AGAINST_BEST))
_COMPARED: Final = [_SINGLE.index(name) for name in _AGAINST_BEST]
_SENTENCE_WEIGHT: Final = 10.0  # of 3, 6 and 10 the best on held-out questions


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
    of_cue = (
        lexicon.classes,
        lexicon.openings[lexicon.words.openings.get(prompt.cue.opening, 0)],
        lexicon.heads[lexicon.words.heads.get(prompt.cue.head_stem, 0)],
    )
    first, last = page.places[:, 0], page.places[:, 1]
    prior = known.before[first] + known.first[first] + known.last[last] + known.behind[last]
    prior += np.sum(of_cue, axis=0)[page.classes]
    prior += _SENTENCE_WEIGHT * _held(page, match, asked)[page.units.sentence[first]]
    order = np.argsort(-prior, kind="stable")[:most].astype(np.int32)
    places, kinds = page.places[order], page.classes[order]
    blocks = (
        appearances(page.units, known, places, kinds),
        overlaps(match, page.units.sentence, asked, places, prompt.cue),
        np.stack([table[kinds] for table in of_cue], axis=1),
        np.tile(_of_question(prompt, match, asked), (len(order), 1)),
        np.stack([prior[order], np.arange(len(order), dtype=np.float32)], axis=1),
    )
    return Spans(order, _compared(np.concatenate(blocks, axis=1)))


def _held(page: Page, match: Integers, asked: Floats) -> Floats:
    """Return which share of the question each sentence holds."""
    whole = max(float(asked.sum()), 1.0)
    masks = sentence_masks(match, page.units.sentence)
    return np.array([weight(mask, asked) / whole for mask in masks], np.float32)


def _of_question(prompt: Prompt, match: Integers, asked: Floats) -> Floats:
    """Return what is the same for all spans."""
    cue = prompt.cue
    known = cue.head >= 0 and bool((match == cue.head).any())
    values = (cue.asking, cue.auxiliary, cue.at, len(asked), asked.sum(), known)
    return np.array(values, np.float32)


def _compared(single: Floats) -> Floats:
    """Add how far each span is from the best of its question, by some of the features."""
    compared = single[:, _COMPARED]
    best = compared.max(axis=0, initial=-np.inf)
    return np.concatenate([single, compared - best], axis=1)
