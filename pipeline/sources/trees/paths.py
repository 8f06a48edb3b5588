"""The paths of files in a tree: what one may be called, and which ones are wanted.

A path is a name and nothing is ever written to it, but a release is read by others, who may.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

import msgspec

from filters.globs import canonical_glob, glob_matches
from filters.urls import SubjectError
from pipeline.sources.options import option_flaws

if TYPE_CHECKING:
    from pipeline.sources.adapter import Reading, Said

MAX_PATH: Final = 4096
"""Bytes of the longest path, as Linux has it (PATH_MAX in limits.h)."""
MAX_DEPTH: Final = 256
"""Folders on the longest way: who looks for licences goes each of them up, for every file."""

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SECRET: Final = re.compile(r"\A[^/]*//[^/]*@|[?#]")
_DRIVE: Final = re.compile(r"[A-Za-z]:")

Count = Annotated[int, msgspec.Meta(ge=1)]


class BadPathError(Exception):
    """A path that no file may have; the reason is `path:` and what is wrong with it."""


class TreeOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[sources.options]` of every format whose inputs are trees of files; `max_bytes` is in bytes."""

    exclude: tuple[str, ...] = ()
    max_bytes: Count | None = None
    repo: str = ""
    url: str = ""
    swhid: bool = False


TREE_OPTIONS: Final = {
    "exclude": "globs of the files to leave out",
    "max_bytes": "bytes of the largest file that is read",
    "repo": "the repository that the files are said to come from",
    "url": "the page that the files are said to come from",
    "swhid": "whether records say the SWHID of their tree as a whole, and their own in it",
}


class Wanted(NamedTuple):
    """Canonical globs of what is wanted, everything if there are none, and of what is not."""

    include: tuple[str, ...]
    exclude: tuple[str, ...]

    def __call__(self, path: str) -> bool:
        """Tell whether a file is wanted."""
        mine = not self.include or any(glob_matches(each, path) for each in self.include)
        return mine and not any(glob_matches(each, path) for each in self.exclude)


def wanted(said: Said, options: TreeOptions) -> Wanted:
    """Return what the config wants of a tree."""
    return Wanted(
        tuple(map(canonical_glob, said.include)), tuple(map(canonical_glob, options.exclude))
    )


def tree_flaws(said: Said, kind: type[TreeOptions]) -> list[str]:
    """List what is wrong with the options and the globs of a source."""
    flaws = option_flaws(said, kind)
    if flaws:
        return flaws
    options = msgspec.convert(dict(said.options), kind)
    flaws = [
        f"options.{key}: leave out who logs in, and all behind the path: it would be published"
        for key, said_of in origin(options).items()
        if _SECRET.search(said_of)
    ]
    globs = [("include", each) for each in said.include]
    globs += [("options.exclude", each) for each in options.exclude]
    flaws += [f"{key}: {glob!r}: {flaw}" for key, glob in globs if (flaw := _glob_flaw(glob))]
    return flaws


def _glob_flaw(glob: str) -> str:
    if not glob.strip("*/ "):
        return "that is every file: leave it away"
    try:
        canonical_glob(glob)
    except SubjectError as error:
        return str(error)
    return ""


def largest(how: Reading, options: TreeOptions) -> int:
    """Return the bytes of the largest file that is read: as the options say, and no more than a record may have."""
    return how.max_record if options.max_bytes is None else min(options.max_bytes, how.max_record)


def origin(options: TreeOptions) -> dict[str, Any]:
    """Return what the options say of every file."""
    said = {"repo": options.repo, "url": options.url}
    return {key: value for key, value in said.items() if value}


def clean_path(name: bytes) -> str:
    """Return a path in one spelling, without empty segments and `.`; `""` for the tree itself.

    Raises:
        BadPathError: it leaves the tree (`path:outside`, `path:absolute`, `path:drive`), may mean another one
            elsewhere (`path:backslash`, `path:control`, `path:utf8`), or is too long (`path:long`).
    """
    if len(name) > MAX_PATH:
        raise BadPathError("path:long")
    try:
        path = name.decode()
    except UnicodeDecodeError:
        raise BadPathError("path:utf8") from None
    segments = [each for each in path.split("/") if each not in {"", "."}]
    flaws = {
        "path:control": _CONTROL.search(path) is not None,
        "path:backslash": "\\" in path,
        "path:absolute": path.startswith("/"),
        "path:drive": _DRIVE.match("/".join(segments)) is not None,
        "path:outside": ".." in segments,
        "path:long": len(segments) > MAX_DEPTH,
    }
    for reason, is_so in flaws.items():
        if is_so:
            raise BadPathError(reason)
    return "/".join(segments)
