"""Contents by their ids: in a folder or an object store, plain or packed with gzip, and what they claim to be checked.

A content is what its ids say or it is corrupt. No more is read or unpacked than it may have, so neither a
bomb nor an object that is too large costs anything.
"""

from __future__ import annotations

import errno
import hashlib
import os
import zlib
from typing import TYPE_CHECKING, Final, NamedTuple

from filters.git_ids import content_id
from pipeline.errors import ConfigError, at
from pipeline.sources.git.refs import open_plain
from pipeline.sources.stack.shape import NO_ID, Ids
from pipeline.sources.trees.files import TOO_LARGE
from pipeline.store import Store, is_url
from pipeline.store.connection import connect

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.sources.stack.options import StackOptions

MISSING: Final = "missing"
CORRUPT: Final = "corrupt"
UNREADABLE: Final = "unreadable"

_GZIP: Final = b"\x1f\x8b"
_MEMBER: Final = 31  # zlib's word for "one gzip member, its CRC checked"
_GONE: Final = frozenset([errno.ENOENT, errno.ENOTDIR])


class Content(NamedTuple):
    """The bytes of a content and all its ids, or the reason why it is not to be had."""

    data: bytes = b""
    ids: Ids = Ids({}, None)
    flaw: str = ""

    @property
    def is_bad(self) -> bool:
        """Tell damage from a property of a sound content."""
        return bool(self.flaw) and self.flaw != TOO_LARGE


class Contents:
    """Where contents lie: nothing, a folder or a store."""

    def __init__(self, root: Path, options: StackOptions, most: int) -> None:
        """Find the place; a relative one is below the config's folder `root`. `most` bytes has the largest content.

        Raises:
            ConfigError: it is no folder.
        """
        self._options = options
        self._most = most
        self.is_far = is_url(options.contents)
        self._slices = [
            slice(*map(int, each.split(":"))) for each in options.slicing.split("/") if each
        ]
        self._store: Store | None = None
        self._folder: Path | None = None
        if self.is_far:
            self._store = Store(options.contents)
            connect(options.contents)  # once, before many threads would each do so
        elif options.contents:
            self._folder = root / options.contents.removeprefix("file://")
        if self._folder is not None and not self._folder.is_dir():
            problem = "is no folder: options.contents names the one that the contents lie in"
            raise ConfigError(at("read", options.contents, problem))

    def lacks(self, ids: Ids) -> bool:
        """Tell a content that would be read and is not in the folder, without reading any."""
        key = self._key(ids)
        if self._folder is None or not key or _is_empty(ids) or self._is_too_large(ids):
            return False
        return not os.path.exists(f"{self._folder}/{key}")  # noqa: PTH110  there may be a million

    def fetch(self, ids: Ids) -> Content:
        """Read a content and check it.

        Raises:
            ConfigError, GristmillError: as a store does.
        """
        if self._is_too_large(ids):
            return Content(flaw=TOO_LARGE)
        if _is_empty(ids):
            return check(b"", ids)
        key = self._key(ids)
        if not key:
            return Content(flaw=NO_ID)
        may_have = self._most if ids.length is None else ids.length
        raw, flaw = self._read(key, _packed(may_have))
        if flaw:
            return Content(flaw=flaw)
        return _unpacked(raw, ids, may_have)

    def _is_too_large(self, ids: Ids) -> bool:
        return ids.length is not None and ids.length > self._most

    def _key(self, ids: Ids) -> str:
        name = ids.get(self._options.key)
        if not name:
            return ""
        folders = [name[each] for each in self._slices]
        return "/".join([*folders, name + self._options.suffix])

    def _read(self, key: str, most: int) -> tuple[bytes, str]:
        """Return the bytes that lie under a name, a few more than `most` at most."""
        if self._store is not None:
            found = self._store.read_start(key, most + 1)
            return (b"", MISSING) if found is None else (found, "")
        if self._folder is None:
            return b"", MISSING
        try:
            with open_plain(self._folder / key) as file:
                return file.read(most + 1), ""
        except OSError as error:
            return b"", MISSING if error.errno in _GONE else UNREADABLE


def check(data: bytes, ids: Ids) -> Content:
    """Hold bytes against everything that is said of them, and name them by all that is not."""
    found = {name: _DIGESTS[name](data) for name in (*_TOLD, *ids.digests)}
    is_right = all(found[name] == said for name, said in ids.digests.items())
    if not is_right or ids.length not in {None, len(data)}:
        return Content(flaw=CORRUPT)
    return Content(data, Ids(found, len(data)))


def _sha1(data: bytes) -> str:
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


_TOLD: Final = ("sha1", "sha1_git")
_DIGESTS: Final[dict[str, Callable[[bytes], str]]] = {
    "sha1": _sha1,
    "sha1_git": content_id,
    "sha256": lambda data: hashlib.sha256(data).hexdigest(),
    "blake2s256": lambda data: hashlib.blake2s(data).hexdigest(),
}
_NOTHING: Final = Ids({name: digest(b"") for name, digest in _DIGESTS.items()}, 0)


def _is_empty(ids: Ids) -> bool:
    """Tell the content of no byte by any of its ids: a store need not hold it."""
    return any(ids.get(name) == said for name, said in _NOTHING.digests.items())


def _packed(size: int) -> int:
    """Return the bytes that a content of a size has at most where it is packed.

    Deflate takes 5 bytes for each 16 KiB that it stores (zlib.net/zlib_tech.html), gzip 18 and a name.
    """
    return size + (size >> 8) + 4096


def _unpacked(raw: bytes, ids: Ids, most: int) -> Content:
    """Take the content out of what lies in the store: a gzip file is a packed content or one that is so itself."""
    too_large = Content(flaw=TOO_LARGE if ids.length is None else CORRUPT)
    inner = _gunzip(raw, most) if raw.startswith(_GZIP) else None
    if inner is not None and len(inner) <= most:
        found = check(inner, ids)
        if not found.flaw:
            return found
    if len(raw) > most:
        return too_large
    found = check(raw, ids)
    return too_large if found.flaw and inner is not None and len(inner) > most else found


def _gunzip(raw: bytes, most: int) -> bytes | None:
    """Unpack one gzip member, one byte more than `most` at most; `None` for what is none, or not whole."""
    member = zlib.decompressobj(_MEMBER)
    try:
        data = member.decompress(raw, most + 1)
    except zlib.error:
        return None
    return data if len(data) > most or (member.eof and not member.unused_data) else None
