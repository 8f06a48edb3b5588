"""Look things up in a release: any record by its id, records by what the index says, fates by what the ledger says.

from pipeline.catalog import Query, find, lines, open_catalog

with open_catalog(Path("out/demo-1.0.0")) as release:
    record = release.document("pypi/pip/26.3/pip/_internal/utils/egg_link.py")
    for line in lines(release, Query(where={"language": ("Python",)}, pattern="urllib")):
        …
"""

from __future__ import annotations

from pipeline.catalog.explain import explain
from pipeline.catalog.export import export_folder, export_records, export_rows
from pipeline.catalog.find import Count, count, count_by, find, lines, lines_of, rows, searched
from pipeline.catalog.open import Release, UnknownIdError, open_catalog
from pipeline.catalog.query import COLUMNS, Query, check_column, check_query, nearest
from pipeline.catalog.read import frames, read_documents, read_frame, read_lines

__all__ = [
    "COLUMNS",
    "Count",
    "Query",
    "Release",
    "UnknownIdError",
    "check_column",
    "check_query",
    "count",
    "count_by",
    "explain",
    "export_folder",
    "export_records",
    "export_rows",
    "find",
    "frames",
    "lines",
    "lines_of",
    "nearest",
    "open_catalog",
    "read_documents",
    "read_frame",
    "read_lines",
    "rows",
    "searched",
]
