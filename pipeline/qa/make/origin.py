"""What a question is made from, and the record that comes of it: names, licence and group carry over."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from filters.qa import Answer, Question, Synthetic, qa_record
from filters.qa_origins import ORIGINS, tell_origin
from pipeline.reach import as_document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from manifests.record import Question as Record
    from manifests.record import Record as Text

Work = dict[str, str]
"""What opt-outs may name a work by, as a record tells it (`filters.qa_origins`)."""


class Origin(NamedTuple):
    """Where a made question comes from: a document or a question of a release, and the works behind it."""

    id: str
    source: str
    license: str
    language: str
    url: str
    title: str
    group: str
    works: tuple[Work, ...]


class Made(NamedTuple):
    """A question that was made, and what it was made from.

    `key` orders all that can be made by chance, as its seed has it; `redactions` are spans of the
    context, `asked` those of the question's own text; `told` is what the method says of it, `works` those
    that came in beside the origin's.
    """

    key: bytes
    question: Question
    origin: Origin
    redactions: Sequence[tuple[int, int, str]]
    told: dict[str, Any]
    asked: Sequence[tuple[int, int, str]] = ()
    works: tuple[Work, ...] = ()

    def line(self, made: Synthetic) -> bytes:
        """Return its record as a line."""
        record = qa_record(
            self.question,
            source=self.origin.source,
            license=self.origin.license,
            language=self.origin.language,
            url=self.origin.url,
            redactions=self.redactions,
            question_redactions=self.asked,
            extra={
                "origin": self.origin.id,
                ORIGINS: distinct([*self.origin.works, *self.works]),
                **self.told,
            },
            synthetic=made,
        )
        return record + b"\n"


def key_of(made: Synthetic, origin: str, place: Sequence[object]) -> bytes:
    """Return the digest of how, from what and where something is made: it names it and orders it."""
    told = [made.method, made.seed, origin, *place]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode(errors="replace")).digest()


def name_of(made: Synthetic, key: bytes) -> str:
    """Return the id of what is made."""
    return f"{made.method}-{key.hex()[:24]}"


def origin_of(record: Record) -> Origin:
    """Return what is carried over from a question."""
    return Origin(
        record.id,
        record.source,
        record.license,
        record.language,
        record.url,
        record.title,
        record.group,
        works_of(record),
    )


def works_of(record: Record | Text) -> tuple[Work, ...]:
    """Say what a record is called, and what the works are called that it was made of."""
    document = as_document(msgspec.to_builtins(record))
    return tuple(map(tell_origin, (document, *document.origins)))


def works_of_context(record: Record) -> tuple[Work, ...]:
    """Do so for the context of a question alone: without the question's id and its words."""
    document = as_document(msgspec.to_builtins(record))
    nameless = msgspec.structs.replace(document, id="")
    return tuple(map(tell_origin, (nameless, *document.origins[:-1])))


def distinct(works: Sequence[Work]) -> list[Work]:
    """Leave out what is told twice."""
    return [each for at, each in enumerate(works) if each not in works[:at]]


def redactions_of(text: str) -> list[tuple[int, int, str]]:
    """Read `meta.redactions` or `meta.question_redactions`."""
    return msgspec.json.decode(text, type=list[tuple[int, int, str]])


def answers_of(record: Record) -> tuple[Answer, ...]:
    """Return the answers of a record."""
    return tuple(Answer(each.text, each.start, each.end) for each in record.answers)
