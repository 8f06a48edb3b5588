"""A file of a tree as a record: its text and its id in git, or the reason why it gives no document.

Folders, archives and repositories hold files of any kind. One that is no text is no damage: it is a row
with a reason. What stands in a licence file counts for the files around it, document or not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from filters.git_ids import content_id
from filters.licenses.tree import place_kind
from pipeline.sources.fields import paper_text
from pipeline.sources.records import Raw

if TYPE_CHECKING:
    from collections.abc import Mapping

BINARY: Final = "binary"
"""The file holds U+0000, as archives, pictures and programs do; an archive in it is never opened."""
EMPTY: Final = "empty"
NOT_UTF8: Final = "not-utf8"
TOO_LARGE: Final = "too-large"
SYMLINK: Final = "symlink"
"""Never followed, wherever it points."""
LFS_POINTER: Final = "lfs-pointer"
"""What git-lfs leaves in the place of a file; the file is elsewhere, and not fetched."""
NOT_INCLUDED: Final = "not-included"
"""The globs leave it out; it is read for what it says of the licence of others."""

_POINTER: Final = 1024  # bytes; a pointer of git-lfs is smaller (its specification)
_POINTERS: Final = tuple(
    b"version https://%b/spec/v1\n" % host for host in (b"git-lfs.github.com", b"hawser.github.com")
)


def take_file(row: int, line: int, about: Mapping[str, Any], data: bytes, drop: str = "") -> Raw:
    """Make the record of a file from its bytes: what is said `about` it, its text and git's id of it.

    `about` has the `path`. One that gives no document has a reason to drop it, `drop` or what is wrong
    with the bytes, and its text where it may speak of the licence of others, else none.
    """
    text, flaw = read_text(data)
    drop = drop or flaw
    if drop:
        text = paper_text(data) if may_speak(about["path"]) else ""
    record = {**about, "text": text, "content_id": content_id(data)}
    return Raw(row, line, record, drop=drop)


def leave_file(row: int, line: int, about: Mapping[str, Any], drop: str) -> Raw:
    """Make the row of a file that is not read: too large for instance, or a link."""
    return Raw(row, line, {**about, "text": ""}, drop=drop)


def may_speak(path: str) -> bool:
    """Tell by its name a file that may speak of the licence of others."""
    return place_kind(path) is not None


def read_text(data: bytes) -> tuple[str, str]:
    """Return the text of a file's bytes, or the reason why it gives none."""
    if not data:
        return "", EMPTY
    if b"\0" in data:
        return "", BINARY
    if len(data) <= _POINTER and data.startswith(_POINTERS):
        return "", LFS_POINTER
    try:
        return data.decode(), ""
    except UnicodeDecodeError:
        return "", NOT_UTF8
