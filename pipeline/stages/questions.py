"""Judge one question of a QA source: it goes the way of a document whose text is its context."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from filters.document import Document, Verdict
from filters.owners import owner_key
from filters.qa import Question, qa_record, remap
from filters.tags import tag
from pipeline.sources.fields import nfc
from pipeline.sources.question_record import extra_of, repair
from pipeline.spill import QUESTION
from pipeline.stages.ghosts import make_ghost
from pipeline.stages.judge import (
    Judge,
    Outcome,
    audited,
    compact,
    make_dropped,
    placed,
    unfit,
)
from pipeline.stages.part_writer import Passed

if TYPE_CHECKING:
    from filters.licenses.resolve import Resolution
    from filters.redact.edits import Redaction
    from pipeline.config import Source
    from pipeline.sources.records import Raw

_CLAIMS: Final = ("license", "url")
"""Keys of a question's record that the release's record has, too; all others stay in its extra."""

_NAMING: Final = ("repo", "path", "created", "author")
"""Keys by which a request to opt out may name the document that it is."""


class Read(NamedTuple):
    """A question, the document that it is to licences and opt-outs, and the repairs of its answers' places."""

    question: Question
    document: Document
    repairs: tuple[str, ...]


class Unasked(NamedTuple):
    """A sound record that gives no question: what it is to opt-outs, and why it is dropped."""

    document: Document
    reason: str


def take_question(judge: Judge, item: Raw) -> list[Outcome]:
    """Judge one question; the answers travel through NFC and redaction, or the question is dropped."""
    read = read_question(judge.source, item)
    if isinstance(read, str):
        return [unfit(item, read)]
    if isinstance(read, Unasked):
        judge.tally.count_text(read.document.text)
        verdict, content = Verdict(keep=False, reason=read.reason), read.document.sha256
        return [make_dropped(item.row, read.document, "qa", verdict, bytes.fromhex(content))]
    question, document, repairs = read
    judge.tally.count_text(question.context)
    raw = _content(question)
    found = judge.licensing.resolve(document)
    document = msgspec.structs.replace(document, license=found.expression)
    dropped, ghost = judge.claims(item.row, document, found, raw)
    redaction = judge.redactor.redact(question.context)
    clean = msgspec.structs.replace(document, text=redaction.text)
    if ghost is None and redaction.edits:
        again, ghost = judge.claims_again(item.row, clean, found, raw)
        dropped = dropped or again
    if dropped is not None:
        return (
            [dropped]
            if ghost is None
            else [dropped, make_ghost(item.row, document, clean, ghost, raw)]
        )
    scope = judge.redactor.scope_of(question.context)
    asked = judge.redactor.redact(question.question, scope)
    refused = (
        judge.refused(item.row, document, redaction, raw)
        or judge.changed(item.row, document, found, redaction, raw)
        or judge.changed(item.row, document, found, asked, raw)
        or judge.leaked(item.row, document, raw)
    )
    if refused is not None:
        return [refused]
    moved = remap(question, redaction, redacted_question=asked.text)
    if isinstance(moved, str):
        return [make_dropped(item.row, document, "qa", Verdict(keep=False, reason=moved), raw)]
    return [_passed(judge, item.row, document, moved, found, redaction, raw, repairs)]


def read_question(source: Source, item: Raw) -> Read | Unasked | str:
    """Read a question, or say why its record gives none, or is none."""
    if item.drop:
        name, text = item.record["id"], nfc(item.record["context"])
        if not isinstance(name, str) or not name.strip():
            return "qa:no-id"
        return Unasked(_document(source, source.id_prefix + name, text, item), item.drop)
    found = repair(item.record)
    if isinstance(found, str):
        return found
    question = msgspec.structs.replace(found.question, id=source.id_prefix + found.question.id)
    document = _document(source, question.id, question.context, item)
    return Read(question, document, found.repairs)


def _passed(
    judge: Judge,
    row: int,
    document: Document,
    question: Question,
    found: Resolution,
    redaction: Redaction,
    raw: bytes,
    repairs: tuple[str, ...],
) -> Passed:
    clean = msgspec.structs.replace(document, text=question.context)
    scope = judge.redactor.scope_of(document.text)
    # an article's title is the same beside each of its contexts
    article = judge.redactor.scope_of(question.group)
    title, group = judge.carried([question.title, question.group], article)
    line = qa_record(
        msgspec.structs.replace(question, title=title, group=group),
        source=clean.source,
        license=clean.license,
        language=tag(msgspec.structs.replace(clean, path="")).language,  # that of the context
        url=judge.claim(clean.url, scope),
        redactions=placed(redaction),
        extra=judge.carried(clean.extra, scope),
    )
    return Passed(
        row=row,
        id=question.id,
        text=question.context,
        content=_digest(question),
        raw=raw,
        rank=judge.rank(clean),
        line=line + b"\n",
        bucket=judge.bucket(question.id),
        flags=QUESTION,
        group=group,
        owner=owner_key(document),
        detail=compact(
            {"license": judge.licensing.account(found)}
            | audited(judge.redactor, redaction, document.text, question.id)
            | ({"repairs": dict(Counter(repairs))} if repairs else {})
        ),
    )


def _document(source: Source, name: str, text: str, item: Raw) -> Document:
    claims = {key: item.record.get(key) for key in (*_CLAIMS, *_NAMING)}
    texts = {key: value for key, value in claims.items() if isinstance(value, str)}
    return Document(
        id=name,
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        source=source.name,
        license=texts.pop("license", "") or source.license,
        url=texts.pop("url", ""),
        **texts,
        kind=source.data_kind,
        normalised=item.edited or text != item.record["context"],
        extra={
            key: value
            for key, value in extra_of(item.record).items()
            if key not in _CLAIMS or not isinstance(value, str)
        },
    )


def _content(question: Question) -> bytes:
    """Digest all of a question but its id: one id on two contents is an error of the input."""
    whole = msgspec.structs.replace(question, id="")
    return hashlib.sha256(msgspec.json.encode(whole, order="deterministic")).digest()


def _digest(question: Question) -> bytes:
    """Two questions are the same when context and question are; the length keeps the two apart."""
    text = f"{len(question.context)}:{question.context}{question.question}"
    return hashlib.sha256(text.encode()).digest()
