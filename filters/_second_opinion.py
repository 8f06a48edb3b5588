"""A second opinion on the language of a text: py3langid's model, summed in whole numbers.

Method: naive Bayes over byte n-grams (Lui & Baldwin 2011, aclanthology.org/I11-1062), retrained for 138
languages by py3langid 0.4. The package sums in single precision, with last digits that depend on the
processor; here all terms are whole, so that every order of them gives the same sum and machines agree.
Loaded (0.6 s, 100 MB) when a process first asks, which most never do.
"""

from __future__ import annotations

import functools
import math
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from filters.jit import frozen

_STEPS: Final = 4096  # of the logarithm of a count
_PARTS: Final = 512  # of a weight; all are multiples of one, being of half precision and above 2
_LONGEST: Final = 1 << 13  # bytes that are read


class Opinion(NamedTuple):
    """A label of the model and its share among all, from 0 to 1."""

    label: str
    share: float


class _Model(NamedTuple):
    arrays: tuple[Any, Any, Any, Any, Any]  # as the kernel takes them
    priors: npt.NDArray[np.int64]
    labels: tuple[str, ...]
    columns: npt.NDArray[np.intp]  # of each column of the weights, its label's number


@functools.cache
def _model() -> _Model:
    from py3langid import langid  # noqa: PLC0415  only where a text is in doubt

    read = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE)
    labels = tuple(dict.fromkeys(read.nb_classes))
    steps = [round(math.log1p(count) * _STEPS) for count in range(_LONGEST + 1)]
    priors = np.rint(np.asarray(read.nb_pc, dtype=np.float64) * _STEPS)
    return _Model(
        arrays=(
            frozen(read.tk_nextmove, np.uint32),
            frozen(np.asarray(read.tk_row, np.int64) << 8, np.int64),
            frozen(read.tk_output, np.int32),
            frozen(read.nb_ptc * np.float16(_PARTS), np.int16),
            frozen(steps, np.int64),
        ),
        priors=priors.astype(np.int64) * _PARTS,
        labels=labels,
        columns=np.array([labels.index(each) for each in read.nb_classes]),
    )


def warm() -> None:
    """Compile the kernel, or load it from the cache; the model stays where it is."""
    from filters._opinion_kernel import add_up  # noqa: PLC0415  the compiler is heavy

    moves, features = frozen([0] * 256, np.uint32), frozen([-1], np.int32)
    rows, weights, steps = (
        frozen([0], np.int64), frozen([[0]], np.int16), frozen([0, 0], np.int64),
    )  # fmt: skip
    data = np.frombuffer(b"a", np.uint8)
    add_up(moves, rows, features, weights, steps, data, np.zeros(1, np.int64))


def known_labels() -> frozenset[str]:
    """Name the labels of the model."""
    return frozenset(_model().labels)


def second_opinion(sample: str) -> Opinion:
    """Give the likeliest label of a text without surrogates, of which 8 KiB are read; `zxx` is no language."""
    from filters._opinion_kernel import add_up  # noqa: PLC0415  the compiler is heavy

    model = _model()
    data = sample.encode()[:_LONGEST]
    scores = model.priors.copy()
    if not add_up(*model.arrays, np.frombuffer(data, np.uint8), scores):
        return Opinion("zxx", 0.0)
    # dividing by the root of the length keeps the shares honest for short and long texts alike
    sharpness = _PARTS * _STEPS * math.sqrt(len(data))
    chances = np.exp((scores - scores.max()) / sharpness)
    shares = np.bincount(model.columns, weights=chances, minlength=len(model.labels))
    best = int(shares.argmax())
    return Opinion(model.labels[best], float(shares[best] / shares.sum()))
