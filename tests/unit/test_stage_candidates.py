"""Candidates as a stage: the same pairs however keys and memory are cut, and a second look at long runs."""

from __future__ import annotations

import shutil
from fractions import Fraction
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.dedup import candidates as kernels
from pipeline.dedup.candidates import EARLIER, GHOST, LIVING, QUESTION, unique_pairs
from pipeline.engine.task import Context
from pipeline.engine.work import Work
from pipeline.spill import BANDS, PREFIXES, KeySpill, map_array, write_array
from pipeline.spill import EARLIER as EARLIER_FLAG
from pipeline.spill import GHOST as GHOST_FLAG
from pipeline.spill import QUESTION as QUESTION_FLAG
from pipeline.stages import candidates as stage
from pipeline.stages.candidates import (
    MEMBERS,
    PAIRS,
    REMOVED,
    RUN,
    RUNS,
    CandidatesSpec,
    PairsSpec,
    RevisitSpec,
    candidates,
    kinds_of,
    read_pairs,
    read_segments,
    revisit,
    rule_of,
    unite_pairs,
)
from pipeline.stages.order import LINE, ORDER
from pipeline.stages.part import BAND_KEYS, SKETCHES, PartRef, save_parts

MINIMA = 128
FLAGS = {LIVING: 0, QUESTION: QUESTION_FLAG, EARLIER: EARLIER_FLAG, GHOST: GHOST_FLAG}
in_one_folder = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


class Shelf(NamedTuple):
    """A work folder with what candidates read: parts of documents, and their order."""

    root: Path
    parts: tuple[PartRef, ...]

    def spec(self, **changes: Any) -> CandidatesSpec:
        values: dict[str, Any] = {
            "parts": save_parts(Work(self.root), self.parts),
            "order": "o",
            "first": 0,
            "end": PREFIXES,
            "minima": MINIMA,
            "threshold": "0.8",
            "ghosts_only": False,
            "memory": 1 << 30,
        } | changes
        return CandidatesSpec(**values)

    def out(self, phase: str, name: str) -> Context:
        folder = self.root / phase / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return Context(self.root, Work(self.root), folder)

    def removed(self, name: str, lines: list[int]) -> str:
        write_array(self.out("resolve", name).out / REMOVED, np.array(lines, np.int64))
        return name


def shelf(
    root: Path,
    keys: list[list[int]],
    sketches: Any,
    *,
    cuts: tuple[int, ...] = (),
    flags: list[int] | None = None,
    lost: list[int] | None = None,
    rank: list[int] | None = None,
) -> Shelf:
    """Lay documents out over parts cut at `cuts`, each with its band keys and its sketch."""
    n = len(keys)
    lines = np.zeros(n, LINE)
    lines["rank"] = range(n) if rank is None else rank
    lines["flags"] = 0 if flags is None else flags
    lines["lost"] = 0 if lost is None else lost
    order = root / "order" / "o"
    order.mkdir(parents=True, exist_ok=True)
    np.save(order / ORDER, lines)
    parts = []
    for number, (start, stop) in enumerate(pairwise((0, *sorted(cuts), n))):
        folder = root / "screen" / str(number)
        folder.mkdir(parents=True, exist_ok=True)
        spill = KeySpill(folder / BAND_KEYS)
        records = [(key, line - start) for line in range(start, stop) for key in keys[line]]
        spill.add(np.array(records, BANDS))
        spill.close()
        write_array(folder / SKETCHES, np.asarray(sketches, np.uint8)[start:stop])
        parts.append(PartRef("screen", str(number), stop - start))
    return Shelf(root, tuple(parts))


def wave(*lengths: int) -> Any:
    """Sketches that agree with the first, all zeros, in as many bytes as given, and elsewhere with nobody."""
    matrix = np.zeros((1 + len(lengths), MINIMA), np.uint8)
    for number, length in enumerate(lengths, 1):
        matrix[number, length:] = number
    return matrix


def found_by(spec: CandidatesSpec | RevisitSpec, context: Context) -> list[list[int]]:
    record = (candidates if isinstance(spec, CandidatesSpec) else revisit)(spec, context)
    segments = [segment.tolist() for segment in read_segments(context.out)]
    assert all(segment == sorted(segment) for segment in segments)
    pairs: list[list[int]] = [pair for segment in segments for pair in segment]
    assert record["pairs"] == len(pairs)
    assert sorted(pairs) == sorted(read_pairs(context.out).tolist())
    assert spec_memory(spec) < 1 << 30 or len(segments) == 1
    return pairs


def spec_memory(spec: CandidatesSpec | RevisitSpec) -> int:
    return spec.memory if isinstance(spec, CandidatesSpec) else spec.candidates.memory


def test_what_kind_a_document_is() -> None:
    flags = [FLAGS[kind] for kind in (LIVING, QUESTION, EARLIER, GHOST)]
    flags += [GHOST_FLAG | QUESTION_FLAG, GHOST_FLAG | EARLIER_FLAG]
    kinds = [LIVING, QUESTION, EARLIER, GHOST, GHOST, GHOST]
    assert kinds_of(np.array(flags, np.uint8)).tolist() == kinds


@pytest.mark.parametrize(
    ("minima", "threshold", "least", "strike"),
    [
        (128, "0.8", 84, 103),
        (128, "0.7", 68, 90),
        (128, "1", 128, 128),
        (100, "0.29", 10, 29),  # 0.29 * 100 is below 29 in binary
        (256, "0.95", 229, 244),
    ],
)
def test_how_many_bytes_must_agree(
    tmp_path: Path, minima: int, threshold: str, least: int, strike: int
) -> None:
    spec = shelf(tmp_path, [], np.zeros((0, 1))).spec(minima=minima, threshold=threshold)
    assert rule_of(spec)[:2] == (least, strike)
    assert strike >= Fraction(threshold) * minima > strike - 1


def test_a_pair_at_the_sieve_passes_and_one_below_does_not(tmp_path: Path) -> None:
    shop = shelf(tmp_path, [[5], [5], [5]], wave(84, 83), cuts=(1, 2))
    assert found_by(shop.spec(), shop.out("candidates", "c")) == [[0, 1]]


def test_exact_duplicates_and_published_questions_have_no_candidates(tmp_path: Path) -> None:
    flags = [0, 0, 0, EARLIER_FLAG, EARLIER_FLAG | QUESTION_FLAG, EARLIER_FLAG | GHOST_FLAG]
    shop = shelf(
        tmp_path,
        [[5]] * 6,
        np.zeros((6, MINIMA)),
        flags=flags,
        lost=[0, 1, 0, 0, 0, 0],
        cuts=(2, 2),
    )
    pairs = [[0, 2], [0, 3], [0, 5], [2, 3], [2, 5]]
    assert found_by(shop.spec(), shop.out("candidates", "c")) == pairs
    assert found_by(shop.spec(ghosts_only=True), shop.out("candidates", "g")) == [[0, 5], [2, 5]]


documents = st.lists(
    st.tuples(
        st.integers(0, 4), st.integers(0, 4), st.integers(0, 2), st.sampled_from(list(FLAGS))
    ),
    min_size=1,
    max_size=14,
)


@in_one_folder
@given(documents, st.lists(st.integers(0, 14), max_size=3), st.integers(1, 4), st.data())
def test_pairs_and_runs_are_the_same_however_the_work_is_cut(
    tmp_path: Path, docs: list[tuple[int, int, int, int]], cuts: list[int], short: int, data: Any
) -> None:
    # keys of prefixes that share a partition, and not
    keys = [[1 << 48, 2 << 48, 3 << 48, 1 << 60, 9 << 57][one] for one in range(5)]
    mine = [sorted({keys[a], keys[b]}) for a, b, _, _ in docs]
    matrix = np.zeros((len(docs), MINIMA))
    for line, (_, _, far, _) in enumerate(docs):
        matrix[line, : far * 20] = line + 1  # up to 20 bytes agree or not, 40 do not
    cut = tuple(min(each, len(docs)) for each in cuts)
    shop = shelf(tmp_path, mine, matrix, cuts=cut, flags=[FLAGS[kind] for *_, kind in docs])
    ranges = sorted({0, PREFIXES, *data.draw(st.lists(st.integers(0, PREFIXES), max_size=3)), 2})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels.Rule.__new__, "__defaults__", (short, 1 << 16, 8, 1 << 14, 1 << 17))
        expected = found_by(shop.spec(), shop.out("candidates", "whole"))
        runs = map_array(tmp_path / "candidates" / "whole" / RUNS, RUN).tolist()
        patch.setattr(kernels, "_BUFFER", 3)
        patch.setattr(kernels, "_CHUNK", 2)
        pieces, members = [], []
        for first, end in pairwise(ranges):
            spec = shop.spec(first=first, end=end, memory=1)
            pieces += found_by(spec, shop.out("candidates", "piece"))
            members += map_array(tmp_path / "candidates" / "piece" / RUNS, RUN).tolist()
    assert sorted({tuple(pair) for pair in pieces}) == [tuple(pair) for pair in expected]
    assert sorted(members) == sorted(runs)
    several = {key: [line for line, some in enumerate(mine) if key in some] for key in keys}
    held = {key: sorted(line for other, line, _ in runs if other == key) for key in keys}
    assert held == {
        key: lines if len(lines) > short and len(lines) > 1 else []
        for key, lines in several.items()
    }


@pytest.fixture
def long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every run be long."""
    monkeypatch.setattr(kernels.Rule.__new__, "__defaults__", (1, 1 << 16, 8, 1 << 14, 1 << 17))


@pytest.mark.usefixtures("long")
def test_who_was_struck_and_stays_is_compared_after_all(tmp_path: Path) -> None:
    """Line 0 strikes 1 to 3, which never met; 4 leads, for it is unlike all."""
    matrix = wave(110, 110, 110, 0)
    matrix[2:4, 110:] = 9  # 2 and 3 are the same
    shop = shelf(tmp_path, [[5]] * 5, matrix, cuts=(2, 3))
    first = found_by(shop.spec(), shop.out("candidates", "c"))
    assert first == [[0, 1], [0, 2], [0, 3]]
    runs = map_array(tmp_path / "candidates" / "c" / RUNS, RUN)
    assert runs.tolist() == [(5, 0, 0), (5, 1, 1), (5, 2, 1), (5, 3, 1), (5, 4, 0)]

    def again(*removed: int) -> list[list[int]]:
        name = shop.removed("-".join(map(str, removed)), list(removed))
        spec = RevisitSpec(candidates=shop.spec(), task="c", resolve=name)
        return found_by(spec, shop.out("revisit", "r"))

    assert again(1, 2, 3) == []  # all who were struck are gone: those that stay have met
    assert again(0) == [[1, 2], [1, 3], [2, 3]]
    assert again(0, 1) == [[2, 3]]
    assert again(1, 2) == [[0, 3]]


@pytest.mark.usefixtures("long")
def test_only_runs_with_a_struck_member_that_stays_are_looked_at_again(tmp_path: Path) -> None:
    matrix = np.zeros((6, MINIMA))
    matrix[3:] = 1
    shop = shelf(tmp_path, [[5], [5], [5], [6], [6], [6]], matrix)
    found_by(shop.spec(), shop.out("candidates", "c"))
    name = shop.removed("r", [0, 4, 5])
    spec = RevisitSpec(candidates=shop.spec(), task="c", resolve=name)
    assert found_by(spec, shop.out("revisit", "r")) == [[1, 2]]


@pytest.mark.usefixtures("long")
def test_who_cannot_lead_is_counted_in_every_round(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernels.Rule.__new__, "__defaults__", (1, 2, 8, 1 << 14, 1 << 17))
    shop = shelf(tmp_path, [[5]] * 6, wave(110, 0, 0, 0, 110))
    assert candidates(shop.spec(), shop.out("candidates", "c"))["unled"] == 2
    name = shop.removed("r", [0])
    record = revisit(
        RevisitSpec(candidates=shop.spec(), task="c", resolve=name), shop.out("revisit", "r")
    )
    assert record["unled"] == 3


@pytest.mark.usefixtures("long")
def test_found_pairs_outgrow_the_memory_and_are_united_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same pairs under three keys, a hundred times more of them than memory has room for."""
    monkeypatch.setattr(kernels, "_BUFFER", 64)
    shop = shelf(tmp_path, [[5, 6, 7]] * 60, wave(*[90] * 59))
    every = [list(pair) for pair in combinations(range(60), 2)]
    spec = shop.spec(memory=2000)
    context = shop.out("candidates", "c")
    assert len(found_by(spec, context)) == 3 * len(every)  # each agrees in 90 bytes with all
    assert max(map(len, read_segments(context.out))) <= 2000 // (16 * 8) + 64
    pairs = PairsSpec(parts=shop.parts, found=(("candidates", "c"),), known=(), memory=2000)
    context = shop.out("pairs", "p")
    assert unite_pairs(pairs, context)["pairs"] == len(every)
    assert read_pairs(context.out).tolist() == every


some_pairs = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=20)


@in_one_folder
@given(
    st.lists(some_pairs, max_size=4),
    st.lists(some_pairs, max_size=2),
    st.sampled_from((1, 600, 3000, 1 << 30)),
    st.lists(st.integers(0, 13), max_size=3),
)
def test_new_pairs_are_united_once_whatever_the_memory(
    tmp_path: Path,
    found: list[list[tuple[int, int]]],
    known: list[list[tuple[int, int]]],
    memory: int,
    cuts: list[int],
) -> None:
    shop = shelf(tmp_path, [[]] * 13, np.zeros((13, MINIMA)), cuts=tuple(cuts))
    for phase, some in (("candidates", found), ("pairs", known)):
        for number, pairs in enumerate(some):
            array = unique_pairs(np.array(pairs, np.int64).reshape(-1, 2))
            write_array(shop.out(phase, str(number)).out / PAIRS, array)
    spec = PairsSpec(
        parts=shop.parts,
        found=tuple(("candidates", str(number)) for number in range(len(found))),
        known=tuple(str(number) for number in range(len(known))),
        memory=memory,
    )
    context = shop.out("pairs", "united")
    record = unite_pairs(spec, context)

    def ordered(some: list[list[tuple[int, int]]]) -> set[tuple[int, int]]:
        return {(min(pair), max(pair)) for pairs in some for pair in pairs if pair[0] != pair[1]}

    expected = sorted(ordered(found) - ordered(known))
    assert [tuple(pair) for pair in read_pairs(context.out).tolist()] == expected
    members = sorted({line for pair in expected for line in pair})
    assert map_array(context.out / MEMBERS, np.int64).tolist() == members
    bounds = (0, *sorted(cuts), 13)
    assert record == {
        "pairs": len(expected),
        "documents": len(members),
        "ordinals": [
            part
            for part, (start, stop) in enumerate(pairwise(bounds))
            if any(start <= line < stop for line in members)
        ],
    }


def test_slices_of_pairs_are_as_small_as_the_memory_asks(tmp_path: Path) -> None:
    every = np.array(list(combinations(range(200), 2)), np.int64)
    files = [every[::3], every[1::2], every[:0], every]
    for memory in (1, 20_000, 200_000, 1 << 30):
        slices = list(stage._slices(files, memory))
        assert slices[0][0] == 0
        assert all(stop == start for (_, stop), (start, _) in pairwise(slices))
        most = max(len(stage._between(files, low, high)) for low, high in slices)
        step = memory // (16 * 32 * len(files))
        assert most <= max(200, 200 + 2 * step * len(files))
        assert memory < 1 << 30 or len(slices) == 1
