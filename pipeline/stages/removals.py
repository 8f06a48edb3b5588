"""Removals: from a release alone, which of its records go for opt-out requests, and what its ledger says then."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec
import orjson

from pipeline.dedup.spec import SignatureSpec
from pipeline.reach import as_document
from pipeline.stages.given_texts import read_given
from pipeline.stages.kept_copies import Rule, choose, find_meetings
from pipeline.stages.named import find_named, given_ghosts, protected
from pipeline.stages.old_ledger import (
    DUPLICATES,
    KEEP,
    Change,
    Line,
    Told,
    find_absent,
    lines_of,
)
from pipeline.stages.requests import read_requests
from pipeline.stages.review import case_of
from pipeline.stages.review_list import Key as Group
from pipeline.stages.review_list import key_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.engine.task import Context
    from pipeline.engine.work import Files, Record
    from pipeline.stages.named import Key, Named

_GONE, _CHANGED, _REVIEWED = "gone.bin", "changed.bin", "reviewed.bin"


class RemovalsSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A release by the digest of its manifest, the digests of the requests and of given texts, and what `Rule` says.

    `questions` are the sources that hold no documents, `packaged` those of installed packages.
    """

    release: str
    requests: str
    texts: str
    questions: tuple[str, ...]
    packaged: tuple[str, ...]
    copies: str
    common: int
    related: bool
    signature: SignatureSpec


class Reviewed(msgspec.Struct, frozen=True):
    """A document that is opted out, and the group of the review list that it was in, where that is known."""

    id: str
    path: str
    group: Group | None


def removals(spec: RemovalsSpec, context: Context) -> Record:
    """Write what goes and what changes; the record counts both.

    `moves` are `[source, stage, reason, stage, reason, rows]`, before and after.
    """
    release = context.work.release(spec.release)
    optout = read_requests(context.work, spec.requests)
    questions = frozenset(spec.questions)
    rule = Rule(spec.copies, spec.signature, spec.related, spec.common)
    named, reviewed = _accounted(release, find_named(release, optout), spec)
    ghosts = [each.ghost for each in named.values() if each.ghost is not None]
    absent = find_absent(release, optout, questions, len(ghosts), spec.copies)
    ghosts += absent.ghosts
    ghosts += given_ghosts(read_given(context.work, spec.texts))
    met = [each for each in absent.met if each.key not in named]
    met += find_meetings(release, ghosts, named, rule)
    chosen = choose(met, ghosts, spec.common)
    told = Told(optout, named, chosen, ghosts, absent, spec.copies)
    changes = list(told.changes(lines_of(release, questions)))
    _save(context.out / _GONE, _by_source(named, chosen.copies))
    _save(context.out / _CHANGED, [change for change, _ in changes])
    _save(context.out / _REVIEWED, [*reviewed, *_unseen(changes)])
    moves = Counter(_move(change, line) for change, line in changes if change.stage != KEEP)
    return {
        "gone": len(named) + len(chosen.copies),
        "not_re_elected": sum(change.stage in DUPLICATES for change, _ in changes),
        "unsought": absent.unsought,
        "moves": [[*move, count] for move, count in sorted(moves.items())],
    }


def read_gone(folder: Files) -> dict[str, set[str]]:
    """Read the ids of the records that go, by source."""
    return msgspec.msgpack.decode((folder / _GONE).read_bytes(), type=dict[str, set[str]])


def read_changes(folder: Files) -> list[Change]:
    """Read the rows of the ledger that change, in the order of the ledger."""
    return msgspec.msgpack.decode((folder / _CHANGED).read_bytes(), type=list[Change])


def read_reviewed(folder: Files) -> list[Reviewed]:
    """Read which documents leave the review list."""
    return msgspec.msgpack.decode((folder / _REVIEWED).read_bytes(), type=list[Reviewed])


def _save(path: Path, value: object) -> None:
    path.write_bytes(msgspec.msgpack.encode(value))


def _by_source(*parts: dict[Key, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for part in parts:
        for key, each in part.items():
            found.setdefault(each.source, []).append(key[1])
    return {source: sorted(ids) for source, ids in sorted(found.items())}


def _accounted(
    release: Path, named: dict[Key, Named], spec: RemovalsSpec
) -> tuple[dict[Key, Named], list[Reviewed]]:
    """Look up how the licences of named records were found: some texts take no copies along for it."""
    found = dict(named)
    reviewed: list[Reviewed] = []
    for line in lines_of(release, frozenset(spec.questions)):
        if line.columns["verdict"] == "keep" and line.key in named:
            account = orjson.loads(line.columns["detail"]).get("license", {})
            found[line.key] = protected(named[line.key], account)
            reviewed += _reviewed(named[line.key], account, spec)
    return found, reviewed


def _reviewed(named: Named, account: dict[str, Any], spec: RemovalsSpec) -> Iterator[Reviewed]:
    """Say in which group of the review list a record is."""
    case = case_of(account, named.record["license"]) if account else None
    if case is None:
        return
    document = as_document(named.record)
    if named.source in spec.packaged and not document.repo:
        document = msgspec.structs.replace(document, repo=document.url)
    group = key_of(document, case.account, case.reason, case.license_class)
    yield Reviewed(document.id, document.path, group)


def _unseen(changes: list[tuple[Change, Line]]) -> Iterator[Reviewed]:
    """Name the opted-out documents that are not in the release: their groups are not known."""
    for change, line in changes:
        named = change.stage == "optout" and not change.reason.startswith("copy:")
        if named and line.columns["verdict"] == "drop":
            yield Reviewed(line.columns["id"], "", None)


def _move(change: Change, line: Line) -> tuple[str, str, str, str, str]:
    """Tell where a row is counted, before and after."""
    source, stage, reason = (line.columns[name] for name in ("source", "stage", "reason"))
    short = reason.partition(":")[0] if stage in DUPLICATES else reason
    new = change.reason.partition(":")[0] if change.stage in DUPLICATES else change.reason
    return source, stage, short, change.stage, new
