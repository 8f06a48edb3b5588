"""What came out of a measurement: sums by group, means by weight, and all that they depend on."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pipeline.bpb.measure import mean_rates, whole
from pipeline.bpb.model import FRACTION_BITS, rate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manifests.manifest import Manifest
    from manifests.mix_account import Mix
    from pipeline.bpb.measure import Amount, By
    from pipeline.bpb.model import Model

SplitChoice = Literal["validation", "test", "both"]


class Measures(NamedTuple):
    """What is measured and learnt from: splits, one source or all (`""`), bounds in bytes, grouping."""

    split: SplitChoice = "test"
    source: str = ""
    train_bytes: int = 1 << 23
    max_bytes: int | None = None
    by: By = "source"
    seed: int = 0

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits whose documents are measured."""
        return ("validation", "test") if self.split == "both" else (self.split,)


class Line(NamedTuple):
    """A line of the table: a group, all of them, or a mean, which has no amount; bits per byte by model."""

    name: str
    amount: Amount | None
    rates: tuple[float | None, ...]


class Account(NamedTuple):
    """Models, what they learnt from, and amounts by group, whose sum is the whole.

    `trained_on` is source -> bytes; `empty` are the sources that hold nothing out.
    """

    manifest: Manifest
    measures: Measures
    models: tuple[Model, ...]
    trained_on: dict[str, int]
    groups: dict[str, Amount]
    empty: tuple[str, ...]
    mix: Mix | None

    @property
    def title(self) -> str:
        """What was measured of which release."""
        splits = " and ".join(self.measures.splits)
        return f"{splits} of {self.manifest.name}-{self.manifest.version}"

    @property
    def names(self) -> list[str]:
        """The names of the models."""
        return [model.name for model in self.models]

    @property
    def total(self) -> Amount:
        """All groups together."""
        return whole(self.groups.values(), len(self.models))

    @property
    def unmeasured(self) -> list[str]:
        """The sources of the mix of which nothing was measured; the others' weights count alone."""
        shares = () if self.mix is None else self.mix.sources
        return [share.name for share in shares if share.name not in self.groups]

    def lines(self) -> Iterator[Line]:
        """Yield the lines of the table: the groups, all by bytes, their mean, that of the mix."""
        for name, amount in (*self.groups.items(), ("all, by bytes", self.total)):
            yield Line(name, amount, tuple(rate(bits, amount.bytes) for bits in amount.bits))
        yield Line(f"mean of each {self.measures.by}", None, self._mean())
        if self.mix is not None:
            yield Line(f"mean by {self.mix.name}", None, self._mean(_weights(self.mix)))

    def notes(self) -> Iterator[str]:
        """Yield what the figures depend on, and what they leave out."""
        for model in self.models:
            (_, kind), *others = model.told.items()
            told = [f"{key.replace('_', ' ')} {_spelled(value)}" for key, value in others]
            yield f"{model.name}: {', '.join((kind, *told))}"
        if self.trained_on:
            taken = ", ".join(f"{size:,} of {name}" for name, size in self.trained_on.items())
            yield f"learnt from bytes of train: {taken} (seed {self.measures.seed})"
        if self.measures.max_bytes is not None:
            yield f"of each source and split no more once there are {self.measures.max_bytes:,} bytes"
        if self.empty:
            yield f"holds nothing out, not measured: {', '.join(self.empty)}"
        if self.mix is not None and self.unmeasured:
            yield f"in {self.mix.name}, not measured: {', '.join(self.unmeasured)}"
        if self.manifest.questions:
            yield f"questions are not measured: {self.manifest.questions:,}"

    def plain(self) -> dict[str, Any]:
        """Return it as JSON has it; `bits` are whole multiples of 2^-20 bit."""
        return {
            "release": {
                "name": self.manifest.name,
                "version": self.manifest.version,
                "content_root": self.manifest.content_root,
            },
            "splits": self.measures.splits,
            "max_bytes": self.measures.max_bytes,
            "by": self.measures.by,
            "seed": self.measures.seed,
            "fraction_bits": FRACTION_BITS,
            "trained_on": self.trained_on,
            "models": [{"name": model.name} | model.told for model in self.models],
            "groups": [{"name": name} | self._cells(each) for name, each in self.groups.items()],
            "all": self._cells(self.total),
            "mean": self._named(self._mean()),
            "nothing_held_out": self.empty,
        } | self._plain_mix()

    def _plain_mix(self) -> dict[str, Any]:
        if self.mix is None:
            return {}
        return {
            "mix": {
                "name": self.mix.name,
                "recipe_sha256": self.mix.recipe_sha256,
                "weights": {share.name: share.mixed.bytes for share in self.mix.sources},
                "bits_per_byte": self._named(self._mean(_weights(self.mix))),
                "not_measured": self.unmeasured,
            }
        }

    def _mean(self, weights: dict[str, Fraction] | None = None) -> tuple[float | None, ...]:
        even = dict.fromkeys(self.groups, Fraction(1))
        return mean_rates(self.groups, weights or even, len(self.models))

    def _named(self, values: tuple[Any, ...]) -> dict[str, Any]:
        return dict(zip(self.names, values, strict=True))

    def _cells(self, amount: Amount) -> dict[str, Any]:
        rates = tuple(rate(bits, amount.bytes) for bits in amount.bits)
        return {
            "documents": amount.documents,
            "bytes": amount.bytes,
            "bits": self._named(amount.bits),
            "bits_per_byte": self._named(rates),
        }


def _weights(mix: Mix) -> dict[str, Fraction]:
    """Return how many bytes a mix takes of each source."""
    return {share.name: Fraction(share.mixed.bytes) for share in mix.sources}


def _spelled(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)
