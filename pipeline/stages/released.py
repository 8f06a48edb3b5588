"""Released: a data shard of an earlier release, reached through the work folder and read by frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
import zstandard

from pipeline.errors import IntegrityError, at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pipeline.engine.work import Work

RELEASED: Final = "released.json"
"""In a part: the `Shard` that its lines are in."""


class Frame(NamedTuple):
    """Where a frame lies in its shard, and how many documents are in it."""

    offset: int
    length: int
    documents: int


class Shard(msgspec.Struct, frozen=True):
    """A shard, by the digest of its release's manifest; `first` is its first row in the index."""

    release: str
    path: str
    first: int
    frames: tuple[Frame, ...]

    @property
    def documents(self) -> int:
        """How many documents are in it."""
        return sum(frame.documents for frame in self.frames)

    def read(self, work: Work, wanted: Iterable[int]) -> Iterator[tuple[int, list[bytes]]]:
        """Yield the wanted frames, each with its number and its lines without newlines.

        Raises:
            IntegrityError: a frame is not what it was when the release was checked.
        """
        decompressor = zstandard.ZstdDecompressor()
        with (work.release(self.release) / self.path).open("rb") as file:
            for number in wanted:
                file.seek(self.frames[number].offset)
                try:
                    content = decompressor.decompress(file.read(self.frames[number].length))
                except zstandard.ZstdError as error:
                    problem = f"frame {number} does not decode: verify the earlier release"
                    raise IntegrityError(at("near", self.path, problem)) from error
                yield number, content.split(b"\n")[:-1]
