"""What a subject reaches: its documents in published releases, and the requests that cover it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from filters.document import Document
from filters.optout import Request, optout_filter
from pipeline.catalog import read_documents
from pipeline.published import read_manifest

if TYPE_CHECKING:
    from pathlib import Path

    from filters.subjects import Subject
    from pipeline.optout import Registry


def as_document(record: dict[str, Any]) -> Document:
    """Read a release record, or the record of a question, as what the opt-out filter matches."""
    meta = record["meta"]
    return Document(
        id=record["id"],
        text=record["text"] if "text" in record else record["context"],
        sha256=record["sha256"] if "sha256" in record else record["context_sha256"],
        source=record["source"],
        url=record["url"],
        repo=meta.get("repo", ""),
        path=meta.get("path", ""),
    )


def reach(releases: list[Path], registry: Registry, subject: Subject, key: bytes) -> dict[str, Any]:
    """Look through every document of the releases.

    `proof` names what was looked through: each release by its content_root and count of documents.
    """
    single = optout_filter([Request("asked", subject, "none")], key=key)
    documents: set[str] = set()
    proof = []
    for release in releases:
        manifest = read_manifest(release)
        looked = 0
        for record in read_documents(release):
            looked += 1
            if not single.judge(as_document(record)).keep:
                documents.add(record["id"])
        proof.append(
            {
                "release": f"{manifest.name}-{manifest.version}",
                "content_root": manifest.content_root,
                "documents": looked,
            }
        )
    covering = _covering(registry, subject, key)
    return {
        "subject": msgspec.to_builtins(subject),
        "documents": sorted(documents),
        "requests": covering,
        "proof": proof,
    }


def _covering(registry: Registry, subject: Subject, key: bytes) -> list[str]:
    """Name the active requests that cover the subject; without their key, authors cover nothing else anyway."""
    asked = [each for each in registry.requests if key or each.subject.kind != "author"]
    return sorted({each.request for each in optout_filter(asked, key=key).covering(subject)})
