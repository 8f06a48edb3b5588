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
from pipeline.release import DOCUMENTS_PATH, is_put_aside, ledger_parts

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

    `fates` is id -> why it left, `edits` counts what breaks with the older release by kind; `reseeded`
    says that the splits are drawn anew. `opted_out` left for a request, `joined` moved out of train
    with an addition. `fetch` are the bytes of the newer release's frames that the older one does
    not have, `bytes` those of all its frames.
    """

    change: diff.Change
    difference: diff.Difference
    sources: tuple[diff.SourceChange, ...]
    fates: dict[str, Fate]
    edits: dict[str, int]
    reseeded: bool
    opted_out: int
    joined: int
    fetch: int
    bytes: int

    @property
    def reasons(self) -> dict[str, int]:
        """Count why records left, most frequent first."""
        counted = Counter(str(fate) for fate in self.fates.values())
        return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))

    @property
    def why(self) -> str:
        """Say in numbers what the change is made of, the breaking part alone where there is one."""
        counts = self.edits
        if not counts and not self.reseeded:
            counts = {"added": len(self.difference.added), "moved with them": self.joined}
        parts = [f"{count:,} {kind}" for kind, count in counts.items() if count]
        return ", ".join(["another seed"] * self.reseeded + parts)


class _Line(msgspec.Struct, frozen=True):
    """What of a line a comparison looks at, whether a document or a question."""

    id: str
    source: str
    license: str
    sha256: str = ""
    context_sha256: str = ""


def compare(old: Path, new: Path, *, reseeded: bool, by_optouts: bool = False) -> Comparison:
    """Compare two releases; their indexes are taken at their word, and `reseeded` resets the splits.

    With `by_optouts` nothing but their opt-outs makes a difference between them, see `pipeline.making`:
    then nothing that changed is an edit of ours.

    Raises:
        IntegrityError: a frame does not decode.
    """
    before, after = frames(old), frames(new)
    known, now = _roots(before), _roots(after)
    held, holds = _contents(old, before, now), _contents(new, after, known)
    difference = diff.compare(held, holds)
    fates = _fates(new, {name for _, name in difference.removed})
    fresh = pc.invert(pc.is_in(after["merkle"], pa.array(sorted(known), pa.string())))
    causes = _causes(difference, held, fates, old, new)
    if by_optouts:
        change, edits = _change_by_optouts(difference, old), {}
    else:
        change = versions.change_of(difference, **causes._asdict(), breaking=reseeded)
        edits = versions.edits(difference, opted_out=causes.opted_out, joined=causes.joined)
    return Comparison(
        change,
        difference,
        diff.by_source(difference, held, holds),
        fates,
        edits,
        reseeded,
        len(causes.opted_out),
        len(causes.joined),
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


class _Causes(NamedTuple):
    """The records whose change is not ours: manifests/version.py says what each set is."""

    opted_out: frozenset[diff.Key]
    re_elected: frozenset[diff.Key]
    joined: frozenset[diff.Key]


def _causes(
    difference: diff.Difference,
    held: Contents,
    fates: dict[str, Fate],
    old: Path,
    new: Path,
) -> _Causes:
    gone = {name for name, fate in fates.items() if fate.stage == "optout"}
    freed = {
        row["id"]
        for row in ledger_rows(old, {name for _, name in difference.added})
        if row["survivor"] in gone or NOT_RE_ELECTED in row["detail"]
    }
    out_of_train = {
        name
        for source, name in difference.moved
        if not source and held[source, name].split == "train"
    }
    drawn = families_joined(out_of_train, {name for _, name in difference.added}, old, new)
    return _Causes(
        frozenset(key for key in difference.removed if key[1] in gone),
        frozenset(key for key in difference.added if key[1] in freed),
        frozenset(("", name) for name in drawn),
    )


def _change_by_optouts(difference: diff.Difference, old: Path) -> diff.Change:
    """Tell a revocation, which brings back what was opted out, from removals and what comes of them."""
    rows = ledger_rows(old, {name for _, name in difference.added})
    if any(row["stage"] == "optout" for row in rows):
        return "minor"
    return "removal" if any(keys for _, keys in difference.items()) else "patch"


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


def families_joined(moved: set[str], added: set[str], old: Path, new: Path) -> set[str]:
    """Return those of the moved documents that an added record has brought into another family.

    It is a document that the older release does not have, of the same family now; or one that was not
    among the older one's inputs, and is itself dropped as the like of a document of that family.
    """
    if not moved:
        return set()
    table = pq.read_table(new / DOCUMENTS_PATH, columns=["id", "family"])
    columns = (map(str, table[name].to_pylist()) for name in ("id", "family"))
    family = dict(zip(*columns, strict=True))
    asked = {family[name] for name in moved}
    members = {name for name, its in family.items() if its in asked}
    drawn = {family[name] for name in members & added}
    likes = {row["id"]: row["survivor"] for row in ledger_rows(new, members, by="survivor")}
    rows = ledger_rows(old, set(likes))
    known = {row["id"] for row in rows if not is_put_aside(row["stage"], row["detail"])}
    drawn |= {family[survivor] for name, survivor in likes.items() if name not in known}
    return {name for name in moved if family[name] in drawn}


def ledger_rows(release: Path, names: set[str], by: str = "id") -> Iterator[dict[str, Any]]:
    """Yield the ledger's rows of some ids, or of what was dropped for some survivors."""
    if not names:
        return
    wanted = pa.array(sorted(names), pa.string())
    for path in ledger_parts(release / "ledger"):
        table = pq.read_table(path, columns=["id", "stage", "reason", "detail", "survivor"])
        yield from table.filter(pc.is_in(table[by], wanted)).to_pylist()
