"""The ids that git gives contents and folders, computed by ourselves; SWHIDs are made of them (ISO/IEC 18670).

A content's id is that of a blob, a folder's that of a tree: SHA-1 over a header and the object. No rule
here skips a file: whoever leaves one out names another folder.
"""

from __future__ import annotations

import hashlib
from operator import itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable

FILE: Final = 0o100644
EXECUTABLE: Final = 0o100755
SYMLINK: Final = 0o120000
FOLDER: Final = 0o40000
SUBMODULE: Final = 0o160000
"""The modes that a tree's entries have; git writes no others."""

ID_BYTES: Final = 20
PATH_TEXT: Final = "/!$&'()*+,:=@~"
"""What stands bare in a path qualifier, beside letters, digits and `-._`; all else is percent-encoded."""

_Node = dict[bytes, "_Node | Entry"]


class Entry(NamedTuple):
    """One entry of a folder: its mode, its name (bytes without `/`), and its id in hex digits."""

    mode: int
    name: bytes
    id: str


def object_id(kind: bytes, raw: bytes) -> str:
    """Return the hex id of an object of a `kind`: `blob`, `tree`, `commit` or `tag`."""
    found = hashlib.sha1(b"%b %d\x00" % (kind, len(raw)), usedforsecurity=False)
    found.update(raw)
    return found.hexdigest()


def content_id(raw: bytes) -> str:
    """Return the id of a file's bytes, as `git hash-object` prints it."""
    return object_id(b"blob", raw)


def content_id_of(pieces: Iterable[bytes], size: int) -> str:
    """Return the id of a file's bytes that come in pieces; `size` is how many there are.

    Raises:
        ValueError: there are more or fewer.
    """
    found = hashlib.sha1(b"blob %d\x00" % size, usedforsecurity=False)
    for piece in pieces:
        found.update(piece)
        size -= len(piece)
    if size:
        raise ValueError("a file has not the size that is said")
    return found.hexdigest()


def directory_id(entries: Iterable[Entry]) -> str:
    """Return the id of a folder, as `git mktree` prints it; entries come in any order.

    Raises:
        ValueError: a name that no folder can hold, two entries of one name, or an id that is none.
    """
    ordered = sorted(entries, key=place_of)
    names = [each.name for each in ordered]
    if any(not is_name(name) for name in names) or len(set(names)) < len(names):
        raise ValueError(
            "an entry's name is empty, `.`, `..`, twice there or holds `/` or a NUL byte"
        )
    return object_id(b"tree", b"".join(map(_line, ordered)))


def directory_of(files: Iterable[tuple[bytes, int, str]], folders: Iterable[bytes] = ()) -> str:
    """Return the id of the folder that holds files, given by path, mode and id; `write-tree` prints the same.

    Paths are relative and have `/` between their parts. Folders come into being by what is in them, so an
    empty one is none, as in git, unless it is named among `folders`: Software Heritage has those. Memory:
    all paths.

    Raises:
        ValueError: a path that no folder can hold, or one that is two things at once.
    """
    root: _Node = {}
    for path in folders:
        _reach(root, path.split(b"/"))
    for path, mode, name in files:
        *above, last = path.split(b"/")
        folder = _reach(root, above)
        if last in folder:
            raise ValueError("a path is there twice")
        folder[last] = Entry(mode, last, name)
    return _fold(root)


def _reach(root: _Node, parts: Iterable[bytes]) -> _Node:
    """Find the folder at a path, and make those on the way that are not there yet."""
    folder = root
    for part in parts:
        inner = folder.setdefault(part, {})
        if not isinstance(inner, dict):
            raise ValueError("a path goes through a file")  # noqa: TRY004  a path is wrong, no type
        folder = inner
    return folder


def is_name(name: bytes) -> bool:
    """Tell a name that an entry of a folder can have."""
    return name not in {b"", b".", b".."} and b"/" not in name and b"\0" not in name


def parse_tree(raw: bytes) -> list[Entry]:
    """Take a tree object apart, in its own order; modes as they stand there.

    Raises:
        ValueError: it is cut off, or a mode is no octal number.
    """
    found: list[Entry] = []
    at = 0
    while at < len(raw):
        end = raw.index(b"\0", at)
        mode, blank, name = raw[at:end].partition(b" ")
        at = end + 1 + ID_BYTES
        if at > len(raw) or not blank or not mode.isdigit():
            raise ValueError("that is no tree")
        found.append(Entry(int(mode, 8), name, raw[end + 1 : at].hex()))
    return found


def qualified_swhid(core: str, *, origin: str = "", anchor: str = "", path: bytes = b"") -> str:
    """Say of an object where it was: `core`, then the qualifiers that are there, in the standard's order.

    `path` is the one from the root, without the `/` before it. In `origin`, `%` and `;` are
    percent-encoded, in the path all that a URL's path does not have, bytes that are no UTF-8 among it.
    """
    parts = [core]
    if origin:
        parts.append("origin=" + origin.replace("%", "%25").replace(";", "%3B"))
    if anchor:
        parts.append(f"anchor={anchor}")
    if path:
        parts.append("path=/" + quote(path, PATH_TEXT))
    return ";".join(parts)


def place_of(entry: Entry) -> bytes:
    """Return what git sorts entries by: a folder stands as if a `/` ended its name."""
    return entry.name + b"/" if entry.mode & 0o170000 == FOLDER else entry.name


def _line(entry: Entry) -> bytes:
    raw = bytes.fromhex(entry.id)
    if len(raw) != ID_BYTES:
        raise ValueError("an id has 40 hexadecimal digits")
    return b"%o %b\0%b" % (entry.mode, entry.name, raw)


def _fold(root: _Node) -> str:
    """Hash a tree of nodes from the leaves up, without recursion: paths may be deep."""
    done: list[tuple[_Node, bytes, _Node]] = []
    open_nodes: list[_Node] = [root]
    while open_nodes:
        node = open_nodes.pop()
        inner = [(node, name, each) for name, each in node.items() if isinstance(each, dict)]
        done += inner
        open_nodes += map(itemgetter(2), inner)
    for above, name, node in reversed(done):  # what lies deeper was found later
        above[name] = Entry(FOLDER, name, _id_of(node))
    return _id_of(root)


def _id_of(node: _Node) -> str:
    return directory_id(each for each in node.values() if isinstance(each, Entry))
