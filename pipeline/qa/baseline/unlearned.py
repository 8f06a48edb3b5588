"""Two ways to answer that learn nothing: the best sentence, and a sliding window with distances.

The sliding window is that of Richardson et al. 2013 (MCTest), over candidate spans of the sentences that
share most with the question, as Rajpurkar et al. 2016 used it for SQuAD. Words weigh by their inverse count
in the passage, log(1 + 1/n), so that an answer depends on its own question and context alone.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import numpy as np

from filters.jit import kernel
from pipeline.qa.baseline.cues import FUNCTION_WORDS
from pipeline.qa.baseline.page import matches
from pipeline.qa.baseline.units import ARTICLE, MARK, PARTICLE

if TYPE_CHECKING:
    import numpy.typing as npt

    from pipeline.qa.baseline.page import Page, Prompt

    Floats = npt.NDArray[np.float32]
    Integers = npt.NDArray[np.int32]

_MARKS: Final = MARK | PARTICLE | ARTICLE


def best_sentence(page: Page, prompt: Prompt) -> tuple[int, int]:
    """Return the span, in code points, of the sentence that shares most words and pairs of words with the question."""
    units = page.units
    if not len(units.start):
        return 0, 0
    best = int(np.argmax(_shared(page, prompt)))
    inside = np.flatnonzero(units.sentence == best)
    return int(units.start[inside[0]]), int(units.end[inside[-1]])


def sliding_window(page: Page, prompt: Prompt) -> tuple[int, int]:
    """Return the span, in code points, whose surroundings hold most of the question, less its distance to them."""
    if not len(page.places):
        return best_sentence(page, prompt)
    units, match = page.units, matches(page, prompt)
    shared = _shared(page, prompt)
    chosen = shared[units.sentence[page.places[:, 0]]] >= shared.max() - 1e-6
    allowed = np.flatnonzero(chosen & _chunks(page, match))
    if not len(allowed):
        allowed = np.flatnonzero(chosen)
    if not len(allowed):
        return best_sentence(page, prompt)
    scores = window_scores(match, _weights(page), page.places[allowed], len(prompt.units.words))
    return page.span(int(allowed[int(np.argmax(scores))]))


def _shared(page: Page, prompt: Prompt) -> Floats:
    """Return for each sentence the weight of the question's words, and of pairs of them, that it holds."""
    units, match, weights = page.units, matches(page, prompt), _weights(page)
    found = np.zeros(int(units.sentence[-1]) + 1, np.float32)
    seen: set[tuple[int, int]] = set()
    for index in np.flatnonzero(match >= 0).tolist():
        number, which = int(units.sentence[index]), int(match[index])
        if (number, which) not in seen:
            seen.add((number, which))
            found[number] += weights[index]
        if (
            index
            and match[index - 1] == which - 1
            and which
            and units.sentence[index - 1] == number
        ):
            found[number] += weights[index] / 2
    return found


def _weights(page: Page) -> Floats:
    """Return log(1 + 1/n) of each unit, n how often its stem stands in the passage; 0 for marks and particles."""
    counts = Counter(page.units.stems)
    found = np.array([np.log1p(1.0 / counts[stem]) for stem in page.units.stems], np.float32)
    found[(page.units.shapes & _MARKS) != 0] = 0.0
    return found


def _chunks(page: Page, match: Integers) -> npt.NDArray[np.bool_]:
    """Tell which spans are as long as they can be without a mark, a function word or a word of the question.

    They stand in for the constituents of a parse, to which Rajpurkar et al. 2016 restrict the window.
    """
    units = page.units
    cuts = (match >= 0) | ((units.shapes & _MARKS) != 0)
    cuts |= np.array([word in FUNCTION_WORDS for word in units.words], np.bool_)
    turn = units.sentence[1:] != units.sentence[:-1]
    begins = np.concatenate([[True], turn | cuts[:-1]])
    ends = np.concatenate([turn | cuts[1:], [True]])
    first, last = page.places[:, 0], page.places[:, 1]
    before = np.concatenate([[0], np.cumsum(cuts)])
    found: npt.NDArray[np.bool_] = begins[first] & ends[last] & (before[last + 1] == before[first])
    return found


@kernel
def window_scores(match: Integers, weights: Floats, places: Integers, asked: int) -> Floats:
    """Return the weight of the best window around each span, less how far the question's words are from it.

    A window has as many units as question and span together; the distance is the mean over matched units,
    as a share of the passage.
    """
    size = len(match)
    sums = np.zeros(size + 1, np.float64)
    for unit in range(size):
        sums[unit + 1] = sums[unit] + (weights[unit] if match[unit] >= 0 else 0.0)
    near = np.zeros(len(places), np.float32)
    for index in range(len(places)):
        first, last = places[index]
        width = min(asked + last - first + 1, size)
        best = 0.0
        for begin in range(max(last + 1 - width, 0), min(first, size - width) + 1):
            inside = sums[begin + width] - sums[begin]
            best = max(best, inside - (sums[last + 1] - sums[first]))
        far, count = 0.0, 0
        for unit in range(size):
            if match[unit] >= 0 and weights[unit] > 0:
                gap = first - unit if unit < first else unit - last
                far += max(gap, 0)
                count += 1
        near[index] = best - (far / count / size if count else 1.0)
    return near
