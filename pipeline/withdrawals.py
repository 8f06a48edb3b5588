"""`withdrawals.jsonl` beside the releases: which are withdrawn, and what replaces them.

A sealed release is never touched, so that it was withdrawn stands outside of it, one line each, in
the order in which it happened. Lines hold names, roots and request ids, never an id of a document.
"""

from __future__ import annotations

import fcntl
from typing import TYPE_CHECKING, Final

import msgspec

from manifests.checksum import canonical_json
from pipeline.errors import IntegrityError, at
from pipeline.release import write_bytes

if TYPE_CHECKING:
    from pathlib import Path

WITHDRAWALS: Final = "withdrawals.jsonl"


class Withdrawal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A release that is withdrawn: by name and root, like the one that replaces it.

    `registry` is the head of the opt-out registry that the replacement honours, `requests` are those
    behind the documents that went, `withdrawn` is the UTC day.
    """

    release: str
    content_root: str
    replaced_by: str
    replacement_root: str
    registry: str
    requests: tuple[str, ...]
    documents: int
    withdrawn: str


def withdraw(folder: Path, entry: Withdrawal) -> None:
    """Add a line to the folder's file, unless it stands there already; concurrent writers take turns."""
    with (folder / f".{WITHDRAWALS}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        listed = read_withdrawals(folder)
        same = msgspec.structs.replace(entry, withdrawn="")
        if any(msgspec.structs.replace(each, withdrawn="") == same for each in listed):
            return
        lines = [canonical_json(each) + b"\n" for each in (*listed, entry)]
        write_bytes(folder / WITHDRAWALS, b"".join(lines))


def read_withdrawals(folder: Path) -> tuple[Withdrawal, ...]:
    """Read the folder's file; without one nothing is withdrawn.

    Raises:
        IntegrityError: a line is none.
    """
    path = folder / WITHDRAWALS
    if not path.exists():
        return ()
    found = []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            found.append(msgspec.json.decode(line, type=Withdrawal))
        except (ValueError, msgspec.MsgspecError):
            raise IntegrityError(at("verify", str(path), "is no withdrawal", line=number)) from None
    return tuple(found)


def withdrawal_of(release: Path, name: str, content_root: str) -> Withdrawal | None:
    """Return the last line about a release from the file beside it.

    `name` is `name-version` as its manifest says, whatever the folder is called. The content root
    alone would not do: after a revocation a later release holds what a withdrawn one held.
    """
    listed = read_withdrawals(release.resolve().parent)
    mine = [each for each in listed if (each.release, each.content_root) == (name, content_root)]
    return mine[-1] if mine else None
