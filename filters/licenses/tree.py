"""What the files of one repository say about the licences of others, folder by folder.

A licence file or manifest speaks for its folder and all below it, down to a folder that holds
somebody else's code (node_modules, vendor, site-packages, …): there inheritance stops, and only
evidence from inside counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from filters.licenses.evidence import Evidence, Outcome
from filters.licenses.merge import family_of, merge, stems_of
from filters.licenses.metadata import MetadataError
from filters.licenses.places import (
    ancestors,
    boundary,
    distribution_of,
    file_kind,
    is_metadata_file,
    names_part,
    scope,
    sidecar_of,
)
from filters.licenses.reuse import Answer, ReuseRules, is_reuse_file, read_reuse
from filters.licenses.scan import scan
from filters.licenses.spdx import NOASSERTION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from filters.licenses.places import Distribution
    from filters.licenses.texts.match import Matcher

PlaceKind = Literal["license", "metadata", "readme", "sidecar", "reuse"]


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One file that speaks of others; `rules` are those of REUSE.toml, dep5 and debian/copyright."""

    path: str
    kind: PlaceKind
    outcome: Outcome
    expression: str = NOASSERTION
    findings: tuple[Evidence, ...] = ()
    rules: ReuseRules | None = None


def place_kind(path: str) -> PlaceKind | None:
    """Say by its name whether a file may speak of others."""
    if is_reuse_file(path):
        return "reuse"
    if "." in sidecar_of(path).rpartition("/")[2]:
        return "sidecar"  # without a dot, `foo.license` may as well be that of a part
    kind = file_kind(path)
    if kind == "license" or kind == "readme":  # noqa: PLR1714  so mypy narrows the type
        return kind
    if is_metadata_file(path):
        return "metadata"
    return "sidecar" if sidecar_of(path) else None


def read_place(path: str, text: str, matcher: Matcher) -> Place | None:
    """Read a file that may speak of others; `None` where it does not."""
    kind = place_kind(path)
    if kind is None:
        return None
    if kind == "reuse":
        try:
            rules = read_reuse(path, text)
        except MetadataError:
            return Place(path=path, kind=kind, outcome="failed")
        if rules is not None:
            return Place(path=path, kind=kind, outcome="found", rules=rules)
        kind = "license"  # debian/copyright in free form
    found = scan(text, path, matcher)
    pointing = bool(found.findings) and all(each.note == "partial" for each in found.findings)
    if found.outcome == "none" and kind != "license":
        return None
    # what a manifest's comment says is of the manifest alone
    declares = any(each.kind == "metadata" for each in found.findings)
    if kind == "metadata" and found.outcome != "failed" and not declares:
        return None
    findings = found.findings or (Evidence(kind="text", expression=NOASSERTION),)
    # a file that calls itself a licence and in which none is known is one that is not recognised
    outcome: Outcome = "unrecognised" if found.outcome == "none" and not pointing else found.outcome
    return Place(
        path=path,
        kind=kind,
        outcome=outcome,
        expression=found.expression,
        findings=tuple(msgspec.structs.replace(each, path=path) for each in findings),
    )


class Settled(NamedTuple):
    """What a folder says: the licence, the findings behind it, and whether they disagree.

    `prose`: only a README says so, which in a folder below the root may speak of anything.
    """

    folder: str
    outcome: Outcome
    expression: str
    findings: tuple[Evidence, ...]
    conflict: bool
    prose: bool = False


class Tree:
    """All places of one repository."""

    def __init__(self, places: Iterable[Place] = ()) -> None:
        """Order them by what they speak for."""
        self._folders: dict[str, list[Place]] = {}
        self._distributions: dict[Distribution, list[Place]] = {}
        self._sidecars: dict[str, Place] = {}
        self._rules: dict[str, list[Place]] = {}
        self._settled: dict[str, Settled] = {}
        for place in sorted(places, key=lambda each: each.path):
            self._add(place)

    def _add(self, place: Place) -> None:
        if place.kind == "sidecar":
            self._sidecars[sidecar_of(place.path)] = place
        elif place.rules is not None:
            self._rules.setdefault(scope(place.path), []).append(place)
        else:
            part = names_part(place.path)
            if ".dist-info/" in place.path:
                part = part.removeprefix("src/")  # where the sdist keeps it
            self._folders.setdefault(part or scope(place.path), []).append(place)
            shelved = distribution_of(place.path)
            if shelved is not None and not part:
                self._distributions.setdefault(shelved, []).append(place)

    def sidecar(self, path: str) -> Place | None:
        """Find `X.license` of a file `X`."""
        return self._sidecars.get(path)

    def rules(self, path: str) -> Iterator[tuple[str, Answer]]:
        """Yield what rules say of a file, and which file they stand in, nearest first."""
        for folder in ancestors(path) if self._rules else ():
            for place in self._rules.get(folder, ()):
                inside = path[len(folder) + 1 :] if folder else path
                for answer in () if place.rules is None else place.rules.match(inside):
                    yield place.path, answer

    def nearest(self, path: str) -> Settled | None:
        """Ask folder by folder upward, up to the boundary; a part's own licence file comes first."""
        if not self._folders:
            return None
        wall = boundary(path)
        for folder in (_stem(path), *ancestors(path)):
            if wall and not (folder == wall or folder.startswith(f"{wall}/")):
                break
            settled = self._settle(folder, self._folders.get(folder, []))
            if settled is not None and not (settled.prose and folder not in {"", wall}):
                return settled
        shelved = distribution_of(path) if wall else None
        if shelved is None:
            return None
        return self._settle(
            f"{shelved.folder}/{shelved.name}", self._distributions.get(shelved, [])
        )

    def _settle(self, folder: str, places: list[Place]) -> Settled | None:
        """Let the files of one folder say one thing, once; a README only where nothing else does."""
        if not places:
            return None
        if folder not in self._settled:
            self._settled[folder] = _settle(folder, places)
        return self._settled[folder]


EMPTY = Tree()


def _stem(path: str) -> str:
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{name.partition('.')[0]}"


def _settle(folder: str, places: list[Place]) -> Settled:
    first = [each for each in places if each.kind != "readme"] or places
    prose = all(each.kind == "readme" for each in first)
    findings = tuple(finding for each in first for finding in each.findings)
    # a licence file that points to another says nothing beside one that does not
    first = [each for each in first if each.outcome != "none"] or first
    unclear = [each for each in first if each.outcome != "found"]
    if unclear:
        clear = len(first) > len(unclear)
        outcome: Outcome = "unrecognised" if unclear[0].outcome == "none" else unclear[0].outcome
        return Settled(folder, outcome, NOASSERTION, findings, clear, prose)
    expression, conflict = _agree(first)
    return Settled(folder, "found", expression, findings, conflict, prose)


def _is_settled_by(place: Place, places: list[Place]) -> bool:
    """Tell a place that names a family alone ("BSD") beside one that names its member."""
    said = [each for each in place.findings if each.expression != NOASSERTION]
    if not said or any(each.note != "family" or each.kind == "text" for each in said):
        return False
    family = family_of(place.expression)
    return bool(family) and any(
        family_of(each.expression) == family and each.expression != place.expression
        for each in places
    )


def _agree(places: list[Place]) -> tuple[str, bool]:
    """Join what licence files and manifests say; a manifest that names what the files hold says how they join."""
    sure = [each for each in places if not _is_settled_by(each, places)]
    files = [each.expression for each in sure if each.kind != "metadata"]
    stated = [each.expression for each in sure if each.kind == "metadata"]
    held = frozenset[str]().union(*map(stems_of, files))
    named = frozenset[str]().union(*map(stems_of, stated))
    for expression in stated:
        if held | named <= stems_of(expression):
            return expression, False
    found = [Evidence(kind="text", expression=each) for each in (*files, *stated)]
    return merge(found), bool(files) and bool(stated)
