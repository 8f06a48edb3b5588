"""What a subject reaches in published releases, which requests cover it, and a proof for each release.

The answer is that of the opt-out filter over every record, found through the index of each release.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from manifests.record import Tombstone, decode_tombstone
from manifests.version import parse, precedence
from pipeline.errors import IntegrityError
from pipeline.optout_check.asked import all_forms
from pipeline.optout_check.covering import covering_requests
from pipeline.optout_check.redacted import held_as, not_told
from pipeline.release import TOMBSTONES_PATH
from pipeline.subject_index import keep_index
from pipeline.tombstones import Privacy
from pipeline.withdrawals import withdrawal_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pipeline.optout import Registry
    from pipeline.optout_check.asked import Asked
    from pipeline.optout_check.redacted import Held
    from pipeline.subject_index import Index

NO_AUTHORS: Final = (
    "records hold no author: documents of an author cannot be found in a release, only in what it"
    " is made of"
)

_SIGNED: Final = 20  # MB a second


def check(releases: Sequence[Path], registry: Registry, asked: Asked) -> dict[str, Any]:
    """Answer for all releases, in the order of names and versions.

    Raises:
        GristmillError: a release, its index or the file of withdrawals does not read.
    """
    indexes = sorted((keep_index(release) for release in releases), key=_order)
    held = [held_as(index, asked) for index in indexes]
    forms = tuple(dict.fromkeys(name for each in held for name in each.subjects))
    covering = covering_requests(registry, asked._replace(subjects=asked.subjects + forms))
    whole = asked.under(registry.aliases)
    requests = {each["request"] for each in covering}
    told = [_in_release(*each, whole, requests) for each in zip(indexes, held, strict=True)]
    others = [each for each in whole.subjects if each not in asked.subjects]
    return {
        "subject": msgspec.to_builtins(asked.subjects[0]),
        "other_names": msgspec.to_builtins(others),
        "documents": _union([each["ids"] for each in told]),
        "near": sorted({copy["id"] for each in told for copy in each["near"]}),
        "undecided": sum(each["undecided"] for each in told),
        "requests": [each["request"] for each in covering if each["holds"]],
        "covering": covering,
        "releases": told,
        "proof": [_proof(*each, asked) for each in zip(indexes, told, strict=True)],
        "notes": list(_notes(indexes, told, asked)),
    }


def _union(parts: Sequence[list[str]]) -> list[str]:
    return parts[0] if len(parts) == 1 else sorted(set().union(*parts))


def _order(index: Index) -> tuple[str, Any, str]:
    try:
        version: Any = precedence(parse(index.head.version))
    except ValueError as error:
        raise IntegrityError(f"start: {index.release}: has no version: verify it") from error
    return index.head.name, version, index.head.content_root


def _in_release(index: Index, held: Held, asked: Asked, requests: set[str]) -> dict[str, Any]:
    """Say what of a release the subjects name, whether it holds still, and what left it before."""
    head = index.head
    as_given = _union([index.ids(index.find(each)) for each in asked.subjects])
    redacted = [index.ids(index.find(each)) for each in held.subjects]
    ids = _union([as_given, *redacted])
    undecided, why = (0, "") if ids else not_told(index, asked, held)
    withdrawal = withdrawal_of(index.release, head.release, head.content_root)
    tombstones = _tombstones(index, asked, requests)
    return {
        "release": head.release,
        "path": str(index.release),
        "content_root": head.content_root,
        "ids": ids,
        "as_redacted": sorted(set(ids) - set(as_given)),
        "undecided": undecided,
        "undecided_why": why,
        "near": _near(index, asked, set(ids)),
        "withdrawn": "" if withdrawal is None else withdrawal.withdrawn,
        "replaced_by": "" if withdrawal is None else withdrawal.replaced_by,
        "tombstones": [msgspec.to_builtins(each) for each in tombstones],
    }


def _near(index: Index, asked: Asked, ids: set[str]) -> list[dict[str, Any]]:
    """List the near copies of a file's text that are not among those found already."""
    if asked.text is None:
        return []
    from pipeline.subject_index import near  # noqa: PLC0415  numba loads only for who needs it

    if not asked.sign and not near.is_ready(index):
        return []
    told = []
    for copy in near.near_copies(index, asked.text):
        name = index.row(copy.row).id
        if name not in ids:
            told.append({"id": name, "similarity": round(copy.shared / copy.union, 4)})
    return told


def _notes(indexes: Sequence[Index], told: Sequence[dict[str, Any]], asked: Asked) -> Iterator[str]:
    """Say what was not, or cannot be, looked for."""
    if any(each.kind == "author" for each in asked.subjects):
        yield NO_AUTHORS
    if asked.text is None or asked.sign:
        return
    from pipeline.subject_index import near  # noqa: PLC0415  numba loads only for who needs it

    for index, each in zip(indexes, told, strict=True):
        # who asks for a file wants its near copies; who asks for a text, only where nothing else tells
        wanted = asked.forms is all_forms or each["undecided"]
        if wanted and not near.is_ready(index):
            head = index.head
            size = head.bytes_raw / 1e6
            yield (
                f"near copies were not sought in {head.release}, which keeps no signatures: --near"
                f" signs its {head.records} texts ({size:.0f} MB) once, about {size / _SIGNED:.0f} s"
            )


def _tombstones(index: Index, asked: Asked, requests: set[str]) -> list[Tombstone]:
    """Read the tombstones that name an id that is asked for, and those of the covering requests."""
    names = {each.value for each in asked.subjects if each.kind == "id"}
    privacy = Privacy(frozenset(), asked.key or f"gristmill {index.head.name}".encode())
    wanted = names | {privacy.keyed(name) for name in names}
    path = index.release / TOMBSTONES_PATH
    raw = path.read_bytes() if path.is_file() else b""
    # most lines are about others: they need not be decoded
    marks = [each.encode() for each in requests]
    marks += [msgspec.json.encode(each) for each in wanted]
    if not any(mark in raw for mark in marks):
        return []
    lines = (line for line in raw.splitlines() if any(mark in line for mark in marks))
    try:
        found = [decode_tombstone(line) for line in lines]
    except ValueError as error:
        raise IntegrityError(f"optout: {path}: does not read: verify the release") from error
    return [each for each in found if each.id in wanted or each.request in requests]


def _proof(index: Index, told: dict[str, Any], asked: Asked) -> dict[str, Any]:
    """Say what was looked through, and how many that does not tell of; prove what is asked about an id."""
    head = index.head
    looked: dict[str, Any] = {
        "release": head.release,
        "content_root": head.content_root,
        "documents": head.documents,
        "questions": head.questions,
        "undecided": told["undecided"],
    }
    if asked.subjects[0].kind == "id":
        looked["merkle"] = msgspec.to_builtins(index.prove(asked.subjects[0].value))
    return looked
