"""From scores of windows to the spans that might be the answer, and what speaks for there being none.

A span's score is that of its first and its last token together, so that a softmax over spans gives their joint
probability; windows of one question compete with each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipeline.qa.baseline.decoding import CONSIDERED, choices, rules_for, shares
from pipeline.qa.windows import CLS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from pipeline.qa.baseline.decoding import Choice
    from pipeline.qa.reader.inputs import Input, Passage
    from pipeline.qa.reader.network import Scores

    Doubles = npt.NDArray[np.float64]
    Floats = npt.NDArray[np.float32]
    Integers = npt.NDArray[np.int32]


class Considered(NamedTuple):
    """The spans with the highest scores, best first: first and last token of the passage, shape (spans, 2).

    `null` is the score of there being no answer: the least that any window gives its `[CLS]`.
    """

    tokens: npt.NDArray[np.int32]
    scores: Doubles
    null: float


def consider(
    passage: Passage,
    inputs: Sequence[Input],
    scored: Sequence[Scores],
    longest: int,
    lengths: Sequence[float] = (),
) -> Considered:
    """Look for the best spans of at most so many tokens in all windows of a question; equal ones count once.

    A span begins and ends where words do, unless there is none such. `lengths` is added to the score of a span
    by its units less one, the last for all longer ones: first and last token know nothing of each other.
    """
    best: dict[tuple[int, int], float] = {}
    null = np.inf
    for window, scores in zip(inputs, scored, strict=True):
        null = min(null, float(scores.first[CLS] + scores.last[CLS]))
        for span, score in _best_of(passage, window, scores, longest, lengths):
            best[span] = max(score, best.get(span, -np.inf))
    ordered = sorted(best, key=lambda span: (-best[span], span))[:CONSIDERED]
    tokens = np.array(ordered, np.int32).reshape(-1, 2)
    return Considered(tokens, np.array([best[span] for span in ordered], np.float64), null)


def _best_of(
    passage: Passage, window: Input, scores: Scores, longest: int, lengths: Sequence[float]
) -> list[tuple[tuple[int, int], float]]:
    """Return the best spans of a window; none goes over a sentence that was left out."""
    inside = np.flatnonzero(window.places >= 0)
    places = window.places[inside]
    first, last = scores.first[inside], scores.last[inside]
    worth = np.array(lengths or (0.0,), np.float32)
    units = passage.unit[places]
    whole = (
        np.where(passage.begins[places], first, -np.inf),
        np.where(passage.ends[places], last, -np.inf),
    )
    return _best_pairs(places, units, *whole, longest, worth) or _best_pairs(
        places, units, first, last, longest, worth
    )


def _best_pairs(
    places: Integers, units: Integers, first: Floats, last: Floats, longest: int, worth: Floats
) -> list[tuple[tuple[int, int], float]]:
    size, most = len(places), min(longest, len(places))
    table = np.full((most, size), -np.inf, np.float32)  # by length less one, and first token
    for more in range(most):
        together = places[more:] - places[: size - more] == more
        sums = first[: size - more] + last[more:]
        sums = sums + worth[np.minimum(units[more:] - units[: size - more], len(worth) - 1)]
        table[more, : size - more] = np.where(together, sums, -np.inf)
    flat = table.ravel()
    top = np.argsort(-flat, kind="stable")[:CONSIDERED] if flat.size else np.empty(0, np.int64)
    found = []
    for index in top.tolist():
        more, at = divmod(index, size)
        if np.isfinite(flat[index]):
            found.append(((int(places[at]), int(places[at + more])), float(flat[index])))
    return found


def chosen(
    passage: Passage, question: str, considered: Considered, temperature: float
) -> list[Choice]:
    """Return the distinct answers to a question, the best first."""
    if not len(considered.tokens):
        return []
    spans = [passage.span(*pair) for pair in considered.tokens.tolist()]
    texts = [passage.text[slice(*span)] for span in spans]
    return choices(texts, shares(considered.scores, temperature), rules_for(question))
