"""A second opinion on the language of a text: py3langid's model, summed in whole numbers.

Method: naive Bayes over byte n-grams (Lui & Baldwin 2011, aclanthology.org/I11-1062), retrained for 138
languages by py3langid 0.4. The package sums in single precision, with last digits that depend on the
processor; here all terms are whole, so that every order of them gives the same sum and machines agree.
Loaded when a process first asks, which most never do; by who knows of a copy that is read at once.
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from filters._opinion_model import PARTS, Automaton, Model, Weights, read_model
from filters.jit import frozen

if TYPE_CHECKING:
    from collections.abc import Callable

_STEPS: Final = 4096  # of the logarithm of a count
_LONGEST: Final = 1 << 13  # bytes that are read


_readers: Final[list[Callable[[], Model]]] = [read_model]  # of which the last one reads


class Opinion(NamedTuple):
    """A label of the model and its share among all, from 0 to 1."""

    label: str
    share: float


class _Ready(NamedTuple):
    """The model with what the kernel adds up."""

    model: Model
    steps: npt.NDArray[np.int64]  # the worth of each count
    priors: npt.NDArray[np.int64]
    labels: tuple[str, ...]
    columns: npt.NDArray[np.intp]  # of each column of the weights, its label's number


@functools.cache
def _ready() -> _Ready:
    model = _readers[-1]()
    labels = tuple(dict.fromkeys(model.classes))
    steps = [round(math.log1p(count) * _STEPS) for count in range(_LONGEST + 1)]
    return _Ready(
        model=model,
        steps=frozen(steps, np.int64),
        priors=np.rint(model.priors.astype(np.float64) * _STEPS).astype(np.int64) * PARTS,
        labels=labels,
        columns=np.array([labels.index(each) for each in model.classes]),
    )


def read_with(reader: Callable[[], Model]) -> None:
    """Have the model read by `reader`, who knows where a small one lies: the package's takes 3 s."""
    _readers.append(reader)


def warm() -> None:
    """Compile the kernel, or load it from the cache; the model stays where it is."""
    from filters._opinion_kernel import add_up  # noqa: PLC0415  the compiler is heavy

    edges, links = frozen([0, 0], np.int32), frozen([0], np.int32)
    signs, numbers = frozen([0], np.uint8), frozen([0, 0], np.int64)
    automaton = Automaton(edges, signs, links, links, frozen([-1], np.int32))
    weights = Weights(numbers, edges, signs, frozen([0], np.int16))
    add_up(automaton, weights, numbers, np.frombuffer(b"a", np.uint8), numbers.copy())


def known_labels() -> frozenset[str]:
    """Name the labels of the model."""
    return frozenset(_ready().labels)


def second_opinion(sample: str) -> Opinion:
    """Give the likeliest label of a text without surrogates, of which 8 KiB are read; `zxx` is no language."""
    from filters._opinion_kernel import add_up  # noqa: PLC0415  the compiler is heavy

    ready = _ready()
    model = ready.model
    data = sample.encode()[:_LONGEST]
    scores = ready.priors.copy()
    total = add_up(
        model.automaton, model.weights, ready.steps, np.frombuffer(data, np.uint8), scores
    )
    if not total:
        return Opinion("zxx", 0.0)
    scores += total * model.weights.common
    # dividing by the root of the length keeps the shares honest for short and long texts alike
    sharpness = PARTS * _STEPS * math.sqrt(len(data))
    chances = np.exp((scores - scores.max()) / sharpness)
    shares = np.bincount(ready.columns, weights=chances, minlength=len(ready.labels))
    best = int(shares.argmax())
    return Opinion(ready.labels[best], float(shares[best] / shares.sum()))
