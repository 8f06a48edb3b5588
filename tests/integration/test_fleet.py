"""A cluster that somebody else started: it is brought under our settings, and strangers stay out of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from distributed import Client

from pipeline.engine.cluster import SETTINGS, connect
from pipeline.engine.crew import Cluster, Needs
from pipeline.errors import ConfigError
from pipeline.keys import lent
from pipeline.preflight import environment_digest

ROOT = Path(__file__).parents[2]
DASK = Path(sys.executable).with_name("dask")


class Fleet:
    """A scheduler on loopback and what workers the test adds, each a process of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.file = home / "scheduler.json"
        self.processes: list[subprocess.Popen[bytes]] = []
        self._start(ROOT, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")

    def worker(self, tree: Path = ROOT) -> subprocess.Popen[bytes]:
        folder = self.home / f"worker-{len(self.processes)}"
        return self._start(tree, "worker", "--no-dashboard", "--local-directory", str(folder))

    def _start(self, tree: Path, *command: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [DASK, *command, "--scheduler-file", self.file],
            env=os.environ | {"PYTHONPATH": str(tree)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.processes.append(process)
        while not (self.file.exists() and self.file.stat().st_size):  # there before it is written
            time.sleep(0.05)
        return process


@contextmanager
def fleet_in(home: Path) -> Iterator[Fleet]:
    fleet = Fleet(home)
    try:
        yield fleet
    finally:
        for process in reversed(fleet.processes):
            process.terminate()
        for process in fleet.processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=20)
            process.kill()
            process.wait()


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    with fleet_in(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def other_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same program but for one comment."""
    tree = tmp_path_factory.mktemp("other")
    for package in ("pipeline", "filters", "manifests", "configs"):
        shutil.copytree(ROOT / package, tree / package)
    with (tree / "pipeline/errors.py").open("a") as file:
        file.write("# another program\n")
    return tree


def wait_for(workers: int, client: Any) -> None:
    for _ in range(600):
        if len(client.nthreads()) == workers:
            return
        time.sleep(0.05)
    pytest.fail(f"{client.nthreads()} instead of {workers} workers")


def test_the_settings_are_put_in_force_on_what_is_there(fleet: Fleet) -> None:
    fleet.worker()

    def of_scheduler(dask_scheduler: Any) -> tuple[Any, ...]:
        stealing = dask_scheduler.extensions["stealing"]
        return (
            dask_scheduler.WORKER_SATURATION,
            dask_scheduler.allowed_failures,
            dask_scheduler.worker_ttl,
            stealing.running if hasattr(stealing, "running") else None,
        )

    def of_worker(dask_worker: Any) -> tuple[Any, ...]:
        memory = dask_worker.memory_manager
        return (
            memory.memory_target_fraction,
            memory.memory_spill_fraction,
            memory.memory_pause_fraction,
        )

    with connect(Cluster(scheduler_file=fleet.file)) as client:
        saturation, failures, ttl, _ = client.run_on_scheduler(of_scheduler)
        assert (saturation, failures, ttl) == (1.0, 1, 120.0)
        fleet.worker()  # one that joins later is brought under them as well
        wait_for(2, client)
        for _ in range(100):
            found = list(client.run(of_worker).values())
            if found == [(False, False, 0.9)] * 2:
                break
            time.sleep(0.1)
        assert found == [(False, False, 0.9)] * 2
    assert SETTINGS["distributed.worker.memory.pause"] == 0.9


def test_a_worker_with_another_program_is_refused(fleet: Fleet, other_tree: Path) -> None:
    fleet.worker(other_tree)
    with (
        pytest.raises(ConfigError, match=r"other code or packages on workers tcp://127\.0\.0\.1"),
        connect(Cluster(scheduler_file=fleet.file)),
    ):
        pass


def test_a_worker_with_another_program_that_joins_later_is_given_no_task(
    fleet: Fleet, other_tree: Path
) -> None:
    fleet.worker()
    with connect(Cluster(scheduler_file=fleet.file)) as client:
        wait_for(1, client)
        stranger = fleet.worker(other_tree)
        ours = environment_digest()
        deadline = time.monotonic() + 60
        while stranger.poll() is None and time.monotonic() < deadline:
            futures = [client.submit(environment_digest, pure=False) for _ in range(4)]
            assert {future.result() for future in futures} == {ours}
        assert stranger.poll() is not None
        assert len(client.nthreads()) == 1
    late = fleet.worker(other_tree)  # it is no business of ours once the run has ended
    time.sleep(3)
    assert late.poll() is None


def test_keys_are_lent_while_a_run_lasts(fleet: Fleet) -> None:
    fleet.worker()
    needs = Needs((("id", b"a key of redaction"),))
    assert "redaction" not in repr(needs)

    def plugins(dask_scheduler: Any) -> list[str]:
        return list(dask_scheduler.worker_plugins)

    with connect(Cluster(scheduler_file=fleet.file), needs) as client:
        assert set(client.run(lent, "id").values()) == {b"a key of redaction"}
        fleet.worker()
        wait_for(2, client)
        for _ in range(200):
            found = list(client.run(lent, "id").values())
            if None not in found:
                break
            time.sleep(0.1)
        assert found == [b"a key of redaction"] * 2
        assert set(client.run(lent, "another").values()) == {None}
        with connect(Cluster(scheduler_file=fleet.file), needs):
            pass  # another run, which has ended
        assert set(client.run(lent, "id").values()) == {b"a key of redaction"}
    with Client(scheduler_file=str(fleet.file), set_as_default=False) as client:
        assert set(client.run(lent, "id").values()) == {None}
        assert not [name for name in client.run_on_scheduler(plugins) if "gristmill" in name]


def test_workers_that_do_not_see_the_files_are_refused(fleet: Fleet, tmp_path: Path) -> None:
    fleet.worker()
    there, absent = tmp_path / "there", tmp_path / "absent"
    there.touch()
    with connect(Cluster(scheduler_file=fleet.file), Needs(files=(there,))):
        pass
    with (
        pytest.raises(ConfigError, match=r"not to be seen from workers tcp://127\.0\.0\.1"),
        connect(Cluster(scheduler_file=fleet.file), Needs(files=(there, absent))),
    ):
        pass


def test_it_is_told_when_the_last_worker_is_gone(
    fleet: Fleet, capsys: pytest.CaptureFixture[str]
) -> None:
    worker = fleet.worker()
    said = ""
    with connect(Cluster(scheduler_file=fleet.file)):
        worker.terminate()
        for _ in range(300):
            said += capsys.readouterr().err
            if said:
                break
            time.sleep(0.1)
    assert said == "dask: no worker is left: the run waits until one joins\n"
