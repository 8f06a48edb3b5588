"""Files that cost seconds to make and are kept between runs: made once a machine, loaded once a worker.

A file of the cache is named by what it was made from and for, so an old one is never read; one that
is damaged is made again.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator

_DIGEST: Final = 32  # bytes of SHA-256 before the data itself
_PATIENCE: Final = 120.0  # seconds; the kernels take twenty to compile on an idle core
_PAUSE: Final = 0.05


def cache_folder() -> Path:
    """Return where a user's caches go (XDG base directory specification)."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(given) if given.startswith("/") else Path(os.path.expanduser("~")) / ".cache"  # noqa: PTH111  Path.home raises where there is none
    return base / "gristmill"


def read_cached(name: str) -> memoryview:
    """Read a file of the cache; raises `OSError` where there is none, `ValueError` where it is damaged.

    A view: the files are large, and each worker would hold a copy more of them while it loads.
    """
    data = memoryview((cache_folder() / name).read_bytes())
    if hashlib.sha256(data[_DIGEST:]).digest() != data[:_DIGEST]:
        raise ValueError(f"{name}: damaged")
    return data[_DIGEST:]


def keeps_all(note: str) -> bool:
    """Tell whether the files are in the cache that a file of the cache names, one on each line."""
    try:
        names = bytes(read_cached(note)).decode().splitlines()
    except (OSError, ValueError):
        return False
    return all(map(is_kept, names))


def is_kept(name: str) -> bool:
    """Tell whether the cache has a file of that name, damaged or not."""
    return (cache_folder() / name).exists()


@contextmanager
def made_alone(name: str) -> Iterator[None]:
    """Have one process of a user make what all would make at once; where nothing can be locked all do.

    Nobody waits longer than making takes: the process that holds the lock may have been stopped.
    """
    with ExitStack() as stack:
        with suppress(OSError):
            path = cache_folder() / f"{name}.lock"
            path.parent.mkdir(parents=True, exist_ok=True)
            _lock(stack.enter_context(path.open("w")))
        yield


def _lock(file: TextIO) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        with suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        time.sleep(_PAUSE)


def keep(name: str, data: bytes) -> None:
    """Write beside and rename, so that nobody sees half a file; where the home cannot be written nothing is kept."""
    path = cache_folder() / name
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(hashlib.sha256(data).digest() + data)
        Path(file.name).replace(path)
