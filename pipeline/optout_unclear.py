"""`unclear.jsonl` beside a registry: which lines of which request nobody has read yet, without the lines.

A line may hold an address, whose digest alone could be guessed. So a line is known by its number in
a file that is known by the SHA-256 of its bytes: who has the file finds it, nobody else does.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from typing import TYPE_CHECKING, Final

import msgspec

from pipeline.errors import RegistryError, at

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

UNCLEAR: Final = "unclear.jsonl"


class Unclear(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line (from 1) of a file by its SHA-256, why it is unclear, and the request of its other lines."""

    file: str
    line: int
    why: str
    request: str = ""


def digest(data: bytes) -> str:
    """Return the SHA-256 that a file is known by."""
    return hashlib.sha256(data).hexdigest()


def unclear_path(registry: Path) -> Path:
    """Return where the list of a registry lies."""
    return registry.with_name(UNCLEAR)


def keep_unclear(registry: Path, entries: Iterable[Unclear]) -> int:
    """Add the lines that are not listed yet, for the owner's eyes alone; returns how many these are.

    Raises:
        RegistryError: the list cannot be written.
    """
    path = unclear_path(registry)
    wanted = list(entries)
    if not wanted:
        return 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            before = file.read()
            listed = {_place(each) for each in _read(path, before)}
            fresh = [each for each in wanted if _place(each) not in listed]
            file.truncate(before.rfind(b"\n") + 1)  # a crash may have left half a line
            file.write(b"".join(msgspec.json.encode(each) + b"\n" for each in fresh))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise RegistryError(
            at("optout", str(path), f"cannot be written: {error.strerror}")
        ) from None
    return len(fresh)


def read_unclear(registry: Path) -> tuple[Unclear, ...]:
    """Read the list; without one nothing is unclear. Raises `RegistryError` for a line that is none."""
    path = unclear_path(registry)
    return _read(path, path.read_bytes()) if path.exists() else ()


def _place(entry: Unclear) -> tuple[str, int]:
    return entry.file, entry.line


def _read(path: Path, data: bytes) -> tuple[Unclear, ...]:
    found = []
    for number, line in enumerate(data.split(b"\n")[:-1], start=1):
        try:
            found.append(msgspec.json.decode(line, type=Unclear))
        except (ValueError, msgspec.MsgspecError):
            problem = "is no unclear line: correct or delete it"
            raise RegistryError(at("optout", str(path), problem, line=number)) from None
    return tuple(found)
