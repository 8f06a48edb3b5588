"""The parts of `gristmill optout` that record: add, amend, reject, revoke, sign."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from manifests.registry import NO_TERMS
from pipeline import terminal
from pipeline.cli.options import print_json
from pipeline.cli.optout.shared import (
    OPTIONS,
    add_part,
    add_subjects,
    read_subjects,
    say_new,
    say_stale,
    say_wide,
    spell,
)
from pipeline.cli.optout.terms import add_terms, read_terms
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    import argparse

    from manifests.registry import RequestState, Terms


# One word with one @ and nothing that an id has in front of it, as `source:` or `folder/`.
_ADDRESS: Final = re.compile(r"[^\s/:@]+@[^\s/:@]+")


def add_parts(parts: Any) -> None:
    """Describe the parts."""
    add = add_part(parts, "add", "record a request and, unless --pending, its verification", _add)
    add_subjects(add)
    _add_near(add)
    add_terms(add)
    add.add_argument("--reason", default="", metavar="T", help="why, in a few words")
    add.add_argument("--pending", action="store_true", help="record it, but do not honour it yet")
    amend = add_part(
        parts, "amend", "record what a request shall ask for once it is verified again", _amend
    )
    amend.add_argument("--request", required=True, metavar="ID")
    add_subjects(amend)
    _add_near(amend)
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

    existed = options.registry.exists()
    _refuse_addresses(options)
    subjects = [*read_subjects(options), *_keep_texts(options)]
    if not subjects:
        raise ConfigError(f"optout: name a subject with one of {OPTIONS}, --near")
    terms = read_terms(options, NO_TERMS)
    _refuse_narrow(subjects, terms)
    events = add(
        options.registry, subjects, terms=terms, reason=options.reason, pending=options.pending
    )
    status = "pending" if options.pending else "active"
    say_new(options.registry, existed=existed)
    say_wide(subjects)
    return _say(options, events[0].request, subjects, terms, status)


def _amend(options: argparse.Namespace) -> int:
    """Keep what is not given as it was proposed last, or else as it is."""
    from filters.subjects import Subject  # noqa: PLC0415  a quick --help
    from pipeline.optout import amend  # noqa: PLC0415  likewise

    state = _state(options)
    _refuse_addresses(options)
    before: Terms = state if state.proposed is None else state.proposed
    kept = [Subject(each.kind, each.value, each.repo) for each in before.subjects]
    subjects = [*read_subjects(options), *_keep_texts(options)] or kept
    terms = read_terms(options, before)
    _refuse_narrow(subjects, terms)
    amend(options.registry, options.request, subjects, terms)
    say_wide(subjects)
    return _say(options, options.request, subjects, terms, "proposed")


def _add_near(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--near",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="every near copy of the text in a file, whoever has it; kept as hashes beside the registry",
    )


def _keep_texts(options: argparse.Namespace) -> list[Any]:
    if not options.near:
        return []
    from pipeline.optout.texts import keep_text  # noqa: PLC0415  numba loads only for who needs it

    return [keep_text(options.registry, path) for path in options.near]


def _refuse_addresses(options: argparse.Namespace) -> None:
    """Refuse an id that is an e-mail address: an id stands in the log in clear, and the log is never cut."""
    from filters.subjects import find_addresses  # noqa: PLC0415  a quick --help

    for each in options.id or ():
        if _ADDRESS.fullmatch(each.strip()) is not None and find_addresses(each):
            raise ConfigError(
                "optout: --id: that looks like an address: write --author, which is recorded as a keyed digest"
            )


def _refuse_narrow(subjects: list[Any], terms: Terms) -> None:
    """Refuse a scope that near copies of a text cannot be held against: nobody knows of whom they are."""
    scope = terms.scope
    narrow = scope.kinds or scope.languages or not scope.future or scope.copies != "near"
    if narrow and any(each.kind == "near" for each in subjects):
        raise ConfigError(
            "optout: --near: takes every near copy: leave --copies, --data-kind, --language and"
            " --no-future out, or ask for them in a request of its own"
        )


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
        "subjects": subjects,
        "copies": terms.copies,
        "due": terms.due,
        "status": status,
    }
    named = ", ".join(map(spell, subjects))
    due = f", due {terms.due}" if terms.due else ""
    return say(
        options, said, f"{request}: {named}, copies {terms.copies}{due}, {shown_status(status)}"
    )


def shown_status(status: str) -> str:
    """Spell for people what machines are told of a new request: the word is that of `list`."""
    return "verified" if status == "active" else status


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
    if options.json:
        print_json(said)
    else:
        terminal.say(line)
    say_stale(options.registry)
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
