"""Which pages of a browser may ask: those that this server gave out, and no page of anybody else.

A page of a stranger can have a browser send requests to loopback (CSRF), and by a name of its own that leads there
even read the answers (DNS rebinding). The first bears a foreign `Origin`, the second a foreign `Host`.
"""

from __future__ import annotations

import ipaddress
import re
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from pipeline.qa.reader.serve.refusal import RefusedError

_HOST: Final = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+))(?::\d{1,5})?")


def is_loopback(address: str) -> bool:
    """Tell whether a numeric address leads to this machine alone."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return found.is_loopback


def is_local(host: str) -> bool:
    """Tell whether a `Host` header names loopback, on whatever port: that of a tunnel is another one."""
    found = _HOST.fullmatch(host)
    if found is None:
        return False
    name = (found[1] or found[2]).lower().removesuffix(".")
    return name == "localhost" or name.endswith(".localhost") or is_loopback(name)


def check_from(host: str | None, origin: str | None, *, local: bool) -> None:
    """See to it that a request is not a foreign page's; `local` if the server listens on loopback alone.

    Raises:
        RefusedError: it is, or bears no `Host`.
    """
    if local and not is_local(host or ""):
        raise RefusedError("host: it names another server", HTTPStatus.MISDIRECTED_REQUEST)
    if origin is not None and urlsplit(origin).netloc.lower() != (host or "").lower():
        raise RefusedError("origin: a page of another server may not ask", HTTPStatus.FORBIDDEN)
