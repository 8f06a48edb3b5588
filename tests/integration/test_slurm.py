"""Workers that are jobs of a queue: a real SLURM where there is one, and in any case a stand-in for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from pipeline.engine import slurm
from pipeline.engine.crew import Cluster
from pipeline.engine.slurm import slurm_cluster
from pipeline.errors import ConfigError
from tests.stand_in_slurm import install

if TYPE_CHECKING:
    from conftest import Gristmill

SITE = (
    "jobqueue:\n  slurm:\n    cores: 1\n    memory: 1GB\n    scheduler-options: {host: 127.0.0.1}\n"
)


class Queue(NamedTuple):
    environment: dict[str, str]
    site: Path  # settings of Dask's own

    def call(self, *command: str) -> str:
        """Run one of SLURM's commands."""
        done = subprocess.run(
            command,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout

    def jobs(self) -> set[str]:
        return set(
            self.call("squeue", "--me", "--noheader", "--states=R", "--format=%A").split()
        ) - {"RUNNING"}


def is_real() -> bool:
    """Tell whether a SLURM is at work here."""
    if shutil.which("sinfo") is None:
        return False
    told = subprocess.run(
        ["sinfo", "--noheader", "--format=%t"], capture_output=True, text=True, check=False
    )
    return bool({"idle", "mix"} & set(told.stdout.split()))


@pytest.fixture(params=["real", "stand-in"])
def queue(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Queue:
    site = tmp_path / "site.yaml"
    site.write_text(SITE)
    if request.param == "real" and not is_real():
        pytest.skip("no SLURM is at work on this machine")
    environment = {} if request.param == "real" else install(tmp_path)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Queue(environment, site)


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Queue:
    environment = install(tmp_path)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    site = tmp_path / "site.yaml"
    site.write_text(SITE)
    return Queue(environment, site)


def wait_until(true: Callable[[], object], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.2)


def test_a_job_that_is_cancelled_costs_no_byte(
    queue: Queue, corpus: Path, release: Path, tmp_path: Path
) -> None:
    before = queue.jobs()
    out = tmp_path / "out"
    arguments = ["--executor", "slurm", "--workers", "2", "--dask-config", queue.site]
    running = subprocess.Popen(
        [
            Path(sys.executable).with_name("gristmill"),
            "run",
            corpus / "mill.toml",
            "--out",
            out,
            *arguments,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **queue.environment},
    )
    # both wait for the end of a run that ends before its time, which then says why
    wait_until(lambda: [*out.glob(".work/*/*/*/marker.json")] or running.poll() is not None)
    wait_until(lambda: queue.jobs() - before or running.poll() is not None)
    queue.call("scancel", *sorted(queue.jobs() - before)[:1])
    told, complaints = running.communicate(timeout=240)
    assert running.returncode == 0, complaints
    made = Path(told.splitlines()[-1])
    assert (made / "SHA256SUMS").read_bytes() == (release / "SHA256SUMS").read_bytes()
    wait_until(lambda: queue.jobs() <= before)  # nothing is left in the queue


def test_a_job_that_ends_is_replaced(
    queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slurm, "_LOOK_SECONDS", 1.0)
    before = queue.jobs()
    with slurm_cluster(2, Cluster(settings=queue.site), tmp_path / "work") as client:
        wait_until(lambda: len(client.nthreads()) == 2)
        assert client.scheduler.address.startswith("tls://")
        assert set(client.nthreads().values()) == {1}
        first = queue.jobs() - before
        queue.call("scancel", *sorted(first)[:1])
        wait_until(lambda: len(queue.jobs() - before - first) == 1)
        wait_until(lambda: len(client.nthreads()) == 2)
        asked = "distributed.worker.memory.terminate"
        pinned = client.run(lambda: __import__("dask").config.get(asked))
        assert set(pinned.values()) == {0.97}
        logs = {each.suffix for each in (tmp_path / "work/slurm").iterdir()}
    assert {".err", ".out"} <= logs
    assert not list((tmp_path / "work/slurm").glob(".*"))  # the keys are gone with the run


def test_several_workers_a_job(
    stand_in: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slurm, "_LOOK_SECONDS", 1.0)
    stand_in.site.write_text(SITE.replace("cores: 1", "cores: 2"))
    with slurm_cluster(2, Cluster(settings=stand_in.site), tmp_path / "work") as client:
        wait_until(lambda: len(client.nthreads()) == 2)
        (only,) = stand_in.jobs()
        stand_in.call("scancel", only)
        wait_until(lambda: stand_in.jobs() and len(client.nthreads()) == 2)
        assert only not in stand_in.jobs()


def refusal(queue: Queue, work: Path) -> str:
    with (
        pytest.raises(ConfigError) as told,
        slurm_cluster(1, Cluster(settings=queue.site), work),
    ):
        pass
    return str(told.value)


def test_jobs_that_end_at_once_are_named_with_their_logs(stand_in: Queue, tmp_path: Path) -> None:
    stand_in.site.write_text(SITE + "    job-script-prologue: [exit 3]\n")
    told = refusal(stand_in, tmp_path / "work")
    assert "SLURM jobs 1 ended before a worker joined" in told
    assert str(tmp_path / "work/slurm") in told


def test_what_sbatch_refuses_is_told_in_its_words(stand_in: Queue, tmp_path: Path) -> None:
    stand_in.site.write_text(SITE + "    queue: nowhere\n")
    assert "invalid partition specified: nowhere" in refusal(stand_in, tmp_path / "work")


@pytest.mark.parametrize("missing", ["cores", "memory"])
def test_a_site_must_say_what_a_job_asks_for(stand_in: Queue, tmp_path: Path, missing: str) -> None:
    lines = [line for line in SITE.splitlines() if f"{missing}:" not in line]
    stand_in.site.write_text("\n".join(lines))
    assert f"jobqueue.slurm.{missing} is not set" in refusal(stand_in, tmp_path / "work")


def test_an_interface_that_is_not_there(stand_in: Queue, tmp_path: Path) -> None:
    stand_in.site.write_text(SITE.replace("scheduler-options: {host: 127.0.0.1}", "interface: no0"))
    assert "no0" in refusal(stand_in, tmp_path / "work")


def test_without_slurm(
    gristmill: Gristmill, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = gristmill(
        "run", corpus / "mill.toml", "--out", tmp_path, "--executor", "slurm", PATH=str(tmp_path)
    )
    assert done.returncode == 2
    assert "start: --executor slurm needs sbatch" in done.stderr
