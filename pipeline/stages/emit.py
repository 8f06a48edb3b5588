"""Emit: one shard of one source, in the order of addresses, a file for each split that has documents."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np
import orjson
import pyarrow as pa

from manifests.addressing import address, shard_name
from pipeline.errors import IntegrityError
from pipeline.reach import as_document
from pipeline.release import DOCUMENTS, FRAMES, SPLIT_LEDGER, ShardReceipt, write_frames
from pipeline.spill import read_frames
from pipeline.stages.order import ORDER
from pipeline.stages.part import LINES, ROWS, read_stream
from pipeline.stages.place import KEPT, PLACED, SPLITS
from pipeline.stages.requests import read_requests

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from pipeline.engine.task import Context, Record

_TEXTS = {"text", "context", "question", "answers", "plausible_answers"}
DOCUMENTS_INDEX, FRAMES_INDEX, SPLITS_INDEX = "documents.arrow", "frames.arrow", "splits.arrow"


class EmitSpec(msgspec.Struct, frozen=True, kw_only=True):
    """`parts` are (ordinal, fingerprint) of the source's inputs; `folder` is `data/<source>` or `qa/<source>`."""

    source: str
    folder: str
    parts: tuple[tuple[int, str], ...]
    order: str
    place: str
    bucket: int
    shards: int
    seed: int
    requests: str | None


class Emitted(NamedTuple):
    """A line on its way into a shard."""

    address: bytes
    id: str
    line: bytes
    family: str


class Piece(NamedTuple):
    """One written file: its name, its entry in the manifest, its rows in the indexes, what it holds."""

    file: str
    entry: dict[str, Any]
    documents: list[dict[str, Any]]
    frames: list[dict[str, Any]]
    splits: list[dict[str, Any]]
    licenses: Counter[str]
    redactions: Counter[str]


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
    licenses = sum((piece.licenses for piece in each), Counter[str]())
    redactions = sum((piece.redactions for piece in each), Counter[str]())
    return {
        "source": spec.source,
        "files": [{"file": piece.file, "entry": piece.entry} for piece in each],
        "splits": {split: len(piece.splits) for split, piece in pieces.items()},
        "licenses": dict(sorted(licenses.items())),
        "redactions": dict(sorted(redactions.items())),
    }


def _write_split(spec: EmitSpec, context: Context, split: str, lines: list[Emitted]) -> Piece:
    """Write one file, in the order of the addresses."""
    lines.sort()
    name = shard_name(spec.folder, split, spec.bucket, spec.shards)
    file = name.rpartition("/")[2]
    receipt = write_frames(context.out / file, ((item.id, item.line) for item in lines))
    records = [_checked(spec, context, item.line) for item in lines]
    document = spec.folder.startswith("data/")
    return Piece(
        file,
        msgspec.to_builtins(receipt.listed(name)),
        _document_rows(name, split, receipt, lines, records) if document else [],
        _frame_rows(name, receipt),
        [{"id": item.id, "family": item.family, "split": split} for item in lines],
        Counter(record["license"] for record in records),
        Counter(
            kind for record in records for _, _, kind in orjson.loads(record["meta"]["redactions"])
        ),
    )


def _checked(spec: EmitSpec, context: Context, line: bytes) -> dict[str, Any]:
    """Ask the registry once more about a line; return its record without the texts, which are many.

    Raises:
        IntegrityError: an opted-out document got this far.
    """
    record: dict[str, Any] = orjson.loads(line)
    if spec.requests is not None:
        verdict = read_requests(context.work, spec.requests).judge(as_document(record))
        if not verdict.keep:
            raise IntegrityError(
                f"emit: {spec.folder}: an opted-out document reached the release (rule {verdict.reason});"
                " nothing was published: this is a fault of gristmill, please report it"
            )
    return {key: value for key, value in record.items() if key not in _TEXTS}


def _kept_lines(spec: EmitSpec, context: Context) -> Iterator[tuple[int, Emitted]]:
    """Read the kept lines of this bucket from every part, with their split."""
    order = np.load(context.folder("order", spec.order) / ORDER, mmap_mode="r")
    placed = np.load(context.folder("place", spec.place) / PLACED, mmap_mode="r")
    bounds = np.array(
        [[ordinal, ordinal + 1] for ordinal, _ in spec.parts], np.uint64
    ) << np.uint64(32)
    for (_, fingerprint), (first, end) in zip(
        spec.parts, np.searchsorted(order["gid"], bounds).tolist(), strict=True
    ):
        folder = context.folder("screen", fingerprint)
        table = read_stream(folder / ROWS).select(["id", "bucket", "frame", "place"])
        places = placed[first:end]
        mine = np.flatnonzero(
            (places["fate"] == KEPT) & (table["bucket"].to_numpy() == spec.bucket)
        )
        if len(mine) > 0:
            yield from _read_lines(spec, folder / LINES, table.take(mine), places[mine])


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
