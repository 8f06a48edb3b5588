"""Ids that are digests of a content: where redaction changes that content, they are of what is emitted.

Whoever has a redacted text can try what may have stood in it against a digest of the text before: so
none reaches a release, not even of a record that is dropped. Records that differ in nothing but what
was redacted share an id, and are duplicates. The names stage, which does not redact, cannot know such an
id: the screen tells it as the digest of a redacted text, among what is `renamed`. The id before goes on
being one by which a record is opted out, as an origin, which is matched and never emitted.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from filters.document import Document
from filters.qa import Question
from filters.subject_keys import subject_key
from filters.subjects import Subject
from pipeline.sources.fields import ID_DIGITS, derived_id, own_id
from pipeline.stages.question_reading import Read
from pipeline.stages.shown_ids import AnyRead, called, content_of, digest_of, is_address, unnamed

if TYPE_CHECKING:
    from pipeline.sources.records import Raw
    from pipeline.stages.judge import Judge
    from pipeline.stages.question_reading import Unasked
    from pipeline.stages.question_redaction import Redacted

_PLACES = ("url", "repo", "path")
_UNSEEN = ("license", "language", "author")  # what a release does not repeat


def emitted(judge: Judge, document: Document, text: str) -> Document:
    """Give a document the id that it has in a release; `text` is its text after redaction."""
    name = emitted_id(judge, document, text) if document.derived else document.id
    if name == document.id:
        return document
    _tell(judge, name)
    return msgspec.structs.replace(
        document, id=name, origins=(*document.origins, _before(document))
    )


def emitted_id(judge: Judge, document: Document, text: str) -> str:
    """Derive the id of what is emitted of a document; where redaction changes nothing of it, it stays.

    That is the source, the text, and what the record repeats of the input, as it repeats it. Who wrote it,
    and what it claims to be, is digested by nobody who redacted anything: no record has that.
    """
    scope = judge.redactor.scope_of(document.text)
    beside = {"created": document.created, "extra": document.extra}
    places = {name: getattr(document, name) for name in _PLACES}
    unseen = [getattr(document, name) for name in _UNSEEN]
    shown = judge.carried(beside, scope)
    shown |= {name: judge.claim(place, scope) for name, place in places.items()}
    same = text == document.text and shown == beside | places
    if same and judge.carried(unseen, scope) == unseen:
        return document.id
    return document.id[:-ID_DIGITS] + derived_id(document.source, shown, _sha256(text))


def emitted_question(judge: Judge, read: Read, done: Redacted, moved: Question | str) -> Read:
    """Give a question the id that it has in a release; `moved` is it in its redacted texts, or why it is not."""
    if is_address(judge.redactor, read.document.id):
        return _nameless(judge, read, digest_of(_asked(read.question, done, moved), read.made))
    return _of_whole(judge, read, read.origins)


def emitted_unasked(judge: Judge, read: Unasked, item: Raw) -> Unasked:
    """Give what asks nothing the id by which the ledger may name it."""
    if is_address(judge.redactor, read.document.id):
        return _nameless(judge, read, _sha256(judge.redact_whole(read.document.text)))
    return _of_whole(judge, read, item.origins)


def emitted_name(judge: Judge, item: Raw) -> str:
    """Return the id of a question's record as the ledger may name it, whatever is wrong with the record."""
    name, whole = own_id(item.record), _whole(item.origins)
    return name if whole is None else _shown(judge, whole).id + name.removeprefix(whole.id)


def content_under(before: Read, after: Read) -> bytes:
    """Digest the content of a question for the check of ids: none where its id is of what it asks.

    No other content can have that one.
    """
    if after.question.id != before.question.id:
        return b""
    return content_of(before.question, before.made)


def _asked(question: Question, done: Redacted, moved: Question | str) -> Question:
    """Return what is emitted of a question; of one that comes to nothing, its redacted texts."""
    if isinstance(moved, Question):
        return moved
    if not any(part.redaction.edits for part in done):
        return question
    return msgspec.structs.replace(
        question,
        context=done.context.redaction.text,
        question=done.question.redaction.text,
        answers=(),
        plausible_answers=(),
    )


def _nameless(judge: Judge, read: AnyRead, digest: str) -> AnyRead:
    named = unnamed(read, judge.source.id_prefix, digest)
    _tell(judge, named.document.id)
    return named


def _of_whole(judge: Judge, read: AnyRead, origins: tuple[Document, ...]) -> AnyRead:
    """Rename a pair of a document whose own id is a digest: id, title and origin of the pair say that id."""
    whole = _whole(origins)
    shown = None if whole is None else _shown(judge, whole)
    if whole is None or shown is None or shown.id == whole.id:
        return read
    prefix, document = judge.source.id_prefix, read.document
    name = f"{prefix}{shown.id}{document.id.removeprefix(prefix + whole.id)}"
    _tell(judge, name)
    read = called(read, name, shown, _before(document))
    if not isinstance(read, Read):
        return read
    title, group = (
        shown.id if each == whole.id else each
        for each in (read.question.title, read.question.group)
    )
    question = msgspec.structs.replace(read.question, title=title, group=group)
    told = tuple(shown if each is whole else each for each in read.origins)
    return read._replace(question=question, origins=told)


def _whole(origins: tuple[Document, ...]) -> Document | None:
    return next((each for each in origins if each.derived), None)


def _shown(judge: Judge, whole: Document) -> Document:
    """Give a document the id that it has in a release; the last one is remembered, for it has many pairs."""
    if whole.id not in judge.shown:
        judge.shown.clear()
        judge.shown[whole.id] = emitted(judge, whole, judge.redact_whole(whole.text))
    return judge.shown[whole.id]


def _before(document: Document) -> Document:
    """Return what a document was called before, and nothing else."""
    return Document(id=document.id, text="", sha256="", source=document.source)


def _tell(judge: Judge, name: str) -> None:
    if judge.optout is not None:
        judge.renamed.add(subject_key(Subject("id", name)))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
