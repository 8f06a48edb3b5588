"""The rows of the indexes that one shard number of a source adds, written as its lines are read."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Self

import msgspec
import pyarrow as pa

from manifests.record import redacted_spans
from pipeline.figures import Tally
from pipeline.release import DOCUMENTS, FRAMES, SPLIT_LEDGER
from pipeline.shards import batches_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pipeline.shards import ShardReceipt
    from pipeline.stages.line_sort import Lines

DOCUMENTS_INDEX, FRAMES_INDEX, SPLITS_INDEX = "documents.arrow", "frames.arrow", "splits.arrow"
_AT_ONCE: Final = 1 << 21  # bytes of lines that become one batch of rows


class _Meta(msgspec.Struct, frozen=True, gc=False):
    redactions: str
    question_redactions: str = "[]"
    natural_language: str = ""
    repo: str = ""
    path: str = ""


class _Told(msgspec.Struct, frozen=True, gc=False):
    """What of a line is counted or indexed; a question has no text of its own."""

    id: str
    source: str
    license: str
    language: str
    url: str
    meta: _Meta
    created: str = ""
    sha256: str = ""
    text: str = ""


class IndexRows:
    """Writes what the indexes say of lines into a task's folder, and counts what they say.

    Memory: one batch of rows, and of each line its id and family.
    """

    def __init__(self, out: Path) -> None:
        self._documents = _open(out / DOCUMENTS_INDEX, DOCUMENTS)
        self._frames = _open(out / FRAMES_INDEX, FRAMES)
        self._ledger = out / SPLITS_INDEX
        self._splits = [SPLIT_LEDGER.empty_table()]
        self._told = msgspec.json.Decoder(_Told)
        self.licenses = Counter[str]()
        self.redactions = Counter[str]()
        self.tally = Tally()
        self.lines: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """Write the splits last, in the order of the ids, for they are merged by it."""
        self._documents.close()
        self._frames.close()
        with _open(self._ledger, SPLIT_LEDGER) as writer:
            writer.write_table(pa.concat_tables(self._splits).sort_by("id"))

    def take(self, shard: str, split: str, receipt: ShardReceipt, lines: Lines) -> None:
        """Take the lines of one written shard; of questions there are no rows of documents."""
        self._frames.write_table(_table(FRAMES, _frame_rows(shard, receipt)))
        document = shard.startswith("data/")
        places = (
            (number, *place)
            for number, frame in enumerate(receipt.frames)
            for place in frame.lines()
        )
        self.lines[split] = 0
        for few in batches_by(lines, _AT_ONCE, lambda each: len(each.line)):
            records = [self._told.decode(each.line) for each in few]
            self._count(records, split, document=document)
            here = list(islice(places, len(few)))
            families = [each.family for each in few]
            if document:
                rows = (
                    _document_row(record, split, shard, place, family)
                    for record, place, family in zip(records, here, families, strict=True)
                )
                self._documents.write_table(_table(DOCUMENTS, rows))
            names = ((each.id, each.family, split) for each in few)
            self._splits.append(_table(SPLIT_LEDGER, names))
            self.lines[split] += len(few)

    def _count(self, records: list[_Told], split: str, *, document: bool) -> None:
        self.licenses.update(record.license for record in records)
        for record in records:
            for told in (record.meta.redactions, record.meta.question_redactions):
                self.redactions.update(kind for _, _, kind in redacted_spans(told))
            if document:
                self.tally.take(
                    record.source,
                    split,
                    len(record.text.encode()),
                    language=record.language,
                    natural_language=record.meta.natural_language,
                    license=record.license,
                    url=record.url,
                    created=record.created,
                )


def _open(path: Path, schema: pa.Schema) -> pa.RecordBatchStreamWriter:
    return pa.ipc.new_stream(str(path), schema)


def _table(schema: pa.Schema, rows: Iterable[tuple[Any, ...]]) -> pa.Table:
    """Lay rows out as columns."""
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(column, kind) for column, kind in zip(columns, schema.types, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _document_row(
    record: _Told, split: str, shard: str, place: tuple[int, int, int], family: str
) -> tuple[Any, ...]:
    """Put the columns of `DOCUMENTS` in their order."""
    meta = record.meta
    return (
        *(record.id, record.source, split, shard, *place, record.sha256, record.license),
        *(record.language, meta.natural_language, meta.repo, meta.path, family),
    )


def _frame_rows(shard: str, receipt: ShardReceipt) -> Iterator[tuple[Any, ...]]:
    """Put the columns of `FRAMES` in their order."""
    for number, frame in enumerate(receipt.frames):
        sizes = frame.offset, frame.length, frame.raw_length, frame.documents
        yield (shard, number, *sizes, frame.merkle)
