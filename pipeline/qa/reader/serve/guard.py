"""Which pages of a browser may ask: those that this server gave out, and no page of anybody else.

A page of a stranger can have a browser send requests to loopback (CSRF), and by a name of its own that leads there
even read the answers (DNS rebinding). The first bears a foreign `Origin`, the second a foreign `Host`.
"""

from __future__ import annotations

import ipaddress
import re
from http import HTTPStatus
from typing import Final, NamedTuple
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
    name = name_of(host)
    return name == "localhost" or name.endswith(".localhost") or is_loopback(name)


class Door(NamedTuple):
    """Who may come in: `local` if the server listens on loopback alone; `names` that it is asked under besides."""

    local: bool
    names: frozenset[str] = frozenset()

    def check(self, host: str | None, origin: str | None) -> None:
        """See to it that a request is not a foreign page's.

        Raises:
            RefusedError: it is, or bears no `Host` that tells.
        """
        if not self._knows(host or ""):
            raise RefusedError("host: it names another server", HTTPStatus.MISDIRECTED_REQUEST)
        if origin is not None and _place(origin) != (host or "").lower():
            raise RefusedError("origin: a page of another server may not ask", HTTPStatus.FORBIDDEN)

    def _knows(self, host: str) -> bool:
        """Tell whether a `Host` header leads here; a stranger's name may, an address cannot be his."""
        name = name_of(host)
        if name in self.names or is_local(host):
            return True
        return not self.local and (not self.names or _is_address(name))


def name_of(host: str) -> str:
    """Return the name or address in a `Host` header, `""` if there is none."""
    found = _HOST.fullmatch(host)
    return "" if found is None else (found[1] or found[2]).lower().removesuffix(".")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _place(origin: str) -> str:
    """Return host and port of an origin, `""` if it has none."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""
