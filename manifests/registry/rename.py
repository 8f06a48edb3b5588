"""Renames as the log has them, an old name and the new one; one that cannot be is refused.

The names are canonical already; that two spellings are one name is for who compiles the log to find.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from manifests.registry.event import ChainError, Event
from manifests.registry.terms import NO_TERMS, NOBODY, Authority, flaws, terms_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_KINDS: Final = frozenset({"repo", "owner", "domain"})


class Rename(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """What has the name `new` was called `old`; `ts` is when that was recorded, on the word of `authority`."""

    kind: str
    old: str
    new: str
    ts: str
    reason: str = ""
    authority: Authority = NOBODY


def renamed(known: Mapping[str, Rename], event: Event) -> Rename:
    """Return what an `alias` or `unalias` says, after the renames that hold, by their old names.

    Raises:
        ChainError: it names no two things of one kind; for an `alias`, the pair is known, the old name
            has another successor or the names would go in a circle; for an `unalias`, there is none.
    """
    said = _read(event)
    before = known.get(said.old)
    if event.event == "unalias":
        if before is None or (before.kind, before.new) != (said.kind, said.new):
            raise ChainError("there is no such rename: write its kind, old and new name as listed")
    elif before is not None:
        if before.new == said.new:
            raise ChainError("this rename is recorded already")
        raise ChainError("the old name has a successor already: take that one back first")
    else:
        _refuse_circle(known, said)
    return said


def _read(event: Event) -> Rename:
    kinds = {each.kind for each in event.subjects}
    if len(event.subjects) != 2 or len(kinds) != 1 or not kinds <= _KINDS:  # noqa: PLR2004  old and new
        raise ChainError("a rename has two names, old and new, both of a repo, owner or domain")
    rest = msgspec.structs.replace(terms_of(event), subjects=(), authority=NOBODY)
    if rest != NO_TERMS or event.request or event.release or any(e.repo for e in event.subjects):
        raise ChainError("a rename says no more than its two names, on whose word and why")
    flaw = next(flaws(event), "")
    if flaw:
        raise ChainError(flaw)
    old, new = event.subjects
    if not old.value or not new.value or old.value == new.value:
        raise ChainError(
            "a rename goes from one name to another: write the old one and the new one"
        )
    return Rename(
        kind=old.kind,
        old=old.value,
        new=new.value,
        ts=event.ts,
        reason=event.reason,
        authority=event.authority,
    )


def _refuse_circle(known: Mapping[str, Rename], said: Rename) -> None:
    name = said.new
    while name in known:
        name = known[name].new
        if name == said.old:
            raise ChainError("names in a circle: they cover each other already: leave this one out")
