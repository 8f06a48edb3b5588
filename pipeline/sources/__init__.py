"""Streaming input: one task reads one file, folder or installed distribution, item by item, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.errors import InputError, at
from pipeline.sources.adapter import NOTHING, Reading, Said
from pipeline.sources.fields import FieldMap, encode_extra, to_document
from pipeline.sources.file import digest
from pipeline.sources.formats import adapter_of, asks
from pipeline.sources.records import MAX_RECORD, Bad, Damage, Item, Raw
from pipeline.sources.stretch import WHOLE, Stretch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pipeline.sources.file import InputFile

__all__ = [
    "Bad",
    "Damage",
    "FieldMap",
    "Item",
    "Raw",
    "Said",
    "asks",
    "digest",
    "encode_extra",
    "read",
    "to_document",
]


def read(
    path: InputFile,
    kind: str,
    *,
    max_record: int = MAX_RECORD,
    stretch: Stretch = WHOLE,
    said: Said = NOTHING,
    wanted: Callable[[str], bool] | None = None,
    version: str = "",
) -> Iterator[Item]:
    """Yield the items of one input: a file or a folder, for `python-env` a `.dist-info` folder.

    Memory depends on `max_record` (bytes of the longest record that is parsed) and a compressed
    file's window, never on the input's size; but `squad` is read whole, and of `stackexchange` ids
    are held. Of a file of lines that are records a `stretch` may be read alone; of records that are not
    `wanted` the text may be missing. `version` is what the digest of a folder told. Raises
    `InputError` if the input cannot be read at all; what is wrong *in* it comes as items.
    """
    try:
        yield from adapter_of(kind).read(path, Reading(max_record, stretch, said, wanted, version))
    except OSError as error:
        raise InputError(at("read", str(path), error.strerror or "cannot be read")) from error
