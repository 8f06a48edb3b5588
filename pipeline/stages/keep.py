"""Keep: one input again, without what was removed; the lines are those that came in, byte for byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
import zstandard

from pipeline.release import LEVEL
from pipeline.stages.part import BORROWED, ROWS, Borrowed, PartRef, read_stream
from pipeline.stages.place import KEPT, PLACED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.engine.task import Context, Record

SHARD = "kept.jsonl.zst"
_FRAME = 1 << 20  # raw bytes of one frame


class KeepSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A part that borrows its lines, and the number of its first line among all."""

    part: PartRef
    first: int
    place: str


def keep(spec: KeepSpec, context: Context) -> Record:
    """Write the kept lines of one input, in their order, as zstd frames of about 1 MiB."""
    folder = spec.part.folder(context)
    fates = np.load(context.folder("place", spec.place) / PLACED, mmap_mode="r")["fate"]
    rows = read_stream(folder / ROWS)["row"].to_numpy()
    kept = set(rows[fates[spec.first : spec.first + spec.part.rows] == KEPT].tolist())
    source = msgspec.json.decode((folder / BORROWED).read_bytes(), type=Borrowed)
    lines = (line.data for row, line in enumerate(source.lines(context.root)) if row in kept)
    compressor = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
    with (context.out / SHARD).open("wb") as file:
        for frame in _frames(lines):
            file.write(compressor.compress(frame))
    return {"kept": len(kept)}


def _frames(lines: Iterator[bytes]) -> Iterator[bytes]:
    batch: list[bytes] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line) + 1
        if size >= _FRAME:
            yield b"\n".join([*batch, b""])
            batch, size = [], 0
    if batch:
        yield b"\n".join([*batch, b""])
