"""Whose a document is, as one number: two documents of one owner count once where owners are counted."""

from __future__ import annotations

import functools
import hashlib
from typing import TYPE_CHECKING, Final

from filters.repos import canonical_repo
from filters.subject_names import authority_of
from filters.suffixes import registrable
from filters.urls import SubjectError, canonical_host

if TYPE_CHECKING:
    from filters.document import Document

_REMEMBERED: Final = 1 << 13
NOBODY: Final = 0


def owner_key(document: Document) -> int:
    """Return 64 bits for the owner of the document's repository, else its site; `NOBODY` where neither is told."""
    name = _of_repo(document.repo) if document.repo else ""
    return _key(name or _of_url(document.url))


@functools.lru_cache(_REMEMBERED)
def _key(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") if name else NOBODY


@functools.lru_cache(_REMEMBERED)
def _of_repo(text: str) -> str:
    try:
        return "/".join(canonical_repo(text).split("/")[:2])
    except SubjectError:
        return ""


def _of_url(url: str) -> str:
    authority = authority_of(url)
    return _of_host(authority) if authority else ""


@functools.lru_cache(_REMEMBERED)
def _of_host(text: str) -> str:
    try:
        return registrable(canonical_host(text))
    except SubjectError:
        return ""
