"""Read the record of a document as the config has its source, and the works that it was made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from filters.document import Document
from filters.qa_origins import ORIGINS, origins_of
from pipeline.sources.fields import field_map, to_document

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.config import Source
    from pipeline.sources.records import Raw


def read_document(
    source: Source, item: Raw, is_address: Callable[[str], bool] | None = None
) -> Document | str:
    """Read a document, or say why its record gives none; one that is dropped may lack a text."""
    fields = field_map(source.fields)
    document = to_document(
        {fields.text: "", **item.record} if item.drop else item.record,
        source=source.name,
        license_claim=source.license,
        fields=fields,
        id_prefix=source.id_prefix,
        kind=source.data_kind,
        is_address=is_address,
    )
    if not isinstance(document, Document):
        return document
    works = (*item.origins, *(origins_of(document.extra.get(ORIGINS), source.name) or ()))
    return msgspec.structs.replace(
        document,
        origins=(*document.origins, *works),
        normalised=document.normalised or item.edited,  # text that was made of something else
    )
