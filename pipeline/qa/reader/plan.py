"""How a reader is trained, as one value: all that its weights depend on beside the questions."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import msgspec

from pipeline.qa.reader.architecture import MEASURES, Family, Measure, Size
from pipeline.qa.reader.inputs import Reading

Precision = Literal["float32", "bfloat16"]
EPOCHS: Final[dict[Size, float]] = {"tiny": 0.8, "small": 6.0, "base": 12.0}
RATES: Final[dict[Size, float]] = {"tiny": 2e-3, "small": 1e-3, "base": 5e-4}


class Tuning(NamedTuple):
    """Epochs and rate of a network that was trained before."""

    epochs: float = 2.0
    rate: float = 5e-5


TUNED: Final = Tuning()
"""As Devlin et al. 2019 (BERT, section 4.2), who tuned for 2 epochs at 5e-5."""


HIDDEN: Final = 0.1
"""The share of tokens that training hides from a network that knows none yet."""


class Distilling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a student learns: how warm scores are softened, and what weighs how much.

    `soft` is the teacher's answers' share against the right ones; `hidden` and `attention` are added.
    """

    temperature: float = 2.0
    soft: float = 0.7
    hidden: float = 0.3
    attention: float = 0.1


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`epochs` over the windows; at most `tokens` in a batch; `rate` is the highest of the learning rates.

    `words` is the share of tokens that training hides, `silent` how many questions without an answer are made of
    each question if there are none. `threads` change the last digits of weights.
    """

    family: Family
    measure: Measure
    reading: Reading
    epochs: float
    rate: float
    vocabulary: int = 8000
    tokens: int = 2048
    warmup: int = 100
    decay: float = 0.01
    dropout: float = 0.1
    words: float = HIDDEN
    clip: float = 1.0
    seed: int = 0
    threads: int = 1
    precision: Precision = "float32"
    silent: float = 0.0
    most: int = 0
    begins_with: str = ""
    distilling: Distilling | None = None


def measure_of(
    family: Family, size: Size, *, layers: int | None = None, width: int | None = None
) -> Measure:
    """Return a size, with other layers or another width where these are told."""
    found = MEASURES[family, size]
    if layers is not None:
        found = msgspec.structs.replace(found, layers=layers)
    if width is not None:
        scale = width / found.width
        found = msgspec.structs.replace(
            found, width=width, forward=round(found.forward * scale), token=min(found.token, width)
        )
    return found
