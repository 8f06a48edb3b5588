"""The active opt-out requests as tasks read them: a file in the work folder, named by its digest."""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING

import msgspec

from filters.optout import OptOutFilter

if TYPE_CHECKING:
    from pathlib import Path

_FOLDER = "requests"


def save_requests(work: Path, optout: OptOutFilter) -> str:
    """Leave the compiled requests for the workers; return the digest that task specs hold."""
    folder = work / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / optout.digest
    partial = folder / f"{optout.digest}.{os.getpid()}.tmp"
    partial.touch(mode=0o600)  # it may hold the key of author subjects
    partial.write_bytes(msgspec.msgpack.encode(optout))
    partial.replace(path)
    return optout.digest


@functools.lru_cache(maxsize=2)
def read_requests(work: Path, digest: str) -> OptOutFilter:
    """Load them, once for each process."""
    return msgspec.msgpack.decode((work / _FOLDER / digest).read_bytes(), type=OptOutFilter)
