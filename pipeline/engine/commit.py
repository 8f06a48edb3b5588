"""Run a task once and commit what it wrote: the whole result appears, or nothing.

A folder appears under its final name by one rename, after every file and the marker in it are
synced. In an object store, which renames nothing, the files are put first and the marker last and
only if there is none: without its marker a result is not there. Two workers that both run a task, as
after a network partition, must come to the same bytes; if they do not, that is an alarm.
"""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import socket
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from pipeline.engine.task import Context
from pipeline.engine.work import MARKER, Marker, Output, file_sha256
from pipeline.errors import FaultError, GristmillError, IntegrityError, LostError, where
from pipeline.storage import storage_error

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.engine.task import Task
    from pipeline.engine.work import Record, Work
    from pipeline.store import Store

TEMPORARY: Final = "tmp"
_TWINS: Final = 10  # attempts to commit where twins of a task clear the same void folder away
_AT_ONCE: Final = 16  # requests to a store


class Cost(NamedTuple):
    """What a task took, in seconds."""

    cpu: float
    wall: float


def finished(task: Task, work: Work) -> Marker | None:
    """Return the marker when the task is done and its files are all there; a marker without its data is void."""
    return _read(task, work.path) if work.store is None else _read_stored(task, work.store)


def find_finished(tasks: Sequence[Task], work: Work) -> list[tuple[Task, Marker]]:
    """Find the tasks that are done; a store is asked for many at once."""
    if work.store is None:
        found = [finished(task, work) for task in tasks]
    else:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found = list(pool.map(finished, tasks, repeat(work)))
    return [(task, marker) for task, marker in zip(tasks, found, strict=True) if marker is not None]


def _read(task: Task, work: Path) -> Marker | None:
    folder = work / task.phase / task.fingerprint
    try:
        marker = msgspec.json.decode((folder / MARKER).read_bytes(), type=Marker)
        committed = (folder / MARKER).stat().st_mtime_ns
        whole = all(_as_committed(folder / each.name, each, committed) for each in marker.outputs)
    except (OSError, ValueError, msgspec.DecodeError):
        return None
    return marker if whole and marker.fingerprint == task.fingerprint else None


def _as_committed(path: Path, output: Output, committed: int) -> bool:
    """Say whether a file is what was committed; one that was written to after its marker is hashed."""
    found = path.stat()
    if found.st_size != output.size:
        return False
    return found.st_mtime_ns <= committed or file_sha256(path) == output.sha256


def _read_stored(task: Task, store: Store) -> Marker | None:
    prefix = f"{task.phase}/{task.fingerprint}/"
    data = store.read(prefix + MARKER)
    if data is None:
        return None
    try:
        marker = msgspec.json.decode(data, type=Marker)
    except (ValueError, msgspec.DecodeError):
        return None
    there = dict(store.list(prefix))
    whole = all(there.get(prefix + each.name) == each.size for each in marker.outputs)
    return marker if whole and marker.fingerprint == task.fingerprint else None


def execute(task: Task, root: Path, work: Work) -> Marker:
    """Run one task unless it is done, and commit its folder.

    Raises:
        GristmillError: as the task raised it, or naming where an unexpected fault arose. The message
            of an unexpected exception is left out: it may quote a document.
    """
    done = finished(task, work)
    if done is not None:
        return done
    with scratch_folder(task, work) as scratch:
        cpu, wall = time.process_time(), time.monotonic()
        record = call(task, Context(root, work, scratch))
        cost = Cost(time.process_time() - cpu, time.monotonic() - wall)
        try:
            return _commit(task, scratch, work, record, cost)
        except OSError as error:
            fault = _fault(task, work.path, error)
    raise fault


@contextlib.contextmanager
def scratch_folder(task: Task, work: Work) -> Iterator[Path]:
    """Give a task a folder of its own to write in, which is gone in the end.

    Raises:
        StorageError: it cannot be made.
    """
    scratch = work.path / TEMPORARY / work.nook / f"{task.fingerprint}-{uuid.uuid4().hex}"
    try:
        scratch.mkdir(parents=True)
    except OSError as error:
        raise _fault(task, work.path, error) from None
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def call(task: Task, context: Context) -> Record:
    """Call the function of a task; whatever goes wrong is named by place and never by text.

    Raises:
        LostError: there was not enough memory.
        StorageError: it could not read or write its files.
        FaultError: something that nobody expected.
        GristmillError: as the task raised it.
    """
    place = f"{task.phase}: {task.name}"
    try:
        return task.function(task.spec, context)
    except GristmillError:
        raise
    except SystemExit:
        fault: GristmillError = FaultError(f"{place}: its process was told to end", "SystemExit")
    except MemoryError:
        fault = LostError(f"{place}: ran out of memory")
    except Exception as error:  # noqa: BLE001  the one stage boundary: it names the place, never the text
        fault = _fault(task, context.work.path, error)
    # raised out here, so that the error does not hold on to the one that may quote a document
    raise fault


def _fault(task: Task, work: Path, error: Exception) -> GristmillError:
    """Say what is wrong with a disk and what to do, or where something arose that nobody expected.

    What a full disk leads to, as in a file that is closed after that, hides it as its context.
    """
    place = f"{task.phase}: {task.name}"
    cause: BaseException | None = error
    while cause is not None:
        fault = storage_error(place, work, cause) if isinstance(cause, OSError) else None
        if fault is not None:
            return fault
        cause = cause.__context__
    return FaultError(f"{place}: {where(error)}", type(error).__name__)


def _commit(task: Task, scratch: Path, work: Work, record: Record, cost: Cost) -> Marker:
    """Sync the files, write the marker, sync it, and rename the folder into place."""
    outputs = tuple(_seal_file(path) for path in sorted(scratch.iterdir()))
    marker = Marker(
        phase=task.phase,
        name=task.name,
        fingerprint=task.fingerprint,
        outputs=outputs,
        record=record,
        cpu_seconds=cost.cpu,
        peak_mib=peak_memory_mib(),
        seconds=cost.wall,
        host=socket.gethostname(),
        pid=os.getpid(),
    )
    (scratch / MARKER).write_bytes(msgspec.json.encode(marker))
    sync(scratch / MARKER)
    sync(scratch)
    twin = _rename(task, scratch, work.path)
    mine = marker if twin is None else _same(task, marker, twin)
    return mine if work.store is None else _put(task, mine, work.path, work.store)


def _rename(task: Task, scratch: Path, work: Path) -> Marker | None:
    """Give a finished folder its name; return the marker of a twin that was faster."""
    final = work / task.phase / task.fingerprint
    final.parent.mkdir(parents=True, exist_ok=True)
    for attempt in range(_TWINS):
        if final.exists() and _read(task, work) is None:
            with contextlib.suppress(FileNotFoundError):  # a twin was faster to put it away
                final.rename(scratch.with_name(f"void-{attempt}-{scratch.name}"))
        try:
            scratch.rename(final)
            break
        except OSError:
            twin = _read(task, work)
            if twin is not None:
                return twin
            if attempt == _TWINS - 1:
                raise
    sync(final.parent)
    return None


def _put(task: Task, marker: Marker, work: Path, store: Store) -> Marker:
    """Put a committed folder into the store, its marker last and only where there is none."""
    prefix = f"{task.phase}/{task.fingerprint}/"
    folder = work / task.phase / task.fingerprint
    for output in marker.outputs:
        store.put(prefix + output.name, folder / output.name)
    data = (folder / MARKER).read_bytes()
    for _ in range(_TWINS):
        if store.create(prefix + MARKER, data):
            return marker
        twin = _read_stored(task, store)
        if twin is not None:
            return _same(task, marker, twin)
        store.remove([prefix + MARKER])  # it is void: what it lists was not there
    raise FaultError(f"{task.phase}: {task.name}: its marker comes and goes in the work folder")


def _same(task: Task, mine: Marker, twin: Marker) -> Marker:
    """Return the marker of a twin, which wrote the same bytes.

    Raises:
        IntegrityError: it did not.
    """
    if mine.outputs == twin.outputs:
        return twin
    differing = sorted({each.name for each in {*mine.outputs} ^ {*twin.outputs}})
    raise IntegrityError(
        f"{task.phase}: {task.name}: two runs of this task wrote different bytes ({', '.join(differing)}):"
        " nothing made of them can be trusted: report this"
    )


def _seal_file(path: Path) -> Output:
    sync(path)
    return Output(path.name, path.stat().st_size, file_sha256(path))


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
