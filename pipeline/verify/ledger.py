"""The deep check of the ledger: every input record has one verdict, and the sums come out."""

from __future__ import annotations

from array import array
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import numpy as np

from manifests.manifest import CARRIED, MANIFEST, STAGES
from manifests.record import decode_tombstone
from pipeline.release import (
    DECISIONS,
    SPLIT_LEDGER,
    SPLITS_PATH,
    TOMBSTONES_PATH,
    is_put_aside,
)
from pipeline.verify.index import read_rows
from pipeline.verify.walk import key64

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy.typing as npt

    from pipeline.verify.report import Findings
    from pipeline.verify.walk import Walk

DECISIONS_PREFIX: Final = "ledger/decisions-"
DECIDING: Final = frozenset([*STAGES, "keep"])
DUPLICATES: Final = frozenset(["exact", "near"])


class Decision(NamedTuple):
    """A row of ledger/decisions-*.parquet."""

    id: str
    source: str
    input: str
    row: int
    verdict: str
    stage: str
    reason: str
    detail: str
    survivor: str


class _Detail(msgspec.Struct):
    """What a detail may say of the survivor, and of the spans that were redacted (their last but one is the rule).

    Of what was redacted before, in the release that a record is of, the ledger knows how many there are by type.
    """

    release: str | None = None
    spans: list[tuple[int, int, str, str, str]] = []
    question_spans: list[tuple[int, int, str, str, str]] = []
    carried: dict[str, int] = {}


class _Books:
    """What the decisions add up to; a key is 64 bits of a hash."""

    def __init__(self, questions: frozenset[str]) -> None:
        self.question_sources = questions
        self.records: Counter[tuple[str, str]] = Counter()
        self.dropped: Counter[str] = Counter()
        self.quarantined: Counter[str] = Counter()
        self.rules: Counter[str] = Counter()
        self.keyed: set[bool] = set()
        self.rows = array("Q")
        self.documents = array("Q")
        self.questions = array("Q")
        self.asked = array("Q")  # ids of questions, of whatever source

    def take(self, row: Decision) -> None:
        """Count one decision."""
        place = row.source, row.input
        self.records[place] += 1
        if 'spans":' in row.detail or '"carried":' in row.detail:
            told = _detail(row)
            for *_, rule, digest in told.spans + told.question_spans:
                self.rules[rule] += 1
                self.keyed.add(digest != "")
            self.rules[CARRIED] += sum(told.carried.values())
        of_question = row.source in self.question_sources
        if not of_question:
            self.rows.append(key64(*place, str(row.row)))
        if row.verdict != "keep":
            self.dropped[row.stage] += 1
            self.quarantined[row.source] += is_put_aside(row.stage, row.detail)
        elif of_question:
            self.questions.append(key64(row.source, row.id))
            self.asked.append(key64(row.id))
        else:
            self.documents.append(key64(row.id))


def check_ledger(release: Path, walk: Walk, sound: frozenset[str], findings: Findings) -> None:
    """Check decisions, splits and tombstones, as far as the files are sound."""
    manifest = walk.manifest
    listed = [file.path for file in manifest.files]
    parts = [path for path in listed if path.startswith(DECISIONS_PREFIX)]
    if sound.issuperset(parts):
        questions = frozenset(each.name for each in manifest.sources if each.kind == "question")
        books = _Books(questions)
        for path in parts:
            _check_decisions(release, path, books, findings)
        if not any(map(findings.names, parts)):
            _check_sums(walk, books, findings)
            _check_kept(walk, books, parts, findings)
            _check_survivors(release, walk, books, parts, findings)
    if SPLITS_PATH in sound and walk.complete:
        _check_splits(release, walk, findings)
    if TOMBSTONES_PATH in sound:
        _check_tombstones(release, findings)


def _decisions(release: Path, path: str, findings: Findings) -> Iterator[Decision]:
    return (Decision(*row) for row in read_rows(release, path, DECISIONS, findings))


def _check_decisions(release: Path, path: str, books: _Books, findings: Findings) -> None:
    """Check each decision by itself and count it."""
    for row in _decisions(release, path, findings):
        problem = _decision_problem(row)
        if problem is not None:
            findings.add(path, problem, document=row.id)
        else:
            books.take(row)


def _decision_problem(row: Decision) -> str | None:
    """Say what is wrong with one decision."""
    if row.verdict not in {"keep", "drop"} or row.stage not in DECIDING:
        return "has an unknown verdict or stage"
    if row.row < 0:
        return "has an impossible row"
    if row.verdict == "drop" and (row.reason == "" or row.stage == "keep"):
        return "is dropped without a reason"
    if _is_duplicate(row) and row.survivor == "":
        return "is dropped as a duplicate of nothing"
    return None


def _is_duplicate(row: Decision) -> bool:
    """Tell a document that lost to another one.

    A file of a fork may have gone without a like, and an amended release knows no survivor any more
    where that was opted out.
    """
    left = row.reason == "fork" or '"not_reelected":true' in row.detail
    alone = left and row.survivor == ""
    return row.verdict == "drop" and row.stage in DUPLICATES and not alone


def _check_sums(walk: Walk, books: _Books, findings: Findings) -> None:
    """Hold the numbers of rows and drops against the manifest's inputs and stages."""
    ledger = "ledger/decisions"
    expected: Counter[tuple[str, str]] = Counter()
    for each in walk.manifest.inputs:
        expected[each.source, each.path] += each.records
    for source, path in sorted((expected - books.records) + (books.records - expected)):
        had, has = expected[source, path], books.records[source, path]
        findings.add(MANIFEST, f"inputs: {path} of {source}: {had} records, {has} rows in {ledger}")
    dropped: Counter[str] = Counter()
    for stage in walk.manifest.stages:
        dropped[stage.stage] += sum(stage.dropped.values())
    for name in sorted((dropped - books.dropped) + (books.dropped - dropped)):
        had, has = dropped[name], books.dropped[name]
        findings.add(MANIFEST, f"stages: {name}: {had} dropped, {has} in {ledger}")
    if walk.manifest.redact.rules != dict(+books.rules):
        findings.add(MANIFEST, f"redact.rules are not what {ledger} gives")
    if books.keyed - {walk.manifest.redact.key != ""}:
        findings.add(
            MANIFEST, f"redact.key is named or not otherwise than digests stand in {ledger}"
        )
    for name in sorted(walk.manifest.quarantined.keys() | books.quarantined.keys()):
        had, has = walk.manifest.quarantined.get(name, 0), books.quarantined[name]
        if had != has:
            findings.add(MANIFEST, f"quarantined: {name}: {had}, {has} in {ledger}")


def _check_kept(walk: Walk, books: _Books, parts: list[str], findings: Findings) -> None:
    """Hold the ids kept against the ids in the shards; one record has one row."""
    if not parts:
        return
    rows = _sorted(books.rows)
    if (rows[1:] == rows[:-1]).any():
        findings.add(parts[0], "an input record has two decisions (in this part or a later one)")
    if not walk.complete:
        return
    questions = np.array(sorted(walk.questions), dtype=np.uint64)
    for kind, kept, there in (
        ("documents", _sorted(books.documents), _sorted(walk.documents)),
        ("questions", _sorted(books.questions), questions),
    ):
        if not np.array_equal(kept, there):
            more = len(np.setdiff1d(kept, there)), len(np.setdiff1d(there, kept))
            problem = (
                f"{kind} kept and {kind} held differ: {more[0]} only kept, {more[1]} only held"
            )
            findings.add(parts[0], problem)


def _check_survivors(
    release: Path, walk: Walk, books: _Books, parts: list[str], findings: Findings
) -> None:
    """Check that what a duplicate was dropped for is kept itself, or lies in a release that the manifest names."""
    against = {f"{each.name}-{each.version}" for each in walk.manifest.against}
    kept = {False: _sorted(books.documents), True: _sorted(books.asked)}
    for path in parts:
        for row in _decisions(release, path, findings):
            if not _is_duplicate(row):
                continue
            earlier = _earlier(row)
            if earlier is not None:
                if earlier not in against:
                    problem = "its survivor is in a release that the manifest does not name"
                    findings.add(path, problem, document=row.id)
                continue
            of_question = row.source in books.question_sources
            if not _holds(kept[of_question], key64(row.survivor)):
                findings.add(path, "its survivor is not kept", document=row.id)


def _earlier(row: Decision) -> str | None:
    """Say which earlier release a duplicate's survivor is in."""
    return _detail(row).release if '"release"' in row.detail else None


def _detail(row: Decision) -> _Detail:
    """Read a detail, which most rows need not be parsed for; one that does not read says nothing."""
    try:
        return msgspec.json.decode(row.detail, type=_Detail)
    except msgspec.DecodeError:
        return _Detail()


def _check_splits(release: Path, walk: Walk, findings: Findings) -> None:
    """Check that the split ledger places every document of the index as the index does."""
    rows = read_rows(release, SPLITS_PATH, SPLIT_LEDGER, findings)
    known = _sorted(array("Q", (key64(*row) for row in rows)))
    if findings.names(SPLITS_PATH) or np.isin(_sorted(walk.placements), known).all():
        return
    for row in walk.index.all_documents():
        if not _holds(known, key64(row.id, row.family, row.split)):
            findings.add(SPLITS_PATH, "places it otherwise than the index", document=row.id)


def _check_tombstones(release: Path, findings: Findings) -> None:
    """Check the form of the tombstones."""
    lines = (release / TOMBSTONES_PATH).read_bytes().split(b"\n")
    if lines.pop() != b"":
        findings.add(TOMBSTONES_PATH, "does not end in a newline")
    for number, line in enumerate(lines, start=1):
        try:
            decode_tombstone(line)
        except (ValueError, RecursionError) as error:
            findings.add(TOMBSTONES_PATH, f"line {number} is no tombstone: {error}")


def _sorted(keys: array[int]) -> npt.NDArray[np.uint64]:
    return np.sort(np.frombuffer(keys, dtype=np.uint64))


def _holds(keys: npt.NDArray[np.uint64], key: int) -> bool:
    """Say whether a sorted array holds a key."""
    at: Any = np.searchsorted(keys, np.uint64(key))
    return bool(at < len(keys) and keys[at] == key)
