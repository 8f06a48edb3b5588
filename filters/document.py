"""What travels through the pipeline: a document, spans in its text, and the verdict of a filter."""

from __future__ import annotations

from typing import Any, ClassVar, Final, Protocol

import msgspec


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """One document as read from a source, before any edit.

    `text` is NFC; `sha256` is the hex digest of its UTF-8 bytes, before redaction. A value that
    the input does not give is `""`, never `None`. `normalised`: the input's text was not NFC, so it
    reads as it did in other code points. `kind` is the kind of data as its source states it
    (`manifests.registry.DATA_KINDS`). `extra` holds every other key of the record. `origins` are the
    works that this one was made of: whoever names one of them in an opt-out request names this one.
    `derived`: the input gives no id that may be shown, so `id` ends in a digest of the content.
    """

    id: str
    text: str
    sha256: str
    source: str
    license: str = ""
    language: str = ""
    url: str = ""
    created: str = ""
    repo: str = ""
    path: str = ""
    author: str = ""
    kind: str = ""
    normalised: bool = False
    extra: dict[str, Any] = {}
    origins: tuple[Document, ...] = ()
    derived: bool = False


class Span(msgspec.Struct, frozen=True, order=True):
    """A half-open range `[start, end)` of Unicode code points, what it holds and which rule says so."""

    start: int
    end: int
    type: str
    rule: str


class Verdict(msgspec.Struct, frozen=True):
    """Keep or drop. `reason` is `rule` or `rule:detail`, `detail` small facts for the ledger.

    Neither ever quotes the document's text.
    """

    keep: bool
    reason: str = ""
    detail: dict[str, Any] = {}


KEEP: Final = Verdict(keep=True)


def drop(reason: str, **detail: Any) -> Verdict:
    """Build the verdict that removes a document for `reason`."""
    return Verdict(keep=False, reason=reason, detail=detail)


def also(verdict: Verdict, **detail: Any) -> Verdict:
    """Add facts to the detail of a verdict."""
    return msgspec.structs.replace(verdict, detail=verdict.detail | detail)


class Filter(Protocol):
    """A small frozen value that judges one document; `stage` is the ledger's name for it."""

    stage: ClassVar[str]

    def judge(self, document: Document, /) -> Verdict:
        """Return `KEEP`, or `drop(reason)`."""
        ...
