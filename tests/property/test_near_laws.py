"""Laws of candidates: long runs that are not compared in full keep what all pairs would have kept."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from fractions import Fraction
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from filters.subjects import subject
from pipeline.dedup import candidates as kernels
from pipeline.dedup.candidates import (
    EARLIER,
    GHOST,
    LIVING,
    QUESTION,
    Led,
    Rule,
    Runs,
    allowed_pairs,
    compare_short,
    find_runs,
    lead_run,
)
from pipeline.dedup.shingles import shingle_sets
from pipeline.dedup.spec import SignatureSpec
from pipeline.dedup.survivors import keep_first
from pipeline.engine.crew import SYNC
from pipeline.optout import add
from pipeline.run import run_config
from pipeline.stages import candidates as stage

WIDTH = 6
Pair = tuple[int, int]


class Corpus(NamedTuple):
    """Documents by number, which is also their rank; `entries` are (key, document)."""

    kinds: list[int]
    sketches: np.ndarray
    entries: list[Pair]

    def read(self, lines: np.ndarray) -> np.ndarray:
        assert np.all(np.diff(lines) > 0)  # as files are read
        found: np.ndarray = self.sketches[lines]
        return found

    def agreement(self, a: int, b: int) -> int:
        return int((self.sketches[a] == self.sketches[b]).sum())

    def runs(self) -> Runs:
        keys, lines = (np.array(column, np.int64) for column in zip(*self.entries, strict=True))
        kinds = np.array(self.kinds, np.uint8)[lines]
        return find_runs(keys.astype(np.uint64), lines, lines, kinds)

    def members(self, key: int) -> list[int]:
        """Those of one key, as a run has them: who is never struck first."""
        return sorted(
            (doc for other, doc in self.entries if other == key),
            key=lambda doc: (self.kinds[doc] < EARLIER, doc),
        )


@st.composite
def corpora(draw: st.DrawFn) -> Corpus:
    n = draw(st.integers(1, 12))
    kind = st.sampled_from([LIVING] * 5 + [QUESTION, EARLIER, GHOST])
    kinds = draw(st.lists(kind, min_size=n, max_size=n))
    row = st.lists(st.integers(0, 2), min_size=WIDTH, max_size=WIDTH)
    rows = draw(st.lists(row, min_size=n, max_size=n))
    keys = draw(st.integers(1, 3))
    entry = st.tuples(st.integers(1, keys), st.integers(0, n - 1))
    entries = draw(st.lists(entry, min_size=1, unique=True))
    return Corpus(kinds, np.array(rows, np.uint8), entries)


seeds = st.integers(0, 2**32)  # of an ordinary generator, for what need not shrink


@st.composite
def crowds(draw: st.DrawFn) -> Corpus:
    """Larger corpora of like documents, most of them under the same one or two keys."""
    rng = random.Random(draw(seeds))
    n, keys = draw(st.integers(4, 24)), draw(st.integers(1, 2))
    weights = draw(st.sampled_from(((1, 0, 0, 0), (12, 2, 1, 1))))
    kinds = rng.choices((LIVING, QUESTION, EARLIER, GHOST), weights, k=n)
    rows = [[rng.randrange(2) for _ in range(WIDTH)] for _ in range(n)]
    entries = [
        (key, doc) for key in range(keys) for doc in range(n) if doc < 2 or rng.random() < 0.8
    ]
    return Corpus(kinds, np.array(rows, np.uint8), entries)


limits = st.tuples(st.integers(0, WIDTH), st.integers(0, WIDTH + 1), st.booleans())


def rule_of(limits: tuple[int, int, bool], short: int, leaders: int, batch: int = 8) -> Rule:
    least, strike, ghosts_only = limits
    return Rule(least, strike, allowed_pairs(ghosts_only=ghosts_only), short, leaders, batch)


def allowed(corpus: Corpus, rule: Rule, a: int, b: int) -> bool:
    """Say slowly which pairs decide anything."""
    kinds = {corpus.kinds[a], corpus.kinds[b]}
    standing = GHOST in kinds and kinds != {GHOST} and EARLIER not in kinds
    if not rule.allowed[LIVING, LIVING]:
        return standing
    return standing or kinds in ({LIVING}, {LIVING, EARLIER})


def agreeing(corpus: Corpus, rule: Rule, members: list[int]) -> set[Pair]:
    return {
        (min(a, b), max(a, b))
        for a, b in combinations(members, 2)
        if allowed(corpus, rule, a, b) and corpus.agreement(a, b) >= rule.least
    }


def as_set(pairs: np.ndarray) -> set[Pair]:
    found = [(a, b) for a, b in pairs.tolist()]
    assert found == sorted(set(found))
    assert all(a < b for a, b in found)
    return set(found)


@given(corpora(), limits, st.integers(1, 5), st.integers(1, 20), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_short_runs_are_compared_in_full(
    corpus: Corpus, limits: tuple[int, int, bool], short: int, batch: int, rng: random.Random
) -> None:
    rule = rule_of(limits, short, 1, batch)
    expected = {
        pair
        for key in {key for key, _ in corpus.entries}
        if len(corpus.members(key)) <= short
        for pair in agreeing(corpus, rule, corpus.members(key))
    }
    rng.shuffle(corpus.entries)
    found = [as_set(pairs) for pairs in compare_short(corpus.runs(), corpus.read, rule)]
    assert set().union(*found) == expected


@given(corpora(), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_runs_are_the_documents_of_one_key(corpus: Corpus, rng: random.Random) -> None:
    rng.shuffle(corpus.entries)
    runs = corpus.runs()
    expected = {
        key: corpus.members(key) for key, _ in corpus.entries if len(corpus.members(key)) > 1
    }
    assert runs.keys.tolist() == sorted(expected)
    for key, start, stop in zip(runs.keys.tolist(), runs.starts, runs.stops, strict=True):
        assert runs.lines[start:stop].tolist() == expected[key]
        assert runs.kinds[start:stop].tolist() == [corpus.kinds[doc] for doc in expected[key]]


def lead(corpus: Corpus, lines: np.ndarray, kinds: np.ndarray, rule: Rule) -> tuple[set[Pair], Led]:
    found: list[np.ndarray] = []
    led = lead_run(lines, kinds, corpus.read, rule, found.append)
    pairs = set[Pair]().union(*map(as_set, found))
    assert sum(map(len, found)) == len(pairs)  # each once, over all blocks
    return pairs, led


@given(corpora(), limits, st.sampled_from((1, 2, 3, 64)), st.integers(1, 5), st.integers(1, 20))
@settings(max_examples=200, deadline=None)
def test_members_of_a_long_run_meet_the_leaders_before_them(
    corpus: Corpus, limits: tuple[int, int, bool], leaders: int, chunk: int, buffer: int
) -> None:
    rule = rule_of(limits, 1, leaders)
    members = corpus.members(corpus.entries[0][0])
    leading: list[int] = []
    expected, struck, unled = set[Pair](), list[bool](), 0
    for member in members:
        met = [one for one in leading if allowed(corpus, rule, one, member)]
        expected |= {pair for one in met for pair in agreeing(corpus, rule, [one, member])}
        strikes = any(corpus.agreement(one, member) >= rule.strike for one in met)
        living = corpus.kinds[member] == LIVING and bool(rule.allowed[LIVING, LIVING])
        struck.append(strikes and living)
        if corpus.kinds[member] >= EARLIER:
            leading.append(member)
        elif living and not strikes:
            living_leaders = sum(corpus.kinds[one] < EARLIER for one in leading)
            leading += [member] * (living_leaders < leaders)
            unled += living_leaders >= leaders
    kinds = np.array([corpus.kinds[member] for member in members], np.uint8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "_CHUNK", chunk)
        patch.setattr(kernels, "_BUFFER", buffer)
        pairs, led = lead(corpus, np.array(members), kinds, rule)
    assert pairs == expected
    assert led.struck.tolist() == struck
    assert led.unled == unled


def remove(corpus: Corpus, edges: set[Pair]) -> set[int]:
    """Who goes: what resembles one that stands, then greedy keep-first among the rest."""
    standing = {doc for doc, kind in enumerate(corpus.kinds) if kind >= EARLIER}
    gone = {doc for pair in edges if set(pair) & standing for doc in pair} - standing
    rest = sorted(pair for pair in edges if not set(pair) & (standing | gone))
    ones = np.ones(len(rest), np.int64)
    decision = keep_first(np.array(rest, np.int64).reshape(-1, 2), ones, ones, len(corpus.kinds))
    return gone | set(np.flatnonzero(~decision.kept).tolist())


def remove_slowly(corpus: Corpus, edges: set[Pair]) -> set[int]:
    gone = set[int]()
    for doc in sorted(range(len(corpus.kinds)), key=lambda doc: (corpus.kinds[doc] < EARLIER, doc)):
        others = [other for pair in edges if doc in pair for other in pair if other != doc]
        standing = any(corpus.kinds[other] >= EARLIER for other in others)
        earlier = any(other < doc and other not in gone for other in others)
        if corpus.kinds[doc] < EARLIER and (standing or earlier):
            gone.add(doc)
    return gone


def settle(corpus: Corpus, rule: Rule, near: Callable[[Pair], bool]) -> tuple[set[int], int]:
    """Go the way of the stages; return who is removed, and how many members could not lead."""
    runs = corpus.runs()
    pairs = set[Pair]().union(*map(as_set, compare_short(runs, corpus.read, rule)))
    long, unled, rounds = [], 0, 0
    for number in np.flatnonzero(runs.stops - runs.starts > rule.short).tolist():
        place = slice(runs.starts[number], runs.stops[number])
        met, led = lead(corpus, runs.lines[place], runs.kinds[place], rule)
        pairs |= met
        unled += led.unled
        long.append((runs.lines[place], runs.kinds[place], led.struck))
    while True:
        gone = remove(corpus, set(filter(near, pairs)))
        fresh = set[Pair]()
        for lines, kinds, struck in long:
            stays = ~np.isin(lines, sorted(gone))
            if np.any(struck & stays):
                again = rule._replace(strike=WIDTH + 1)
                met, led = lead(corpus, lines[stays], kinds[stays], again)
                fresh |= met
                unled += led.unled
        if fresh <= pairs:
            event(f"{rounds} rounds with new pairs")
            return gone, unled
        pairs |= fresh
        rounds += 1


@given(
    crowds() | corpora(),
    st.tuples(st.integers(0, 4), st.integers(2, WIDTH + 1), st.sampled_from((False, False, True))),
    st.sampled_from((1, 2, 64)),
    st.sampled_from((1, 3, 64, 64, 64)),
    seeds,
    st.sampled_from((0.1, 0.2, 0.4, 0.8, 1.0)),
)
@settings(max_examples=1500, deadline=None)
def test_the_kept_are_those_of_greedy_over_all_pairs(
    corpus: Corpus,
    limits: tuple[int, int, bool],
    short: int,
    leaders: int,
    seed: int,
    share: float,
) -> None:
    """A sketch says who is worth comparing and no more: verdicts are drawn apart from it.

    So documents are struck by leaders that are not near, and by leaders that lose to others.
    """
    rule = rule_of(limits, short, leaders)
    keys = {key for key, _ in corpus.entries}
    every = set[Pair]().union(*(agreeing(corpus, rule, corpus.members(key)) for key in keys))
    rng = random.Random(seed)
    near = {pair for pair in sorted(every) if rng.random() < share}
    assert remove(corpus, near) == remove_slowly(corpus, near)
    gone, unled = settle(corpus, rule, near.__contains__)
    haunted = {pair for pair in near if any(corpus.kinds[doc] >= EARLIER for doc in pair)}
    assert remove_slowly(corpus, haunted) <= gone  # however few may lead, what stands meets all
    if unled == 0:  # else a run warns that some may have been missed
        assert gone == remove_slowly(corpus, near)
    assert unled == 0 or leaders < len(corpus.kinds)


RULE_OF = stage.rule_of
WORDS = [f"w{number}" for number in range(300)]
Record = dict[str, Any]


def texts(seed: int, *, header: int) -> list[Record]:
    """Families whose members drift apart a few words at a time, behind a header that all share."""
    draw = random.Random(seed)
    head = [f"h{number}" for number in range(header)]
    records = []
    for family in range(12):
        words = draw.choices(WORDS, k=draw.randrange(50, 100))
        for member in range(draw.randrange(1, 9)):
            body = " ".join([*head, *words])
            license_ = draw.choice(("MIT", "GPL-3.0-only"))
            records.append({"id": f"{family}-{member}", "text": body, "license": license_})
            for _ in range(draw.randrange(1, 4)):
                words[draw.randrange(len(words))] = draw.choice(WORDS)
    draw.shuffle(records)
    return records


def release(
    root: Path, records: list[Record], name: str, memory: int = 1 << 30, more: str = ""
) -> Path:
    """Make a release of three inputs; two documents are opted out with their near copies."""
    text = f'[release]\nname = "m"\nshards = 2\n[optout]\nregistry = "events.jsonl"\n{more}'
    for number in range(3):
        lines = [json.dumps(record) + "\n" for record in records[number::3]]
        (root / f"{number}.jsonl").write_text("".join(lines))
        text += f'[[sources]]\nname = "s{number}"\npaths = ["{number}.jsonl"]\n'
    if not (root / "events.jsonl").exists():
        gone = [subject("id", records[number]["id"]) for number in (1, 9)]
        add(root / "events.jsonl", gone, copies="near")
    (root / "m.toml").write_text(text)
    return run_config(root / "m.toml", out=root / name, crew=SYNC, memory=memory).release


def count(root: Path, name: str, phase: str) -> int:
    """How many tasks a phase had, over all rounds."""
    folder = root / name / ".work/m" / phase
    return len(list(folder.iterdir())) if folder.exists() else 0


def judge(
    patch: pytest.MonkeyPatch, short: int, strike: int | None = None, few: int = 1 << 60
) -> None:
    """Let runs be long from `short` on, crowds from `few` pairs on, and leaders strike those less like them."""
    patch.setattr(Rule.__new__, "__defaults__", (short, 1 << 16, 0, few, 1 << 17))
    if strike is not None:
        patch.setattr(stage, "rule_of", lambda spec: RULE_OF(spec)._replace(strike=strike))


def near_pairs(records: list[Record]) -> set[frozenset[str]]:
    flat, offsets = shingle_sets([record["text"] for record in records], SignatureSpec())
    sets = [(set(flat[a:b].tolist())) for a, b in pairwise(offsets)]
    return {
        frozenset((records[a]["id"], records[b]["id"]))
        for a, b in combinations(range(len(sets)), 2)
        if Fraction(len(sets[a] & sets[b]), len(sets[a] | sets[b])) >= Fraction(4, 5)
    }


def data(made: Path) -> list[str]:
    """The sums of all that holds documents. Survivors in the ledger and families may be others:
    of two documents that both lose in a long run, nobody asks how near they are to one another.
    """
    return [line for line in (made / "SHA256SUMS").read_text().splitlines() if "  data/" in line]


@pytest.mark.parametrize(("seed", "header"), [(12, 60), (2, 100), (8, 150), (6, 0)])
def test_whole_runs_keep_the_same_documents_however_long_runs_are_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, header: int
) -> None:
    records = texts(seed, header=header)
    near = near_pairs(records)
    found = []
    never = 1 << 60
    for short, strike, few in (
        (10**6, None, never),
        (64, None, never),
        (2, None, never),
        (1, None, never),
        (2, 85, never),
        (1, 1, never),
        (2, None, 0),
        (8, None, 20),
        (1, 85, 0),
    ):
        judge(monkeypatch, short, strike, few)
        name = f"{short} {strike}" if few == never else f"{short} {strike} {few}"
        made = release(tmp_path, records, name)
        found.append(data(made))
        rows = pq.read_table(made / "ledger/decisions-00000.parquet").to_pylist()
        kept = {row["id"] for row in rows if row["stage"] == "keep"}
        assert not any(pair <= kept for pair in near)
        losers = [row for row in rows if row["stage"] == "near"]
        assert losers
        for row in losers:
            assert row["survivor"] in kept
            assert frozenset((row["survivor"], row["id"])) in near
    assert count(tmp_path, "1000000 None", "revisit") == 0
    assert count(tmp_path, "1 1", "revisit") > 0
    assert count(tmp_path, "2 None 0", "join") > 0
    assert all(each == found[0] for each in found)


@pytest.mark.parametrize(("seed", "bands"), [(1, 1), (2, 2), (3, 1), (4, 3)])
def test_where_one_run_holds_all_later_rounds_find_what_the_first_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, bands: int
) -> None:
    """With so few bands no other run makes up for what a long one leaves out."""
    near = f"[dedup]\nnear = {{ bands = {bands}, rows = 1 }}\n"
    found = []
    for short, strike, few in (
        (10**6, None, 1 << 60),
        (2, None, 1 << 60),
        (2, 85, 1 << 60),
        (1, 1, 1 << 60),
        (2, None, 0),
    ):
        judge(monkeypatch, short, strike, few)
        name = f"{short} {strike}" if few else f"{short} {strike} joined"
        found.append(data(release(tmp_path, texts(seed, header=130), name, 1 << 30, near)))
    assert count(tmp_path, "1 1", "resolve") > 1
    assert all(each == found[0] for each in found)


def test_memory_changes_no_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records = texts(5, header=100)
    judge(monkeypatch, 2, 90)
    splits = "[split]\nvalidation = 0.2\ntest = 0.2\n"
    sizes = (1 << 30, 64 << 20, 1 << 16, 1 << 12)
    sums = {
        (release(tmp_path, records, str(size), size, splits) / "SHA256SUMS").read_text()
        for size in sizes
    }
    assert len(sums) == 1
    for phase in ("exact", "candidates", "revisit"):
        many = [count(tmp_path, str(size), phase) for size in sizes]
        assert many[0] == many[1] < many[2] < many[3], phase
    assert len({count(tmp_path, str(size), "resolve") for size in sizes}) == 1
    assert count(tmp_path, str(sizes[0]), "resolve") > 1
