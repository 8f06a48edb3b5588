"""The files of a tree by the bytes of their paths, and how many and how large they are before any is read."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from filters.git_ids import FOLDER, Entry, is_name, parse_tree, place_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.sources.git.objects import Objects

FORMAT: Final = 0o170000  # the bits of a mode that say what an entry is
REGULAR: Final = 0o100000

_LARGEST: Final = 64 << 20  # bytes of a tree: a million entries, as many as Software Heritage takes
_LONGEST: Final = 4096  # bytes of a path, as many as Linux takes (PATH_MAX)


class Leaf(NamedTuple):
    """What stands in a tree beside trees: `fault` is `path` where none can be there, `missing` of a whole tree.

    `clash`: another entry of its folder has the same name but for case.
    """

    mode: int
    path: bytes
    id: str
    clash: bool = False
    fault: str = ""


class Total(NamedTuple):
    """The files of a tree and their bytes; `gaps` is a digest of the ids of missing objects, `""` for none."""

    files: int
    bytes: int
    gaps: str


def walk(objects: Objects, root: str) -> Iterator[Leaf]:
    """Yield all entries that are no trees, sorted by the bytes of their paths.

    Memory: the entries of the folders that lead to the one that is read. A tree that cannot be read is one
    entry with a fault; the path of a sound tree's entries is at most 4,096 bytes long.
    """
    opened = [_leaves(objects, root, b"")]
    while opened:
        leaf = next(opened[-1], None)
        if leaf is None:
            opened.pop()
        elif is_folder(leaf.mode) and not leaf.fault:
            opened.append(_leaves(objects, leaf.id, leaf.path + b"/"))
        else:
            yield leaf


def is_folder(mode: int) -> bool:
    """Tell a tree among entries."""
    return mode & FORMAT == FOLDER


def _leaves(objects: Objects, tree: str, above: bytes) -> Iterator[Leaf]:
    entries, fault = _entries(objects, tree)
    if fault:
        yield Leaf(FOLDER, above, tree, fault=fault)
    names = Counter(each.name for each in entries)
    folded = Counter(each.name.lower() for each in entries)
    for mode, name, found in entries:
        path = above + name
        sound = is_name(name) and names[name] == 1 and len(path) <= _LONGEST
        clash = folded[name.lower()] > 1
        yield Leaf(mode, path, found, clash, "" if sound else "path")


def _entries(objects: Objects, tree: str) -> tuple[list[Entry], str]:
    """Read a tree: its entries in git's order, and the reason why there are none."""
    found = objects.one(tree, most=_LARGEST)
    if found.fault:
        return [], found.fault
    try:
        entries = parse_tree(found.raw) if found.kind == "tree" else None
    except ValueError:
        entries = None
    return ([], "corrupt") if entries is None else (sorted(entries, key=place_of), "")


def measure(objects: Objects, root: str) -> Total:
    """Count the files of a tree. Each distinct folder is looked at once, however often it is named.

    Memory: some hundred bytes a distinct folder.
    """
    gaps: list[str] = []
    known: dict[str, tuple[int, int]] = {}
    opened = [_Open(objects, root, gaps)]
    while opened:
        folder = opened[-1]
        if folder.inner:
            name = folder.inner.pop()
            if name in known:
                folder.add(known[name])
            else:
                opened.append(_Open(objects, name, gaps))
            continue
        known[folder.id] = folder.files, folder.bytes
        opened.pop()
        if opened:
            opened[-1].add(known[folder.id])
    missing = hashlib.sha256("".join(sorted(set(gaps))).encode()).hexdigest() if gaps else ""
    return Total(*known[root], missing)


class _Open:
    """A folder whose files are counted, and the folders in it that are still to be."""

    def __init__(self, objects: Objects, tree: str, gaps: list[str]) -> None:
        entries, fault = _entries(objects, tree)
        if fault:
            gaps.append(tree)
        self.id = tree
        self.inner = [each.id for each in entries if is_folder(each.mode)]
        blobs = [each.id for each in entries if each.mode & FORMAT == REGULAR]
        heads = list(objects.heads(blobs))
        gaps += [name for name, head in zip(blobs, heads, strict=True) if head is None]
        self.files = len(entries) - len(self.inner)
        self.bytes = sum(head.size for head in heads if head is not None)

    def add(self, total: tuple[int, int]) -> None:
        """Add the files of a folder in it."""
        self.files += total[0]
        self.bytes += total[1]
