"""Decide: from finished parts to the last word on every document. What `run` and `dedup` have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pipeline import tasks
from pipeline.errors import InputError
from pipeline.job import run_one, run_tasks
from pipeline.near_tasks import NearPlan, plan_near
from pipeline.quarantine import keep_quarantine
from pipeline.stages.exact import COLLISIONS, name_collisions
from pipeline.summary import Counts, over_limits, over_loss

if TYPE_CHECKING:
    from pipeline.engine.task import Task
    from pipeline.engine.work import Marker
    from pipeline.job import Job


NOTHING_SAID = tasks.Said()


def decide(job: Job, parts: list[Marker], said: tasks.Said = NOTHING_SAID) -> Marker:
    """Find exact and near-duplicates, then place everything; return the finished place task.

    Raises:
        InputError: more input is bad than the limits allow, or one id names two documents.
    """
    pardoned: str | None = None
    refused = refuse_unfit(job, parts)
    while True:
        ordered, placed = place_all(job, parts, said, Apart(pardoned, refused))
        common = tasks.pardons_task(job, parts, placed, pardoned)
        found = None if common is None else run_one(job, common)
        if found is None or not found.record["fresh"]:
            return cut_passages(job, parts, ordered, placed)
        pardoned = found.fingerprint


class Apart(NamedTuple):
    """The tasks that told what is compared with nothing: ghosts that take no copies along, and unfit documents."""

    pardoned: str | None
    refused: str | None


def refuse_unfit(job: Job, parts: list[Marker]) -> str | None:
    """Apply the quality filters, if there are any, to what the screens stored."""
    refusals = run_tasks(job, "refuse", found) if (found := tasks.refuse_tasks(job, parts)) else []
    if not refusals:
        return None
    return run_one(job, tasks.refused_task(job, parts, refusals)).fingerprint


def place_all(
    job: Job, parts: list[Marker], said: tasks.Said, apart: Apart
) -> tuple[Marker, Marker]:
    """Order and place everything."""
    exacts = run_tasks(job, "exact", tasks.exact_tasks(job, parts, *apart))
    refuse_bad_input(job, parts, exacts)
    ordered = run_one(job, tasks.order_task(job, parts, exacts, *apart))
    resolved = resolve_near(job, parts, ordered)
    return ordered, run_one(job, tasks.place_task(job, parts, ordered, resolved, said))


def cut_passages(job: Job, parts: list[Marker], ordered: Marker, placed: Marker) -> Marker:
    """Cut repeated passages, where that is asked for."""
    if job.config.dedup.passages is None:
        return placed
    repeats = run_tasks(job, "repeats", tasks.repeats_tasks(job, parts, ordered, placed))
    return run_one(job, tasks.cuts_task(job, parts, placed, repeats))


def resolve_near(job: Job, parts: list[Marker], ordered: Marker) -> Marker | None:
    """Find near-duplicates, and near copies of opted-out documents."""
    plan = plan_near(job, parts, ordered)
    if plan is None:
        return None
    found = run_tasks(job, "candidates", plan.candidates())
    warn_unled(job, found)
    return compare_rounds(job, plan, found)


def warn_unled(job: Job, found: list[Marker]) -> None:
    """Say how many members of long runs were not compared with all others."""
    unled = sum(marker.record["unled"] for marker in found)
    if unled:
        job.reporter.warn(
            f"near: {unled} times a document met only the first members of a group of unlike documents"
            " that share a band key: some near-duplicates among these may be left"
        )


def compare_rounds(job: Job, plan: NearPlan, found: list[Marker]) -> Marker:
    """Verify and resolve; then, while documents stay that long runs had given up, compare these too."""
    joins, joined = join_crowds(job, plan, found)
    rounds = [run_one(job, plan.pairs([*found, *joined, *contain(job, plan)], []))]
    verified = verify_pairs(job, plan, rounds[0])
    while True:
        forks = plan.forks(verified)
        forked = None if forks is None else run_one(job, forks)
        resolved = run_one(job, plan.resolve(found + joined, verified, forked))
        if not resolved.record["restless"]:
            return resolved
        again = run_tasks(job, "revisit", plan.revisit(found, resolved))
        warn_unled(job, again)
        again += run_tasks(job, "join", plan.rejoin(joins, resolved))
        rounds.append(run_one(job, plan.pairs(again, rounds)))
        fresh = verify_pairs(job, plan, rounds[-1])
        if not any(marker.record["edges"] for marker in fresh):
            return resolved  # the same documents stay, and these have been compared
        verified += fresh


def join_crowds(job: Job, plan: NearPlan, found: list[Marker]) -> tuple[list[Task], list[Marker]]:
    """Compare the members of runs that sketches do not tell apart by their shingles."""
    crowds = plan.crowds(found)
    if crowds is None:
        return [], []
    gathered = run_one(job, crowds)
    sets = run_tasks(job, "shingles", plan.shingles(gathered))
    joins = plan.joins(gathered, sets)
    return joins, run_tasks(job, "join", joins)


def contain(job: Job, plan: NearPlan) -> list[Marker]:
    """Find documents that sit inside longer ones, where that is asked for."""
    anchored = plan.anchored()
    if not anchored:
        return []
    return [run_one(job, plan.contain(run_tasks(job, "anchored", anchored)))]


def verify_pairs(job: Job, plan: NearPlan, pairs: Marker) -> list[Marker]:
    """Compare the pairs of one round exactly."""
    sets = run_tasks(job, "shingles", plan.shingles(pairs))
    return run_tasks(job, "verify", plan.verify(pairs, sets))


def refuse_bad_input(job: Job, parts: list[Marker], exacts: list[Marker]) -> None:
    """Stop when more input is bad than the limits allow, or when one id names two documents.

    Raises:
        InputError: with one line for each bad line, damaged shard and colliding pair.
    """
    keep_quarantine(job, parts)
    problems = over_limits(job, parts)
    for task in exacts:
        if task.record["collisions"]:
            problems += name_collisions(job.work.folder(task) / COLLISIONS, job.inputs)
    if problems:
        raise InputError("\n".join(problems))


def refuse_loss(job: Job, counts: Counts) -> None:
    """Stop when a source loses more than `dedup.max_loss`; unset, warn, as of a release that is empty.

    A source in `dedup.accepted` may lose all.

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
