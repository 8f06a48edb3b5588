"""Drop every document that an active opt-out request names, and no other.

A document is looked up by all that it says about itself: id, text, SWHID, repository, path, URL
and author. A field that is malformed matches nothing and never raises.
"""

from __future__ import annotations

import functools
import hashlib
from typing import TYPE_CHECKING, ClassVar, Final, Literal

import msgspec

from filters.document import KEEP, Document, Verdict, drop
from filters.lookup import Index, Rule
from filters.subjects import Subject, SubjectError, key_id

if TYPE_CHECKING:
    from collections.abc import Iterable

Copies = Literal["none", "exact", "near"]
_REACH: Final[dict[Copies, int]] = {"none": 0, "exact": 1, "near": 2}
# What names one document goes before what names many; the first is the ledger's reason.
_ORDER: Final = ("id", "sha256", "swhid", "path", "repo", "origin", "url", "author", "owner")


class Request(msgspec.Struct, frozen=True):
    """One subject of an active opt-out request, and which copies of its content go too."""

    request: str
    subject: Subject
    copies: Copies = "near"


class OptOutFilter(msgspec.Struct, frozen=True, eq=False):
    """All active requests. Build it with `optout_filter`; equal digests are equal filters."""

    stage: ClassVar[str] = "optout"
    requests: tuple[Request, ...]
    digest: str
    key: bytes = b""

    def judge(self, document: Document, /) -> Verdict:
        """Keep, or drop by the kind of the most specific subject that names the document.

        `detail` holds the request's id, the furthest reach of its copies, and under `also` the
        other requests; never the value of a subject.
        """
        found = self.match(document)
        if not found:
            return KEEP
        copies = max((each.copies for each in found), key=_REACH.__getitem__)
        first = found[0]
        also = sorted({each.request for each in found} - {first.request})
        if also:
            return drop(first.subject.kind, request=first.request, copies=copies, also=also)
        return drop(first.subject.kind, request=first.request, copies=copies)

    def match(self, document: Document, /) -> tuple[Request, ...]:
        """Return every request that names the document, the most specific first."""
        found = _index(self).find(document)
        return self._ordered(found) if found else ()

    def covering(self, subject: Subject, /) -> tuple[Request, ...]:
        """Return every request that covers all of a subject: an owner's covers a repository."""
        return self._ordered(_index(self).covering(subject))

    def _ordered(self, positions: Iterable[int]) -> tuple[Request, ...]:
        return tuple(sorted((self.requests[each] for each in set(positions)), key=_rank))

    # The requests may be many: two filters are told apart by their digest alone.
    def __eq__(self, other: object) -> bool:
        return isinstance(other, OptOutFilter) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:  # a log never shows the key
        return f"OptOutFilter({len(self.requests)} requests, {self.digest[:12]})"


def optout_filter(requests: Iterable[Request], *, key: bytes = b"") -> OptOutFilter:
    """Build the filter; the order of the requests does not matter.

    `key` is the one that the registry's author subjects were made with, and is needed only for
    these. Raises `SubjectError` when it is missing or another one: they would match nobody.
    """
    ordered = tuple(sorted(set(requests), key=_rank))
    wanted = {each.subject.value[:8] for each in ordered if each.subject.kind == "author"}
    if wanted and not key:
        raise SubjectError("the opt-out registry names authors: give the key it was made with")
    if wanted - {key_id(key) if wanted else ""}:
        raise SubjectError("the opt-out registry names authors under another key")
    used = key_id(key) if wanted else ""
    raw = msgspec.json.encode((used, ordered))
    return OptOutFilter(ordered, hashlib.sha256(raw).hexdigest(), key if wanted else b"")


def _rank(request: Request) -> tuple[int, str, Subject, str]:
    kind = request.subject.kind
    place = _ORDER.index(kind) if kind in _ORDER else len(_ORDER)
    return place, request.request, request.subject, request.copies


@functools.lru_cache(maxsize=4)
def _index(each: OptOutFilter) -> Index:
    rules = [Rule(r.subject.kind, r.subject.value, r.subject.repo) for r in each.requests]
    return Index(rules, each.key)
