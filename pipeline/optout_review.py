"""compliance/optout-review.jsonl: opted-out documents whose copies stay, for a person to look at.

Why copies may stay is in docs/decisions/0029. Lines hold ids, counts and reasons, never a text; the ids that a
person asked about are told as tombstones tell them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from manifests.checksum import canonical_json
from pipeline.release import ledger_parts
from pipeline.tombstones import privacy_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.job import Job
    from pipeline.tombstones import Privacy

OPTOUT_REVIEW: Final = "compliance/optout-review.jsonl"
_COLUMNS: Final = ["id", "source", "input", "row", "stage", "detail"]


class Spared(msgspec.Struct, frozen=True, kw_only=True):
    """One line: a document that a request took without its copies, or a kept copy of one.

    `reason` is `license-text`, `generated` or `common`; of a common text `owners` counts the strangers
    who have it and `copies_kept` the copies that would have gone. Each of these that is in the release
    has a line of its own, for the reason `copy`, with the document that it is a `copy_of`.
    """

    request: str
    id: str
    source: str
    input: str
    row: int
    reason: str
    owners: int | None = None
    copies_kept: int | None = None
    copy_of: str | None = None
    similarity: float | None = None


def optout_review(job: Job, release: Path) -> dict[str, bytes]:
    """Make the list of a run that honours a registry, by its path; the ledger lies in `release` already."""
    if job.gate is None:
        return {}
    privacy = privacy_of(job.gate, job.config.release.name)
    return {
        OPTOUT_REVIEW: b"".join(canonical_json(each) + b"\n" for each in _spared(release, privacy))
    }


def _spared(release: Path, privacy: Privacy) -> Iterator[Spared]:
    for path in ledger_parts(release / "ledger"):
        table = pq.read_table(path, columns=_COLUMNS)
        took = pc.and_(
            pc.equal(table["stage"], pa.scalar("optout")),
            pc.match_substring(table["detail"], '"protected":'),
        )
        kept = pc.and_(
            pc.equal(table["stage"], pa.scalar("keep")),
            pc.match_substring(table["detail"], '"pardoned":'),
        )
        for row in table.filter(pc.or_(took, kept)).to_pylist():
            said: dict[str, Any] = msgspec.json.decode(row["detail"])
            yield (
                _copy(row, said["pardoned"], privacy)
                if "pardoned" in said
                else _taken(row, said, privacy)
            )


def _taken(row: dict[str, Any], said: dict[str, Any], privacy: Privacy) -> Spared:
    return Spared(
        request=said["request"],
        id=privacy.told(row["id"], said["request"]),
        source=row["source"],
        input=row["input"],
        row=row["row"],
        reason=said["protected"],
        owners=said.get("owners"),
        copies_kept=said.get("copies_kept"),
    )


def _copy(row: dict[str, Any], said: dict[str, Any], privacy: Privacy) -> Spared:
    return Spared(
        request=said["request"],
        id=row["id"],
        source=row["source"],
        input=row["input"],
        row=row["row"],
        reason="copy",
        copy_of=privacy.told(said["copy_of"], said["request"]),
        similarity=said["similarity"],
    )
