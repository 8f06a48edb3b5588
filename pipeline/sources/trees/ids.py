"""The SWHID of a folder or an archive as a whole: of everything in it, wanted or not, as git has trees.

Two trees are one where every path, every byte, every executable bit and every link is the same. Software
Heritage has empty folders, too, which no tree of git has: a tree without one has the same id in both.
"""

from __future__ import annotations

import os
import stat
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from filters.git_ids import (
    EXECUTABLE,
    FILE,
    FOLDER,
    SYMLINK,
    Entry,
    content_id,
    content_id_of,
    directory_id,
    directory_of,
    qualified_swhid,
)
from pipeline.sources.records import BrokenStreamError
from pipeline.sources.trees.members import MemberError
from pipeline.sources.trees.paths import BadPathError, clean_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from pipeline.sources.records import Raw
    from pipeline.sources.trees.members import Member

UNTOLD: Final = "directory-untold"
"""What is odd of a record: the id of its tree was asked for, and something in the tree cannot be read."""

MOST_PATHS: Final = 256 << 20
"""Bytes of an archive's paths that are held, with 512 for each and for each folder; one with more has no id.

That is some 450,000 files, as many as the largest source trees have.
"""

_NODE: Final = 512
_ANY: Final = (
    0o111  # bits; Software Heritage takes any of them, git the owner's, and both write all or none
)
_READ: Final = 1 << 20
_OPEN: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_GIT: Final = b".git"


class _UntoldError(Exception):
    """Something in the tree cannot be read, or is nothing that a tree can have."""


class TreeId(NamedTuple):
    """The id of a tree in hex digits, `""` where it cannot be told.

    `last` has the contents of those paths of an archive that are there more than once: who unpacks it keeps
    the last one.
    """

    directory: str = ""
    last: Mapping[str, str] = MappingProxyType({})

    def about(self, path: str, content: str) -> dict[str, Any]:
        """Return what a record says of its place: the tree, and its own SWHID in it where its content is told."""
        if not self.directory:
            return {}
        found = {"directory_id": self.directory}
        if not content or self.last.get(path, content) != content:
            return found
        anchor = f"swh:1:dir:{self.directory}"
        name = qualified_swhid(f"swh:1:cnt:{content}", anchor=anchor, path=path.encode())
        return {**found, "swhid": name}


def placed(item: Raw, tree: TreeId | None) -> Raw:
    """Add to a record what its tree says of it, where that was asked for (`None`: it was not)."""
    if tree is None:
        return item
    if not tree.directory:
        return msgspec.structs.replace(item, odd=(*item.odd, UNTOLD))
    about = tree.about(item.record["path"], item.record.get("content_id", ""))
    return msgspec.structs.replace(item, record={**item.record, **about})


def folder_id(root: Path) -> TreeId:
    """Return the id of a folder without `.git`; memory: the listings on the way down."""
    try:
        return TreeId(_folder(os.fsencode(root)))
    except (OSError, ValueError, _UntoldError):
        return TreeId()


class _Open(NamedTuple):
    """A folder that is being read: its name, what is still to come, and what was read of it."""

    path: bytes
    waiting: list[tuple[bytes, int]]
    done: list[Entry]


def _folder(root: bytes) -> str:
    opened = [_listed(root)]
    while True:
        folder = opened[-1]
        if folder.waiting:
            name, kind = folder.waiting.pop()
            path = folder.path + b"/" + name
            if kind == FOLDER:
                opened.append(_listed(path))
            else:
                folder.done.append(_leaf(path, name, kind))
            continue
        found = directory_id(opened.pop().done)
        if not opened:
            return found
        opened[-1].done.append(Entry(FOLDER, folder.path.rpartition(b"/")[2], found))


def _listed(path: bytes) -> _Open:
    with os.scandir(path) as entries:
        return _Open(path, [(each.name, _kind(each)) for each in entries if each.name != _GIT], [])


def _kind(entry: os.DirEntry[bytes]) -> int:
    if entry.is_symlink():
        return SYMLINK
    return FOLDER if entry.is_dir(follow_symlinks=False) else FILE


def _leaf(path: bytes, name: bytes, kind: int) -> Entry:
    if kind == SYMLINK:
        return Entry(SYMLINK, name, content_id(os.readlink(path)))  # noqa: PTH115  names are bytes
    with os.fdopen(os.open(path, _OPEN), "rb", buffering=0) as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise _UntoldError
        pieces = iter(lambda: file.read(_READ), b"")
        found = content_id_of(pieces, about.st_size)
    return Entry(EXECUTABLE if about.st_mode & _ANY else FILE, name, found)


def archive_id(members: Iterable[Member], strip: int) -> TreeId:
    """Return the id of what an archive unpacks to, without `.git` and so many leading folders.

    Of two members with one path the last one counts. Memory: all paths, `MOST_PATHS` at most.
    """
    tree = _Unpacked(strip)
    try:
        for member in members:
            tree.add(member)
        return tree.id()
    except (BrokenStreamError, MemberError, BadPathError, ValueError, _UntoldError):
        return TreeId()


class _Unpacked:
    """What is known of an archive as it goes: files by their path in it, and folders."""

    def __init__(self, strip: int) -> None:
        self._strip = strip
        self._files: dict[str, tuple[int, str]] = {}
        self._folders: set[str] = set()
        self._above: set[str] = set()
        self._twice: set[str] = set()
        self._held = 0

    def add(self, member: Member) -> None:
        """Take a member."""
        if member.flaw:
            raise _UntoldError
        path = clean_path(member.name)
        if not path or ".git" in path.split("/"):
            return
        self._count(path)
        if member.kind == "folder":
            self._folders.add(path)
            return
        found = self._read(member)
        if self._files.pop(path, None) is not None:
            self._twice.add(self._short(path))
        self._files[path] = found  # behind all that were unpacked before it

    def _count(self, path: str) -> None:
        """Count what a path makes us hold, with the folders above it that are new: few bytes may name many."""
        self._held += len(path) + _NODE
        at = path.rfind("/")
        while at > 0 and path[:at] not in self._above:
            self._above.add(path[:at])
            self._held += at + _NODE
            at = path.rfind("/", 0, at)
        if self._held > MOST_PATHS:
            raise _UntoldError

    def _read(self, member: Member) -> tuple[int, str]:
        if member.kind == "hardlink":
            found = self._files.get(clean_path(member.link))
            if found is None:
                raise _UntoldError
            return found
        if member.kind == "symlink":
            if member.link:
                return SYMLINK, content_id(member.link)
            return SYMLINK, content_id_of(member.pieces(), member.size)
        if member.kind != "file":
            raise _UntoldError
        mode = EXECUTABLE if member.executable else FILE
        return mode, content_id_of(member.pieces(), member.size)

    def id(self) -> TreeId:
        """Put all together."""
        files: dict[str, tuple[int, str]] = {}
        for path, found in self._files.items():
            short = self._short(path)
            if short:
                self._twice |= {short} if short in files else set()
                files[short] = found
        folders = filter(None, map(self._short, self._folders))
        directory = directory_of(
            ((path.encode(), mode, found) for path, (mode, found) in files.items()),
            (path.encode() for path in folders),
        )
        return TreeId(directory, {path: files[path][1] for path in self._twice if path in files})

    def _short(self, path: str) -> str:
        """Return the path without the leading folders, `""` for one of them."""
        return "/".join(path.split("/")[self._strip :])
