"""Find which of many subjects name a document, in a few dictionary look-ups a document.

Canonical places are strings cut at slashes, so a subject covers a document when it is one of the
prefixes of the document's place: `github.com/owner` of `github.com/owner/name`.
"""

from __future__ import annotations

import functools
import re
import sys
from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from filters.globs import glob_matches
from filters.repos import canonical_repo, home_host
from filters.subjects import address_digest, content_swhid, find_addresses, key_id
from filters.urls import (
    TWO_LEVEL_HOSTS,
    SubjectError,
    canonical_host,
    ignores_case,
    lower_segments,
    parse_url,
    without_www,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from filters.document import Document
    from filters.subjects import Subject

_REMEMBERED: Final = 1 << 16  # strings repeat from document to document; some 20 MB at most
# A URL that is canonical as it stands but for scheme, `www.` and case: most are.
_PLAIN_URL: Final = re.compile(
    r"https?://([a-z0-9.-]+)((?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*)/?", re.ASCII
)
_AUTHORITY: Final = re.compile(
    r"\s*[A-Za-z][A-Za-z0-9+.-]*://([^/?#@:\[\s]+)(?::[0-9]*)?(?=[/?#]|\s*\Z)"
)
# Keys under which records carry git ids of Software Heritage objects (The Stack v2's names).
_GIT_IDS: Final = {
    "blob_id": "cnt",
    "content_id": "cnt",
    "directory_id": "dir",
    "revision_id": "rev",
    "snapshot_id": "snp",
}

Positions = tuple[int, ...]


class Rule(NamedTuple):
    """A subject in canonical form."""

    kind: str
    value: str
    repo: str


class _Home(NamedTuple):
    """What a host means to the index: its domain's hits, and whether places on it are looked up."""

    hits: Positions
    host: str
    wanted: bool


_NOWHERE: Final = _Home((), "", wanted=False)


class _Repo(NamedTuple):
    """What a repository means to the index: its hits, and the patterns over its paths."""

    hits: Positions
    globs: tuple[tuple[str, int], ...]


class Index:
    """Dictionaries from canonical values to positions in the list of rules."""

    def __init__(self, rules: Iterable[Rule], key: bytes) -> None:
        tables: defaultdict[str, defaultdict[str, list[int]]] = defaultdict(
            lambda: defaultdict(list)
        )
        globs: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        for position, rule in enumerate(rules):
            if rule.kind == "path":
                globs[rule.repo].append((rule.value, position))
            else:
                tables[rule.kind][rule.value].append(position)
        self._key = key
        self._globs = {repo: tuple(each) for repo, each in globs.items()}
        self._ids = _frozen(tables["id"])
        self._hashes = _frozen(tables["sha256"])
        self._swhids = _frozen(tables["swhid"])
        self._has_content = any(each.startswith("swh:1:cnt:") for each in self._swhids)
        self._domains = _frozen(tables["domain"])
        self._authors = _frozen(tables["author"])
        self._repos = _frozen(tables["repo"])
        self._places = _merged(tables["owner"], tables["origin"], tables["url"])
        self._hosts = {
            re.split(r"[/:?]", each, maxsplit=1)[0]
            for table in (self._repos, self._places, self._globs)
            for each in table
        }
        self._deepest = max((each.count("/") for each in self._places), default=0)
        self._home = functools.lru_cache(_REMEMBERED)(self._home_of)
        self._repo = functools.lru_cache(_REMEMBERED)(self._repo_of)
        self._author = functools.lru_cache(_REMEMBERED)(self._author_of)

    def find(self, document: Document) -> Positions:
        """Return the positions of all rules that name the document, in no order, maybe twice."""
        hits = self._ids.get(document.id, ()) + self._hashes.get(document.sha256, ())
        if document.repo:
            hits += self._in_repo(document.repo, document.path)
        if document.url:
            hits += self._at_url(document.url, document.path)
        if self._authors and document.author:
            hits += self._author(document.author)
        if self._swhids:
            hits += tuple(self._by_swhid(document))
        if document.id.startswith("swh:1:"):
            hits += self._at_origin(document)
        return hits

    def covering(self, subject: Subject) -> Positions:
        """Return the positions of all rules that cover the whole of a subject."""
        kind, value = subject.kind, subject.value
        if kind == "path":
            equal = tuple(i for glob, i in self._globs.get(subject.repo, ()) if glob == value)
            return equal + self._repo(subject.repo).hits
        if kind == "domain":  # only a domain's rule covers all of a domain
            return self._home(value).hits
        table = {"id": self._ids, "sha256": self._hashes, "swhid": self._swhids}.get(kind)
        if kind == "author":
            table = self._authors
        return self._at_url(f"https://{value}", "") if table is None else table.get(value, ())

    def _in_repo(self, repo: str, path: str) -> Positions:
        found = self._repo(repo)
        if not found.globs or not path:
            return found.hits
        return found.hits + tuple(i for glob, i in found.globs if glob_matches(glob, path))

    def _repo_of(self, text: str) -> _Repo:
        try:
            repo = canonical_repo(text)
        except SubjectError:
            return _Repo((), ())
        host = repo.partition("/")[0]
        keys = [*place_prefixes(repo)]
        if host == "gist.github.com":
            keys.append("/".join(["github.com", *repo.split("/")[1:2]]))
        hits = [each for key in keys for each in self._places.get(key, ())]
        hits += self._repos.get(repo, ())
        return _Repo((*hits, *self._home(host).hits), self._globs.get(repo, ()))

    def _home_of(self, text: str) -> _Home:
        try:
            host = canonical_host(text)
        except SubjectError:
            return _NOWHERE
        labels = host.split(".")
        # a request for www.example.org is one for the page that example.org shows, too
        names = [f"www.{host}", *(".".join(labels[i:]) for i in range(len(labels)))]
        hits = [each for name in names for each in self._domains.get(name, ())]
        plain = without_www(host)
        wanted = plain in self._hosts or home_host(plain) in self._hosts
        return _Home(tuple(hits), plain, wanted or plain == "gist.github.com")

    def _at_url(self, url: str, path: str) -> Positions:
        home, tail = self._located(url)
        return home.hits + self._at_place(home.host, tail, path) if home.wanted else home.hits

    def _located(self, url: str) -> tuple[_Home, str]:
        """Return what the URL's host means and, where places on it matter, the canonical rest."""
        plain = _PLAIN_URL.fullmatch(url)
        if plain is not None:
            return self._home(plain[1]), plain[2]
        authority = _AUTHORITY.match(url)
        if authority is not None:
            home = self._home(authority[1])
            if not home.wanted:
                return home, ""
        try:
            place = parse_url(url)
        except SubjectError:
            return _NOWHERE, ""
        port = f":{place.port}" if place.port else ""
        return self._home(place.host), f"{port}{place.path}{_mark(place.query)}"

    def _at_place(self, host: str, tail: str, path: str) -> Positions:
        """Look a URL up as a place and, cut to a repository's name, as a repository."""
        known = ignores_case(host)
        tail = lower_segments(tail, 2) if known else tail
        place, mark, query = (host + tail).partition("?")
        hits: list[int] = []
        for key in place_prefixes(place, most=self._deepest):
            hits += self._places.get(key, ())
        if mark:
            for key in place_prefixes(f"{place}?{query}", cut="&"):
                hits += self._places.get(key, ())
        if not known:  # nobody knows where the repository's name ends, so any prefix may be one
            hits += [each for key in place_prefixes(place) for each in self._repos.get(key, ())]
        two_level = home_host(host) in TWO_LEVEL_HOSTS
        text = "/".join(place.split("/", 4)[:4]) if two_level else place
        return (*hits, *self._in_repo(text, path))

    def _author_of(self, text: str) -> Positions:
        name = key_id(self._key)
        values = [f"{name}:{address_digest(each, self._key)}" for each in find_addresses(text)]
        return tuple(hit for value in values for hit in self._authors.get(value, ()))

    def _by_swhid(self, document: Document) -> Iterator[int]:
        for each in swhids_of(document):
            yield from self._swhids.get(each, ())
        if self._has_content:
            yield from self._swhids.get(content_swhid(document.text.encode()), ())

    def _at_origin(self, document: Document) -> Positions:
        """Look up the origin that a qualified SWHID names."""
        origins = [q[7:] for q in document.id.split(";") if q.startswith("origin=")]
        return tuple(hit for each in origins for hit in self._at_url(each, document.path))


def authority_of(url: str) -> str:
    """Return the host of a URL as it stands there, `""` where it does not begin with one."""
    found = _AUTHORITY.match(url)
    return "" if found is None else found[1]


def swhids_of(document: Document) -> Iterator[str]:
    """Yield the SWHIDs that a document bears: in its id, with qualifiers, and in other keys."""
    texts = [document.id, document.extra.get("swhid")]
    for text in texts:
        if isinstance(text, str) and text.startswith("swh:1:"):
            yield from (each.rpartition("=")[2].lower() for each in text.split(";"))
    for name, kind in _GIT_IDS.items():
        value = document.extra.get(name)
        if isinstance(value, str):
            yield f"swh:1:{kind}:{value.lower()}"


def place_prefixes(text: str, *, cut: str = "/", most: int = sys.maxsize) -> list[str]:
    """Return the parts of the text that end before a cut, at most so many, and the text itself."""
    found: list[str] = []
    at = text.find(cut)
    while at != -1 and len(found) <= most:
        found.append(text[:at])
        at = text.find(cut, at + 1)
    found.append(text)
    return found


def _mark(query: str) -> str:
    return f"?{query}" if query else ""


def _frozen(table: dict[str, list[int]]) -> dict[str, Positions]:
    return {value: tuple(positions) for value, positions in table.items()}


def _merged(*tables: dict[str, list[int]]) -> dict[str, Positions]:
    merged: dict[str, Positions] = {}
    for table in tables:
        for value, positions in table.items():
            merged[value] = (*merged.get(value, ()), *positions)
    return merged
