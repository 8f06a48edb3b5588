"""Similarity as a stage: edges are those of Python sets, whatever fits into memory; ghosts need no text."""

from __future__ import annotations

import json
import shutil
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.dedup.shingles import shingle_sets
from pipeline.dedup.spec import SignatureSpec
from pipeline.engine.task import Context
from pipeline.engine.work import Work
from pipeline.spill import GHOST, map_array, write_array
from pipeline.stages import similarity
from pipeline.stages.candidates import MEMBERS, PAIRS
from pipeline.stages.part import PartRef
from pipeline.stages.part_writer import PartWriter, Passed
from pipeline.stages.similarity import (
    EDGE,
    EDGES,
    PLACE,
    PLACES,
    SETS,
    ShinglesSpec,
    VerifySpec,
    shingles,
    verify,
)

SPEC = SignatureSpec()
in_one_folder = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def fresh(root: Path, phase: str, name: str) -> Context:
    folder = root / phase / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return Context(root, Work(root), folder)


def passed(row: int, text: str, *, ghost: bool) -> Passed:
    digest = sha256(text.encode()).digest()
    line = b"" if ghost else json.dumps({"text": text}).encode() + b"\n"
    return Passed(
        row=row,
        id=str(row),
        text=text,
        content=digest,
        raw=digest,
        rank=0,
        line=line,
        bucket=row % 2,
        flags=GHOST if ghost else 0,
    )


@pytest.mark.parametrize("wanted", [range(8), (1, 2, 6), (2,), (0, 7), ()])
def test_sets_are_made_anew_for_members_alone(tmp_path: Path, wanted: Any) -> None:
    """Lines 2 and 5 of the part are ghosts; line 7 has no token; the part starts at line 100."""
    texts = [" ".join(f"t{n}w{word}" for word in range(20 + n)) for n in range(7)] + ["."]
    writer = PartWriter(fresh(tmp_path, "screen", "p").out, SPEC)
    items = [passed(3 * n, text, ghost=n in (2, 5)) for n, text in enumerate(texts)]
    writer.write(items[:4], [])
    writer.write(items[4:], [])
    writer.close()
    members = fresh(tmp_path, "pairs", "r").out / MEMBERS
    write_array(members, np.array([3, 99, *(100 + n for n in wanted), 108, 500]))
    spec = ShinglesSpec(part=PartRef("screen", "p", 8), base=100, pairs="r", signature=SPEC)
    context = fresh(tmp_path, "shingles", "s")
    assert shingles(spec, context) == {"documents": len(wanted)}
    places = map_array(context.out / PLACES, PLACE)
    sets = map_array(context.out / SETS, "<u8")
    assert places["line"].tolist() == [100 + n for n in wanted]
    for line, start, size in places.tolist():
        expected = shingle_sets([texts[line - 100]], SPEC).flat
        assert sets[start : start + size].tolist() == expected.tolist()
    assert len(sets) == places["size"].sum()


numbers = st.lists(st.sets(st.integers(0, 30), max_size=14), min_size=1, max_size=9)


@in_one_folder
@given(
    numbers,
    st.integers(1, 4),
    st.sampled_from(("0.8", "0.5", "1")),
    st.sampled_from(("", "0.9", "0.5")),
    st.data(),
)
def test_edges_are_those_of_python_sets_whatever_the_memory(
    tmp_path: Path, sets: list[set[int]], parts: int, threshold: str, containment: str, data: Any
) -> None:
    lines = sorted(data.draw(st.sets(st.integers(0, 99), min_size=len(sets), max_size=len(sets))))
    of = dict(zip(lines, sets, strict=True))
    for part in range(parts):  # sets lie in any order, places in the order of lines
        mine = [line for line in lines if line % parts == part]
        context = fresh(tmp_path, "shingles", str(part))
        starts = dict.fromkeys(mine, 0)
        flat: list[int] = []
        for line in data.draw(st.permutations(mine)):
            starts[line] = len(flat)
            flat += sorted(of[line])
        places = [(line, starts[line], len(of[line])) for line in mine]
        write_array(context.out / PLACES, np.array(places, PLACE))
        write_array(context.out / SETS, np.array(flat, "<u8"))
    pairs = [(a, b) for a in lines for b in lines if a < b]
    write_array(fresh(tmp_path, "pairs", "r").out / PAIRS, np.array(pairs, np.int64).reshape(-1, 2))

    def edges(memory: int, step: int) -> list[Any]:
        found = []
        for first in range(0, max(1, len(pairs)), step):
            spec = VerifySpec(
                pairs="r",
                shingles=tuple(map(str, range(parts))),
                first=first,
                end=first + step,
                threshold=threshold,
                containment=containment,
                memory=memory,
            )
            context = fresh(tmp_path, "verify", "v")
            record = verify(spec, context)
            here = map_array(context.out / EDGES, EDGE).tolist()
            assert record == {"compared": len(pairs[first : first + step]), "edges": len(here)}
            found += here
        return found

    expected = []
    for a, b in pairs:
        inter, union = len(of[a] & of[b]), len(of[a] | of[b])
        least = min(len(of[a]), len(of[b]))
        inside = containment and least and Fraction(inter, least) >= Fraction(containment)
        if union and (Fraction(inter, union) >= Fraction(threshold) or inside):
            expected.append((a, b, inter, union, len(of[a])))
    for memory, step in ((1 << 30, 100_000), (1, 100_000), (400, 7), (2000, 100_000)):
        assert edges(memory, step) == expected


def test_a_batch_holds_few_sets_when_memory_is_small(tmp_path: Path) -> None:
    count, size = 40, 25
    places = np.zeros(count, PLACE)
    places["line"], places["start"] = np.arange(count), np.arange(count) * size
    places["size"] = size
    np.arange(count * size, dtype=np.uint64).tofile(tmp_path / "sets.bin")
    library = similarity.Library([places], [tmp_path / "sets.bin"])
    pairs = np.array([(a, b) for a in range(count) for b in range(a)], np.int64)
    for memory in (1 << 14, 1 << 16, 1 << 30):
        batches = list(similarity._batches(pairs, library, memory))
        assert np.concatenate(batches).tolist() == pairs.tolist()
        held = [len(np.unique(batch)) * size * 8 for batch in batches]
        assert max(held) <= memory // 4 + 2 * size * 8
        assert memory < 1 << 30 or len(batches) == 1
    assert list(similarity._batches(pairs[:0], library, 1)) == []
