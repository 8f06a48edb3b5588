"""Paths by URL: an object, a folder that is searched through, or a glob with `**`, as for local paths."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from pipeline.store.address import check_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipeline.store import Store

_MAGIC: Final = "*?["
_SUMS: Final = "SHA256SUMS"  # what a release has and a folder of inputs has not


def fixed_part(url: str) -> tuple[str, tuple[str, ...]]:
    """Split a URL into the folder that it names outright and the patterns for what lies below.

    Raises:
        ConfigError: a pattern stands where the bucket is named, or the URL is none to work with.
    """
    scheme, _, rest = url.partition("://")
    parts = rest.rstrip("/").split("/")
    fixed = next(
        (at for at, part in enumerate(parts) if any(each in part for each in _MAGIC)), len(parts)
    )
    folder = f"{scheme}://{'/'.join(parts[:fixed])}"
    check_url(folder)
    return folder, tuple(parts[fixed:])


def match(store: Store, patterns: Sequence[str], suffixes: tuple[str, ...]) -> set[str]:
    """Return the keys below a store that match the patterns; without any, all files with such a suffix.

    Raises:
        GristmillError: as `Store` does.
    """
    keys = [key for key, _ in store.list()]
    if patterns:
        return {key for key in keys if matches(key.split("/"), patterns)}
    released = _released(keys)
    return {
        key
        for key in keys
        if key.endswith(suffixes)
        and not any(_is_hidden(part) for part in key.split("/"))
        and not any(key.startswith(folder) for folder in released)
    }


def matches(parts: Sequence[str], patterns: Sequence[str]) -> bool:
    """Tell whether a path matches a glob; what is hidden matches no wildcard."""
    if not patterns:
        return not parts
    first, rest = patterns[0], patterns[1:]
    if first == "**":
        shown = next((at for at, part in enumerate(parts) if _is_hidden(part)), len(parts))
        if not rest:
            return shown == len(parts)
        return any(matches(parts[at:], rest) for at in range(shown + 1))
    return (
        len(parts) > 0
        and fnmatchcase(parts[0], first)
        and (first.startswith(".") or not _is_hidden(parts[0]))
        and matches(parts[1:], rest)
    )


def _is_hidden(part: str) -> bool:
    return part.startswith(".")


def _released(keys: Iterable[str]) -> set[str]:
    """Find the folders of releases, each with a slash at its end."""
    return {key.removesuffix(_SUMS) for key in keys if key == _SUMS or key.endswith(f"/{_SUMS}")}
