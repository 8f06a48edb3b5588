"""The deep check of the shards: every frame decoded, every record held against the lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import zstandard

from manifests import merkle, seek_table
from manifests.checksum import SHA256_HEX
from manifests.content import branch, folder_of
from manifests.manifest import MANIFEST, File, is_shard, shard_path
from pipeline.release import DOCUMENTS_PATH, FRAMES_PATH
from pipeline.verify.records import check_documents, check_questions
from pipeline.verify.walk import Shard, key64

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.verify.index import DocumentRow, FrameRow
    from pipeline.verify.lists import Lists
    from pipeline.verify.report import Findings
    from pipeline.verify.walk import Walk

FRAME_LIMIT: Final = 1 << 31
"""No frame is larger when decoded: what a header may make us allocate."""

WINDOW_LIMIT: Final = 1 << 27
"""The largest window that ordinary zstd readers accept."""


def check_shards(release: Path, walk: Walk, lists: Lists) -> None:
    """Walk all shards in the order of their paths, with the index beside them."""
    entries = [file for file in walk.manifest.files if is_shard(file.path)]
    for entry in entries:
        place = shard_path(entry.path)
        if walk.index.frames is None or place is None:
            break
        rows: list[FrameRow] = walk.index.frames.take(entry.path)
        if not _frames_follow(entry, rows, walk):
            break
        if entry.path not in lists.present:
            _skip(rows, walk)
            continue
        try:
            with (release / entry.path).open("rb") as file:
                _check_shard(Shard(entry, place, file, folder_of(entry.path)), rows, walk)
        except OSError as error:
            walk.findings.add(entry.path, f"cannot be read: {error.strerror}")
    else:
        walk.index.finish()
    witnesses = {FRAMES_PATH, DOCUMENTS_PATH, *(entry.path for entry in entries)}
    walk.complete = witnesses <= lists.sound and not any(map(walk.findings.names, witnesses))
    if walk.complete:
        _check_unique(walk)
        _check_branches(walk)


def _skip(rows: list[FrameRow], walk: Walk) -> None:
    """Pass over the index rows of a shard that is not there: the index is right about it."""
    for row in rows:
        if walk.index.documents is not None:
            walk.index.documents.take((row.shard, row.frame))


def _frames_follow(entry: File, rows: list[FrameRow], walk: Walk) -> bool:
    """Hold a shard's rows in index/frames.parquet against the manifest."""
    if walk.index.frames is None or not walk.index.frames.usable:
        return False
    problem = None
    ends = [0, *(row.offset + row.length for row in rows)]
    if [row.frame for row in rows] != list(range(len(rows))) or not rows:
        problem = "its frames are not numbered from 0"
    elif [row.offset for row in rows] != ends[:-1] or min(row.length for row in rows) < 1:
        problem = "its frames do not follow one another"
    elif (
        ends[-1] + seek_table.size(len(rows)) != entry.bytes
        or sum(row.raw_length for row in rows) != entry.raw_bytes
    ):
        problem = "its frames do not add up to the file"
    elif not all(SHA256_HEX.fullmatch(row.merkle) for row in rows):
        problem = "a Merkle root is no SHA-256"
    elif merkle.shard_root(bytes.fromhex(row.merkle) for row in rows).hex() != entry.merkle_root:
        problem = "its Merkle root does not follow from its frames'"
    elif sum(row.documents for row in rows) != entry.records:
        problem = "its records do not add up"
    if problem is not None:
        walk.findings.add(FRAMES_PATH, f"{entry.path}: {problem}")
    return problem is None


def _check_shard(shard: Shard, rows: list[FrameRow], walk: Walk) -> None:
    """Decode and check one shard frame by frame."""
    walk.last = b""
    for row in rows:
        listed: list[DocumentRow] = []
        if walk.index.documents is not None and shard.place.kind == "data":
            listed = walk.index.documents.take((row.shard, row.frame))
        content = _decode_frame(shard, row, listed, walk.findings)
        if content is None:
            continue
        lines = _lines(content)
        if content[-1:] not in {b"", b"\n"}:
            walk.findings.add(row.shard, "does not end in a newline", frame=row.frame)
        if shard.place.kind == "data":
            check_documents(shard, row, lines, listed, walk)
        else:
            check_questions(shard, row, lines, walk)
    _check_seek_table(shard, rows, walk.findings)


def _lines(content: bytes) -> Iterator[bytes]:
    """Yield the lines that end in a newline, without it; a split would hold the whole frame twice."""
    start = 0
    while (end := content.find(b"\n", start)) >= 0:
        yield content[start:end]
        start = end + 1


def _check_seek_table(shard: Shard, rows: list[FrameRow], findings: Findings) -> None:
    """Hold what stands behind the last frame against the index."""
    shard.file.seek(rows[-1].offset + rows[-1].length)
    if shard.file.read() != seek_table.encode((row.length, row.raw_length) for row in rows):
        findings.add(shard.entry.path, "its seek table is not that of its frames")


def _decode_frame(
    shard: Shard, row: FrameRow, listed: list[DocumentRow], findings: Findings
) -> bytes | None:
    """Read one frame; of one that does not decode, say which documents lie in it."""
    problem = None
    content = b""
    try:
        shard.file.seek(row.offset)
        data = shard.file.read(row.length)
        header = zstandard.get_frame_parameters(data)
        if header.content_size != row.raw_length or row.raw_length > FRAME_LIMIT:
            problem = "its header does not give its size"
        elif header.window_size > WINDOW_LIMIT or not header.has_checksum:
            problem = "it has no checksum, or too large a window"
        else:
            content = zstandard.ZstdDecompressor().decompress(data, allow_extra_data=False)
    except zstandard.ZstdError:
        problem = "the frame does not decode"
    if problem is None:
        return content
    holds = f"it holds {row.documents} documents"
    if listed:
        findings.add(
            row.shard, f"{problem}; {holds}, this one first", frame=row.frame, document=listed[0].id
        )
    else:
        findings.add(row.shard, f"{problem}; {holds}", frame=row.frame)
    return None


def _check_unique(walk: Walk) -> None:
    """Name the documents that share an id across sources or splits, where no order shows it."""
    twice = _twice(walk.documents)
    if twice:
        for row in walk.index.all_documents():
            if key64(row.id) in twice:
                walk.findings.add(row.shard, "has an id twice", frame=row.frame, document=row.id)


def _check_branches(walk: Walk) -> None:
    """Hold the content tree of the manifest against the one that the records make."""
    for number, listed in enumerate(walk.manifest.branches):
        if branch(walk.leaves_in_order(number)) != listed:
            walk.findings.add(MANIFEST, f"branches: that of shard {number} is not its records'")


def _twice(keys: array[int]) -> set[int]:
    """Return the keys that occur more than once."""
    ordered = np.sort(np.frombuffer(keys, dtype=np.uint64))
    return set(ordered[1:][ordered[1:] == ordered[:-1]].tolist())
