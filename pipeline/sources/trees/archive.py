"""Read the files of an archive: tar, plain or packed with gzip, bzip2, xz or zstd, and zip, wheels, sdists.

Nothing is ever written, no link is followed, and an archive in an archive is a file without text. What an
archive claims costs neither time nor memory beyond what `[sources.options]` allows (docs/sources.md).
"""

from __future__ import annotations

import re
from contextlib import suppress
from email.parser import HeaderParser
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec

from pipeline.sources.adapter import Adapter, Reading
from pipeline.sources.file import positional
from pipeline.sources.options import read_options
from pipeline.sources.package_facts import normalise, package_facts
from pipeline.sources.records import RAW_LIMIT, Bad, BrokenStreamError, Damage, Item, Raw
from pipeline.sources.trees.files import NOT_INCLUDED, TOO_LARGE, leave_file, may_speak, take_file
from pipeline.sources.trees.ids import archive_id, placed
from pipeline.sources.trees.members import MOST, RATIO, MemberError, Met
from pipeline.sources.trees.paths import (
    TREE_OPTIONS,
    BadPathError,
    Count,
    TreeOptions,
    clean_path,
    largest,
    origin,
    tree_flaws,
    wanted,
)
from pipeline.sources.trees.tar_members import tar_members
from pipeline.sources.trees.unpacked import Feed
from pipeline.sources.trees.zip_members import zip_members

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.sources.adapter import Said
    from pipeline.sources.file import InputFile
    from pipeline.sources.trees.members import Member

SUFFIXES: Final = (
    ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".tzst", ".zip", ".whl",
)  # fmt: skip
STRIPPED: Final = "stripped"
"""The path has no more segments than are stripped."""

PATH_TWICE: Final = "path-twice"
"""What is odd of a member whose path another had before it."""

_ZIP: Final = (b"PK\3\4", b"PK\5\6")
_HEADERS: Final = 64 << 10  # bytes of metadata that are looked at, without the description
_METADATA: Final = 1 << 20  # bytes of the largest metadata that are read
_FACT: Final = 2000  # characters of the longest fact that every record repeats
_SDIST: Final = re.compile(r"([^/]+-[0-9][^/-]*)(?:\.tar\.(?:gz|bz2|xz|zst)|\.tgz|\.zip|\.tar)")
_DIST_INFO: Final = re.compile(rb"[^/]+\.dist-info/METADATA")
_PROJECT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!-]{0,99}")


class ArchiveOptions(TreeOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[sources.options]` of archives; `max_ratio` is bytes unpacked for each one read."""

    strip: Annotated[int, msgspec.Meta(ge=0)] = 0
    max_ratio: Count = RATIO
    max_members: Count = MOST


def read_archive(path: InputFile, how: Reading) -> Iterator[Item]:
    """Yield an item for each file in an archive, in its order: a tar's own, a zip's directory's.

    `row` counts items, `line` is the member's number from 1. Ids are `<archive's name>/<path>`; of two members
    with one path the second has `//<its number>` behind it, which no path can have. A member that is not
    what it claims is `Bad`; links and what is no text have a reason to be dropped.
    """
    options = read_options(how.said, ArchiveOptions, tree_flaws)
    taker = _Taker(path, how, options)
    row = 0
    try:
        for member in _members(path, options):
            item = taker.take(row, member)
            if item is not None:
                yield item
                row += 1
    except BrokenStreamError as broken:
        yield Damage(row, broken.reason, broken.detail)


def _members(path: InputFile, options: ArchiveOptions) -> Iterator[Member]:
    with path.open("rb", buffering=0) as file:
        if file.read(4) in _ZIP:
            yield from zip_members(positional(file), options.max_ratio, options.max_members)
            return
    yield from tar_members(Feed(path, options.max_ratio), options.max_members)


class _Taker:
    """Makes items of members."""

    def __init__(self, path: InputFile, how: Reading, options: ArchiveOptions) -> None:
        self._name = path.name
        self._about = _package(path, options) | origin(options)
        self._wanted = wanted(how.said, options)
        self._looked_for = how.wanted
        self._strip = options.strip
        self._largest = largest(how, options)
        self._met = Met()
        self._tree = None
        if options.swhid and how.wanted is None:
            self._tree = archive_id(_members(path, options), options.strip)

    def take(self, row: int, member: Member) -> Item | None:
        """Return the item of a member, `None` for a folder and what is left out."""
        if member.kind == "folder":
            return None
        try:
            path = clean_path(member.name)
        except BadPathError as bad:
            return Bad(row, member.number, str(bad), member.name[:RAW_LIMIT])
        if not path:
            return Bad(row, member.number, "path:empty", member.name[:RAW_LIMIT])
        short = "/".join(path.split("/")[self._strip :])
        path = short or path
        drop = "" if self._wanted(path) else NOT_INCLUDED
        if ".git" in path.split("/") or (drop and (not may_speak(path) or member.kind != "file")):
            return None
        again = self._met.add(path)
        about = self._describe(path, member, again)
        item = self._read(row, member, about, drop if short else STRIPPED)
        if not isinstance(item, Raw):
            return item
        item = msgspec.structs.replace(item, odd=(PATH_TWICE,)) if again else item
        return placed(item, self._tree) if short else item

    def _describe(self, path: str, member: Member, again: bool) -> dict[str, Any]:
        name = f"{self._name}/{path}"
        about = {"id": name, "path": path, **self._about, "created": member.created}
        if again:
            about["id"] = f"{name}//{member.number}"
        if member.executable:
            about["mode"] = "100755"
        return about

    def _read(self, row: int, member: Member, about: dict[str, Any], drop: str) -> Item:
        number = member.number
        if member.flaw:
            return Bad(row, number, member.flaw, b"", about["id"])
        if member.kind != "file":
            return leave_file(row, number, about, member.kind)
        if member.size > self._largest:
            return leave_file(row, number, about, TOO_LARGE)
        if self._looked_for is not None and not self._looked_for(about["path"]):
            return leave_file(row, number, about, drop)
        try:
            return take_file(row, number, about, member.read(), drop)
        except MemberError as error:
            return Bad(row, number, str(error), b"", about["id"])


def _package(path: InputFile, options: ArchiveOptions) -> dict[str, Any]:
    """Return what a wheel or an sdist says of all its files, as keys of a record; nothing of another archive."""
    sdist = _SDIST.fullmatch(path.name)
    if path.name.endswith(".whl"):
        where = _DIST_INFO
    elif sdist is not None:
        where = re.compile(re.escape(sdist[1].encode()) + rb"/PKG-INFO")
    else:
        return {}
    with suppress(BrokenStreamError, MemberError):  # who reads the members is told
        for member in _members(path, options):
            if where.fullmatch(member.name) and member.kind == "file" and not member.flaw:
                return _facts(member.read()) if member.size <= _METADATA else {}
    return {}


def _facts(data: bytes) -> dict[str, Any]:
    text = data[:_HEADERS].decode(errors="replace").replace("\r\n", "\n")
    about = HeaderParser().parsestr(text.partition("\n\n")[0])
    name, version = (str(about.get(key, "")) for key in ("Name", "Version"))
    if not _PROJECT.fullmatch(name) or not _PROJECT.fullmatch(version):
        return {}
    facts = package_facts(about, normalise(name), version)
    return {key: value for key, value in facts.items() if len(value) <= _FACT}


def _flaws(said: Said) -> list[str]:
    return tree_flaws(said, ArchiveOptions)


ADAPTER: Final = Adapter(
    read=read_archive,
    suffixes=SUFFIXES,
    is_tree=True,
    options={
        **TREE_OPTIONS,
        "strip": "how many leading folders to leave away of each path",
        "max_ratio": "bytes that may be unpacked for each byte read",
        "max_members": "members that are read",
    },
    flaws=_flaws,
)
