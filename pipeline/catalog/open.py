"""An open release: any document by its id within two milliseconds, and its lines in order.

An id's address (manifests/addressing.py) names the shard number, a sorted column of addresses the
line, and of its frame no more is decoded than up to the end of the line.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final, Self

import msgspec

from manifests.addressing import address, shard_of
from manifests.manifest import MANIFEST
from pipeline.catalog.decoded import Decoded
from pipeline.catalog.frames import load_frames
from pipeline.catalog.index import Index, overlap
from pipeline.catalog.places import (
    Place,
    Places,
    id_start,
    make_places,
    prefix_of,
)
from pipeline.catalog.questions import Named, find_question
from pipeline.errors import ConfigError, IntegrityError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.catalog.frames import Frames, Shard
    from pipeline.catalog.query import Kind

CACHE: Final = 64 << 20


_FOLDERS: Final[dict[Kind, str]] = {"any": "", "document": "data", "question": "qa"}


class UnknownIdError(ConfigError, KeyError):
    """A release holds no record of an id."""

    def __str__(self) -> str:
        """Say it as other errors do; a `KeyError` would put quotes around it."""
        return str(self.args[0])


class Build(msgspec.Struct, frozen=True):
    """What addresses depend on."""

    seed: int
    shards: int


class Head(msgspec.Struct, frozen=True):
    """What of a manifest a reader needs; whatever else stands in it, now or in later versions, is let be."""

    name: str
    version: str
    content_root: str
    documents: int
    questions: int
    build: Build


class _Said(msgspec.Struct, frozen=True):
    """What of a document says whether it is whole."""

    id: str
    text: str
    sha256: str


class Release:
    """A release that is open for reading; made by `open_catalog`, and a context manager.

    `len` counts its lines, documents and questions. Several threads may read at once; a pickled
    one opens the same folder again.
    """

    def __init__(self, path: Path, manifest: Head, frames: Frames, cache: int) -> None:
        self.path = path
        self.manifest = manifest
        self.frames = frames
        self.index = Index(path, manifest.documents)
        self._cache = cache
        self._decoded = Decoded(frames, cache)
        self._places: dict[int, Places] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> tuple[Any, ...]:
        return open_catalog, (self.path, self._cache)

    def __len__(self) -> int:
        return int(self.frames.first[-1])

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and next(self.found(name), None) is not None

    def close(self) -> None:
        """Let go of the index file; the release may be used again, and opens it again."""
        self.index.close()

    @property
    def seed(self) -> int:
        """The seed of the addresses."""
        return self.manifest.build.seed

    def document(self, name: str) -> dict[str, Any]:
        """Return the record of an id: a document or, where there is none, a question.

        Raises:
            UnknownIdError: the release holds neither; a `KeyError`.
            IntegrityError: the release is damaged where the record lies.
        """
        record: dict[str, Any] = msgspec.json.decode(self.line(name))
        return record

    def line(self, name: str) -> bytes:
        """Return the line of an id as it stands in its shard, newline included; errors as `document`."""
        line = next(self.found(name), None)
        if line is None:
            raise UnknownIdError(f"query: {self.path}: holds no document or question {name!r}")
        return line

    def found(self, name: str) -> Iterator[bytes]:
        """Yield the lines of every record with an id: the document, then questions."""
        try:
            at = address(self.seed, name)
        except UnicodeEncodeError:  # no record's id holds a lone surrogate
            return
        held = self._held(name)
        if held is not None:
            yield self._checked(*held)
        yield from find_question(self.frames, self._decoded, self.seed, name, at)

    def place(self, name: str) -> Place | None:
        """Say where the line of a document lies, `None` where there is none of this id."""
        held = self._held(name)
        return None if held is None else held[0]

    def _held(self, name: str) -> tuple[Place, bytes] | None:
        """Find the line of a document, and decode what leads to it once."""
        at = address(self.seed, name)
        start = id_start(name)
        for place in self._places_of(shard_of(at, self.manifest.build.shards)).find(at):
            line = self.cut(place)
            if line.startswith(start):
                return place, line
            self._check_address(line, at, place)
        return None

    def row(self, name: str) -> dict[str, Any] | None:
        """Return the index row of a document, `None` where there is none of this id."""
        place = self.place(name)
        if place is None:
            return None
        shard = self.frames.shards[self.frames.shard[place.frame]]
        lines = range(int(self.frames.first[place.frame]), int(self.frames.first[place.frame + 1]))
        for group, rows in enumerate(self.index.groups()):
            shared = overlap(lines, rows)
            if shared:
                table = self.index.read(group)
                for row in table.slice(shared.start - rows.start, len(shared)).to_pylist():
                    if row["id"] == name and row["shard"] == shard.path:
                        return dict(row)
        return None

    def cut(self, place: Place) -> bytes:
        """Return the line that lies at a place."""
        stop = place.offset + place.length
        return self._decoded.start_of(place.frame, stop)[place.offset : stop]

    def lines(self, source: str = "", split: str = "", kind: Kind = "any") -> Iterator[bytes]:
        """Yield lines in the order of the shards, newlines included. Memory holds one frame."""
        for shard in self.shards(source, split, kind):
            for frame in shard.frames:
                yield from self.frames.decode(frame).splitlines(keepends=True)

    def documents(self, source: str = "", split: str = "") -> Iterator[dict[str, Any]]:
        """Yield documents in the order of the shards."""
        return (msgspec.json.decode(line) for line in self.lines(source, split, "document"))

    def shards(self, source: str = "", split: str = "", kind: Kind = "any") -> Iterator[Shard]:
        """Yield the shards of a source, a split, a kind, or all."""
        for shard in self.frames.shards:
            place = shard.place
            asked = ((source, place.source), (split, place.split), (_FOLDERS[kind], place.kind))
            if all(wanted in {"", found} for wanted, found in asked):
                yield shard

    def _places_of(self, number: int) -> Places:
        if number not in self._places:
            self._places[number] = make_places(self.index, self.frames, number, self.seed)
        return self._places[number]

    def _check_address(self, line: bytes, at: bytes, place: Place) -> None:
        """Refuse a line in the wrong place; one of another id whose address begins alike is none."""
        try:
            name = msgspec.json.decode(line, type=Named).id
        except ValueError:
            name = ""
        if prefix_of(address(self.seed, name)) != prefix_of(at):
            shard = self.frames.shards[self.frames.shard[place.frame]].path
            raise IntegrityError(f"read: {self.path / shard}: the index does not fit: verify it")

    def _checked(self, place: Place, line: bytes) -> bytes:
        """Hold a document against its own checksum: that of its frame stands behind what was decoded."""
        said = msgspec.json.decode(line, type=_Said)
        if hashlib.sha256(said.text.encode()).hexdigest() != said.sha256:
            shard = self.frames.shards[self.frames.shard[place.frame]].path
            raise IntegrityError(f"read: {self.path / shard}: {said.id}: is damaged: verify it")
        return line


def open_catalog(path: Path, cache: int = CACHE) -> Release:
    """Open a release; `cache` is how many bytes of decoded frames are kept.

    Raises:
        ConfigError: there is no release.
        IntegrityError: its manifest or its index does not read.
    """
    try:
        head = msgspec.json.decode((path / MANIFEST).read_bytes(), type=Head)
    except FileNotFoundError as error:
        raise ConfigError(f"query: {path}: is no release: there is no {MANIFEST} in it") from error
    except (ValueError, RecursionError) as error:
        raise IntegrityError(f"query: {path / MANIFEST}: does not read: verify it") from error
    frames = load_frames(path)
    ends = [each.lines.stop for each in frames.shards if each.place.kind == "data"]
    if (
        max(ends, default=0) != head.documents
        or frames.first[-1] != head.documents + head.questions
    ):
        raise IntegrityError(f"query: {path}: the index has other lines than {MANIFEST}: verify it")
    return Release(path, head, frames, cache)
