"""Remove duplicates from shards and do nothing else: what is kept are the lines that came in, byte for byte.

The same decisions as in a release, by the same stages: only the first and the last differ.
"""

from __future__ import annotations

import os
import shutil
import time
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from manifests.checksum import path_flaw, sums_text
from manifests.manifest import SUMS
from pipeline.config import check_config
from pipeline.decide import decide
from pipeline.dedup import warm
from pipeline.engine.crew import LOCAL, Crew, open_executor
from pipeline.engine.task import Task
from pipeline.engine.work import Marker, Work
from pipeline.errors import ConfigError
from pipeline.job import DEFAULT_MEMORY, Job, run_one, run_tasks
from pipeline.known_inputs import KnownInputs
from pipeline.plan import freeze_inputs
from pipeline.policy_file import Licenses
from pipeline.release import link, write_bytes
from pipeline.seal import publish
from pipeline.stages.keep import KeepSpec, keep
from pipeline.stages.part import bases
from pipeline.stages.sign import SignSpec, sign_input
from pipeline.summary import Counts, count_documents
from pipeline.tasks import anchor_spec, ledger_task, refs, signature_of
from pipeline.watch.forecast import DEDUP
from pipeline.watched import watched
from pipeline.work_folder import hold

if TYPE_CHECKING:
    from pipeline.config import Config, Near
    from pipeline.plan import Input

_SUFFIXES = (".zst", ".gz")


class Distinct(NamedTuple):
    """What came of it: the folder of the kept shards and the ledger, and the counts."""

    folder: Path
    counts: Counts
    seconds: float


def remove_duplicates(
    paths: tuple[str, ...],
    out: Path,
    *,
    near: Near,
    fields: dict[str, str],
    work: Path | None = None,
    crew: Crew = LOCAL,
    memory: int = DEFAULT_MEMORY,
    ledger_only: bool = False,
) -> Distinct:
    """Write `out` with a shard of kept lines for each input, and the ledger of what was removed.

    `fields` gives other names of `text` and `id`; with `ledger_only` no shard is written. A run that
    is killed goes on where it was.

    Raises:
        GristmillError: of the class whose exit code says whose move it is; `out` is not there.
    """
    began = time.monotonic()
    if out.exists():
        raise ConfigError(f"dedup: {out}: is there already: give --out another folder")
    config = _config(paths, near, fields)
    root = Path.cwd()
    folder = (out.parent / f".{out.name}.work" if work is None else work).resolve()
    kept = Work(folder)
    known = KnownInputs.load(kept)
    inputs = freeze_inputs(config, root, known)
    names = _names(inputs, root)
    _refuse_own_files(inputs, root, folder)
    with hold(kept), watched(kept, config, crew, DEDUP) as reporter:
        known.save(kept)
        with open_executor(crew, kept) as running:
            reporter.follow(running)
            job = Job(
                config, root, out, kept, inputs, None, Licenses(), running, reporter, memory,
                timeout=crew.timeout, warm=cache(warm),
            )  # fmt: skip
            counts = _remove(job, {} if ledger_only else names, out.resolve())
    if work is None:
        shutil.rmtree(folder)
    return Distinct(out, counts, time.monotonic() - began)


def _config(paths: tuple[str, ...], near: Near, fields: dict[str, str]) -> Config:
    """Write the config that this is a run of; values are checked as those of any other."""
    asked = {name: value for name, value in msgspec.to_builtins(near).items() if value is not None}
    table = {
        "release": {"name": "dedup"},
        "sources": [{"name": "shards", "paths": list(paths), "fields": fields}],
        "redact": {"level": "off"},
        "dedup": {"near": asked},
        "split": {"validation": 0.0, "test": 0.0},
    }
    return check_config(table, "dedup run")


def _refuse_own_files(inputs: tuple[Input, ...], root: Path, work: Path) -> None:
    """Refuse a work folder among the inputs: what a run leaves there is no input of the next.

    Raises:
        ConfigError: naming one of its files.
    """
    for item in inputs:
        if (root / item.path).resolve().is_relative_to(work):
            raise ConfigError(f"dedup: {item.path}: is in the work folder: give --work another one")


def _names(inputs: tuple[Input, ...], root: Path) -> dict[str, str]:
    """Name the shard of each input as the input, under the folder that all have in common.

    Raises:
        ConfigError: two inputs would give one file, or one has a name that SHA256SUMS cannot list.
    """
    whole = [root / item.path for item in inputs]
    # a path may begin with "..", and what is common to such paths is told by whole ones alone
    common = os.path.commonpath([os.path.normpath(path.parent) for path in whole])
    names: dict[str, str] = {}
    for item, path in zip(inputs, whole, strict=True):
        name = Path(os.path.relpath(path, common)).as_posix()
        for suffix in _SUFFIXES:
            name = name.removesuffix(suffix)
        names[item.path] = f"{name}.zst"
    times = Counter(names.values())
    twice = sorted(path for path, name in names.items() if times[name] > 1)
    if twice:
        raise ConfigError(f"dedup: {', '.join(twice)}: would be written to one file: rename one")
    flaws = [
        f"dedup: {path!r}: the name {path_flaw(name)}: rename it"
        for path, name in names.items()
        if path_flaw(name)
    ]
    if flaws:
        raise ConfigError("\n".join(flaws))
    return names


def _remove(job: Job, names: dict[str, str], out: Path) -> Counts:
    """Run the phases; `names` are those of the shards to write."""
    signature = signature_of(job.config, job.inputs)
    parts = run_tasks(
        job,
        "sign",
        [
            Task(
                "sign",
                item.path,
                sign_input,
                SignSpec(
                    path=item.path,
                    sha256=item.sha256,
                    etag=item.etag,
                    source=msgspec.structs.replace(job.config.sources[0], paths=()),
                    signature=signature,
                    anchors=anchor_spec(job.config),
                    max_record_mib=job.config.limits.max_record_mib,
                ),
                item.bytes,
            )
            for item in job.inputs
        ],
    )
    bad = sum(part.record["bad"] for part in parts)
    if bad:
        job.reporter.warn(
            f"read: {bad} bad lines were left out: the ledger names them, and with --work DIR the"
            " quarantine files in it keep them"
        )
    placed = decide(job, parts)
    kept = run_tasks(
        job,
        "keep",
        [
            Task("keep", part.name, keep, KeepSpec(part=ref, first=first, place=placed.fingerprint))
            for part, ref, first in zip(
                parts, refs(parts), bases(refs(parts)).tolist(), strict=False
            )
            if part.name in names
        ],
    )
    ledger = run_one(job, ledger_task(job, parts, placed, ids_repeat=True))
    _publish(job, kept, ledger, names, out)
    return count_documents(job, parts, placed)


def _publish(
    job: Job, kept: list[Marker], ledger: Marker, names: dict[str, str], out: Path
) -> None:
    """Link the files under their names in a hidden folder and show it by one rename.

    By its SHA256SUMS a later run that searches a folder around it knows it for no input.
    """
    staging = out.with_name(f".{out.name}.partial")
    shutil.rmtree(staging, ignore_errors=True)
    files = [(f"data/{names[marker.name]}", marker, marker.outputs[0]) for marker in kept]
    files += [(f"ledger/{each.name}", ledger, each) for each in ledger.outputs]
    for name, marker, output in files:
        link(job.work.folder(marker) / output.name, staging / name)
    sums = {name: output.sha256 for name, _, output in files}
    write_bytes(staging / SUMS, sums_text(sums).encode())
    publish(staging, out)
    job.reporter.published(str(out))
