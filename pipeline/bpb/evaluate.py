"""Measure what a release holds out: the one way from a release and what is asked for to an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.bpb.account import Account, Measures
from pipeline.bpb.choose import Asked, check, make
from pipeline.bpb.held_out import Sample, held_out, sample
from pipeline.bpb.measure import add_up, measure
from pipeline.catalog import open_catalog
from pipeline.errors import ConfigError
from pipeline.published import read_manifest
from pipeline.tables import suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from manifests.manifest import Manifest, Source
    from manifests.mix_account import Mix
    from pipeline.bpb.measure import Measured
    from pipeline.catalog import Release

    Seen = Callable[[Iterable[list[Measured]], int, list[str]], Iterator[Measured]]


def evaluate(
    path: Path, measures: Measures, asked: Asked, seen: Seen, mix: Mix | None = None
) -> Account:
    """Measure what a release holds out; `seen` passes on the documents of the batches, and may tell of them.

    It is also given how many there are, without a bound in bytes, and the names of the models. The
    sources may be weighed as a mix takes them.

    Raises:
        ConfigError: nothing is held out, there is no such source or model, a package is missing.
        IntegrityError: the release does not read.
    """
    check(asked, measures.train_bytes)
    manifest = read_manifest(path)
    there = _sources(path, manifest, measures)
    chosen = [each.name for each in there if held(each, measures.splits)]
    if mix is not None and not any(
        share.mixed.bytes for share in mix.sources if share.name in chosen
    ):
        raise ConfigError(f"bpb: --mix: {mix.name} takes nothing of the sources that are measured")
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
    return Account(manifest, measures, tuple(models), learnt.sizes, groups, empty, mix)


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
