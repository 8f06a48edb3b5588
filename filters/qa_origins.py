"""The works that a question or a document was made of, so that an opt-out of one of them reaches it.

A record tells them under `origins`, each as an object of strings: what `Document` calls it, and ids of
git objects under the keys of `filters.subject_names`.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

from filters.document import Document
from filters.subject_names import GIT_KEYS

ORIGINS: Final = "origins"
_NAMES: Final = ("id", "sha256", "url", "repo", "path")


def origins_of(told: object, source: str) -> tuple[Document, ...] | None:
    """Read what a record says under `origins`; `None` where that is no list of objects of strings."""
    if not isinstance(told, list) or not all(map(_is_told, told)):
        return None
    return tuple(_origin(each, source) for each in told)


def tell_origin(origin: Document) -> dict[str, str]:
    """Say of a work all that an opt-out request may name it by, but for its text and its author."""
    told = {name: getattr(origin, name) for name in _NAMES}
    return {name: value for name, value in (told | git_ids(origin)).items() if value}


def git_ids(document: Document) -> dict[str, str]:
    """Return what of a document's extra names git objects."""
    found = {name: document.extra.get(name) for name in GIT_KEYS}
    return {name: value for name, value in found.items() if isinstance(value, str)}


def asked_work(question: str, source: str) -> Document:
    """Return a question's own words as a work: it has no name, but may be opted out by its text."""
    digest = hashlib.sha256(question.encode()).hexdigest()
    return Document(id="", text=question, sha256=digest, source=source)


def _is_told(value: object) -> bool:
    return (
        isinstance(value, dict)
        and bool(value)
        and value.keys() <= {*_NAMES, *GIT_KEYS}
        and all(isinstance(each, str) for each in value.values())
    )


def _origin(told: dict[str, Any], source: str) -> Document:
    known = {name: told.get(name, "") for name in _NAMES}
    borne = {name: told[name] for name in GIT_KEYS if name in told}
    return Document(**known, text="", source=source, extra=borne)
