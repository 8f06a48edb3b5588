"""Where the right answers are among a page's spans, and how right every other span is."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from pipeline.qa.baseline.spans import LONGEST
from pipeline.qa.baseline.units import ARTICLE, MARK, PARTICLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from filters.qa import Answer
    from pipeline.qa.baseline.page import Page

    Integers = npt.NDArray[np.int32]

_STEPS = (0.3, 0.6, 0.8, 0.999)


def right_spans(page: Page, answers: Sequence[Answer]) -> list[tuple[int, float]]:
    """Return the spans that answers are, each with its share of those that are one; none where no answer is.

    Marks around an answer and articles before it do not count, as they do not where answers are scored; an
    answer that ends within a unit is taken to its end.
    """
    counts: Counter[int] = Counter()
    keys = page.places[:, 0].astype(np.int64) * LONGEST + (page.places[:, 1] - page.places[:, 0])
    for answer in answers:
        place = _trimmed(page, answer)
        if place is None or place[1] - place[0] >= LONGEST:
            continue
        key = place[0] * LONGEST + place[1] - place[0]
        at = int(np.searchsorted(keys, key))
        if at < len(keys) and keys[at] == key:
            counts[at] += 1
    every = counts.total()
    return [(at, count / every) for at, count in sorted(counts.items())]


def _trimmed(page: Page, answer: Answer) -> tuple[int, int] | None:
    """Return the first and last unit that count, `None` where there is none."""
    units, brackets = page.units, page.brackets
    first = int(np.searchsorted(units.end, answer.start, side="right"))
    last = int(np.searchsorted(units.start, answer.end, side="left")) - 1
    while first < last and units.shapes[first] & (MARK | ARTICLE | PARTICLE):
        first += 1
    while last > first and units.shapes[last] & MARK:
        if brackets[last] < 0 and not brackets[first : last + 1].sum():
            break
        last -= 1
    return (first, last) if first <= last else None


def grades(page: Page, indexes: Integers, right: Sequence[tuple[int, float]]) -> Integers:
    """Return 4 for a right span, 1 to 3 for one that shares at least .3, .6 or .8 with it (F1 of units), else 0."""
    places = page.places[indexes]
    best = np.zeros(len(places))
    for index, _ in right:
        first, last = page.places[index]
        common = np.minimum(places[:, 1], last) - np.maximum(places[:, 0], first) + 1
        lengths = places[:, 1] - places[:, 0] + last - first + 2
        best = np.maximum(best, 2.0 * np.maximum(common, 0) / lengths)
    return np.digitize(best, _STEPS).astype(np.int32)
