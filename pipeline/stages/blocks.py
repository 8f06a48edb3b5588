"""Blocks: records gathered so that the kernels have enough to do and memory little to hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from pipeline.sources.records import Bad, Item, Raw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")

_BLOCK_BYTES = 2 << 20
_BLOCK_ROWS = 4096
_SMALL = 16  # bytes that a number or a key is taken for


class Tally(msgspec.Struct):
    """What is counted as records go by: UTF-8 bytes of text read, and by kind what is odd."""

    text_bytes: int = 0
    odd: dict[str, int] = {}

    def count_text(self, text: str) -> None:
        """Add a text's size."""
        self.text_bytes += len(text) if text.isascii() else len(text.encode())

    def count_odd(self, kinds: tuple[str, ...]) -> None:
        """Count what is odd of one record."""
        for kind in kinds:
            self.odd[kind] = self.odd.get(kind, 0) + 1


def blocks(items: Iterable[T], size_of: Callable[[T], int]) -> Iterator[list[T]]:
    """Gather records into blocks of a few MB: enough for the kernels, little for memory."""
    block: list[T] = []
    size = 0
    for item in items:
        block.append(item)
        size += size_of(item)
        if size >= _BLOCK_BYTES or len(block) >= _BLOCK_ROWS:
            yield block
            block, size = [], 0
    if block:
        yield block


def size_of_item(item: Item) -> int:
    """Estimate what a record takes in memory."""
    if isinstance(item, Raw):
        return _weight(item.record)
    return len(item.raw) if isinstance(item, Bad) else 0


def _weight(value: object) -> int:
    """Add up the strings of a value at any depth, and a little for everything else."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        # most values are strings: a call for each would cost more than all else here
        held = [len(each) if type(each) is str else _weight(each) for each in value.values()]
        return sum(held) + _SMALL * len(held)
    return sum(map(_weight, value)) if isinstance(value, list) else _SMALL
