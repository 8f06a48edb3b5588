"""Every subject that can name a document, as keys of 64 bits: a request for none of them cannot mean it.

The law that all of this rests on: whatever `filters.lookup.Index` finds for a document has its key
among the document's. A key says nothing about who is named but to those who know the name already;
of authors it has the keyed digest alone.
"""

from __future__ import annotations

import functools
import hashlib
from typing import TYPE_CHECKING, Final

from filters.lookup import authority_of, place_prefixes, swhids_of
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

_REMEMBERED: Final = 1 << 15  # repositories and hosts, which repeat from document to document
_PLACE: Final = "place"  # owners, origins and URLs are all beginnings of a place
_KINDS: Final = {"owner": _PLACE, "origin": _PLACE, "url": _PLACE}

Name = tuple[str, str]
"""A kind of name and a canonical value of that kind."""


def subject_key(subject: Subject) -> int:
    """Return the key that every document which the subject names has; for a path, its repository's."""
    if subject.kind == "path":
        return _key(("repo", subject.repo))
    return _key((_KINDS.get(subject.kind, subject.kind), subject.value))


def document_keys(document: Document, key: bytes = b"") -> set[int]:
    """Return the keys of all that can name the document; authors only under the registry's `key`."""
    found = {_key(name) for name in _own_names(document, key)}
    if document.repo:
        found.update(_keys_of_repo(document.repo))
    for url in (document.url, *_origins(document.id)):
        if url:
            found.update(_keys_of_url(url))
    return found


def _key(name: Name) -> int:
    """Return the first 64 bits of SHA-256 of `kind NUL value`."""
    kind, value = name
    raw = f"{kind}\0{value}".encode(errors="surrogatepass")
    return int.from_bytes(hashlib.sha256(raw).digest()[:8], "big")


def _own_names(document: Document, key: bytes) -> Iterator[Name]:
    """Yield what names this document alone, and its authors."""
    yield "id", document.id
    yield "sha256", document.sha256
    yield "swhid", content_swhid(document.text.encode())
    for each in swhids_of(document):
        yield "swhid", each
    if key and document.author:
        name = key_id(key)
        for address in find_addresses(document.author):
            yield "author", f"{name}:{address_digest(address, key)}"


def _origins(name: str) -> list[str]:
    if not name.startswith("swh:1:"):
        return []
    return [each[7:] for each in name.split(";") if each.startswith("origin=")]


@functools.lru_cache(_REMEMBERED)
def _keys_of_repo(text: str) -> frozenset[int]:
    return frozenset(map(_key, _names_of_repo(text)))


def _names_of_repo(text: str) -> Iterator[Name]:
    try:
        repo = canonical_repo(text)
    except SubjectError:
        return
    host, *segments = repo.split("/")
    yield "repo", repo
    yield from _places(place_prefixes(repo))
    if host == "gist.github.com":
        yield _PLACE, "/".join(["github.com", *segments[:1]])
    yield from _domains(host)


def _domains(host: str) -> Iterator[Name]:
    labels = host.split(".")
    yield "domain", f"www.{host}"
    for first in range(len(labels)):
        yield "domain", ".".join(labels[first:])


@functools.lru_cache(_REMEMBERED)
def _keys_of_host(text: str) -> frozenset[int]:
    try:
        return frozenset(map(_key, _domains(canonical_host(text))))
    except SubjectError:
        return frozenset()


def _keys_of_url(url: str) -> set[int]:
    found = set(_keys_of_host(authority_of(url)))
    try:
        place = parse_url(url)
    except SubjectError:
        return found
    host = without_www(place.host)
    known = ignores_case(host)
    port = f":{place.port}" if place.port else ""
    tail = lower_segments(f"{port}{place.path}", 2) if known else f"{port}{place.path}"
    whole = host + tail
    beginnings = place_prefixes(whole)
    found.update(map(_key, _places(beginnings)))
    found.update(_keys_of_host(place.host))
    if place.query:
        queries = place_prefixes(f"{whole}?{place.query}", cut="&")
        found.update(map(_key, _places(queries)))
    if not known:
        found.update(_key(("repo", each)) for each in beginnings)
    two_level = home_host(host) in TWO_LEVEL_HOSTS
    found.update(_keys_of_repo("/".join(whole.split("/", 4)[:4]) if two_level else whole))
    return found


def _places(beginnings: Iterable[str]) -> Iterator[Name]:
    return ((_PLACE, each) for each in beginnings)
