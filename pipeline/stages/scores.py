"""The figures that quality filters judge by, one row for each row of a part; thresholds play no part in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from filters.quality import SCORES
from pipeline.stages.part import read_stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from filters.quality import Scored

FILE = "scores.arrow"

_COLUMNS: dict[str, pa.DataType] = {
    "kind": pa.string(),  # of a ghost nothing is known: ""
    "language": pa.string(),
    **dict.fromkeys(SCORES, pa.float64()),
}
_SCHEMA = pa.schema(_COLUMNS)


class ScoreWriter:
    """Writes the scores of a part, a block of rows at a time."""

    def __init__(self, folder: Path) -> None:
        self._stream = pa.ipc.new_stream(str(folder / FILE), _SCHEMA)

    def add(self, scored: Sequence[Scored | None]) -> None:
        """Append one row for each document; `None` for one that no filter judges."""
        self._stream.write_table(table_of(scored))

    def close(self) -> None:
        """Finish the file."""
        self._stream.close()


def table_of(scored: Sequence[Scored | None]) -> pa.Table:
    """Arrange scores by column."""
    columns: dict[str, Any] = {
        "kind": ["" if each is None else each.kind for each in scored],
        "language": ["" if each is None else each.language for each in scored],
    }
    for name in SCORES:
        columns[name] = [0.0 if each is None else each.figures[name] for each in scored]
    return pa.table(columns, schema=_SCHEMA)


class Stored:
    """Scores of documents: those of one part, from its file, or a table of them."""

    def __init__(self, table: Path | pa.Table) -> None:
        self.table = table if isinstance(table, pa.Table) else read_stream(table)

    def groups(self) -> Iterator[tuple[str, str, NDArray[np.int64]]]:
        """Yield each kind and language with the rows that are of it; ghosts are of none."""
        kinds, languages = (
            self.table[name].combine_chunks().dictionary_encode() for name in ("kind", "language")
        )
        codes = kinds.indices.to_numpy().astype(np.int64) * (len(languages.dictionary) + 1)
        codes += languages.indices.to_numpy()
        order = np.argsort(codes, kind="stable")
        starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
        for rows in np.split(order, starts[1:]):
            if len(rows) and kinds[int(rows[0])].as_py():
                yield kinds[int(rows[0])].as_py(), languages[int(rows[0])].as_py(), rows

    def columns(self, rows: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
        """Take the figures of some rows, each name's as one array."""
        picked = self.table.take(rows)
        return {name: picked[name].to_numpy() for name in SCORES}
