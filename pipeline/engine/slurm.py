"""Dask workers as jobs of a SLURM queue, which come back as new jobs when the queue takes them away.

What a site wants (queue, account, walltime, memory and cores of a job) is Dask's own config, section
`jobqueue.slurm`; none of it may change a byte of a release, so none of it is in ours.
"""

from __future__ import annotations

import logging
import math
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import dask
from distributed import Client
from distributed.security import Security

from pipeline.engine.cluster import SETTINGS, mustered, settings_of
from pipeline.engine.crew import NOTHING
from pipeline.engine.secure import dask_config
from pipeline.errors import ConfigError
from pipeline.terminal import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.engine.crew import Cluster, Needs

_COMMANDS: Final = ("sbatch", "squeue", "scancel")
_SECTION: Final = "jobqueue.slurm"
_ANSWER_SECONDS: Final = 60  # for one command of SLURM's: its controller may be busy
_LOOK_SECONDS: Final = 15.0  # between two looks at the queue, which all users of a site share
_LONGEST_LOOK_SECONDS: Final = 600.0
_JOIN_SECONDS: Final = 120  # from the start of a job to its first worker
_LIFETIME: Final = 0.9  # of the walltime
_STAGGER: Final = 0.05  # of it, either way, so that not all workers leave at once


@contextmanager
def slurm_cluster(
    workers: int, settings: Cluster, work: Path, needs: Needs = NOTHING
) -> Iterator[Client]:
    """Ask SLURM for one-thread workers and run their scheduler here, under certificates of this run alone.

    Job scripts come from Dask's config; logs lie in `work/slurm` unless it says otherwise.

    Raises:
        ConfigError: SLURM is not here, refuses the job, or none of the jobs became a worker.
    """
    for command in _COMMANDS:
        if shutil.which(command) is None:
            raise ConfigError(
                f"start: --executor slurm needs {command}, which is not on PATH: run it on a node"
                " that may submit jobs"
            )
    cluster_class = _slurm_class()
    with dask_config(settings.settings) as own, dask.config.set(pinned := settings_of(own)):
        cores = _site_cores()
        logs = _folder("log-directory", work.resolve() / "slurm")
        jobs = math.ceil(workers / cores)
        with _certificates(_folder("shared-temp-directory", logs)) as security:
            try:
                cluster = cluster_class(**_job_options(cores, logs), security=security)
            except (OSError, RuntimeError, ValueError) as error:
                raise ConfigError(f"start: {_SECTION} of Dask's config: {error}") from error
            try:
                _try_script(cluster.job_script())
                cluster.scale(jobs=jobs)
                with Client(cluster, set_as_default=False) as client:
                    _await_first(cluster, jobs, logs)
                    with mustered(client, needs, pinned), _kept(cluster, jobs):
                        yield client
            finally:
                cluster.close()


@contextmanager
def _certificates(shared: Path) -> Iterator[Security]:
    """Make a certificate for this run, which jobs read in a folder that no other user may enter."""
    made = Security.temporary().get_tls_config_for_role("worker")
    with tempfile.TemporaryDirectory(dir=shared, prefix=".tls-") as folder:
        files = {name: Path(folder) / f"{name}.pem" for name in ("ca_file", "cert", "key")}
        for name, file in files.items():
            file.write_text(made[name], encoding="ascii")
        roles = {
            f"tls_{role}_{part}": str(files[part])
            for role in ("client", "scheduler", "worker")
            for part in ("cert", "key")
        }
        yield Security(require_encryption=True, tls_ca_file=str(files["ca_file"]), **roles)


def _slurm_class() -> Any:
    """Import dask-jobqueue, which puts its defaults into Dask's config."""
    try:
        from dask_jobqueue.slurm import SLURMCluster  # noqa: PLC0415  an extra: who has no SLURM needs none of it
    except ImportError as error:
        raise ConfigError(
            "start: --executor slurm needs dask-jobqueue: install gristmill[slurm]"
        ) from error
    return SLURMCluster


def _site(name: str) -> Any:
    return dask.config.get(f"{_SECTION}.{name}", None)


def _site_cores() -> int:
    """Return how many workers one job is: one a core, for threads would fight over the interpreter lock."""
    for name in ("cores", "memory"):
        if not _site(name):
            raise ConfigError(
                f"start: {_SECTION}.{name} is not set in Dask's config: say what one job asks for"
                " in ~/.config/dask/jobqueue.yaml, or in a file given as --dask-config"
            )
    try:
        cores = int(_site("cores"))
    except (TypeError, ValueError):
        cores = 0
    if cores < 1:
        raise ConfigError(f"start: {_SECTION}.cores of Dask's config is no positive number")
    return cores


def _folder(name: str, otherwise: Path) -> Path:
    """Make a folder that a site names, on a file system that it shares with its nodes."""
    named = _site(name)
    folder = Path(os.path.expandvars(named)).expanduser() if named else otherwise
    if re.search(r"\s", str(folder)):
        raise ConfigError(
            f"start: {folder}: has a space, which job scripts cannot name: give --work another folder"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"start: {folder}: cannot be written: {error.strerror}") from error
    return folder


def _job_options(cores: int, logs: Path) -> dict[str, Any]:
    """Put what a run needs beside what the site has said."""
    pinned = [f"export DASK_{_variable(key)}={shlex.quote(str(SETTINGS[key]))}" for key in SETTINGS]
    return {
        "processes": cores,
        "log_directory": str(logs),
        "job_script_prologue": [*(_site("job-script-prologue") or []), *pinned],
        "worker_extra_args": [*(_site("worker-extra-args") or []), *_worker_arguments()],
        # pages of Dask's know no password
        "scheduler_options": {"dashboard_address": "127.0.0.1:0"}
        | (_site("scheduler-options") or {}),
        "silence_logs": logging.CRITICAL,
    }


def _variable(key: str) -> str:
    return key.replace(".", "__").replace("-", "_").upper()


def _worker_arguments() -> list[str]:
    arguments = ["--no-dashboard", "--preload", "pipeline.engine.quiet"]
    seconds = walltime_seconds(str(_site("walltime") or ""))
    own = " ".join(map(str, _site("worker-extra-args") or []))
    if seconds is not None and "--lifetime" not in own:
        arguments += ["--lifetime", f"{int(seconds * _LIFETIME)}s"]
        arguments += ["--lifetime-stagger", f"{int(seconds * _STAGGER)}s"]
    return arguments


def walltime_seconds(text: str) -> int | None:
    """Read a walltime as `sbatch --time` does, in seconds; `None` where there is none.

    Forms (slurm.schedmd.com/sbatch.html): minutes, minutes:seconds, hours:minutes:seconds,
    days-hours, days-hours:minutes and days-hours:minutes:seconds.
    """
    found = re.fullmatch(r"(?:(\d+)-)?(\d+)(?::(\d+))?(?::(\d+))?", text.strip())
    if found is None:
        return None
    days, *rest = (None if part is None else int(part) for part in found.groups())
    parts = [part for part in rest if part is not None]
    if days is None and len(parts) < 3:  # noqa: PLR2004  hours are there only with all three
        parts.insert(0, 0)
    hours, minutes, seconds = (*parts, 0, 0)[:3]
    return ((((days or 0) * 24 + hours) * 60 + minutes) * 60 + seconds) or None


def _try_script(script: str) -> None:
    """Have sbatch check the job without submitting it: later on nobody would hear its refusal."""
    tried = subprocess.run(
        ["sbatch", "--test-only"],
        input=script,
        capture_output=True,
        text=True,
        timeout=_ANSWER_SECONDS,
        check=False,
    )
    if tried.returncode:
        told = "; ".join(line.strip() for line in tried.stderr.splitlines() if line.strip())
        raise ConfigError(f"start: sbatch refuses the job: {told}")


def _queued() -> dict[str, str] | None:
    """Return the state of each of this user's jobs by id; `None` where SLURM does not answer now."""
    try:
        told = subprocess.run(
            ["squeue", "--me", "--noheader", "--format=%A %T"],
            capture_output=True,
            text=True,
            timeout=_ANSWER_SECONDS,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return dict(line.split(maxsplit=1) for line in told.splitlines() if " " in line.strip())


def _await_first(cluster: Any, jobs: int, logs: Path) -> None:
    """Wait for the first worker: as long as a job waits in the queue, but not for one that runs in vain."""
    running_since: float | None = None
    said = False
    while not cluster.scheduler.workers:
        time.sleep(1)
        ids = sorted(str(job.job_id) for job in list(cluster.workers.values()))
        queued = _queued() if len(ids) == jobs else None
        if queued is None:
            continue
        named = f"SLURM jobs {', '.join(ids)}"
        states = {queued[each] for each in ids if each in queued}
        if not states and not cluster.scheduler.workers:
            raise ConfigError(
                f"start: {named} ended before a worker joined: their logs are in {logs}"
            )
        if "RUNNING" in states:
            running_since = running_since or time.monotonic()
            if time.monotonic() - running_since > _JOIN_SECONDS:
                raise ConfigError(
                    f"start: {named} run, but no worker joined within {_JOIN_SECONDS} s: can nodes"
                    f" reach {cluster.scheduler_address} (jobqueue.slurm.interface)? Logs are in {logs}"
                )
        elif not said:
            say(f"start: waiting for {named}", error=True)
            said = True


@contextmanager
def _kept(cluster: Any, jobs: int) -> Iterator[None]:
    """Replace jobs that end while the block runs: cancelled, pre-empted, or out of their walltime.

    Dask's own `adapt` counts jobs that it once asked for and not those that are left, and does not
    hear of a job that ends before its worker joins; the queue knows both.
    """
    ended = threading.Event()

    def keep() -> None:
        pause = _LOOK_SECONDS
        while not ended.wait(pause):
            replaced = _replace_lost(cluster, jobs)
            in_vain = replaced and not cluster.scheduler.workers
            pause = min(2 * pause, _LONGEST_LOOK_SECONDS) if in_vain else _LOOK_SECONDS

    keeper = threading.Thread(target=keep, name="slurm", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        ended.set()
        keeper.join()


def _replace_lost(cluster: Any, jobs: int) -> bool:
    """Submit anew each job that has left the queue; tell whether there was one."""
    before = {name: job.job_id for name, job in list(cluster.workers.items())}
    queued = _queued()
    if queued is None:
        return False
    # a job that could not be submitted has no id; one that was submitted after `before` is not in it
    lost = {name: job for name, job in before.items() if job is None or job not in queued}
    if lost:
        say(
            f"slurm: jobs that ended and are replaced: {', '.join(sorted(filter(None, lost.values())))}",
            error=True,
        )
        cluster.sync(_forget, cluster, set(lost))
    cluster.scale(jobs=jobs)
    return bool(lost)


async def _forget(cluster: Any, names: set[str]) -> None:
    """Take jobs from the list of those that are there, in the loop that owns it."""
    for name in names:
        cluster.workers.pop(name, None)
