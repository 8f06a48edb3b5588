"""Every error that gristmill raises on purpose, in one tree; the class says whose move it is.

    GristmillError          1  unexpected
    │   ├── FaultError      1  something in a task that nobody expected
    │   ├── LostError       1  a worker died, hung or ran out of memory over a task
    │   └── StorageError    1  a disk is full or cannot be written: mend it and run again
    ├── ConfigError         2  fix the config or the command, nothing was started
    ├── InputError          3  fix the input; what could be finished is finished, nothing published
    ├── IntegrityError      4  something on disk is not what it says it is
    └── RegistryError       5  the opt-out registry is missing, stale or broken

A message reads `stage: file:line: problem` and never quotes a document's text. Errors cross
process boundaries, so each one is rebuilt from its message alone.
"""

from __future__ import annotations

import os
import traceback
from pathlib import Path
from typing import ClassVar, Final

_HOME: Final = Path(__file__).resolve().parents[1]


class GristmillError(Exception):
    """The base of the tree."""

    exit_code: ClassVar[int] = 1


class FaultError(GristmillError):
    """Something went wrong in a task that nobody expected.

    `kind` is the name of the exception where a record may be to blame, which is then sought.
    """

    def __init__(self, message: str, kind: str = "") -> None:
        super().__init__(message)
        self.kind = kind


class LostError(GristmillError):
    """A worker died, hung or ran out of memory over a task; the record that did it is sought."""


class StorageError(GristmillError):
    """A disk is full or cannot be written to: no other task will fare better."""


class ConfigError(GristmillError):
    """The config or the command line is wrong; nothing was started."""

    exit_code = 2


class InputError(GristmillError):
    """The input data is wrong beyond the configured limits; nothing was published."""

    exit_code = 3


class IntegrityError(GristmillError):
    """A file is not what its checksum or its manifest says; nothing was published."""

    exit_code = 4


class RegistryError(GristmillError):
    """The opt-out registry is missing, stale or broken; nothing was published."""

    exit_code = 5


def kind_of(name: str) -> type[GristmillError]:
    """Find a class of the tree by its name; the base stands for one that is not known."""
    kinds: list[type[GristmillError]] = [GristmillError]
    for kind in kinds:
        if kind.__name__ == name:
            return kind
        kinds += kind.__subclasses__()
    return GristmillError


def at(stage: str, file: str, problem: str, *, line: int | None = None) -> str:
    """Spell a message the one way messages are spelled: `stage: file:line: problem`."""
    place = file if line is None else f"{file}:{line}"
    return f"{stage}: {place}: {problem}"


def where(error: Exception) -> str:
    """Name an exception by class and the innermost line of ours it passed through.

    Its message is left out, for it may quote a document; of an error of the operating system the number is told.
    """
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_HOME)]
    place = (ours or frames)[-1]
    at = f"{Path(place.filename).name}:{place.lineno} ({place.name})"
    if isinstance(error, OSError) and error.errno:
        return f"{type(error).__name__}: {os.strerror(error.errno)} at {at}"
    return f"unexpected {type(error).__name__} at {at}"
