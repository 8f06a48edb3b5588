"""The account of decontamination: reports/decontamination.jsonl, and what the manifest says of the protected sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from manifests.checksum import canonical_json
from manifests.manifest import Decontam, ProtectedSet
from pipeline.decontam import read_protected
from pipeline.protected import find_protected
from pipeline.stages.part import DROPPED, read_stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.engine.work import Marker
    from pipeline.job import Job

DECONTAMINATION: Final = "reports/decontamination.jsonl"


class Removed(msgspec.Struct, frozen=True, kw_only=True):
    """One line: a record that was dropped, and of which item of which set it is a copy; never a text.

    `span` are code points `[start, end)` of the text as it was read, of the longest stretch of the
    item; `ngrams` counts the item's n-grams in the text and `score` is their share of all of them.
    By id or title there is no span and `ngrams` is 0.
    """

    id: str
    source: str
    input: str
    row: int
    set: str
    item: str
    method: str
    span: tuple[int, int] | None
    ngrams: int
    score: float


def decontamination(job: Job, parts: list[Marker], held_out: str) -> dict[str, bytes]:
    """Make the report of a run that protects sets, by its path; sorted by source, input and row."""
    if job.config.decontam is None and not held_out:
        return {}
    return {DECONTAMINATION: b"".join(canonical_json(row) + b"\n" for row in _removed(job, parts))}


def _removed(job: Job, parts: list[Marker]) -> Iterator[Removed]:
    for item, part in zip(job.inputs, parts, strict=True):
        table = read_stream(job.work.folder(part) / DROPPED)
        mine = table.filter(pc.equal(table["stage"], pa.scalar("decontam"))).sort_by("row")
        for row in mine.select(["row", "id", "detail"]).to_pylist():
            found: dict[str, Any] = msgspec.json.decode(row["detail"])
            yield Removed(
                id=row["id"],
                source=item.source,
                input=item.path,
                row=row["row"],
                set=found["set"],
                item=found["item"],
                method=found["method"],
                span=found.get("span"),
                ngrams=found.get("ngrams", 0),
                score=found.get("score", 1.0),
            )


def protected_sets(job: Job, held_out: str) -> Decontam | None:
    """Say for the manifest how documents were compared, and with what; `None` where nothing is protected."""
    digests = (find_protected(job.config, job.root).digest, held_out)
    opened = [read_protected(job.work, digest) for digest in digests if digest]
    if not opened:
        return None
    return Decontam(
        ngram=opened[0][0].ngram,
        sets=tuple(
            ProtectedSet(**msgspec.structs.asdict(each), by=tuple(sorted(protected.by)))
            for protected, sets in opened
            for each in sets
        ),
    )
