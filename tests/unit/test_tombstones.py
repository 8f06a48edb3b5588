"""Tombstones: what left is listed until it is back, and what a person asked about is told by a digest."""

from __future__ import annotations

from manifests.record import Tombstone, encode
from pipeline.compare import Fate
from pipeline.tombstones import Privacy, next_tombstones

PRIVACY = Privacy(frozenset({"r-person"}), b"gristmill m")
MINE = Fate("optout", "repo", "r-person")
THEIRS = Fate("optout", "repo", "r-firm")


def test_the_id_of_a_personal_request_is_told_by_a_digest_alone() -> None:
    rows = next_tombstones(b"", "1.0.1", {"secret-id": MINE, "plain-id": THEIRS}, (), PRIVACY)
    told = {row.request: row.id for row in rows}
    assert told == {"r-person": PRIVACY.keyed("secret-id"), "r-firm": "plain-id"}
    assert "secret-id" not in told["r-person"]
    assert {row.removed_in for row in rows} == {"1.0.1"}


def test_what_is_back_has_no_tombstone_whether_told_or_keyed() -> None:
    before = b"".join(
        encode(Tombstone(id=name, removed_in="1.0.1", reason="optout:repo", request="r"))
        for name in ("a", PRIVACY.keyed("b"), "c")
    )
    rows = next_tombstones(before, "1.0.2", {}, ("a", "b"), PRIVACY)
    assert [row.id for row in rows] == ["c"]


def test_another_key_or_another_line_of_releases_gives_other_digests() -> None:
    other = Privacy(PRIVACY.personal, b"gristmill n")
    assert other.keyed("a") != PRIVACY.keyed("a") == PRIVACY.keyed("a")
