"""Names: the keys of all subjects that can name a record of one input, made before any request is known.

Which requests concern an input is told by its keys, so that a new request redoes the screens of the
inputs that hold what it names, and no others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from filters.document import Document
from filters.subject_keys import document_keys
from manifests.manifest import Plugin
from pipeline.config import Source
from pipeline.keys import lent
from pipeline.optout import open_key
from pipeline.plan import read_input
from pipeline.plugins import require
from pipeline.sources.fields import may_hold_address
from pipeline.sources.formats import asks
from pipeline.sources.records import Raw
from pipeline.sources.stretch import WHOLE, Stretch
from pipeline.stages.document_reading import read_document
from pipeline.stages.question_reading import read_question
from pipeline.stages.shown_ids import unnamed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from pipeline.engine.task import Context
    from pipeline.engine.work import Record

NAMES = "names.bin"


class NamesSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The input; `source` has no paths. `key_file` holds the key of author subjects, `key` is its id.

    `plugins` is what reads it, where that is of another package.
    """

    path: str
    sha256: str
    source: Source
    stretch: Stretch = WHOLE
    etag: str = ""
    key_file: str
    key: str
    plugins: tuple[Plugin, ...] = ()
    max_record_mib: int


def names(spec: NamesSpec, context: Context) -> Record:
    """Write the sorted keys, 8 bytes each."""
    require(spec.plugins, "names")
    key = lent(spec.key) or open_key(context.root, spec.key_file)
    found: set[int] = set()
    for document in _documents(spec, context.root):
        found |= document_keys(document, key)
    write_keys(context.out / NAMES, found)
    return {"keys": len(found)}


def write_keys(path: Path, keys: set[int]) -> None:
    """Write keys in their order."""
    path.write_bytes(np.sort(np.fromiter(keys, "<u8", len(keys))).tobytes())


def read_keys(path: Path) -> NDArray[np.uint64]:
    """Read what `write_keys` wrote."""
    return np.fromfile(path, "<u8")


def _documents(spec: NamesSpec, root: Path) -> Iterator[Document]:
    """Yield the records as the registry is asked about them."""
    source = spec.source
    for item in read_input(
        root,
        spec.path,
        source,
        max_record=spec.max_record_mib << 20,
        stretch=spec.stretch,
        etag=spec.etag,
    ):
        if not isinstance(item, Raw):
            continue
        document = _document(source, item)
        if document is not None:
            yield document
            if may_hold_address(document.id):  # which the redactor tells, and nobody asks it here
                nameless = _document(source, item, nameless=True)
                if nameless is not None:
                    yield nameless


def _document(source: Source, item: Raw, *, nameless: bool = False) -> Document | None:
    """Read a record, on demand under the id that it has where its own is an address."""
    if asks(source.format):
        asked = read_question(source, item)
        if isinstance(asked, str):
            return None
        return (unnamed(asked, source.id_prefix) if nameless else asked).document
    if item.drop:
        return None  # what gives no document is not asked for
    document = read_document(source, item, may_hold_address if nameless else None)
    return document if isinstance(document, Document) else None
