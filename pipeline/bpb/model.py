"""What measures documents, and the unit it measures in: whole multiples of 2^-20 bit, so that sums are exact.

Bits of parts are added as integers: that of a source, of a release and of any other grouping are the
same number whatever the order, and a rate is divided once, at the end.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

FRACTION_BITS: Final = 20
ONE_BIT: Final = 1 << FRACTION_BITS


class Model(Protocol):
    """Something that says how many bits it takes to tell a document, whatever documents it told before."""

    @property
    def name(self) -> str:
        """What its column is called."""

    @property
    def told(self) -> dict[str, Any]:
        """What it is, and whatever its figures depend on beside the documents."""

    def bits(self, documents: Sequence[bytes]) -> list[int]:
        """Return the bits of each document, in units of 2^-20 bit.

        They do not depend on the others, but for rounding where a neural network takes several at once.
        """


def rate(bits: int, size: int) -> float | None:
    """Return bits per byte, rounded once; `None` where there is no byte."""
    return float(exact_rate(bits, size)) if size else None


def exact_rate(bits: int, size: int) -> Fraction:
    """Return bits per byte as the fraction it is."""
    return Fraction(bits, ONE_BIT * size)
