"""The files of a folder for formats that make their own documents of them: conversations, books, pages.

Which files there are, and in which order, is as for plain folders. A file may be packed with gzip.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar, cast

import msgspec

from pipeline.sources.compressed import gunzip
from pipeline.sources.records import RAW_LIMIT, Bad, BrokenStreamError, Item, Raw
from pipeline.sources.trees.files import TOO_LARGE
from pipeline.sources.trees.folder import (
    UNREADABLE,
    FolderOptions,
    content_of,
    digest_folder,
    prefix_of,
    walk,
)
from pipeline.sources.trees.paths import BadPathError, clean_path, largest, origin, wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from pipeline.sources.adapter import Reading, Said
    from pipeline.sources.file import Digest

NO_TEXT: Final = "no-text"
"""The record is sound, and nothing that was written by hand is left of it."""

_GZIP: Final = b"\x1f\x8b"
Options = TypeVar("Options", bound=FolderOptions)


class File(NamedTuple):
    """A file of a folder: its path there, what its path is behind the folder's name, and its bytes.

    `place` is the path as the plan spells it: what stands above the folder may say what the file is.
    """

    path: str
    name: str
    place: str
    data: bytes


def read_files(
    root: Path,
    how: Reading,
    options: FolderOptions,
    suffixes: tuple[str, ...],
    take: Callable[[File], Iterable[Raw | Bad]],
    *,
    names: bool = True,
) -> Iterator[Item]:
    """Yield what `take` makes of each file that is wanted and ends in one of `suffixes`, in order of path.

    What `take` gives gets its row here. A path that no file may have and what cannot be read or unpacked are
    bad; a link, and what is larger than the options allow, has a reason to be dropped. Without `names` no path
    is an id.
    """
    finder = _Finder(root, how, options, suffixes, names=names)
    row = 0
    for name, flaw in walk(bytes(finder.root), options.hidden):
        for item in finder.items(name, flaw, take):
            yield msgspec.structs.replace(item, row=row, line=row + 1)
            row += 1


class _Finder:
    """Makes items of what is below a folder."""

    def __init__(
        self,
        root: Path,
        how: Reading,
        options: FolderOptions,
        suffixes: tuple[str, ...],
        *,
        names: bool,
    ) -> None:
        self.root = bytes(root)
        self._prefix = prefix_of(root, how.said)
        self._above = how.said.path
        self._wanted = wanted(how.said, options)
        self._looked_for = how.wanted
        self._suffixes = suffixes
        self._largest = largest(how, options)
        self._about = origin(options)
        self._names = names

    def items(
        self, name: bytes, flaw: str, take: Callable[[File], Iterable[Raw | Bad]]
    ) -> Iterable[Raw | Bad]:
        """Return what a file gives."""
        try:
            path = clean_path(name)
        except BadPathError as bad:
            return [Bad(0, 0, str(bad), name[:RAW_LIMIT])]
        if not self._wanted(path) or not path.lower().endswith(self._suffixes):
            return []
        if self._looked_for is not None and not self._looked_for(path) and flaw != UNREADABLE:
            return [self._left(path, flaw)]  # the papers of a tree are asked for, and this is none
        data, flaw, broken = self._bytes(name, flaw)
        if broken:
            return [Bad(0, 0, broken, data[:RAW_LIMIT])]
        if flaw:
            return [self._left(path, flaw)]
        found = take(File(path, self._prefix + path, f"{self._above}/{path}", data))
        return (self._told(each) for each in found)

    def _bytes(self, name: bytes, flaw: str) -> tuple[bytes, str, str]:
        """Return the bytes of a file, unpacked, why it is dropped, and why it is bad."""
        data, flaw = (b"", flaw) if flaw else content_of(self.root + b"/" + name, self._largest)
        if flaw == UNREADABLE:
            return name, "", flaw
        try:
            return (*unpack(data, self._largest), "") if not flaw else (b"", flaw, "")
        except BrokenStreamError as broken:
            return data, "", broken.reason

    def _left(self, path: str, flaw: str) -> Raw:
        name = self._prefix + path if self._names else ""
        return Raw(0, 0, {"id": name, "text": "", **self._about}, drop=flaw)

    def _told(self, item: Raw | Bad) -> Raw | Bad:
        if not self._about or isinstance(item, Bad):
            return item
        return msgspec.structs.replace(item, record={**item.record, **self._about})


def unpack(data: bytes, most: int) -> tuple[bytes, str]:
    """Return the bytes of a file, unpacked where it is gzip, or why they are not to be had: over `most`.

    Raises:
        BrokenStreamError: it is gzip, and broken.
    """
    if not data.startswith(_GZIP):
        return data, ""
    pieces, size = list[bytes](), 0
    for piece, _ in gunzip(io.BytesIO(data)):
        pieces.append(piece)
        size += len(piece)
        if size > most:
            return b"", TOO_LARGE
    return b"".join(pieces), ""


def digest_files(root: Path, said: Said) -> Digest:
    """Digest a folder as `digest_folder` does; how its files are read is no part of that."""
    known = FolderOptions.__struct_fields__
    options: dict[str, Any] = {key: value for key, value in said.options.items() if key in known}
    return digest_folder(root, said._replace(options=options))


def folder(path: object) -> Path:
    """Return a folder, which is never an object in a store."""
    return cast("Path", path)
