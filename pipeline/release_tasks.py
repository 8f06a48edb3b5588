"""The tasks at both ends of a release: inputs and earlier releases become parts, and kept lines become shards."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from pipeline.engine.task import Task
from pipeline.plugged import of_reading, of_screen
from pipeline.sources.formats import asks
from pipeline.stages import earlier, emit, given_texts, names, screen, shares, survey, trees
from pipeline.stages.part import save_parts
from pipeline.stages.shard_writer import Target
from pipeline.stages.shares import read_shares
from pipeline.tasks import anchor_spec, draws_splits, passage_rule, refs, signature_of

if TYPE_CHECKING:
    from filters.licenses.policy import LicenseFilter
    from pipeline.config import Config, Source
    from pipeline.dedup import SignatureSpec
    from pipeline.engine.work import Marker
    from pipeline.job import Job
    from pipeline.plan import Input
    from pipeline.policy_file import Licenses


class Handed(NamedTuple):
    """What every screen is handed: the licence policy, the rest by digest.

    That is decisions, the redaction key, protected evaluation sets, and for documents the questions
    that are held out.
    """

    license: LicenseFilter | None
    decisions: str
    key: str
    decontam: str = ""
    held_out: str = ""


def handed(licenses: Licenses, key: str, decontam: str = "") -> Handed:
    """Name what every screen is handed."""
    decisions = licenses.decisions.digest if licenses.decisions else ""
    return Handed(licenses.filter, decisions, key, decontam)


class Findings(NamedTuple):
    """What concerns one input: digests of what other records say about its licences, and of opt-out requests."""

    evidence: str
    requests: str | None


def survey_tasks(config: Config, inputs: tuple[Input, ...]) -> list[Task]:
    """One task for each input: what its files say about the licences of others."""
    return [
        Task(
            "survey",
            item.path,
            survey.survey,
            survey.SurveySpec(
                path=item.path,
                sha256=item.sha256,
                source=_pathless(config, item),
                stretch=item.stretch,
                etag=item.etag,
                plugins=of_reading(_pathless(config, item)),
                max_record_mib=config.limits.max_record_mib,
            ),
            item.bytes,
        )
        for item in inputs
    ]


def names_tasks(config: Config, inputs: tuple[Input, ...], key: str) -> list[Task]:
    """One task for each input: all that can name its records; `key` is the id of the key of authors."""
    if config.optout is None:
        return []
    return [
        Task(
            "names",
            item.path,
            names.names,
            names.NamesSpec(
                path=item.path,
                sha256=item.sha256,
                source=_pathless(config, item),
                stretch=item.stretch,
                etag=item.etag,
                key_file=config.optout.key,
                key=key,
                plugins=of_reading(_pathless(config, item)),
                max_record_mib=config.limits.max_record_mib,
            ),
            item.bytes,
        )
        for item in inputs
    ]


def trees_task(inputs: tuple[Input, ...], surveys: list[str]) -> Task:
    """Gather what each input needs from all surveys, given by their fingerprints."""
    named = zip((item.source for item in inputs), surveys, strict=True)
    return Task("trees", "all", trees.trees, trees.TreesSpec(surveys=tuple(named)))


def _pathless(config: Config, item: Input) -> Source:
    source = next(source for source in config.sources if source.name == item.source)
    return msgspec.structs.replace(source, paths=())


def screen_task(
    config: Config, item: Input, found: Findings, handed: Handed, signature: SignatureSpec
) -> Task:
    """Screen one input, after what was found out about it.

    It signs where `plan_near` may have something to compare: what is opted out, or under a refused
    licence, may leave a ghost.
    """
    source = _pathless(config, item)
    compared = config.dedup.near_or_none is not None or draws_splits(config)
    haunted = found.requests is not None or handed.license is not None
    spec = screen.ScreenSpec(
        path=item.path,
        sha256=item.sha256,
        source=source,
        stretch=item.stretch,
        etag=item.etag,
        license=handed.license,
        decisions=handed.decisions,
        trees=found.evidence,
        requests=found.requests,
        redact=config.redact,
        key=handed.key,
        quality=None if asks(source.format) else config.quality.measures,
        filters=() if asks(source.format) else config.filters,
        decontam=tuple(each for each in (handed.decontam, handed.held_out) if each),
        signature=signature if compared or haunted else None,
        seed=config.release.seed,
        shards=config.release.shards,
        passages=passage_rule(config, source),
        anchors=anchor_spec(config),
        plugins=of_screen(config, source),
        max_record_mib=config.limits.max_record_mib,
    )
    return Task("screen", item.path, screen.screen, spec, item.bytes)


def earlier_tasks(job: Job, signature: SignatureSpec) -> list[Task]:
    """One task for each data shard of each earlier release; questions are not compared with those."""
    return [
        Task(
            "earlier",
            f"{release.name}: {file.path}",
            earlier.earlier,
            earlier.EarlierSpec(
                release=release.name,
                manifest=release.digest,
                path=file.path,
                sha256=file.sha256,
                signature=signature,
                anchors=anchor_spec(job.config),
            ),
            file.bytes,
        )
        for release in job.earlier
        for file in release.manifest.files
        if file.path.startswith("data/")
    ]


def given_texts_task(job: Job, signature: SignatureSpec) -> Task | None:
    """Make ghosts of the texts that opt-out requests were given with, if there are any."""
    texts = () if job.gate is None else job.gate.texts
    if not texts:
        return None
    spec = given_texts.GivenTextsSpec(
        texts=given_texts.save_texts(job.work, texts),
        signature=signature,
        anchors=anchor_spec(job.config),
    )
    return Task("given", f"{len(texts)} texts", given_texts.given_texts, spec)


def shares_task(job: Job, parts: list[Marker], placed: Marker) -> Task:
    """Tell what each shard takes from each part of the inputs."""
    spec = shares.SharesSpec(
        parts=refs(parts),
        place=placed.fingerprint,
        cuts=job.config.dedup.passages is not None,
        shards=job.config.release.shards,
    )
    return Task("shares", "all", shares.shares, spec)


def emit_tasks(job: Job, parts: list[Marker], placed: Marker, shared: Marker) -> list[Task]:
    """One task for each shard of each source, named by what it takes from the source's parts."""
    taken = read_shares(job.work.folder(shared), len(parts), job.config.release.shards)
    release = job.config.release
    signature = signature_of(job.config, job.inputs) if release.signatures else None
    left = save_parts(job.work, refs(parts))
    tasks = []
    for source in sorted(job.config.sources, key=lambda source: source.name):
        kind = "qa" if asks(source.format) else "data"
        own = [number for number, item in enumerate(job.inputs) if item.source == source.name]
        for bucket in range(release.shards):
            spec = emit.EmitSpec(
                target=Target(
                    source=source.name,
                    folder=f"{kind}/{source.name}",
                    bucket=bucket,
                    shards=release.shards,
                    seed=release.seed,
                    signature=signature if kind == "data" else None,
                    parquet=release.parquet,
                ),
                parts=left,
                own=(own[0], own[-1] + 1) if own else (0, 0),  # inputs are sorted by source
                place=placed.fingerprint,
                cuts=passage_rule(job.config, source) is not None,
                memory=job.memory,
            )
            identity = emit.identity(spec, [taken[number, bucket].tobytes() for number in own])
            name = f"{source.name}-{bucket:05d}"
            tasks.append(Task("emit", name, emit.emit, spec, identity=identity))
    return tasks
