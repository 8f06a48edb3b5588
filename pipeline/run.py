"""The main job: plan, screen, exact, near, place, emit, ledger, seal. `curate` reads like the data flow."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, NamedTuple

from pipeline import tasks
from pipeline.account import Finished, notes, redactions
from pipeline.config import Config, load_config
from pipeline.dedup import warm
from pipeline.engine.executor import ExecutorName, open_executor
from pipeline.engine.task import Marker, finished
from pipeline.errors import InputError
from pipeline.gate import open_gate, require_heads
from pipeline.job import Job, hold_work_folder, run_one, run_tasks
from pipeline.lineage import ParentRelease, find_parent
from pipeline.near_tasks import plan_near
from pipeline.plan import freeze_inputs
from pipeline.preflight import check_siblings
from pipeline.progress import open_reporter
from pipeline.seal import seal
from pipeline.stages.exact import COLLISIONS, name_collisions
from pipeline.stages.requests import save_requests
from pipeline.summary import Counts, count_documents, over_limits, over_loss


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
    began = time.monotonic()
    check_siblings()
    config = load_config(config_path, overrides)
    root = config_path.resolve().parent
    gate = open_gate(config, root)
    inputs = freeze_inputs(config, root)
    work = default_work(config, out, work)
    with hold_work_folder(work), open_reporter() as reporter:
        reporter.start("warm", 0, 0)
        warm()
        with open_executor(executor, workers, scheduler) as running:
            outcome = curate(
                Job(config, root, out.resolve(), work.resolve(), inputs, gate, running, reporter)
            )
    return outcome._replace(seconds=time.monotonic() - began)


def default_work(config: Config, out: Path, work: Path | None) -> Path:
    """Keep intermediate files beside the releases of the same name, so that the next version reuses them."""
    return out / ".work" / config.release.name if work is None else work


def plan_config(
    config_path: Path, overrides: tuple[str, ...], out: Path, work: Path | None
) -> list[dict[str, Any]]:
    """List every input with whether its screen is done already; nothing is written."""
    config = load_config(config_path, overrides)
    root = config_path.resolve().parent
    gate = open_gate(config, root)
    inputs = freeze_inputs(config, root)
    requests = None if gate is None else gate.filter.digest
    folder = default_work(config, out, work).resolve()
    return [
        {
            "source": item.source,
            "path": item.path,
            "bytes": item.bytes,
            "sha256": item.sha256,
            "done": finished(tasks.screen_task(config, item, requests), folder) is not None,
        }
        for item in inputs
    ]


def curate(job: Job) -> Outcome:
    """Run every phase; each one reads what the one before left in files."""
    parent = find_parent(job)
    honour_parent(job, parent)
    requests = None if job.gate is None else save_requests(job.work, job.gate.filter)
    screens = [tasks.screen_task(job.config, item, requests) for item in job.inputs]
    parts = run_tasks(job, "screen", screens)
    exacts = run_tasks(job, "exact", tasks.exact_tasks(job, parts))
    refuse_bad_input(job, parts, exacts)
    ordered = run_one(job, tasks.order_task(parts, exacts))
    resolved = resolve_near(job, parts, ordered)
    sticky = "" if parent is None else parent.keep_splits(job.work)
    placed = run_one(job, tasks.place_task(job, parts, ordered, resolved, sticky))
    counts = count_documents(job, parts, placed)
    refuse_loss(job, counts)
    emitted = run_tasks(job, "emit", tasks.emit_tasks(job, parts, ordered, placed, requests))
    rows = run_one(job, tasks.ledger_task(job, parts, ordered, placed))
    release = seal(job, Finished(parts, emitted, rows, counts, parent))
    return Outcome(release, counts, redactions(emitted), notes(job), 0.0)


def honour_parent(job: Job, parent: ParentRelease | None) -> None:
    """See to it, before any work, that what the parent release honoured is honoured still.

    Raises:
        RegistryError: the registry is older than the parent, or another one.
    """
    if parent is None:
        return
    require_heads(job.config, job.root, parent.registries)
    if job.gate is None and parent.registries:
        job.reporter.warn(
            f"optout: {parent.path.name} honoured an opt-out registry, this release honours none"
        )


def resolve_near(job: Job, parts: list[Marker], ordered: Marker) -> Marker | None:
    """Find near-duplicates, and near copies of opted-out documents."""
    plan = plan_near(job, parts, ordered)
    if plan is None:
        return None
    found = run_tasks(job, "candidates", plan.candidates())
    capped = sum(marker.record["capped_runs"] for marker in found)
    if capped:
        job.reporter.warn(
            f"near: {capped} groups of documents that share a band key are so large that not every"
            " pair in them was compared: some near-duplicates may be left"
        )
    pairs = run_one(job, plan.pairs(found))
    sets = run_tasks(job, "shingles", plan.shingles(pairs))
    verified = run_tasks(job, "verify", plan.verify(pairs, sets))
    return run_one(job, plan.resolve(verified))


def refuse_bad_input(job: Job, parts: list[Marker], exacts: list[Marker]) -> None:
    """Stop when more input is bad than the limits allow, or when one id names two documents.

    Raises:
        InputError: with one line for each bad line, damaged shard and colliding pair.
    """
    problems = over_limits(job, parts)
    for task in exacts:
        if task.record["collisions"]:
            problems += name_collisions(
                job.work / "exact" / task.fingerprint / COLLISIONS, job.inputs
            )
    if problems:
        raise InputError("\n".join(problems))


def refuse_loss(job: Job, counts: Counts) -> None:
    """Stop when a source loses more than `dedup.max_loss`; unset, warn, as of a release that is empty.

    Raises:
        InputError: naming the sources.
    """
    problems = over_loss(job, counts)
    if problems and job.config.dedup.max_loss is not None:
        raise InputError("\n".join(problems))
    if not any(source.kept for source in counts.sources):
        problems.append("place: no document is left: look at the reasons in the closing table")
    for problem in problems:
        job.reporter.warn(problem)
