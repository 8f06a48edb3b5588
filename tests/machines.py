"""Several machines on this one: each with an address, folders and processes of its own.

Where namespaces of the network can be had, a machine has one, sees no file of the folder where the
config lies, and its cable can be pulled. Elsewhere it is an address of the loopback network, and is
stopped (SIGSTOP) where its cable would be pulled.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from tests import netns, object_store
from tests.command import Fork
from tests.object_store import Gate

ROOT = Path(__file__).parents[1]
GRISTMILL = "import sys; from pipeline.cli.app import main; sys.exit(main())"
DASK = "import sys; from distributed.cli.{}; main()"
BUCKET = "mill"  # every site has a store of its own, and the inputs bear the same names in each
_LONG = 180.0  # seconds, after which what is waited for does not come any more


class Machine:
    """One machine. `hidden` is the folder that it does not see, where it has a namespace."""

    def __init__(self, folder: Path, address: str, hidden: Path, port: netns.Port | None) -> None:
        self.folder, self.address = folder, address
        self._port = port
        self._before = [] if port is None else port.inside(str(hidden))
        self.processes: list[subprocess.Popen[str]] = []
        for name in ("tmp", "mirrors"):
            (folder / name).mkdir(parents=True)

    def start(self, code: str, *arguments: object, **environment: str) -> subprocess.Popen[str]:
        """Run Python code here, its output to a file."""
        with (self.folder / f"log-{len(self.processes)}").open("wb") as log:
            process = subprocess.Popen(
                [*self._before, sys.executable, "-P", "-c", code, *map(str, arguments)],
                cwd=self.folder,
                env=os.environ | self.environment() | environment,
                stdout=log,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def environment(self) -> dict[str, str]:
        """Say where things go on this machine, and where our program is."""
        return {
            "TMPDIR": str(self.folder / "tmp"),
            "GRISTMILL_MIRRORS": str(self.folder / "mirrors"),
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests/naps'}",
        }

    @property
    def hides(self) -> bool:
        """Tell whether it is a namespace, which does not see everything."""
        return self._port is not None

    def pids(self) -> set[int]:
        """Name all processes that run here."""
        found: set[int] = set()
        for process in self.processes:
            with suppress(psutil.NoSuchProcess):
                root = psutil.Process(process.pid)
                found |= {root.pid, *(each.pid for each in root.children(recursive=True))}
        return found

    def kill(self) -> None:
        """End everything at once, as a power failure does."""
        self._signal(signal.SIGKILL)
        for process in self.processes:
            process.wait()

    def cut(self) -> None:
        """Take it off the network."""
        if self._port is None:
            self._signal(signal.SIGSTOP)
        else:
            self._port.plug(into=False)

    def mend(self) -> None:
        """Put it back."""
        if self._port is None:
            self._signal(signal.SIGCONT)
        else:
            self._port.plug(into=True)

    def mirrored(self) -> list[Path]:
        """List what mirrors hold here."""
        return [path for path in (self.folder / "mirrors").rglob("*") if path.is_file()]

    def said(self) -> str:
        """Return what was printed here."""
        logs = sorted(self.folder.glob("log-*"))
        return "\n".join(log.read_text(errors="replace") for log in logs)

    def _signal(self, number: int) -> None:
        for process in self.processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)


class Site:
    """Machines, and a store that all of them reach through a gate; the config lies on this one alone."""

    def __init__(
        self, folder: Path, corpus: Path, machines: list[Machine], gate: Gate, direct: str
    ) -> None:
        self.folder, self.corpus = folder, corpus
        self.chief, *self.hosts = machines
        self.gate = gate
        self.foreign = object_store.client(direct)
        self.bucket = BUCKET
        self.foreign.create_bucket(Bucket=self.bucket)
        self.extra: dict[str, str] = {}

    @property
    def machines(self) -> list[Machine]:
        return [self.chief, *self.hosts]

    @property
    def hidden(self) -> bool:
        """Tell whether the config's folder is out of sight for the machines."""
        return all(each.hides for each in self.machines)

    @property
    def environment(self) -> dict[str, str]:
        return object_store.environment(self.gate.address) | self.extra

    def start_cluster(self, workers: int = 1) -> str:
        """Start a scheduler and the workers of every host; return its address."""
        file = self.chief.folder / f"scheduler-{uuid.uuid4().hex}.json"
        self.chief.start(
            DASK.format("dask_scheduler import main"),
            *("--host", self.chief.address, "--port", "0", "--no-dashboard"),
            *("--scheduler-file", file),
            **self.environment,
        )
        wait(lambda: file.exists() and file.stat().st_size > 0, self)
        address: str = json.loads(file.read_bytes())["address"]
        for host in self.hosts:
            self.start_workers(host, address, workers)
        return address

    def start_workers(self, host: Machine, scheduler: str, workers: int = 1) -> None:
        """Start the workers of a host, which end when no scheduler is to be found."""
        host.start(
            DASK.format("dask_worker import main"),
            *(scheduler, "--host", host.address, "--nthreads", "1", "--nworkers", workers),
            *("--no-dashboard", "--local-directory", host.folder / "dask"),
            *("--death-timeout", "60"),
            **self.environment,
        )

    def options(self, *more: object) -> list[str]:
        url = f"s3://{self.bucket}"
        return ["run", "m.toml", "--out", f"{url}/r", "--work", f"{url}/w", *map(str, more)]

    def run(self, *more: object) -> subprocess.Popen[str]:
        """Start the command on this machine, where the config lies."""
        here = {"GRISTMILL_MIRRORS": str(self.folder / "mirrors"), "PYTHONPATH": str(ROOT)}
        return subprocess.Popen(
            [sys.executable, "-P", "-c", GRISTMILL, *self.options(*more)],
            cwd=self.corpus,
            env=os.environ | here | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run_on(self, scheduler: str, *more: object) -> subprocess.Popen[str]:
        """Start the command with a cluster."""
        where = ("--executor", "dask", "--scheduler", scheduler, "--insecure")
        return self.run(*where, *more)

    def keys(self, prefix: str = "") -> list[str]:
        """List the store."""
        pages = self.foreign.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=prefix
        )
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def read(self, key: str) -> bytes:
        body: bytes = self.foreign.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return body

    def markers(self, phase: str = "") -> list[dict[str, Any]]:
        """Read the markers of finished tasks."""
        keys = [key for key in self.keys(f"w/{phase}") if key.endswith("/marker.json")]
        return [json.loads(self.read(key)) for key in keys]

    def await_screens(self, count: int, *watched: subprocess.Popen[str]) -> None:
        """Wait until so many inputs are screened, in the middle of a run."""

        def done() -> bool:
            assert all(each.poll() is None for each in watched), "it ended before"
            return len([key for key in self.keys("w/screen/") if "marker" in key]) >= count

        wait(done, self)

    def said(self) -> str:
        return "\n".join(f"--- {each.address}\n{each.said()}" for each in self.machines)


def wait(true: Callable[[], bool], site: Site | None = None) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + _LONG
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError("" if site is None else site.said())
        time.sleep(0.05)


def ended(process: subprocess.Popen[str] | Fork, code: int = 0) -> tuple[str, str]:
    """Wait for a command to end as it should; return what it printed."""
    out, err = process.communicate(timeout=3 * _LONG)
    assert process.returncode == code, err
    return out, err


@contextmanager
def network(folder: Path, hidden: Path, count: int) -> Iterator[tuple[str, list[Machine]]]:
    """Make machines that do not see the folder `hidden`; yield the address of this one, and them."""
    if not netns.refusal():
        with netns.network(count) as net:
            made = [
                Machine(folder / f"m{number}", port.address, hidden, port)
                for number, port in enumerate(net.ports)
            ]
            with _ending(made):
                yield net.gateway, made
        return
    addresses = [
        f"127.0.0.{number + 2}" if _binds(number + 2) else "127.0.0.1" for number in range(count)
    ]
    made = [
        Machine(folder / f"m{number}", address, hidden, None)
        for number, address in enumerate(addresses)
    ]
    with _ending(made):
        yield "127.0.0.1", made


@contextmanager
def _ending(machines: list[Machine]) -> Iterator[None]:
    try:
        yield
    finally:
        for each in machines:
            each.kill()


def _binds(number: int) -> bool:
    """Tell whether this machine answers to an address of the loopback network; macOS has one alone."""
    with socket.socket() as probe:
        try:
            probe.bind((f"127.0.0.{number}", 0))
        except OSError:
            return False
    return True


@contextmanager
def open_site(folder: Path, corpus: Path) -> Iterator[Site]:
    """Open three machines and a store on the way between them."""
    with (
        network(folder, corpus, 3) as (gateway, machines),
        object_store.serve(folder, gateway) as address,
        Gate(address, gateway) as gate,
    ):
        yield Site(folder, corpus, machines, gate, address)
