"""Named: the records of a release, and the rows of its ledger, that opt-out requests name.

What a record no longer says, nobody can ask of it: its author, and what was redacted. Of a document
that is not in the release the ledger knows little more than the id.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from filters.document import Document
from filters.licenses.evidence import Evidence
from filters.licenses.resolve import Resolution
from filters.optout import optout_filter
from filters.owners import NOBODY, owner_key
from filters.subject_forms import content_swhid
from manifests.manifest import shard_path
from pipeline.catalog import frames, read_frame
from pipeline.reach import as_document, kinds_of, text_of
from pipeline.stages.ghosts import ghost_request, protection

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping
    from pathlib import Path

    from filters.optout import OptOutFilter
    from pipeline.optout.texts import GivenText

Key = tuple[str, str]
"""A record: the source of a question, or `""` for a document, and the id."""


class Fate(NamedTuple):
    """Reason and detail of a row of the ledger that opt-outs account for."""

    reason: str
    detail: dict[str, Any]


class Ghost(NamedTuple):
    """An opted-out text that takes its copies along: the equal ones, and near ones where `near` is set.

    `content` is the digest of what makes two records equal, `owner` as `filters.owners` has it. Of a text
    that a request was given with only the `shingles` are known, uint64 in little-endian order.
    """

    id: str
    request: str
    near: bool
    key: Key
    content: bytes
    text: str
    owner: int
    shingles: bytes = b""


class Named(NamedTuple):
    """A record of the release that requests name, with its source."""

    source: str
    record: dict[str, Any]
    fate: Fate
    ghost: Ghost | None


def records_of(
    release: Path, kind: str = "", places: Container[tuple[str, int]] | None = None
) -> Iterator[tuple[Key, dict[str, Any]]]:
    """Yield the records of a release, or those of one kind (`data`, `qa`), in the order of its shards.

    With `places` only those in these frames, each named by its shard and its number.
    """
    for row in frames(release).to_pylist():
        place = shard_path(row["shard"])
        if place is None or kind not in {"", place.kind}:
            continue
        if places is not None and (row["shard"], row["frame"]) not in places:
            continue
        for line in read_frame(release, row["shard"], row["offset"], row["length"]):
            record = orjson.loads(line)
            yield ("" if place.kind == "data" else place.source, record["id"]), record


def content_of(record: dict[str, Any]) -> bytes:
    """Digest what makes two records the same: the text, or a question with its context."""
    if "text" in record:
        return bytes.fromhex(record["sha256"])
    context = record["context"]
    return hashlib.sha256(f"{len(context)}:{context}{record['question']}".encode()).digest()


def find_named(release: Path, optout: OptOutFilter) -> dict[Key, Named]:
    """Look every record of the release up. Memory holds those that are named."""
    found = {}
    kinds = kinds_of(release)
    for key, record in records_of(release):
        document = as_document(record, kinds)
        requests = optout.match(document)
        if not requests:
            continue
        verdict = optout.judge(document)
        request = ghost_request(requests)
        ghost = None
        if request is not None:
            near = request.copies == "near"
            ghost = make_ghost(key, record, request.request, near=near)
        fate = Fate(verdict.reason, verdict.detail)
        found[key] = Named(record["source"], record, fate, ghost)
    return found


def make_ghost(key: Key, record: dict[str, Any], request: str, *, near: bool) -> Ghost:
    """Keep of a record what its copies are found by."""
    text = text_of(record) if near else ""
    owner = owner_key(as_document(record))
    return Ghost(record["id"], request, near, key, content_of(record), text, owner)


def given_ghosts(texts: Iterable[GivenText]) -> list[Ghost]:
    """Make ghosts of the texts that requests were given with; no record is one of them."""
    return [
        Ghost(each.name, each.request, True, ("", ""), b"", "", NOBODY, each.shingles)
        for each in texts
    ]


def protected(named: Named, account: dict[str, Any]) -> Named:
    """Let a text that is everybody's take no copies along; `account` is what the ledger says of its licence."""
    texts = tuple(
        Evidence(kind="text", expression=each["expression"], start=each["start"], end=each["end"])
        for each in account.get("evidence", ())
        if each["kind"] == "text" and "path" not in each and "end" in each
    )
    found = Resolution("found", named.record["license"], "header", texts)
    why = "" if named.ghost is None else protection(as_document(named.record), found)
    if not why:
        return named
    fate = named.fate._replace(detail=named.fate.detail | {"protected": why})
    return named._replace(fate=fate, ghost=None)


def by_name(optout: OptOutFilter) -> OptOutFilter:
    """Leave out what would name a document for the text that is not known of it."""
    empty = content_swhid(b"")
    return optout_filter(
        (each for each in optout.requests if each.subject.value.partition(";")[0] != empty),
        key=optout.key,
    )


def shadow_of(row: dict[str, Any], kinds: Mapping[str, str]) -> Document:
    """Make of a row of the ledger the document that is not there: its id, and its repository if it was a fork's.

    `kinds` are those of `pipeline.reach.kinds_of`.
    """
    repo = ""
    if row["reason"] == "fork":
        repo = orjson.loads(row["detail"]).get("repository", "")
    kind = kinds.get(row["source"], "")
    return Document(id=row["id"], text="", sha256="", source=row["source"], repo=repo, kind=kind)
