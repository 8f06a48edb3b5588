"""Recheck: read every result in a work folder once more, where something in it cannot be what was written."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import msgspec

from pipeline.engine.work import MARKER, Folder, Marker, file_sha256
from pipeline.errors import FaultError, IntegrityError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.engine.work import Work

_NAMED: Final = 5


@contextmanager
def rechecked(work: Work) -> Iterator[None]:
    """Where the block fails over what nobody expected, remove results that have changed on the disk.

    A run trusts what is as old and as long as its marker says; a disk that rots leaves both alone.

    Raises:
        IntegrityError: there was one, and the next run makes it again.
    """
    try:
        yield
    except (FaultError, IntegrityError) as error:
        spoiled = forget_spoiled(work)
        if not spoiled:
            raise
        named = ", ".join(spoiled[:_NAMED]) + (", …" if len(spoiled) > _NAMED else "")
        raise IntegrityError(
            f"{error}\nrun: {work.path}: {len(spoiled)} results are not what was written, and were"
            f" removed ({named}): run the same command again"
        ) from None


def forget_spoiled(work: Work) -> list[str]:
    """Remove the results whose files are not what their markers say; return their phases and names.

    All files are read. What lies in a store is checked whenever it is fetched.
    """
    spoiled = []
    for path in [] if work.store is not None else sorted(work.path.glob(f"*/*/{MARKER}")):
        marker = _read(path)
        if marker is not None and not _is_whole(path.parent, marker):
            spoiled.append(f"{marker.phase}: {marker.name}")
            work.forget(Folder(work, path.parent.parent.name, path.parent.name))
    return spoiled


def _read(path: Path) -> Marker | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Marker)
    except (OSError, ValueError, msgspec.DecodeError):
        return None  # it is void: its task is done again in any case


def _is_whole(folder: Path, marker: Marker) -> bool:
    try:
        return all(file_sha256(folder / each.name) == each.sha256 for each in marker.outputs)
    except OSError:
        return False
