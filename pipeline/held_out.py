"""Held out: the questions of a run that are in no train split, as a protected set that its documents are judged by.

It is made of the questions as they go into the release, so no document of train holds a context that
its own release tests with.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from manifests.checksum import canonical_json
from manifests.manifest import HELD_OUT
from pipeline.decontam import ProtectedSet, is_saved, save_protected
from pipeline.engine.task import Context
from pipeline.evaluation_sets import Item
from pipeline.job import run_one
from pipeline.preflight import environment_digest
from pipeline.protected import index_items
from pipeline.stages.contexts import CONTEXTS, read_held
from pipeline.tasks import contexts_task, ngram_of, refs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.config import Config
    from pipeline.engine.work import Marker
    from pipeline.job import Job
    from pipeline.stages.contexts import Held


def relate(job: Job, parts: list[Marker], sticky: str) -> Marker | None:
    """Relate the questions of all sources to each other; `parts` are theirs, `sticky` as in `decide`."""
    if not parts:
        return None
    return run_one(job, contexts_task(job.config, job.inputs, parts, sticky))


def hold_out(job: Job, parts: list[Marker], related: Marker | None) -> str:
    """Leave the set for the tasks, unless an earlier run did; return its digest, `""` for none."""
    digest = held_out_digest(job.config, related)
    if digest and related is not None and not is_saved(job.work, digest):
        context = Context(job.root, job.work, job.work.path)
        found = np.load(job.work.folder(related) / CONTEXTS)
        held = read_held(refs(parts), context, found["split"] > 0)
        _save(job, digest, held)
    return digest


def held_out_digest(config: Config, related: Marker | None) -> str:
    """Name the set by what is in it and how it is sought."""
    content = "" if related is None else related.record["held_out"]
    if not content or not config.qa.protect:
        return ""
    named = [environment_digest(), ngram_of(config), sorted(config.qa.protect), content]
    return hashlib.sha256(canonical_json(named)).hexdigest()


def _save(job: Job, digest: str, held: list[Held]) -> None:
    names = tuple(sorted({each.source for each in held}))
    protected, counts = index_items(
        _items(held, names), names, ngram_of(job.config), job.config.qa.protect
    )
    sets = tuple(
        ProtectedSet(
            name=name, format=HELD_OUT, files=(), items=counted.items, passages=counted.passages
        )
        for name, counted in zip(names, counts, strict=True)
    )
    save_protected(job.work, digest, protected, sets)


def _items(held: list[Held], names: tuple[str, ...]) -> Iterator[tuple[int, Item]]:
    """Give each question; a context goes with the first question over it."""
    seen: set[str] = set()
    for each in held:
        texts = () if each.context in seen else (each.context,)
        seen.add(each.context)
        yield names.index(each.source), Item(each.id, each.id, each.title, texts, each.question)
