"""The compiled redaction rules, kept between runs: compiled once a machine, loaded once a worker.

A file of the cache is named by what it was compiled from and for, so an old one is never read; one
that is damaged, or was made for another processor, is compiled again.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from filters.redact.database import BEST, build, dump, fingerprint, load
from filters.redact.rules import rules
from pipeline.preflight import code_digest

if TYPE_CHECKING:
    from filters.redact.database import Scanner
    from filters.redact.rule import Level

_DIGEST: Final = 32  # bytes of SHA-256 before the database itself
_SHORT: Final = 16  # digits of the digest of the code, which shapes the sieve beside the database


@cache
def cached_scanner(level: Level) -> Scanner:
    """Return the compiled rules of one level."""
    table = rules(level)
    if BEST == "re":
        return build(table)
    path = cache_folder() / f"rules-{fingerprint(table)}-{code_digest()[:_SHORT]}.hsdb"
    with suppress(OSError, ValueError):
        return load(table, _checked(path.read_bytes()))
    scanner = build(table)
    with suppress(OSError):  # a home that cannot be written costs the next process a second
        _keep(path, dump(scanner))
    return scanner


def cache_folder() -> Path:
    """Return where a user's caches go (XDG base directory specification)."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(given) if given.startswith("/") else Path(os.path.expanduser("~")) / ".cache"  # noqa: PTH111  Path.home raises where there is none
    return base / "gristmill"


def _checked(data: bytes) -> bytes:
    if hashlib.sha256(data[_DIGEST:]).digest() != data[:_DIGEST]:
        raise ValueError("the cached rules are damaged")
    return data[_DIGEST:]


def _keep(path: Path, data: bytes) -> None:
    """Write beside and rename, so that no other process ever sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(hashlib.sha256(data).digest() + data)
    Path(file.name).replace(path)
