"""The adapter of Parquet files, apart from their reader: pyarrow takes 40 MB that no other task need carry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.sources.adapter import Adapter, Reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.sources.file import InputFile
    from pipeline.sources.records import Item


def _read(path: InputFile, how: Reading) -> Iterator[Item]:
    from pipeline.sources.parquet import read_parquet  # noqa: PLC0415  see above

    return read_parquet(path, max_record=how.max_record)


ADAPTER: Final = Adapter(read=_read, suffixes=(".parquet",), takes_fields=True)
