"""The works that a question was made of, after redaction: as opt-outs ask for them and as the record tells them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

from filters.qa_origins import tell_origin

if TYPE_CHECKING:
    from filters.document import Document
    from pipeline.stages.judge import Judge


def redacted_origins(judge: Judge, origins: tuple[Document, ...]) -> tuple[Document, ...]:
    """Redact the works whose text is known; their digests are then those that a release of them would have."""
    return tuple(_redacted(judge, each) for each in origins)


def _redacted(judge: Judge, origin: Document) -> Document:
    if not origin.text:
        return origin
    text = judge.redact_whole(origin.text)
    if text == origin.text:
        return origin
    digest = hashlib.sha256(text.encode()).hexdigest()
    return msgspec.structs.replace(origin, text=text, sha256=digest)


def told_origins(judge: Judge, origins: tuple[Document, ...], scope: str) -> list[dict[str, Any]]:
    """Tell the works in the record, redacted as all that it carries; a digest says nothing of anybody."""
    told = [tell_origin(each) for each in origins]
    return [
        {name: _told(judge, name, value, scope) for name, value in each.items()} for each in told
    ]


def _told(judge: Judge, name: str, value: str, scope: str) -> Any:
    if name == "sha256":
        return value
    return (
        judge.claim(value, scope)
        if name in {"url", "repo", "path"}
        else judge.carried(value, scope)
    )
