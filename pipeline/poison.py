"""Poison: records that bring a worker down. They are told by their row and never parsed.

While such a record is sought, a task notes in a small file how far it has read: the note outlives
the process.
"""

from __future__ import annotations

import mmap
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from pipeline.errors import GristmillError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

KIND: Final = "poison"
"""What of this is kept in the work folder lies under this name."""

CRUMB: Final = "GRISTMILL_CRUMB"
"""The environment variable that names the file of the note: 8 bytes, a row."""

_WIDTH: Final = 8


class PoisonedError(GristmillError):
    """Poison was found and noted: the inputs are to be read anew, without it. It never leaves a run."""


class Poison(msgspec.Struct, frozen=True, array_like=True):
    """The rows from `first` up to `end` (`None`: all that follow), and what came of them.

    `reason` is `poison:` and what the worker did over them: `died`, `hung`, `memory` or the name of
    an exception. Without a reason they are passed over in silence, which a search does.
    """

    first: int
    end: int | None
    reason: str = ""


class Found(msgspec.Struct, frozen=True):
    """The poison in one input, as the work folder has it."""

    source: str
    path: str
    phase: str
    poison: tuple[Poison, ...]


def verdict(poison: tuple[Poison, ...], row: int) -> str | None:
    """Return the reason why a row is not to be read, `None` if it is to be."""
    for each in poison:
        if each.first <= row and (each.end is None or row < each.end):
            return each.reason
    return None


def noted(items: Iterator[T], row_of: Callable[[T], int]) -> Iterator[T]:
    """Note the row of each item before it is handed on, where that is asked for."""
    crumb = os.environ.get(CRUMB)
    return items if crumb is None else _noting(items, row_of, Path(crumb))


def _noting(items: Iterator[T], row_of: Callable[[T], int], crumb: Path) -> Iterator[T]:
    with crumb.open("r+b") as file, mmap.mmap(file.fileno(), _WIDTH) as note:
        for item in items:
            note[:] = row_of(item).to_bytes(_WIDTH, "little")
            yield item


def make_crumb(path: Path) -> None:
    """Make the file of the note; it says row 0."""
    path.write_bytes(bytes(_WIDTH))


def read_crumb(path: Path) -> int:
    """Return the row of the note."""
    return int.from_bytes(path.read_bytes(), "little")
