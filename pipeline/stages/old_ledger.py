"""Old ledger: what the ledger of a release says once some of its records have gone for opt-out requests.

Of a document that is not in the release it knows the id, what that lost to and how near the two were.
What loses its survivor so goes with it as far as it is a copy; else it is not re-elected, for its
text is nowhere.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import orjson
import pyarrow.parquet as pq

from filters.document import Document
from filters.owners import NOBODY
from manifests.checksum import canonical_json
from pipeline.catalog import open_catalog
from pipeline.reach import kinds_of, text_of
from pipeline.release import is_put_aside, ledger_parts
from pipeline.stages.ghosts import ghost_request
from pipeline.stages.kept_copies import Meeting, copy_fate
from pipeline.stages.ledger import pardoned_note
from pipeline.stages.named import Fate, Ghost, by_name, make_ghost, shadow_of
from pipeline.stages.place import COPY_EXACT, COPY_NEAR

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from filters.optout import OptOutFilter, Request
    from pipeline.catalog import Release
    from pipeline.stages.kept_copies import Chosen
    from pipeline.stages.named import Key, Named

DUPLICATES = ("exact", "near")
KEEP = "keep"
_EARLIER = ("read", "license", "optout")  # what ends a record no later than a request does
_BATCH = 1 << 16


class Line(NamedTuple):
    """A row of the ledger: its part, its place there, its columns, and the records that it is about."""

    part: int
    row: int
    columns: dict[str, Any]
    key: Key
    survivor: Key | None  # in this release


class Change(msgspec.Struct, frozen=True, array_like=True):
    """What a row of the ledger says now; it is found by part and place."""

    part: int
    row: int
    stage: str
    reason: str
    detail: str
    survivor: str


def lines_of(release: Path, questions: frozenset[str]) -> Iterator[Line]:
    """Read the ledger in its order; `questions` are the sources that hold no documents."""
    names = ["id", "source", "verdict", "stage", "reason", "detail", "survivor"]
    for part, path in enumerate(ledger_parts(release / "ledger")):
        row = 0
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(_BATCH, columns=names):
                for columns in batch.to_pylist():
                    yield _line(part, row, columns, questions)
                    row += 1


def _line(part: int, row: int, columns: dict[str, Any], questions: frozenset[str]) -> Line:
    space = columns["source"] if columns["source"] in questions else ""
    survivor = columns["survivor"]
    ours = survivor and columns["stage"] in DUPLICATES and '"release"' not in columns["detail"]
    return Line(part, row, columns, (space, columns["id"]), (space, survivor) if ours else None)


class Absent(NamedTuple):
    """What is opted out and not in the release: its fates by part and place, and the ghosts of some.

    `met` are survivors as copies of what had lost to them. `unsought` counts those whose near copies
    cannot be sought, since nobody has their texts any more.
    """

    fates: dict[tuple[int, int], Fate]
    ghosts: list[Ghost]
    met: list[Meeting]
    unsought: int


class _Search:
    """Collects what is opted out and not in the release; ghosts are numbered from `first`."""

    def __init__(self, catalog: Release, first: int, copies: str) -> None:
        self._catalog = catalog
        self._first = first
        self._copies = Fraction(copies)
        self.found = Absent({}, [], [], 0)

    def take(self, line: Line, fate: Fate, requests: tuple[Request, ...]) -> None:
        """Note a row that a request names; the text of an equal survivor is its own."""
        if line.columns["stage"] not in _EARLIER:
            self.found.fates[line.part, line.row] = fate
        request = ghost_request(requests)
        if request is None or line.columns["stage"] == "optout":
            return
        near = request.copies == "near"
        record = self._survivor(line)
        if record is not None and line.survivor is not None:
            number = self._first + len(self.found.ghosts)
            ghost = make_ghost(line.survivor, record, request.request, near=near)
            ghost = ghost._replace(id=line.columns["id"], owner=NOBODY)
            measure = similarity_of(line)
            if measure == (1, 1):
                self.found.ghosts.append(ghost)
                self._meet(line.survivor, record, number, COPY_EXACT, (1, 1))
                return
            if near and measure is not None and Fraction(*measure) >= self._copies:
                self.found.ghosts.append(ghost._replace(content=b"", text=""))
                self._meet(line.survivor, record, number, COPY_NEAR, measure)
        self.found = self.found._replace(unsought=self.found.unsought + near)

    def _meet(
        self, key: Key, record: dict[str, Any], number: int, kind: int, measure: tuple[int, int]
    ) -> None:
        self.found.met.append(Meeting(key, record["source"], NOBODY, number, kind, *measure))

    def _survivor(self, line: Line) -> dict[str, Any] | None:
        """Read the record that a row lost to."""
        if line.survivor is None:
            return None
        space, name = line.survivor
        for found in self._catalog.found(name):
            record: dict[str, Any] = orjson.loads(found)
            if space == ("" if "text" in record else record["source"]):
                return record
        return None


def find_absent(
    release: Path, optout: OptOutFilter, questions: frozenset[str], first: int, copies: str
) -> Absent:
    """Look up the documents that the ledger knows and the release does not hold, by their ids."""
    judge, kinds = by_name(optout), kinds_of(release)
    with open_catalog(release) as catalog:
        search = _Search(catalog, first, copies)
        for line in lines_of(release, questions):
            stage, detail = line.columns["stage"], line.columns["detail"]
            if line.columns["verdict"] == "keep" or is_put_aside(stage, detail) or stage == "read":
                continue  # a run does not ask the registry of what is no record, or gives no document
            document = shadow_of(line.columns, kinds)
            requests = judge.match(document)
            if requests:
                verdict = judge.judge(document)
                search.take(line, Fate(verdict.reason, verdict.detail), requests)
        return search.found


def similarity_of(line: Line) -> tuple[int, int] | None:
    """Return how near a duplicate is to its survivor, as shingles shared and of both; 1 of 1 for equal texts.

    `None` where the ledger does not say.
    """
    reason = line.columns["reason"]
    if reason == "sha256":
        return 1, 1
    detail = orjson.loads(line.columns["detail"])
    if "union" in detail and detail["union"] > 0:
        return detail["shared"], detail["union"]
    return (1, 1) if reason == "fork" and detail.get("similarity") == 1.0 else None


class Told(NamedTuple):
    """All that is known of what goes: named records, copies, and the ghosts that they are copies of."""

    optout: OptOutFilter
    named: Mapping[Key, Named]
    chosen: Chosen
    ghosts: list[Ghost]
    absent: Absent
    threshold: str

    def changes(self, lines: Iterator[Line]) -> Iterator[tuple[Change, Line]]:
        """Say what the rows of the ledger become, where they change."""
        numbers = {each.key: number for number, each in enumerate(self.ghosts)}
        places = by_name(self.optout)
        for line in lines:
            fate = self._fate(line, numbers)
            if fate is not None:
                detail = canonical_json(fate.detail).decode()
                yield Change(line.part, line.row, "optout", fate.reason, detail, ""), line
            else:
                request = self._behind(line, places)
                if request:
                    yield self._freed(line, request), line
                elif line.columns["verdict"] == "keep" and line.key in self.chosen.spared:
                    yield self._spared(line, self.chosen.spared[line.key]), line

    def _fate(self, line: Line, numbers: Mapping[Key, int]) -> Fate | None:
        """Say as what a row is opted out, if it is."""
        if line.columns["verdict"] == "keep":
            if line.key in self.named:
                fate = self.named[line.key].fate
                return self._pardoned(fate, numbers.get(line.key))
            return self.chosen.copies[line.key].fate if line.key in self.chosen.copies else None
        absent = self.absent.fates.get((line.part, line.row))
        if absent is not None:
            return absent
        return None if line.survivor is None else self._with_survivor(line, line.survivor, numbers)

    def _pardoned(self, fate: Fate, number: int | None) -> Fate:
        """Say of an opted-out text why its copies stay."""
        pardon = None if number is None else self.chosen.pardons.get(number)
        if pardon is None:
            return fate
        why = {"protected": "common", "owners": pardon.owners, "copies_kept": pardon.copies}
        return fate._replace(detail=fate.detail | why)

    def _spared(self, line: Line, met: Meeting) -> Change:
        """Say of a record that stays which opted-out text it is a copy of."""
        ghost = self.ghosts[met.ghost]
        note = pardoned_note(ghost.request, ghost.id, met.shared, met.of)
        detail = canonical_json(orjson.loads(line.columns["detail"]) | note).decode()
        return Change(line.part, line.row, KEEP, line.columns["reason"], detail, "")

    def _with_survivor(self, line: Line, survivor: Key, numbers: Mapping[Key, int]) -> Fate | None:
        """Take a duplicate along with its survivor, as far as it is the same or a copy."""
        measure = similarity_of(line)
        number = numbers.get(survivor)
        if survivor in self.named:
            again = self._named_too(line, survivor) if measure == (1, 1) else None
            if again is not None:
                return again
        elif survivor in self.chosen.copies:
            copy = self.chosen.copies[survivor]
            if measure == (1, 1):
                return copy.fate
            number = copy.of if copy.fate.reason == "copy:exact" else None
        if number is None or number in self.chosen.pardons:
            return None
        return self._copied(line, self.ghosts[number], measure)

    def _named_too(self, line: Line, survivor: Key) -> Fate | None:
        """Ask for a document by the text that it has in common with its survivor."""
        record = self.named[survivor].record
        columns = line.columns
        digest = record["sha256"] if "text" in record else record["context_sha256"]
        document = Document(
            id=columns["id"], text=text_of(record), sha256=digest, source=columns["source"]
        )
        verdict = self.optout.judge(document)
        return None if verdict.keep else Fate(verdict.reason, verdict.detail)

    def _copied(self, line: Line, ghost: Ghost, measure: tuple[int, int] | None) -> Fate | None:
        if measure == (1, 1):
            return copy_fate(COPY_EXACT, 1, 1, ghost)
        if not ghost.near:
            return None
        if line.columns["reason"].startswith("contained:"):
            inside = orjson.loads(line.columns["detail"])
            return copy_fate(COPY_NEAR, inside["shared"], inside["shingles"], ghost)
        if measure is None or Fraction(*measure) < Fraction(self.threshold):
            return None
        return copy_fate(COPY_NEAR, *measure, ghost)

    def _behind(self, line: Line, places: OptOutFilter) -> str:
        """Return the request that took what a duplicate stood behind, `""` where that stands."""
        for gone in (self.named, self.chosen.copies):
            if line.survivor is not None and line.survivor in gone:
                request: str = gone[line.survivor].fate.detail["request"]
                return request
        if line.columns["reason"] != "fork" or line.columns["survivor"]:
            return ""
        # it went with its repository for that of others, whatever documents these were
        repo = orjson.loads(line.columns["detail"]).get("fork_of", "")
        verdict = places.judge(Document(id="", text="", sha256="", source="", repo=repo))
        return "" if verdict.keep else verdict.detail["request"]

    def _freed(self, line: Line, request: str) -> Change:
        """Say of a duplicate that what it stood behind is gone, for which request, and that it stays out."""
        columns = line.columns
        detail = orjson.loads(columns["detail"])
        detail.pop("fork_of", None)  # the name of what is gone
        detail |= {"not_reelected": True, "request": request}
        told = canonical_json(detail).decode()
        return Change(line.part, line.row, columns["stage"], columns["reason"], told, "")
