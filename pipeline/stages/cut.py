"""Cut: one large file of JSON lines in, the stretches out that it is screened in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from pipeline.sources.file import input_file
from pipeline.sources.stretch import cut_file

if TYPE_CHECKING:
    from pipeline.engine.task import Context
    from pipeline.engine.work import Record


class CutSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The file, its SHA-256 and version in a store, and about how many decoded bytes a stretch has."""

    path: str
    sha256: str
    etag: str = ""
    size: int


def cut(spec: CutSpec, context: Context) -> Record:
    """Find the stretches; the record holds them, and no file is written."""
    place = input_file(context.root, spec.path, spec.etag)
    return {"stretches": msgspec.to_builtins(cut_file(place, spec.size))}
