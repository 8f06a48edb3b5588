"""Judge one question of a QA source: it goes the way of a document whose text is its context."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING
from unicodedata import is_normalized

import msgspec

from filters.document import Document, Verdict
from filters.licenses.attributes import requires_unmodified
from filters.owners import owner_key
from filters.qa import Question, qa_record, remap
from filters.qa_origins import ORIGINS, asked_work
from filters.qa_same import is_malformed
from filters.redact.carried import carry
from pipeline.spill import QUESTION
from pipeline.stages.accounts import compact, make_dropped, unfit
from pipeline.stages.emitted_ids import (
    content_under,
    emitted_name,
    emitted_question,
    emitted_unasked,
)
from pipeline.stages.ghosts import make_ghost
from pipeline.stages.part_writer import Passed
from pipeline.stages.question_origins import redacted_origins, told_origins
from pipeline.stages.question_reading import Read, Unasked, read_question
from pipeline.stages.question_redaction import Part, Redacted, is_emptied, redact_question
from pipeline.stages.splits import split_number
from pipeline.tagging import tag

if TYPE_CHECKING:
    from filters.licenses.resolve import Resolution
    from pipeline.sources.records import Raw
    from pipeline.stages.judge import Judge, Outcome
    from pipeline.stages.part_writer import Dropped


def take_question(judge: Judge, item: Raw) -> list[Outcome]:
    """Judge one question; the answers travel through NFC and redaction, or the question is dropped."""
    read = read_question(judge.source, item)
    if isinstance(read, str):
        return [unfit(item, read, emitted_name(judge, item))]
    if isinstance(read, Unasked):
        return [_unasked(judge, item, read)]
    done = _redacted(judge, item, read.question)
    redaction = done.context.redaction
    shown = emitted_question(judge, read, done, _moved(read.question, done))
    raw = content_under(read, shown)
    read = shown
    question, document = read[:2]
    found = judge.licensing.resolve(document)
    document = msgspec.structs.replace(document, license=found.expression)
    origins = redacted_origins(judge, read.origins)
    asked = asked_work(done.question.redaction.text, document.source)
    clean = msgspec.structs.replace(document, text=redaction.text, origins=(*origins, asked))
    claimed = _claimed(judge, item.row, document, clean, found, raw)
    if claimed:
        return claimed
    moved = _moved(question, done)
    refused = (
        judge.refused(item.row, document, redaction, raw)
        or judge.refused(item.row, document, done.question.redaction, raw)
        or _barred(judge, item, read, found, done.is_edited(), raw)
        or judge.leaked(item.row, document, redaction.text, raw)
    )
    if refused is not None:
        return [refused]
    if isinstance(moved, str):
        return [_unfit(item.row, document, moved, raw)]
    lost = _answers(question) - _answers(moved)
    read = read._replace(question=moved, document=document, origins=origins, lost=lost)
    return [_passed(judge, item.row, read, found, done, raw)]


def _redacted(judge: Judge, item: Raw, question: Question) -> Redacted:
    judge.tally.count_text(question.context)
    redaction = judge.redactor.redact(question.context)
    context = Part(question.context, redaction, carry(item.carried.context, redaction))
    return redact_question(judge.redactor, question.question, context, item.carried)


def _unasked(judge: Judge, item: Raw, read: Unasked) -> Dropped:
    judge.tally.count_text(read.document.text)
    document = emitted_unasked(judge, read, item).document
    content = bytes.fromhex(document.sha256) if document.id == read.document.id else b""
    return _unfit(item.row, document, read.reason, content)


def _unfit(row: int, document: Document, reason: str, raw: bytes) -> Dropped:
    return make_dropped(row, document, "qa", Verdict(keep=False, reason=reason), raw)


def _moved(question: Question, done: Redacted) -> Question | str:
    """Put a question into its redacted texts, or say why nothing is left to ask or to answer."""
    if is_malformed(question.question):
        return "malformed-question"
    if is_emptied(done.question):
        return "question-redacted"
    return remap(question, done.context.redaction, redacted_question=done.question.redaction.text)


def _claimed(
    judge: Judge, row: int, document: Document, clean: Document, found: Resolution, raw: bytes
) -> list[Outcome]:
    """Drop what licence or opt-outs refuse, as it was read or after redaction, and leave its ghost."""
    dropped, ghost = judge.claims(row, document, found, raw)
    same = clean.text == document.text and clean.origins == document.origins
    if ghost is None and not same:
        again, ghost = judge.claims_again(row, clean, found, raw)
        dropped = dropped or again
    if dropped is None:
        return []
    shadow = () if ghost is None else (make_ghost(row, document, clean, ghost, dropped.raw),)
    return [dropped, *shadow]


def _barred(
    judge: Judge, item: Raw, read: Read, found: Resolution, edited: bool, raw: bytes
) -> Dropped | None:
    """Drop a work that may be passed on only as it is where it was changed, or where somebody would train on it.

    That holds whatever the licence policy allows: a model is trained on windows, pairs and negatives
    that are made of the record, and tested on the record.
    """
    if not requires_unmodified(found.expression):
        return None
    document = msgspec.structs.replace(read.document, license=found.expression)
    edited = edited or _is_redacted_beside(judge, read)
    given = (item.record.get(name) for name in ("question", "title"))
    same = all(is_normalized("NFC", text) for text in given if isinstance(text, str))
    if split_number(judge.source.split) < 1:
        how = "train"
    elif edited or document.normalised or not same:
        how = "redacted" if edited else "normalised"
    else:
        return None
    verdict = Verdict(False, f"no-derivatives:{how}", judge.licensing.account(found))
    return make_dropped(item.row, document, "license", verdict, raw)


def _is_redacted_beside(judge: Judge, read: Read) -> bool:
    """Tell whether redaction changes what stands beside question and context: title, address, extra."""
    scope = judge.redactor.scope_of(read.document.text)
    beside = [read.question.title, read.document.extra]
    url = read.document.url
    return judge.carried(beside, scope) != beside or judge.claim(url, scope) != url


def _passed(
    judge: Judge, row: int, read: Read, found: Resolution, done: Redacted, raw: bytes
) -> Passed:
    question, document, made, repairs, origins, lost = read
    clean = msgspec.structs.replace(document, text=question.context)
    scope = judge.redactor.scope_of(document.text)
    # an article's title is the same beside each of its contexts
    article = judge.redactor.scope_of(question.group)
    title, group = judge.carried([question.title, question.group], article)
    extra = judge.carried(clean.extra, scope)
    if origins:
        extra[ORIGINS] = told_origins(judge, origins, scope)
    line = qa_record(
        msgspec.structs.replace(question, title=title, group=group),
        source=clean.source,
        license=clean.license,
        language=tag(msgspec.structs.replace(clean, path="")).language,  # that of the context
        url=judge.claim(clean.url, scope),
        redactions=done.context.spans(),
        question_redactions=done.question.spans(),
        extra=extra,
        synthetic=made,
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
            | done.account(judge.redactor, question.id)
            | ({"repairs": dict(Counter(repairs))} if repairs else {})
            | ({"answers_redacted": lost} if lost else {})
        ),
    )


def _answers(question: Question) -> int:
    return len(question.answers) + len(question.plausible_answers)


def _digest(question: Question) -> bytes:
    """Two questions are the same when context and question are; the length keeps the two apart."""
    text = f"{len(question.context)}:{question.context}{question.question}"
    return hashlib.sha256(text.encode()).digest()
