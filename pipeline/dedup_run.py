"""Remove duplicates from shards and do nothing else: what is kept are the lines that came in, byte for byte.

The same decisions as in a release, by the same stages: only the first and the last differ.
"""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from filters.redact import Redactor
from pipeline.config import Config, Dedup, Near, Release, Source, Split, relative_to
from pipeline.decide import decide
from pipeline.dedup import warm
from pipeline.engine.executor import ExecutorName, open_executor
from pipeline.engine.task import Marker, Task, sync
from pipeline.errors import ConfigError
from pipeline.job import DEFAULT_MEMORY, Job, hold_work_folder, run_one, run_tasks
from pipeline.plan import freeze_inputs
from pipeline.progress import open_reporter
from pipeline.stages.keep import SHARD, KeepSpec, keep
from pipeline.stages.part import bases
from pipeline.stages.sign import SignSpec, sign_input
from pipeline.summary import Counts, count_documents
from pipeline.tasks import anchor_spec, ledger_task, refs, signature_of

if TYPE_CHECKING:
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
    executor: ExecutorName = "local",
    workers: int = 1,
    scheduler: str | None = None,
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
    inputs = freeze_inputs(config, root)
    names = _names(inputs)
    folder = (out.parent / f".{out.name}.work" if work is None else work).resolve()
    with hold_work_folder(folder), open_reporter() as reporter:
        warm()
        with open_executor(executor, workers, scheduler) as running:
            job = Job(config, root, out, folder, inputs, None, running, reporter, memory)
            counts = _remove(job, {} if ledger_only else names, out.resolve())
    if work is None:
        shutil.rmtree(folder)
    return Distinct(out, counts, time.monotonic() - began)


def _config(paths: tuple[str, ...], near: Near, fields: dict[str, str]) -> Config:
    return Config(
        release=Release(name="dedup"),
        sources=(Source(name="shards", paths=paths, fields=fields),),
        redact=Redactor(level="off"),
        dedup=Dedup(near=near),
        split=Split(validation=0, test=0),
    )


def _names(inputs: tuple[Input, ...]) -> dict[str, str]:
    """Name the shard of each input as the input, under the folder that all have in common.

    Raises:
        ConfigError: two inputs would give one file.
    """
    common = os.path.commonpath([str(Path(item.path).parent) for item in inputs])
    names: dict[str, str] = {}
    for item in inputs:
        name = relative_to(Path(common), os.path.relpath(item.path, common))
        for suffix in _SUFFIXES:
            name = name.removesuffix(suffix)
        names[item.path] = f"{name}.zst"
    twice = sorted(path for path, name in names.items() if list(names.values()).count(name) > 1)
    if twice:
        raise ConfigError(f"dedup: {', '.join(twice)}: would be written to one file: rename one")
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
    ledger = run_one(job, ledger_task(job, parts, placed))
    _publish(job, kept, ledger, names, out)
    return count_documents(job, parts, placed)


def _publish(
    job: Job, kept: list[Marker], ledger: Marker, names: dict[str, str], out: Path
) -> None:
    """Put the files under their names in a hidden folder and show it by one rename."""
    staging = out.with_name(f".{out.name}.partial")
    shutil.rmtree(staging, ignore_errors=True)
    files = {
        f"data/{names[marker.name]}": job.work / "keep" / marker.fingerprint / SHARD
        for marker in kept
    }
    for path in sorted((job.work / "ledger" / ledger.fingerprint).glob("decisions-*.parquet")):
        files[f"ledger/{path.name}"] = path
    for name, path in files.items():
        target = staging / name
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
        sync(target.parent)
    staging.rename(out)
    sync(out.parent)
