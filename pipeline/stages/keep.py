"""Keep: one input again, without what was removed; the lines are those that came in, byte for byte."""

from __future__ import annotations

from itertools import chain, compress
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from pipeline.shards import batches, compressor
from pipeline.stages.part import BORROWED, ROWS, Borrowed, PartRef, read_stream
from pipeline.stages.place import KEPT, PLACED

if TYPE_CHECKING:
    from pipeline.engine.task import Context
    from pipeline.engine.work import Record

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
    mine = rows[fates[spec.first : spec.first + spec.part.rows] == KEPT]
    source = msgspec.json.decode((folder / BORROWED).read_bytes(), type=Borrowed)
    # a byte a row: there may be many millions; compress stops where the last kept line was
    marks = np.bincount(mine, minlength=0).astype(np.uint8).tobytes()
    lines = (line.data + b"\n" for line in compress(source.lines(context.root), marks))
    frames = map(b"".join, batches(lines, _FRAME))
    packer = compressor()
    with (context.out / SHARD).open("wb") as file:
        # of no lines one empty frame: a file of no bytes is not zstd
        for frame in chain([next(frames, b"")], frames):
            file.write(packer.compress(frame))
    return {"kept": len(mine)}
