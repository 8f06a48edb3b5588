"""Measure documents by several models, and add up: any grouping gives parts that sum to the same whole."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from pipeline.bpb.model import exact_rate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pipeline.bpb.held_out import Document
    from pipeline.bpb.model import Model

By = Literal["source", "license", "language"]

_BATCH: Final = 16  # documents that go to a model at once
_BATCH_BYTES: Final = 1 << 20


class Measured(NamedTuple):
    """A document and its bits by each model in 2^-20 bit; its text is gone."""

    id: str
    source: str
    split: str
    license: str
    language: str
    bytes: int
    bits: tuple[int, ...]


class Amount(NamedTuple):
    """So many documents, their bytes, and their bits by each model in 2^-20 bit."""

    documents: int
    bytes: int
    bits: tuple[int, ...]

    def plus(self, other: Amount) -> Amount:
        """Add up two amounts, exactly."""
        bits = tuple(a + b for a, b in zip(self.bits, other.bits, strict=True))
        return Amount(self.documents + other.documents, self.bytes + other.bytes, bits)


def measure(documents: Iterable[Document], models: Sequence[Model]) -> Iterator[list[Measured]]:
    """Yield documents measured, a batch at a time and in their order."""
    for batch in _batches(documents):
        texts = [each.text for each in batch]
        bits = zip(*(model.bits(texts) for model in models), strict=True)
        yield [
            Measured(*each[:5], len(each.text), found)
            for each, found in zip(batch, bits, strict=True)
        ]


def _batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    batch: list[Document] = []
    size = 0
    for document in documents:
        batch.append(document)
        size += len(document.text)
        if len(batch) == _BATCH or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def add_up(measured: Iterable[Measured], by: By, models: int) -> dict[str, Amount]:
    """Add up documents by one of their columns, sorted by its values."""
    found: dict[str, Amount] = defaultdict(lambda: Amount(0, 0, (0,) * models))
    for each in measured:
        key = getattr(each, by)
        found[key] = found[key].plus(Amount(1, each.bytes, each.bits))
    return dict(sorted(found.items()))


def whole(amounts: Iterable[Amount], models: int) -> Amount:
    """Add up amounts."""
    total = Amount(0, 0, (0,) * models)
    for each in amounts:
        total = total.plus(each)
    return total


def mean_rates(
    amounts: Mapping[str, Amount], weights: Mapping[str, Fraction], models: int
) -> tuple[float | None, ...]:
    """Return bits per byte by each model, averaged over groups by weights in any scale, rounded once.

    Groups without a byte or a weight take no part; `None` where none does.
    """
    scale = Fraction(0)
    sums = [Fraction(0)] * models
    for name, each in amounts.items():
        weight = weights.get(name, Fraction(0))
        if weight and each.bytes:
            scale += weight
            rates = (exact_rate(bits, each.bytes) for bits in each.bits)
            sums = [total + weight * rate for total, rate in zip(sums, rates, strict=True)]
    return tuple(float(each / scale) if scale else None for each in sums)
