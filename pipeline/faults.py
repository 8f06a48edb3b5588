"""Faults: what a worker died over is run again alone, and the record that does it is put aside.

Such a record is poison: from then on it is quarantined as a bad line is, with its row in the ledger,
and everything beside it goes through. What is found is noted in the work folder for the next run of
the same program over the same input with the same config, and nobody else.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

import msgspec

from pipeline.engine.alone import Examined, examine
from pipeline.engine.executor import Failure
from pipeline.engine.guard import deadline, is_accident
from pipeline.errors import GristmillError
from pipeline.poison import KIND, Found, Poison, PoisonedError
from pipeline.preflight import environment_digest

if TYPE_CHECKING:
    from pipeline.config import Source
    from pipeline.engine.executor import OnDone
    from pipeline.job import Job
    from pipeline.plan import Input

_NAMED: Final = 20  # failures that are named


def second_try(job: Job, failures: list[Failure], on_done: OnDone) -> list[Failure]:
    """Run alone what may have failed over a record; return what fails all the same.

    Raises:
        PoisonedError: there is a record to do without.
        GristmillError: so many failed that it is no record's fault.
    """
    if any(isinstance(each.error, PoisonedError) for each in failures):
        raise PoisonedError("another rank found poison")
    doubtful = [each for each in failures if is_accident(each.error)]
    most = job.config.limits.faults
    if len(doubtful) > most:
        raise _too_many(doubtful, most)
    left = [each for each in failures if not is_accident(each.error)]
    poisoned = 0
    for failure in doubtful:
        task = failure.task
        job.reporter.warn(f"{failure.error}: it is run again alone")
        found = _examine(job, failure)
        if found.marker is not None:
            on_done(task, found.marker)
        elif found.poison:
            poisoned += _note(job, failure, found.poison)
        else:
            left.append(Failure(task, found.error or failure.error))
    if poisoned and not left:
        raise PoisonedError(f"{poisoned} records bring workers down")
    return left


def _too_many(accidents: list[Failure], most: int) -> GristmillError:
    """Say what befell the first of the tasks: the others tell no more."""
    phase = accidents[0].task.phase
    named = dict.fromkeys(str(each.error) for each in accidents[:_NAMED])
    problem = f"{len(accidents)} tasks failed by accident, and limits.faults is {most}: the rest was not tried"
    return GristmillError("\n".join([f"{phase}: {problem}", *named]))


def _examine(job: Job, failure: Failure) -> Examined:
    """Let some worker run the task in a process of its own."""
    limit = deadline(failure.task, job.timeout)
    most = job.config.limits.faults
    try:
        return job.executor.call(examine, failure.task, job.root, job.work, limit, most)
    except GristmillError as error:
        return Examined(error=error)


def _note(job: Job, failure: Failure, poison: tuple[Poison, ...]) -> int:
    """Note the poison of an input for this run and the next; return how many records are new."""
    item = _input_of(job, failure)
    known = _read(job, item)
    found = Found(item.source, item.path, failure.task.phase, (*known, *poison))
    job.work.leave(KIND, _name(job, item), [msgspec.json.encode(found)])
    for each in poison:
        job.reporter.warn(
            f"{failure.task.phase}: {item.path}: row {each.first}: {each.reason}: the record is put aside"
        )
    return len(poison)


def _input_of(job: Job, failure: Failure) -> Input:
    """Find the input that a task reads: by what its spec says."""
    spec = failure.task.spec
    return next(
        item
        for item in job.inputs
        if (item.path, item.stretch, item.source)
        == (getattr(spec, "path", ""), getattr(spec, "stretch", None), _source_of(spec))
    )


def _source_of(spec: Any) -> str:
    source: Source = spec.source
    return source.name


def poison_phases(job: Job) -> dict[tuple[str, str, int], str]:
    """Say for each known poisonous record, by source, path and row, in which phase it brought a worker down."""
    known = job.work.names(KIND)
    found = [_found(job, item) for item in job.inputs if _name(job, item) in known]
    return {
        (each.source, each.path, poison.first): each.phase
        for each in found
        for poison in each.poison
    }


def without_poison(job: Job) -> tuple[Input, ...]:
    """Return the inputs with what is known of poison in them.

    Raises:
        GristmillError: it is more than `limits.faults`.
    """
    known = job.work.names(KIND)
    if not known:
        return job.inputs
    inputs = tuple(
        msgspec.structs.replace(
            item, stretch=msgspec.structs.replace(item.stretch, poison=_read(job, item))
        )
        if _name(job, item) in known
        else item
        for item in job.inputs
    )
    count = sum(len(item.stretch.poison) for item in inputs)
    if count > job.config.limits.faults:
        raise GristmillError(
            f"start: {count} records bring workers down, and limits.faults is {job.config.limits.faults}:"
            f" {_listed(inputs)}"
        )
    return inputs


def _read(job: Job, item: Input) -> tuple[Poison, ...]:
    return _found(job, item).poison


def _listed(inputs: tuple[Input, ...]) -> str:
    """Name the records by input and row."""
    rows = [f"{each.path} row {poison.first}" for each in inputs for poison in each.stretch.poison]
    more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
    return ", ".join(rows[:_NAMED]) + more


def _found(job: Job, item: Input) -> Found:
    """Return what is known of an input; nothing is known at first."""
    path = job.work.find(KIND, _name(job, item))
    if not path.exists():
        return Found(item.source, item.path, "", ())
    return msgspec.json.decode(path.read_bytes(), type=Found)


def _name(job: Job, item: Input) -> str:
    """Name what the finding depends on: the program, the input, and the config but for what it is called."""
    # readers of inputs load only for who runs something: every command loads this module
    from pipeline.plugged import of_config  # noqa: PLC0415

    config = job.config
    bare = msgspec.structs.replace(
        config,
        release=msgspec.structs.replace(config.release, version="0.0.0", parent=""),
        optout=None,
    )
    plain = msgspec.structs.replace(
        item, ordinal=0, stretch=msgspec.structs.replace(item.stretch, poison=())
    )
    named = (environment_digest(), of_config(config), bare, plain)
    encoded = msgspec.json.encode(named, order="deterministic")
    return hashlib.sha256(encoded).hexdigest()[:32]
