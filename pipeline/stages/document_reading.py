"""Read the record of a document as the config has its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.sources.fields import field_map, to_document

if TYPE_CHECKING:
    from collections.abc import Callable

    from filters.document import Document
    from pipeline.config import Source
    from pipeline.sources.records import Raw


def read_document(
    source: Source, item: Raw, is_address: Callable[[str], bool] | None = None
) -> Document | str:
    """Read a document, or say why its record gives none; one that is dropped may lack a text."""
    fields = field_map(source.fields)
    return to_document(
        {fields.text: "", **item.record} if item.drop else item.record,
        source=source.name,
        license_claim=source.license,
        fields=fields,
        id_prefix=source.id_prefix,
        kind=source.data_kind,
        is_address=is_address,
    )
