"""The parts of `gristmill optout` that ask the registry: list, verify."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from manifests.registry import Status
from pipeline import terminal
from pipeline.cli.options import print_json, print_table
from pipeline.cli.optout.alias import rename_rows, rename_shown
from pipeline.cli.optout.record import say_status
from pipeline.cli.optout.shared import add_part, spell
from pipeline.cli.optout.terms import shown

if TYPE_CHECKING:
    import argparse


def add_parts(parts: Any) -> None:
    """Describe the parts."""
    listed = add_part(
        parts, "list", "list every request and its state, and what was renamed", _list
    )
    listed.add_argument(
        "--status", choices=get_args(Status), help="only requests that stand like this"
    )
    verify = add_part(
        parts, "verify", "check the chain of the registry, or confirm a request", _verify
    )
    verify.add_argument("--request", metavar="ID", help="record that this pending request holds")
    verify.add_argument(
        "--signers",
        type=Path,
        metavar="F",
        help="require a signature over the head by an ed25519 key in this .pub, authorized_keys or"
        " allowed_signers file",
    )


def _list(options: argparse.Namespace) -> int:
    from pipeline.optout import load  # noqa: PLC0415  a quick --help

    state = load(options.registry).state
    states = [
        each for each in state.requests if options.status is None or each.status == options.status
    ]
    renames = state.renames if options.status is None else ()
    if options.json:
        for line in (*map(shown, states), *map(rename_shown, renames)):
            print_json(line)
        return 0
    rows = [
        (
            each.request,
            each.status,
            each.copies,
            ", ".join(map(spell, each.subjects)),
        )
        for each in states
    ]
    print_table(f"{len(rows)} requests", ("request", "status", "copies", "subjects"), rows)
    if renames:
        header = ("kind", "old name", "new name", "recorded")
        print_table(f"{len(renames)} renames", header, rename_rows(renames))
    return 0


def _verify(options: argparse.Namespace) -> int:
    from pipeline.optout import load, verify  # noqa: PLC0415  a quick --help

    if options.request is not None:
        return say_status(options, verify(options.registry, options.request).request, "verified")
    registry = load(options.registry, trust_index=False)
    signer = "" if options.signers is None else _signer(options, registry.head)
    if options.json:
        print_json(
            {
                "ok": True,
                "events": registry.events,
                "head": registry.head,
                "cutoff": registry.cutoff,
                "requests": registry.counts,
                "signer": signer,
            }
        )
    else:
        signed = f", signed by {signer}" if signer else ""
        terminal.say(
            f"{options.registry}: {registry.events} events, the chain holds, head {registry.head}{signed}"
        )
    return 0


def _signer(options: argparse.Namespace, head: str) -> str:
    from pipeline.registry_signature import require_signature  # noqa: PLC0415  a quick --help
    from pipeline.signing import read_signers  # noqa: PLC0415  likewise

    signers = read_signers(options.signers, "optout")
    return require_signature(options.registry, head, signers).fingerprint
