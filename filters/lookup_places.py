"""Find the rules that name a document by where it lies: repository, path and URL.

Most documents are told apart from all rules by the first segments of their place, which need no
canonical form; for the others every name is made (`filters/subject_names.py`) and looked up. Both
ways give the same rules.
"""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from filters.globs import glob_matches, is_literal, split_path
from filters.repos import ALIASED_HOSTS, home_host
from filters.subject_names import (
    PLACE,
    domain_names,
    names_of_authority,
    names_of_repo,
    names_of_url,
    place_prefixes,
)
from filters.urls import SubjectError, ignores_case, parse_url, without_www

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from filters.subject_names import Name

REMEMBERED: Final = 1 << 16  # strings repeat from document to document; some 20 MB at most
_HEAD: Final = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]+)?")
_PLAIN_HEAD: Final = re.compile(r"https?://((?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*)")
# A URL's host, and what follows as far as it stands as in a canonical URL: nothing escaped or to escape.
_PLAIN_URL: Final = re.compile(
    r"(https?://[A-Za-z0-9.-]+(?::[0-9]+)?)(?=[/?#]|\Z)[A-Za-z0-9\-._~!$&'()*+,;=:@/?#]*"
)
_DOTS: Final = re.compile(r"/(?:\.|%2e){1,2}(?:[/?#]|\Z)", re.IGNORECASE)  # RFC 3986 section 5.2.4
_PLAIN_REPO: Final = re.compile(
    r"(?:(?:https://)?github\.com/)?([A-Za-z0-9_-]+)/[A-Za-z0-9_-][A-Za-z0-9._-]*"
)
# A segment that another form of the URL may not have: an empty one, one with a repository's ending, the last.
_ODD_SEGMENT: Final = re.compile(r"\A/\Z|\.git|\.wiki|[@?#]", re.IGNORECASE)
_QUERY: Final = re.compile("[?#]")
_FOLDED: Final = 2  # segments, owner and name, whose case some hosts ignore

Positions = tuple[int, ...]
Table = dict[str, Positions]


class Paths(NamedTuple):
    """The rules over the paths of one repository: single paths, and patterns one by one."""

    single: Mapping[str, Positions]
    patterns: tuple[tuple[str, int], ...]


class _Home(NamedTuple):
    """What the beginning of a URL means: its domain's hits, and under which hosts rules have places.

    `odd`: only the canonical form of the whole URL tells. `github`: places are `/owner/name/…`.
    """

    hits: Positions = ()
    roots: tuple[tuple[str, bool], ...] = ()
    odd: bool = False
    github: bool = False


_NOWHERE: Final = _Home()


class _Found(NamedTuple):
    """What a place means: its hits, the rules over the paths there, and the place where rules are below."""

    hits: Positions
    paths: tuple[Paths, ...] = ()
    above: str = ""


class Places:
    """Dictionaries from canonical domains, repositories and other places to positions of rules."""

    def __init__(self, tables: Mapping[str, Table], paths: Mapping[str, Paths]) -> None:
        self._tables = tables
        self._paths = paths
        ends = {*tables.get("repo", ()), *tables.get(PLACE, ()), *paths}
        plain = {each.partition("?")[0] for each in ends}
        self._ends = ends | plain
        self._stems = {stem for end in plain for stem in place_prefixes(end)}
        self._deep = {
            "/".join(each.split("/", 3)[:3]) for each in plain if each.count("/") > _FOLDED
        }
        named = {without_www(each) for each in tables.get("domain", ())}
        hosts = {stem.partition(":")[0] for stem in self._stems if "/" not in stem}
        self._spoken_of = frozenset({*ALIASED_HOSTS, *named, *tables.get("domain", ()), *hosts})
        self._github = self.named(("domain", each) for each in domain_names("github.com"))
        self._home = functools.lru_cache(REMEMBERED)(self._home_of)
        self._repo = functools.lru_cache(REMEMBERED)(self._repo_of)
        self._stem = functools.lru_cache(REMEMBERED)(self._stem_of)

    def named(self, names: Iterable[Name]) -> Positions:
        """Return the positions of the rules that have one of some names."""
        tables = self._tables
        return tuple(
            hit for kind, value in names if kind in tables for hit in tables[kind].get(value, ())
        )

    def at_repo(self, repo: str, path: str) -> Positions:
        """Return the positions of the rules that name a repository, or a path in it."""
        found = self._repo(repo)
        return _at_path(found, path) if found.paths else found.hits

    def at_url(self, url: str, path: str) -> Positions:
        """Return the positions of the rules that name a URL, or a path in the repository there."""
        plain = _PLAIN_URL.match(url)
        if plain is None:
            return self._at_any_url(url, path)
        head = plain[1]
        home = self._home(head)
        if not home.roots and not home.odd:
            return home.hits
        if home.odd or (("/." in url or "%2" in url) and _DOTS.search(url) is not None):
            return self._at_any_url(url, path)
        at, end = len(head), plain.end()
        whole = end == len(url)
        # what follows an escape does not matter where a segment before it leads away from all rules
        start = url if whole else url[: max(at, url.rfind("/", at, end))]
        for root, folded in home.roots:
            if not self._leaves(start, at, root, folded):
                at_place = self._on_github if whole and home.github else self._on_site
                return at_place(url, at, path)
        return home.hits

    def _on_github(self, url: str, at: int, path: str) -> Positions:
        """Look up a plain URL on GitHub: its repository's, remembered, and what is below that."""
        stem = _three_segments(url, at)
        if _QUERY.search(url) is not None or url.find("//", at) != -1:
            return self._at_any_url(url, path)
        found = self._stem(stem)
        if found.above:
            place = found.above + url[len(stem) :].rstrip("/")
            deeper = _along(self._tables.get(PLACE, {}), place, len(found.above) + 1)
            if deeper:
                found = found._replace(hits=(*found.hits, *deeper))
        return _at_path(found, path) if found.paths else found.hits

    def _on_site(self, url: str, _at: int, path: str) -> Positions:
        return self._at_any_url(url, path)

    def _at_any_url(self, url: str, path: str) -> Positions:
        return _at_path(self._found(names_of_url(url)), path)

    def _found(self, names: Iterable[Name]) -> _Found:
        names = list(names)
        repos = dict.fromkeys(value for kind, value in names if kind == "repo")
        paths = tuple(self._paths[each] for each in repos if each in self._paths)
        return _Found(self.named(names), paths)

    def _repo_of(self, text: str) -> _Found:
        plain = _PLAIN_REPO.fullmatch(text)
        if plain is not None and self._is_free(plain[1]):
            return _Found(self._github)
        return self._found(names_of_repo(text))

    def _is_free(self, owner: str) -> bool:
        """Say whether no rule has a place that an owner on GitHub has."""
        return (
            owner != "localhost"
            and f"github.com/{owner.lower()}" not in self._stems
            and "github.com" not in self._ends
        )

    def _stem_of(self, url: str) -> _Found:
        """Look up a repository's plain URL on GitHub."""
        found = self._found(names_of_url(url))
        place = parse_url(url)
        above = f"{without_www(place.host)}{place.path}"
        return found._replace(above=above) if above in self._deep else found

    def _home_of(self, head: str) -> _Home:
        """Look up the beginning of a URL: scheme, host and port."""
        plain = _PLAIN_HEAD.fullmatch(head)
        if plain is not None and self._is_nowhere(plain[1]):
            return _NOWHERE
        if _HEAD.fullmatch(head) is None:
            return _Home(odd=True)
        hits = self.named(names_of_authority(head))
        try:
            place = parse_url(head)
        except SubjectError:
            return _Home(hits)
        host = without_www(place.host)
        home = home_host(host)
        names = dict.fromkeys([f"{host}:{place.port}" if place.port else host, host, home])
        roots = tuple((each, ignores_case(each)) for each in names if each in self._stems)
        if home == "gist.github.com" or ALIASED_HOSTS.get(host, ("", ""))[1] != "":
            return _Home(hits, roots, odd=True)
        github = host == "github.com" and not place.port
        # who serves another host's files is told by that host's domain, too
        at_home = home != host and self.named(("domain", each) for each in domain_names(home))
        odd = bool(at_home) or not self._ends.isdisjoint(names)
        return _Home(hits, roots, odd=odd, github=github)

    def _is_nowhere(self, host: str) -> bool:
        """Say whether no rule has a place on a canonical host, or on one that it lies below: most are such."""
        at = 0
        while True:
            if host[at:] in self._spoken_of:
                return False
            at = host.find(".", at) + 1
            if not at:
                return True

    def _leaves(self, url: str, at: int, place: str, folded: bool) -> bool:
        """Walk down from a host: say whether a segment is reached below which no rule has a place.

        Any rule on the way, and any segment that may have another canonical form, says no.
        """
        depth, stems = 0, self._stems
        if at == len(url) or url[at] != "/":
            return False
        while at != -1:
            end = url.find("/", at + 1)
            segment = url[at:] if end == -1 else url[at:end]
            depth += 1
            place += segment.lower() if folded and depth <= _FOLDED else segment
            if place not in stems:
                deeper = folded and place.lower() in stems
                return not deeper and _ODD_SEGMENT.search(segment) is None
            if place in self._ends:
                return False
            at = end
        return False


def _three_segments(url: str, at: int) -> str:
    """Cut a URL behind host, owner and name; `at` is where its host ends."""
    owner = url.find("/", at + 1)
    name = -1 if owner == -1 else url.find("/", owner + 1)
    return url if name == -1 else url[:name]


def _at_path(found: _Found, path: str) -> Positions:
    if not path or not found.paths:
        return found.hits
    plain = "//" not in path and "/." not in path and path[0] not in "./" and path.isascii()
    rooted = f"/{path if plain else '/'.join(split_path(path))}"
    hits = [hit for paths in found.paths for hit in _along(paths.single, rooted, 1)]
    hits += [i for each in found.paths for glob, i in each.patterns if glob_matches(glob, path)]
    return (*found.hits, *hits) if hits else found.hits


def _along(table: Mapping[str, Positions], place: str, start: int) -> list[int]:
    """Look up the beginnings of a place that end at a slash from `start` on, and the place itself."""
    hits: list[int] = []
    at = place.find("/", start)
    while at != -1:
        hits += table.get(place[:at], ())
        at = place.find("/", at + 1)
    hits += table.get(place, ())
    return hits


def paths_of(rules: Iterable[tuple[str, int]]) -> Paths:
    """Put the canonical patterns over one repository's paths, with their positions, in order."""
    single: defaultdict[str, Positions] = defaultdict(tuple)
    patterns: list[tuple[str, int]] = []
    for glob, position in rules:
        if is_literal(glob):
            single[glob] += (position,)
        else:
            patterns.append((glob, position))
    return Paths(dict(single), tuple(patterns))
