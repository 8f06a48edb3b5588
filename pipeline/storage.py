"""Storage: what is wrong with a disk that cannot be written to, and what to do about it."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipeline.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NO_ENTRY: Final = frozenset({errno.EACCES, errno.EPERM})
_LEAST_ROOM: Final = 1 << 20  # bytes free, below which a failed write is taken for a full disk


def storage_error(place: str, folder: Path, error: OSError) -> StorageError | None:
    """Say what is wrong with the disk that `folder` lies on, `None` if it is not the disk.

    `place` is the stage and its task. Not every library says that a disk is full: numpy does not.
    """
    if error.errno in _NO_ROOM or _is_full(folder):
        return StorageError(
            f"{place}: no space left for {folder}: free some, then run the same command again"
        )
    if error.errno == errno.EROFS or (error.errno in _NO_ENTRY and _is_in(folder, error)):
        return StorageError(
            f"{place}: {folder}: {os.strerror(error.errno)}: make it writable, or give another folder"
        )
    return None


@contextmanager
def told_of_disks(folder: Path, place: str = "run") -> Iterator[None]:
    """Say what is wrong with the disk of a folder when something in the block cannot be written there.

    Raises:
        StorageError: the disk is full, or may not be written to.
    """
    try:
        yield
    except OSError as error:
        fault = storage_error(place, folder, error)
        if fault is None:
            raise
        raise fault from None


def _is_in(folder: Path, error: OSError) -> bool:
    """Tell a file of the folder from one that may not even be read, as an input."""
    return isinstance(error.filename, str) and Path(error.filename).is_relative_to(folder)


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < _LEAST_ROOM
    except OSError:
        return False
