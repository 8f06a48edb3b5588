"""Shares: what each shard will take from each part, told by a digest of its own.

An emit task is named by these digests and not by the tasks that it reads: after an opt-out only the
shards that held something are written again, the others are found in the work folder.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from pipeline.stages.part import ROWS, PartRef, bases, read_stream, values
from pipeline.stages.passages import read_cuts
from pipeline.stages.place import KEPT, PLACED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from pipeline.engine.task import Context
    from pipeline.engine.work import Files, Record

SHARES = "shares.bin"
DIGEST = 32
_TAKEN = np.dtype([("line", "V32"), ("split", "u1"), ("family", "<u8")])
_CUT = np.dtype([("line", "V32"), ("start", "<u4"), ("end", "<u4")])


class SharesSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The inputs' parts, the finished place task, whether it cut passages, and the number of shards."""

    parts: tuple[PartRef, ...]
    place: str
    cuts: bool
    shards: int


def shares(spec: SharesSpec, context: Context) -> Record:
    """Write 32 bytes for each part and shard: SHA-256 over the kept lines, their splits, families and cuts."""
    folder = context.folder("place", spec.place)
    placed = np.load(folder / PLACED, mmap_mode="r")
    with (context.out / SHARES).open("wb") as file:
        for first, part in zip(bases(spec.parts).tolist(), spec.parts, strict=False):
            end = first + part.rows
            table = read_stream(part.folder(context) / ROWS).select(["bucket", "line"])
            buckets = table["bucket"].to_numpy()
            lines = _digests(values(table, "line"))
            cuts = read_cuts(folder, first, end) if spec.cuts else None
            for digest in _of_part(spec.shards, buckets, lines, placed[first:end], cuts, first):
                file.write(digest)
    return {"parts": len(spec.parts)}


def read_shares(folder: Files, parts: int, shards: int) -> NDArray[np.void]:
    """Read them as an array of (parts, shards)."""
    return np.fromfile(folder / SHARES, f"V{DIGEST}").reshape(parts, shards)


def _digests(digests: list[bytes]) -> NDArray[np.void]:
    return np.frombuffer(b"".join(digests), f"V{DIGEST}")


def _of_part(
    shards: int,
    buckets: NDArray[np.uint32],
    lines: NDArray[np.void],
    placed: NDArray[np.void],
    cuts: NDArray[np.void] | None,
    first: int,
) -> Iterator[bytes]:
    """Yield the digest of each shard's share of one part."""
    kept = np.flatnonzero(placed["fate"] == KEPT)
    kept = kept[np.argsort(buckets[kept], kind="stable")]
    taken = np.zeros(len(kept), _TAKEN)
    taken["line"], taken["split"] = lines[kept], placed["split"][kept]
    taken["family"] = placed["family"][kept]
    ends = np.searchsorted(buckets[kept], np.arange(shards + 1))
    cut, cut_buckets = _cut(cuts, lines, buckets, first)
    for shard in range(shards):
        digest = hashlib.sha256(taken[ends[shard] : ends[shard + 1]].tobytes())
        digest.update(cut[cut_buckets == shard].tobytes())
        yield digest.digest()


def _cut(
    cuts: NDArray[np.void] | None, lines: NDArray[np.void], buckets: NDArray[np.uint32], first: int
) -> tuple[NDArray[np.void], NDArray[np.uint32]]:
    """Say what is cut from which line, and in which shard that line is."""
    if cuts is None:
        return np.zeros(0, _CUT), np.zeros(0, np.uint32)
    at = cuts["line"] - first
    spelt = np.zeros(len(cuts), _CUT)
    spelt["line"], spelt["start"], spelt["end"] = lines[at], cuts["start"], cuts["end"]
    return spelt, buckets[at]
