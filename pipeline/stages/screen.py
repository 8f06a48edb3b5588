"""Screen: one input shard in, one part out. Every record is judged by itself here, in one pass.

read -> normalise -> licence -> opt-out -> redact -> filters of plug-ins -> decontam -> tags -> quality scores
-> digest, signature, band keys.
An opted-out document whose copies must go too stays on as a ghost: its line is never written, but
its digest, signature and shingle set meet those of the others in the later stages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from filters.licenses.policy import LicenseFilter
from filters.quality import Measures
from manifests.manifest import Plugin
from pipeline.config import Source
from pipeline.decontam import judge_of
from pipeline.dedup.anchors import AnchorSpec
from pipeline.dedup.passages import PassageRule
from pipeline.dedup.spec import SignatureSpec
from pipeline.detector import open_matcher
from pipeline.filtering import PluginFilter, open_filters
from pipeline.footprint import lean
from pipeline.plan import is_package, read_input
from pipeline.plugins import require
from pipeline.redaction import Redact, open_redactor
from pipeline.sources.formats import asks
from pipeline.sources.records import Bad, Damage, Item, Raw
from pipeline.sources.stretch import WHOLE, Stretch
from pipeline.stages.blocks import Tally, blocks, size_of_item
from pipeline.stages.judge import Judge
from pipeline.stages.licensing import RECORDING, Licensing
from pipeline.stages.names import write_keys
from pipeline.stages.part_writer import Dropped, PartWriter, Passed
from pipeline.stages.questions import take_question
from pipeline.stages.requests import read_decisions, read_requests
from pipeline.stages.shown_ids import named
from pipeline.stages.survey import home_of
from pipeline.stages.trees import open_trees

if TYPE_CHECKING:
    from filters.decontam import Protected
    from pipeline.engine.task import Context
    from pipeline.engine.work import Record


RENAMED = "renamed.bin"
"""Keys of the digests of texts that redaction changed: who takes a digest from a release has that of these."""


class ScreenSpec(msgspec.Struct, frozen=True, kw_only=True):
    """All that the part depends on.

    `path` and `sha256` name the input, so `source` has no paths; `requests` is the digest of the
    active opt-out requests that can concern it; `key` is the id of the redaction key; `trees`, `decisions` and
    each of `decontam` are digests of the licence evidence in other records, of what people decided, and
    of protected evaluation sets. `quality` is what quality scores are taken with, `None` for none; no
    threshold is part of it. `plugins` are what other packages bring: who reads, the `filters`, recognisers.
    Without a `signature` no two documents are ever compared.
    """

    path: str
    sha256: str
    source: Source
    stretch: Stretch = WHOLE
    etag: str = ""
    license: LicenseFilter | None
    decisions: str
    trees: str
    requests: str | None
    redact: Redact
    key: str
    quality: Measures | None
    filters: tuple[PluginFilter, ...] = ()
    decontam: tuple[str, ...]
    signature: SignatureSpec | None
    seed: int
    shards: int
    passages: PassageRule | None
    anchors: AnchorSpec | None
    plugins: tuple[Plugin, ...] = ()
    max_record_mib: int


def screen(spec: ScreenSpec, context: Context) -> Record:
    """Screen one input; the record counts what was read, passed, dropped and redacted."""
    require(spec.plugins, "screen")
    redactor = open_redactor(spec.redact, context.root, spec.key)
    judge = Judge(
        source=spec.source,
        licensing=Licensing(
            filter=spec.license or RECORDING,
            decisions=read_decisions(context.work, spec.decisions),
            trees=open_trees(context.work, spec.trees),
            repository=spec.path if is_package(spec.source) else "",
            home=home_of(spec.source, spec.path),
            redactor=redactor,
        ),
        optout=None if spec.requests is None else read_requests(context.work, spec.requests),
        redactor=redactor,
        measures=spec.quality,
        filters=open_filters(spec.filters),
        decontam=_decontam(spec, context),
        seed=spec.seed,
        shards=spec.shards,
        tally=Tally(),
    )
    items = read_input(
        context.root,
        spec.path,
        spec.source,
        max_record=spec.max_record_mib << 20,
        stretch=spec.stretch,
        etag=spec.etag,
    )
    open_matcher()  # what is large is loaded first, and leaves nothing behind
    lean()
    with PartWriter(
        context.out, spec.signature, spec.passages, spec.anchors, scores=spec.quality is not None
    ) as part:
        read = 0
        for block in blocks(items, size_of_item):
            _screen_block(block, judge, part, spec)
            if read == 0:  # now all that a block needs is loaded
                lean()
            read += len(block)
        write_keys(context.out / RENAMED, judge.renamed)
        counted = {"read": read, "text_bytes": judge.tally.text_bytes, "requests": spec.requests}
        return part.close() | counted | {"odd": dict(sorted(judge.tally.odd.items()))}


def _decontam(spec: ScreenSpec, context: Context) -> tuple[Protected, ...]:
    """Open the protected sets; a set that is this very file of questions is not held against it."""
    spared = spec.sha256 if asks(spec.source.format) else ""
    prefix = spec.source.id_prefix
    return tuple(judge_of(context.work, digest, prefix, spared) for digest in spec.decontam)


def _screen_block(block: list[Item], judge: Judge, part: PartWriter, spec: ScreenSpec) -> None:
    """Judge the records of one block and write what came of them."""
    passed: list[Passed] = []
    dropped: list[Dropped] = []
    question = asks(spec.source.format)

    def put_aside(item: Bad | Damage, stage: str) -> Dropped:
        shown = named(judge.redactor, item, spec.source.id_prefix)
        return part.quarantine(shown, spec.path, stage)

    for item in block:
        if not isinstance(item, Raw):
            dropped.append(put_aside(item, "read"))
            continue
        for outcome in take_question(judge, item) if question else judge.take(item):
            if isinstance(outcome, Passed):
                passed.append(outcome)
            elif isinstance(outcome, Dropped):
                dropped.append(outcome)
            else:
                dropped.append(put_aside(outcome, "qa" if question else "read"))
    part.write(passed, dropped)
