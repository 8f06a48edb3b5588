"""The main job: plan, screen, exact, near, place, emit, ledger, seal. `curate` reads like the data flow."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from pipeline.config import Config, load_config
from pipeline.dedup import SignatureSpec, warm
from pipeline.engine.executor import ExecutorName, open_executor
from pipeline.engine.task import Context, Marker, Record, Task, finished
from pipeline.errors import InputError, RegistryError
from pipeline.job import Job, hold_work_folder, run_tasks
from pipeline.lineage import find_parent
from pipeline.optout import Registry, load
from pipeline.plan import Input, freeze_inputs
from pipeline.preflight import check_siblings
from pipeline.progress import open_reporter
from pipeline.seal import Finished, notes, redactions, seal
from pipeline.spill import PARTITIONS
from pipeline.stages import emit, exact, ledger, near, order, place, screen
from pipeline.stages.exact import COLLISIONS
from pipeline.stages.requests import save_requests
from pipeline.summary import Counts, count_documents, over_limits, over_loss

if TYPE_CHECKING:
    from collections.abc import Callable

_BYTES_PER_RANGE = 64 << 20  # of exchange records that one exact or candidates task reads
_PAIRS_PER_TASK = 50_000


class Outcome(NamedTuple):
    """A published release, and what the closing table says of it."""

    release: Path
    counts: Counts
    redactions: dict[str, int]
    notes: tuple[str, ...]
    seconds: float


def run_config(
    config_path: Path,
    *,
    overrides: tuple[str, ...] = (),
    out: Path = Path("out"),
    work: Path | None = None,
    executor: ExecutorName = "local",
    workers: int = 1,
    scheduler: str | None = None,
) -> Outcome:
    """Make a release from a config.

    Raises:
        GristmillError: of the class whose exit code says whose move it is; nothing was published.

    """
    check_siblings()
    config = load_config(config_path, overrides)
    root = config_path.resolve().parent
    registry = open_registry(config, root)
    inputs = freeze_inputs(config, root)
    work = default_work(config, out, work)
    with hold_work_folder(work), open_reporter() as reporter:
        reporter.start("warm", 0, 0)
        warm()
        with open_executor(executor, workers, scheduler) as running:
            return curate(
                Job(
                    config, root, out.resolve(), work.resolve(), inputs, registry, running, reporter
                )
            )


def default_work(config: Config, out: Path, work: Path | None) -> Path:
    """Keep intermediate files beside the releases of the same name, so that the next version reuses them."""
    return out / ".work" / config.release.name if work is None else work


def open_registry(config: Config, root: Path) -> Registry | None:
    """Load the opt-out registry, if one is configured.

    Raises:
        RegistryError: it is missing, broken, or older than the config allows.

    """
    if config.optout is None:
        return None
    registry = load(root / config.optout.registry)
    limit = config.optout.max_age_days
    if limit is not None:
        _refuse_stale(config.optout.registry, registry, limit)
    return registry


def _refuse_stale(path: str, registry: Registry, limit: int) -> None:
    """Compare the last event with the clock; the clock decides whether to run, never what comes out."""
    latest = datetime.fromisoformat(registry.latest) if registry.latest else None
    if latest is None or datetime.now(UTC) - latest > timedelta(days=limit):
        said = "has no event" if latest is None else f"has its last event on {latest:%Y-%m-%d}"
        raise RegistryError(
            f"optout: {path}: the registry {said}, optout.max_age_days allows {limit}: fetch the current one"
        )


def plan_config(
    config_path: Path, overrides: tuple[str, ...], out: Path, work: Path | None
) -> list[dict[str, Any]]:
    """List every input with whether its screen is done already; nothing is written."""
    config = load_config(config_path, overrides)
    root = config_path.resolve().parent
    registry = open_registry(config, root)
    inputs = freeze_inputs(config, root)
    head = None if registry is None else registry.filter().digest
    folder = default_work(config, out, work).resolve()
    return [
        {
            "source": item.source,
            "path": item.path,
            "bytes": item.bytes,
            "sha256": item.sha256,
            "done": finished(screen_task(config, item, head), folder) is not None,
        }
        for item in inputs
    ]


def curate(job: Job) -> Outcome:
    """Run every phase; each one reads what the one before left in files."""
    began = time.monotonic()
    head = None if job.registry is None else save_requests(job.work, job.registry.filter())
    parts = run_tasks(job, "screen", [screen_task(job.config, item, head) for item in job.inputs])
    names = tuple(part.fingerprint for part in parts)
    exacts = run_tasks(job, "exact", exact_tasks(job, parts))
    refuse_bad_input(job, parts, exacts)
    ordered = run_one(job, "order", order.order, order.OrderSpec(parts=names, exact=prints(exacts)))
    resolved = resolve_near(job, parts, ordered)
    parent = find_parent(job)
    placed = run_one(
        job,
        "place",
        place.place,
        place.PlaceSpec(
            parts=names,
            order=ordered.fingerprint,
            near=None if resolved is None else resolved.fingerprint,
            seed=job.config.release.seed,
            validation=job.config.split.validation,
            test=job.config.split.test,
            parent="" if parent is None else parent.keep_splits(job.work),
        ),
    )
    counts = count_documents(job, parts, placed)
    refuse_loss(job, counts)
    emitted = run_tasks(job, "emit", emit_tasks(job, parts, ordered, placed, head))
    rows = run_one(
        job,
        "ledger",
        ledger.ledger,
        ledger.LedgerSpec(
            parts=tuple(
                (name, item.source, item.path) for name, item in zip(names, job.inputs, strict=True)
            ),
            order=ordered.fingerprint,
            place=placed.fingerprint,
        ),
    )
    release = seal(job, Finished(parts, emitted, rows, counts, parent))
    return Outcome(release, counts, redactions(emitted), notes(job), time.monotonic() - began)


def prints(markers: list[Marker]) -> tuple[str, ...]:
    """Collect the fingerprints of finished tasks."""
    return tuple(marker.fingerprint for marker in markers)


def run_one(
    job: Job, phase: str, function: Callable[[Any, Context], Record], spec: msgspec.Struct
) -> Marker:
    """Run a phase that is one task."""
    return run_tasks(job, phase, [Task(phase, "all", function, spec)])[0]


def signature_of(config: Config) -> SignatureSpec:
    """Choose the signature: as many minima as the bands need, at least 128."""
    near_config = config.dedup.near_or_none
    if near_config is None:
        return SignatureSpec()
    minima = max(128, near_config.bands * near_config.rows)
    return SignatureSpec(minima=minima, bands=near_config.bands, rows=near_config.rows)


def screen_task(config: Config, item: Input, head: str | None) -> Task:
    """Make the screen task of one input; its spec holds the parts of the config that it depends on."""
    source = next(source for source in config.sources if source.name == item.source)
    spec = screen.ScreenSpec(
        path=item.path,
        sha256=item.sha256,
        source=msgspec.structs.replace(source, paths=()),
        license=config.license,
        optout_head=head,
        redact=config.redact,
        quality=config.quality.filters,
        signature=signature_of(config),
        seed=config.release.seed,
        shards=config.release.shards,
        max_record_mib=config.limits.max_record_mib,
    )
    return Task("screen", item.path, screen.screen, spec, item.bytes)


def ranges(size: int) -> list[tuple[int, int]]:
    """Cut the key prefixes into ranges for so many bytes of records; the cut changes no result."""
    count = 1
    while count < PARTITIONS and count * _BYTES_PER_RANGE < size:
        count *= 2
    step = PARTITIONS // count
    return [(first, first + step) for first in range(0, PARTITIONS, step)]


def exact_tasks(job: Job, parts: list[Marker]) -> list[Task]:
    """One task for each range of prefixes of the content digest and of the id."""
    size = sum(
        output.size
        for part in parts
        for output in part.outputs
        if output.name in {"exact.bin", "ids.bin"}
    )
    return [
        Task(
            "exact",
            f"{first}-{end}",
            exact.exact,
            exact.ExactSpec(
                parts=prints(parts), first=first, end=end, repeats_only=not job.config.dedup.exact
            ),
        )
        for first, end in ranges(size)
    ]


def resolve_near(job: Job, parts: list[Marker], ordered: Marker) -> Marker | None:
    """Run the near phases; without near-dedup and without ghosts there is nothing to do."""
    near_config = job.config.dedup.near_or_none
    ghosts_only = near_config is None
    if ghosts_only and not any(part.record["ghosts"] for part in parts):
        return None
    threshold = str(0.8 if near_config is None else near_config.threshold)
    names, order_name = prints(parts), ordered.fingerprint
    signature = signature_of(job.config)
    size = sum(
        output.size for part in parts for output in part.outputs if output.name == "bands.bin"
    )
    found = run_tasks(
        job,
        "candidates",
        [
            Task(
                "candidates",
                f"{first}-{end}",
                near.candidates,
                near.CandidatesSpec(
                    parts=names,
                    order=order_name,
                    first=first,
                    end=end,
                    minima=signature.minima,
                    threshold=threshold,
                    ghosts_only=ghosts_only,
                ),
            )
            for first, end in ranges(size)
        ],
    )
    pairs = run_one(
        job, "pairs", near.unite_pairs, near.PairsSpec(order=order_name, candidates=prints(found))
    )
    sets = run_tasks(
        job,
        "shingles",
        [
            Task(
                "shingles",
                job.inputs[ordinal].path,
                near.shingles,
                near.ShinglesSpec(
                    part=name,
                    ordinal=ordinal,
                    order=order_name,
                    pairs=pairs.fingerprint,
                    signature=signature,
                ),
            )
            for ordinal, name in enumerate(names)
            if ordinal in set(pairs.record["ordinals"])
        ],
    )
    verified = run_tasks(
        job,
        "verify",
        [
            Task(
                "verify",
                str(first),
                near.verify,
                near.VerifySpec(
                    pairs=pairs.fingerprint,
                    shingles=prints(sets),
                    first=first,
                    end=first + _PAIRS_PER_TASK,
                    threshold=threshold,
                ),
            )
            for first in range(0, pairs.record["pairs"], _PAIRS_PER_TASK)
        ],
    )
    spec = near.ResolveSpec(order=order_name, verify=prints(verified), remove=not ghosts_only)
    return run_one(job, "resolve", near.resolve, spec)


def emit_tasks(
    job: Job, parts: list[Marker], ordered: Marker, placed: Marker, head: str | None
) -> list[Task]:
    """One task for each shard of each source."""
    release = job.config.release
    tasks = []
    for source in sorted(job.config.sources, key=lambda source: source.name):
        kind = "qa" if source.format == "squad" else "data"
        mine = tuple(
            (item.ordinal, part.fingerprint)
            for item, part in zip(job.inputs, parts, strict=True)
            if item.source == source.name
        )
        for bucket in range(release.shards):
            spec = emit.EmitSpec(
                source=source.name,
                folder=f"{kind}/{source.name}",
                parts=mine,
                order=ordered.fingerprint,
                place=placed.fingerprint,
                bucket=bucket,
                shards=release.shards,
                seed=release.seed,
                optout_head=head,
            )
            tasks.append(Task("emit", f"{source.name}-{bucket:05d}", emit.emit, spec))
    return tasks


def refuse_bad_input(job: Job, parts: list[Marker], exacts: list[Marker]) -> None:
    """Stop when more input is bad than the limits allow, or when one id names two documents.

    Raises:
        InputError: with one line for each bad line, damaged shard and colliding pair.

    """
    problems = over_limits(job, parts)
    for task in exacts:
        if task.record["collisions"]:
            problems += exact.name_collisions(
                job.work / "exact" / task.fingerprint / COLLISIONS, job.inputs
            )
    if problems:
        raise InputError("\n".join(problems))


def refuse_loss(job: Job, counts: Counts) -> None:
    """Stop when a source loses more than `dedup.max_loss`.

    Raises:
        GristmillError: naming the sources.

    """
    problems = over_loss(job, counts)
    if problems and job.config.dedup.max_loss is not None:
        raise InputError("\n".join(problems))
    for problem in problems:
        job.reporter.warn(problem)
