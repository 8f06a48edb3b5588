"""From scores of spans to answers with shares: equal answers count together, and likeness counts too.

The answer is the one whose mean of share and expected F1 is highest (minimum Bayes risk, Kumar and Byrne
2004); shares are a softmax of the scores at a temperature that was fitted on held-out questions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from filters.korean import is_hangul
from pipeline.qa.likeness import KORQUAD_1, SQUAD_1

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from pipeline.qa.likeness import Rules

    Doubles = npt.NDArray[np.float64]

CONSIDERED: Final = 30  # spans with the highest scores


class Choice(NamedTuple):
    """One answer: the place of its span among those considered, and two shares from 0 to 1.

    `share` is that of all spans equal to it, `f1` how much of it is expected to be right.
    """

    place: int
    share: float
    f1: float


def rules_for(question: str) -> Rules:
    """Return the rules by which answers to a question are compared: KorQuAD's for Korean, else SQuAD's."""
    return KORQUAD_1 if any(map(is_hangul, question)) else SQUAD_1


def shares(scores: Doubles, temperature: float) -> Doubles:
    """Return a softmax."""
    raised = np.exp((scores - scores.max()) / temperature)
    found: Doubles = raised / raised.sum()
    return found


def choices(texts: Sequence[str], share: Doubles, rules: Rules) -> list[Choice]:
    """Return distinct answers, the best first; each stands for the first of the spans that equal it."""
    plain = [rules.plain(text) for text in texts]
    alike = likeness([rules.units(each) for each in plain])
    expected = alike @ share
    together: dict[str, float] = {}
    first: dict[str, int] = {}
    for index, each in enumerate(plain):
        together[each] = together.get(each, 0.0) + float(share[index])
        first.setdefault(each, index)
    found = [
        Choice(index, min(together[each], 1.0), min(float(expected[index]), 1.0))
        for each, index in first.items()
    ]
    return sorted(found, key=lambda one: (-(one.share + one.f1), one.place))


def likeness(units: Sequence[Sequence[str]]) -> Doubles:
    """Return the F1 of every two answers, given as what they consist of; shape (n, n)."""
    numbers: dict[str, int] = {}
    for each in units:
        for unit in each:
            numbers.setdefault(unit, len(numbers))
    counts = np.zeros((len(units), max(len(numbers), 1)))
    for row, each in enumerate(units):
        for unit in each:
            counts[row, numbers[unit]] += 1.0
    common = np.minimum(counts[:, None, :], counts[None, :, :]).sum(axis=2)
    lengths = counts.sum(axis=1)
    found: Doubles = 2.0 * common / np.maximum(lengths[:, None] + lengths[None, :], 1.0)
    return found
