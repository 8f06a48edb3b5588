"""Shares made probabilities on held-out questions: a temperature, and isotonic regression.

Isotonic regression by pooling adjacent violators (Barlow et al. 1972), as Zadrozny and Elkan 2002 use it
for calibration: what comes out never falls where what goes in rises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from pipeline.qa.baseline.decoding import shares

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.qa.baseline.decoding import Doubles

_LEAST: Final = 25  # held-out questions of a step: fewer would promise more than they know
_DIGITS: Final = 6
_TEMPERATURES: Final = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0, 1.2, 1.5)


class Steps(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rising function by points, linear between them and level beyond."""

    at: tuple[float, ...]
    value: tuple[float, ...]

    def __call__(self, given: float) -> float:
        """Return what a share is worth."""
        return float(np.interp(given, self.at, self.value)) if self.at else given


class Calibration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The temperature of the softmax, and what its shares and expected F1 are worth; from how many questions."""

    temperature: float
    exact: Steps
    f1: Steps
    questions: int


def fit_temperature(scores: Sequence[Doubles], right: Sequence[Sequence[int]]) -> float:
    """Return the temperature at which the right spans, by their places among the scores, are likeliest."""

    def likelihood(temperature: float) -> float:
        return sum(
            float(np.log(shares(each, temperature)[list(rows)].sum() + 1e-3))
            for each, rows in zip(scores, right, strict=True)
            if rows
        )

    return max(_TEMPERATURES, key=likelihood)


def isotonic(given: Sequence[float], right: Sequence[float]) -> Steps:
    """Fit a rising function from what was given to what was right, both from 0 to 1."""
    pooled: list[list[float]] = []  # number, sum of what was given, sum of what was right
    for each, was in _grouped(given, right):
        pooled.append([len(each), sum(each), sum(was)])
        while len(pooled) > 1 and _mean(pooled[-2]) >= _mean(pooled[-1]):
            last = pooled.pop()
            pooled[-1] = [one + other for one, other in zip(pooled[-1], last, strict=True)]
    return Steps(
        tuple(round(block[1] / block[0], _DIGITS) for block in pooled),
        tuple(round(_mean(block), _DIGITS) for block in pooled),
    )


def _grouped(
    given: Sequence[float], right: Sequence[float]
) -> list[tuple[list[float], list[float]]]:
    """Cut the pairs, in rising order, into runs that are long enough."""
    pairs = sorted(zip(given, right, strict=True))
    cuts = range(0, max(len(pairs) - _LEAST + 1, 1), _LEAST) if pairs else ()
    runs = [pairs[cut : cut + _LEAST] for cut in cuts]
    if runs:
        runs[-1] = pairs[(len(runs) - 1) * _LEAST :]
    return [([one for one, _ in run], [other for _, other in run]) for run in runs]


def _mean(block: list[float]) -> float:
    return block[2] / block[0]
