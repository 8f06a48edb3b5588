"""Streaming input: one task reads one file or installed distribution, item by item, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, assert_never, cast

from pipeline.errors import InputError, at
from pipeline.sources.fields import FieldMap, encode_extra, to_document
from pipeline.sources.file import digest
from pipeline.sources.jsonl import read_jsonl
from pipeline.sources.python_env import INCLUDE, read_distribution
from pipeline.sources.records import MAX_RECORD, Bad, Damage, Item, Raw
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
    "digest",
    "encode_extra",
    "read",
    "to_document",
]

Format = Literal["jsonl", "parquet", "python-env"]


def read(
    path: InputFile,
    kind: Format,
    *,
    max_record: int = MAX_RECORD,
    include: tuple[str, ...] = INCLUDE,
    stretch: Stretch = WHOLE,
) -> Iterator[Item]:
    """Yield the items of one input: a file, or for `python-env` a `.dist-info` folder.

    Memory depends on `max_record` (bytes of the longest record that is parsed) and a compressed
    file's window, never on the input's size. `include` are the globs of `python-env`, of a file of
    JSON lines a `stretch` may be read alone. Raises
    `InputError` if the input cannot be read at all; what is wrong *in* it comes as items.
    """
    try:
        yield from _reader(path, kind, max_record, include, stretch)
    except OSError as error:
        raise InputError(at("read", str(path), error.strerror or "cannot be read")) from error


def _reader(
    path: InputFile, kind: Format, max_record: int, include: tuple[str, ...], stretch: Stretch
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
