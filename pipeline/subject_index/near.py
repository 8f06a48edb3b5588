"""Near copies of a text in a release: candidates by the bands of their signatures, then exact Jaccard.

The bands lie beside the subject index, as postings from band keys to rows. Signatures that a release
keeps are read; other texts are signed once, which costs a pass over them.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
import numpy as np
import orjson
import pyarrow.parquet as pq

from pipeline.catalog import open_catalog
from pipeline.dedup.minhash import Signatures, band_keys, sign
from pipeline.dedup.shingles import shingle_sets
from pipeline.dedup.spec import SignatureSpec
from pipeline.dedup.verify import at_least, jaccard
from pipeline.errors import IntegrityError
from pipeline.reach import text_of
from pipeline.signatures import FOLDER, Stored, open_signatures, read_spec, signatures_path
from pipeline.subject_index.place import find_folder, keep_folder
from pipeline.subject_index.postings import PostingsWriter, map_postings
from pipeline.watch.progress import open_display

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.catalog import Release
    from pipeline.catalog.frames import Shard
    from pipeline.subject_index.index import Index
    from pipeline.subject_index.place import Head

THRESHOLD: Final = Fraction(4, 5)
_ROWS: Final = 5  # of a band: a pair at the threshold is missed once in 20,000 by 128 minima
_SPEC: Final = "spec.json"
_KIND: Final = "near"


class Copy(NamedTuple):
    """A near copy: its row, and how many of the shingles of both the two share."""

    row: int
    shared: int
    union: int


def is_signed(release: Path) -> bool:
    """Say whether the release keeps signatures that compare with those of today."""
    return _stored_spec(release) is not None


def is_ready(index: Index) -> bool:
    """Say whether near copies can be sought without signing the release's documents."""
    return find_folder(index.release, index.head, _KIND) is not None or is_signed(index.release)


def near_copies(index: Index, text: str) -> list[Copy]:
    """Return the records whose texts are near copies of a text, equal ones included, the closest first.

    The bands are made where there are none yet. Raises `IntegrityError` where the release is damaged.
    """
    release, head = index.release, index.head
    folder = keep_folder(release, head, _KIND, lambda into: _build(release, head, into))
    spec = msgspec.json.decode((folder / _SPEC).read_bytes(), type=SignatureSpec)
    signature = sign([text], spec)
    if signature.shingles[0] == 0:
        return []
    postings = map_postings(folder)
    met = [postings.find(key) for key in band_keys(signature.minima, spec)[0].tolist()]
    rows = np.unique(np.concatenate(met)).tolist()
    texts = [text, *(index.document(row).text for row in rows)]
    return sorted(_close(rows, texts, spec), key=lambda each: (-each.shared / each.union, each.row))


def _close(rows: list[int], texts: list[str], spec: SignatureSpec) -> Iterator[Copy]:
    """Compare the first text with all others."""
    flat, offsets = shingle_sets(texts, spec)
    others = np.arange(1, len(texts))
    overlap = jaccard(flat, offsets, np.zeros(len(others), np.int64), others)
    for number in np.flatnonzero(at_least(*overlap, THRESHOLD)).tolist():
        yield Copy(rows[number], int(overlap.intersection[number]), int(overlap.union[number]))


def _stored_spec(release: Path) -> SignatureSpec | None:
    """Return how the release's documents were signed, where today's texts would be signed alike."""
    path = next(iter(sorted((release / FOLDER).rglob("*.parquet"))), None)
    if path is None:
        return None
    try:
        spec = read_spec(pq.read_schema(path))
    except ValueError as error:
        raise IntegrityError(f"optout: {path}: {error}: verify the release") from error
    now = SignatureSpec()
    return spec if (spec.version, spec.unicode) == (now.version, now.unicode) else None


def _build(release: Path, head: Head, folder: Path) -> None:
    spec = _banded(_stored_spec(release) or SignatureSpec())
    with (
        PostingsWriter(folder) as writer,
        open_catalog(release, cache=0) as opened,
        open_display() as display,
    ):
        shards = opened.frames.shards
        display.start(f"near copies in {head.release}", len(shards), 0)
        for shard in shards:
            row = shard.lines.start
            for block in _signatures(opened, shard, spec):
                _add(writer, row, block, spec)
                row += len(block.shingles)
            if row != shard.lines.stop:
                raise IntegrityError(
                    f"optout: {release}: {shard.path}: has other signatures: verify it"
                )
            display.advance(0)
        writer.close()
    (folder / _SPEC).write_bytes(msgspec.json.encode(spec))


def _banded(spec: SignatureSpec) -> SignatureSpec:
    rows = min(_ROWS, spec.minima)
    return msgspec.structs.replace(spec, rows=rows, bands=spec.minima // rows)


def _signatures(opened: Release, shard: Shard, spec: SignatureSpec) -> Iterator[Signatures]:
    """Read the signatures of a shard, or sign its texts frame by frame."""
    stored: Stored | None = None
    if shard.place.kind == "data":
        stored = open_signatures(opened.path / signatures_path(shard.path), spec)
    if stored is not None:
        yield from stored.blocks
        return
    for frame in shard.frames:
        lines = opened.frames.decode(frame).splitlines()
        yield sign([text_of(orjson.loads(line)) for line in lines], spec)


def _add(writer: PostingsWriter, row: int, block: Signatures, spec: SignatureSpec) -> None:
    """Note the band keys of all that have shingles."""
    signed = np.flatnonzero(block.shingles > 0)
    keys = band_keys(np.asarray(block.minima)[signed], spec)
    rows = np.repeat((signed + row).astype(np.uint32), spec.bands)
    writer.add_many(rows, keys.ravel())
