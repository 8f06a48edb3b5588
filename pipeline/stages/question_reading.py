"""Read the record of a question as all that judges it needs it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from filters.document import Document
from filters.qa import Question, Synthetic, synthetic_of
from filters.qa_origins import ORIGINS, asked_work, origins_of
from pipeline.sources.fields import nfc
from pipeline.sources.questions.record import extra_of, repair, without

if TYPE_CHECKING:
    from pipeline.config import Source
    from pipeline.sources.records import Raw

_CLAIMS: Final = ("license", "url")
"""Keys of a question's record that the release's record has, too; all others stay in its extra."""

_NAMING: Final = ("repo", "path", "created", "author")
"""Keys by which a request to opt out may name the document that it is."""

_MADE: Final = "synthetic"


class Read(NamedTuple):
    """A question, what it is to licences and opt-outs, how it was made, and the repairs of its answers' places.

    `origins` are the works that its record tells it was made of; the document has its own words as
    one more. `lost` counts the answers that a redaction touched, plausible ones included.
    """

    question: Question
    document: Document
    made: Synthetic
    repairs: tuple[str, ...]
    origins: tuple[Document, ...] = ()
    lost: int = 0


class Unasked(NamedTuple):
    """A sound record that gives no question: what it is to opt-outs, and why it is dropped."""

    document: Document
    reason: str


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
    made = synthetic_of(item.record.get(_MADE))
    if isinstance(made, str):
        return made
    question = msgspec.structs.replace(found.question, id=source.id_prefix + found.question.id)
    document = _document(source, question.id, question.context, item)
    told = origins_of(document.extra.get(ORIGINS), source.name)
    if told is not None:
        extra = without(document.extra, ORIGINS)
        document = msgspec.structs.replace(document, extra=extra)
    origins = item.origins + (told or ())
    works = (*origins, asked_work(question.question, source.name))
    document = msgspec.structs.replace(document, origins=works)
    return Read(question, document, made, found.repairs, origins)


def _document(source: Source, name: str, text: str, item: Raw) -> Document:
    claims = {key: item.record.get(key) for key in (*_CLAIMS, *_NAMING)}
    texts: dict[str, Any] = {key: value for key, value in claims.items() if isinstance(value, str)}
    taken = {_MADE, *(key for key in _CLAIMS if key in texts)}
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
        extra={key: value for key, value in extra_of(item.record).items() if key not in taken},
    )
