"""Look through an input for where its records lie, and read the texts of few of them.

The licence of a document may stand in another record, so every input is looked through before it is
judged. Of a line of JSON only what names its place is decoded, which passes over its text several
times as fast as reading it.
"""

from __future__ import annotations

import functools
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from pipeline.poison import noted, verdict
from pipeline.sources.fields import FieldMap, locate, to_document
from pipeline.sources.jsonl import parse_line, read_lines
from pipeline.sources.records import Item, Raw
from pipeline.sources.spare import spare
from pipeline.sources.stretch import WHOLE, Stretch, Stretched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pipeline.sources.file import InputFile


class Sight(NamedTuple):
    """Where a record lies, and its NFC text where its path is `wanted`, else `None`."""

    repo: str
    path: str
    text: str | None


def glance(
    path: InputFile,
    fields: FieldMap,
    wanted: Callable[[str], bool],
    *,
    max_record: int,
    stretch: Stretch = WHOLE,
) -> Iterator[Sight]:
    """Yield each readable record that has a path, of a stretch of JSON lines or of a parquet file."""
    for repo, inside, read in _places(path, fields, max_record, stretch):
        if inside:
            yield Sight(repo, inside, _text(read(), fields) if wanted(inside) else None)


def sights(
    items: Iterable[Item], fields: FieldMap, wanted: Callable[[str], bool]
) -> Iterator[Sight]:
    """Yield each record that has a path, of an input in whatever format: its reader gives the items.

    What gives no document may speak of others all the same: a licence that is no UTF-8 for instance.
    """
    for item in items:
        repo, inside = locate(item.record, fields) if isinstance(item, Raw) else ("", "")
        if inside:
            yield Sight(repo, inside, _text(item, fields) if wanted(inside) else None)


def _places(
    path: InputFile, fields: FieldMap, max_record: int, stretch: Stretch
) -> Iterator[tuple[str, str, Callable[[], Item]]]:
    """Yield the place of each record, and how to read it whole."""
    if path.name.endswith(".parquet"):
        # imported here: pyarrow's readers take 10 MB that a task on JSON lines need not carry
        from pipeline.sources.parquet import read_parquet  # noqa: PLC0415  see above

        for item in spare(read_parquet(path, max_record=max_record), stretch.poison):
            if isinstance(item, Raw):
                yield *locate(item.record, fields), partial(_itself, item)
        return
    keys, decoder = _decoder(fields)
    lines = enumerate(read_lines(Stretched(path, stretch), max_record=max_record), stretch.row)
    for row, line in noted(lines, itemgetter(0)):
        if line.oversize or verdict(stretch.poison, row) is not None:
            continue
        try:
            values = msgspec.structs.astuple(decoder.decode(line.data))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue  # the screen says what is wrong with it
        record = dict(zip(keys, values, strict=True))
        yield *locate(record, fields), partial(parse_line, 0, line.number, line.data)


def _itself(item: Item) -> Item:
    return item


def _text(item: Item, fields: FieldMap) -> str | None:
    document = to_document(item.record, source="", fields=fields) if isinstance(item, Raw) else ""
    return None if isinstance(document, str) else document.text


@functools.cache
def _decoder(fields: FieldMap) -> tuple[tuple[str, ...], msgspec.json.Decoder[Any]]:
    """Decode the keys that `repo` and `path` may stand under; all others are passed over."""
    mapped = [each for each in (fields.repo, fields.path) if each]
    heads = {key for each in mapped for key in (each, each.partition(".")[0])}
    keys = tuple(sorted({"repo", "path", "meta", "metadata", *heads}))
    numbered = [
        (f"key{at}", Any, msgspec.field(name=key, default=None)) for at, key in enumerate(keys)
    ]
    return keys, msgspec.json.Decoder(msgspec.defstruct("Glanced", numbered))
