"""What the screen of one input leaves behind: the part. One place knows its files, for writers and readers.

lines.bin     release lines of the documents that passed, by output shard      (LineSpill)
rows.arrow    one row for each document that passed or is a ghost              (Arrow IPC stream)
sketches.bin  the last byte of each minimum of their signatures, by row        (n x K uint8)
exact.bin     their content digests, ids.bin all ids, bands.bin band keys      (KeySpill)
passages.bin  digests of their lines or paragraphs, where these are sought    (KeySpill)
anchors.bin   samples of their shingles, where containment is sought            (KeySpill)
ghosts.bin    shingle sets of ghosts, whose text is written nowhere, end to end (n x uint64)
ghosts.npy    their lines, and the sizes of their sets                         (2 x n int64)
scores.arrow  what quality filters judge by, by row, where any is asked for     (pipeline/stages/scores.py)
dropped.arrow one ledger row for each record that ended here
quarantine.jsonl  the bad lines themselves; it never leaves the work folder
borrowed.json where the texts are read again from the input itself, released.json from an earlier release
"""

from __future__ import annotations

import functools
import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple
from unicodedata import normalize

import msgspec
import numpy as np
import orjson
import pyarrow as pa

from pipeline.sources.compressed import Trusted
from pipeline.sources.file import input_file
from pipeline.sources.jsonl import parse_line, read_lines
from pipeline.spill import map_array, read_frames
from pipeline.stages.released import RELEASED, Shard

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from pipeline.engine.task import Context
    from pipeline.engine.work import Files, Folder, Work
    from pipeline.sources.lines import Line

(
    LINES,
    ROWS,
    SKETCHES,
    EXACT_KEYS,
    ID_KEYS,
    BAND_KEYS,
    GHOSTS,
    GHOST_SIZES,
    DROPPED,
    QUARANTINE,
    BORROWED,
    ANCHOR_KEYS,
) = (
    "lines.bin",
    "rows.arrow",
    "sketches.bin",
    "exact.bin",
    "ids.bin",
    "bands.bin",
    "ghosts.bin",
    "ghosts.npy",
    "dropped.arrow",
    "quarantine.jsonl",
    "borrowed.json",
    "anchors.bin",
)
PARTS = "parts"
"""The kind of file that a list of parts is left as."""
NO_LINE = 0xFFFFFFFF
NOTHING = bytes(32)
_TEXTS = 1 << 20  # bytes of lines whose texts are held at once

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
    "whole": pa.uint32(),
    "anchors": pa.uint32(),
    "flags": pa.uint8(),
    "group": pa.string(),
    "request": pa.string(),
    "repo": pa.string(),
    "detail": pa.string(),
    "owner": pa.uint64(),
    "line": pa.binary(32),  # SHA-256 of the line; all zeros where there is none
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


class PartRef(NamedTuple):
    """A finished part: the phase that wrote it, its fingerprint, and how many rows it has."""

    phase: str
    fingerprint: str
    rows: int

    def folder(self, context: Context) -> Folder:
        """Find its files."""
        return context.folder(self.phase, self.fingerprint)


def save_parts(work: Work, parts: Sequence[PartRef]) -> str:
    """Leave a list of parts for the workers, once for all tasks that read it; return the digest that specs hold."""
    data = msgspec.json.encode(parts)
    digest = hashlib.sha256(data).hexdigest()
    if not work.find(PARTS, digest).exists():
        work.leave(PARTS, digest, [data])
    return digest


@functools.lru_cache(maxsize=4)
def read_parts(work: Work, digest: str) -> tuple[PartRef, ...]:
    """Load such a list, once for each process."""
    return msgspec.json.decode(work.find(PARTS, digest).read_bytes(), type=tuple[PartRef, ...])


def bases(parts: Sequence[PartRef]) -> NDArray[np.int64]:
    """Return int64[n + 1]: the lines of part `i` among those of all parts are `bases[i]` to `bases[i + 1]`."""
    return np.cumsum([0, *(part.rows for part in parts)], dtype=np.int64)


def concatenate(sets: list[NDArray[np.uint64]]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Lay sets end to end: set `i` is `flat[offsets[i]:offsets[i + 1]]`."""
    offsets = np.zeros(len(sets) + 1, np.int64)
    np.cumsum([len(item) for item in sets], out=offsets[1:])
    return (np.concatenate(sets) if sets else np.zeros(0, np.uint64)), offsets


def read_stream(path: Path) -> pa.Table:
    """Read `rows.arrow` or `dropped.arrow` whole."""
    with pa.memory_map(str(path)) as file:
        return pa.ipc.open_stream(file).read_all()


def values(table: pa.Table, name: str) -> list[Any]:
    """Take a column without nulls as Python values."""
    return table[name].to_pylist()


def read_ghosts(folder: Files) -> dict[int, NDArray[np.uint64]]:
    """Read the shingle sets of a part's ghosts, by line of the part."""
    lines, sizes = np.load(folder / GHOST_SIZES)
    ends = np.cumsum(sizes)
    flat = map_array(folder / GHOSTS, "<u8")
    spans = zip(lines.tolist(), (ends - sizes).tolist(), ends.tolist(), strict=True)
    return {line: flat[start:end] for line, start, end in spans}


class Borrowed(msgspec.Struct, frozen=True):
    """An input that a part takes its texts from.

    Where it lies, the key of the text as for `pick`, how long a line may be, and the version of it
    in a store.
    """

    path: str
    field: str
    max_record: int
    etag: str = ""

    def lines(self, root: Path) -> Iterator[Line]:
        """Yield the non-blank lines, which are the rows."""
        place = input_file(root, self.path, self.etag)
        return read_lines(Trusted(place), max_record=self.max_record)


Texts = tuple[list[int], list[str]]


def read_texts(part: PartRef, context: Context, rows: NDArray[np.int64]) -> Iterator[Texts]:
    """Yield the texts of some rows of a part, with the rows, in blocks; ghosts have none and are left out."""
    folder = part.folder(context)
    table = read_stream(folder / ROWS).select(["row", "frame", "place"]).take(rows)
    if (folder / BORROWED).exists():
        source = msgspec.json.decode((folder / BORROWED).read_bytes(), type=Borrowed)
        yield from _texts_of_input(
            source, context.root, dict(zip(values(table, "row"), rows.tolist(), strict=True))
        )
        return
    wanted: dict[int, dict[int, int]] = {}
    columns = (values(table, name) for name in ("frame", "place"))
    for row, frame, place in zip(rows.tolist(), *columns, strict=True):
        if frame != NO_LINE:
            wanted.setdefault(frame, {})[place] = row
    for frame, lines in _frames(folder, context, wanted):
        yield list(wanted[frame].values()), [text_of(lines[place]) for place in wanted[frame]]


def lines_of(
    part: PartRef, context: Context, wanted: NDArray[np.bool_] | None = None
) -> Iterator[tuple[int, bytes]]:
    """Yield the rows of a part that have a line, with the line; of these the `wanted` ones. Ghosts have none."""
    folder = part.folder(context)
    table = read_stream(folder / ROWS).select(["frame", "place"])
    frame, place = (table[name].to_numpy() for name in ("frame", "place"))
    rows = np.flatnonzero((frame != NO_LINE) & (True if wanted is None else wanted))
    where: dict[int, dict[int, int]] = {}
    for row in rows.tolist():
        where.setdefault(int(frame[row]), {})[int(place[row])] = row
    for number, lines in _frames(folder, context, where):
        for at, row in where[number].items():
            yield row, lines[at]


def _frames(
    folder: Folder, context: Context, wanted: Iterable[int]
) -> Iterator[tuple[int, list[bytes]]]:
    """Read lines where they are: in the part, or in a shard of an earlier release."""
    if not (folder / RELEASED).exists():
        return read_frames(folder.ranged(LINES), wanted)
    shard = msgspec.json.decode((folder / RELEASED).read_bytes(), type=Shard)
    return shard.read(context.work, sorted(wanted))


def _texts_of_input(source: Borrowed, root: Path, wanted: dict[int, int]) -> Iterator[Texts]:
    found: list[int] = []
    texts: list[str] = []
    size = 0
    for row, line in enumerate(source.lines(root)):
        if row in wanted:
            item = parse_line(row, line.number, line.data)
            found.append(wanted[row])
            texts.append(normalize("NFC", pick(item.record, source.field)))  # type: ignore[union-attr]  # a row of the part was read
            size += len(line.data)
        if size >= _TEXTS:
            yield found, texts
            found, texts, size = [], [], 0
    yield found, texts


def pick(record: dict[str, Any], key: str) -> Any:
    """Take the value of a key of a record, dotted where it is nested; `None` where there is none."""
    if key in record or "." not in key:
        return record.get(key)
    value: Any = record
    for name in key.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def text_of(line: bytes) -> str:
    """Take out of a release line the text that its signature was made of."""
    record = orjson.loads(line)
    text: str = record["text"] if "text" in record else record["context"]
    return text
