"""Resolve against a slow oracle: copies of what stands go first, then greedy keep-first, in any memory."""

from __future__ import annotations

import random
import shutil
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.dedup.anchors import AnchorSpec
from pipeline.engine.task import Context
from pipeline.engine.work import Work
from pipeline.spill import EARLIER, GHOST, map_array, write_array
from pipeline.stages import edges as edges_stage
from pipeline.stages.candidates import REMOVED, RUN, RUNS
from pipeline.stages.edges import EDGE, EDGES
from pipeline.stages.forks import HEIR, HEIRS
from pipeline.stages.order import LINE, ORDER
from pipeline.stages.resolve import (
    CONTAINED,
    COPY,
    FAMILIES,
    FAMILY,
    FATE,
    NEAR,
    RESOLVED,
    ResolveSpec,
    resolve,
)

LEAST = AnchorSpec().least
in_one_folder = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


class Documents(NamedTuple):
    """Sets of shingles by line, the flags, and the rank of each line: what stands ranks first."""

    sets: list[set[int]]
    flags: list[int]
    rank: list[int]

    def overlap(self, a: int, b: int) -> tuple[int, int]:
        return len(self.sets[a] & self.sets[b]), len(self.sets[a] | self.sets[b])

    def edges(self) -> list[tuple[int, int, int, int, int]]:
        """Every pair with something in common, but two that stand: nobody asks for these."""
        pairs = combinations(range(len(self.sets)), 2)
        return [
            (a, b, *self.overlap(a, b), len(self.sets[a]))
            for a, b in pairs
            if self.sets[a] & self.sets[b] and not (self.flags[a] and self.flags[b])
        ]


@st.composite
def documents(draw: st.DrawFn) -> Documents:
    n = draw(st.integers(1, 10))
    base = set(range(10))
    some = [base ^ draw(st.sets(st.integers(0, 14), max_size=4)) for _ in range(n)]
    # too few distinct shingles lie in anything: some sets are below that limit, some above
    sets = [{5 * number + each for number in one for each in range(5)} for one in some]
    flags = draw(st.lists(st.sampled_from((0, 0, 0, 0, GHOST, EARLIER)), min_size=n, max_size=n))
    order = draw(st.permutations(range(n)))
    order.sort(key=lambda line: {GHOST: 0, EARLIER: 1, 0: 2}[flags[line]])
    return Documents(sets, flags, [order.index(line) for line in range(n)])


def spec_of(**changes: Any) -> ResolveSpec:
    values: dict[str, Any] = {
        "order": "o",
        "verify": ("v",),
        "candidates": (),
        "forks": None,
        "threshold": "0.8",
        "family": "0.8",
        "containment": "",
        "copies": "0.8",
        "remove": True,
        "memory": 1 << 30,
    } | changes
    return ResolveSpec(**values)


def fresh(root: Path, phase: str, name: str) -> Context:
    folder = root / phase / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return Context(root, Work(root), folder)


def settle(root: Path, docs: Documents, spec: ResolveSpec, edges: list[Any]) -> tuple[Any, ...]:
    """Run the stage over edges in two files; give the record, the fates and the families."""
    lines = np.zeros(len(docs.sets), LINE)
    lines["rank"], lines["flags"] = docs.rank, docs.flags
    np.save(fresh(root, "order", "o").out / ORDER, lines)
    middle = len(edges) // 2
    for name, some in (("v", edges[:middle]), ("w", edges[middle:])):
        write_array(fresh(root, "verify", name).out / EDGES, np.array(some, EDGE))
    context = fresh(root, "resolve", "r")
    record = resolve(spec, context)
    fates = map_array(context.out / RESOLVED, FATE).tolist()
    if spec.forks is None:
        assert map_array(context.out / REMOVED, np.int64).tolist() == [fate[0] for fate in fates]
    return record, fates, map_array(context.out / FAMILIES, FAMILY).tolist()


class Oracle(NamedTuple):
    """The same decisions, said slowly."""

    docs: Documents
    spec: ResolveSpec

    def near(self, a: int, b: int, threshold: str) -> bool:
        inter, union = self.docs.overlap(a, b)
        return union > 0 and Fraction(inter, union) >= Fraction(threshold)

    def inside(self, later: int, earlier: int) -> bool:
        own, inter = len(self.docs.sets[later]), self.docs.overlap(later, earlier)[0]
        if not self.spec.containment or not LEAST <= own <= len(self.docs.sets[earlier]):
            return False
        return Fraction(inter, own) >= Fraction(self.spec.containment)

    def threshold(self, survivor: int) -> str:
        return self.spec.copies if self.docs.flags[survivor] & GHOST else self.spec.threshold

    def edge(self, later: int, earlier: int) -> bool:
        return self.near(later, earlier, self.threshold(earlier)) or self.inside(later, earlier)

    def related(self, later: int, earlier: int) -> bool:
        return self.near(later, earlier, self.spec.family) or self.inside(later, earlier)

    def loses(self, line: int, standing: int) -> bool:
        """A copy of an opted-out text goes; one of an earlier release where near-duplicates go at all."""
        ghost = self.docs.flags[standing] & GHOST
        return bool((ghost or self.spec.remove) and self.edge(line, standing))

    def fate(self, line: int, survivor: int) -> tuple[int, int, int, int, int]:
        inter, union = self.docs.overlap(line, survivor)
        close = self.near(line, survivor, self.threshold(survivor))
        kind = COPY if self.docs.flags[survivor] & GHOST else NEAR if close else CONTAINED
        return (line, survivor, inter, union if close else len(self.docs.sets[line]), kind)

    def settle(self) -> tuple[list[Any], dict[int, int]]:
        """Fates by line, and the family of each line in an edge between living documents."""
        order = sorted(range(len(self.docs.sets)), key=self.docs.rank.__getitem__)
        living = [line for line in order if not self.docs.flags[line]]
        stand = [line for line in order if self.docs.flags[line]]
        lost: dict[int, Any] = {}
        for line in living:
            found = [other for other in stand if self.loses(line, other)]
            lost |= {line: self.fate(line, found[0])} if found else {}
        families = {line: {line} for line in living}
        taken = set(lost)
        for place, line in enumerate(living):
            like = [other for other in living[:place] if self.edge(line, other)]
            for other in (each for each in living[:place] if self.related(line, each)):
                united = families[line] | families[other]
                families |= dict.fromkeys(united, united)
            rivals = [other for other in like if other not in lost]
            if rivals and self.spec.remove and line not in taken:
                lost[line] = self.fate(
                    line, min(rivals, key=lambda other: self.closest(line, other))
                )
        named = {line: min(family) for line, family in families.items() if len(family) > 1}
        return sorted(lost.values()), named

    def closest(self, line: int, other: int) -> tuple[Fraction, int]:
        return -Fraction(*self.docs.overlap(line, other)), self.docs.rank[other]


@in_one_folder
@given(
    documents(),
    st.sampled_from(("0.8", "0.7", "1")),
    st.sampled_from(("", "0.9", "1")),
    st.booleans(),
    st.randoms(use_true_random=False),
)
def test_fates_and_families_are_those_of_the_oracle_however_many_shares_there_are(
    tmp_path: Path,
    docs: Documents,
    threshold: str,
    containment: str,
    remove: bool,
    draw: random.Random,
) -> None:
    copies = min(threshold, "0.8", key=Fraction)
    family = draw.choice([threshold, copies])
    given_ = {
        "threshold": threshold,
        "family": family,
        "containment": containment,
        "copies": copies,
    }
    spec = spec_of(verify=("v", "w"), remove=remove, **given_)
    edges = docs.edges()
    fates, families = Oracle(docs, spec).settle()
    for memory in (1 << 30, 4000, 500):
        draw.shuffle(edges)
        record, found, named = settle(
            tmp_path,
            docs,
            spec_of(verify=("v", "w"), remove=remove, memory=memory, **given_),
            edges,
        )
        assert found == fates
        assert dict(named) == families
        assert [line for line, _ in named] == sorted(families)
        kinds = [fate[4] for fate in fates]
        assert record == {
            "forks": None,
            "edges": len(edges),
            "removed": [kinds.count(kind) for kind in (NEAR, CONTAINED, COPY)],
            "restless": [],
        }


def test_edges_are_looked_through_a_chunk_at_a_time(tmp_path: Path, monkeypatch: Any) -> None:
    draw = random.Random(4)
    sets = [set(range(20)) ^ set(draw.sample(range(30), k=3)) for _ in range(40)]
    docs = Documents(sets, [0] * 40, draw.sample(range(40), k=40))
    spec = spec_of(verify=("v", "w"), threshold="0.75")
    before = settle(tmp_path, docs, spec, docs.edges())
    monkeypatch.setattr(edges_stage, "_CHUNK", 7)
    assert settle(tmp_path, docs, spec, docs.edges()) == before
    assert before[1] == Oracle(docs, spec).settle()[0]
    assert 5 < len(before[1]) < 39


def test_tasks_with_a_struck_line_that_stays_are_named(tmp_path: Path) -> None:
    docs = Documents([{1}, {1}, {2}, {3}], [0] * 4, [0, 1, 2, 3])  # line 1 goes
    runs = {
        "gone": [(5, 0, 0), (5, 1, 1)],
        "stays": [(5, 1, 1), (6, 0, 0), (6, 2, 1)],
        "led": [(7, 2, 0), (7, 3, 0)],
        "none": [],
    }
    for name, members in runs.items():
        write_array(fresh(tmp_path, "candidates", name).out / RUNS, np.array(members, RUN))
    record, fates, _ = settle(
        tmp_path,
        docs,
        spec_of(candidates=tuple(("candidates", name) for name in runs)),
        docs.edges() * 2,
    )
    assert [fate[:2] for fate in fates] == [(1, 0)]
    assert record["restless"] == ["stays"]


def test_edges_of_lines_that_left_with_a_fork_are_those_of_their_heirs(tmp_path: Path) -> None:
    """Line 0 left for its equal 4, line 1 for nobody; 4 ranks behind 2, which is near both."""
    near = {*range(9)}
    docs = Documents([near, near, near | {9}, {50}, near], [0] * 5, [0, 1, 2, 3, 4])
    edges = [edge for edge in docs.edges() if 4 not in edge[:2]]  # an exact duplicate has none
    heirs = fresh(tmp_path, "forks", "f").out / HEIRS
    np.save(heirs, np.array([(0, 4), (1, -1)], HEIR))
    runs = fresh(tmp_path, "candidates", "c").out / RUNS
    write_array(runs, np.array([(5, 2, 0), (5, 0, 1)], RUN))
    spec = spec_of(verify=("v", "w"), forks="f", candidates=(("candidates", "c"),))
    record, fates, families = settle(tmp_path, docs, spec, edges)
    assert [fate[:2] for fate in fates] == [(4, 2)]
    assert families == [(1, 1), (2, 1), (4, 1)]  # what left without an heir still joins others
    removed = map_array(tmp_path / "resolve/r" / REMOVED, np.int64).tolist()
    assert removed == [0, 1, 4]  # a line stays as long as its heir does
    assert record["restless"] == []
    rank = [0, 1, 4, 3, 2]
    record, fates, _ = settle(tmp_path, docs._replace(rank=rank), spec, edges)
    assert [fate[:2] for fate in fates] == [(2, 4)]
    assert map_array(tmp_path / "resolve/r" / REMOVED, np.int64).tolist() == [1, 2]
    assert record["restless"] == ["c"]
