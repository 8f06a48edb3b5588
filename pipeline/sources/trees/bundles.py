"""The files of an input that may be packed: one file, plain or compressed, or those in a tar or zip archive.

What an archive claims costs neither time nor memory (`pipeline.sources.trees.archive`), and nothing of it is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from pipeline.sources.file import positional
from pipeline.sources.trees.members import CHUNK, MOST, RATIO
from pipeline.sources.trees.tar_headers import BLOCK, HeaderError, parse_header
from pipeline.sources.trees.tar_members import tar_members
from pipeline.sources.trees.unpacked import Feed
from pipeline.sources.trees.zip_members import zip_members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pipeline.sources.file import Openable
    from pipeline.sources.trees.members import Member

PACKED: Final = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst")
"""How archives are called whose members are read."""

_ZIP: Final = (b"PK\3\4", b"PK\5\6")


class Part(NamedTuple):
    """A file of an input. `name` is its path as it stands there, `number` its place among all members from 1.

    An input that is no archive is a part by itself, of number 0. `size` is in bytes, as an archive claims it, and
    -1 where nobody does. `stream` gives the bytes in chunks; it raises `MemberError` for what is wrong with the
    part, and `BrokenStreamError` where nothing behind it can be read. `flaw` says why it cannot be had at all.
    """

    name: str
    number: int
    size: int
    stream: Callable[[], Iterator[bytes]]
    flaw: str = ""


def parts(
    path: Openable, wanted: Callable[[str], bool], *, ratio: int = RATIO, most: int = MOST
) -> Iterator[Part]:
    """Yield the files of an input in their order, of an archive those that are `wanted` by name.

    Raises:
        BrokenStreamError: the rest of the archive cannot be read.
    """
    with path.open("rb", buffering=0) as file:
        if file.read(4) in _ZIP:
            yield from _wanted(zip_members(positional(file), ratio, most), wanted)
            return
    if is_tar(Feed(path, ratio).take(BLOCK)):
        yield from _wanted(tar_members(Feed(path, ratio), most), wanted)
    else:
        yield Part(path.name, 0, -1, lambda: chunks(Feed(path, ratio)))


def is_tar(block: bytes) -> bool:
    """Tell a tar by its first 512 bytes: their checksum holds, or all are zero as in an empty one."""
    if len(block) < BLOCK:
        return False
    try:
        parse_header(block)
    except HeaderError:
        return not any(block)
    return True


def chunks(feed: Feed) -> Iterator[bytes]:
    """Yield what is left of a file.

    Raises:
        BrokenStreamError: what is packed is damaged; what came before can be trusted.
    """
    while chunk := feed.take(CHUNK):
        yield chunk
    if feed.damage is not None:
        raise feed.damage


def _wanted(members: Iterator[Member], wanted: Callable[[str], bool]) -> Iterator[Part]:
    for member in members:
        name = member.name.decode(errors="replace")
        if member.kind == "file" and wanted(name):
            yield Part(name, member.number, member.size, member.pieces, member.flaw)
