"""Read the text files of a folder, in the order of their paths' bytes, as git has them.

Nothing that the folder's place or the machine adds shows in a record: no absolute path, no time, no mode. No link
is followed, to a file or a folder, wherever it points.
"""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from pipeline.sources.adapter import Adapter, Reading
from pipeline.sources.file import Digest
from pipeline.sources.options import read_options
from pipeline.sources.records import RAW_LIMIT, Bad, Item, Raw
from pipeline.sources.trees.files import (
    NOT_INCLUDED,
    SYMLINK,
    TOO_LARGE,
    leave_file,
    may_speak,
    take_file,
)
from pipeline.sources.trees.ids import TreeId, folder_id, placed
from pipeline.sources.trees.paths import (
    TREE_OPTIONS,
    BadPathError,
    TreeOptions,
    clean_path,
    largest,
    origin,
    tree_flaws,
    wanted,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.sources.adapter import Said

SPECIAL: Final = "special"
UNREADABLE: Final = "unreadable"
"""The file or folder vanished, or may not be read."""

_OPEN: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_READ: Final = 1 << 20


class FolderOptions(TreeOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[sources.options]` of folders; without `hidden` what begins with a dot is passed over."""

    hidden: bool = False


class Found(NamedTuple):
    """A file below the folder; `flaw` says why there is nothing to read."""

    name: bytes
    flaw: str


def read_folder(root: Path, how: Reading) -> Iterator[Item]:
    """Yield an item for each file of a folder that is wanted. Ids are `<folder's name>/<path>`.

    A file that cannot be read is `Bad("unreadable")`; one that is no text, too large or a link has a reason
    to be dropped. Raises `OSError` where the folder itself cannot be listed.
    """
    options = read_options(how.said, FolderOptions, tree_flaws)
    taker = _Taker(root, how, options)
    row = 0
    for found in walk(os.fsencode(root), options.hidden):
        item = taker.take(row, found)
        if item is not None:
            yield item
            row += 1


class _Taker:
    """Makes items of files."""

    def __init__(self, root: Path, how: Reading, options: FolderOptions) -> None:
        self._root = os.fsencode(root)
        self._prefix = prefix_of(root, how.said)
        self._about = origin(options)
        self._wanted = wanted(how.said, options)
        self._looked_for = how.wanted
        self._largest = largest(how, options)
        self._tree = None
        if options.swhid and how.wanted is None:
            self._tree = TreeId(how.version) if how.version else folder_id(root)

    def take(self, row: int, found: Found) -> Item | None:
        """Return the item of a file, `None` for one that is left out."""
        item = self._take(row, found)
        return placed(item, self._tree) if isinstance(item, Raw) else item

    def _take(self, row: int, found: Found) -> Item | None:
        try:
            path = clean_path(found.name)
        except BadPathError as bad:
            return Bad(row, row + 1, str(bad), found.name[:RAW_LIMIT])
        drop = "" if self._wanted(path) else NOT_INCLUDED
        if drop and (not may_speak(path) or found.flaw):
            return None
        about = {"id": f"{self._prefix}{path}", "path": path, **self._about}
        if found.flaw != UNREADABLE and self._looked_for is not None and not self._looked_for(path):
            return leave_file(row, row + 1, about, found.flaw or drop)
        data, flaw = b"", found.flaw
        if not flaw:
            data, flaw = content_of(self._root + b"/" + found.name, self._largest)
        if flaw == UNREADABLE:
            return Bad(row, row + 1, flaw, found.name[:RAW_LIMIT], about["id"])
        if flaw:
            return leave_file(row, row + 1, about, flaw)
        return take_file(row, row + 1, about, data, drop)


def prefix_of(root: Path, said: Said) -> str:
    """Return what ids begin with: the folder's name, none where the config names it by its place alone (`.`)."""
    name = PurePosixPath(said.path).name if said.path else root.name
    return "" if name in {"", ".."} else f"{name}/"


def walk(root: bytes, hidden: bool) -> Iterator[Found]:
    """Yield what is below a folder and no folder itself; no more is held than the listings on the way down."""
    waiting = [_list(root, b"", hidden)]
    while waiting:
        if not waiting[-1]:
            waiting.pop()
            continue
        found = waiting[-1].pop()
        if not found.name.endswith(b"/"):
            yield found
            continue
        try:
            waiting.append(_list(root, found.name, hidden))
        except OSError:
            yield Found(found.name[:-1], UNREADABLE)


def _list(root: bytes, folder: bytes, hidden: bool) -> list[Found]:
    """List a folder, last first; a folder in it ends in a slash and is sorted by that, so paths come sorted."""
    with os.scandir(root + b"/" + folder) as entries:
        found = [
            _found(folder, each)
            for each in entries
            if each.name != b".git" and (hidden or not each.name.startswith(b"."))
        ]
    return sorted(found, reverse=True)


def _found(folder: bytes, entry: os.DirEntry[bytes]) -> Found:
    name = folder + entry.name
    if entry.is_symlink():
        return Found(name, SYMLINK)
    if entry.is_dir(follow_symlinks=False):
        return Found(name + b"/", "")
    return Found(name, "" if entry.is_file(follow_symlinks=False) else SPECIAL)


def content_of(path: bytes, most: int) -> tuple[bytes, str]:
    """Return a file's bytes, or why they are not to be had."""
    try:
        with os.fdopen(os.open(path, _OPEN), "rb", buffering=0) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return b"", SPECIAL
            pieces, size = [], 0
            while size <= most and (piece := file.read(min(_READ, most + 1 - size))):
                pieces.append(piece)
                size += len(piece)
    except OSError:
        return b"", UNREADABLE
    return (b"", TOO_LARGE) if size > most else (b"".join(pieces), "")


def digest_folder(root: Path, said: Said) -> Digest:
    """Return the size in bytes of the files that are wanted, and a hex SHA-256 over their paths and contents.

    A link counts by its path, a file that is too large or cannot be read as well. Where the id of the whole
    is asked for, it counts, and is told as the version.
    """
    options = read_options(said, FolderOptions, tree_flaws)
    wants, total, size = wanted(said, options), hashlib.sha256(), 0
    for found in walk(os.fsencode(root), options.hidden):
        path = found.name.decode(errors="replace")
        if not wants(path) and not may_speak(path):
            continue
        length, content = (
            (0, found.flaw) if found.flaw else _hash(os.fsencode(root), found, options)
        )
        size += length
        total.update(b"%d:%s%s\n" % (len(found.name), found.name, content.encode()))
    if not options.swhid:
        return Digest(size, total.hexdigest())
    tree = folder_id(root).directory
    total.update(tree.encode())
    return Digest(size, total.hexdigest(), tree)


def _hash(root: bytes, found: Found, options: FolderOptions) -> tuple[int, str]:
    try:
        with os.fdopen(os.open(root + b"/" + found.name, _OPEN), "rb", buffering=0) as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode):
                return 0, SPECIAL
            if options.max_bytes is not None and about.st_size > options.max_bytes:
                return 0, TOO_LARGE
            content = hashlib.file_digest(file, "sha256").hexdigest()
            return file.tell(), content
    except OSError:
        return 0, UNREADABLE


def _read(path: object, how: Reading) -> Iterator[Item]:
    return read_folder(cast("Path", path), how)  # a folder is no object in a store


def _flaws(said: Said) -> list[str]:
    return tree_flaws(said, FolderOptions)


ADAPTER: Final = Adapter(
    read=_read,
    unit="folder",
    is_tree=True,
    digest=digest_folder,
    options={**TREE_OPTIONS, "hidden": "also what begins with a dot, but for .git"},
    flaws=_flaws,
)
