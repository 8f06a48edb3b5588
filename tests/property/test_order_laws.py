"""The survivor order is that of its whole key, however little of it is held."""

from __future__ import annotations

import tempfile
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.engine.task import Context
from pipeline.engine.work import Work
from pipeline.spill import EARLIER, GHOST
from pipeline.stages import order as stage
from pipeline.stages.exact import LOSER, LOSERS
from pipeline.stages.order import ORDER, OrderSpec, order
from pipeline.stages.part import ROWS, ROWS_SCHEMA, PartRef

NAMES = ("rank", "shingles", "high", "low", "tie", "flags")
few = st.integers(0, 2)  # most documents tie in something
high = few | st.just(2**64 - 1)
documents = st.lists(
    st.tuples(few, few | st.just(2**32 - 1), high, few, few, st.sampled_from((0, GHOST, EARLIER))),
    max_size=14,
)

Document = tuple[int, int, int, int, int, int]


def write(folder: Path, some: list[Document]) -> None:
    columns = dict(zip(NAMES, zip(*some, strict=True), strict=True)) if some else {}
    fields = [ROWS_SCHEMA.field(name) for name in (*NAMES, "anchors")]
    rows = {
        field.name: pa.array(columns.get(field.name, [0] * len(some)), field.type)
        for field in fields
    }
    folder.mkdir(parents=True)
    table = pa.table(rows, schema=pa.schema(fields))
    with pa.ipc.new_stream(str(folder / ROWS), table.schema) as writer:
        writer.write_table(table)


def standing(document: Document, *, longest_first: bool) -> tuple[int, ...]:
    rank, shingles, high, low, tie, flags = document
    ahead = {GHOST: 0, EARLIER: 1}.get(flags, rank + 2)
    return ahead, -shingles if longest_first else 0, high, low, tie


@settings(max_examples=120, deadline=None)
@given(
    some=documents,
    cuts=st.lists(st.integers(0, 14), max_size=3),
    longest_first=st.booleans(),
    at_once=st.integers(1, 5),
)
def test_ranks_are_those_of_a_stable_sort_by_the_whole_key(
    some: list[Document], cuts: list[int], longest_first: bool, at_once: int
) -> None:
    bounds = [0, *sorted(min(cut, len(some)) for cut in cuts), len(some)]
    with tempfile.TemporaryDirectory() as name, patch.object(stage, "_AT_ONCE", at_once):
        root = Path(name)
        parts = []
        for number, (start, stop) in enumerate(pairwise(bounds)):
            write(root / "screen" / str(number), some[start:stop])
            parts.append(PartRef("screen", str(number), stop - start))
        (root / "exact" / "e").mkdir(parents=True)
        np.save(root / "exact" / "e" / LOSERS, np.zeros(0, LOSER))
        spec = OrderSpec(
            parts=tuple(parts), exact=("e",), longest_first=longest_first, pardons=None
        )
        order(spec, Context(root, Work(root), root))
        ranks = np.load(root / ORDER)["rank"].tolist()
    expected = sorted(
        range(len(some)), key=lambda line: standing(some[line], longest_first=longest_first)
    )
    assert [ranks[line] for line in expected] == list(range(len(some)))
