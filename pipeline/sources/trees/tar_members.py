"""Read the members of a tar archive in their order, from bytes that come one after the other.

Memory is bounded by the largest member that is asked for, whatever headers claim. The end mark is not the end:
an archive that follows it, as `cat` puts them together, is read as well.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from pipeline.sources.records import BrokenStreamError
from pipeline.sources.trees.members import CHUNK, Member, MemberError
from pipeline.sources.trees.tar_headers import (
    BLOCK,
    GLOBAL,
    LONG_LINK,
    LONG_NAME,
    MAX_EXTENDED,
    OLD_SPARSE,
    PAX,
    Extended,
    Header,
    HeaderError,
    parse_header,
    read_pax,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.sources.trees.unpacked import Feed

_EXECUTABLE: Final = 0o111
_LAST: Final = 253_402_300_800  # the year 10000
_MORE: Final = 504  # byte of a block of GNU's sparse map that says whether another follows


def tar_members(feed: Feed, most: int) -> Iterator[Member]:
    """Yield the members of an archive.

    Raises:
        BrokenStreamError: the rest of it cannot be read: `truncated`, `format`, `garbage`, `members`, or
            what is wrong with the file that it is packed in.
    """
    tar = _Tar(feed)
    while (found := tar.find()) is not None:
        if tar.number > most:
            raise tar.broken("members", f"more than {most} (max_members)")
        yield tar.member(*found)
        tar.leave()


class _Tar:
    """Where the reader stands: before a header, or in the content of member `number`."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._left = 0  # bytes of content and padding that were not read
        self._ended = False  # the last block was one of zeros
        self.number = 0

    def find(self) -> tuple[Header, Extended] | None:
        """Go to the next member; `None` at the end."""
        said = Extended()
        while (header := self._header()) is not None:
            if header.type in {PAX, LONG_NAME, LONG_LINK}:
                said = self._extend(header, said)
            elif header.type == GLOBAL:
                self._pass(_padded(header.size))
            else:
                return header, said
        if said != Extended() or self._feed.damage is not None:
            raise self.broken("truncated", "what follows is cut short")
        return None

    def _header(self) -> Header | None:
        """Read the next header; `None` at the end of the archive."""
        while block := self._feed.take(BLOCK):
            if len(block) == BLOCK and not any(block):
                self._ended = True
                continue
            try:
                header = parse_header(block) if len(block) == BLOCK else None
            except HeaderError:
                raise self._no_header() from None
            self.number += header is None or header.type not in {PAX, LONG_NAME, GLOBAL, LONG_LINK}
            if header is None:
                raise self.broken("truncated", "its header is cut short")
            self._ended = False
            return header
        if not self._ended:
            raise self.broken("truncated", "no end mark follows")
        return None

    def _no_header(self) -> BrokenStreamError:
        if self.number == 0 and not self._ended:
            return BrokenStreamError("format", "the file is no tar and no zip archive")
        self.number += 1
        return self.broken("garbage", "its header is none: its checksum is wrong")

    def broken(self, reason: str, detail: str) -> BrokenStreamError:
        """Say at which member the archive ends; what is wrong with the file that it is packed in comes first."""
        damage = self._feed.damage
        if reason == "truncated" and damage is not None:
            reason, detail = damage.reason, damage.detail
        return BrokenStreamError(reason, f"member {self.number}: {detail}")

    def _extend(self, header: Header, said: Extended) -> Extended:
        """Read an extended header, or pass over one that is too large to be meant."""
        if header.size > MAX_EXTENDED:
            self._pass(_padded(header.size))
            return said._replace(flaw="member:header")
        data = self._take(header.size)
        self._pass(_padded(header.size) - header.size)
        if header.type == PAX:
            return read_pax(data, said)
        name = data.partition(b"\0")[0]
        return said._replace(link=name) if header.type == LONG_LINK else said._replace(path=name)

    def member(self, header: Header, said: Extended) -> Member:
        """Make the member whose header was read; its content is still to come."""
        name = header.name if said.path is None else said.path
        size = header.size if said.size is None else said.size
        size = 0 if header.is_bare else size
        if header.type == OLD_SPARSE and header.more_sparse:
            self._pass_map()
        self._left = _padded(size)
        mtime = header.mtime if said.mtime is None else said.mtime
        return Member(
            number=self.number,
            name=name,
            kind="sparse" if said.sparse else header.kind,
            size=size,
            read=lambda: self._content(size),
            pieces=lambda: self._pieces(size),
            link=header.link if said.link is None else said.link,
            created=_date(mtime),
            executable=bool(header.mode & _EXECUTABLE),
            flaw=said.flaw,
        )

    def _pass_map(self) -> None:
        """Pass over the blocks of a sparse map that follow the header."""
        while self._take(BLOCK)[_MORE]:
            pass

    def leave(self) -> None:
        """Pass over what is left of the member."""
        self._pass(self._left)
        self._left = 0

    def _content(self, size: int) -> bytes:
        self._begin(size)
        self._left -= size
        return self._take(size)

    def _begin(self, size: int) -> None:
        if self._left != _padded(size):
            raise MemberError("member:read")

    def _pieces(self, size: int) -> Iterator[bytes]:
        self._begin(size)
        while size > 0:
            step = min(size, CHUNK)
            self._left -= step
            size -= step
            yield self._take(step)

    def _take(self, size: int) -> bytes:
        data = self._feed.take(size)
        if len(data) < size:
            raise self.broken("truncated", "it is cut short")
        return data

    def _pass(self, size: int) -> None:
        if self._feed.skip(size) < size:
            raise self.broken("truncated", "it is cut short")


def _padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


def _date(seconds: int) -> str:
    """Spell a time; 0 and 1 are what archives have that are made without one."""
    if not 1 < seconds < _LAST:
        return ""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
