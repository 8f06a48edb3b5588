"""The part of `gristmill optout` that records what was renamed: alias."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from manifests.registry import NO_TERMS
from pipeline.cli.optout.record import say
from pipeline.cli.optout.shared import add_part, one_subject
from pipeline.cli.optout.terms import add_authority, read_authority
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from filters.subjects import Subject
    from manifests.registry import Rename

_KINDS = {
    "repo": "a repository that was renamed or transferred",
    "owner": "an account or organisation that was renamed",
    "domain": "a site that moved",
}


def add_parts(parts: Any) -> None:
    """Describe the part."""
    alias = add_part(parts, "alias", "record that what has one name had another before", _alias)
    for kind, summary in _KINDS.items():
        alias.add_argument(
            f"--{kind}", nargs=2, action="append", metavar=("OLD", "NEW"), help=summary
        )
    alias.add_argument("--undo", action="store_true", help="take back what was recorded so")
    alias.add_argument("--reason", default="", metavar="CODE", help="why, as a code")
    add_authority(alias)


def _alias(options: argparse.Namespace) -> int:
    from pipeline.optout import alias, unalias  # noqa: PLC0415  a quick --help

    pairs = _pairs(options)
    if not pairs:
        raise ConfigError("optout: name what was renamed with --repo, --owner or --domain OLD NEW")
    authority = read_authority(options, NO_TERMS)
    change = unalias if options.undo else alias
    change(options.registry, pairs, reason=options.reason, authority=authority)
    status = "taken back" if options.undo else "recorded"
    renames = [{"kind": old.kind, "old": old.value, "new": new.value} for old, new in pairs]
    lines = [f"{old.kind} {old.value} -> {new.value}: {status}" for old, new in pairs]
    return say(options, {"status": status, "renames": renames}, "\n".join(lines))


def _pairs(options: argparse.Namespace) -> list[tuple[Subject, Subject]]:
    return [
        (one_subject(kind, old), one_subject(kind, new))
        for kind in _KINDS
        for old, new in getattr(options, kind) or ()
    ]


def rename_rows(renames: Iterable[Rename]) -> list[tuple[str, ...]]:
    """Spell renames for a table: kind, old name, new name, day."""
    return [(each.kind, each.old, each.new, each.ts[:10]) for each in renames]


def rename_shown(rename: Rename) -> dict[str, Any]:
    """Spell a rename for machines: every key, whatever it holds."""
    authority = msgspec.structs.asdict(rename.authority)
    return {"event": "alias", **msgspec.structs.asdict(rename), "authority": authority}
