"""Read questions and answers out of documents that lay them out: JSON lines, a document on each.

Each pair that `filters.question_pairs` finds is a question, its answer a span of the document's text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from filters.question_pairs import Pair, question_pairs
from pipeline.sources.adapter import LINES, Adapter, Reading
from pipeline.sources.fields import PLAIN, FieldMap, encode_extra, own_id, to_document
from pipeline.sources.jsonl import read_jsonl
from pipeline.sources.questions.record import make_record
from pipeline.sources.records import MAX_RECORD, RAW_LIMIT, Bad, Damage, Item, Raw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from filters.document import Document
    from pipeline.sources.file import InputFile

NO_PAIR: Final = "no-pair"
LONGEST: Final = 8_000
"""Code points of a text that is a context as a whole; of a longer one it is what stands around the pair."""

_NAMING: Final = ("license", "url", "repo", "path", "created", "language", "author")


def read_faq(
    path: InputFile,
    *,
    max_record: int = MAX_RECORD,
    fields: FieldMap = PLAIN,
    source: str = "",
    id_prefix: str = "",
) -> Iterator[Item]:
    """Give a `Raw` for each pair, in order; rows count pairs and what has none.

    The id is that of the document (as `to_document` gives it) and the pair's number in it from 1:
    `doc#1`; under `id_prefix` the document itself is the origin of its pairs. A document without a pair
    is a `Raw` with a reason to drop it; a line that is no document is `Bad`, as it is where documents are
    read.
    """
    row = 0
    for item in read_jsonl(path, max_record=max_record):
        for found in _of_line(item, fields, source, id_prefix):
            yield _at(found, row)
            row += 1


def _at(item: Item, row: int) -> Item:
    """Give an item its row."""
    match item:
        case Raw():
            return msgspec.structs.replace(item, row=row)
        case Bad():
            return Bad(row, item.line, item.reason, item.raw, item.name)
        case Damage():
            return Damage(row, item.reason, item.detail)


def _of_line(item: Item, fields: FieldMap, source: str, prefix: str) -> Iterator[Item]:
    if not isinstance(item, Raw):
        yield item
        return
    whole = to_document(item.record, source=source, fields=fields, id_prefix=prefix)
    if isinstance(whole, str):
        raw = encode_extra(item.record).encode(errors="replace")[:RAW_LIMIT]
        yield Bad(0, item.line, whole, raw, own_id(item.record, fields))
        return
    # the id of a question gets its prefix from who takes the record
    document = msgspec.structs.replace(whole, id=whole.id.removeprefix(prefix))
    origins = (whole,)
    pairs = question_pairs(document.text)
    for number, pair in enumerate(pairs, 1):
        start, end = _around(pair, document.text)
        edited = document.normalised or end - start < len(document.text)
        record = _record(document, number, pair, start, end)
        yield Raw(0, item.line, record, edited=edited, origins=origins)
    if not pairs:
        record = make_record(
            name=document.id,
            context=document.text,
            question="",
            answers=[],
            levels=[("document", _carried(document))],
        )
        yield Raw(0, item.line, record, drop=NO_PAIR, origins=origins)


def _record(document: Document, number: int, pair: Pair, start: int, end: int) -> dict[str, Any]:
    """Make the record of one pair; sections of a document stand under one title, so they share a group."""
    carried = _carried(document)
    title = carried.pop("title", "")
    whole = end - start == len(document.text)
    return make_record(
        name=f"{document.id}#{number}",
        title=title if isinstance(title, str) and (title or whole) else document.id,
        context=document.text[start:end],
        question=pair.question,
        answers=[{"text": document.text[pair.start : pair.end], "start": pair.start - start}],
        levels=[("document", carried)],
    )


def _carried(document: Document) -> dict[str, Any]:
    named = {name: getattr(document, name) for name in _NAMING}
    return {name: value for name, value in named.items() if value} | document.extra


def _around(pair: Pair, text: str) -> tuple[int, int]:
    """Return the span of the context: whole lines around the pair, as many as fit."""
    if len(text) <= LONGEST:
        return 0, len(text)
    room = max(0, LONGEST - (pair.end - pair.asked))
    start = max(0, pair.asked - room // 2)
    start = pair.asked if start == pair.asked else _next_line(text, start, pair.asked)
    end = min(len(text), start + max(LONGEST, pair.end - start))
    if end < len(text):
        end = max(pair.end, text.rfind("\n", pair.end, end))
    return start, end


def _next_line(text: str, start: int, last: int) -> int:
    """Go on to the beginning of a line, but no farther than `last`."""
    if start == 0:
        return 0
    found = text.find("\n", start, last)
    return last if found < 0 else found + 1


def _read(path: InputFile, how: Reading) -> Iterator[Item]:
    said = how.said
    return read_faq(
        path,
        max_record=how.max_record,
        fields=said.fields,
        source=said.name,
        id_prefix=said.id_prefix,
    )


ADAPTER: Final = Adapter(read=_read, suffixes=LINES, asks=True, takes_fields=True)
