"""Record what people ask for, and what becomes of it: each function appends and returns its events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from manifests.registry import (
    NO_TERMS,
    Authority,
    Copies,
    Draft,
    Entry,
    Event,
    RequestState,
    Terms,
)
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


def alias(
    path: Path,
    pairs: Sequence[tuple[Subject, Subject]],
    *,
    reason: str = "",
    authority: Authority = NO_TERMS.authority,
) -> tuple[Event, ...]:
    """Record that repositories, owners or domains were renamed: pairs of the old name and the new one.

    Requests by any name of a thing are about it under all its names from then on.
    """
    return append(path, [_renamed("alias", each, reason, authority) for each in pairs])


def unalias(
    path: Path,
    pairs: Sequence[tuple[Subject, Subject]],
    *,
    reason: str = "",
    authority: Authority = NO_TERMS.authority,
) -> tuple[Event, ...]:
    """Record that renames are taken back: the names are those of different things again."""
    _require_log(path)
    return append(path, [_renamed("unalias", each, reason, authority) for each in pairs])


def applied(path: Path, requests: Sequence[str], release: str) -> tuple[Event, ...]:
    """Record that a release, `name-version`, was made without what requests name."""
    _require_log(path)
    return append(path, [Draft(event="apply", request=each, release=release) for each in requests])


def _renamed(
    event: Literal["alias", "unalias"],
    pair: tuple[Subject, Subject],
    reason: str,
    authority: Authority,
) -> Draft:
    named = tuple(Entry(each.kind, each.value, each.repo) for each in pair)
    return Draft(event=event, subjects=named, reason=reason, authority=authority)


def _one(path: Path, draft: Draft) -> Event:
    _require_log(path)
    return append(path, [draft])[0]


def _require_log(path: Path) -> None:
    """Refuse to start a registry with what is about earlier events."""
    if not path.exists():
        raise RegistryError(at("optout", str(path), why(FileNotFoundError())))


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
