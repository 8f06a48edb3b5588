"""A task is one file-in, file-out function; its marker says what it was made from, so it runs once.

The output folder of a task is named by its fingerprint: a digest of the code, the phase and the
spec, and the spec names the fingerprints of the tasks it reads. A changed config, input or program
therefore lands in another folder, and nobody can mistake an old result for a new one.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from pipeline.engine.work import Folder, Marker, Output, Record, Work
from pipeline.preflight import environment_digest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["Context", "Marker", "Output", "Record", "Task", "Work"]

_FINGERPRINT_LENGTH = 32


class Context(NamedTuple):
    """Where a task works: the config's folder, the work folder, and the task's own output folder."""

    root: Path
    work: Work
    out: Path

    def folder(self, phase: str, fingerprint: str) -> Folder:
        """Find the finished output of another task."""
        return Folder(self.work, phase, fingerprint)


class Task(NamedTuple):
    """`function(spec, context)` writes files into `context.out` and returns a small JSON-able record.

    `name` is for people; `weight` (bytes of input) is for progress. `identity` stands for the spec
    in the fingerprint where the output depends on less than the spec says: where a spec names the
    folders to read, an identity holds the digest of what is read there.
    """

    phase: str
    name: str
    function: Callable[[Any, Context], Record]
    spec: msgspec.Struct
    weight: int = 0
    identity: msgspec.Struct | None = None

    @property
    def reads_records(self) -> bool:
        """Whether it reads records of an input, some of which it can be told to leave out."""
        return hasattr(self.spec, "stretch")

    @property
    def fingerprint(self) -> str:
        """What the output depends on, as 32 hex digits."""
        digest = hashlib.sha256()
        for part in (
            environment_digest(),
            self.phase,
            self.function.__module__,
            self.function.__qualname__,
        ):
            digest.update(part.encode() + b"\0")
        named = self.spec if self.identity is None else self.identity
        digest.update(msgspec.json.encode(named, order="deterministic"))
        return digest.hexdigest()[:_FINGERPRINT_LENGTH]
