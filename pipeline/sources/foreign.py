"""Adapters of other packages: what they raise is told of them by name, and what they yield is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from pipeline.errors import ConfigError
from pipeline.plugins import blamed
from pipeline.sources.file import Digest
from pipeline.sources.records import Bad, Damage, Raw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pipeline.plugins import Loaded, Offer
    from pipeline.sources.adapter import Adapter, Papers, Reading, Said
    from pipeline.sources.file import InputFile
    from pipeline.sources.records import Item

_ITEMS: Final = (Raw, Bad, Damage)


def guarded(loaded: Loaded) -> Adapter:
    """Return an adapter whose functions are watched."""
    adapter: Adapter = loaded.value
    offer = loaded.offer
    return msgspec.structs.replace(
        adapter,
        read=_reading(offer, adapter.read),
        digest=None if adapter.digest is None else _digesting(offer, adapter.digest),
        papers=None if adapter.papers is None else _telling(offer, adapter.papers),
        flaws=None if adapter.flaws is None else _checking(offer, adapter.flaws),
        beside=None if adapter.beside is None else _beside(offer, adapter.beside),
    )


def _reading(
    offer: Offer, read: Callable[[InputFile, Reading], Iterator[Item]]
) -> Callable[[InputFile, Reading], Iterator[Item]]:
    def items(place: InputFile, how: Reading) -> Iterator[Item]:
        with blamed(offer):
            source = iter(read(place, how))
        row = -1
        while True:
            with blamed(offer):
                item: Any = next(source, None)
            if item is None:
                return
            if not isinstance(item, _ITEMS) or not isinstance(item.row, int) or item.row <= row:
                raise ConfigError(
                    f"{offer}: it must yield Raw, Bad or Damage, each with a row above the last one's"
                )
            row = item.row
            yield item

    return items


def _digesting(
    offer: Offer, digest: Callable[[Path, Said], Digest]
) -> Callable[[Path, Said], Digest]:
    def digested(folder: Path, said: Said) -> Digest:
        with blamed(offer, early=True):
            found: Any = digest(folder, said)
        if not isinstance(found, Digest):
            raise ConfigError(f"{offer}: its digest must return a pipeline.sources.file.Digest")
        return found

    return digested


def _telling(offer: Offer, papers: Papers) -> Papers:
    def told(place: Path) -> Iterator[tuple[str, str]]:
        with blamed(offer):
            yield from papers(place)

    return told


def _checking(offer: Offer, flaws: Callable[[Said], list[str]]) -> Callable[[Said], list[str]]:
    def flaws_of(said: Said) -> list[str]:
        with blamed(offer, early=True):
            return list(flaws(said))

    return flaws_of


def _beside(
    offer: Offer, beside: Callable[[InputFile, Said], str]
) -> Callable[[InputFile, Said], str]:
    def digested(place: InputFile, said: Said) -> str:
        with blamed(offer, early=True):
            return str(beside(place, said))

    return digested
