"""All names under which a document can be asked for, as canonical values of a kind.

A request covers a document when its subject is one of the document's names: owners, origins and
URLs are beginnings of a place, cut at slashes.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Final

from filters.repos import canonical_repo, home_host
from filters.subject_forms import plain_origin
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

_AUTHORITY: Final = re.compile(
    r"\s*[A-Za-z][A-Za-z0-9+.-]*://([^/?#@:\[\s]+)(?::[0-9]*)?(?=[/?#]|\s*\Z)"
)
# A URL with a port, or one that looks as if it had one: most have none.
_PORT: Final = re.compile(r"\s*(?:[A-Za-z][A-Za-z0-9+.-]*:)?(?://)?[^/?#]*:[0-9]")
# Keys under which records carry git ids of Software Heritage objects (The Stack v2's names). Beside a
# `content_id`, a `blob_id` is what it is there: the SHA-1 of the bytes, which is no SWHID. Alone it may
# well be git's id of the blob, and no content has for its one what another has for its other.
_GIT_IDS: Final = {
    "blob_id": "cnt",
    "content_id": "cnt",
    "directory_id": "dir",
    "release_id": "rel",
    "revision_id": "rev",
    "snapshot_id": "snp",
}
GIT_KEYS: Final = ("swhid", *_GIT_IDS)
"""Keys of a record that may hold the id of a git object, bare or as a SWHID."""
PLACE: Final = "place"

Name = tuple[str, str]
"""A kind of name and a canonical value of that kind; `PLACE` is the kind of owners, origins and URLs."""


def swhids_of(document: Document) -> Iterator[str]:
    """Yield the SWHIDs that a document bears: in its id, with qualifiers, and in other keys."""
    for text in (document.id, document.extra.get("swhid")):
        if isinstance(text, str) and text.startswith("swh:1:"):
            yield from (each.rpartition("=")[2].lower() for each in text.split(";"))
    for name in document.extra.keys() & _GIT_IDS.keys():
        if name == "blob_id" and "content_id" in document.extra:
            continue
        value = document.extra[name]
        if isinstance(value, str):
            yield f"swh:1:{_GIT_IDS[name]}:{value.lower()}"


def qualifiers_of(name: str, qualifier: str) -> list[str]:
    """Return what a document's id says under a qualifier, where the id is a SWHID."""
    if not name.startswith("swh:1:"):
        return []
    start = f"{qualifier}="
    given = [each[len(start) :] for each in name.split(";") if each.startswith(start)]
    return [plain_origin(each) for each in given] if qualifier == "origin" else given


def place_prefixes(text: str, *, cut: str = "/", most: int = sys.maxsize) -> list[str]:
    """Return the parts of the text that end before a cut, at most so many, and the text itself."""
    found: list[str] = []
    at = text.find(cut)
    while at != -1 and len(found) <= most:
        found.append(text[:at])
        at = text.find(cut, at + 1)
    found.append(text)
    return found


def domain_names(host: str) -> list[str]:
    """Return the domains that cover a host, `www.` before it among them.

    Who asks for www.example.org means the pages that example.org shows, too; see docs/decisions/0024.
    """
    names = [f"www.{host}", host]
    at = host.find(".")
    while at != -1:
        names.append(host[at + 1 :])
        at = host.find(".", at + 1)
    return names


def names_of_repo(text: str) -> Iterator[Name]:
    """Yield the names that a repository gives its documents; none where the text is malformed."""
    try:
        repo = canonical_repo(text)
    except SubjectError:
        return
    host, *segments = repo.split("/")
    yield "repo", repo
    yield from _places(place_prefixes(repo))
    if host == "gist.github.com":
        yield PLACE, "/".join(["github.com", *segments[:1]])
    yield from _domains(host)


def authority_of(url: str) -> str:
    """Return the host of a URL as it stands there, `""` where it does not begin with one."""
    found = _AUTHORITY.match(url)
    return "" if found is None else found[1]


def port_of(url: str) -> str:
    """Return the port of a URL that begins with a host, `""` for none and for the web's own."""
    if _PORT.match(url) is None:
        return ""
    try:
        return parse_url(url).port
    except SubjectError:
        return ""


def names_of_authority(url: str) -> Iterator[Name]:
    """Yield the domains of a URL that begins with a host, even where the rest is malformed."""
    try:
        yield from _domains(canonical_host(authority_of(url)))
    except SubjectError:
        return


def names_of_url(url: str) -> Iterator[Name]:
    """Yield the names that a URL gives its documents."""
    yield from names_of_authority(url)
    try:
        place = parse_url(url)
    except SubjectError:
        return
    yield from _domains(place.host)
    host = without_www(place.host)
    known = ignores_case(host)
    tail = f"{':' if place.port else ''}{place.port}{place.path}"
    whole = host + (lower_segments(tail, 2) if known else tail)
    beginnings = place_prefixes(whole)
    yield from _places(beginnings)
    if place.query:
        yield from _places(place_prefixes(f"{whole}?{place.query}", cut="&"))
    if not known:  # nobody knows where the repository's name ends, so any beginning may be one
        yield from (("repo", each) for each in beginnings)
    two_level = home_host(host) in TWO_LEVEL_HOSTS
    yield from names_of_repo("/".join(whole.split("/", 4)[:4]) if two_level else whole)


def _domains(host: str) -> Iterator[Name]:
    return (("domain", each) for each in domain_names(host))


def _places(beginnings: Iterable[str]) -> Iterator[Name]:
    return ((PLACE, each) for each in beginnings)
