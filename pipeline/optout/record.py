"""Record what people ask for, and what becomes of it: each function appends and returns its events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from manifests.registry import NO_TERMS, Copies, Draft, Entry, Event, RequestState, Terms
from pipeline.errors import RegistryError, at
from pipeline.optout.load import load
from pipeline.optout.log import append, why

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from filters.subjects import Subject


def add(
    path: Path,
    subjects: Sequence[Subject],
    *,
    copies: Copies | None = None,
    terms: Terms = NO_TERMS,
    reason: str = "",
    pending: bool = False,
) -> tuple[Event, ...]:
    """Record a request for one or more subjects and, unless it is pending, its verification.

    `terms` are those of the request but for its subjects; `copies`, if given, goes before theirs.
    """
    submit = _draft("submit", subjects, copies, terms, reason=reason)
    return append(path, [submit] if pending else [submit, Draft(event="verify")])


def amend(path: Path, request: str, subjects: Sequence[Subject], terms: Terms = NO_TERMS) -> Event:
    """Record what a request shall ask for instead; it holds once it is verified."""
    draft = _draft("amend", subjects, None, terms)
    return _one(path, msgspec.structs.replace(draft, request=request))


def verify(path: Path, request: str) -> Event:
    """Record that a pending request, or its amendment, has been verified."""
    return _one(path, Draft(event="verify", request=request))


def reject(path: Path, request: str, *, reason: str = "") -> Event:
    """Record that a request does not hold."""
    return _one(path, Draft(event="reject", request=request, reason=reason))


def revoke(path: Path, request: str, *, reason: str = "") -> Event:
    """Record that a request has been taken back; the next release has its documents again."""
    return _one(path, Draft(event="revoke", request=request, reason=reason))


def _one(path: Path, draft: Draft) -> Event:
    if not path.exists():  # what is about an earlier request never starts a registry
        raise RegistryError(at("optout", str(path), why(FileNotFoundError())))
    return append(path, [draft])[0]


def requests(path: Path) -> tuple[RequestState, ...]:
    """List every request with its state, in the order of submission."""
    return load(path).state.requests


def _draft(
    event: Literal["submit", "amend"],
    subjects: Sequence[Subject],
    copies: Copies | None,
    terms: Terms,
    reason: str = "",
) -> Draft:
    entries = tuple(Entry(each.kind, each.value, each.repo) for each in subjects)
    scope = terms.scope if copies is None else msgspec.structs.replace(terms.scope, copies=copies)
    said = {n: getattr(terms, n) for n in Terms.__struct_fields__} | {
        "subjects": entries,
        "scope": scope,
    }
    return Draft(event=event, reason=reason, **said)
