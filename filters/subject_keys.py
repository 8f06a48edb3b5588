"""Every subject that can name a document, as keys of 64 bits: a request for none of them cannot mean it.

The law that all of this rests on: whatever `filters.lookup.Index` finds for a document has its key
among the document's. A key says nothing about who is named but to those who know the name already;
of authors it has the keyed digest alone. A normalised text is too dear to make for every document
before anybody asks: its key is one that all documents have.
"""

from __future__ import annotations

import functools
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from filters.repos import home_host
from filters.subject_forms import content_swhid
from filters.subject_names import (
    PLACE,
    names_of_authority,
    names_of_repo,
    names_of_url,
    place_prefixes,
    qualifiers_of,
    swhids_of,
)
from filters.subjects import address_digest, find_addresses, key_id
from filters.urls import SubjectError, ignores_case, lower_segments, parse_url, without_www

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from filters.document import Document
    from filters.subject_names import Name
    from filters.subjects import Subject

_REMEMBERED: Final = 1 << 13  # repositories and hosts, which repeat from document to document
# Who has a repository's name has it as a place, too.
_KINDS: Final = {"owner": PLACE, "origin": PLACE, "repo": PLACE, "url": PLACE}
_ANY_TEXT: Final = ("normalised", "")
# A URL whose place is its text from the host on: no port, query, escape, user or repository's ending.
_PLAIN_URL: Final = re.compile(r"(https?://[A-Za-z0-9.-]+)(/[A-Za-z0-9\-._~!$&'()+,;=:/]*)")
_NAMED: Final = 3  # parts of a place: host, owner and name
_STEM: Final = 6  # parts of a URL: scheme, nothing, host, owner, name and one more


class _Host(NamedTuple):
    """A host's canonical name, `""` where places on it need more than that, and the keys of its domains."""

    name: str
    keys: frozenset[int]


def subject_key(subject: Subject) -> int:
    """Return the key that every document which the subject names has.

    For a path it is its repository's, for a SWHID with qualifiers that of the SWHID without.
    """
    if subject.kind == "normalised":
        return _key(_ANY_TEXT)
    if subject.kind == "path":
        return _key((PLACE, subject.repo))
    value = subject.value.partition(";")[0] if subject.kind == "swhid" else subject.value
    return _key((_KINDS.get(subject.kind, subject.kind), value))


def document_keys(document: Document, key: bytes = b"") -> set[int]:
    """Return the keys of all that can name the document; authors only under the registry's `key`."""
    found = _keys_of_work(document, key)
    found.add(_any_text())
    if not document.text:  # an origin's is not known, a document's is the empty one
        found.add(_key(("swhid", content_swhid(b""))))
    for each in document.origins:
        found |= _keys_of_work(each, key)
    return found


def _keys_of_work(document: Document, key: bytes) -> set[int]:
    found = set(map(_key, _own_names(document)))
    if key and document.author:
        found |= _keys_of_author(document.author, key)
    if document.repo:
        found |= _keys_of_repo(document.repo)
    if document.url:
        found |= _keys_of_url(document.url)
    if document.id.startswith("swh:1:"):
        for origin in qualifiers_of(document.id, "origin"):
            found |= _keys_of_url(origin)
    return found


def _key(name: Name) -> int:
    """Return the first 64 bits of SHA-256 of `kind NUL value`."""
    return int.from_bytes(
        sha256("\0".join(name).encode("utf-8", "surrogatepass")).digest()[:8], "big"
    )


@functools.cache
def _any_text() -> int:
    return _key(_ANY_TEXT)


def _own_names(document: Document) -> Iterator[Name]:
    """Yield what names this document alone."""
    yield "id", document.id
    yield "sha256", document.sha256
    if document.text:
        yield "swhid", content_swhid(document.text.encode())
    if document.extra or document.id.startswith("swh:1:"):
        for each in swhids_of(document):
            yield "swhid", each


@functools.lru_cache(_REMEMBERED)
def _keys_of_author(text: str, key: bytes) -> frozenset[int]:
    name = key_id(key)
    digests = (address_digest(each, key) for each in find_addresses(text))
    return frozenset(_key(("author", f"{name}:{each}")) for each in digests)


@functools.lru_cache(_REMEMBERED)
def _keys_of_repo(text: str) -> frozenset[int]:
    return _keys(names_of_repo(text))


@functools.lru_cache(_REMEMBERED)
def _keys_of_folder(stem: str, place: str) -> frozenset[int]:
    """Make the keys of a folder on GitHub: of a URL with one segment after the name, and of what is below."""
    below = place_prefixes(place)[_NAMED + 1 :]
    return _keys_of_stem(stem).union(_key((PLACE, each)) for each in below)


@functools.lru_cache(_REMEMBERED)
def _keys_of_stem(url: str) -> frozenset[int]:
    return _keys(names_of_url(url))


def _keys(names: Iterable[Name]) -> frozenset[int]:
    return frozenset(_key(each) for each in names if each[0] != "repo")


@functools.lru_cache(_REMEMBERED)
def _host(head: str) -> _Host:
    """Look at a URL's scheme and host; only GitHub, and hosts without rules of their own, have plain places."""
    keys = _keys(names_of_authority(head))
    try:
        host = without_www(parse_url(head).host)
    except SubjectError:
        return _Host("", keys)
    plain = host == "github.com" or (not ignores_case(host) and home_host(host) == host)
    return _Host(host if plain else "", keys)


def _keys_of_url(url: str) -> frozenset[int] | set[int]:
    """Make the keys of a URL's names: of a plain one only its place's beginnings, the folders' remembered."""
    plain = _PLAIN_URL.fullmatch(url)
    if plain is None or "/." in url or "//" in plain[2] or ".git" in plain[2].lower():
        return _keys(names_of_url(url))
    host, keys = _host(plain[1])
    if not host:
        return _keys(names_of_url(url))
    tail = plain[2].rstrip("/")
    if host != "github.com":
        return keys.union(_key((PLACE, each)) for each in place_prefixes(host + tail))
    place = host + lower_segments(tail, 2)
    parts = url.split("/", _STEM)
    if len(parts) <= _STEM:
        return _keys(names_of_url(url))
    stem = "/".join(parts[:_STEM])
    return _keys_of_folder(stem, place.rpartition("/")[0]) | {_key((PLACE, place))}
