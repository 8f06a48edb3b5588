"""The branches of the content tree, grown from the leaves that the emit tasks left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manifests.content import Branch, branch
from pipeline.stages.shard_writer import leaves_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.engine.work import Marker
    from pipeline.job import Job

_ROW = 64  # bytes: an address and a leaf hash


def grow_branches(job: Job, emitted: list[Marker]) -> tuple[Branch, ...]:
    """Make one branch for each shard number; memory holds the leaves of one."""
    by_number: dict[int, list[Marker]] = {}
    for marker in emitted:
        by_number.setdefault(marker.record["shard"], []).append(marker)
    return tuple(
        branch(leaf for _, _, leaf in sorted(_leaves(job, by_number.get(number, []))))
        for number in range(job.config.release.shards)
    )


def _leaves(job: Job, emitted: list[Marker]) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Yield (address, folder, leaf hash) of every record of one shard number."""
    for marker in emitted:
        folder = job.work.folder(marker)
        for split in marker.record["splits"]:
            rows = (folder / leaves_file(split)).read_bytes()
            name = f"{marker.record['folder']}/{split}".encode()
            for at in range(0, len(rows), _ROW):
                yield rows[at : at + 32], name, rows[at + 32 : at + _ROW]
