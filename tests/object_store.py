"""A real object store for tests: a server of its own process, and a client that is not ours."""

from __future__ import annotations

import re
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import boto3

REGION = "us-east-1"


@contextmanager
def serve(folder: Path, host: str = "127.0.0.1") -> Iterator[str]:
    """Run an S3 server on a free port, its log in `folder`; yield its address."""
    log = folder / "server.log"
    command = [sys.executable, "-m", "moto.server", "-H", host, "-p", "0"]
    with log.open("wb") as file:
        server = subprocess.Popen(command, stdout=file, stderr=file)
    try:
        yield _address(server, log)
    finally:
        server.kill()
        server.wait()


def _address(server: subprocess.Popen[bytes], log: Path) -> str:
    """Wait until the server says where it listens."""
    for _ in range(600):
        found = re.search(r"Running on (http://\S+)", log.read_text(errors="replace"))
        if found is not None:
            return found[1]
        if server.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(log.read_text(errors="replace"))


def client(address: str) -> Any:
    """Open a client that shares nothing with the one under test."""
    return boto3.client(
        "s3",
        endpoint_url=address,
        region_name=REGION,
        aws_access_key_id="mill",
        aws_secret_access_key="not-a-secret",  # noqa: S106  it says so
    )


def environment(address: str) -> dict[str, str]:
    """Say by environment where the store is, as its users do; nothing of the machine's own is used."""
    return {
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": "mill",
        "AWS_SECRET_ACCESS_KEY": "not-a-secret",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }


def upload(foreign: Any, bucket: str, folder: Path, prefix: str = "") -> None:
    """Put every file of a folder into a bucket, by its path in the folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            key = prefix + path.relative_to(folder).as_posix()
            foreign.put_object(Bucket=bucket, Key=key, Body=path.read_bytes())


class Gate:
    """A way to a server that can be closed and opened again, as a network is; its address stays."""

    def __init__(self, address: str, host: str = "127.0.0.1") -> None:
        self._target = (urlsplit(address).hostname, urlsplit(address).port)
        self._host, self._port = host, 0
        self._through: list[socket.socket] = []

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def address(self) -> str:
        return f"http://{self._host}:{self._port}"

    def open(self) -> None:
        gate = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with socket.create_connection(gate._target) as far:
                    gate._through += [self.request, far]
                    back = threading.Thread(target=pump, args=(far, self.request))
                    back.start()
                    pump(self.request, far)
                    back.join()

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        self._server = Server((self._host, self._port), Handler)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Refuse new connections and break those that are open."""
        self._server.shutdown()
        for each in self._through:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._through.clear()
        self._server.server_close()


def pump(source: socket.socket, target: socket.socket) -> None:
    """Pass on what comes until one side has had enough."""
    with suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
