"""The tasks between screen and emit, made of the markers before them; a spec says what its task depends on."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from pipeline.config import Near
from pipeline.decontam import Decontam
from pipeline.dedup import SignatureSpec
from pipeline.dedup.anchors import AnchorSpec
from pipeline.dedup.banding import choose_bands
from pipeline.dedup.copies import COPY_THRESHOLD
from pipeline.dedup.passages import PASSAGES
from pipeline.engine.task import Task
from pipeline.sources.formats import asks
from pipeline.spill import PREFIXES
from pipeline.stages import contexts, exact, ledger, order, pardons, passages, place, refuse
from pipeline.stages.asked import AskedRef
from pipeline.stages.part import EXACT_KEYS, ID_KEYS, PartRef, save_parts
from pipeline.stages.splits import NONE, Draw, split_number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.config import Config, Source
    from pipeline.dedup.passages import PassageRule
    from pipeline.engine.work import Marker
    from pipeline.job import Job
    from pipeline.plan import Input

_RANGE_SHARE = 16  # the exchange records that a task reads may fill this part of its memory
_LEAST_MINIMA = 128


def fingerprints(markers: list[Marker]) -> tuple[str, ...]:
    """Collect the fingerprints of finished tasks."""
    return tuple(marker.fingerprint for marker in markers)


def output_bytes(markers: list[Marker], *names: str) -> int:
    """Add up the sizes of the named outputs of finished tasks."""
    return sum(each.size for marker in markers for each in marker.outputs if each.name in names)


def refs(markers: list[Marker]) -> tuple[PartRef, ...]:
    """Name finished parts to the stages that read them, in the order of their ordinals."""
    return tuple(
        PartRef(marker.phase, marker.fingerprint, marker.record["rows"]) for marker in markers
    )


def ranges(size: int, memory: int) -> list[tuple[int, int]]:
    """Cut the key prefixes into ranges for so many bytes of records; the cut changes no result."""
    count = 1
    while count < PREFIXES and size * _RANGE_SHARE > count * memory:
        count *= 2
    step = PREFIXES // count
    return [(first, first + step) for first in range(0, PREFIXES, step)]


def signature_of(config: Config, inputs: tuple[Input, ...]) -> SignatureSpec:
    """Choose the signature: bands and rows as the config gives them, else by threshold and size of the inputs."""
    near = config.dedup.near_or_none or Near()
    if near.bands is not None or near.rows is not None:
        bands = near.bands or max(1, _LEAST_MINIMA // (near.rows or 1))
        rows = near.rows or max(1, _LEAST_MINIMA // bands)
        return SignatureSpec(minima=max(_LEAST_MINIMA, bands * rows), bands=bands, rows=rows)
    threshold = str(near.threshold)
    if config.optout is not None or draws_splits(config):
        threshold = min(threshold, COPY_THRESHOLD, key=Fraction)
    minima, bands, rows = choose_bands(Fraction(threshold), sum(item.bytes for item in inputs))
    return SignatureSpec(minima=minima, bands=bands, rows=rows)


def draws_splits(config: Config) -> bool:
    """Tell whether anything is held out of train, so that families must be known."""
    fixed = any(split_number(source.split) > 0 for source in config.sources)
    return fixed or config.split.validation + config.split.test > 0


def _draw(config: Config, parent: str) -> Draw:
    """Say how families are drawn; `parent` is the digest of the parent's splits."""
    return Draw(
        seed=config.release.seed,
        validation=config.split.validation,
        test=config.split.test,
        parent=parent,
    )


def asking(config: Config, inputs: tuple[Input, ...]) -> tuple[int, ...]:
    """Return the places of the inputs that hold questions."""
    questions = {source.name for source in config.sources if asks(source.format)}
    return tuple(number for number, item in enumerate(inputs) if item.source in questions)


def _fixed(config: Config, inputs: Iterable[Input]) -> tuple[int, ...]:
    """Return the split that the config fixes for each input."""
    splits = {source.name: split_number(source.split) for source in config.sources}
    return tuple(splits[item.source] for item in inputs)


def ngram_of(config: Config) -> int:
    """Return how many words in a row are a passage, also where no evaluation set is named."""
    return (config.decontam or Decontam()).ngram


def contexts_task(
    config: Config, inputs: tuple[Input, ...], parts: list[Marker], parent: str
) -> Task:
    """Relate all questions to each other; `parts` are those of the inputs that hold some."""
    spec = contexts.ContextsSpec(
        parts=refs(parts),
        fixed=_fixed(config, (inputs[number] for number in asking(config, inputs))),
        threshold=COPY_THRESHOLD,
        ngram=ngram_of(config),
        draw=_draw(config, parent),
    )
    return Task("contexts", "all", contexts.contexts, spec)


def anchor_spec(config: Config) -> AnchorSpec | None:
    """Say how documents are sampled, where one inside another is sought."""
    near = config.dedup.near_or_none
    return AnchorSpec() if near is not None and near.containment is not None else None


def passage_rule(config: Config, source: Source) -> PassageRule | None:
    """Say what passages of a source are sought; none without the option, none in questions."""
    rule = config.dedup.passages
    return None if rule is None else rule.of(source.name, question=asks(source.format))


def exact_tasks(
    job: Job, parts: list[Marker], pardons: str | None, refused: str | None
) -> list[Task]:
    """One task for each range of prefixes of content digests and ids."""
    left = save_parts(job.work, refs(parts))
    return [
        Task(
            "exact",
            f"{first}-{end}",
            exact.exact,
            exact.ExactSpec(
                parts=left,
                first=first,
                end=end,
                repeats_only=not job.config.dedup.exact,
                pardons=pardons,
                refused=refused,
            ),
        )
        for first, end in ranges(output_bytes(parts, EXACT_KEYS, ID_KEYS), job.memory)
    ]


def refuse_tasks(job: Job, parts: list[Marker]) -> list[Task]:
    """One task for each part of documents of the inputs; none where no quality filter is asked for."""
    chosen = job.config.quality.chosen
    asked = set(asking(job.config, job.inputs))
    return [
        Task("refuse", item.path, refuse.refuse, refuse.RefuseSpec(part=part, filters=chosen))
        for number, (item, part) in enumerate(zip(job.inputs, refs(parts), strict=False))
        if chosen and number not in asked
    ]


def refused_task(job: Job, parts: list[Marker], refusals: list[Marker]) -> Task:
    """Unite what the tasks of all parts refused."""
    asked = set(asking(job.config, job.inputs))
    found = iter(fingerprints(refusals))
    spec = refuse.RefusedSpec(
        parts=refs(parts),
        refuse=tuple("" if number in asked else next(found) for number in range(len(job.inputs))),
        filters=job.config.quality.chosen,
    )
    return Task(refuse.PHASE, "all", refuse.unite_refused, spec)


def order_task(
    job: Job,
    parts: list[Marker],
    exacts: list[Marker],
    pardons: str | None,
    refused: str | None,
) -> Task:
    """Put all documents into the survivor order."""
    near = job.config.dedup.near_or_none
    longest_first = near is not None and near.containment is not None
    spec = order.OrderSpec(
        parts=refs(parts),
        exact=fingerprints(exacts),
        longest_first=longest_first,
        pardons=pardons,
        refused=refused,
    )
    return Task("order", "all", order.order, spec)


class Said(NamedTuple):
    """What is known before documents are compared: the digest of the parent's splits, and how questions are related."""

    parent: str = ""
    related: Marker | None = None


def place_task(
    job: Job, parts: list[Marker], ordered: Marker, resolved: Marker | None, said: Said
) -> Task:
    """Give each document its last verdict, family and split."""
    fixed = _fixed(job.config, job.inputs)
    spec = place.PlaceSpec(
        parts=refs(parts),
        order=ordered.fingerprint,
        near=None if resolved is None else resolved.fingerprint,
        forks=None if resolved is None else resolved.record["forks"],
        pardons=ordered.record["pardons"],
        refused=ordered.record["refused"],
        asked=_asked(job, said.related),
        fixed=(*fixed, *(NONE for _ in parts[len(fixed) :])),
        draw=_draw(job.config, said.parent),
    )
    return Task("place", "all", place.place, spec)


def _asked(job: Job, related: Marker | None) -> AskedRef | None:
    if related is None:
        return None
    return AskedRef(
        contexts=related.fingerprint,
        parts=asking(job.config, job.inputs),
        once=job.config.dedup.near_or_none is not None,
        agreed=job.config.qa.contradictions == "drop",
    )


def pardons_task(job: Job, parts: list[Marker], placed: Marker, known: str | None) -> Task | None:
    """Look for opted-out texts that many strangers have; without a registry there are none."""
    if job.config.optout is None or not any(part.record["ghosts"] for part in parts):
        return None
    spec = pardons.PardonsSpec(
        parts=refs(parts),
        place=placed.fingerprint,
        owners=job.config.optout.common,
        known=known,
    )
    return Task("pardons", "all", pardons.pardons, spec)


def repeats_tasks(job: Job, parts: list[Marker], ordered: Marker, placed: Marker) -> list[Task]:
    """One task for each range of prefixes of passage digests."""
    left = save_parts(job.work, refs(parts[: len(job.inputs)]))
    return [
        Task(
            "repeats",
            f"{first}-{end}",
            passages.repeats,
            passages.RepeatsSpec(
                parts=left,
                order=ordered.fingerprint,
                place=placed.fingerprint,
                first=first,
                end=end,
            ),
        )
        for first, end in ranges(output_bytes(parts, PASSAGES), job.memory)
    ]


def cuts_task(job: Job, parts: list[Marker], placed: Marker, repeats: list[Marker]) -> Task:
    """Unite the cuts; the task stands in for the place task that it amends."""
    spec = passages.UniteSpec(
        parts=refs(parts[: len(job.inputs)]),
        place=placed.fingerprint,
        repeats=fingerprints(repeats),
        forks=placed.record["forks"],
        pardons=placed.record["pardons"],
        refused=placed.record["refused"],
    )
    return Task("place", "cuts", passages.unite, spec)


def ledger_task(job: Job, parts: list[Marker], placed: Marker, *, ids_repeat: bool = False) -> Task:
    """Write one row for every input record; `ids_repeat` where ids are as they may be."""
    spec = ledger.LedgerSpec(
        parts=refs(parts),
        inputs=tuple((item.source, item.path) for item in job.inputs),
        place=placed.fingerprint,
        cuts=job.config.dedup.passages is not None,
        forks=placed.record["forks"],
        pardons=placed.record["pardons"],
        refused=placed.record["refused"],
        ids_repeat=ids_repeat,
    )
    return Task("ledger", "all", ledger.ledger, spec)
