"""`events.jsonl.index`: what a large log was compiled to, so that the next load need not follow its chain.

It is never trusted over the log: it names the SHA-256 of the log's bytes and of the code that made
it, and bears one of its own; where any of the three is another, it is as if it were not there. It
saves the time to check what *this* machine checked before and is no proof to anybody else: who
demands a signature follows the chain.
"""

from __future__ import annotations

import glob
import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from pipeline.optout.compiled import Compiled
from pipeline.preflight import environment_digest

_LEAST: Final = 1 << 20  # bytes of a log that is worth it: some 50 ms
_DIGEST: Final = 32


class _Index(msgspec.Struct, frozen=True, array_like=True):
    code: str
    log: bytes  # SHA-256
    compiled: Compiled


def index_path(path: Path) -> Path:
    """Return where the index of a log lies."""
    return path.with_name(f"{path.name}.index")


def read_index(path: Path, raw: bytes) -> Compiled | None:
    """Return what a log of these bytes was compiled to, `None` where nobody knows."""
    if len(raw) < _LEAST:
        return None
    try:
        data = index_path(path).read_bytes()
        if hashlib.sha256(data[_DIGEST:]).digest() != data[:_DIGEST]:
            return None
        index = msgspec.msgpack.decode(memoryview(data)[_DIGEST:], type=_Index)
    except (OSError, msgspec.DecodeError):
        return None
    known = (index.code, index.log) == (environment_digest(), hashlib.sha256(raw).digest())
    return index.compiled if known else None


def keep_index(path: Path, raw: bytes, compiled: Compiled) -> None:
    """Write beside and rename, so that nobody sees half a file; where that cannot be, nothing is kept.

    What others left goes: the index of a log that was larger, and files that a writer who was killed
    did not rename.
    """
    _sweep(path, large=len(raw) >= _LEAST)
    if len(raw) < _LEAST:
        return
    index = _Index(environment_digest(), hashlib.sha256(raw).digest(), compiled)
    data = msgspec.msgpack.encode(index)
    with (
        suppress(OSError),
        tempfile.NamedTemporaryFile(
            dir=path.parent, prefix=f"{path.name}.index.", delete=False
        ) as file,
    ):
        try:
            file.write(hashlib.sha256(data).digest() + data)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(index_path(path))
        except OSError:
            Path(file.name).unlink()


def _sweep(path: Path, *, large: bool) -> None:
    """Take left-over files away; a writer whose file goes meanwhile keeps no index, which is as good."""
    index = index_path(path)
    partial = f"{glob.escape(index.name)}.????????"  # as `tempfile` names them
    with suppress(OSError):
        for left in sorted(path.parent.glob(partial)) if large else (index,):
            left.unlink(missing_ok=True)
