"""How many minima a signature has, and into which bands they are cut, for one threshold.

Two documents are candidates when all rows of at least one band agree. Each minimum of a pair of
Jaccard similarity s agrees with probability s, so b bands of r rows make it a candidate with
probability 1 - (1 - s^r)^b (Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, section
3.4). More rows let fewer unlike pairs through, fewer rows miss fewer like ones.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple

from pipeline.errors import ConfigError, at

RECALL: Final = Fraction(9995, 10_000)
"""The least probability with which a pair exactly at the threshold becomes a candidate."""

_MINIMA: Final = 128
_MANY_MINIMA: Final = 256
_MANY_BYTES: Final = 16 << 30  # of inputs, compressed as they are: some ten million documents


class Banding(NamedTuple):
    """`bands` x `rows` of a signature's `minima` make its band keys; the rest only refine it."""

    minima: int
    bands: int
    rows: int


def candidate_probability(similarity: float, bands: int, rows: int) -> float:
    """Return the probability that a pair of this Jaccard similarity (0 to 1) is a candidate."""
    return float(1 - (1 - similarity**rows) ** bands)


def choose_bands(threshold: Fraction | str, input_bytes: int) -> Banding:
    """Return the banding for a threshold (above 0, up to 1; a decimal or p/q as a string).

    The rows are the most with which a pair exactly at the threshold still becomes a candidate with
    probability RECALL; pairs above it do so oftener. Up to 16 GiB of input a signature has 128
    minima; above, 256 draw a steeper curve, since unlike pairs grow with the square of the corpus:

        threshold   K=128   at .3   at .5   K=256   at .3   at .5
        0.5          64x2   0.998   1.000    85x3   0.902   1.000
        0.6          42x3   0.683   0.996    64x4   0.406   0.984
        0.7          32x4   0.229   0.873    51x5   0.117   0.802
        0.75         32x4   0.229   0.873    42x6   0.030   0.484
        0.8          25x5   0.059   0.548    36x7   0.008   0.246
        0.85         21x6   0.015   0.282    32x8   0.002   0.118
        0.9          16x8   0.001   0.061    23x11  0.000   0.011
        0.95         10x12  0.000   0.002    15x17  0.000   0.000

    Below a threshold of some 0.058 (K=128) or 0.029 (K=256) no banding reaches RECALL, and single
    rows are the nearest to it. Exact arithmetic: every machine chooses alike. Raises ConfigError.
    """
    try:
        wanted = Fraction(threshold)
    except (ValueError, ZeroDivisionError) as error:
        raise ConfigError(at("near", "threshold", "not a number")) from error
    if not 0 < wanted <= 1:
        problem = f"{threshold} is no similarity above 0 and up to 1"
        raise ConfigError(at("near", "threshold", problem))
    minima = _MINIMA if input_bytes <= _MANY_BYTES else _MANY_MINIMA
    rows = _most_rows(wanted, minima)
    return Banding(minima, minima // rows, rows)


@lru_cache(maxsize=64)
def _most_rows(wanted: Fraction, minima: int) -> int:
    """Return the most rows that reach RECALL; powers of fractions are slow, and runs ask the same again."""
    enough = (rows for rows in range(minima, 1, -1) if _reaches(wanted, minima // rows, rows))
    return next(enough, 1)


def _reaches(similarity: Fraction, bands: int, rows: int) -> bool:
    return 1 - (1 - similarity**rows) ** bands >= RECALL
