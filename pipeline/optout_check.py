"""What a subject reaches in published releases, which requests cover it, and a proof for each release.

The answer is that of the opt-out filter over every record, found through the index of each release.
"""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from filters.optout import Request, optout_filter
from filters.subject_forms import split_swhid
from filters.subject_names import domain_names, names_of_repo, names_of_url
from filters.subjects import (
    Subject,
    SubjectError,
    content_swhid,
    normalised_subject,
    stored_subject,
    text_subject,
)
from manifests.manifest import MANIFEST
from manifests.record import Tombstone, decode_tombstone
from manifests.version import parse, precedence
from pipeline.errors import ConfigError, IntegrityError, at
from pipeline.release import TOMBSTONES_PATH
from pipeline.subject_index import keep_index
from pipeline.tombstones import Privacy
from pipeline.withdrawals import withdrawal_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from manifests.registry import RequestState
    from pipeline.optout import Registry
    from pipeline.subject_index import Index

NO_AUTHORS: Final = (
    "records hold no author: documents of an author cannot be found in a release, only in what it"
    " is made of"
)

_SIGNED: Final = 20  # MB a second
_OPEN: Final = frozenset({"pending", "verified"})


class Asked(NamedTuple):
    """What is asked for: the subjects that name it, and the key of author subjects, if one is at hand.

    `text` is that of a file, whose near copies are sought as well; `sign` says that texts without
    signatures shall be signed for it.
    """

    subjects: tuple[Subject, ...]
    key: bytes = b""
    text: str | None = None
    sign: bool = False


def ask_file(path: Path, *, sign: bool = False) -> Asked:
    """Ask for the text in a file: as it is, as git has it, but for case and punctuation, and nearly.

    Raises:
        ConfigError: it is no UTF-8 text.
    """
    try:
        raw = path.read_bytes()
        text = unicodedata.normalize("NFC", raw.decode())
    except (OSError, UnicodeDecodeError):
        raise ConfigError(at("optout", str(path), "the file is no readable UTF-8 text")) from None
    found = [text_subject(text)]
    found += [Subject("swhid", content_swhid(each)) for each in (raw, text.encode())]
    with suppress(SubjectError):  # a text without a word has no such form
        found.append(normalised_subject(text))
    return Asked(tuple(dict.fromkeys(found)), text=text, sign=sign)


def find_releases(paths: Iterable[Path]) -> list[Path]:
    """Return the releases among some paths and directly in the folders among them, each of them once.

    Raises:
        ConfigError: a path is neither.
    """
    found: dict[Path, None] = {}
    for path in paths:
        inside = [path] if (path / MANIFEST).is_file() else _inside(path)
        if not inside:
            raise ConfigError(
                f"start: {path}: is no release and holds none: there is no {MANIFEST}"
            )
        found.update(dict.fromkeys(inside))
    return list(found)


def _inside(folder: Path) -> list[Path]:
    return sorted(each.parent for each in folder.glob(f"*/{MANIFEST}"))


def check(releases: Sequence[Path], registry: Registry, asked: Asked) -> dict[str, Any]:
    """Answer for all releases, in the order of names and versions.

    Raises:
        GristmillError: a release, its index or the file of withdrawals does not read.
    """
    indexes = sorted((keep_index(release) for release in releases), key=_order)
    covering = covering_requests(registry, asked)
    told = [_in_release(index, asked, {each["request"] for each in covering}) for index in indexes]
    return {
        "subject": msgspec.to_builtins(asked.subjects[0]),
        "documents": _union([each["ids"] for each in told]),
        "near": sorted({copy["id"] for each in told for copy in each["near"]}),
        "requests": [each["request"] for each in covering if each["holds"]],
        "covering": covering,
        "releases": told,
        "proof": [_proof(index, asked) for index in indexes],
        "notes": list(_notes(indexes, asked)),
    }


def _union(parts: Sequence[list[str]]) -> list[str]:
    return parts[0] if len(parts) == 1 else sorted(set().union(*parts))


def _order(index: Index) -> tuple[str, Any, str]:
    try:
        version: Any = precedence(parse(index.head.version))
    except ValueError as error:
        raise IntegrityError(f"start: {index.release}: has no version: verify it") from error
    return index.head.name, version, index.head.content_root


def _in_release(index: Index, asked: Asked, requests: set[str]) -> dict[str, Any]:
    """Say what of a release the subjects name, whether it holds still, and what left it before."""
    head = index.head
    ids = _union([index.ids(index.find(each)) for each in asked.subjects])
    withdrawal = withdrawal_of(index.release, head.content_root)
    tombstones = _tombstones(index, asked, requests)
    return {
        "release": head.release,
        "path": str(index.release),
        "content_root": head.content_root,
        "ids": ids,
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


def _notes(indexes: Sequence[Index], asked: Asked) -> Iterator[str]:
    """Say what was not, or cannot be, looked for."""
    if any(each.kind == "author" for each in asked.subjects):
        yield NO_AUTHORS
    if asked.text is None or asked.sign:
        return
    from pipeline.subject_index import near  # noqa: PLC0415  numba loads only for who needs it

    for index in indexes:
        if not near.is_ready(index):
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


def _proof(index: Index, asked: Asked) -> dict[str, Any]:
    """Say what was looked through; about an id, prove that it is there or is not."""
    head = index.head
    looked: dict[str, Any] = {
        "release": head.release,
        "content_root": head.content_root,
        "documents": head.documents,
        "questions": head.questions,
    }
    if asked.subjects[0].kind == "id":
        looked["merkle"] = msgspec.to_builtins(index.prove(asked.subjects[0].value))
    return looked


def covering_requests(registry: Registry, asked: Asked) -> list[dict[str, Any]]:
    """List the requests that cover the whole of a subject: those that hold, then those that may hold later.

    To build a filter of all requests takes seconds, so it gets those alone that are worth a look.
    """
    near = {each.request: each for each in _may_cover(registry.state.requests, asked)}
    known = [each for each in registry.requests if each.request in near] if near else []
    holding = _covering(known, asked)
    later = _covering([*_waiting(near.values())], asked) - holding
    told = [_told(near[each], holds=True) for each in sorted(holding)]
    return told + [_told(near[each], holds=False) for each in sorted(later)]


def _told(state: RequestState, *, holds: bool) -> dict[str, Any]:
    return {
        "request": state.request,
        "holds": holds,
        "status": state.status,
        "copies": state.copies,
        "submitted": state.ts[:10],
        "due": state.due,
        "effective": state.effective,
    }


def _may_cover(states: Iterable[RequestState], asked: Asked) -> Iterator[RequestState]:
    """Yield the requests, neither rejected nor revoked, with a subject that may cover what is asked for."""
    names = _names(asked)
    for state in states:
        if state.status in _OPEN:
            for each in state.subjects:
                if (each.repo or each.value.partition(";")[0]) in names:
                    yield state
                    break


def _waiting(states: Iterable[RequestState]) -> Iterator[Request]:
    """Yield what requests ask for once they hold."""
    for state in states:
        for each in state.subjects:
            yield Request(state.request, stored_subject(each.kind, each.value, repo=each.repo))


def _covering(requests: Sequence[Request], asked: Asked) -> set[str]:
    """Name the requests that cover one of the subjects; an author's covers that author alone."""
    known = [each for each in requests if each.subject.kind != "author"]
    known += [each for each in requests if each.subject in asked.subjects]
    whole = optout_filter(known, key=asked.key)
    return {found.request for each in asked.subjects for found in whole.covering(each)}


def _names(asked: Asked) -> set[str]:
    """Return all values that a covering request may have, or the repository of its paths."""
    found: set[str] = set()
    for each in asked.subjects:
        core, _, _ = each.value.partition(";")
        placed = split_swhid(each.value).origin if each.kind == "swhid" else ""
        places = [place for place in (each.repo or each.value, placed) if place]
        for place in places:
            found |= {value for _, value in names_of_url(f"https://{place}")}
            found |= {value for _, value in names_of_repo(place)}
        found |= {each.value, each.repo, core, *domain_names(each.value)} - {""}
    return found
