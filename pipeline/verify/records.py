"""The deep check of one frame's lines: documents against the index, questions against themselves.

A frame whose Merkle root is the one that the manifest vouches for is right; whatever then differs
is the index's mistake. Without that, it is the shard's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from manifests import merkle
from manifests.addressing import address, shard_of
from manifests.content import record_leaf
from manifests.record import (
    Question,
    Record,
    decode,
    decode_question,
    question_flaw,
    record_flaw,
)
from pipeline.release import DOCUMENTS_PATH, FRAMES_PATH
from pipeline.verify.index import DocumentRow, FrameRow
from pipeline.verify.walk import key64

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipeline.verify.report import Findings
    from pipeline.verify.walk import Shard, Walk

R = TypeVar("R", Record, Question)


def check_documents(
    shard: Shard, row: FrameRow, lines: list[bytes], listed: list[DocumentRow], walk: Walk
) -> None:
    """Check the documents of a frame; `listed` are its rows in index/documents.parquet."""
    read = [_read(shard, line, decode, walk) for line in lines]
    blamed = DOCUMENTS_PATH if _intact(row, read, walk.findings) else row.shard
    known: list[DocumentRow] | list[None] = listed
    if walk.index.documents is None or not walk.index.documents.usable:
        known = [None] * len(lines)
    elif len(listed) != len(lines):
        problem = f"{row.shard}: {len(listed)} of {len(lines)} documents are listed"
        walk.findings.add(blamed, problem, frame=row.frame)
        known = [None] * len(lines)
    offset = 0
    for line, each, own in zip(lines, read, known, strict=True):
        problem = each.problem or _flaw(shard, each, walk)
        asked = None if each.record is None else _asked(shard, row, each.record, offset, len(line))
        offset += len(line) + 1
        either = asked if own is None else own
        name = None if either is None else either.id
        if problem != "":
            walk.findings.add(row.shard, problem, frame=row.frame, document=name)
        if own is not None and asked is not None:
            if own[:-1] != asked[:-1]:
                walk.findings.add(blamed, "record and index differ", frame=row.frame, document=name)
            walk.placements.append(key64(own.id, own.family, own.split))


class _Read(NamedTuple, Generic[R]):
    """A line that was read, with its address and its leaf in the content tree, or why it was not."""

    record: R | None
    address: bytes
    leaf: bytes
    problem: str


def _read(shard: Shard, line: bytes, decoder: Callable[[bytes], R], walk: Walk) -> _Read[R]:
    """Decode a line and note its leaf."""
    try:
        record = decoder(line)
    except (ValueError, RecursionError) as error:
        return _Read(None, b"", b"", f"is no record: {error}")
    at = address(walk.manifest.build.seed, record.id)
    leaf = record_leaf(at, line, shard.folder)
    walk.take_leaf(shard.place.shard, at, leaf)
    return _Read(record, at, leaf, "")


def _flaw(shard: Shard, read: _Read[Record], walk: Walk) -> str:
    """Say what is wrong with a document and its place, after the document at `walk.last`."""
    if read.record is None:
        return ""
    walk.documents.append(key64(read.record.id))
    _count(shard, read.record, walk)
    problem = record_flaw(read.record) or _place_flaw(shard, read.record, read.address, walk)
    walk.last = read.address
    return problem


def _count(shard: Shard, record: Record, walk: Walk) -> None:
    """Count a document as the emit stage did."""
    walk.tally.take(
        record.source,
        shard.place.split,
        len(record.text.encode()),
        language=record.language,
        natural_language=record.meta.natural_language,
        license=record.license,
        url=record.url,
        created=record.created,
    )


def _asked(shard: Shard, row: FrameRow, record: Record, offset: int, length: int) -> DocumentRow:
    """Return the index row that a document asks for."""
    return DocumentRow(
        record.id,
        record.source,
        shard.place.split,
        row.shard,
        row.frame,
        offset,
        length + 1,
        record.sha256,
        record.license,
        record.language,
        record.meta.natural_language,
        record.meta.repo,
        record.meta.path,
        "",
    )


def _place_flaw(shard: Shard, record: Record | Question, at: bytes, walk: Walk) -> str:
    """Say why a record may not stand where it does, after the one at `walk.last`."""
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
    """Check the questions of a frame: schema, spans, source and order; no index names them."""
    read = [_read(shard, line, decode_question, walk) for line in lines]
    _intact(row, read, walk.findings)
    for number, each in enumerate(read):
        if each.record is None:
            problem = f"line {number} of the frame {each.problem}"
            walk.findings.add(row.shard, problem, frame=row.frame)
            continue
        problem = _question_flaw(shard, each.record, walk) or _place_flaw(
            shard, each.record, each.address, walk
        )
        walk.last = each.address
        if problem != "":
            walk.findings.add(row.shard, problem, frame=row.frame, document=each.record.id)


def _question_flaw(shard: Shard, question: Question, walk: Walk) -> str:
    """Say what is wrong with a question and its place."""
    key = key64(question.source, question.id)
    if key in walk.questions:
        return "has an id twice"
    walk.questions.add(key)
    return (
        "is of another source" if question.source != shard.place.source else question_flaw(question)
    )


def _intact(row: FrameRow, read: Sequence[_Read[Any]], findings: Findings) -> bool:
    """Say whether the lines are those that the frame's Merkle root was made of."""
    intact = merkle.root(each.leaf for each in read).hex() == row.merkle
    if len(read) != row.documents:
        problem = f"{row.shard}: {len(read)} documents lie in it, not {row.documents}"
        findings.add(FRAMES_PATH if intact else row.shard, problem, frame=row.frame)
    elif not intact:
        findings.add(row.shard, "its Merkle root is another", frame=row.frame)
    return intact
