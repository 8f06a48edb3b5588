"""Where a repository is in a folder, and what its refs name; read as data, by nobody but ourselves."""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING, BinaryIO, Final

from pipeline.errors import ConfigError, at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ID: Final = re.compile(r"[0-9a-f]{40}")
SHORT: Final = re.compile(r"[0-9a-fA-F]{4,40}")
_LONG_ID: Final = re.compile(r"[0-9a-f]{64}")
_SYMBOLIC: Final = 5  # refs that point to refs, as many as git follows
_SMALL: Final = 1 << 16  # bytes of a file that holds one ref
_PLACES: Final = (
    "{}", "refs/{}", "refs/tags/{}", "refs/heads/{}", "refs/remotes/{}", "refs/remotes/{}/HEAD",
)  # fmt: skip
"""Where a short name is looked for, in the order of gitrevisions(7)."""


def find_git_dir(folder: Path, *, alternates: bool) -> Path:
    """Return the folder that git keeps all in.

    Raises:
        ConfigError: there is none in `folder`, or part of it lies elsewhere.
    """
    inner = folder / ".git"
    if inner.is_file():
        problem = "is a linked working tree or a submodule: name the repository that it belongs to"
        raise ConfigError(at("plan", str(folder), problem))
    found = inner if inner.is_dir() else folder
    if not ((found / "HEAD").exists() and (found / "objects").is_dir()):
        problem = "is no git repository: it has neither .git nor HEAD and objects"
        raise ConfigError(at("plan", str(folder), problem))
    if (found / "commondir").exists():
        problem = "belongs to a linked working tree: name the repository itself"
        raise ConfigError(at("plan", str(folder), problem))
    if not alternates and (inner.is_symlink() or _borrows(found / "objects")):
        problem = (
            "borrows objects from another place (objects/info/alternates, or a symbolic link):"
            " make a clone of it without --shared, or say options.alternates = true"
        )
        raise ConfigError(at("plan", str(folder), problem))
    return found


def _borrows(store: Path) -> bool:
    """Tell whether objects lie outside of the store: it says so itself, or part of it is a symbolic link."""
    if store.is_symlink() or (store / "info/alternates").exists():
        return True
    with os.scandir(store) as folders:
        for folder in folders:
            if folder.is_symlink():
                return True
            if folder.is_dir():
                with os.scandir(folder) as files:
                    if any(each.is_symlink() for each in files):
                        return True
    return False


def find_ref(git_dir: Path, name: str) -> str:
    """Return the id that a ref holds, `""` where there is no such ref.

    Raises:
        ConfigError: the refs are in a form that is not read here, or go round in a circle.
    """
    if (git_dir / "reftable").is_dir():
        problem = "its refs are in a reftable, which is not read: name a commit by options.ref"
        raise ConfigError(at("plan", str(git_dir), problem))
    places = ("HEAD",) if name == "HEAD" else (each.format(name) for each in _PLACES)
    for place in places:
        found = _follow(git_dir, place) if place == "HEAD" or place.startswith("refs/") else ""
        if _LONG_ID.fullmatch(found):
            problem = "its ids are SHA-256, and no SWHID is made of those: convert it to SHA-1"
            raise ConfigError(at("plan", str(git_dir), problem))
        if ID.fullmatch(found):
            return found
    return ""


def shallow_ends(git_dir: Path) -> frozenset[str]:
    """Return the commits whose parents were not fetched."""
    return frozenset(_lines(git_dir / "shallow"))


def _follow(git_dir: Path, name: str) -> str:
    """Follow a ref through those that point to others; a loose one goes before a packed one."""
    for _ in range(_SYMBOLIC):
        loose = _small(git_dir / name)
        target = loose.removeprefix("ref:").strip()
        if not loose:
            return _packed(git_dir, name)
        if not loose.startswith("ref:"):
            return loose.split()[0].lower() if loose.split() else ""
        if not target.startswith("refs/") or ".." in target.split("/"):
            return ""
        name = target
    return ""


def _packed(git_dir: Path, name: str) -> str:
    for line in _lines(git_dir / "packed-refs"):
        value, _, found = line.partition(" ")
        if found == name:
            return value.lower()
    return ""


def _small(path: Path) -> str:
    """Read a small file; what is none, or is no text, holds nothing."""
    try:
        with open_plain(path) as file:
            return file.read(_SMALL).decode("utf-8", "replace")
    except OSError:
        return ""


def _lines(path: Path) -> Iterator[str]:
    try:
        with open_plain(path) as file:
            for line in file:
                yield line.decode("utf-8", "replace").strip()
    except OSError:
        return


def open_plain(path: Path) -> BinaryIO:
    """Open a file to be read; what is none (a pipe would never end) is refused with an OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError("that is no file")
    return os.fdopen(descriptor, "rb")
