"""Streaming input: one task reads one file or installed distribution, item by item, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, assert_never, cast

from pipeline.errors import InputError, at
from pipeline.sources.faq import read_faq
from pipeline.sources.fields import PLAIN, FieldMap, encode_extra, to_document
from pipeline.sources.file import digest
from pipeline.sources.formats import DocumentFormat, Format, asks
from pipeline.sources.jsonl import read_jsonl
from pipeline.sources.mrqa import read_mrqa
from pipeline.sources.python_env import INCLUDE, read_distribution
from pipeline.sources.question_lines import read_question_lines
from pipeline.sources.records import MAX_RECORD, Bad, Damage, Item, Raw
from pipeline.sources.squad import read_squad
from pipeline.sources.stackexchange import read_stackexchange
from pipeline.sources.stretch import WHOLE, Stretch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.sources.file import InputFile

__all__ = [
    "Bad",
    "Damage",
    "FieldMap",
    "Format",
    "Item",
    "Raw",
    "Said",
    "asks",
    "digest",
    "encode_extra",
    "read",
    "to_document",
]


class Said(NamedTuple):
    """What the config says of a source that its reader must know, and the site that the source is of."""

    name: str = ""
    fields: FieldMap = PLAIN
    site: str = ""
    id_prefix: str = ""


NOTHING: Final = Said()


def read(
    path: InputFile,
    kind: Format,
    *,
    max_record: int = MAX_RECORD,
    include: tuple[str, ...] = INCLUDE,
    stretch: Stretch = WHOLE,
    said: Said = NOTHING,
) -> Iterator[Item]:
    """Yield the items of one input: a file, or for `python-env` a `.dist-info` folder.

    Memory depends on `max_record` (bytes of the longest record that is parsed) and a compressed
    file's window, never on the input's size; but `squad` is read whole, and of `stackexchange` ids
    are held. `include` are the globs of `python-env`, of a file of
    lines that are records a `stretch` may be read alone. Raises
    `InputError` if the input cannot be read at all; what is wrong *in* it comes as items.
    """
    try:
        yield from _reader(path, kind, max_record, include, stretch, said)
    except OSError as error:
        raise InputError(at("read", str(path), error.strerror or "cannot be read")) from error


def _reader(
    path: InputFile,
    kind: Format,
    max_record: int,
    include: tuple[str, ...],
    stretch: Stretch,
    said: Said,
) -> Iterator[Item]:
    match kind:
        case "jsonl" | "parquet" | "python-env":
            return _documents(path, kind, max_record, include, stretch)
        case "squad":
            return read_squad(path)
        case "mrqa":
            return read_mrqa(path, max_record=max_record)
        case "questions":
            return read_question_lines(
                path, max_record=max_record, stretch=stretch, source=said.name
            )
        case "stackexchange":
            return read_stackexchange(path, max_record=max_record, site=said.site)
        case "faq":
            return read_faq(
                path,
                max_record=max_record,
                fields=said.fields,
                source=said.name,
                id_prefix=said.id_prefix,
            )
        case _:
            assert_never(kind)


def _documents(
    path: InputFile,
    kind: DocumentFormat,
    max_record: int,
    include: tuple[str, ...],
    stretch: Stretch,
) -> Iterator[Item]:
    match kind:
        case "jsonl":
            return read_jsonl(path, max_record=max_record, stretch=stretch)
        case "parquet":
            # Imported here: pyarrow takes 40 MB that a task on JSON lines need not carry.
            from pipeline.sources.parquet import read_parquet  # noqa: PLC0415  see above

            return read_parquet(path, max_record=max_record)
        case "python-env":
            return read_distribution(cast("Path", path), include=include)  # it is installed here
        case _:
            assert_never(kind)
