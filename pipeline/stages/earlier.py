"""Earlier: one data shard of an earlier release in, one part out whose documents outlive their copies.

Ids and digests come from the index of the release, signatures from the release too where it keeps
those that this run would make, and else from the texts; the part is the same either way. It holds
no line: what must be compared shingle by shingle is read from the shard again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from pipeline.dedup.anchors import AnchorSpec
from pipeline.dedup.minhash import Signatures
from pipeline.dedup.spec import SignatureSpec
from pipeline.errors import IntegrityError, at
from pipeline.signatures import Stored, open_signatures, recut, signatures_path
from pipeline.spill import EARLIER
from pipeline.stages.part import text_of, values
from pipeline.stages.part_writer import PartWriter, Passed
from pipeline.stages.released import RELEASED, Shard
from pipeline.stages.released_index import find_shard, read_index

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.engine.task import Context
    from pipeline.engine.work import Record


class EarlierSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A shard of a release: the name and version of that, the SHA-256 of its manifest and of the shard.

    With `anchors` containment is sought too, and these can be had from texts alone.
    """

    release: str
    manifest: str
    path: str
    sha256: str
    signature: SignatureSpec
    anchors: AnchorSpec | None


def earlier(spec: EarlierSpec, context: Context) -> Record:
    """Write the part; the record counts the documents and says whether they had to be signed anew.

    Raises:
        IntegrityError: the files of the release do not fit one another.
    """
    shard = find_shard(context.work, spec.manifest, spec.path)
    file = context.work.release(spec.manifest) / signatures_path(spec.path)
    stored = open_signatures(file, spec.signature) if spec.anchors is None else None
    part = PartWriter(context.out, spec.signature, anchors=spec.anchors)
    try:
        for passed, signatures in _frame_by_frame(spec, shard, context, stored):
            part.write(passed, [], signatures)
    finally:
        record = part.close()
    (context.out / RELEASED).write_bytes(msgspec.json.encode(shard))
    return record | {"signed": stored is None}


_Block = tuple[list[Passed], Signatures | None]


def _frame_by_frame(
    spec: EarlierSpec, shard: Shard, context: Context, stored: Stored | None
) -> Iterator[_Block]:
    """Yield the documents of each frame with their signatures, or with the texts to sign."""
    index = read_index(context.work, shard, ["id", "sha256"])
    rows = len(index) if stored is None else stored.rows
    if not rows == len(index) == shard.documents:
        raise _misfit(spec)
    contents = _texts(shard, context) if stored is None else _signed(shard, stored)
    first = 0
    for number, (frame, (texts, signatures)) in enumerate(zip(shard.frames, contents, strict=True)):
        mine = index.slice(first, frame.documents)
        if len(texts) != frame.documents:
            raise _misfit(spec)
        named = zip(values(mine, "id"), values(mine, "sha256"), texts, strict=True)
        yield [_take(spec, first, (number, at), *each) for at, each in enumerate(named)], signatures
        first += frame.documents


_Content = tuple[list[str], Signatures | None]


def _texts(shard: Shard, context: Context) -> Iterator[_Content]:
    for _, lines in shard.read(context.work, range(len(shard.frames))):
        yield [text_of(line) for line in lines], None


def _signed(shard: Shard, stored: Stored) -> Iterator[_Content]:
    for signatures in recut(stored.blocks, iter([frame.documents for frame in shard.frames])):
        yield [""] * len(signatures.shingles), signatures


def _misfit(spec: EarlierSpec) -> IntegrityError:
    problem = f"{spec.release}: index, signatures and shard do not fit one another"
    return IntegrityError(at("earlier", spec.path, problem))


def _take(
    spec: EarlierSpec, first: int, lies: tuple[int, int], name: str, digest: str, text: str
) -> Passed:
    """Make the row of a document, of which `first` says how many there are before its frame.

    Without `raw` its id meets no id of an input.
    """
    return Passed(
        row=first + lies[1],
        id=name,
        text=text,
        content=bytes.fromhex(digest),
        raw=b"",
        rank=0,
        line=b"",
        bucket=0,
        flags=EARLIER,
        group=spec.release,
        tie=f"{spec.release}\0{name}".encode(),
        lies=lies,
    )
