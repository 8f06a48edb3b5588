"""A small reader, and a server of it as a process of its own."""

from __future__ import annotations

import http.client
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from tests.command import Fork

_PLACES = ("Ash Ford", "Birch Hill", "Cold Spring", "Deep Water", "Elm Row", "Fern Gate")
_PEOPLE = ("Joan Carter", "Piet Maas", "Ada Quill", "Ivo Brandt", "Rosa Lind", "Karl Foss")
_GRAINS = ("rye", "barley", "spelt", "oats", "wheat")
_START_SECONDS = 120.0
JSON = {"Content-Type": "application/json"}


def write_questions(path: Path, contexts: int) -> None:
    """Three questions on each of so many contexts, as SQuAD writes them."""
    paragraphs = []
    for number in range(contexts):
        year, grain = str(1700 + number), _GRAINS[number % len(_GRAINS)]
        who, place = _PEOPLE[number % 6], _PLACES[number // 6 % 6]
        text = (
            f"The mill at {place} was built in {year} by {who}. It ground {grain} for {number + 2} villages."
            " In winter the river froze over, and the wheel stood still."
        )
        pairs = ((f"Who built the mill at {place}?", who), ("When was it built?", year),
                 (f"What did the mill of {year} grind?", grain))  # fmt: skip
        qas = [
            {"id": f"{number}-{at}", "question": question, "is_impossible": False,
             "answers": [{"text": answer, "answer_start": text.index(answer)}]}
            for at, (question, answer) in enumerate(pairs)
        ]  # fmt: skip
        paragraphs.append({"context": text, "qas": qas})
    told = {"version": "1.1", "data": [{"title": "Mills", "paragraphs": paragraphs}]}
    path.write_text(json.dumps(told), encoding="utf-8")


class Reply(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def object(self) -> Any:
        return json.loads(self.body)


class Server:
    """A server that runs; each request has a connection of its own."""

    def __init__(self, fork: Fork, address: str) -> None:
        self.fork, self.address = fork, address
        self.host, _, port = address.removeprefix("http://").strip("/").rpartition(":")
        self.port = int(port)

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(self, body: Any, **headers: str) -> Reply:
        """Ask for an answer; what is no bytes goes as JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.call("POST", "/answer", data, JSON | headers)

    def call(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Reply:
        connection = self.connect()
        try:
            return call(connection, method, path, body, headers or {})
        finally:
            connection.close()

    def count(self, name: str) -> float:
        """Read a metric that has no labels."""
        lines = self.call("GET", "/metrics").body.decode().splitlines()
        return float(next(line.split()[1] for line in lines if line.startswith(f"{name} ")))

    def listening(self) -> set[str]:
        """The addresses at which the process listens."""
        found = psutil.Process(self.fork.pid).net_connections("inet")
        return {each.laddr.ip for each in found if each.status == psutil.CONN_LISTEN}

    def errors(self) -> list[str]:
        """The lines that it has said so far on standard error."""
        return (self.fork._said / "errors").read_text("utf-8").splitlines()

    def stop(self, number: int = signal.SIGTERM) -> tuple[int | None, str, str]:
        """Tell it to end; returns its exit code, and what it said."""
        os.kill(self.fork.pid, number)
        out, errors = self.fork.communicate(60)
        return self.fork.returncode, out, errors


def call(
    connection: http.client.HTTPConnection, method: str, path: str, body: Any = None,
    headers: dict[str, str] | None = None,
) -> Reply:  # fmt: skip
    connection.request(method, path, body, headers or {})
    reply = connection.getresponse()
    return Reply(reply.status, dict(reply.getheaders()), reply.read())


@contextmanager
def serving(model: Path, *options: str) -> Iterator[Server]:
    """Serve a reader at a port that is free, as long as the block lasts."""
    fork = Fork(["qa", "serve", str(model), "--port", "0", *options], dict(os.environ))
    try:
        yield Server(fork, _address(fork))
    finally:
        if fork.poll() is None:
            fork.kill()
            fork.communicate(60)


def _address(fork: Fork) -> str:
    """Wait for the line that scripts wait for."""
    said = fork._said / "out"
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and fork.poll() is None:
        told = said.read_text("utf-8") if said.exists() else ""
        if told.endswith("\n"):
            return told.splitlines()[-1]
        time.sleep(0.05)
    raise AssertionError(fork.communicate(1)[1])
