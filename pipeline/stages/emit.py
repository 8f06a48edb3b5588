"""Emit: one shard of one source, in the order of addresses, a file for each split that has documents."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np
import orjson
import pyarrow as pa

from manifests.addressing import address, shard_name
from manifests.content import folder_of, record_leaf
from manifests.metadata.record_sets import twin_path
from pipeline.dedup.minhash import sign
from pipeline.dedup.spec import SignatureSpec
from pipeline.figures import Tally, save_tally
from pipeline.release import DOCUMENTS, FRAMES, SPLIT_LEDGER
from pipeline.shards import Line, ShardReceipt, write_frames
from pipeline.signatures import signatures_path, write_signatures
from pipeline.spill import read_frames
from pipeline.stages.part import LINES, ROWS, PartRef, read_stream, text_of, values
from pipeline.stages.passages import apply, read_cuts, spans_by_line
from pipeline.stages.place import KEPT, PLACED, SPLITS
from pipeline.twin import write_twin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from pipeline.engine.task import Context, Record

_TEXTS = {"text", "context", "question", "answers", "plausible_answers"}
_SIGNED_AT_ONCE = 1 << 20  # bytes of lines
DOCUMENTS_INDEX, FRAMES_INDEX, SPLITS_INDEX = "documents.arrow", "frames.arrow", "splits.arrow"


class EmitSpec(msgspec.Struct, frozen=True, kw_only=True):
    """`parts` are the source's, each with its first line; `folder` is `data/<source>` or `qa/<source>`."""

    source: str
    folder: str
    parts: tuple[tuple[int, PartRef], ...]
    place: str
    cuts: bool
    bucket: int
    shards: int
    seed: int
    signature: SignatureSpec | None
    parquet: bool


class EmitIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """What the files depend on: the spec, but for where the lines lie; `content` is the digest of what is taken."""

    source: str
    folder: str
    content: str
    bucket: int
    shards: int
    seed: int
    signature: SignatureSpec | None
    parquet: bool


def identity(spec: EmitSpec, shares: list[bytes]) -> EmitIdentity:
    """Name a task by the shares that it takes from its parts; parts of which it takes nothing change nothing."""
    nothing = hashlib.sha256(b"").digest()
    content = hashlib.sha256(b"".join(share for share in shares if share != nothing)).hexdigest()
    return EmitIdentity(
        source=spec.source,
        folder=spec.folder,
        content=content,
        bucket=spec.bucket,
        shards=spec.shards,
        seed=spec.seed,
        signature=spec.signature,
        parquet=spec.parquet,
    )


class Emitted(NamedTuple):
    """A line on its way into a shard."""

    address: bytes
    id: str
    line: bytes
    family: str


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


def emit(spec: EmitSpec, context: Context) -> Record:
    """Write the shard's files and its share of the indexes; the record lists the files."""
    by_split: dict[int, list[Emitted]] = {}
    for split, emitted in _kept_lines(spec, context):
        by_split.setdefault(split, []).append(emitted)
    pieces = {
        SPLITS[split]: _write_split(spec, context, SPLITS[split], lines)
        for split, lines in sorted(by_split.items())
    }
    each = pieces.values()
    for file, rows, schema in (
        (DOCUMENTS_INDEX, [row for piece in each for row in piece.documents], DOCUMENTS),
        (FRAMES_INDEX, [row for piece in each for row in piece.frames], FRAMES),
        (SPLITS_INDEX, [row for piece in each for row in piece.splits], SPLIT_LEDGER),
    ):
        with pa.ipc.new_stream(str(context.out / file), schema) as writer:
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))
    save_tally(context.out, (piece.tally for piece in each))
    licenses = sum((piece.licenses for piece in each), Counter[str]())
    redactions = sum((piece.redactions for piece in each), Counter[str]())
    return {
        "source": spec.source,
        "folder": spec.folder,
        "shard": spec.bucket,
        "files": [{"file": piece.file, "entry": piece.entry} for piece in each],
        "beside": {path: file for piece in each for path, file in piece.beside.items()},
        "splits": {split: len(piece.splits) for split, piece in pieces.items()},
        "licenses": dict(sorted(licenses.items())),
        "redactions": dict(sorted(redactions.items())),
    }


def leaves_file(split: str) -> str:
    """Name the file of a split's leaves for the content tree: address and leaf hash, 64 bytes a record."""
    return f"leaves-{split}.bin"


def _write_split(spec: EmitSpec, context: Context, split: str, lines: list[Emitted]) -> Piece:
    """Write one file, in the order of the addresses."""
    lines.sort()
    name = shard_name(spec.folder, split, spec.bucket, spec.shards)
    file = name.rpartition("/")[2]
    of_split = folder_of(name)
    leaves = [record_leaf(item.address, item.line[:-1], of_split) for item in lines]
    (context.out / leaves_file(split)).write_bytes(
        b"".join(item.address + leaf for item, leaf in zip(lines, leaves, strict=True))
    )
    receipt = write_frames(
        context.out / file,
        [Line(item.address, item.line, leaf) for item, leaf in zip(lines, leaves, strict=True)],
    )
    records = [_without_texts(item.line) for item in lines]
    document = spec.folder.startswith("data/")
    return Piece(
        file,
        _write_signatures(spec, context, name, lines) | _write_twin(spec, context, name, lines),
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


def _write_signatures(
    spec: EmitSpec, context: Context, shard: str, lines: list[Emitted]
) -> dict[str, str]:
    """Sign the texts as they are emitted: passages may have been cut since the screen signed them."""
    if spec.signature is None:
        return {}
    path = signatures_path(shard)
    file = path.rpartition("/")[2]
    signed = (sign(texts, spec.signature) for texts in _texts(lines))
    write_signatures(context.out / file, signed, spec.signature)
    return {path: file}


def _write_twin(
    spec: EmitSpec, context: Context, shard: str, lines: list[Emitted]
) -> dict[str, str]:
    """Write the same lines as parquet."""
    if not spec.parquet:
        return {}
    path = twin_path(shard)
    file = f"twin-{path.rpartition('/')[2]}"  # signatures end in .parquet too
    write_twin(context.out / file, shard, (item.line for item in lines))
    return {path: file}


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


def _kept_lines(spec: EmitSpec, context: Context) -> Iterator[tuple[int, Emitted]]:
    """Read the kept lines of this bucket from every part, with their split."""
    placed = np.load(context.folder("place", spec.place) / PLACED, mmap_mode="r")
    for first, part in spec.parts:
        folder = part.folder(context)
        table = read_stream(folder / ROWS).select(["id", "bucket", "frame", "place"])
        places = placed[first : first + part.rows]
        mine = np.flatnonzero(
            (places["fate"] == KEPT) & (table["bucket"].to_numpy() == spec.bucket)
        )
        if len(mine) > 0:
            found = _read_lines(spec, folder / LINES, table.take(mine), places[mine])
            cuts = _cuts(spec, context, first, part, table, mine)
            for split, emitted in found:
                yield split, _without(emitted, cuts.get(emitted.id))


def _cuts(
    spec: EmitSpec,
    context: Context,
    first: int,
    part: PartRef,
    table: pa.Table,
    mine: NDArray[np.intp],
) -> dict[str, list[tuple[int, int]]]:
    """Look up which passages go, by id."""
    if not spec.cuts:
        return {}
    cuts = read_cuts(context.folder("place", spec.place), first, first + part.rows)
    spans = spans_by_line(cuts, first + mine)
    lines = list(spans)
    names = values(table.take(np.array(lines, np.int64) - first), "id")
    return {name: spans[line] for name, line in zip(names, lines, strict=True)}


def _without(emitted: Emitted, spans: list[tuple[int, int]] | None) -> Emitted:
    return emitted if spans is None else emitted._replace(line=apply(emitted.line, spans))


def _read_lines(
    spec: EmitSpec, path: Path, table: pa.Table, places: NDArray[np.void]
) -> Iterator[tuple[int, Emitted]]:
    wanted: dict[int, list[tuple[int, str, int, int]]] = {}
    columns = (table[name].to_pylist() for name in ("frame", "place", "id"))
    fates = places["split"].tolist(), places["family"].tolist()
    for frame, place, name, split, family in zip(*columns, *fates, strict=True):
        wanted.setdefault(frame, []).append((place, name, split, family))
    for frame, lines in read_frames(path, wanted):
        for place, name, split, family in wanted[frame]:
            yield (
                split,
                Emitted(address(spec.seed, name), name, lines[place] + b"\n", f"{family:016x}"),
            )


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
