"""The deep check of one frame's lines: documents against the index, questions against themselves.

A frame whose Merkle root is the one that the manifest vouches for is right; whatever then differs
is the index's mistake. Without that, it is the shard's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from manifests import merkle
from manifests.addressing import address, shard_of
from manifests.record import decode, decode_question, question_flaw, record_flaw
from pipeline.verify.index import DOCUMENTS_PATH, FRAMES_PATH, DocumentRow, FrameRow
from pipeline.verify.walk import key64

if TYPE_CHECKING:
    from manifests.record import Record
    from pipeline.verify.report import Findings
    from pipeline.verify.walk import Shard, Walk


def check_documents(
    shard: Shard, row: FrameRow, lines: list[bytes], listed: list[DocumentRow], walk: Walk
) -> None:
    """Check the documents of a frame; `listed` are its rows in index/documents.parquet."""
    blamed = DOCUMENTS_PATH if _intact(row, lines, walk.findings) else row.shard
    known: list[DocumentRow] | list[None] = listed
    if walk.index.documents is None or not walk.index.documents.usable:
        known = [None] * len(lines)
    elif len(listed) != len(lines):
        problem = f"{row.shard}: {len(listed)} of {len(lines)} documents are listed"
        walk.findings.add(blamed, problem, frame=row.frame)
        known = [None] * len(lines)
    offset = 0
    for line, own in zip(lines, known, strict=True):
        problem, asked = _judge(shard, row, line, offset, walk)
        offset += len(line) + 1
        either = asked if own is None else own
        name = None if either is None else either.id
        if problem != "":
            walk.findings.add(row.shard, problem, frame=row.frame, document=name)
        if own is not None and asked is not None:
            if own[:-1] != asked[:-1]:
                walk.findings.add(blamed, "record and index differ", frame=row.frame, document=name)
            walk.placements.append(key64(own.id, own.family, own.split))


def _judge(
    shard: Shard, row: FrameRow, line: bytes, offset: int, walk: Walk
) -> tuple[str, DocumentRow | None]:
    """Return what is wrong with a line, if anything, and the index row that it asks for."""
    try:
        record = decode(line)
    except (ValueError, RecursionError) as error:
        return f"is no record: {error}", None
    at = address(walk.manifest.build.seed, record.id)
    walk.documents.append(int.from_bytes(at[:8], "big"))
    problem = record_flaw(record) or _place_flaw(shard, record, at, walk)
    walk.last = at
    asked = DocumentRow(
        record.id,
        record.source,
        shard.place.split,
        row.shard,
        row.frame,
        offset,
        len(line) + 1,
        record.sha256,
        record.license,
        record.language,
        record.meta.natural_language,
        record.meta.repo,
        record.meta.path,
        "",
    )
    return problem, asked


def _place_flaw(shard: Shard, record: Record, at: bytes, walk: Walk) -> str:
    """Say why a document may not stand where it does, after the document at `walk.last`."""
    if at == walk.last:
        return "has an id twice"
    if at < walk.last:
        return "is out of order"
    if shard_of(at, walk.manifest.build.shards) != shard.place.shard:
        return "belongs into another shard"
    if record.source != shard.place.source:
        return "is of another source"
    return ""


def check_questions(shard: Shard, row: FrameRow, lines: list[bytes], walk: Walk) -> None:
    """Check the questions of a frame: schema, spans and source; no index names them."""
    _intact(row, lines, walk.findings)
    for number, line in enumerate(lines):
        try:
            question = decode_question(line)
        except (ValueError, RecursionError) as error:
            problem = f"line {number} of the frame is no question: {error}"
            walk.findings.add(row.shard, problem, frame=row.frame)
            continue
        problem = question_flaw(question)
        key = key64(question.source, question.id)
        if key in walk.questions:
            problem = "has an id twice"
        walk.questions.add(key)
        if question.source != shard.place.source:
            problem = "is of another source"
        if problem != "":
            walk.findings.add(row.shard, problem, frame=row.frame, document=question.id)


def _intact(row: FrameRow, lines: list[bytes], findings: Findings) -> bool:
    """Say whether the lines are those that the frame's Merkle root was made of."""
    intact = merkle.root(map(merkle.leaf, lines)).hex() == row.merkle
    if len(lines) != row.documents:
        problem = f"{row.shard}: {len(lines)} documents lie in it, not {row.documents}"
        findings.add(FRAMES_PATH if intact else row.shard, problem, frame=row.frame)
    elif not intact:
        findings.add(row.shard, "its Merkle root is another", frame=row.frame)
    return intact
