"""Ids as a release may show them: an id that is somebody's address is replaced, one of a bad record is kept.

A request may name a record by the id that it came with: under that it is an origin of itself, which is
there to be matched and reaches no output.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from filters.document import Document
from pipeline.sources.fields import may_hold_address, nameless_id
from pipeline.sources.records import Bad, Damage
from pipeline.stages.question_reading import Read, Unasked

if TYPE_CHECKING:
    from filters.qa import Question, Synthetic
    from filters.redact.redactor import Redactor

AnyRead = TypeVar("AnyRead", bound=Read | Unasked)
_LONGEST: Final = 1024  # code points of a bad record's id: where more stands, nobody meant an id
# C0 and C1 controls, the separators of lines and paragraphs, and surrogates
_UNSOUND: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def is_address(redactor: Redactor, name: str) -> bool:
    """Tell an id that holds what `redactor` takes for an e-mail address."""
    if not may_hold_address(name):
        return False
    return any(edit.type == "EMAIL" for edit in redactor.redact(name).edits)


def named(redactor: Redactor, bad: Bad | Damage, prefix: str) -> Bad | Damage:
    """Give a bad record the id that it would have had, or none where that is unsound or an address."""
    if isinstance(bad, Damage) or not bad.name:
        return bad
    name = prefix + bad.name
    sound = bool(bad.name.strip()) and len(name) <= _LONGEST and not _UNSOUND.search(name)
    shown = name if sound and not is_address(redactor, name) else ""
    return msgspec.structs.replace(bad, name=shown)


def unnamed(read: AnyRead, prefix: str, digest: str = "") -> AnyRead:
    """Give a question whose id is an address a digest of what it asks, behind the prefix of its source.

    `digest` is of what it asks once it is redacted, by default as it was read. Title and group are no
    part of that, for an address may stand there, too: see `nameless_id`.
    """
    document = read.document
    asked = digest_of(read.question, read.made) if isinstance(read, Read) else document.sha256
    name = prefix + nameless_id(document.source, {}, digest or asked)
    itself = Document(
        id=document.id, text=document.text, sha256=document.sha256, source=document.source
    )
    return called(read, name, itself)


def called(read: AnyRead, name: str, *origins: Document) -> AnyRead:
    """Give a question an id, and works that it is opted out by as well."""
    document = read.document
    document = msgspec.structs.replace(document, id=name, origins=(*document.origins, *origins))
    if isinstance(read, Read):
        question = msgspec.structs.replace(read.question, id=name)
        return read._replace(question=question, document=document)
    return read._replace(document=document)


def digest_of(question: Question, made: Synthetic) -> str:
    """Digest what a question asks, but for its title and group."""
    return content_of(msgspec.structs.replace(question, title="", group=""), made).hex()


def content_of(question: Question, made: Synthetic) -> bytes:
    """Digest all of a question but its id: one id on two contents is an error of the input."""
    whole = msgspec.structs.replace(question, id="")
    label = msgspec.json.encode(made) if made.method else b""
    return hashlib.sha256(msgspec.json.encode(whole, order="deterministic") + label).digest()
