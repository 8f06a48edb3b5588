"""Put the lines of a shard into the order of their addresses, with no more of them in memory than are allowed.

What does not fit is written in sorted runs, which are merged each time that the lines are read. How
much fits changes no byte of what is read.
"""

from __future__ import annotations

import heapq
import shutil
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, Self

import msgspec
import zstandard

from pipeline.shards import batches_by

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_OBJECTS: Final = 400
"""Bytes of the Python objects of a line beside itself: address, id and family, 33 to 60 each, and the tuple."""
_RUN_FRAME: Final = 256 << 10  # raw bytes; a merge holds one frame of each run
_LENGTH: Final = 8


class Emitted(NamedTuple):
    """A line on its way into a shard."""

    address: bytes
    id: str
    line: bytes
    family: str


class Lines(Protocol):
    """Lines in the order of their addresses, to be read as often as need be."""

    def __iter__(self) -> Iterator[Emitted]:
        """Read them from the first one on."""
        ...


class LineSort:
    """Sorts the lines of several splits; `memory` is how many bytes of them it holds.

    Runs lie in `folder`, which is there within the `with` block alone; so are the lines to be read.
    """

    def __init__(self, folder: Path, memory: int) -> None:
        self._folder = folder
        self._memory = memory
        self._held: dict[str, list[Emitted]] = {}
        self._size = 0
        self._runs: dict[str, list[Path]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def add(self, split: str, line: Emitted) -> None:
        """Take one line, in any order."""
        self._held.setdefault(split, []).append(line)
        self._size += len(line.line) + _OBJECTS
        if self._size >= self._memory:
            self._spill()

    def sorted(self, split: str) -> Lines:
        """Return the lines of a split, after all have been added."""
        if self._runs and self._held:
            self._spill()
        if self._runs:
            return _Merged(self._runs.get(split, []))
        return sorted(self._held.get(split, []))

    def _spill(self) -> None:
        self._folder.mkdir(exist_ok=True)
        for split, lines in self._held.items():
            runs = self._runs.setdefault(split, [])
            runs.append(self._folder / f"{split}-{len(runs)}")
            _write_run(runs[-1], sorted(lines))
        self._held, self._size = {}, 0


class _Merged:
    """Runs that are read as one."""

    def __init__(self, runs: list[Path]) -> None:
        self._runs = runs

    def __iter__(self) -> Iterator[Emitted]:
        return heapq.merge(*map(_read_run, self._runs))


def _write_run(path: Path, lines: list[Emitted]) -> None:
    packer = zstandard.ZstdCompressor(level=1, write_checksum=True)
    with path.open("wb") as file:
        for batch in batches_by(lines, _RUN_FRAME, lambda each: len(each.line)):
            data = packer.compress(msgspec.msgpack.encode(batch))
            file.write(len(data).to_bytes(_LENGTH, "little") + data)


def _read_run(path: Path) -> Iterator[Emitted]:
    decoder = msgspec.msgpack.Decoder(list[Emitted])
    unpacker = zstandard.ZstdDecompressor()
    with path.open("rb") as file:
        while head := file.read(_LENGTH):
            data = file.read(int.from_bytes(head, "little"))
            yield from decoder.decode(unpacker.decompress(data))
