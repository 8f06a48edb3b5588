"""The deep check of one frame's lines: documents against the index, questions against themselves.

A frame whose Merkle root is the one that the manifest vouches for is right; whatever then differs
is the index's mistake. Without that, it is the shard's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

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
    from collections.abc import Iterable

    from pipeline.verify.report import Findings
    from pipeline.verify.walk import Shard, Walk


class _Read(NamedTuple):
    """A line that was read: its id and the index row it asks for, where it has one, leaf and problem."""

    id: str | None
    asked: DocumentRow | None
    leaf: bytes
    problem: str


def check_documents(
    shard: Shard, row: FrameRow, lines: Iterable[bytes], listed: list[DocumentRow], walk: Walk
) -> None:
    """Check the documents of a frame; `listed` are its rows in index/documents.parquet."""
    read = _documents(shard, row, lines, walk)
    blamed = DOCUMENTS_PATH if _intact(row, read, walk.findings) else row.shard
    known: list[DocumentRow] | list[None] = listed
    if walk.index.documents is None or not walk.index.documents.usable:
        known = [None] * len(read)
    elif len(listed) != len(read):
        problem = f"{row.shard}: {len(listed)} of {len(read)} documents are listed"
        walk.findings.add(blamed, problem, frame=row.frame)
        known = [None] * len(read)
    for each, own in zip(read, known, strict=True):
        name = each.id if own is None else own.id
        if each.problem != "":
            walk.findings.add(row.shard, each.problem, frame=row.frame, document=name)
        if own is not None and each.asked is not None:
            if own[:-1] != each.asked[:-1]:
                walk.findings.add(blamed, "record and index differ", frame=row.frame, document=name)
            walk.placements.append(key64(own.id, own.family, own.split))


def _documents(shard: Shard, row: FrameRow, lines: Iterable[bytes], walk: Walk) -> list[_Read]:
    """Read the documents of a frame one by one, so that only one text is held at a time."""
    read, offset = [], 0
    for line in lines:
        try:
            record = decode(line)
        except (ValueError, RecursionError) as error:
            read.append(_no_record(error))
        else:
            at, leaf = _note(shard, line, record.id, walk)
            asked = _asked(shard, row, record, offset, len(line))
            problem = _document_flaw(shard, record, at, walk)
            read.append(_Read(record.id, asked, leaf, problem))
            walk.last = at
        offset += len(line) + 1
    return read


def _no_record(error: Exception) -> _Read:
    return _Read(None, None, b"", f"is no record: {error}")


def _note(shard: Shard, line: bytes, name: str, walk: Walk) -> tuple[bytes, bytes]:
    """Note a record's place in the content tree: returns its address and its leaf."""
    at = address(walk.manifest.build.seed, name)
    leaf = record_leaf(at, line, shard.folder)
    walk.take_leaf(shard.place.shard, at, leaf)
    return at, leaf


def _document_flaw(shard: Shard, record: Record, at: bytes, walk: Walk) -> str:
    """Count a document as the emit stage did; say what is wrong with it and its place."""
    text = record.text.encode()
    walk.documents.append(key64(record.id))
    walk.tally.take(
        record.source,
        shard.place.split,
        len(text),
        language=record.language,
        natural_language=record.meta.natural_language,
        license=record.license,
        url=record.url,
        created=record.created,
    )
    flaw = record_flaw(record, text)
    if flaw == "":
        walk.take_redactions(record.meta.redactions)
    return flaw or _place_flaw(shard, record, at, walk) or _opted_out(record, walk)


def _opted_out(record: Record | Question, walk: Walk) -> str:
    """Say which kind of request names a record, where the release is held against a registry."""
    return "" if walk.honoured is None else walk.honoured.flaw(msgspec.to_builtins(record))


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


def check_questions(shard: Shard, row: FrameRow, lines: Iterable[bytes], walk: Walk) -> None:
    """Check the questions of a frame: schema, spans, source and order; no index names them."""
    read = []
    for line in lines:
        try:
            question = decode_question(line)
        except (ValueError, RecursionError) as error:
            read.append(_no_record(error))
        else:
            at, leaf = _note(shard, line, question.id, walk)
            problem = (
                _question_flaw(shard, question, walk)
                or _place_flaw(shard, question, at, walk)
                or _opted_out(question, walk)
            )
            read.append(_Read(question.id, None, leaf, problem))
            walk.last = at
    _intact(row, read, walk.findings)
    for number, each in enumerate(read):
        if each.problem != "":
            where = f"line {number} of the frame " if each.id is None else ""
            walk.findings.add(row.shard, where + each.problem, frame=row.frame, document=each.id)


def _question_flaw(shard: Shard, question: Question, walk: Walk) -> str:
    """Say what is wrong with a question and its place."""
    key = key64(question.source, question.id)
    if key in walk.questions:
        return "has an id twice"
    walk.questions.add(key)
    if question.source != shard.place.source:
        return "is of another source"
    flaw = question_flaw(question)
    if flaw == "":
        walk.take_redactions(question.meta.redactions, question.meta.question_redactions)
    return flaw


def _intact(row: FrameRow, read: list[_Read], findings: Findings) -> bool:
    """Say whether the lines are those that the frame's Merkle root was made of."""
    intact = merkle.root(each.leaf for each in read).hex() == row.merkle
    if len(read) != row.documents:
        problem = f"{row.shard}: {len(read)} documents lie in it, not {row.documents}"
        findings.add(FRAMES_PATH if intact else row.shard, problem, frame=row.frame)
    elif not intact:
        findings.add(row.shard, "its Merkle root is another", frame=row.frame)
    return intact
