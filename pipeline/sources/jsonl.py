"""Read a shard of JSON lines, plain or compressed: a record, or a reason, for every line in it."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any, Final

import msgspec

from pipeline.poison import verdict
from pipeline.sources.adapter import LINES, Adapter, Reading
from pipeline.sources.lines import Line, split_lines
from pipeline.sources.records import MAX_RECORD, RAW_LIMIT, Bad, Damage, Item, Raw
from pipeline.sources.stretch import WHOLE, Stretch, Stretched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.sources.compressed import Trusted
    from pipeline.sources.file import InputFile

MAX_DEPTH: Final = 256
"""Levels of nesting that are read; deeper ones bring recursive readers and writers down."""


def read_jsonl(
    path: InputFile, *, max_record: int = MAX_RECORD, stretch: Stretch = WHOLE
) -> Iterator[Item]:
    """Yield one item for each non-blank line of a stretch, in order, and `Damage` last where there is some.

    A byte order mark at the start is passed over. A line that was cut by the damage is part of it.
    """
    source = Stretched(path, stretch)
    row = stretch.row
    for number, data, oversize in read_lines(source, max_record=max_record, first=stretch.line):
        poison = verdict(stretch.poison, row) if stretch.poison else None
        if poison:
            yield Bad(row, number, poison, data[:RAW_LIMIT])
        elif poison is not None:
            pass
        elif oversize:
            yield Bad(row, number, "oversize", data)
        else:
            yield parse_line(row, number, data)
        row += 1
    if source.damage is not None:
        yield Damage(row, source.damage.reason, source.damage.detail)


def read_lines(source: Trusted | Stretched, *, max_record: int, first: int = 1) -> Iterator[Line]:
    """Yield the non-blank lines of a shard, which are its rows; `first` is the number of the first line."""
    return split_lines(
        source, limit=max_record, keep_tail=lambda: source.damage is None, first=first
    )


def parse_line(row: int, line: int, data: bytes) -> Raw | Bad:
    """Parse one line (RFC 8259, strictly); integers of any size stay exact."""
    try:
        record = _decoder().decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Bad(row, line, _diagnose(data), data[:RAW_LIMIT])
    if type(record) is not dict:
        return Bad(row, line, "not-object", data[:RAW_LIMIT])
    if _deeper(record, MAX_DEPTH):
        return Bad(row, line, "depth", data[:RAW_LIMIT])
    return Raw(row, line, record)


@functools.cache
def _decoder() -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder()


def _deeper(tree: dict[str, Any] | list[Any], levels: int) -> bool:
    """Tell whether `tree` nests more than `levels` levels, itself included."""
    for each in tree.values() if type(tree) is dict else tree:
        if (type(each) is dict or type(each) is list) and (
            levels == 1 or _deeper(each, levels - 1)
        ):
            return True
    return False


def _diagnose(data: bytes) -> str:  # noqa: PLR0911  one return for each reason
    """Say why a line was refused, by asking the lenient parser of the standard library."""
    try:
        value = json.loads(data.decode(), parse_constant=_refuse)
        if type(value) is not dict:
            return "not-object"
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeDecodeError:
        return "utf8"
    except UnicodeEncodeError:
        return "surrogate"
    except RecursionError:
        return "depth"
    except (json.JSONDecodeError, _ConstantError):
        return "json"
    except ValueError:  # an integer of more digits than Python converts
        return "number"
    return "number"  # what is left is a number that no double holds


class _ConstantError(Exception):
    """The line spells NaN or an infinity, which JSON does not have."""


def _refuse(_: str) -> float:
    raise _ConstantError


def _read(path: InputFile, how: Reading) -> Iterator[Item]:
    return read_jsonl(path, max_record=how.max_record, stretch=how.stretch)


ADAPTER: Final = Adapter(read=_read, suffixes=LINES, takes_fields=True, is_lines=True)
