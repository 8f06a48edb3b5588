"""Write one shard number of one source from its lines: a file for each split, and its rows in the indexes."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import msgspec

from manifests.addressing import shard_name
from manifests.content import folder_of, record_leaf
from manifests.frames import FRAME_CUT
from manifests.metadata.record_sets import twin_path
from pipeline.dedup.minhash import sign
from pipeline.dedup.spec import SignatureSpec
from pipeline.figures import save_tally
from pipeline.release import link
from pipeline.shards import Frame, Line, receipt_of, write_cut
from pipeline.signatures import signatures_path, write_signatures
from pipeline.spill import map_array
from pipeline.stages.index_rows import IndexRows
from pipeline.stages.part import text_of
from pipeline.twin import write_twin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from manifests.manifest import File
    from pipeline.engine.work import Record
    from pipeline.stages.line_sort import Lines

_SIGNED_AT_ONCE = 1 << 20  # bytes of lines
_ADDRESS = 32  # bytes, and as many of a leaf hash


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """The shard to write: number `bucket` of a source, whose `folder` is `data/<source>` or `qa/<source>`."""

    source: str
    folder: str
    bucket: int
    shards: int
    seed: int
    signature: SignatureSpec | None
    parquet: bool


class Held(NamedTuple):
    """The shard of a release, `release` its folder, in which these very lines lie already."""

    release: Path
    entry: File
    frames: tuple[Frame, ...]


class Piece(NamedTuple):
    """One written file: its name and its entry in the manifest.

    `beside` names what lies beside it, by path in the release: its signatures and its parquet
    twin, where they are kept.
    """

    file: str
    beside: dict[str, str]
    entry: dict[str, Any]


def write_shards(
    target: Target, out: Path, lines: dict[str, Lines], held: dict[str, Held]
) -> Record:
    """Write a shard's files and its share of the indexes into the folder of a task, from its lines by split.

    Splits that are `held` are linked. The record lists the files and counts what is in them.
    """
    with IndexRows(out) as rows:
        pieces = [
            _write_split(target, out, split, mine, held.get(split), rows)
            for split, mine in lines.items()
        ]
    save_tally(out, [rows.tally])
    return {
        "source": target.source,
        "folder": target.folder,
        "shard": target.bucket,
        "files": [{"file": piece.file, "entry": piece.entry} for piece in pieces],
        "beside": {path: file for piece in pieces for path, file in piece.beside.items()},
        "splits": rows.lines,
        "licenses": dict(sorted(rows.licenses.items())),
        "redactions": dict(sorted(rows.redactions.items())),
    }


def leaves_file(split: str) -> str:
    """Name the file of a split's leaves for the content tree: address and leaf hash, 64 bytes a record."""
    return f"leaves-{split}.bin"


def _write_split(
    target: Target, out: Path, split: str, lines: Lines, held: Held | None, rows: IndexRows
) -> Piece:
    """Write one file; its lines are read once for each thing that is made of them."""
    name = shard_name(target.folder, split, target.bucket, target.shards)
    file = name.rpartition("/")[2]
    lengths = _write_leaves(out / leaves_file(split), folder_of(name), lines)
    if held is None:
        leaves = _Leaves(out / leaves_file(split))
        receipt = write_cut(out / file, _frames(lines, leaves, lengths))
    else:
        link(held.release / name, out / file)
        receipt = receipt_of(held.entry, held.frames)
    rows.take(name, split, receipt, lines)
    beside = _write_beside(target, out, name, lines, held)
    return Piece(file, beside, msgspec.to_builtins(receipt.listed(name)))


def _write_leaves(path: Path, of_split: str, lines: Lines) -> array[int]:
    """Write the leaves; return the bytes of each line."""
    lengths = array("Q")
    with path.open("wb") as file:
        for each in lines:
            file.write(each.address + record_leaf(each.address, each.line[:-1], of_split))
            lengths.append(len(each.line))
    return lengths


class _Leaves(Sequence[bytes]):
    """The addresses of a split, as its file of leaves has them; memory holds none of them."""

    def __init__(self, path: Path) -> None:
        self._rows = map_array(path, f"V{_ADDRESS}", 2)

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, at: int) -> bytes: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[bytes]: ...
    def __getitem__(self, at: int | slice) -> bytes | Sequence[bytes]:
        """Return an address."""
        if isinstance(at, slice):
            return [self[number] for number in range(*at.indices(len(self)))]
        address: bytes = self._rows[at, 0].tobytes()
        return address

    def leaf(self, at: int) -> bytes:
        """Return a leaf hash."""
        leaf: bytes = self._rows[at, 1].tobytes()
        return leaf


def _frames(lines: Lines, leaves: _Leaves, lengths: array[int]) -> Iterator[list[Line]]:
    """Cut the lines into frames."""
    numbered = enumerate(lines)
    for first, end in pairwise([0, *FRAME_CUT.ends(leaves, lengths)]):
        few = islice(numbered, end - first)
        yield [Line(each.address, each.line, leaves.leaf(number)) for number, each in few]


def _write_beside(
    target: Target, out: Path, shard: str, lines: Lines, held: Held | None
) -> dict[str, str]:
    """Write what the release keeps beside a shard: its signatures, and the same lines as parquet.

    The texts are signed as they are emitted: passages may have been cut since the screen signed them.
    """
    signatures, twin = signatures_path(shard), twin_path(shard)
    beside: dict[str, str] = {}
    if target.signature is not None:
        beside[signatures] = signatures.rpartition("/")[2]
    if target.parquet:
        beside[twin] = f"twin-{twin.rpartition('/')[2]}"  # signatures end in .parquet too
    if held is not None:
        for path, file in beside.items():
            link(held.release / path, out / file)
        return beside
    if target.signature is not None:
        signed = (sign(texts, target.signature) for texts in _texts(lines))
        write_signatures(out / beside[signatures], signed, target.signature)
    if target.parquet:
        write_twin(out / beside[twin], shard, (item.line for item in lines))
    return beside


def _texts(lines: Lines) -> Iterator[list[str]]:
    """Yield the texts in blocks."""
    texts: list[str] = []
    size = 0
    for item in lines:
        texts.append(text_of(item.line))
        size += len(item.line)
        if size >= _SIGNED_AT_ONCE:
            yield texts
            texts, size = [], 0
    if texts:
        yield texts
