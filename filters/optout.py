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
from filters.optout_scope import means_kind, means_language, means_time
from filters.subjects import Subject, SubjectError, key_id

if TYPE_CHECKING:
    from collections.abc import Iterable

Copies = Literal["none", "exact", "near"]
_REACH: Final[dict[Copies, int]] = {"none": 0, "exact": 1, "near": 2}
# What names one document goes before what names many; the first is the ledger's reason.
_ORDER: Final = (
    *("id", "sha256", "sha1_git", "swhid", "normalised", "near"),
    *("path", "repo", "origin", "url", "author", "owner", "domain"),
)


class Request(msgspec.Struct, frozen=True, order=True, gc=False):
    """One subject of an active opt-out request, which copies of its content go too, and its scope.

    `kinds` of data and `languages` are empty for all. `until` is the day (`2026-01-31`) from which
    on documents were created too late to be meant, `""` for none.
    """

    request: str
    subject: Subject
    copies: Copies = "near"
    kinds: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    until: str = ""


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
        """Return every request that names the document and means it, the most specific first."""
        found = _index(self).find(document)
        if not found:
            return ()
        return tuple(each for each in self._ordered(found) if means(each, document))

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


def _rank(request: Request) -> tuple[int, Request]:
    kind = request.subject.kind
    return _ORDER.index(kind) if kind in _ORDER else len(_ORDER), request


def means(request: Request, document: Document) -> bool:
    """Say whether a document that a request names is in its scope; where nobody can tell, it is.

    The language is looked for last, and only for who asks: that may take the text's model.
    """
    return (
        means_kind(request.kinds, document)
        and means_time(request.until, document)
        and means_language(request.languages, document)
    )


@functools.lru_cache(maxsize=4)
def _index(each: OptOutFilter) -> Index:
    rules = [Rule(r.subject.kind, r.subject.value, r.subject.repo) for r in each.requests]
    return Index(rules, each.key)
