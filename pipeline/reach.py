"""A record of a release as the opt-out filter matches it: what it says of itself, but for its author."""

from __future__ import annotations

import json
from typing import Any

from filters.document import Document


def as_document(record: dict[str, Any]) -> Document:
    """Read a release record, or the record of a question, as what the opt-out filter matches.

    It says what the document said of itself, but for what was redacted, and for its author, whom no
    record names.
    """
    meta = record["meta"]
    return Document(
        id=record["id"],
        text=record["text"] if "text" in record else record["context"],
        sha256=record["sha256"] if "sha256" in record else record["context_sha256"],
        source=record["source"],
        url=record["url"],
        repo=meta.get("repo", ""),
        path=meta.get("path", ""),
        language=record["language"],
        created=record.get("created", ""),
        extra=json.loads(meta["extra"]) if meta["extra"] != "{}" else {},
    )
