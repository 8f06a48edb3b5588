"""The work folder between runs: held by one at a time, swept of what was left half-made, kept or emptied."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
import uuid
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipeline.engine.commit import TEMPORARY
from pipeline.engine.guard import HUNG
from pipeline.engine.ranks import CLAIMS, Board
from pipeline.engine.work import MARKER, PROBE
from pipeline.errors import ConfigError
from pipeline.storage import storage_error
from pipeline.watch.event_log import LOG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.engine.work import Work
    from pipeline.store import Store

ROOT: Final = "root"
# What a run hands to its tasks beside their specs, and every run hands over again.
_HANDED: Final = ("requests", "texts", "evidence", "parents", "parts")


@contextmanager
def hold(work: Work, *, shared: bool = False) -> Iterator[None]:
    """Keep a work folder to one run at a time, and sweep what a killed run left half-made.

    The ranks of one run have it `shared`, and each sweeps what is its own.

    Raises:
        ConfigError: another run is at work in this folder, or it is no folder.
        StorageError: it cannot be written.
    """
    if work.store is not None:
        with _held_store(work, work.store, shared=shared):
            yield
        return
    folder = work.path
    with _refused(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    with lock:
        try:
            fcntl.flock(lock, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigError(
                f"start: {folder}: another run is at work here: wait for it, or give --work another folder"
            ) from None
        common = [TEMPORARY, HUNG, CLAIMS, "*/*.tmp", f"{PROBE}-*"]
        half_made = [f"{TEMPORARY}/{work.nook}"] if shared else common
        _remove(folder, half_made)
        try:
            yield
        finally:
            _remove(folder, half_made)


@contextmanager
def _held_store(work: Work, store: Store, *, shared: bool) -> Iterator[None]:
    """Hold a work folder in a store, where nothing can be locked: whoever works there says so again and again."""
    store.require_create(f"{PROBE}/{uuid.uuid4().hex}")
    try:
        if shared:
            yield
            return
        board = Board(work, 0, 1)
        if board.others_live():
            raise ConfigError(
                f"start: {store}: another run is at work here: wait for it, or give --work another folder"
            )
        with board.beating():
            yield
    finally:
        work.forget_mirror()


def _remove(folder: Path, patterns: list[str]) -> None:
    """Remove folders and files by glob."""
    for path in (path for pattern in patterns for path in folder.glob(pattern)):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    with suppress(OSError):  # of other ranks something is there still
        (folder / TEMPORARY).rmdir()


@contextmanager
def _refused(folder: Path) -> Iterator[None]:
    """Say what is wrong with a folder in which nothing can be written."""
    try:
        yield
    except OSError as error:
        if isinstance(error, FileExistsError | NotADirectoryError):
            raise ConfigError(f"start: {folder}: is no folder: give another name") from None
        fault = storage_error("start", folder, error)
        raise fault or ConfigError(
            f"start: {folder}: cannot be written: {error.strerror}"
        ) from None


def require_writable(folder: Path) -> None:
    """Make sure, before any work, that a release can be written where it is to go.

    Raises:
        ConfigError: it is no folder.
        StorageError: it cannot be written.
    """
    with _refused(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"?")


def keep_root(work: Work, root: Path) -> None:
    """Note in the work folder where the config lies: paths start there when a release is amended."""
    if work.store is None:  # what lies in a store is amended from its release alone
        (work.path / ROOT).write_text(str(root.resolve()), encoding="utf-8")


def kept_root(work: Path) -> Path | None:
    """Return the config's folder of the last run in this work folder, if that is still there."""
    try:
        root = Path((work / ROOT).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return None
    return root if root.is_dir() else None


def sweep(work: Work, used: set[Path]) -> int:
    """Remove the outputs of all tasks but `used` ones; return how many.

    What other runs left may hold what was opted out since; what tasks were handed names it, and so may
    the logs of other runs.
    """
    logs = sorted((work.path / LOG).glob("*"))
    for log in logs:
        if log.stem != logs[-1].stem:
            log.unlink()
    for kind in _HANDED:
        shutil.rmtree(work.path / kind, ignore_errors=True)
    removed = 0
    for marker in sorted(work.path.glob(f"*/*/{MARKER}")):
        if marker.parent not in used:
            shutil.rmtree(marker.parent)
            removed += 1
    return removed
