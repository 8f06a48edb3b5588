"""What the driver hands to tasks beside their specs: files in the work folder, named by their digest."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

RELEASES: Final = "releases"
"""The folder with links to earlier releases, each by the digest of its manifest."""


def leave(work: Path, kind: str, digest: str, *pieces: bytes | memoryview) -> None:
    """Put a file, given in pieces, where tasks find it by kind and digest; only its owner may read it."""
    folder = work / kind
    folder.mkdir(parents=True, exist_ok=True)
    path, partial = folder / digest, folder / f"{digest}.{os.getpid()}.tmp"
    partial.touch(mode=0o600)  # it may hold the key of author subjects
    with partial.open("wb") as file:
        file.writelines(pieces)
    partial.replace(path)


def fetch(work: Path, kind: str, digest: str) -> bytes:
    """Read a file that was left."""
    return find(work, kind, digest).read_bytes()


def find(work: Path, kind: str, digest: str) -> Path:
    """Say where a file is left."""
    return work / kind / digest
