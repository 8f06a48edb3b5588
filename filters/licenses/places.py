"""What a path alone says about licences: licence files, manifests, and where inheritance stops.

Pure logic on relative paths with forward slashes; no text is looked at.
"""

from __future__ import annotations

import functools
from typing import Final

from filters.licenses.metadata.names import is_manifest
from filters.licenses.parts import names_part
from filters.licenses.place_names import Kind, file_kind, is_license_file, license_id_of_name
from filters.licenses.vendored import Distribution, boundary, distribution_of, scope

__all__ = [
    "Distribution",
    "Kind",
    "ancestors",
    "boundary",
    "distribution_of",
    "file_kind",
    "folder",
    "is_license_file",
    "is_metadata_file",
    "is_prose",
    "license_id_of_name",
    "names_part",
    "scope",
    "sidecar_of",
]

_CACHED: Final = 1 << 13
_PROSE_SUFFIXES: Final = (".txt", ".md", ".rst", ".html", ".htm", ".adoc", ".tex", ".rtf", ".org")


def is_metadata_file(path: str) -> bool:
    """Whether `metadata.read_metadata` knows the name."""
    return is_manifest(path)


def is_prose(path: str) -> bool:
    """Tell by its suffix a file that is no program, or one of which nothing is known."""
    name = path[path.rfind("/") + 1 :].lower()
    return "." not in name.lstrip(".") or name.endswith(_PROSE_SUFFIXES)


def sidecar_of(path: str) -> str:
    """Give the file that a REUSE `NAME.license` speaks for, else ``""``."""
    stem = path.removesuffix(".license")
    return stem if stem != path and not stem.endswith("/") and stem else ""


def folder(path: str) -> str:
    """Give the folder a path lies in; the root is ``""``."""
    return path.rpartition("/")[0]


def ancestors(path: str) -> tuple[str, ...]:
    """Give the folders above a path, nearest first, ``""`` last."""
    return _ancestors(folder(path))


@functools.lru_cache(maxsize=_CACHED)
def _ancestors(nearest: str) -> tuple[str, ...]:
    found = []
    while nearest:
        found.append(nearest)
        nearest = folder(nearest)
    return (*found, "")
