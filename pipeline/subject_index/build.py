"""Make the subject index of a release: every record is read once, and hashed up to the content root.

So an index stands for the very records that the manifest names: a release that is damaged gets none.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple, Self

import msgspec
import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from filters.subject_forms import normalised_value
from filters.subject_keys import document_keys, subject_key
from filters.subjects import Subject
from manifests.check_proof import address_of, leaf, record_entry
from manifests.content import folder_of
from pipeline.catalog import open_catalog
from pipeline.errors import IntegrityError
from pipeline.reach import as_document
from pipeline.release import CONFIG_PATH
from pipeline.subject_index.index import (
    CHANGED,
    ENDS,
    IS_CUT,
    IS_REDACTED,
    PLACES,
    TEXTS,
    At,
    normalised_key,
)
from pipeline.subject_index.postings import PostingsWriter
from pipeline.subject_index.tree import write_tree
from pipeline.watch.progress import open_display

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from filters.document import Document
    from manifests.content import Branch
    from pipeline.subject_index.place import Head

_ANY_TEXT: Final = subject_key(Subject("normalised", ""))  # which every document has


class Entry(NamedTuple):
    """A record to be indexed: what names it, its line without the newline, where it lies, `data/<source>/<split>`.

    `redacted` and `cut` say what its text went through.
    """

    document: Document
    line: bytes
    at: At
    folder: str
    redacted: bool = False
    cut: bool = False


def build_index(release: Path, head: Head, folder: Path) -> None:
    """Fill an empty folder with the index of a release; says on stderr how far it is.

    Raises:
        IntegrityError: a record does not read, or the records are not those of the manifest.
    """
    with IndexWriter(folder, head.build.seed) as writer:
        for entry in _entries(release, head):
            writer.add(entry)
        branches = writer.close(tuple(each.records for each in head.branches))
    if tuple(branches) != head.branches:
        raise IntegrityError(
            f"optout: {release}: its records are not those of its manifest: verify it"
        )


def _entries(release: Path, head: Head) -> Iterator[Entry]:
    """Read all records in the order of their rows."""
    cut = cut_ids(release)
    with open_catalog(release, cache=0) as opened, open_display() as display:
        frames = opened.frames
        total = int(frames.raw_length.sum())
        display.start(f"index of {head.release}", len(frames.shard), total)
        for number, shard in enumerate(frames.shard.tolist()):
            folder = folder_of(frames.shards[shard].path)
            raw = frames.decode(number)
            offset = 0
            for line in raw.splitlines(keepends=True):
                try:
                    record = orjson.loads(line)
                    document, redacted = as_document(record), record["meta"]["redactions"] != "[]"
                except (ValueError, KeyError, TypeError) as error:
                    path = release / frames.shards[shard].path
                    raise IntegrityError(f"optout: {path}: does not read: verify it") from error
                at = At(number, offset, len(line))
                yield Entry(document, line[:-1], at, folder, redacted, document.id in cut)
                offset += len(line)
            display.advance(len(raw))


def cut_ids(release: Path) -> frozenset[str]:
    """Name the documents that passages were cut from, as the ledger says; read only where the config cuts.

    Raises:
        IntegrityError: config or ledger does not read.
    """
    try:
        table = json.loads((release / CONFIG_PATH).read_bytes())
        if not table["dedup"].get("passages"):
            return frozenset()
        found: set[str] = set()
        for path in sorted(release.glob("ledger/decisions-*.parquet")):
            for batch in pq.ParquetFile(path).iter_batches(columns=["id", "detail"]):
                cut = pc.match_substring(batch["detail"], '"cuts":')
                found.update(str(each) for each in batch.filter(cut)["id"].to_pylist())
    except (OSError, ValueError, KeyError, pa.ArrowException) as error:
        raise IntegrityError(f"optout: {release}: does not read: verify it") from error
    return frozenset(found)


class IndexWriter:
    """Writes an index record by record; a context manager."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder = folder
        self._seed = seed
        self._postings = PostingsWriter(folder)
        self._texts = (folder / TEXTS).open("wb")
        self._places = bytearray()
        self._ends = bytearray()
        self._addresses, self._leaves = bytearray(), bytearray()
        self._changed = bytearray()
        self._folders: list[str] = []
        self._rows = 0

    def __enter__(self) -> Self:
        self._postings.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._postings.__exit__()
        self._texts.close()

    def add(self, entry: Entry) -> None:
        """Take the next record."""
        document, line, at, folder, redacted, cut = entry
        self._changed.append(IS_REDACTED * redacted | IS_CUT * cut)
        keys = document_keys(document)
        keys.discard(_ANY_TEXT)
        keys.add(normalised_key(normalised_value(document.text)))
        self._postings.add(self._rows, keys)
        known = (document.id, document.source, document.url, document.repo, document.path)
        self._texts.write(msgspec.msgpack.encode(known))
        self._ends += self._texts.tell().to_bytes(8, "little")
        self._places += np.array(at, "<u4").tobytes()
        address = address_of(self._seed, document.id)
        self._addresses += address
        self._leaves += leaf(record_entry(address, sha256(line).digest(), folder))
        self._folders.append(folder)
        self._rows += 1

    def close(self, sizes: tuple[int, ...]) -> list[Branch]:
        """Write what is left and return the branches of the tree; `sizes` are how many records each has.

        Raises:
            IntegrityError: there are more or fewer records.
        """
        if sum(sizes) != self._rows:
            raise IntegrityError("optout: the release has other records than its manifest says")
        self._postings.close()
        self._texts.flush()
        (self._folder / ENDS).write_bytes(self._ends)
        (self._folder / PLACES).write_bytes(self._places)
        (self._folder / CHANGED).write_bytes(self._changed)
        names = {name: number for number, name in enumerate(sorted(set(self._folders)))}
        ranks = np.fromiter((names[each] for each in self._folders), np.uint32, self._rows)
        return write_tree(self._folder, bytes(self._addresses), ranks, bytes(self._leaves), sizes)
