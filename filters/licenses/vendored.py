"""Where packages begin in a tree, and which folder a file of theirs speaks for."""

from __future__ import annotations

import functools
import re
from typing import Final, NamedTuple

from filters.licenses.place_names import LICENSE_FOLDERS
from filters.origin import ENVIRONMENT, VENDOR_FOLDERS

_CACHED: Final = 1 << 13
# Folders that are one package each, not a shelf of packages.
_SELF: Final = ENVIRONMENT | frozenset(
    [".yarn", ".gradle", ".m2", ".terraform", ".bundle", ".pnpm-store", ".cargo"]
)
# Environments whose name is a word: such a folder is one if it holds what an environment holds.
_PLAIN: Final = frozenset(["venv", "virtualenv"])
_INSIDE: Final = frozenset(
    ["bin", "Scripts", "lib", "lib64", "Lib", "include", "Include", "share", "local", "src", "etc"]
)
_ALONE: Final = re.compile(
    r"(?:.+\.egg|.+\.framework|(?:vendor|extern)-.+|missing-sources)", re.IGNORECASE
)
_THREE: Final = frozenset(
    [
        "github.com",
        "gitlab.com",
        "bitbucket.org",
        "golang.org",
        "codeberg.org",
        "git.sr.ht",
        "gitee.com",
    ]
)


def boundary(path: str) -> str:
    """Give the innermost vendored package that the path lies in, ``""`` for the project's own files.

    Evidence in that folder and below counts for the path, evidence above it does not. A file right
    in a shelf (`site-packages/six.py`) has the shelf.
    """
    return _boundary(path.rpartition("/")[0])


@functools.lru_cache(maxsize=_CACHED)
def _boundary(own: str) -> str:
    if not own:
        return ""
    parts = own.split("/")
    for at in range(len(parts) - 1, -1, -1):
        length = _package(parts, at)
        if length is not None:
            return "/".join(parts[: at + 1 + length])
    return ""


def _package(parts: list[str], at: int) -> int | None:
    """Count the folders below `parts[at]` that name a package; `None` if it is no boundary."""
    name = parts[at].lower()
    below = parts[at + 1 :]
    if name not in VENDOR_FOLDERS:
        alone = _ALONE.fullmatch(name) is not None or _is_environment(parts, at)
        return 0 if alone else None
    if name == ".cargo" and [each.lower() for each in below[:2]] == ["registry", "src"]:
        return min(4, len(below))
    if name == "godeps" and below[:2] == ["_workspace", "src"]:
        return min(2 + _names(below[2:]), len(below))
    if name in _PLAIN:  # Python has a package `venv` of its own
        return 0 if below and below[0] in _INSIDE else None
    return 0 if name in _SELF else min(_names(below), len(below))


def _names(below: list[str]) -> int:
    """Count the folders of a package's name: one, `@scope/name`, or Go's `host/owner/name`."""
    first = below[0] if below else ""
    if first.startswith("@"):
        return 2
    if "." in first.strip(".") and re.fullmatch(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}", first):
        return 3 if first in _THREE else 2
    return 1


def _is_environment(parts: list[str], at: int) -> bool:
    """`someenv/lib/python3.11`: a virtual environment under any name that ends in env."""
    return (
        at > 1
        and parts[at].lower().startswith("python")
        and parts[at - 1].lower() == "lib"
        and parts[at - 2].lower().endswith("env")
    )


def scope(path: str) -> str:
    """Give the folder that a licence file or manifest speaks for.

    Its own, but for folders made to hold such files: `LICENSES/`, `licenses/`, `debian/`,
    `.reuse/`, `META-INF/`, `.github/` and `NAME.egg-info/` speak for theirs. Metadata folders that
    share a shelf (site-packages) with others speak for none: `distribution_of` tells whose they are.
    """
    return scope_of_folder(path.rpartition("/")[0])


@functools.lru_cache(maxsize=_CACHED)
def scope_of_folder(own: str) -> str:
    """Give the folder that the files in `own` speak for."""
    while own:
        above, _, last = own.rpartition("/")
        lower = last.lower()
        info = lower.endswith((".dist-info", ".egg-info"))
        shared = above.rpartition("/")[2].lower() in VENDOR_FOLDERS
        # on a shelf `license` is a package of that name
        held = info or lower in _HOLDERS
        if not held or (shared and lower not in {"licenses", "licences"}):
            break
        own = above
    return own


_HOLDERS: Final = LICENSE_FOLDERS | {"debian", ".reuse", "meta-inf", ".github", "egg-info"}


class Distribution(NamedTuple):
    """An installed Python distribution: its `site-packages`, and its name in PEP 503's form."""

    folder: str
    name: str


_INFO: Final = re.compile(r"(?P<name>.+?)(?:-\d.*)?\.(?:dist|egg)-info", re.IGNORECASE)
_SHELVES: Final = frozenset(["site-packages", "dist-packages", "_vendor"])


def distribution_of(path: str) -> Distribution | None:
    """Give the distribution that a path in `site-packages` belongs to, by name.

    For `NAME-1.0.dist-info/…` its name, for a package or module its own: the same for most, not for
    all (PyYAML installs `yaml`). `None` elsewhere.
    """
    parts = path.split("/")
    for at in range(len(parts) - 1, -1, -1):
        info = _INFO.fullmatch(parts[at])
        if info is not None:
            return Distribution("/".join(parts[:at]), _normal(info["name"]))
    for at in range(len(parts) - 2, -1, -1):
        if parts[at] in _SHELVES:
            own = parts[at + 1]
            name = own.partition(".")[0] if at + 2 == len(parts) else own
            return Distribution("/".join(parts[: at + 1]), _normal(name))
    return None


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
