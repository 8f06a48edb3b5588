"""Bits per byte of a release: what is measured, by what, and the account of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pipeline.bpb.choose import Asked, check, make
from pipeline.bpb.held_out import Sample, held_out, sample
from pipeline.bpb.measure import Amount, By, add_up, mean_rates, measure, whole
from pipeline.bpb.model import FRACTION_BITS, rate
from pipeline.catalog import open_catalog
from pipeline.errors import ConfigError
from pipeline.published import read_manifest
from pipeline.tables import suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from fractions import Fraction
    from pathlib import Path

    from manifests.manifest import Manifest, Source
    from pipeline.bpb.measure import Measured
    from pipeline.bpb.model import Model
    from pipeline.catalog import Release

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


class Account(NamedTuple):
    """What came out: models, what they learnt from, and amounts by group, whose sum is the whole.

    `trained_on` is source -> bytes; `empty` are the sources that hold nothing out.
    """

    manifest: Manifest
    measures: Measures
    models: tuple[Model, ...]
    trained_on: dict[str, int]
    groups: dict[str, Amount]
    empty: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """The names of the models."""
        return [model.name for model in self.models]

    @property
    def total(self) -> Amount:
        """All groups together."""
        return whole(self.groups.values(), len(self.models))

    def mean(self, weights: dict[str, Fraction]) -> list[float]:
        """Return bits per byte by each model, averaged over the groups by weights."""
        return mean_rates(self.groups, weights, len(self.models))

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
            "nothing_held_out": self.empty,
        }

    def _cells(self, amount: Amount) -> dict[str, Any]:
        rates = [rate(bits, amount.bytes) for bits in amount.bits]
        return {
            "documents": amount.documents,
            "bytes": amount.bytes,
            "bits": dict(zip(self.names, amount.bits, strict=True)),
            "bits_per_byte": dict(zip(self.names, rates, strict=True)),
        }


def evaluate(
    path: Path,
    measures: Measures,
    asked: Asked,
    seen: Callable[[Iterable[list[Measured]], int, list[str]], Iterator[Measured]],
) -> Account:
    """Measure what a release holds out; `seen` passes on the documents of the batches, and may tell of them.

    It is also given how many there are, without a bound in bytes, and the names of the models.

    Raises:
        ConfigError: nothing is held out, there is no such source or model, a package is missing.
        IntegrityError: the release does not read.
    """
    check(asked, measures.train_bytes)
    manifest = read_manifest(path)
    there = _sources(path, manifest, measures)
    chosen = [each.name for each in there if held(each, measures.splits)]
    with open_catalog(path) as release:
        learnt = (
            _learnt(release, manifest, measures) if asked.trained else Sample(measures.seed, {})
        )
        models = make(asked, learnt)
        documents = held_out(release, chosen, measures.splits, measures.max_bytes)
        count = sum(held(each, measures.splits) for each in there)
        names = [model.name for model in models]
        groups = add_up(seen(measure(documents, models), count, names), measures.by, len(models))
    empty = tuple(each.name for each in there if each.name not in chosen)
    return Account(manifest, measures, tuple(models), learnt.sizes, groups, empty)


def held(source: Source, splits: Iterable[str]) -> int:
    """Return how many documents of a source are in some splits."""
    return sum(source.splits.get(split, 0) for split in splits)


def _sources(path: Path, manifest: Manifest, measures: Measures) -> list[Source]:
    """Return the sources of documents that are asked for, one of which holds something out."""
    there = [each for each in manifest.sources if each.kind == "document"]
    names = [each.name for each in there]
    if measures.source and measures.source not in names:
        raise ConfigError(
            f"bpb: --source {measures.source}: the release has no such source of documents"
            f"{suggestion(measures.source, names)}"
        )
    there = [each for each in there if measures.source in {"", each.name}]
    if any(held(each, measures.splits) for each in there):
        return there
    asked = " and ".join(measures.splits)
    others = [
        split for split in ("validation", "test") if any(held(each, (split,)) for each in there)
    ]
    advice = (
        f"ask for --split {others[0]}"
        if others
        else "give the config a [split] with validation and test, and run it again"
    )
    raise ConfigError(f"bpb: {path}: no document is in {asked}: {advice}")


def _learnt(release: Release, manifest: Manifest, measures: Measures) -> Sample:
    """Take the sample that models learn from: of all sources, also where one alone is measured."""
    teachers = [
        each.name for each in manifest.sources if each.kind == "document" and held(each, ("train",))
    ]
    if not teachers:
        raise ConfigError(
            f"bpb: {release.path}: no document is in train, which models learn from: ask for"
            " --model zstd, xz or bz2"
        )
    return sample(release, teachers, measures.train_bytes, measures.seed)
