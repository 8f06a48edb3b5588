"""Find which of many subjects name a document, in a few dictionary look-ups a document.

Canonical places are strings cut at slashes, so a subject covers a document when it is one of the
beginnings of the document's place: `github.com/owner` of `github.com/owner/name`.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import unquote

from filters.globs import split_path
from filters.lookup_places import REMEMBERED, Places, paths_of
from filters.subject_forms import content_swhid, normalised_value, split_swhid
from filters.subject_names import (
    PLACE,
    domain_names,
    names_of_repo,
    names_of_url,
    port_of,
    qualifiers_of,
    swhids_of,
)
from filters.subjects import address_digest, find_addresses, key_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from filters.document import Document
    from filters.lookup_places import Positions, Table
    from filters.subject_forms import Placed
    from filters.subjects import Subject

_PLACES: Final = frozenset({"owner", "origin", "url"})


class Rule(NamedTuple):
    """A subject in canonical form."""

    kind: str
    value: str
    repo: str


class Index:
    """Dictionaries from canonical values to positions in the list of rules."""

    def __init__(self, rules: Iterable[Rule], key: bytes) -> None:
        tables: defaultdict[str, defaultdict[str, list[int]]] = defaultdict(
            lambda: defaultdict(list)
        )
        globs: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        placed: defaultdict[str, list[tuple[Placed, int]]] = defaultdict(list)
        self._ports: dict[int, str] = {}
        for position, rule in enumerate(rules):
            if rule.kind == "url":
                self._ports[position] = port_of(f"//{rule.value}")
            if rule.kind == "path":
                globs[rule.repo].append((rule.value, position))
            elif rule.kind == "swhid" and ";" in rule.value:
                placed[rule.value.partition(";")[0]].append((split_swhid(rule.value), position))
            else:
                kind = PLACE if rule.kind in _PLACES else rule.kind
                tables[kind][rule.value].append(position)
        self._tables = {kind: _frozen(table) for kind, table in tables.items()}
        self._globs = {repo: tuple(each) for repo, each in globs.items()}
        self._placed = {core: tuple(each) for core, each in placed.items()}
        self._places = Places(self._tables, {repo: paths_of(each) for repo, each in globs.items()})
        self._key = key
        self._ids, self._hashes = self._table("id"), self._table("sha256")
        self._swhids, self._normalised = self._table("swhid"), self._table("normalised")
        self._authors = self._table("author")
        self._cores = self._swhids.keys() | self._placed.keys()
        self._has_content = any(each.startswith("swh:1:cnt:") for each in self._cores)
        self._author = functools.lru_cache(REMEMBERED)(self._author_of)

    def find(self, document: Document) -> Positions:
        """Return the positions of all rules that name the document or an origin, in no order, maybe twice."""
        hits = self._find(document, has_text=True)
        for each in document.origins:
            hits += self._find(each, has_text=each.text != "")
        return hits

    def _find(self, document: Document, *, has_text: bool) -> Positions:
        """Of an origin the text may not be known: it is not the empty one."""
        hits = self._ids.get(document.id, ()) + self._hashes.get(document.sha256, ())
        if document.repo:
            hits += self._places.at_repo(document.repo, document.path)
        if document.url:
            hits += self._there(self._places.at_url(document.url, document.path), document.url)
        if self._authors and document.author:
            hits += self._author(document.author)
        if self._cores:
            hits += tuple(self._by_swhid(document, has_text=has_text))
        if self._normalised and has_text:
            hits += self._normalised.get(normalised_value(document.text), ())
        if document.id.startswith("swh:1:"):
            for each in qualifiers_of(document.id, "origin"):
                hits += self._places.at_url(each, document.path)
        return hits

    def covering(self, subject: Subject) -> Positions:
        """Return the positions of all rules that cover the whole of a subject."""
        kind, value = subject.kind, subject.value
        if kind == "path":
            equal = tuple(i for glob, i in self._globs.get(subject.repo, ()) if glob == value)
            return equal + self._places.at_repo(subject.repo, "")
        if kind == "domain":  # only a domain's rule covers all of a domain
            return self._places.named(("domain", each) for each in domain_names(value)[1:])
        if kind == "swhid":
            return self._covering_content(split_swhid(value))
        if kind in _PLACES or kind == "repo":
            names = names_of_url(f"https://{value}")
            found = self._places.named(it for it in names if kind != "owner" or it[0] != "repo")
            return self._there(found, f"//{value}") if kind == "url" else found
        return self._table(kind).get(value, ())

    def _there(self, hits: Positions, url: str) -> Positions:
        """Leave out the rules of URLs under another port than a URL has: a port is part of a place.

        Of a repository and its owner it is none: these are reached by more than one protocol.
        """
        port = port_of(url) if hits else ""
        if not port:
            return hits
        return tuple(each for each in hits if self._ports.get(each, port) == port)

    def _table(self, kind: str) -> Table:
        return self._tables.get(kind, {})

    def _author_of(self, text: str) -> Positions:
        name = key_id(self._key)
        values = [f"{name}:{address_digest(each, self._key)}" for each in find_addresses(text)]
        return tuple(hit for value in values for hit in self._authors.get(value, ()))

    def _by_swhid(self, document: Document, *, has_text: bool) -> Iterator[int]:
        borne = set(swhids_of(document)) if document.extra or _is_swhid(document.id) else set()
        if self._has_content and has_text:
            borne.add(content_swhid(document.text.encode()))
        for core in borne & self._cores:
            yield from self._swhids.get(core, ())
            for placed, position in self._placed.get(core, ()):
                if _is_placed(document, placed):
                    yield position

    def _covering_content(self, asked: Placed) -> Positions:
        """Return the rules for a content, as wide as asked or wider, and those for where it lies."""
        where = f"https://{asked.origin}" if asked.origin else ""
        origins = {value for _, value in names_of_url(where)}
        hits = [
            position
            for placed, position in self._placed.get(asked.core, ())
            if (not placed.origin or placed.origin in origins)
            and (not placed.path or placed.path == asked.path)
        ]
        hits += self._swhids.get(asked.core, ())
        return (*hits, *self._places.at_url(where, asked.path))


def _is_swhid(text: str) -> bool:
    return text.startswith("swh:1:")


def _is_placed(document: Document, placed: Placed) -> bool:
    """Say whether the document bears a qualified SWHID's origin and path."""
    if placed.origin:
        urls = (document.url, *qualifiers_of(document.id, "origin"))
        names = {value for url in urls for _, value in names_of_url(url)}
        names.update(value for _, value in names_of_repo(document.repo))
        if placed.origin not in names:
            return False
    if not placed.path:
        return True
    given = (document.path, *map(unquote, qualifiers_of(document.id, "path")))
    paths = {"/" + "/".join(split_path(each)) for each in given}
    if placed.core.startswith("swh:1:cnt:"):
        return placed.path in paths
    return any(f"{each}/".startswith(f"{placed.path}/") for each in paths)


def _frozen(table: dict[str, list[int]]) -> Table:
    return {value: tuple(positions) for value, positions in table.items()}
