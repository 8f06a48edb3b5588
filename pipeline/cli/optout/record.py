"""The parts of `gristmill optout` that record: add, amend, reject, revoke, sign."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from manifests.registry import NO_TERMS
from pipeline import terminal
from pipeline.cli.options import print_json
from pipeline.cli.optout.shared import OPTIONS, add_part, add_subjects, read_subjects
from pipeline.cli.optout.terms import add_terms, read_terms
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    import argparse

    from manifests.registry import RequestState, Terms


def add_parts(parts: Any) -> None:
    """Describe the parts."""
    add = add_part(parts, "add", "record a request and, unless --pending, its verification", _add)
    add_subjects(add)
    add_terms(add)
    add.add_argument("--reason", default="", metavar="T", help="why, in a few words")
    add.add_argument("--pending", action="store_true", help="record it, but do not honour it yet")
    amend = add_part(
        parts, "amend", "record what a request shall ask for once it is verified again", _amend
    )
    amend.add_argument("--request", required=True, metavar="ID")
    add_subjects(amend)
    add_terms(amend)
    for name, summary in (
        ("reject", "record that a pending request does not hold"),
        ("revoke", "take a request back"),
    ):
        closing = add_part(parts, name, summary, _close)
        closing.add_argument("--request", required=True, metavar="ID")
        closing.add_argument("--reason", default="", metavar="T", help="why, in a few words")
    sign = add_part(parts, "sign", "vouch for the head of the registry", _sign)
    sign.add_argument(
        "--identity", required=True, type=Path, metavar="KEY", help="an Ed25519 private key"
    )


def _add(options: argparse.Namespace) -> int:
    from pipeline.optout import add  # noqa: PLC0415  a quick --help

    subjects = read_subjects(options)
    if not subjects:
        raise ConfigError(f"optout: name a subject with one of {OPTIONS}")
    terms = read_terms(options, NO_TERMS)
    events = add(
        options.registry, subjects, terms=terms, reason=options.reason, pending=options.pending
    )
    status = "pending" if options.pending else "active"
    return _say(options, events[0].request, subjects, terms, status)


def _amend(options: argparse.Namespace) -> int:
    """Keep what is not given as it was proposed last, or else as it is."""
    from filters.subjects import Subject  # noqa: PLC0415  a quick --help
    from pipeline.optout import amend  # noqa: PLC0415  likewise

    state = _state(options)
    before: Terms = state if state.proposed is None else state.proposed
    kept = [Subject(each.kind, each.value, each.repo) for each in before.subjects]
    subjects = read_subjects(options) or kept
    terms = read_terms(options, before)
    amend(options.registry, options.request, subjects, terms)
    return _say(options, options.request, subjects, terms, "proposed")


def _state(options: argparse.Namespace) -> RequestState:
    from pipeline.optout import requests  # noqa: PLC0415  a quick --help

    for each in requests(options.registry):
        if each.request == options.request:
            return each
    raise ConfigError(f"optout: {options.request}: there is no such request")


def _say(
    options: argparse.Namespace, request: str, subjects: list[Any], terms: Terms, status: str
) -> int:
    said = {
        "request": request,
        "subject": subjects[0] if subjects else None,
        "subjects": subjects,
        "copies": terms.copies,
        "due": terms.due,
        "status": status,
    }
    named = ", ".join(f"{each.kind} {each.value}" for each in subjects)
    due = f", due {terms.due}" if terms.due else ""
    return say(options, said, f"{request}: {named}, copies {terms.copies}{due}, {status}")


def _close(options: argparse.Namespace) -> int:
    from pipeline.optout import reject, revoke  # noqa: PLC0415  a quick --help

    close, status = (reject, "rejected") if options.part == "reject" else (revoke, "revoked")
    event = close(options.registry, options.request, reason=options.reason)
    return say_status(options, event.request, status)


def say_status(options: argparse.Namespace, request: str, status: str) -> int:
    """Print where a request stands now."""
    return say(options, {"request": request, "status": status}, f"{request}: {status}")


def say(options: argparse.Namespace, said: dict[str, Any], line: str) -> int:
    """Print what was recorded; a signature that it made stale is told of on stderr."""
    from pipeline.registry_signature import signature_path  # noqa: PLC0415  a quick --help

    if options.json:
        print_json(said)
    else:
        terminal.say(line)
    signature = signature_path(options.registry)
    if signature.exists():
        terminal.say(
            f"optout: {signature}: is stale now: sign again with `gristmill optout sign`",
            error=True,
        )
    return 0


def _sign(options: argparse.Namespace) -> int:
    from manifests.sshsig import public_line  # noqa: PLC0415  a quick --help
    from pipeline.registry_signature import sign_registry, signature_path  # noqa: PLC0415  likewise

    signed = sign_registry(options.registry, options.identity)
    place = signature_path(options.registry)
    line = public_line(signed.key)
    if options.json:
        print_json({"file": place.name, "signer": signed.fingerprint, "public_key": line})
    else:
        terminal.say(f"{place}: signed by {signed.fingerprint}")
        terminal.say(f"public key: {line}")
    return 0
