"""Kept copies: which records of a release are copies of opted-out texts, equal or near, and of which.

Every near copy among the documents is in the family of what it is a copy of, where families were
drawn from that similarity on; elsewhere, and among questions, every record is compared.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from filters.owners import NOBODY, owner_key
from pipeline.dedup.copies import near_ones, seek
from pipeline.dedup.shingles import ShingleSets, shingle_sets
from pipeline.reach import as_document, text_of
from pipeline.release import DOCUMENTS_PATH
from pipeline.stages.ledger import measured
from pipeline.stages.named import Fate, content_of, records_of
from pipeline.stages.part import concatenate, values
from pipeline.stages.place import COPY_EXACT, COPY_NEAR

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import Any

    from pipeline.dedup.copies import Sought
    from pipeline.dedup.spec import SignatureSpec
    from pipeline.stages.named import Ghost, Key

_BLOCK = 1 << 20  # code points of texts that are compared at once


class Rule(NamedTuple):
    """From which similarity a near copy goes, how texts become shingles, whether families hold all of them.

    A text that `common` strangers have takes no copies along.
    """

    copies: str
    signature: SignatureSpec
    related: bool
    common: int


class Meeting(NamedTuple):
    """A record of the release, and the ghost that it is a copy of: `shared` of `of` shingles."""

    key: Key
    source: str
    owner: int
    ghost: int
    kind: int
    shared: int
    of: int


class Copy(NamedTuple):
    """A record that goes as a copy, with its source; `of` is the number of the ghost."""

    source: str
    fate: Fate
    of: int


class Pardon(NamedTuple):
    """A ghost that takes no copies along, since so many strangers have some."""

    owners: int
    copies: int


def find_meetings(
    release: Path, ghosts: Sequence[Ghost], named: Container[Key], rule: Rule
) -> list[Meeting]:
    """Compare the records of a release, but for those that are named, with the ghosts."""
    if not ghosts:
        return []
    index = pq.read_table(
        release / DOCUMENTS_PATH, columns=["id", "shard", "frame", "sha256", "family"]
    )
    contents: dict[bytes, list[int]] = {}
    for number, ghost in enumerate(ghosts):
        if ghost.content:
            contents.setdefault(ghost.content, []).append(number)
    near = [number for number, ghost in enumerate(ghosts) if ghost.text or ghost.shingles]
    found: list[Meeting] = []
    block: list[tuple[Key, dict[str, Any]]] = []
    size = 0
    sought = seek(_sets([ghosts[number] for number in near], rule.signature))
    for key, record in _suspects(release, index, ghosts, near, rule):
        if key in named:
            continue
        found += _equal(key, record, contents)
        block.append((key, record))
        size += len(text_of(record))
        if size >= _BLOCK:
            found += _resembling(block, sought, near, rule)
            block, size = [], 0
    return [*found, *_resembling(block, sought, near, rule)]


def _sets(ghosts: list[Ghost], spec: SignatureSpec) -> ShingleSets:
    """Make the shingle sets of texts; those of texts that requests were given with are known."""
    made = shingle_sets([each.text for each in ghosts], spec)
    mine = [
        np.frombuffer(each.shingles, "<u8") if each.shingles else made.flat[start:stop]
        for each, start, stop in zip(ghosts, made.offsets[:-1], made.offsets[1:], strict=True)
    ]
    return ShingleSets(*concatenate(mine))


def _suspects(
    release: Path, index: pa.Table, ghosts: Sequence[Ghost], near: list[int], rule: Rule
) -> Iterator[tuple[Key, dict[str, Any]]]:
    """Yield every record that may be a copy."""
    yield from records_of(release, "qa")
    strange = any(ghosts[number].shingles or ghosts[number].key[0] for number in near)
    if strange or not rule.related:
        yield from records_of(release, "data")
        return
    contents = pa.array([each.content.hex() for each in ghosts if each.content], pa.string())
    ids = pa.array([ghosts[number].key[1] for number in near], pa.string())
    families = index.filter(pc.is_in(index["id"], ids))["family"].combine_chunks()
    mine = index.filter(
        pc.or_(pc.is_in(index["sha256"], contents), pc.is_in(index["family"], families))
    )
    wanted = set(mine["id"].to_pylist())
    places: set[tuple[Any, Any]] = set(
        zip(values(mine, "shard"), values(mine, "frame"), strict=True)
    )
    for key, record in records_of(release, "data", places):
        if key[1] in wanted:
            yield key, record


def _equal(key: Key, record: dict[str, Any], contents: dict[bytes, list[int]]) -> Iterator[Meeting]:
    numbers = contents.get(content_of(record), ())
    owner = owner_key(as_document(record)) if numbers else NOBODY
    for number in numbers:
        yield Meeting(key, record["source"], owner, number, COPY_EXACT, 1, 1)


def _resembling(
    block: list[tuple[Key, dict[str, Any]]], sought: Sought, near: list[int], rule: Rule
) -> Iterator[Meeting]:
    """Compare a block of records with all near ghosts, exactly."""
    flat, offsets = shingle_sets([text_of(record) for _, record in block], rule.signature)
    for (key, record), start, stop in zip(
        block, offsets[:-1].tolist(), offsets[1:].tolist(), strict=True
    ):
        close = near_ones(sought, flat[start:stop], rule.copies)
        owner = owner_key(as_document(record)) if close else NOBODY
        for text, common, of in close:
            yield Meeting(key, record["source"], owner, near[text], COPY_NEAR, common, of)


class Chosen(NamedTuple):
    """What goes as a copy; which ghosts are pardoned; and which records stay for that, with what they are copies of."""

    copies: dict[Key, Copy]
    pardons: dict[int, Pardon]
    spared: dict[Key, Meeting]


def choose(meetings: Iterable[Meeting], ghosts: Sequence[Ghost], common: int) -> Chosen:
    """Let every copy go with the ghost that it is nearest to, after the ghosts that strangers have too are pardoned."""
    by_key: dict[Key, list[Meeting]] = {}
    for each in meetings:
        by_key.setdefault(each.key, []).append(each)
    pardons: dict[int, Pardon] = {}
    spared: dict[Key, Meeting] = {}
    while True:
        chosen = {
            key: min(mine, key=lambda each: _order(each, ghosts))
            for key, met in by_key.items()
            if (mine := [each for each in met if each.ghost not in pardons])
        }
        fresh = _pardons(list(chosen.values()), ghosts, common)
        if not fresh:
            copies = {key: _copy(each, ghosts) for key, each in chosen.items()}
            return Chosen(copies, pardons, {k: v for k, v in spared.items() if k not in copies})
        spared = {k: v for k, v in chosen.items() if v.ghost in fresh} | spared
        pardons |= fresh


def _order(meeting: Meeting, ghosts: Sequence[Ghost]) -> tuple[bool, float, str, str]:
    ghost = ghosts[meeting.ghost]
    similarity = meeting.shared / meeting.of
    return meeting.kind != COPY_EXACT, -similarity, ghost.request, ghost.id


def _pardons(chosen: list[Meeting], ghosts: Sequence[Ghost], common: int) -> dict[int, Pardon]:
    """Find the ghosts with copies of so many owners but their own, and the ghosts of the same texts."""
    copies = Counter(each.ghost for each in chosen)
    strangers: dict[int, set[int]] = {}
    for each in chosen:
        ghost = ghosts[each.ghost]
        if not ghost.shingles and each.owner not in {NOBODY, ghost.owner}:
            strangers.setdefault(each.ghost, set()).add(each.owner)
    owners = {
        _text_of(ghosts[number]): len(who)
        for number, who in strangers.items()
        if len(who) >= common
    }
    return {
        number: Pardon(owners[_text_of(ghost)], copies[number])
        for number, ghost in enumerate(ghosts)
        if _text_of(ghost) in owners
    }


def _text_of(ghost: Ghost) -> bytes:
    """Name the text of a ghost; of one that nobody has any more the id stands for it."""
    return ghost.content or ghost.id.encode()


def _copy(meeting: Meeting, ghosts: Sequence[Ghost]) -> Copy:
    """Spell the fate as the ledger of a run does."""
    return Copy(
        meeting.source,
        copy_fate(meeting.kind, meeting.shared, meeting.of, ghosts[meeting.ghost]),
        meeting.ghost,
    )


def copy_fate(kind: int, common: int, of: int, ghost: Ghost) -> Fate:
    """Spell the fate of a copy: `common` of `of` shingles are the ghost's."""
    reason, facts = measured(kind, common, of)
    return Fate(reason, facts | {"request": ghost.request, "copy_of": ghost.id})
