"""What the readers of archives have in common: a member, what may come out of an archive, and the names met."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np

from pipeline.sources.records import BrokenStreamError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Kind = Literal["file", "folder", "symlink", "hardlink", "special", "sparse"]

SLACK: Final = 64 << 20
"""Bytes that any archive may unpack to, however small it is."""
RATIO: Final = 200
"""Bytes that may come out of one that is read, beyond `SLACK`.

gzip reaches 1,032 (zlib.net/zlib_tech.html) and the others more, of zeros; text gives 3 to 10.
"""
CHUNK: Final = 1 << 20
"""Bytes of the chunks that a member is streamed in."""
MOST: Final = 4_000_000
"""Members of an archive that are read. Of each 8 to 24 bytes are held."""

_RECENT: Final = 1 << 16


class MemberError(Exception):
    """A member that cannot be had; the reason is `member:` and what is wrong with it."""


class Member(NamedTuple):
    """A file or something else in an archive.

    `number` counts all members from 1, `name` is as it stands there, `size` is what its header claims.
    `read` gives the bytes and raises `MemberError`; it may be called before the next member is asked for.
    `pieces` gives them bit by bit, however many there are, and raises what `read` would: of a tar at the end,
    of a zip before it gives any.
    `link` is what a link of a tar says that it leads to; one of a zip has it for its content. `flaw` is the
    reason why it cannot be had at all.
    """

    number: int
    name: bytes
    kind: Kind
    size: int
    read: Callable[[], bytes]
    pieces: Callable[[], Iterator[bytes]]
    link: bytes = b""
    created: str = ""
    executable: bool = False
    flaw: str = ""


class Allowance:
    """How much may come out of an archive: so many bytes for each that was read, and some for nothing."""

    def __init__(self, ratio: int) -> None:
        self._ratio = ratio
        self._read = self._made = 0

    def spend(self, read: int, made: int) -> None:
        """Count bytes that are read and made of them.

        Raises:
            BrokenStreamError: that is more than any archive that means well makes.
        """
        self._read += read
        self._made += made
        if self._made > SLACK + self._ratio * self._read:
            raise BrokenStreamError(
                "bomb", f"more than {SLACK} bytes and {self._ratio} for each byte read (max_ratio)"
            )


class Met:
    """Names that were met, by 64 bits of a digest: 8 bytes for each, whatever is in an archive.

    They are sorted and not hashed, so no choice of names makes it slow. Two names that share those bits are
    taken for one, which costs the second a longer id and nothing else.
    """

    def __init__(self) -> None:
        self._recent: set[int] = set()
        self._older = np.zeros(0, np.uint64)

    def add(self, name: str) -> bool:
        """Note a name; tell whether it was met before."""
        key = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")
        if key in self._recent or self._is_older(key):
            return True
        self._recent.add(key)
        if len(self._recent) == _RECENT:
            recent = np.fromiter(self._recent, np.uint64, _RECENT)
            self._older = np.sort(np.concatenate([self._older, recent]))
            self._recent.clear()
        return False

    def _is_older(self, key: int) -> bool:
        at = int(np.searchsorted(self._older, np.uint64(key)))
        return at < len(self._older) and int(self._older[at]) == key
