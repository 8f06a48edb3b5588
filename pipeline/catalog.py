"""Look things up in a release: documents by what the index says, fates by what the ledger says."""

from __future__ import annotations

import fnmatch
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import zstandard

from pipeline.errors import ConfigError, IntegrityError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_GLOB = re.compile(r"[*?\[]")


class Found(NamedTuple):
    """Index rows that match, in the order of the shards."""

    release: Path
    table: pa.Table

    def rows(
        self, limit: int | None = None, *, with_text: bool = False
    ) -> Iterator[dict[str, Any]]:
        """Yield index rows, or the documents themselves."""
        for row in self.table.slice(0, limit).to_pylist():
            yield read_document(self.release, row) if with_text else row


def query(release: Path, wanted: dict[str, str], pattern: str | None = None) -> Found:
    """Find documents by exact value or glob of an index column, and by a regular expression on the text.

    Raises:
        ConfigError: a glob is none, or the pattern is no regular expression.
    """
    table = pq.read_table(release / "index/documents.parquet")
    for name, value in wanted.items():
        try:
            table = table.filter(_matches(table[name], value))
        except pa.ArrowInvalid as error:
            raise ConfigError(f"query: --{name}: {value!r} is no glob") from error
    return Found(release, table if pattern is None else _with_pattern(release, table, pattern))


def _matches(column: Any, value: str) -> Any:
    """Match the value as it stands, and what looks like a glob as a glob too: an id may hold its characters."""
    same = pc.equal(column, pa.scalar(value))
    if _GLOB.search(value) is None:
        return same
    glob = f"^{_portable(fnmatch.translate(value))}"
    return pc.or_(same, pc.match_substring_regex(column, glob))


def _portable(translated: str) -> str:
    """Strip what Python's `fnmatch` adds and RE2 does not know."""
    return re.sub(r"\\Z$|\\z$", "$", translated.replace("(?>", "(?:"))


def _with_pattern(release: Path, table: pa.Table, pattern: str) -> pa.Table:
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise ConfigError(f"query: --pattern: not a regular expression: {error}") from error
    hits = [
        compiled.search(read_document(release, row)["text"]) is not None
        for row in table.to_pylist()
    ]
    return table.filter(pa.array(hits, pa.bool_()))


def read_document(release: Path, row: dict[str, Any]) -> dict[str, Any]:
    """Read one document through the index: one frame is decoded, and kept for its neighbours."""
    raw = _frame(release, row["shard"], row["frame"])
    document: dict[str, Any] = orjson.loads(raw[row["offset"] : row["offset"] + row["length"]])
    return document


def _frame_places(release: Path) -> dict[tuple[str, int], tuple[int, int]]:
    return {
        (row["shard"], row["frame"]): (row["offset"], row["length"])
        for row in frames(release).to_pylist()
    }


_frames = lru_cache(maxsize=4)(_frame_places)  # for many lookups in one release


@lru_cache(maxsize=8)
def _frame(release: Path, shard: str, number: int) -> bytes:
    return _decoded(release, shard, *_frames(release)[shard, number])


def frames(release: Path) -> pa.Table:
    """Read index/frames.parquet, in the order of the shards."""
    return pq.read_table(release / "index/frames.parquet")


def read_frame(release: Path, shard: str, offset: int, length: int) -> list[bytes]:
    """Read the lines of the frame that lies at so many bytes in a shard, without their newlines.

    Raises:
        IntegrityError: it does not decode.
    """
    return _decoded(release, shard, offset, length).split(b"\n")[:-1]


def _decoded(release: Path, shard: str, offset: int, length: int) -> bytes:
    try:
        with (release / shard).open("rb") as file:
            file.seek(offset)
            return zstandard.ZstdDecompressor().decompress(file.read(length))
    except zstandard.ZstdError as error:
        raise IntegrityError(
            f"read: {release / shard}: a frame does not decode: verify the release"
        ) from error


def read_lines(release: Path, shards: frozenset[str] | None = None) -> Iterator[bytes]:
    """Yield every line of a release, documents and questions, in the order of the shards.

    With `shards` only the lines of these. Memory holds one frame.
    """
    for (shard, _), place in _frame_places(release).items():
        if shards is None or shard in shards:
            yield from read_frame(release, shard, *place)


def read_documents(release: Path) -> Iterator[dict[str, Any]]:
    """Yield every document and question of a release, in the order of the shards."""
    return (orjson.loads(line) for line in read_lines(release))


def explain(release: Path, name: str) -> list[dict[str, Any]]:
    """Tell what became of every input record with this id; `place` is where it, or its survivor, lies.

    A survivor in an earlier release has that release's name as its place, and nothing else is known.
    """
    stories = []
    for path in sorted((release / "ledger").glob("decisions-*.parquet")):
        table = pq.read_table(path, filters=[("id", "=", name)])
        stories += table.to_pylist()
    for story in stories:
        story["detail"] = orjson.loads(story["detail"])
        kept = name if story["verdict"] == "keep" else story["survivor"]
        rows = (
            list(query(release, {}).table.filter(pc.field("id") == kept).to_pylist())
            if kept
            else []
        )
        story["place"] = rows[0] if rows else None
        if story["stage"] in {"exact", "near"} and "release" in story["detail"]:
            story["place"] = {"release": story["detail"]["release"], "id": kept}
    return stories
