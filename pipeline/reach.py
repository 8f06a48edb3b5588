"""A record of a release as the opt-out filter matches it: what it says of itself, but for its author."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import msgspec

from filters.document import Document
from filters.qa_origins import ORIGINS, asked_work, origins_of
from pipeline.release import CONFIG_PATH

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_IN_EXTRA: Final = ("repo", "path", "created")
"""What the record of a document has a key for, and that of a question tells in its extra."""
NO_KINDS: Final[Mapping[str, str]] = MappingProxyType({})


def kinds_of(release: Path) -> dict[str, str]:
    """Return the kind of data of each source that states one, from the config in the release."""
    table = json.loads((release / CONFIG_PATH).read_bytes())
    kinds = {each["name"]: each.get("data_kind") for each in table["sources"]}
    return {source: kind for source, kind in kinds.items() if kind}


def as_document(record: dict[str, Any], kinds: Mapping[str, str] = NO_KINDS) -> Document:
    """Read a release record, or the record of a question, as what the opt-out filter matches.

    It says what the document said of itself, but for what was redacted, and for its author, whom no
    record names; `kinds` are those of `kinds_of`.
    """
    meta = record["meta"]
    extra: dict[str, Any] = json.loads(meta["extra"]) if meta["extra"] != "{}" else {}
    document = Document(
        id=record["id"],
        text=text_of(record),
        sha256=record["sha256"] if "sha256" in record else record["context_sha256"],
        source=record["source"],
        url=record["url"],
        repo=meta.get("repo", ""),
        path=meta.get("path", ""),
        language=record["language"],
        created=record.get("created", ""),
        extra=extra,
        kind=kinds.get(record["source"], ""),
    )
    works = origins_of(extra.get(ORIGINS), document.source) or ()
    if "text" in record:
        return msgspec.structs.replace(document, origins=works) if works else document
    works = (*works, asked_work(record["question"], document.source))
    told = {name: extra[name] for name in _IN_EXTRA if isinstance(extra.get(name), str)}
    return msgspec.structs.replace(document, **told, origins=works)


def text_of(record: dict[str, Any]) -> str:
    """Take the text whose near copies are sought."""
    text: str = record["text"] if "text" in record else record["context"]
    return text
