"""Write the part that the screen of one input leaves behind, a block of records at a time."""

from __future__ import annotations

import base64
import contextlib
import hashlib
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import msgspec
import numpy as np
import pyarrow as pa

from filters.quality import Scored
from manifests.checksum import canonical_json
from pipeline.dedup.anchors import AnchorSpec, Sample, anchors, sample
from pipeline.dedup.minhash import Signatures, band_keys, sign, sign_sets
from pipeline.dedup.passages import PASSAGES, PassageRule, passage_records
from pipeline.dedup.shingles import shingle_sets
from pipeline.sources.records import Bad, Damage
from pipeline.spill import BANDS, EXACT, GHOST, IDS, KeySpill, LineSpill
from pipeline.stages.part import (
    ANCHOR_KEYS,
    BAND_KEYS,
    DROPPED,
    DROPPED_SCHEMA,
    EXACT_KEYS,
    GHOST_SIZES,
    GHOSTS,
    ID_KEYS,
    LINES,
    NO_LINE,
    NOTHING,
    QUARANTINE,
    ROWS,
    ROWS_SCHEMA,
    SKETCHES,
)
from pipeline.stages.scores import ScoreWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from pipeline.dedup.shingles import Shingles, ShingleSets
    from pipeline.dedup.spec import SignatureSpec
    from pipeline.engine.work import Record

    Signing = Callable[[Callable[[Shingles], None] | None], Signatures]

_NAMED_LINES = (
    10_000  # bad lines that a run names one by one; all of them are in the quarantine file
)


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
    repo: str = ""
    owner: int = 0
    detail: str = "{}"
    scored: Scored | None = None  # what quality filters judge by, where any is asked for
    tie: bytes = b""  # settles equal content of equal rank; unset, the line or the request does
    lies: tuple[int, int] = (NO_LINE, 0)  # frame and place of a line that is written elsewhere


class Dropped(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A record that ends in the screen; `raw` is empty when it was never parsed."""

    row: int
    id: str
    stage: str
    reason: str
    detail: str = "{}"
    raw: bytes = b""


def _sample_into(samples: list[Sample], spec: AnchorSpec, run: Shingles) -> None:
    samples.append(sample(run, spec))


def _digest(value: str | bytes) -> bytes:
    return hashlib.sha256(value.encode() if isinstance(value, str) else value).digest()


def _halves(digests: list[bytes]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return the first and the second 64 bits of each digest."""
    if not digests:
        return np.zeros(0, np.uint64), np.zeros(0, np.uint64)
    words = np.frombuffer(b"".join(digests), ">u8").reshape(len(digests), -1)
    return words[:, 0].astype(np.uint64), words[:, 1].astype(np.uint64)


class PartWriter:
    """Takes blocks of screened records and writes the part, a block at a time."""

    def __init__(
        self,
        folder: Path,
        signature: SignatureSpec | None,
        passages: PassageRule | None = None,
        anchors: AnchorSpec | None = None,
        *,
        scores: bool = False,
    ) -> None:
        self._folder = folder
        self._rule = passages
        self._passages = KeySpill(folder / PASSAGES)
        self._sampling = anchors
        self._anchors = KeySpill(folder / ANCHOR_KEYS)
        self._signature = signature
        self._lines = LineSpill(folder / LINES)
        self._exact = KeySpill(folder / EXACT_KEYS)
        self._ids = KeySpill(folder / ID_KEYS)
        self._bands = KeySpill(folder / BAND_KEYS)
        self._sketches = (folder / SKETCHES).open("wb")
        self._ghosts = (folder / GHOSTS).open("wb")
        self._quarantine = (folder / QUARANTINE).open("wb")
        self._rows = pa.ipc.new_stream(str(folder / ROWS), ROWS_SCHEMA)
        self._dropped = pa.ipc.new_stream(str(folder / DROPPED), DROPPED_SCHEMA)
        self._scores = ScoreWriter(folder) if scores else None
        self._written = 0  # rows so far: the line of the next one
        self._ghost_lines: list[int] = []
        self._ghost_sizes: list[int] = []
        self._counts: Counter[tuple[str, str]] = Counter()
        self._passed = 0
        self._bad: list[tuple[int, int, str]] = []  # line, 0 where there are none, row, reason
        self._bad_count = 0
        self._damage = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:  # what failed is thrown away, but nothing of it stays open
            # on a full disk as well, and where a file of it was closed before another failed
            with contextlib.suppress(OSError, ValueError):
                self.close()

    def write(
        self, passed: list[Passed], dropped: list[Dropped], signatures: Signatures | None = None
    ) -> None:
        """Write one block of screened records; they are signed here unless their signatures are known."""
        self._write_ids(passed, dropped)
        if passed:
            sampled = np.zeros(len(passed), np.uint32)
            if signatures is None:
                signatures, sampled = self._sign([item.text for item in passed])
            shingles = self._write_signatures(passed, signatures)
            self._write_rows(passed, shingles, self._write_passages(passed), sampled)
            if self._scores is not None:
                self._scores.add([item.scored for item in passed])
            self._written += len(passed)
        if dropped:
            self._write_dropped(dropped)

    def haunt(self, ghosts: list[Passed], sets: ShingleSets, spec: SignatureSpec) -> None:
        """Write ghosts of whose texts only the shingle sets are known."""
        signatures, sampled = self._sign_and_sample(partial(sign_sets, sets, spec))
        self._write_keys(signatures, spec)
        self._write_ghosts(range(self._written, self._written + len(ghosts)), sets)
        self._write_rows(ghosts, signatures.shingles, np.zeros(len(ghosts), np.uint32), sampled)
        self._written += len(ghosts)

    def quarantine(self, item: Bad | Damage, path: str, stage: str) -> Dropped:
        """Put a bad line aside and make its ledger row; the ledger never holds the line itself.

        The row has the record's own id, or else that of its place. `pipeline.release.is_put_aside` tells
        such rows by their detail.
        """
        entry: dict[str, Any] = {"input": path, "row": item.row, "reason": item.reason}
        if isinstance(item, Damage):
            self._damage = f"{item.reason}: from row {item.row} on: {item.detail}"
            entry["detail"] = item.detail
            detail: dict[str, Any] = {"damage": item.detail}
        else:
            self._bad_count += 1
            if len(self._bad) < _NAMED_LINES:
                self._bad.append((item.line, item.row, item.reason))
            entry |= {"line": item.line, "raw": base64.b64encode(item.raw).decode()}
            detail = {"line": item.line}
        name = "" if isinstance(item, Damage) else item.name
        self._quarantine.write(canonical_json(entry) + b"\n")
        return Dropped(
            row=item.row,
            id=name or f"{path}#{item.row}",
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
            self._passages,
            self._anchors,
            self._sketches,
            self._rows,
            self._dropped,
        ):
            file.close()
        if self._scores is not None:
            self._scores.close()
        self._quarantine.close()
        self._ghosts.close()
        sizes = np.array([self._ghost_lines, self._ghost_sizes], np.int64)
        np.save(self._folder / GHOST_SIZES, sizes)
        dropped: dict[str, dict[str, int]] = {}
        for (stage, reason), count in sorted(self._counts.items()):
            dropped.setdefault(stage, {})[reason] = count
        return {
            "rows": self._written,
            "passed": self._passed,
            "dropped": dropped,
            "ghosts": len(self._ghost_lines),
            "bad": self._bad_count,
            "bad_lines": self._bad,
            "damage": self._damage,
        }

    def _write_ids(self, passed: list[Passed], dropped: list[Dropped]) -> None:
        everybody: list[Passed | Dropped] = [*passed, *dropped]
        named = [(item.id, item.raw, item.row) for item in everybody if item.raw]
        records = np.zeros(len(named), IDS)
        records["high"], records["low"] = _halves([_digest(name) for name, _, _ in named])
        records["content"], _ = _halves([raw for _, raw, _ in named])
        records["at"] = [row for _, _, row in named]
        self._ids.add(records)

    def _write_signatures(self, passed: list[Passed], signatures: Signatures) -> NDArray[np.int64]:
        if self._signature is None:
            return signatures.shingles
        self._write_keys(signatures, self._signature)
        lines = [line for line, item in enumerate(passed, self._written) if item.flags & GHOST]
        if lines:
            texts = [item.text for item in passed if item.flags & GHOST]
            self._write_ghosts(lines, shingle_sets(texts, self._signature))
        return signatures.shingles

    def _write_keys(self, signatures: Signatures, spec: SignatureSpec) -> None:
        self._sketches.write(signatures.minima.astype(np.uint8).data)
        keyed = np.flatnonzero(signatures.shingles > 0)
        keys = band_keys(signatures.minima[keyed], spec)
        records = np.zeros(keys.size, BANDS)
        records["key"] = keys.ravel()
        records["at"] = np.repeat(self._written + keyed, keys.shape[1])
        self._bands.add(records)

    def _write_ghosts(self, lines: Iterable[int], sets: ShingleSets) -> None:
        self._ghost_lines += lines
        self._ghost_sizes += np.diff(sets.offsets).tolist()
        self._ghosts.write(np.ascontiguousarray(sets.flat, "<u8").tobytes())

    def _sign(self, texts: list[str]) -> tuple[Signatures, NDArray[np.uint32]]:
        if self._signature is None:  # nothing will compare them
            none = Signatures(np.zeros((len(texts), 0), np.uint32), np.zeros(len(texts), np.int64))
            return none, np.zeros(len(texts), np.uint32)
        return self._sign_and_sample(partial(sign, texts, self._signature))

    def _sign_and_sample(self, signing: Signing) -> tuple[Signatures, NDArray[np.uint32]]:
        """Sign documents and, where containment is sought, write their anchors and count them."""
        sampling, samples = self._sampling, list[Sample]()
        if sampling is None:
            signatures = signing(None)
            return signatures, np.zeros(len(signatures.shingles), np.uint32)
        signatures = signing(partial(_sample_into, samples, sampling))
        found = anchors(samples, signatures.shingles, sampling)
        records = np.zeros(len(found.keys), BANDS)
        records["key"], records["at"] = found.keys, self._written + found.documents
        self._anchors.add(records)
        return signatures, found.counts

    def _write_passages(self, passed: list[Passed]) -> NDArray[np.uint32]:
        """Write the passages of documents; return how many each has that is made of nothing else."""
        if self._rule is None:
            return np.zeros(len(passed), np.uint32)
        texts = ["" if item.flags else item.text for item in passed]
        lines = np.arange(self._written, self._written + len(passed))
        records, whole = passage_records(texts, lines, self._rule)
        self._passages.add(records)
        return whole

    def _write_rows(
        self,
        passed: list[Passed],
        shingles: NDArray[np.int64],
        whole: NDArray[np.uint32],
        sampled: NDArray[np.uint32],
    ) -> None:
        places = [
            self._lines.add(item.bucket, item.line) if item.line else item.lies for item in passed
        ]
        records = np.zeros(len(passed), EXACT)
        # a ghost has no line; among ghosts of one text the request decides which is named
        lines = [_digest(item.line) if item.line else NOTHING for item in passed]
        ties, _ = _halves(
            [
                _digest(item.tie or item.request) if item.tie or not item.line else line
                for item, line in zip(passed, lines, strict=True)
            ]
        )
        high, low = _halves([item.content for item in passed])
        columns: dict[str, Any] = {
            "row": [item.row for item in passed],
            "id": [item.id for item in passed],
            "high": high,
            "low": low,
            "rank": [item.rank for item in passed],
            "tie": ties,
            "bucket": [item.bucket for item in passed],
            "frame": [frame for frame, _ in places],
            "place": [place for _, place in places],
            "shingles": np.minimum(shingles, 0xFFFFFFFF),
            "whole": whole,
            "anchors": sampled,
            "flags": [item.flags for item in passed],
            "group": [item.group for item in passed],
            "request": [item.request for item in passed],
            "repo": [item.repo for item in passed],
            "detail": [item.detail for item in passed],
            "owner": [item.owner for item in passed],
            "line": lines,
        }
        for name in ("high", "low", "rank", "tie", "flags"):
            records[name] = columns[name]
        records["at"] = np.arange(self._written, self._written + len(passed))
        records["name"], _ = _halves([_digest(item.id) for item in passed])
        self._exact.add(records)
        self._rows.write_batch(pa.record_batch(columns, schema=ROWS_SCHEMA))
        self._passed += len(passed) - sum(1 for item in passed if item.flags & GHOST)

    def _write_dropped(self, dropped: list[Dropped]) -> None:
        columns = {name: [getattr(item, name) for item in dropped] for name in DROPPED_SCHEMA.names}
        self._dropped.write_batch(pa.record_batch(columns, schema=DROPPED_SCHEMA))
        self._counts.update((item.stage, item.reason) for item in dropped)
