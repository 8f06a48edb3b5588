"""A second opinion on the language of a text: py3langid's model, summed without rounding.

Method: naive Bayes over byte n-grams (Lui & Baldwin 2011, aclanthology.org/I11-1062), retrained for 138
languages by py3langid 0.4. The package sums in single precision, with last digits that depend on the
processor; here all terms are multiples of 1/512 in double precision, so that every order of them gives
the same sum and machines agree. Loaded (0.6 s, 100 MB) when a process first asks, which most never do.
"""

from __future__ import annotations

import functools
import math
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

_STEPS: Final = 4096  # of the logarithm of a count; the weights, of half precision, have 512


class Opinion(NamedTuple):
    """A label of the model and its share among all, from 0 to 1."""

    label: str
    share: float


class _Model(NamedTuple):
    walk: Any  # py3langid.langid.visit_counts
    moves: Any
    rows: list[int]
    features: list[int]
    weights: npt.NDArray[np.float16]  # features x labels
    priors: npt.NDArray[np.float64]
    labels: tuple[str, ...]
    columns: npt.NDArray[np.intp]  # of each column of the weights, its label's number


@functools.cache
def _model() -> _Model:
    from py3langid import langid  # noqa: PLC0415  only where a text is in doubt

    read = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE)
    labels = tuple(dict.fromkeys(read.nb_classes))
    return _Model(
        walk=langid.visit_counts,
        moves=read.tk_nextmove,
        rows=[row << 8 for row in read.tk_row],
        features=read.tk_output,
        weights=read.nb_ptc,
        priors=np.rint(np.asarray(read.nb_pc, dtype=np.float64) * _STEPS),
        labels=labels,
        columns=np.array([labels.index(each) for each in read.nb_classes]),
    )


def known_labels() -> frozenset[str]:
    """Name the labels of the model."""
    return frozenset(_model().labels)


@functools.lru_cache(maxsize=1024)
def _steps(count: int) -> float:
    """Give the logarithm of a count and one as a whole number of steps."""
    return float(round(math.log1p(count) * _STEPS))


def second_opinion(sample: str) -> Opinion:
    """Give the likeliest label of a text without surrogates; `zxx` stands for no language."""
    model = _model()
    data = sample.encode()
    visits = model.walk(model.moves, model.rows, model.features, data)
    if not visits:
        return Opinion("zxx", 0.0)
    found = np.fromiter(visits.keys(), dtype=np.intp, count=len(visits))
    times = np.array([_steps(count) for count in visits.values()])
    scores = times @ model.weights[found].astype(np.float64) + model.priors
    # dividing by the root of the length keeps the shares honest for short and long texts alike
    sharpness = _STEPS * math.sqrt(len(data))
    chances = np.exp((scores - scores.max()) / sharpness)
    shares = np.bincount(model.columns, weights=chances, minlength=len(model.labels))
    best = int(shares.argmax())
    return Opinion(model.labels[best], float(shares[best] / shares.sum()))
