"""`gristmill qa serve MODEL`: a reader that answers over HTTP, on this machine alone unless told otherwise."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pipeline.cli.options import count, positive, seconds
from pipeline.cli.qa.train import add_device_options
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from pipeline.qa.reader.model_file import Opened

_HOST: Final = "127.0.0.1"
_PORT: Final = 8766
_PORTS: Final = 1 << 16
_WAIT: Final = 2  # milliseconds: little beside what a batch takes
_WAITING: Final = 1024
_BYTES: Final = 1 << 20
_PATIENCE: Final = 30.0


def add_part(parts: Any) -> None:
    """Describe the part."""
    part = parts.add_parser("serve", help="answer questions over HTTP", description=__doc__)
    part.add_argument("model", type=Path, metavar="MODEL", help="what `train` or `distil` wrote")
    part.add_argument(
        "--host", default=_HOST, metavar="ADDR",
        help=f"where to listen (default: {_HOST}; any but loopback can be asked by others)",
    )  # fmt: skip
    part.add_argument(
        "--name", type=_name, action="append", default=[], metavar="NAME",
        help="a name that others ask under, as behind a proxy; who listens for others is asked under any without it",
    )  # fmt: skip
    part.add_argument(
        "--port", type=_port, default=_PORT, metavar="N", help=f"default: {_PORT}; 0 is any free one"
    )  # fmt: skip
    for name, kind, default, unit, meaning in (
        ("batch-wait-ms", count, _WAIT, "N", "milliseconds that a question waits for others"),
        ("most-waiting", positive, _WAITING, "N", "questions that may wait; others are told to come later"),
        ("most-bytes", positive, _BYTES, "N", "bytes of a request"),
        ("patience", seconds, _PATIENCE, "SECONDS", "how long slow clients, and what is in hand at the end, are given"),
    ):  # fmt: skip
        part.add_argument(
            f"--{name}", type=kind, default=default, metavar=unit, help=f"{meaning} (default: {default:,})"
        )  # fmt: skip
    part.add_argument(
        "--threshold", type=_share, metavar="T",
        help="abstain where the null odds are higher, 0 to 1 (default: the reader's own; 1 never)",
    )  # fmt: skip
    add_device_options(part)
    part.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Serve until told to end; the last line on standard output is the address, once there are answers.

    Raises:
        ConfigError: a package is missing, or nobody may listen there.
        InputError: the reader does not load.
    """
    try:
        from pipeline.qa.reader.serve.server import Served, listen, serve  # noqa: PLC0415  loads only for who needs it
    except ModuleNotFoundError as error:
        raise ConfigError("serve: it needs tornado: pip install 'gristmill[model]'") from error
    from pipeline.qa.reader.model_file import read_head, read_reader  # noqa: PLC0415  likewise
    from pipeline.qa.reader.serve.batching import Queue  # noqa: PLC0415  likewise
    from pipeline.qa.reader.serve.desk import Limits  # noqa: PLC0415  likewise

    def load() -> Opened:
        return read_reader(options.model, options.device, options.threads)

    read_head(options.model)  # says in a moment what else is said when PyTorch is loaded
    sockets = listen(options.host, options.port)
    queue = Queue(options.batch_wait_ms / 1000, options.most_waiting)
    limits = Limits(options.most_bytes, options.patience)
    name, names = options.model.resolve().name, frozenset(options.name)
    serve(sockets, Served(name, load, queue, limits, options.threshold, names))
    return 0


def _port(text: str) -> int:
    """Read a port."""
    number = count(text)
    if number >= _PORTS:
        raise argparse.ArgumentTypeError(f"{text!r} is no port")
    return number


def _name(text: str) -> str:
    """Read a name as `Host` headers have it, without a port."""
    if not re.fullmatch(r"[A-Za-z0-9._-]+", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no name of a host, without a port")
    return text.lower().removesuffix(".")


def _share(text: str) -> float:
    """Read a number between 0 and 1."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not between 0 and 1")
    return number
