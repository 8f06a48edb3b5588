"""What a package's manifest says about its licence, for the file names of some thirty ecosystems.

Manifests are parsed or read line by line, never executed; nothing outside the text is looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from filters.licenses.metadata.claims import MAX_TEXT, MetadataError
from filters.licenses.metadata.names import is_manifest, reader_of
from filters.licenses.metadata.r_description import read_stub

if TYPE_CHECKING:
    from filters.licenses.evidence import Evidence

__all__ = ["MetadataError", "is_manifest", "read_metadata"]


def read_metadata(path: str, text: str) -> tuple[Evidence, ...] | None:
    """Read a manifest; `None` when the path names none (or the file is free prose after all).

    `()` where it is silent about its licence. Most say one thing and give one finding; there are
    two where weaker words in the same file (a classifier) are stricter. `NOASSERTION` with the note
    `partial` is a value that names a file or is itself a text: its span says where.
    Raises `MetadataError` for a file that is broken or too long.
    """
    reader = reader_of(path)
    if reader is None:
        return read_stub(path, text)
    if len(text) > MAX_TEXT:
        raise MetadataError(f"longer than {MAX_TEXT} characters")
    marked = text.startswith("\ufeff")
    try:
        found = reader(text[marked:])
    except RecursionError as error:
        raise MetadataError("nested too deeply") from error
    if found is None or not marked:
        return found
    return tuple(_shift(each) for each in found)


def _shift(evidence: Evidence) -> Evidence:
    """Count the byte order mark, which no reader sees."""
    if not evidence.end:
        return evidence
    return msgspec.structs.replace(evidence, start=evidence.start + 1, end=evidence.end + 1)
