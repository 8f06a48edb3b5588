"""Read the files of a repository at one commit, in the order of the bytes of their paths.

What a record says comes from the commit alone and from the origin: no time of this machine, no place on it.
What is no document is a row all the same, with the reason why.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from filters.git_ids import SYMLINK, qualified_swhid
from pipeline.errors import InputError, at
from pipeline.sources.adapter import Adapter, Reading, Said
from pipeline.sources.fields import paper_text
from pipeline.sources.file import Digest, InputFile
from pipeline.sources.git.history import Commit, find_commit
from pipeline.sources.git.objects import Found, Head, Objects
from pipeline.sources.git.options import OPTIONS, Options, read_options
from pipeline.sources.git.origin import origin_of
from pipeline.sources.git.refs import find_git_dir
from pipeline.sources.git.walk import FORMAT, REGULAR, Leaf, is_folder, measure, walk
from pipeline.sources.records import Bad, Damage, Item, Raw
from pipeline.sources.trees.files import EMPTY, LFS_POINTER, TOO_LARGE, may_speak, read_text
from pipeline.sources.trees.files import SYMLINK as LINK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TURN: Final = 256  # entries that are looked at together
_LINK: Final = 4096  # bytes of the longest link, as Linux has it (PATH_MAX in limits.h)
_EXECUTABLE: Final = 0o100


class Opened(NamedTuple):
    """A repository as it is read: what it is called in errors, its commit and its origin."""

    place: str
    objects: Objects
    commit: Commit
    url: str
    options: Options


class _Sight(NamedTuple):
    """An entry and what is known of it before it is read: the reason why it gives no document, or why it is bad."""

    leaf: Leaf
    drop: str = ""
    bad: str = ""


def read_repository(folder: Path, how: Reading) -> Iterator[Item]:
    """Yield a record for each entry of the commit's tree but folders.

    The record of a document has `id` (a qualified SWHID), `text`, `repo`, `path`, `created` (the
    committer's date), and of The Stack v2's keys `blob_id` (SHA-1 of the bytes), `content_id` (git's id),
    `directory_id` (of the root) and `revision_id`. A path that is no UTF-8 has its bytes as backslash escapes,
    and whole in `path_base64`.
    """
    git_dir, options = _find(folder, how.said)
    if how.version:
        options = options._replace(ref=how.version, at=None)
    with Objects(git_dir / "objects", str(folder)) as objects:
        opened = _open(folder, git_dir, objects, options)
        lost: list[str] = []
        row = 0
        leaves = walk(objects, opened.commit.tree)
        while turn := list(islice(leaves, _TURN)):
            lost += [leaf.id for leaf in turn if is_folder(leaf.mode) and leaf.fault != "path"]
            files = [leaf for leaf in turn if not is_folder(leaf.mode) or leaf.fault == "path"]
            yield from _Turn(opened, how).items(row, files)
            row += len(files)
        if lost:
            detail = f"{len(lost)} folders cannot be read, the first is tree {lost[0]}"
            yield Damage(row, "missing-tree", detail)


def digest_repository(folder: Path, said: Said) -> Digest:
    """Digest what is read of a repository: commit, origin, options, and which objects are missing.

    Raises:
        ConfigError: it is no repository, or has no such commit.
        InputError: it has more files than it may have.
    """
    git_dir, options = _find(folder, said)
    with Objects(git_dir / "objects", str(folder)) as objects:
        opened = _open(folder, git_dir, objects, options)
        total = measure(objects, opened.commit.tree)
    if total.files > options.max_files:
        problem = f"{total.files} files, more than options.max_files allows: {options.max_files}"
        raise InputError(at("read", str(folder), problem))
    told = ["git", opened.commit.id, opened.commit.tree, opened.url, options.max_bytes, total.gaps]
    sha256 = hashlib.sha256(json.dumps(told).encode()).hexdigest()
    return Digest(total.bytes, sha256, etag=opened.commit.id)


def _find(folder: Path, said: Said) -> tuple[Path, Options]:
    options = read_options(said)
    return find_git_dir(folder, alternates=options.alternates), options


def _open(folder: Path, git_dir: Path, objects: Objects, options: Options) -> Opened:
    url = origin_of(git_dir) if options.url is None else options.url
    return Opened(str(folder), objects, find_commit(objects, git_dir, options), url, options)


class _Turn:
    """Some entries of a tree on their way to records."""

    def __init__(self, opened: Opened, how: Reading) -> None:
        self._opened = opened
        self._objects = opened.objects
        self._most = min(opened.options.max_bytes, how.max_record)
        self._wanted = how.wanted

    def items(self, first: int, leaves: list[Leaf]) -> Iterator[Item]:
        """Yield the item of each entry; rows are counted from `first`."""
        files = [leaf.id for leaf in leaves if leaf.mode & FORMAT == REGULAR and not leaf.fault]
        heads = iter(list(self._objects.heads(files)))
        seen = [
            self._sight(
                leaf, next(heads) if leaf.mode & FORMAT == REGULAR and not leaf.fault else None
            )
            for leaf in leaves
        ]
        papers = {
            at: self._linked(each.leaf) for at, each in enumerate(seen) if _is_paper_link(each)
        }
        bodies = self._objects.read(
            [each.leaf.id for each in seen if self._is_read(each)], most=self._most
        )
        for number, each in enumerate(seen):
            row = first + number
            if each.bad:
                yield self._bad(row, each.leaf, each.bad)
            elif self._is_read(each):
                yield self._item(row, each.leaf, next(bodies))
            else:
                text = papers.get(number)
                yield self._raw(row, each.leaf, each.drop, {} if text is None else {"text": text})

    def _is_read(self, seen: _Sight) -> bool:
        if seen.drop or seen.bad:
            return False
        return self._wanted is None or self._wanted(_spelled(seen.leaf.path))

    def _sight(self, leaf: Leaf, head: Head | None) -> _Sight:
        """Say what an entry is before it is read."""
        if leaf.fault:
            return _Sight(leaf, bad=leaf.fault)
        kind = leaf.mode & FORMAT
        if kind != REGULAR:
            return _Sight(leaf, drop=LINK if kind == SYMLINK else "submodule")
        if head is None:
            return _Sight(leaf, bad="missing")
        if head.kind != "blob":
            return _Sight(leaf, bad="corrupt")
        if head.size > self._most:
            return _Sight(leaf, drop=TOO_LARGE)
        return _Sight(leaf, drop="" if head.size else EMPTY)

    def _item(self, row: int, leaf: Leaf, found: Found) -> Item:
        """Make the item of a file that was read."""
        if found.fault:
            return self._bad(row, leaf, found.fault)
        raw = found.raw
        known = {"blob_id": hashlib.sha1(raw, usedforsecurity=False).hexdigest()}
        text, drop = read_text(raw)
        if not drop:
            known |= {"text": text}
        elif drop != LFS_POINTER and may_speak(_spelled(leaf.path)):
            known |= {"text": paper_text(raw)}
        return self._raw(row, leaf, drop, known)

    def _linked(self, leaf: Leaf) -> str | None:
        """Read the licence file that a symbolic link in this tree leads to; it speaks for the link's folder, too."""
        link = self._objects.one(leaf.id, most=_LINK)
        target = _resolved(leaf.path, link.raw)
        if link.fault or target is None:
            return None
        name = f"{self._opened.commit.id}:{target}"
        head = next(self._objects.heads([name]))
        if head is None or head.kind != "blob" or head.size > self._most:
            return None
        found = self._objects.one(head.id, most=self._most)
        return None if found.fault else paper_text(found.raw)

    def _raw(self, row: int, leaf: Leaf, drop: str, more: dict[str, Any]) -> Raw:
        commit = self._opened.commit
        path = _spelled(leaf.path)
        record: dict[str, Any] = {
            "id": self._name(leaf),
            "repo": self._opened.url,
            "path": path,
            "created": commit.created,
            "content_id": leaf.id,
            "directory_id": commit.tree,
            "revision_id": commit.id,
        } | more
        odd = commit.odd + (("path-case",) if leaf.clash else ())
        if path.encode() != leaf.path:
            record["path_base64"] = b64encode(leaf.path).decode()
            odd += ("path-not-utf8",)
        if leaf.mode & FORMAT == REGULAR and leaf.mode & _EXECUTABLE:
            record["mode"] = "100755"
        return Raw(row, row + 1, record, drop=drop, odd=odd)

    def _bad(self, row: int, leaf: Leaf, reason: str) -> Bad:
        return Bad(row, row + 1, reason, b"", self._name(leaf))

    def _name(self, leaf: Leaf) -> str:
        """Return the qualified SWHID of an entry."""
        kind = leaf.mode & FORMAT
        core = "cnt" if kind in {REGULAR, SYMLINK} else "dir" if is_folder(leaf.mode) else "rev"
        return qualified_swhid(
            f"swh:1:{core}:{leaf.id}",
            origin=self._opened.url,
            anchor=f"swh:1:rev:{self._opened.commit.id}",
            path=leaf.path,
        )


def _is_paper_link(seen: _Sight) -> bool:
    return seen.drop == LINK and may_speak(_spelled(seen.leaf.path))


def _resolved(path: bytes, target: bytes) -> str | None:
    """Follow a link's text from the folder of the link; `None` where it leaves the tree or no line holds it."""
    parts = path.split(b"/")[:-1]
    for part in target.split(b"/"):
        if part == b"..":
            if not parts:
                return None
            parts.pop()
        elif part not in {b"", b"."}:
            parts.append(part)
    whole = _decoded(b"/".join(parts))
    sound = whole and target and not target.startswith(b"/") and "\n" not in whole
    return whole if sound else None


def _spelled(path: bytes) -> str:
    return path.decode("utf-8", "backslashreplace")


def _decoded(raw: bytes) -> str | None:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return None


def _read(path: InputFile, how: Reading) -> Iterator[Item]:
    return read_repository(cast("Path", path), how)  # the config lets no URL through


ADAPTER: Final = Adapter(
    read=_read, unit="folder", digest=digest_repository, is_tree=True, options=OPTIONS
)
