"""A task is one file-in, file-out function; its marker says what it was made from, so it runs once.

The output folder of a task is named by its fingerprint: a digest of the code, the phase and the
spec, and the spec names the fingerprints of the tasks it reads. A changed config, input or program
therefore lands in another folder, and nobody can mistake an old result for a new one. A folder
appears under its final name by one rename, after every file and the marker in it are synced, so a
killed run leaves either the whole result or nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import resource
import shutil
import time
import traceback
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from pipeline.errors import GristmillError
from pipeline.preflight import environment_digest

if TYPE_CHECKING:
    from collections.abc import Callable

MARKER = "marker.json"
_FINGERPRINT_LENGTH = 32
_HOME = Path(__file__).resolve().parents[2]
_TWINS = 10  # attempts to commit where twins of a task clear the same void folder away


class Context(NamedTuple):
    """Where a task works: the config's folder, the work folder, and the task's own output folder."""

    root: Path
    work: Path
    out: Path

    def folder(self, phase: str, fingerprint: str) -> Path:
        """Find the finished output of another task."""
        return self.work / phase / fingerprint


Record = dict[str, Any]


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


class Output(msgspec.Struct, frozen=True):
    """One file of a finished task."""

    name: str
    size: int
    sha256: str


class Marker(msgspec.Struct, frozen=True):
    """What a finished task leaves beside its files."""

    phase: str
    name: str
    fingerprint: str
    outputs: tuple[Output, ...]
    record: Record
    cpu_seconds: float
    peak_mib: int


def finished(task: Task, work: Path) -> Marker | None:
    """Return the marker when the task is done and its files are all there; a marker without its data is void."""
    folder = work / task.phase / task.fingerprint
    try:
        marker = msgspec.json.decode((folder / MARKER).read_bytes(), type=Marker)
        sizes_match = all((folder / o.name).stat().st_size == o.size for o in marker.outputs)
    except (OSError, ValueError, msgspec.DecodeError):
        return None
    return marker if sizes_match and marker.fingerprint == task.fingerprint else None


def execute(task: Task, root: Path, work: Path) -> Marker:
    """Run one task unless it is done, and commit its folder.

    Raises:
        GristmillError: as the task raised it, or naming where an unexpected fault arose. The message
            of an unexpected exception is left out: it may quote a document.
    """
    done = finished(task, work)
    if done is not None:
        return done
    scratch = work / "tmp" / f"{task.fingerprint}-{uuid.uuid4().hex}"
    scratch.mkdir(parents=True)
    start = time.process_time()
    try:
        record = task.function(task.spec, Context(root, work, scratch))
        return _commit(task, scratch, work, record, time.process_time() - start)
    except GristmillError:
        raise
    except Exception as error:  # noqa: BLE001  the one stage boundary: it names the place, never the text
        fault = f"{task.phase}: {task.name}: {_where(error)}"
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    # raised out here, so that the error does not hold on to the one that may quote a document
    raise GristmillError(fault)


def _where(error: Exception) -> str:
    """Name an unexpected exception by class and the innermost line of ours it passed through."""
    if isinstance(error, OSError) and error.strerror:
        return f"{type(error).__name__}: {error.strerror}"
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_HOME)]
    place = (ours or frames)[-1]
    return f"unexpected {type(error).__name__} at {Path(place.filename).name}:{place.lineno} ({place.name})"


def _commit(task: Task, scratch: Path, work: Path, record: Record, cpu_seconds: float) -> Marker:
    """Sync the files, write the marker, sync it, and rename the folder into place."""
    outputs = tuple(_seal_file(path) for path in sorted(scratch.iterdir()))
    marker = Marker(
        task.phase, task.name, task.fingerprint, outputs, record, cpu_seconds, peak_memory_mib()
    )
    (scratch / MARKER).write_bytes(msgspec.json.encode(marker))
    sync(scratch / MARKER)
    sync(scratch)
    final = work / task.phase / task.fingerprint
    final.parent.mkdir(parents=True, exist_ok=True)
    for attempt in range(_TWINS):
        if final.exists() and finished(task, work) is None:
            with contextlib.suppress(FileNotFoundError):  # a twin was faster to put it away
                final.rename(scratch.with_name(f"void-{attempt}-{scratch.name}"))
        try:
            scratch.rename(final)
            break
        except OSError:  # a twin of this task was faster; its bytes are the same
            twin = finished(task, work)
            if twin is not None:
                return twin
            if attempt == _TWINS - 1:
                raise
    sync(final.parent)
    return marker


def _seal_file(path: Path) -> Output:
    sync(path)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Output(path.name, path.stat().st_size, digest)


def sync(path: Path) -> None:
    """Make a file or a folder's entries durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def peak_memory_mib() -> int:
    """Peak resident memory of this process.

    Linux hands `ru_maxrss` on from the parent over fork and exec, so its own mark is read where
    there is one; elsewhere (macOS, in bytes) `ru_maxrss` is the process's.
    """
    status = Path("/proc/self/status")
    if status.exists():
        marks = (line.split() for line in status.read_text(encoding="ascii").splitlines())
        return next((int(mark[1]) // 1024 for mark in marks if mark[:1] == ["VmHWM:"]), 0)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1 << 20)
