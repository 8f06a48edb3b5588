"""Write one shard number of one source from its lines: a file for each split, and its rows in the indexes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import orjson
import pyarrow as pa

from manifests.addressing import shard_name
from manifests.content import folder_of, record_leaf
from manifests.metadata.record_sets import twin_path
from pipeline.dedup.minhash import sign
from pipeline.dedup.spec import SignatureSpec
from pipeline.figures import Tally, save_tally
from pipeline.release import DOCUMENTS, FRAMES, SPLIT_LEDGER, link
from pipeline.shards import Frame, Line, ShardReceipt, receipt_of, write_frames
from pipeline.signatures import signatures_path, write_signatures
from pipeline.stages.part import text_of
from pipeline.twin import write_twin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from manifests.manifest import File
    from pipeline.engine.work import Record

_TEXTS = {"text", "context", "question", "answers", "plausible_answers"}
_SIGNED_AT_ONCE = 1 << 20  # bytes of lines
DOCUMENTS_INDEX, FRAMES_INDEX, SPLITS_INDEX = "documents.arrow", "frames.arrow", "splits.arrow"


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """The shard to write: number `bucket` of a source, whose `folder` is `data/<source>` or `qa/<source>`."""

    source: str
    folder: str
    bucket: int
    shards: int
    seed: int
    signature: SignatureSpec | None
    parquet: bool


class Emitted(NamedTuple):
    """A line on its way into a shard."""

    address: bytes
    id: str
    line: bytes
    family: str


class Held(NamedTuple):
    """The shard of a release, `release` its folder, in which these very lines lie already."""

    release: Path
    entry: File
    frames: tuple[Frame, ...]


class Piece(NamedTuple):
    """One written file: its name, its entry in the manifest, its rows in the indexes, what it holds.

    `beside` names what lies beside it, by path in the release: its signatures and its parquet
    twin, where they are kept.
    """

    file: str
    beside: dict[str, str]
    entry: dict[str, Any]
    documents: list[dict[str, Any]]
    frames: list[dict[str, Any]]
    splits: list[dict[str, Any]]
    licenses: Counter[str]
    redactions: Counter[str]
    tally: Tally


def write_shards(
    target: Target, out: Path, lines: dict[str, list[Emitted]], held: dict[str, Held]
) -> Record:
    """Write a shard's files and its share of the indexes into the folder of a task, from its lines by split.

    Splits that are `held` are linked. The record lists the files and counts what is in them.
    """
    pieces = {
        split: _write_split(target, out, split, mine, held.get(split))
        for split, mine in lines.items()
    }
    each = pieces.values()
    splits = [row for piece in each for row in piece.splits]
    for file, rows, schema in (
        (DOCUMENTS_INDEX, [row for piece in each for row in piece.documents], DOCUMENTS),
        (FRAMES_INDEX, [row for piece in each for row in piece.frames], FRAMES),
        (SPLITS_INDEX, sorted(splits, key=lambda row: row["id"]), SPLIT_LEDGER),
    ):
        with pa.ipc.new_stream(str(out / file), schema) as writer:
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))
    save_tally(out, (piece.tally for piece in each))
    licenses = sum((piece.licenses for piece in each), Counter[str]())
    redactions = sum((piece.redactions for piece in each), Counter[str]())
    return {
        "source": target.source,
        "folder": target.folder,
        "shard": target.bucket,
        "files": [{"file": piece.file, "entry": piece.entry} for piece in each],
        "beside": {path: file for piece in each for path, file in piece.beside.items()},
        "splits": {split: len(piece.splits) for split, piece in pieces.items()},
        "licenses": dict(sorted(licenses.items())),
        "redactions": dict(sorted(redactions.items())),
    }


def leaves_file(split: str) -> str:
    """Name the file of a split's leaves for the content tree: address and leaf hash, 64 bytes a record."""
    return f"leaves-{split}.bin"


def _write_split(
    target: Target, out: Path, split: str, lines: list[Emitted], held: Held | None
) -> Piece:
    """Write one file, in the order of the addresses."""
    lines.sort()
    name = shard_name(target.folder, split, target.bucket, target.shards)
    file = name.rpartition("/")[2]
    of_split = folder_of(name)
    leaves = [record_leaf(item.address, item.line[:-1], of_split) for item in lines]
    (out / leaves_file(split)).write_bytes(
        b"".join(item.address + leaf for item, leaf in zip(lines, leaves, strict=True))
    )
    if held is None:
        hashed = zip(lines, leaves, strict=True)
        receipt = write_frames(
            out / file, [Line(item.address, item.line, leaf) for item, leaf in hashed]
        )
    else:
        link(held.release / name, out / file)
        receipt = receipt_of(held.entry, held.frames)
    records = [_without_texts(item.line) for item in lines]
    document = target.folder.startswith("data/")
    return Piece(
        file,
        _write_beside(target, out, name, lines, held),
        msgspec.to_builtins(receipt.listed(name)),
        _document_rows(name, split, receipt, lines, records) if document else [],
        _frame_rows(name, receipt),
        [{"id": item.id, "family": item.family, "split": split} for item in lines],
        Counter(record["license"] for record in records),
        Counter(
            kind for record in records for _, _, kind in orjson.loads(record["meta"]["redactions"])
        ),
        _tally(records, split) if document else Tally(),
    )


def _tally(records: list[dict[str, Any]], split: str) -> Tally:
    tally = Tally()
    for record in records:
        named = {key: record[key] for key in ("language", "license", "url", "created")}
        prose = record["meta"]["natural_language"]
        tally.take(record["source"], split, record["bytes"], natural_language=prose, **named)
    return tally


def _write_beside(
    target: Target, out: Path, shard: str, lines: list[Emitted], held: Held | None
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


def _texts(lines: list[Emitted]) -> Iterator[list[str]]:
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


def _without_texts(line: bytes) -> dict[str, Any]:
    """Read a line as its record, with `bytes` in place of the texts, which are many."""
    record: dict[str, Any] = orjson.loads(line)
    size = len(record.get("text", "").encode())
    return {key: value for key, value in record.items() if key not in _TEXTS} | {"bytes": size}


def _frame_rows(shard: str, receipt: ShardReceipt) -> list[dict[str, Any]]:
    return [
        {
            "shard": shard,
            "frame": number,
            "offset": frame.offset,
            "length": frame.length,
            "raw_length": frame.raw_length,
            "documents": frame.documents,
            "merkle": frame.merkle,
        }
        for number, frame in enumerate(receipt.frames)
    ]


def _document_rows(
    shard: str,
    split: str,
    receipt: ShardReceipt,
    lines: list[Emitted],
    records: list[dict[str, Any]],
) -> list[dict[str, Any]]:
    places = [
        (number, offset, length)
        for number, frame in enumerate(receipt.frames)
        for offset, length in frame.lines()
    ]
    rows = []
    for (frame, offset, length), line, record in zip(places, lines, records, strict=True):
        meta = record["meta"]
        rows.append(
            {name: record[name] for name in ("id", "source", "sha256", "license", "language")}
            | {name: meta[name] for name in ("natural_language", "repo", "path")}
            | {"split": split, "shard": shard, "family": line.family}
            | {"frame": frame, "offset": offset, "length": length}
        )
    return rows
