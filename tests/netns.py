"""A network of its own on this machine: namespaces on a bridge, where root may make them.

Names and addresses are drawn, so that several tests can each have one at the same time.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

_TOOLS = ("ip", "nsenter", "unshare", "mount")
_TRIES = 20


class Port(NamedTuple):
    """A namespace, its address, and the end of its cable that is plugged into the bridge."""

    namespace: str
    address: str
    cable: str

    def inside(self, hidden: str) -> list[str]:
        """Return what goes before a command to have it run there, where the folder `hidden` is empty."""
        see = 'mount -t tmpfs none "$0" && exec "$@"'
        enter = ["nsenter", f"--net=/run/netns/{self.namespace}", "unshare", "--mount"]
        return [*enter, "sh", "-c", see, hidden]

    def plug(self, *, into: bool) -> None:
        """Plug the cable in, or pull it."""
        _ip("link", "set", self.cable, "up" if into else "down")


class Net(NamedTuple):
    """`gateway` is the address of this machine on the bridge."""

    gateway: str
    ports: tuple[Port, ...]


def refusal() -> str:
    """Say why there can be no such network here; `""` if there can."""
    missing = [each for each in _TOOLS if shutil.which(each) is None]
    if missing:
        return f"{', '.join(missing)} not installed"
    try:
        with network(1) as net:
            subprocess.run([*net.ports[0].inside("/mnt"), "true"], check=True, capture_output=True)
    except subprocess.CalledProcessError as error:
        return f"network namespaces: {error.stderr.decode(errors='replace').strip()}"
    return ""


@contextmanager
def network(count: int) -> Iterator[Net]:
    """Make a bridge with so many namespaces, and remove them; what runs there is for the caller to end."""
    tag = f"gm{uuid.uuid4().hex[:7]}"
    try:
        gateway = _bridge(tag)
        yield Net(gateway, tuple(_port(tag, gateway, number) for number in range(count)))
    finally:
        for number in range(count):
            with suppress(subprocess.CalledProcessError):
                _ip("netns", "del", f"{tag}-{number}")
        with suppress(subprocess.CalledProcessError):
            _ip("link", "del", tag)


def _bridge(tag: str) -> str:
    """Make a bridge in a free range of addresses; return its own."""
    _ip("link", "add", tag, "type", "bridge")
    taken = _ip("-o", "-4", "addr")
    draw = random.SystemRandom()  # tests that run side by side are seeded alike
    for _ in range(_TRIES):
        start = f"10.{draw.randrange(100, 250)}.{draw.randrange(256)}"
        if f" {start}." not in taken:
            break
    _ip("addr", "add", f"{start}.1/24", "dev", tag)
    _ip("link", "set", tag, "up")
    return f"{start}.1"


def _port(tag: str, gateway: str, number: int) -> Port:
    start = gateway.rpartition(".")[0]
    port = Port(f"{tag}-{number}", f"{start}.{number + 2}", f"{tag}p{number}")
    _ip("netns", "add", port.namespace)
    _ip("link", "add", port.cable, "type", "veth", "peer", "name", "eth0", "netns", port.namespace)
    _ip("link", "set", port.cable, "master", tag, "up")
    _ip("-n", port.namespace, "addr", "add", f"{port.address}/24", "dev", "eth0")
    for device in ("lo", "eth0"):
        _ip("-n", port.namespace, "link", "set", device, "up")
    return port


def _ip(*arguments: str) -> str:
    done = subprocess.run(["ip", *arguments], check=True, capture_output=True)
    return done.stdout.decode()
