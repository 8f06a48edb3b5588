"""The options that say what a request asks for beside its subjects, and how a request is shown."""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from manifests.registry import COPIES, DATA_KINDS, LEVELS, flaws
from pipeline.errors import ConfigError, at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manifests.registry import Authority, RequestState, Scope, Terms

_EVERY = "all"


def add_terms(parser: argparse.ArgumentParser) -> None:
    """Add the options; one that is not given changes nothing."""
    add = parser.add_argument
    add("--copies", choices=COPIES, help="which copies go too (default: near)")
    add(
        "--data-kind",
        action="append",
        choices=(*DATA_KINDS, _EVERY),
        help="only documents of this kind, or of none that is known; repeatable (default: all)",
    )
    add(
        "--language",
        action="append",
        metavar="L",
        help="only documents in this language, by name or code; repeatable (default: all)",
    )
    add(
        "--future",
        action=argparse.BooleanOptionalAction,
        help="also what is created after the day of the request (default: yes)",
    )
    add("--effective", metavar="DAY", help="hold from this UTC day or time on (default: at once)")
    add(
        "--applies",
        action="append",
        metavar="X",
        help="all: published releases too (default); next: releases yet to be made; or NAME or"
        " NAME-VERSION of a release; repeatable",
    )
    add_authority(parser)
    add("--basis", metavar="CODE", help="the legal basis, such as gdpr-17, dsm-4, contract")
    add(
        "--due",
        metavar="DAY",
        help="when it must be settled (default: 30 days from now if the basis is gdpr-…)",
    )
    add(
        "--requester",
        metavar="E-MAIL",
        help="who asks: a digest under --key is recorded, never the address",
    )


def add_authority(parser: argparse.ArgumentParser) -> None:
    """Add the options that say on whose word."""
    add = parser.add_argument
    add("--authority", choices=LEVELS, help="what the requester is to the subject")
    add("--evidence", type=Path, metavar="FILE", help="what proves it: its SHA-256 is recorded")


def read_terms(options: argparse.Namespace, before: Terms) -> Terms:
    """Return `before` with what the options say in its place; its subjects stay."""
    given = {
        "scope": _scope(options, before.scope),
        "effective": options.effective,
        "applies": None if options.applies is None else _names(options.applies),
        "authority": read_authority(options, before),
        "basis": options.basis,
        "due": _due(options, before),
        "requester": None if options.requester is None else _requester(options),
    }
    said = {name: value for name, value in given.items() if value is not None}
    terms = msgspec.structs.replace(before, **said)
    mistake = next(flaws(terms), "")
    if mistake:
        raise ConfigError(f"optout: {mistake}")
    return terms


def _scope(options: argparse.Namespace, before: Scope) -> Scope:
    from filters.optout_scope import canonical_language  # noqa: PLC0415  a quick --help
    from filters.subjects import SubjectError  # noqa: PLC0415  likewise

    try:
        spoken = [
            each if each == _EVERY else canonical_language(each) for each in options.language or ()
        ]
    except SubjectError as error:
        raise ConfigError(f"optout: --language: {error}") from error
    given = {
        "kinds": None if options.data_kind is None else _names(options.data_kind),
        "copies": options.copies,
        "future": options.future,
        "languages": _names(spoken) if spoken else None,
    }
    said = {name: value for name, value in given.items() if value is not None}
    return msgspec.structs.replace(before, **said)


def _names(given: Iterable[str]) -> tuple[str, ...]:
    names = tuple(sorted(set(given)))
    return () if _EVERY in names else names


def read_authority(options: argparse.Namespace, before: Terms) -> Authority:
    """Return the authority of `before` with what the options say in its place."""
    level = before.authority.level if options.authority is None else options.authority
    evidence = before.authority.evidence
    if options.evidence is not None:
        try:
            evidence = hashlib.sha256(options.evidence.read_bytes()).hexdigest()
        except OSError as error:
            problem = f"the evidence cannot be read: {error.strerror}"
            raise ConfigError(at("optout", str(options.evidence), problem)) from error
    return msgspec.structs.replace(before.authority, level=level, evidence=evidence)


def _due(options: argparse.Namespace, before: Terms) -> str | None:
    """Give a month where the GDPR does, in its article 12(3)."""
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415  a quick --help

    if options.due is not None or before.due or not (options.basis or "").startswith("gdpr-"):
        due: str | None = options.due
        return due
    return (datetime.now(UTC).date() + timedelta(days=30)).isoformat()


def _requester(options: argparse.Namespace) -> str:
    from filters.subjects import SubjectError, author_value  # noqa: PLC0415  a quick --help
    from pipeline.optout import read_key  # noqa: PLC0415  likewise

    if options.key is None:
        raise ConfigError("optout: --requester: needs --key: only a keyed digest is recorded")
    try:
        return author_value(options.requester, read_key(options.key))
    except SubjectError as error:
        raise ConfigError(f"optout: --requester: {error}") from error


def shown(state: RequestState) -> dict[str, Any]:
    """Spell a request for machines: every key, whatever it holds."""
    return {"copies": state.copies, **_spelled(state)}


def _spelled(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        return {name: _spelled(each) for name, each in msgspec.structs.asdict(value).items()}
    return [_spelled(each) for each in value] if isinstance(value, tuple) else value
