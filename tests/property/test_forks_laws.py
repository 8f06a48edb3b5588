"""Laws of forks, against the definition written out in plain Python."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import chain
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.dedup.fork_kernels import Limits
from pipeline.dedup.repositories import (
    Decision,
    Files,
    Pairs,
    elect_heirs,
    find_forks,
    move_ends,
)

GROUPS = 12
Edges = dict[frozenset[int], Fraction]


class File(NamedTuple):
    repository: int
    group: int
    strictness: int
    rank: int


class World(NamedTuple):
    files: list[File]
    edges: Edges
    repositories: int
    share: Fraction
    least: int
    limits: Limits


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Repositories that are edited copies of each other, so that forks are common; files of none as well."""
    repositories = draw(st.integers(1, 7))
    seed = draw(st.integers(0, 2**32))
    choose = random.Random(seed)
    licence = draw(st.sampled_from([(1,), (1, 1, 1, 0), (0, 1, 2)]))
    made: list[list[int]] = []
    for _ in range(repositories):
        base = list(choose.choice(made)) if made and choose.random() < 0.8 else []
        edited = [group for group in base if choose.random() < 0.85]
        made.append(
            edited + choose.choices(range(GROUPS), k=choose.randrange(0, 5 - 3 * bool(base)))
        )
    made.append(choose.choices(range(GROUPS), k=choose.randrange(0, 4)))
    held = [
        (repository if repository < repositories else -1, group)
        for repository, groups in enumerate(made)
        for group in groups
    ]
    licences = [choose.choice(licence) for _ in held]
    order = sorted(range(len(held)), key=lambda i: (licences[i], choose.random()))
    ranks = {number: rank for rank, number in enumerate(order)}
    files = [File(*held[i], licences[i], ranks[i]) for i in range(len(held))]
    edges: Edges = {}
    for _ in range(choose.choice((0, 5, 20))):
        a, b = choose.sample(range(GROUPS + 1), 2)
        edges[frozenset((a, b))] = Fraction(choose.randrange(8, 11), 10)
    share = draw(st.sampled_from(["0.8", "0.5", "1", "0.34"]))
    limits = draw(st.sampled_from([Limits(), Limits(common=2), Limits(common=1), Limits(near=1)]))
    return World(files, edges, repositories, Fraction(share), draw(st.integers(1, 4)), limits)


def decide(world: World) -> Decision:
    columns = np.array(world.files, np.int64).reshape(-1, 4).T
    ends = [sorted(edge) for edge in world.edges]
    shared = [(s.numerator, s.denominator) for s in world.edges.values()]
    return find_forks(
        Files(*columns),
        Pairs(
            *np.array(ends, np.int64).reshape(-1, 2).T, *np.array(shared, np.int64).reshape(-1, 2).T
        ),
        world.repositories,
        share=world.share,
        least=world.least,
        limits=world.limits,
    )


class Oracle:
    """The definition, on dicts and sets."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.of = {
            r: [file for file in world.files if file.repository == r]
            for r in range(world.repositories)
        }
        present = {file.group for file in world.files if file.repository >= 0}
        self.near = {
            group: {
                other
                for edge in world.edges
                if group in edge and edge & present == edge
                for other in edge - {group}
            }
            for group in range(GROUPS + 1)
        }
        self.fork_of = dict.fromkeys(range(world.repositories), -1)
        self.shared = dict.fromkeys(range(world.repositories), 0)
        for mine in range(world.repositories):
            self.judge(mine)

    def similar(self, a: int, b: int) -> bool:
        return a == b or frozenset((a, b)) in self.world.edges

    def copies(self, file: File, files: list[File]) -> list[File]:
        return [other for other in files if self.similar(file.group, other.group)]

    def judge(self, mine: int) -> None:
        files, kept = self.of[mine], [r for r in range(mine) if self.fork_of[r] < 0]
        if len(files) < self.world.least:
            return
        proposed: set[int] = set()
        for file in files:
            met = {r for r in kept if self.copies(file, self.of[r])}
            if len(met) <= self.world.limits.common and len(self.near[file.group]) <= (
                self.world.limits.near
            ):
                proposed |= met
        for other in sorted(proposed):
            shared = sum(bool(self.copies(file, self.of[other])) for file in files)
            enough = shared >= self.world.share * len(files)
            if enough and shared > self.shared[mine] and not self.launders(mine, other):
                self.fork_of[mine], self.shared[mine] = other, shared

    def launders(self, mine: int, other: int) -> bool:
        outside = [file for file in self.world.files if file.repository != mine]
        for file in self.of[mine]:
            copies = self.copies(file, self.of[other])
            for laxer in self.copies(file, outside):
                guards = [
                    copy
                    for copy in copies
                    if copy.strictness <= file.strictness
                    and (laxer.group != file.group or copy.group == file.group)
                ]
                if laxer.strictness > file.strictness and not guards:
                    return True
        return False

    def partner(self, file: File) -> tuple[int, Fraction | None]:
        """Rank of the most similar file, and how similar it is."""
        world, found = self.world, []
        for copy in self.copies(file, self.of[self.fork_of[file.repository]]):
            same = copy.group == file.group
            near = Fraction(1) if same else world.edges[frozenset((file.group, copy.group))]
            found.append((not same, -near, copy.rank))
        if not found:
            return -1, None
        _, similarity, rank = min(found)
        return rank, -similarity


@settings(max_examples=1500)
@given(worlds())
def test_forks_are_those_of_the_definition(world: World) -> None:
    oracle, (forks, partners) = Oracle(world), decide(world)
    assert forks.fork_of.tolist() == list(oracle.fork_of.values())
    assert forks.shared.tolist() == list(oracle.shared.values())
    assert forks.files.tolist() == [len(files) for files in oracle.of.values()]
    gone = [n for n, file in enumerate(world.files) if oracle.fork_of.get(file.repository, -1) >= 0]
    assert partners.file.tolist() == gone
    for file, partner, shared, union in zip(*map(np.ndarray.tolist, partners), strict=True):
        rank, similarity = oracle.partner(world.files[file])
        assert (world.files[partner].rank if partner >= 0 else -1) == rank
        assert (Fraction(shared, union) if partner >= 0 else (shared, union)) == (
            (0, 0) if similarity is None else similarity
        )


@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_files_and_pairs_and_the_numbers_of_groups_mean_nothing(
    world: World, choose: random.Random
) -> None:
    files, edges = list(world.files), list(world.edges.items())
    choose.shuffle(files)
    choose.shuffle(edges)
    names = choose.sample(range(100), GROUPS + 1)
    renamed = [file._replace(group=names[file.group]) for file in files]
    told = {frozenset(names[end] for end in edge): similarity for edge, similarity in edges}
    before, after = decide(world), decide(world._replace(files=renamed, edges=told))
    for one, other in zip(before.forks, after.forks, strict=True):
        assert one.tolist() == other.tolist()
    assert partners_by_rank(world.files, before) == partners_by_rank(files, after)


def partners_by_rank(files: list[File], decision: Decision) -> set[tuple[int, ...]]:
    ranks = [*(file.rank for file in files), -1]
    return {
        (ranks[file], ranks[partner], shared, union)
        for file, partner, shared, union in zip(
            *map(np.ndarray.tolist, decision.partners), strict=True
        )
    }


@given(worlds())
def test_a_fork_names_one_before_it_that_stays_and_has_its_share(world: World) -> None:
    forks = decide(world).forks
    for mine in np.flatnonzero(forks.fork_of >= 0).tolist():
        assert 0 <= forks.fork_of[mine] < mine
        assert forks.fork_of[forks.fork_of[mine]] == -1
        assert Fraction(int(forks.shared[mine]), int(forks.files[mine])) >= world.share
        assert forks.files[mine] >= world.least


@given(worlds())
def test_no_group_is_left_to_a_laxer_licence(world: World) -> None:
    forks = decide(world).forks
    stays = [
        file for file in world.files if file.repository < 0 or forks.fork_of[file.repository] < 0
    ]
    for group in {file.group for file in stays}:
        strictest = [
            min(file.strictness for file in files if file.group == group)
            for files in (world.files, stays)
        ]
        assert strictest[0] == strictest[1]


@given(
    st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=20),
    st.randoms(use_true_random=False),
)
def test_a_group_has_a_survivor_while_a_member_is_left(
    members: list[tuple[int, bool]], choose: random.Random
) -> None:
    rank = list(range(len(members)))
    choose.shuffle(rank)
    lines: dict[int, list[int]] = {}
    for line, (group, _) in enumerate(members):
        lines.setdefault(group, []).append(line)
    first = {group: min(each, key=rank.__getitem__) for group, each in lines.items()}
    survivor = np.array([first[group] for group, _ in members], np.int64)
    dropped = np.array([gone for _, gone in members], np.bool_)
    heir = elect_heirs(survivor, np.array(rank, np.int64), dropped)
    expected = list(range(len(members)))
    for group, each in lines.items():
        left = [line for line in each if not members[line][1]]
        if members[first[group]][1]:
            expected[first[group]] = min(left, key=rank.__getitem__, default=-1)
    assert heir.tolist() == expected
    old = np.flatnonzero(heir != np.arange(len(heir)))
    assert move_ends(survivor, old, heir[old]).tolist() == heir[survivor].tolist()


def repository(number: int, groups: range | list[int], strictness: int = 1) -> list[File]:
    return [File(number, group, strictness, 0) for group in groups]


def world_of(*files: list[File], least: int = 3) -> World:
    flat = [file._replace(rank=rank) for rank, file in enumerate(chain(*files))]
    count = 1 + max(file.repository for file in flat)
    return World(flat, {}, count, Fraction("0.8"), least, Limits())


@pytest.mark.parametrize(("shared", "goes"), [(3, False), (4, True)])
def test_a_share_that_equals_the_rule_is_enough(shared: int, goes: bool) -> None:
    mine = repository(1, [*range(shared), *range(90, 95 - shared)])
    assert (decide(world_of(repository(0, range(9)), mine)).forks.fork_of[1] == 0) == goes


def test_what_is_a_fork_of_a_fork_only_stays() -> None:
    chain = [repository(n, range(n, n + 5)) for n in range(3)]
    assert decide(world_of(*chain)).forks.fork_of.tolist() == [-1, 0, -1]


def test_boilerplate_alone_makes_no_fork_but_counts_in_a_share() -> None:
    boilerplate = [0, 1, 2, 3]
    many = [repository(n, [*boilerplate, 10 + n, 200 + n, 400 + n]) for n in range(70)]
    alone = repository(70, boilerplate)
    with_one = repository(71, [*boilerplate, 15])
    fork_of = decide(world_of(*many, alone, with_one)).forks.fork_of
    assert fork_of[:71].tolist() == [-1] * 71
    assert fork_of[71] == 5


def test_a_project_with_many_forks_loses_all_of_them() -> None:
    family = [repository(n, range(20)) for n in range(300)]
    assert decide(world_of(*family)).forks.fork_of.tolist() == [-1] + [0] * 299


def column(*blocks: object) -> np.ndarray:
    return np.concatenate([np.ravel(np.asarray(block, np.int64)) for block in blocks])


def giant(kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Repository and group of each file; group 0 is everywhere."""
    if kind == "one file for all":
        each = np.arange(100_000)
        return np.repeat(each, 3), column(np.stack([each * 0, each * 0 + 1, each + 10], axis=1))
    if kind == "one project's forks":
        return np.repeat(np.arange(50_000), 10), np.tile(np.arange(10), 50_000)
    each = np.arange(1, 100_000)
    mine = np.stack([each * 0, 99 + each % 50_000, 200_000 + each, 400_000 + each], axis=1)
    return column(np.zeros(60_000), np.repeat(each, 4)), column(np.arange(60_000) + 100, mine)


@pytest.mark.parametrize("kind", ["one file for all", "one project's forks", "one monorepo"])
def test_giants_take_seconds(kind: str) -> None:
    repository, group = giant(kind)
    ones, hub = np.ones(100_000, np.int64), np.arange(100_000, dtype=np.int64) + 50_000
    forks = find_forks(
        Files(repository, group, np.zeros_like(group), np.arange(len(group))),
        Pairs(ones * 0, hub, ones * 9, ones * 10),
        int(repository.max()) + 1,
        share=Fraction("0.8"),
        least=3,
    ).forks
    expected = 49_999 if kind == "one project's forks" else 0
    assert (forks.fork_of >= 0).sum() == expected
