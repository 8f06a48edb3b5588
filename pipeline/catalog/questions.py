"""Questions stand in no index: one is found by its address, as the lines of a shard are in that order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from manifests.addressing import address, shard_of
from pipeline.catalog.places import id_start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.catalog.decoded import Decoded
    from pipeline.catalog.frames import Frames


class Named(msgspec.Struct, frozen=True):
    """What of a record says where it lies."""

    id: str


def find_question(
    frames: Frames, decoded: Decoded, seed: int, name: str, at: bytes
) -> Iterator[bytes]:
    """Yield the lines of the questions with an id, whose address is `at`; in each shard one frame is looked through."""
    start = id_start(name)
    for shard in frames.shards:
        place = shard.place
        if place.kind == "qa" and place.shard == shard_of(at, place.shards):
            frame = _last_not_behind(frames, decoded, shard.frames, seed, at)
            raw = decoded.start_of(frame, int(frames.raw_length[frame]))
            yield from (line for line in raw.splitlines(keepends=True) if line.startswith(start))


def _last_not_behind(frames: Frames, decoded: Decoded, range_: range, seed: int, at: bytes) -> int:
    """Return the last frame whose first line does not lie behind an address, else the first."""
    low, high = range_.start, range_.stop - 1
    while low < high:
        middle = (low + high + 1) // 2
        raw = decoded.start_of(middle, int(frames.raw_length[middle]))
        first = msgspec.json.decode(raw[: raw.index(b"\n")], type=Named).id
        low, high = (middle, high) if address(seed, first) <= at else (low, middle - 1)
    return low
