"""Licence files that are about one part of a tree, not about the folder they lie in."""

from __future__ import annotations

import functools
import re
from typing import Final

from filters.licenses.ids import index
from filters.licenses.place_names import DOCUMENT, LICENSE_FOLDERS, NAMED, file_kind
from filters.licenses.repair import name as name_of
from filters.licenses.vendored import scope_of_folder
from filters.origin import VENDOR_FOLDERS

_CACHED: Final = 1 << 13
_GENERIC: Final = frozenset(
    """main full text original project code source docs doc documentation data content contents
    assets media images fonts font models model weights core root package software combined
    additional extra addendum exception exceptions header short long legal dual commercial
    community enterprise ee pro free en de fr es zh cn ja jp ko ru it pt old new v1 v2 v3 runtime
    lesser lib""".split()  # noqa: SIM905  sixty words in a list take sixty lines
)
# licences that are called as what they came with: `LICENSE/LICENSE_FREETYPE` is FreeType's
_PROJECTS: Final = frozenset(
    """freetype zlib libpng curl openssl python ruby php postgresql tcl perl boost qhull icu unicode
    jpeg ijg libtiff sqlite vim bzip2 info-zip icu4c numpy""".split()  # noqa: SIM905  likewise
)
_PART: Final = re.compile(
    r"(?P<a>.+?)[-_.](?:un)?licen[cs]es?$|^licen[cs]e[-_.](?P<b>.+)$|^copying[-_.](?P<c>.+)$",
    re.IGNORECASE,
)


@functools.lru_cache(maxsize=_CACHED)
def names_part(path: str) -> str:
    """Give the part, as a path without suffix, that a licence file alone is about, else ``""``.

    `p/_vendor/foo.LICENSE`, `vendor/foo-LICENSE`, `licenses/foo/LICENSE`, `licenses/foo.txt`; of a
    wheel's `licenses/p/_vendor/foo/LICENSE` the folder in the distribution.
    """
    own, _, name = path.rpartition("/")
    holder = _holder(own)
    if holder is not None:
        base, inside = holder
        if inside:
            return "/".join(each for each in (base, inside) if each)
        stem = _part_of(name, anywhere=True)
        if not stem and file_kind(path) == "third-party":
            stem = DOCUMENT.sub("", name)
        return "/".join(each for each in (base, stem) if each) if stem else ""
    stem = _part_of(name, anywhere=own.rpartition("/")[2].lower() in VENDOR_FOLDERS)
    return f"{own}/{stem}" if stem and own else stem


def _holder(own: str) -> tuple[str, str] | None:
    """Split at the first folder of licences: what it speaks for, and the part it has a folder for."""
    parts = own.split("/")
    for at, each in enumerate(parts):
        if each.lower() in LICENSE_FOLDERS:
            inside = "/".join(parts[at + 1 :])
            base = scope_of_folder("/".join(parts[: at + 1]))
            if base.endswith((".dist-info", ".egg-info")):
                base = base.rpartition("/")[0]
            return base, "" if _is_generic(inside) else inside
    return None


def _is_generic(inside: str) -> bool:
    """Linux keeps its texts in LICENSES/preferred, LICENSES/exceptions and so on."""
    return inside in {"preferred", "deprecated", "exceptions", "dual", "texts"}


def _part_of(name: str, *, anywhere: bool) -> str:
    """Find the part in a licence file's name; behind `LICENSE-` only where parts are kept."""
    match = _PART.match(DOCUMENT.sub("", name))
    if match is None:
        return ""
    stem = match["a"] or (match["b"] or match["c"] if anywhere else "") or ""
    stem = stem.rstrip("-_.")
    if anywhere and stem.lower() in _PROJECTS:
        return stem
    plain = not stem or stem.lower() in _GENERIC or stem.lower() in index().licenses
    return "" if plain or NAMED.fullmatch(stem.lower()) or name_of(stem) else stem
