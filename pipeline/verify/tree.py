"""The files that really lie in a release folder: regular files, and what has no business there."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, NamedTuple

from pipeline.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Tree(NamedTuple):
    """Release-relative paths: regular files, what is no such file with the reason why not, `empty/` folders."""

    files: list[str]
    strange: dict[str, str]
    empty: list[str]


def walk(release: Path) -> Tree:
    """List everything under `release` without following a link."""
    tree = Tree([], {}, [])
    folders = [""]
    while folders:
        prefix = folders.pop()
        try:
            entries = sorted(os.scandir(release / prefix), key=lambda entry: entry.name)
        except OSError as error:
            tree.strange[prefix.rstrip("/") or "."] = f"cannot be listed: {error.strerror}"
            continue
        if prefix and not entries:
            tree.empty.append(prefix)
        for entry in entries:
            path = prefix + entry.name
            if entry.is_symlink():
                tree.strange[path] = "is a symbolic link"
            elif entry.is_dir(follow_symlinks=False):
                folders.append(path + "/")
            elif entry.is_file(follow_symlinks=False):
                tree.files.append(path)
            else:
                tree.strange[path] = "is no regular file"
    return tree


def spelled(path: str) -> str:
    """Return a path fit to be printed: bytes that are no UTF-8 and control characters escaped."""
    return printable(os.fsencode(path).decode("utf-8", "backslashreplace"))


def sha256(path: Path) -> tuple[str, int]:
    """Return the SHA-256 (hex) and the size in bytes of a file, streamed; raises `OSError`."""
    with path.open("rb", buffering=0) as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), file.tell()


def hashes(release: Path, paths: list[str]) -> Iterator[tuple[str, str, int]]:
    """Yield (path, SHA-256, bytes); a file that cannot be read has an empty hash."""
    for path in paths:
        try:
            yield (path, *sha256(release / path))
        except OSError:
            yield path, "", 0
