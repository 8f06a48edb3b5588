"""The server's life: it listens, loads its reader, says where it is, answers, and ends with what it has in hand."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import resource
import signal
import socket
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from pipeline.errors import ConfigError, where
from pipeline.qa.reader.serve.desk import Desk
from pipeline.qa.reader.serve.guard import is_loopback
from pipeline.qa.reader.serve.handlers import application
from pipeline.terminal import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tornado.iostream import IOStream

    from pipeline.qa.reader.serve.batching import Load, Queue
    from pipeline.qa.reader.serve.desk import Limits

_CONNECTIONS: Final = 512  # at a time
_FILES: Final = 128  # that are open beside them
_HEAD: Final = 16 << 10  # bytes of a request's head
_ANY: Final = 1 << 62  # bytes of a body, which the handlers look after
_SOON: Final = 0.02  # seconds between two looks at what is in hand
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_FULL: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nContent-Length: 33\r\n"
    b'Retry-After: 1\r\nConnection: close\r\n\r\n{"error":"too many connections"}\n'
)


class Served(NamedTuple):
    """What is served: a reader by the name of its folder, how it is loaded, and within which limits."""

    name: str
    load: Load
    queue: Queue
    limits: Limits
    threshold: float | None


def listen(host: str, port: int) -> list[socket.socket]:
    """Listen at all addresses of a host; port 0 is any that is free.

    Raises:
        ConfigError: the host is not known, or nobody may listen there.
    """
    try:
        return bind_sockets(port, host, backlog=_CONNECTIONS)
    except socket.gaierror as error:
        raise ConfigError(f"serve: --host {host}: is no address of this machine") from error
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        problem = "something listens there already" if taken else os.strerror(error.errno or 0)
        raise ConfigError(f"serve: {host}:{port}: {problem}: name another --port") from error


def serve(sockets: Sequence[socket.socket], served: Served) -> None:
    """Serve until the process is told to end.

    Raises:
        ConfigError: a package is missing.
        InputError: the reader does not load.
    """
    beyond = [each for each in map(_address, sockets) if not is_loopback(each)]
    if beyond:
        say(f"serve: {', '.join(beyond)}: whoever reaches this address may ask", error=True)
    _quieten()
    ended = asyncio.run(_serve(sockets, served, local=not beyond))
    if not ended:
        # at once: the reader's thread is at work, and what libraries do then at the end of a process they do badly
        os._exit(0)


async def _serve(sockets: Sequence[socket.socket], served: Served, *, local: bool) -> bool:
    """Serve; tell whether the reader's thread has ended."""
    desk = Desk(
        served.name, served.load, served.queue, served.limits, served.threshold, local=local
    )
    stop = _stop_by_signal()
    server = _Server(
        application(desk),
        max_header_size=_HEAD,
        max_body_size=_ANY,
        idle_connection_timeout=served.limits.patience,
        body_timeout=served.limits.patience,
    )
    server.add_sockets(sockets)
    opening = asyncio.ensure_future(desk.open())
    stopped = asyncio.ensure_future(stop.wait())
    await asyncio.wait((opening, stopped), return_when=asyncio.FIRST_COMPLETED)
    if opening.done():
        opening.result()
        print(f"http://{_spelled(sockets[0])}/", flush=True)
        await stopped
    return await _end(desk, server, stop)


async def _end(desk: Desk, server: _Server, stop: asyncio.Event) -> bool:
    """Take nothing more, finish what is in hand, as long as a client is waited for or until told once more."""
    stop.clear()
    server.stop()
    loaded = desk.worker.ready
    desk.worker.stop()
    until = asyncio.get_running_loop().time() + desk.limits.patience
    while (desk.in_hand or server.sending()) and not stop.is_set():
        if asyncio.get_running_loop().time() > until:
            break
        await asyncio.sleep(_SOON)
    say(f"serve: ended, {desk.in_hand} requests unanswered", error=True)
    await server.close_all_connections()
    return loaded and desk.worker.ended(0.0 if desk.in_hand else desk.limits.patience)


class _Server(HTTPServer):
    """An HTTP server with so many connections and no more."""

    def initialize(self, *args: Any, **kwargs: Any) -> None:
        """Begin."""
        super().initialize(*args, **kwargs)
        self._streams: set[IOStream] = set()
        self._most = _room()

    def handle_stream(self, stream: IOStream, address: Any) -> None:
        """Take a connection, or say that there are too many."""
        self._streams = {each for each in self._streams if not each.closed()}
        if len(self._streams) >= self._most:
            stream.write(_FULL).add_done_callback(lambda _: stream.close())
            return
        self._streams.add(stream)
        super().handle_stream(stream, address)

    def sending(self) -> bool:
        """Tell whether something is on its way to a client."""
        return any(each.writing() for each in self._streams if not each.closed())


def _room() -> int:
    """Return how many connections there may be: each is an open file, of which some systems allow 256."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _CONNECTIONS + _FILES
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(wanted - _FILES, 1)


def _stop_by_signal() -> asyncio.Event:
    stop = asyncio.Event()
    for number in _SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def _address(each: socket.socket) -> str:
    found: str = each.getsockname()[0]
    return found


def _spelled(each: socket.socket) -> str:
    host, port = each.getsockname()[:2]
    return f"[{host}]:{port}" if each.family == socket.AF_INET6 else f"{host}:{port}"


def _quieten() -> None:
    """Have what libraries log name errors without a traceback, which may quote a text."""
    for name in ("tornado", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [_Short(logging.ERROR)], False


class _Short(logging.Handler):
    """Tells of an exception what it is and where it came from."""

    def emit(self, record: logging.LogRecord) -> None:
        """Say it."""
        error = record.exc_info[1] if record.exc_info else None
        told = where(error) if isinstance(error, Exception) else record.name
        say(f"serve: {told}", error=True)
