"""Compare two releases: frames that both hold are not read, so the cost is that of what changed."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from manifests import diff
from manifests import version as versions
from manifests.manifest import shard_path
from pipeline.catalog import frames, read_frame
from pipeline.release import ledger_parts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Contents = dict[diff.Key, diff.Held]
NOT_RE_ELECTED: Final = '"not_reelected":true'
"""In the ledger of an amended release: a duplicate whose survivor left, and whose text was not at hand."""


class Fate(NamedTuple):
    """Why a record of the older release is not in the newer one, as its ledger says."""

    stage: str
    reason: str
    request: str

    def __str__(self) -> str:
        """Spell the fate as reports do."""
        return f"{self.stage}:{self.reason}"


class Comparison(NamedTuple):
    """What changed from one release to another.

    `old` and `new` hold the records of frames that differ, `fates` is id -> why it left, `fetch`
    the bytes of the newer release's frames that the older one does not have, `bytes` those of all
    its frames.
    """

    change: diff.Change
    difference: diff.Difference
    sources: tuple[diff.SourceChange, ...]
    fates: dict[str, Fate]
    fetch: int
    bytes: int

    @property
    def reasons(self) -> dict[str, int]:
        """Count why records left, most frequent first."""
        counted = Counter(str(fate) for fate in self.fates.values())
        return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


class _Line(msgspec.Struct, frozen=True):
    """What of a line a comparison looks at, whether a document or a question."""

    id: str
    source: str
    license: str
    sha256: str = ""
    context_sha256: str = ""


def compare(old: Path, new: Path, *, reseeded: bool) -> Comparison:
    """Compare two releases; their indexes are taken at their word, and `reseeded` resets the splits.

    Raises:
        IntegrityError: a frame does not decode.
    """
    before, after = frames(old), frames(new)
    known, now = _roots(before), _roots(after)
    held, holds = _contents(old, before, now), _contents(new, after, known)
    difference = diff.compare(held, holds)
    fates = _fates(new, {name for _, name in difference.removed})
    fresh = pc.invert(pc.is_in(after["merkle"], pa.array(sorted(known), pa.string())))
    return Comparison(
        _change(difference, fates, old, breaking=reseeded),
        difference,
        diff.by_source(difference, held, holds),
        fates,
        fetch=pc.sum(after.filter(fresh)["length"]).as_py() or 0,
        bytes=pc.sum(after["length"]).as_py() or 0,
    )


def _roots(table: pa.Table) -> set[str]:
    return set(map(str, table["merkle"].to_pylist()))


def _contents(release: Path, table: pa.Table, other: set[str]) -> Contents:
    """Digest every line of the frames that the other release does not have."""
    found: Contents = {}
    for row in table.to_pylist():
        place = shard_path(row["shard"])
        if row["merkle"] in other or place is None:
            continue
        for line in read_frame(release, row["shard"], row["offset"], row["length"]):
            read = msgspec.json.decode(line, type=_Line)
            key = ("" if place.kind == "data" else read.source, read.id)
            digest = hashlib.sha256(line).digest()
            text = read.sha256 or read.context_sha256
            found[key] = diff.Held(digest, text, read.license, read.source, place.split)
    return found


def _change(
    difference: diff.Difference, fates: dict[str, Fate], old: Path, *, breaking: bool
) -> diff.Change:
    """Name the change; what comes back because an opted-out survivor left is no addition of ours."""
    opted_out = {name for name, fate in fates.items() if fate.stage == "optout"}
    freed = {
        row["id"]
        for row in ledger_rows(old, {name for _, name in difference.added})
        if row["survivor"] in opted_out or NOT_RE_ELECTED in row["detail"]
    }
    return versions.change_of(
        difference,
        opted_out={key for key in difference.removed if key[1] in opted_out},
        re_elected={key for key in difference.added if key[1] in freed},
        breaking=breaking,
    )


def _fates(release: Path, gone: set[str]) -> dict[str, Fate]:
    """Look up in the newer ledger why records are not there."""
    fates = dict.fromkeys(sorted(gone), Fate("input", "absent", ""))
    for row in ledger_rows(release, gone):
        request = msgspec.json.decode(row["detail"]).get("request", "")
        # a near duplicate's reason ends in its similarity, which is no kind of reason
        fate = Fate(row["stage"], row["reason"].partition(":")[0], request)
        fates[row["id"]] = min(fates[row["id"]], fate, key=_telling)
    return fates


def _telling(fate: Fate) -> tuple[bool, bool, Fate]:
    """Of several rows of one id the opt-out says most, then any row; the rest is order for its own sake."""
    return fate.stage != "optout", fate.stage == "input", fate


def ledger_rows(release: Path, names: set[str]) -> Iterator[dict[str, Any]]:
    """Yield the ledger's rows of some ids."""
    wanted = pa.array(sorted(names), pa.string())
    for path in ledger_parts(release / "ledger"):
        table = pq.read_table(path, columns=["id", "stage", "reason", "detail", "survivor"])
        yield from table.filter(pc.is_in(table["id"], wanted)).to_pylist()
