"""Tombstones: what left a line of releases and why. Ids that a person asked about are told by a digest alone.

A digest lets whoever knows an id find it again, and nobody read it off. With a key of the registry
it is an HMAC-SHA256 (RFC 2104) under that key, else under the name of the release, which keeps the
ids of two lines of releases apart and no more.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Final, NamedTuple

from manifests.record import Tombstone, decode_tombstone

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pipeline.compare import Fate
    from pipeline.gate import Gate

_PREFIX: Final = "keyed:"
_DIGITS: Final = 32


class Privacy(NamedTuple):
    """Which requests are a person's, and the key under which their ids are told."""

    personal: frozenset[str]
    key: bytes

    def told(self, name: str, request: str) -> str:
        """Return an id as a tombstone tells it."""
        return self.keyed(name) if request in self.personal else name

    def keyed(self, name: str) -> str:
        """Return the digest of an id."""
        digest = hmac.new(self.key, name.encode(), hashlib.sha256).hexdigest()
        return f"{_PREFIX}{digest[:_DIGITS]}"


def privacy_of(gate: Gate | None, release: str) -> Privacy:
    """Tell the requests of a person: with an address or a right to erasure behind it, or of an author."""
    requests = () if gate is None else gate.registry.state.requests
    personal = frozenset(
        each.request
        for each in requests
        if each.requester
        or each.basis.startswith("gdpr")
        or any(subject.kind == "author" for subject in each.subjects)
    )
    key = b"" if gate is None else gate.filter.key
    return Privacy(personal, key or f"gristmill {release}".encode())


def next_tombstones(
    before: bytes, version: str, fates: Mapping[str, Fate], back: Iterable[str], privacy: Privacy
) -> list[Tombstone]:
    """List what has left after what the parent lists; `back` are the ids that are in the release again."""
    returned = {spelt for name in back for spelt in (name, privacy.keyed(name))}
    rows = {}
    for line in before.splitlines():
        row = decode_tombstone(line)
        if row.id not in returned:
            rows[row.id] = row
    for name, fate in fates.items():
        told = privacy.told(name, fate.request)
        rows[told] = Tombstone(id=told, removed_in=version, reason=str(fate), request=fate.request)
    return [rows[name] for name in sorted(rows)]
