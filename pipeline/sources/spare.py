"""Spare: put a bad record in the place of each that brings workers down."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from pipeline.poison import Poison, noted, verdict
from pipeline.sources.records import Bad, Item, Raw

if TYPE_CHECKING:
    from collections.abc import Iterator


def spare(items: Iterator[Item], poison: tuple[Poison, ...]) -> Iterator[Item]:
    """Hand items on, but for the poisonous; a reader that knows them has put bad ones there itself."""
    items = noted(items, attrgetter("row"))
    return _spared(items, poison) if poison else items


def _spared(items: Iterator[Item], poison: tuple[Poison, ...]) -> Iterator[Item]:
    for item in items:
        reason = verdict(poison, item.row) if isinstance(item, Raw) else None
        if reason is None:
            yield item
        elif reason and isinstance(item, Raw):
            yield Bad(item.row, item.line, reason, b"")
