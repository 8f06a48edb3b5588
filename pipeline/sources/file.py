"""Where an input lies: a file under the config's folder, or an object in a store. Readers take either."""

from __future__ import annotations

import hashlib
import io
import os
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from pipeline.errors import InputError, at
from pipeline.store import RemoteFile, RemoteReader, is_url

if TYPE_CHECKING:
    from collections.abc import Callable


class HeldFile(NamedTuple):
    """A file in memory, such as one out of an archive, with those of a path's methods that readers of inputs use."""

    name: str
    data: bytes

    def __str__(self) -> str:
        return self.name

    @property
    def suffix(self) -> str:
        """What follows the last dot of the name, with the dot."""
        return PurePosixPath(self.name).suffix

    def open(self, mode: str = "rb", buffering: int = -1) -> BinaryIO:
        """Open it for reading; `mode` and `buffering` are those of a path, and change nothing."""
        del mode, buffering
        return io.BytesIO(self.data)


InputFile = Path | RemoteFile
Openable = InputFile | HeldFile
"""What can be read as a file."""


class Digest(NamedTuple):
    """A file's size in bytes, the hex SHA-256 of its bytes, and in a store the version that has them.

    Of a folder as a whole it is what its adapter says; a repository's version is a commit,
    a folder's the id of its tree, where that is asked for.
    """

    bytes: int
    sha256: str
    etag: str = ""


class Positional(NamedTuple):
    """An open file by position: `pread(size, offset)` moves nothing, and gives less only at the end."""

    pread: Callable[[int, int], bytes]
    size: int


def input_file(root: Path, path: str, etag: str = "") -> InputFile:
    """Find an input by its `path`, as the plan spells it: a URL, or relative to the config's folder.

    `etag` is the version of an object that the plan has seen; another one is refused when it is read.
    """
    return RemoteFile(path, etag) if is_url(path) else root / path


def positional(file: BinaryIO) -> Positional:
    """Read an open file by position."""
    reader: object = file
    if isinstance(reader, RemoteReader):
        return Positional(reader.pread, reader.size)
    if isinstance(reader, io.BytesIO):
        data = reader.getvalue()
        return Positional(lambda size, offset: data[offset : offset + size], len(data))
    descriptor = file.fileno()
    return Positional(partial(_pread, descriptor), os.fstat(descriptor).st_size)


def _pread(descriptor: int, size: int, offset: int) -> bytes:
    return os.pread(descriptor, size, offset)


def digest(path: InputFile) -> Digest:
    """Hash a file.

    Raises:
        InputError: it cannot be read, or an object was replaced meanwhile.
    """
    if isinstance(path, RemoteFile):
        with path.reader() as remote:
            return Digest(
                remote.size, hashlib.file_digest(remote, "sha256").hexdigest(), remote.etag
            )
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
            return Digest(file.tell(), found)
    except OSError as error:
        raise InputError(at("read", str(path), error.strerror or "cannot be read")) from error
