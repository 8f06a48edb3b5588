"""What two signatures must share to be comparable, and the permutations that follow from it."""

from __future__ import annotations

import unicodedata
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np
import numpy.typing as npt

from pipeline.errors import ConfigError, at

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKENISER_VERSION: Final = 2
"""Raised by every change of tokens, shingles, minima or band keys: old signatures then differ."""

_LIMIT: Final = 1 << 16
_STATE: Final = 624  # words of a Mersenne Twister
_MIDDLE: Final = 397
_LONGEST_SHINGLE: Final = 64


class SignatureSpec(msgspec.Struct, frozen=True):
    """How documents are signed; kept beside every stored signature and compared before any use.

    `minima` values a signature, of which `bands` x `rows` make band keys; `shingle` tokens a
    shingle; `seed` draws the permutations; `version` and `unicode` name the tokeniser and the
    character tables that it read. Raises ConfigError for values that make no signature.
    """

    minima: int = 128
    bands: int = 32
    rows: int = 4
    shingle: int = 5
    seed: int = 1
    version: int = TOKENISER_VERSION
    unicode: str = unicodedata.unidata_version

    def __post_init__(self) -> None:
        if not 1 <= self.minima <= _LIMIT:
            raise ConfigError(at("near", "signature", f"minima must be 1 to {_LIMIT}"))
        if self.bands < 1 or self.rows < 1 or self.bands * self.rows > self.minima:
            problem = f"{self.bands} bands of {self.rows} rows do not fit {self.minima} minima"
            raise ConfigError(at("near", "signature", problem))
        if not 1 <= self.shingle <= _LONGEST_SHINGLE:
            raise ConfigError(at("near", "signature", f"shingle must be 1 to {_LONGEST_SHINGLE}"))
        if not 0 <= self.seed < 1 << 32:
            raise ConfigError(at("near", "signature", "seed must fit 32 bits"))


def _twister(seed: int) -> Iterator[int]:
    """Yield the 32-bit stream of MT19937 (Matsumoto and Nishimura 1998) for an integer seed."""
    state = [seed]
    for index in range(1, _STATE):
        last = state[-1]
        state.append((1812433253 * (last ^ (last >> 30)) + index) & 0xFFFFFFFF)
    while True:
        for index in range(_STATE):
            pair = (state[index] & 0x80000000) | (state[(index + 1) % _STATE] & 0x7FFFFFFF)
            twist = (pair >> 1) ^ (0x9908B0DF if pair & 1 else 0)
            state[index] = state[(index + _MIDDLE) % _STATE] ^ twist
        for value in state:
            word = value ^ (value >> 11)
            word ^= (word << 7) & 0x9D2C5680
            word ^= (word << 15) & 0xEFC60000
            yield word ^ (word >> 18)


@cache
def permutations(minima: int, seed: int) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """Return the factors (odd) and summands, uint32[minima] each, of `factor * x + summand`.

    They are those of datasketch 2's "affine32" scheme for the same seed, so a signature opens there
    as it stands. The generator is written out because no library promises its stream for ever.
    """
    stream = _twister(seed)
    factors = [(draw & 0x7FFFFFFF) * 2 + 1 for draw in islice(stream, minima)]
    summands = list(islice(stream, minima))
    return np.array(factors, np.uint32), np.array(summands, np.uint32)
