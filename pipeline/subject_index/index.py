"""An open index: the rows that a subject names, exactly as the opt-out filter would, and proofs about ids.

A row is the number of a record in the release, documents first, in the order of the shards. A key of
64 bits decides alone where it stands for the subject itself; where it stands for more (a repository
for its paths, a SWHID for the same one elsewhere) the filter judges what the key has found.
"""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import numpy as np

from filters.document import Document
from filters.globs import glob_matches
from filters.optout import Request, optout_filter
from filters.subject_keys import subject_key
from filters.subjects import Subject
from filters.urls import TWO_LEVEL_HOSTS
from manifests.addressing import address, shard_of
from manifests.check_proof import address_of
from pipeline.subject_index.postings import map_array, map_postings
from pipeline.subject_index.tree import Record, Tree, as_proof

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from manifests.proof import Proof
    from pipeline.subject_index.place import Head

    Rows = NDArray[np.uint32]

TEXTS: Final = "texts.bin"
ENDS: Final = "ends.u64"
PLACES: Final = "places.u32"
CHANGED: Final = "changed.u8"
FILES: Final = (TEXTS, ENDS, PLACES, CHANGED)
IS_REDACTED, IS_CUT = 1, 2  # flags of a row
_NORMALISED: Final = "normalised text"  # no kind of subject: a key of the text itself
_NO_ROWS: Final = np.empty(0, np.uint32)
_NEVER: Final = frozenset(
    {"author", "near"}
)  # what no record says, and what the filter does not seek


class Row(NamedTuple):
    """What the index knows of a record by heart."""

    id: str
    source: str
    url: str
    repo: str
    path: str


_ROWS: Final = msgspec.msgpack.Decoder(tuple[str, str, str, str, str])


class At(NamedTuple):
    """Where a record lies: the number of its frame in the release, and its bytes in the raw frame."""

    frame: int
    offset: int
    length: int


def normalised_key(value: str) -> int:
    """Return the key of a text by its normalised form, which `document_keys` leaves out."""
    return subject_key(Subject(_NORMALISED, value))


class Index:
    """The index of one release, mapped; made by `open_index` and `keep_index`.

    `redacted` and `cut` are the rows whose texts were redacted, or lost passages that stand elsewhere:
    their digests are not those of the texts as they were read.
    """

    def __init__(self, folder: Path, release: Path, head: Head) -> None:
        self.release = release
        self.head = head
        flags: NDArray[Any] = map_array(folder / CHANGED, "u1")
        self.redacted = np.flatnonzero(flags & IS_REDACTED).astype(np.uint32)
        self.cut = np.flatnonzero(flags & IS_CUT).astype(np.uint32)
        self._postings = map_postings(folder)
        self._ends: NDArray[Any] = map_array(folder / ENDS, "<u8")
        self._places: NDArray[Any] = map_array(folder / PLACES, "<u4").reshape(-1, 3)
        self._texts = _map_bytes(folder / TEXTS)
        self._tree = Tree(folder, head.branches, head.build.seed)
        self._catalog: Any = None
        self._kinds: dict[str, str] | None = None

    def find(self, subject: Subject) -> Rows:
        """Return the rows of the records that a subject names, ascending.

        An author names none: no record holds one. Raises `IntegrityError` where a record must be
        read to tell and is damaged.
        """
        if subject.kind in _NEVER:
            return _NO_ROWS
        if subject.kind == "normalised":
            return self._judged(subject, self._postings.find(normalised_key(subject.value)))
        rows = self._postings.find(subject_key(subject))
        return rows if _is_exact(subject) else self._judged(subject, rows)

    def rows(self, numbers: Rows) -> Iterator[Row]:
        """Yield what is known of some rows."""
        texts, decode = memoryview(self._texts), _ROWS.decode
        stops = self._ends[numbers].tolist()
        before = self._ends[np.maximum(numbers, 1) - 1]
        starts = np.where(numbers > 0, before, 0).tolist()
        for start, stop in zip(starts, stops, strict=True):
            yield Row._make(decode(texts[start:stop]))

    def row(self, number: int) -> Row:
        """Return what is known of one row."""
        return next(self.rows(np.array([number], np.uint32)))

    def ids(self, rows: Rows) -> list[str]:
        """Return the ids of some rows, sorted, each of them once."""
        return sorted({each.id for each in self.rows(rows)})

    def changed(self, kinds: tuple[str, ...] = ()) -> Rows:
        """Return the rows that are redacted or cut, of some kinds of data alone where `kinds` are given.

        A record whose source states no kind may be of any.
        """
        rows = np.union1d(self.redacted, self.cut)
        if not kinds:
            return rows
        told = (self._known_kinds().get(each.source, "") for each in self.rows(rows))
        return _only(rows, (not each or each in kinds for each in told))

    def is_question(self, number: int) -> bool:
        """Say whether a row is a question."""
        return number >= self.head.documents

    def line(self, number: int) -> bytes:
        """Read a record's line, without its newline. Raises `IntegrityError` where it is damaged."""
        from pipeline.catalog.places import Place  # noqa: PLC0415  arrow loads only for who reads

        raw: bytes = self._opened().cut(Place(*self.place(number)))
        return raw.removesuffix(b"\n")

    def document(self, number: int) -> Document:
        """Read a record as what the filter judges, its kind of data included; errors as `line`."""
        from pipeline.reach import as_document  # noqa: PLC0415  likewise

        return as_document(msgspec.json.decode(self.line(number)), self._known_kinds())

    def place(self, number: int) -> At:
        """Say where a record lies."""
        return At(*self._places[number].tolist())

    def prove(self, name: str) -> Proof:
        """Prove that an id is in the release or is not, as `pipeline.prove` does; at most three records are read."""
        seed = self.head.build.seed
        mine = address(seed, name)
        number = shard_of(mine, self.head.build.shards)
        found = self._tree.prove(mine, number, self._record)
        return as_proof(self.head.release, self.head.content_root, name, found)

    def _record(self, number: int) -> Record:
        from hashlib import sha256  # noqa: PLC0415  only proofs need it

        from manifests.content import folder_of  # noqa: PLC0415  likewise

        name = self.row(number).id
        shard = self._opened().frames
        path = shard.shards[shard.shard[self.place(number).frame]].path
        line = sha256(self.line(number)).digest()
        return Record(address_of(self.head.build.seed, name), line, folder_of(path))

    def _judged(self, subject: Subject, rows: Rows) -> Rows:
        """Leave to the filter what the key alone does not tell."""
        single = optout_filter([Request("asked", subject, "none")])
        if subject.kind == "path":  # else most files of a large repository would be judged in vain
            paths = (each.path for each in self.rows(rows))
            rows = _only(rows, (bool(it) and glob_matches(subject.value, it) for it in paths))
        if subject.kind in {"repo", "path"}:
            documents: Iterable[Document] = map(_shadow, self.rows(rows))
        else:
            documents = map(self.document, rows.tolist())
        return _only(rows, (not single.judge(each).keep for each in documents))

    def _known_kinds(self) -> dict[str, str]:
        from pipeline.reach import kinds_of  # noqa: PLC0415  likewise

        if self._kinds is None:
            self._kinds = kinds_of(self.release)
        return self._kinds

    def _opened(self) -> Any:
        if self._catalog is None:
            from pipeline.catalog import open_catalog  # noqa: PLC0415  arrow loads only for who reads

            self._catalog = open_catalog(self.release)
        return self._catalog


def _is_exact(subject: Subject) -> bool:
    """Say whether a subject's key is the subject's alone.

    A repository's is that of any place spelt alike; where each place two floors below the host is a
    repository, that makes no difference.
    """
    if subject.kind == "repo":
        return subject.value.partition("/")[0] in TWO_LEVEL_HOSTS
    return subject.kind != "path" and not (subject.kind == "swhid" and ";" in subject.value)


def _only(rows: Rows, wanted: Iterable[bool]) -> Rows:
    return rows[np.fromiter(wanted, np.bool_, len(rows))]


def _shadow(row: Row) -> Document:
    """Make a document of what can name it by place."""
    return Document(
        id=row.id, text="", sha256="", source=row.source, url=row.url, repo=row.repo, path=row.path
    )


def _map_bytes(path: Path) -> bytes | mmap.mmap:
    with path.open("rb") as file:
        if path.stat().st_size == 0:
            return b""
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
