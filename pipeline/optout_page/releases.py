"""What stands in releases, counted by hash: repositories, owners, sites, parts of sites and ids.

Names of people are not among them, nor is any name in the clear.
"""

from __future__ import annotations

import functools
from array import array
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import numpy as np

from filters.aliases import Aliases, expand
from filters.subject_keys import subject_key
from filters.subject_names import PLACE, names_of_repo, names_of_url, qualifiers_of
from filters.subjects import Subject
from filters.urls import TWO_LEVEL_HOSTS, SubjectError, canonical_url, ignores_case
from manifests.manifest import MANIFEST
from manifests.version import parse, precedence
from pipeline.catalog import read_documents
from pipeline.errors import ConfigError
from pipeline.optout_page.pack import count_keys
from pipeline.published import read_manifest
from pipeline.withdrawals import withdrawal_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from filters.subject_names import Name

    Counts = tuple[NDArray[np.uint64], NDArray[np.int64]]

DEPTH: Final = 2  # segments of a place below its host; repositories count in full
_REMEMBERED: Final = 1 << 16
_NO_ALIASES: Final = Aliases()


class Shown(msgspec.Struct, frozen=True):
    """A release as the page lists it; `withdrawn` is a day and `by` its replacement, both empty for none."""

    name: str
    version: str
    documents: int
    root: str
    head: str
    withdrawn: str
    by: str


class Keys(msgspec.Struct, frozen=True):
    """Counts by hash of one release: of sites, owners and repositories; of parts of sites; of ids.

    The last two can be left out.
    """

    names: Counts
    parts: Counts
    ids: Counts


def find_releases(paths: Sequence[Path]) -> list[Path]:
    """Return the releases that are named or lie in a folder that is named, the newest version first.

    Raises:
        ConfigError: a path has none.
    """
    found: dict[tuple[str, str, str], Path] = {}
    for path in paths:
        inside = [path] if (path / MANIFEST).is_file() else _inside(path)
        if not inside:
            raise ConfigError(f"optout: {path}: is no release and holds none")
        found.update({_identity(each): each for each in inside})
    newest = sorted(found.values(), key=_precedence, reverse=True)
    return sorted(newest, key=lambda each: read_manifest(each).name)


def _identity(path: Path) -> tuple[str, str, str]:
    """Tell copies of one release from two that hold the same, as after a revocation."""
    manifest = read_manifest(path)
    return manifest.name, manifest.version, manifest.content_root


def _inside(folder: Path) -> list[Path]:
    """Return the releases in a folder; one that is in the making has a name with a dot before it."""
    found = sorted(each.parent for each in folder.glob(f"*/{MANIFEST}"))
    return [each for each in found if not each.name.startswith(".")]


def _precedence(path: Path) -> tuple[Any, ...]:
    return precedence(parse(read_manifest(path).version))


def show_release(path: Path) -> Shown:
    """Say what the page lists of a release."""
    manifest = read_manifest(path)
    gone = withdrawal_of(path, f"{manifest.name}-{manifest.version}", manifest.content_root)
    return Shown(
        manifest.name,
        manifest.version,
        manifest.documents + manifest.questions,
        manifest.content_root,
        "" if manifest.optout == "none" else str(manifest.optout.get("head", "")),
        "" if gone is None else gone.withdrawn,
        "" if gone is None else gone.replaced_by,
    )


def count_release(path: Path, known: Aliases = _NO_ALIASES) -> Keys:
    """Count the documents and questions of a release under every name that the page knows.

    What was renamed counts once under each of its names.
    """
    of_repo = functools.lru_cache(_REMEMBERED)(functools.partial(_of_repo, known))
    of_url = functools.lru_cache(_REMEMBERED)(functools.partial(_of_url, known))
    names, parts, ids = array("Q"), array("Q"), array("Q")
    for record in read_documents(path):
        name: str = record["id"]
        ids.append(key_of("id", name))
        bears = of_repo(record["meta"].get("repo", ""))
        found = [of_url(each) for each in (record["url"], *qualifiers_of(name, "origin"))]
        bears = bears.union(*(each.names for each in found))
        names.extend(bears)
        parts.extend(frozenset[int]().union(*(each.parts for each in found)) - bears)
    return Keys(*(count_keys(_keys(each)) for each in (names, parts, ids)))


def _keys(found: array[int]) -> NDArray[np.uint64]:
    return np.frombuffer(found, dtype=np.uint64) if found else np.zeros(0, dtype=np.uint64)


def key_of(kind: str, value: str) -> int:
    """Return the 64 bits of a name; for a place `kind` is `url`, as for owners and repositories."""
    return subject_key(Subject(kind, value))


def _of_repo(known: Aliases, text: str) -> frozenset[int]:
    """Count a repository in full, however deep it lies."""
    names = list(names_of_repo(text)) if text else []
    whole = {(PLACE, value) for kind, value in names if kind == "repo"}
    for _, value in [*whole]:
        for other in _other_names("repo", value, known):
            names += names_of_repo(other)
            whole.add((PLACE, other))
    return frozenset(map(_key, coarse(names) | whole))


def _other_names(kind: str, value: str, known: Aliases) -> list[str]:
    return [each.value for each in expand(Subject(kind, value), known)[1:]]


class _Url(NamedTuple):
    names: frozenset[int]
    parts: frozenset[int]


def _of_url(known: Aliases, text: str) -> _Url:
    """Tell what is two segments deep apart, where the host is none whose repositories lie so deep."""
    names = list(names_of_url(text)) if text else []
    if known.names and names:
        names += [name for each in _moved(text, known) for name in names_of_url(f"https://{each}")]
        repos = {value for kind, value in names if kind == "repo"}
        for other in sorted({each for repo in repos for each in _other_names("repo", repo, known)}):
            names += [(PLACE, other), *names_of_repo(other)]
    found = coarse(names)
    deep = {each for each in found if each[1].count("/") == DEPTH and not _is_repo(each[1])}
    return _Url(frozenset(map(_key, found - deep)), frozenset(map(_key, deep)))


def _moved(url: str, known: Aliases) -> list[str]:
    try:
        return _other_names("url", canonical_url(url), known)
    except SubjectError:  # of which not even its host counts
        return []


def _is_repo(place: str) -> bool:
    host = place.partition("/")[0]
    return host in TWO_LEVEL_HOSTS or ignores_case(host)


def _key(name: Name) -> int:
    kind, value = name
    return key_of("url" if kind == PLACE else kind, value)


def coarse(names: Iterable[Name]) -> set[Name]:
    """Keep what the page counts of a document's names: sites, and places that are not too deep.

    `www.` before a site is left out: the page looks the site itself up. So are top-level domains.
    """
    return {each for each in names if _is_coarse(*each)}


def _is_coarse(kind: str, value: str) -> bool:
    if kind == "domain":
        return "." in value and not value.startswith("www.")
    return kind == PLACE and value.count("/") <= DEPTH and "?" not in value
