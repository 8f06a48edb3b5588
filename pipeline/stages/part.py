"""What the screen of one input leaves behind: the part. One place knows its files, for writers and readers.

lines.bin     release lines of the documents that passed, by output shard      (LineSpill)
rows.arrow    one row for each document that passed or is a ghost              (Arrow IPC stream)
minima.bin    their MinHash signatures, in the order of rows.arrow             (n x K uint32)
exact.bin     their content digests, ids.bin all ids, bands.bin band keys      (KeySpill)
ghosts.bin    shingle sets of ghosts, whose text is written nowhere, end to end (n x uint64)
ghosts.npy    their rows, and the sizes of their sets                          (2 x n int64)
dropped.arrow one ledger row for each record that ended here
quarantine.jsonl  the bad lines themselves; it never leaves the work folder
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import orjson
import pyarrow as pa

from manifests.checksum import canonical_json
from pipeline.dedup.minhash import band_keys, sign
from pipeline.dedup.shingles import shingle_sets
from pipeline.sources.records import Bad, Damage
from pipeline.spill import BANDS, EXACT, GHOST, IDS, KeySpill, LineSpill

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from pipeline.dedup.spec import SignatureSpec
    from pipeline.engine.task import Record

LINES, ROWS, MINIMA, EXACT_KEYS, ID_KEYS, BAND_KEYS, GHOSTS, GHOST_SIZES, DROPPED, QUARANTINE = (
    "lines.bin",
    "rows.arrow",
    "minima.bin",
    "exact.bin",
    "ids.bin",
    "bands.bin",
    "ghosts.bin",
    "ghosts.npy",
    "dropped.arrow",
    "quarantine.jsonl",
)
NO_LINE = 0xFFFFFFFF
_NAMED_LINES = (
    10_000  # bad lines that a run names one by one; all of them are in the quarantine file
)

_ROWS: dict[str, pa.DataType] = {
    "row": pa.uint32(),
    "id": pa.string(),
    "high": pa.uint64(),
    "low": pa.uint64(),
    "rank": pa.uint64(),
    "tie": pa.uint64(),
    "bucket": pa.uint32(),
    "frame": pa.uint32(),
    "place": pa.uint32(),
    "shingles": pa.uint32(),
    "flags": pa.uint8(),
    "group": pa.string(),
    "request": pa.string(),
    "detail": pa.string(),
}
_DROPPED: dict[str, pa.DataType] = {
    "row": pa.uint32(),
    "id": pa.string(),
    "stage": pa.string(),
    "reason": pa.string(),
    "detail": pa.string(),
}
ROWS_SCHEMA = pa.schema(_ROWS)
DROPPED_SCHEMA = pa.schema(_DROPPED)


class Passed(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A document that goes on (or, as a ghost, takes its copies along): all that later stages need."""

    row: int
    id: str
    text: str  # what the signature is made of
    content: bytes  # digest of what makes two documents the same
    raw: bytes  # digest of the content as it came, for the check of ids
    rank: int
    line: bytes  # empty for a ghost
    bucket: int
    flags: int = 0
    group: str = ""
    request: str = ""
    detail: str = "{}"


class Dropped(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A record that ends in the screen; `raw` is empty when it was never parsed."""

    row: int
    id: str
    stage: str
    reason: str
    detail: str = "{}"
    raw: bytes = b""


def _digest(value: str | bytes) -> bytes:
    return hashlib.sha256(value.encode() if isinstance(value, str) else value).digest()


def _u64(digest: bytes, start: int = 0) -> int:
    return int.from_bytes(digest[start : start + 8], "big")


def concatenate(sets: list[NDArray[np.uint64]]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Lay sets end to end: set `i` is `flat[offsets[i]:offsets[i + 1]]`."""
    offsets = np.zeros(len(sets) + 1, np.int64)
    np.cumsum([len(item) for item in sets], out=offsets[1:])
    return (np.concatenate(sets) if sets else np.zeros(0, np.uint64)), offsets


class PartWriter:
    """Takes blocks of screened records and writes the part, a block at a time."""

    def __init__(self, folder: Path, signature: SignatureSpec) -> None:
        self._folder = folder
        self._signature = signature
        self._lines = LineSpill(folder / LINES)
        self._exact = KeySpill(folder / EXACT_KEYS)
        self._ids = KeySpill(folder / ID_KEYS)
        self._bands = KeySpill(folder / BAND_KEYS)
        self._minima = (folder / MINIMA).open("wb")
        self._ghosts = (folder / GHOSTS).open("wb")
        self._quarantine = (folder / QUARANTINE).open("wb")
        self._rows = pa.ipc.new_stream(str(folder / ROWS), ROWS_SCHEMA)
        self._dropped = pa.ipc.new_stream(str(folder / DROPPED), DROPPED_SCHEMA)
        self._ghost_rows: list[int] = []
        self._ghost_sizes: list[int] = []
        self._counts: Counter[tuple[str, str]] = Counter()
        self._passed = 0
        self._bad: list[tuple[int, str]] = []
        self._bad_count = 0
        self._damage = ""

    def write(self, passed: list[Passed], dropped: list[Dropped]) -> None:
        """Write one block of screened records."""
        self._write_ids(passed, dropped)
        if passed:
            shingles = self._write_signatures(passed)
            self._write_rows(passed, shingles)
        if dropped:
            self._write_dropped(dropped)

    def quarantine(self, item: Bad | Damage, path: str, stage: str) -> Dropped:
        """Put a bad line aside and make its ledger row; the ledger never holds the line itself."""
        entry: dict[str, Any] = {"input": path, "row": item.row, "reason": item.reason}
        if isinstance(item, Damage):
            self._damage = f"{item.reason}: from row {item.row} on: {item.detail}"
            entry["detail"] = item.detail
            detail: dict[str, Any] = {"damage": item.detail}
        else:
            self._bad_count += 1
            if len(self._bad) < _NAMED_LINES:
                self._bad.append((item.line, item.reason))
            entry |= {"line": item.line, "raw": base64.b64encode(item.raw).decode()}
            detail = {"line": item.line}
        self._quarantine.write(canonical_json(entry) + b"\n")
        return Dropped(
            row=item.row,
            id=f"{path}#{item.row}",
            stage=stage,
            reason=item.reason,
            detail=canonical_json(detail).decode(),
        )

    def close(self) -> Record:
        """Finish every file; return the counts of the part."""
        for file in (
            self._lines,
            self._exact,
            self._ids,
            self._bands,
            self._minima,
            self._rows,
            self._dropped,
        ):
            file.close()
        self._quarantine.close()
        self._ghosts.close()
        sizes = np.array([self._ghost_rows, self._ghost_sizes], np.int64)
        np.save(self._folder / GHOST_SIZES, sizes)
        dropped: dict[str, dict[str, int]] = {}
        for (stage, reason), count in sorted(self._counts.items()):
            dropped.setdefault(stage, {})[reason] = count
        return {
            "passed": self._passed,
            "dropped": dropped,
            "ghosts": len(self._ghost_rows),
            "bad": self._bad_count,
            "bad_lines": self._bad,
            "damage": self._damage,
        }

    def _write_ids(self, passed: list[Passed], dropped: list[Dropped]) -> None:
        everybody: list[Passed | Dropped] = [*passed, *dropped]
        named = [(item.id, item.raw, item.row) for item in everybody if item.raw]
        records = np.zeros(len(named), IDS)
        digests = [_digest(name) for name, _, _ in named]
        records["high"] = [_u64(digest) for digest in digests]
        records["low"] = [_u64(digest, 8) for digest in digests]
        records["content"] = [_u64(raw) for _, raw, _ in named]
        records["gid"] = [row for _, _, row in named]
        self._ids.add(records)

    def _write_signatures(self, passed: list[Passed]) -> NDArray[np.int64]:
        signatures = sign([item.text for item in passed], self._signature)
        self._minima.write(np.ascontiguousarray(signatures.minima, "<u4").tobytes())
        keyed = np.flatnonzero(signatures.shingles > 0)
        keys = band_keys(signatures.minima[keyed], self._signature)
        records = np.zeros(keys.size, BANDS)
        records["key"] = keys.ravel()
        records["gid"] = np.repeat(
            np.array([item.row for item in passed], np.uint64)[keyed], keys.shape[1]
        )
        self._bands.add(records)
        ghosts = [item for item in passed if item.flags & GHOST]
        if ghosts:
            flat, offsets = shingle_sets([item.text for item in ghosts], self._signature)
            self._ghost_rows += [item.row for item in ghosts]
            self._ghost_sizes += np.diff(offsets).tolist()
            self._ghosts.write(np.ascontiguousarray(flat, "<u8").tobytes())
        return signatures.shingles

    def _write_rows(self, passed: list[Passed], shingles: NDArray[np.int64]) -> None:
        places = [
            self._lines.add(item.bucket, item.line) if item.line else (NO_LINE, 0)
            for item in passed
        ]
        records = np.zeros(len(passed), EXACT)
        # a ghost has no line; among ghosts of one text the request decides which is named
        ties = [_u64(_digest(item.line or item.request)) for item in passed]
        columns: dict[str, Any] = {
            "row": [item.row for item in passed],
            "id": [item.id for item in passed],
            "high": [_u64(item.content) for item in passed],
            "low": [_u64(item.content, 8) for item in passed],
            "rank": [item.rank for item in passed],
            "tie": ties,
            "bucket": [item.bucket for item in passed],
            "frame": [frame for frame, _ in places],
            "place": [place for _, place in places],
            "shingles": np.minimum(shingles, 0xFFFFFFFF),
            "flags": [item.flags for item in passed],
            "group": [item.group for item in passed],
            "request": [item.request for item in passed],
            "detail": [item.detail for item in passed],
        }
        for name in ("high", "low", "rank", "tie", "flags"):
            records[name] = columns[name]
        records["gid"] = columns["row"]
        records["name"] = [_u64(_digest(item.id)) for item in passed]
        self._exact.add(records)
        self._rows.write_batch(pa.record_batch(columns, schema=ROWS_SCHEMA))
        self._passed += len(passed) - sum(1 for item in passed if item.flags & GHOST)

    def _write_dropped(self, dropped: list[Dropped]) -> None:
        columns = {name: [getattr(item, name) for item in dropped] for name in DROPPED_SCHEMA.names}
        self._dropped.write_batch(pa.record_batch(columns, schema=DROPPED_SCHEMA))
        self._counts.update((item.stage, item.reason) for item in dropped)


def read_stream(path: Path) -> pa.Table:
    """Read `rows.arrow` or `dropped.arrow` whole."""
    with pa.memory_map(str(path)) as file:
        return pa.ipc.open_stream(file).read_all()


def values(table: pa.Table, name: str) -> list[Any]:
    """Take a column without nulls as Python values."""
    return table[name].to_pylist()


def read_minima(path: Path, rows: int) -> NDArray[np.uint32]:
    """Map the signatures of a part, one line for each row of `rows.arrow`."""
    if rows == 0:
        return np.zeros((0, 1), np.uint32)
    return np.memmap(path, "<u4", "r").reshape(rows, -1)


def read_ghosts(folder: Path) -> dict[int, NDArray[np.uint64]]:
    """Read the shingle sets of a part's ghosts, by row."""
    rows, sizes = np.load(folder / GHOST_SIZES)
    ends = np.cumsum(sizes)
    if len(ends) == 0 or ends[-1] == 0:
        return {row: np.zeros(0, np.uint64) for row in rows.tolist()}
    flat = np.memmap(folder / GHOSTS, "<u8", "r")
    spans = zip(rows.tolist(), (ends - sizes).tolist(), ends.tolist(), strict=True)
    return {row: flat[start:end] for row, start, end in spans}


def text_of(line: bytes) -> str:
    """Take out of a release line the text that its signature was made of."""
    record = orjson.loads(line)
    text: str = record["text"] if "text" in record else record["context"]
    return text
