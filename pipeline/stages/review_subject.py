"""Subjects as a decisions file spells them: a repository, and a pattern that covers what it should and no more."""

from __future__ import annotations

import re
from typing import Final

from filters.globs import canonical_glob, split_path
from filters.repos import canonical_repo
from filters.urls import SubjectError

_ADDRESS: Final = re.compile(r"[^\s/@]@[^\s/@]+\.[A-Za-z]{2,}")
_LONGEST: Final = 1000  # code points that a decisions file takes, and a little less
_WILD: Final = re.compile(r"[*?\[]")


def names_address(text: str) -> bool:
    """Tell a path or a URL in which a person's address may stand."""
    return _ADDRESS.search(text) is not None


def repository_of(repo: str) -> str:
    """Name a repository as decisions do, `""` for what is none or names a person's address."""
    if not repo or names_address(repo):
        return ""
    try:
        return canonical_repo(repo)
    except SubjectError:
        return ""


def is_plain(path: str) -> bool:
    """Tell a path that a decisions file can spell, and that names nobody's address."""
    segments = split_path(path)
    trimmed = all(each == each.strip() for each in segments)
    if not segments or not trimmed or not path.isprintable() or names_address(path):
        return False
    pattern = literal("/".join(segments))
    try:
        canonical_glob(pattern)
    except SubjectError:
        return False
    return len(pattern) < _LONGEST


def clean(path: str) -> str:
    """Spell a path in one way."""
    return "/".join(split_path(path))


def literal(path: str) -> str:
    """Spell a path as a pattern that matches it alone, and what it holds; `""` stays."""
    spelt = _escaped(path)
    return f"/{spelt}" if spelt != path or path.startswith("!") else spelt


def any_of(folder: str, suffix: str) -> str:
    """Spell the files of a folder that end in `suffix` (`.py`); one without a dot is a whole name."""
    rooted = f"/{_escaped(folder)}" if folder else ""
    return f"{rooted}/{'*' if suffix.startswith('.') else ''}{_escaped(suffix)}"


def _escaped(text: str) -> str:
    return _WILD.sub(lambda found: f"[{found[0]}]", text)
