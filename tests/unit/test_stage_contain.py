"""Documents that sit inside longer ones: recall against plain-Python containment, crowds, standings."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import ceil, comb
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from pipeline.dedup.anchors import AnchorSpec, anchors, least_shared, sample
from pipeline.dedup.candidates import EARLIER as KNOWN
from pipeline.dedup.candidates import GHOST as OPTED_OUT
from pipeline.dedup.candidates import LIVING, allowed_pairs, unique_pairs
from pipeline.dedup.candidates import QUESTION as ASKED
from pipeline.dedup.meetings import Entries, crowds, lines_of, meetings, pair_of
from pipeline.dedup.shingles import shingle_runs
from pipeline.engine.task import Context
from pipeline.engine.work import Work
from pipeline.errors import ConfigError
from pipeline.spill import BANDS, EARLIER, GHOST, PREFIXES, QUESTION, KeySpill
from pipeline.stages import contain
from pipeline.stages.candidates import read_pairs
from pipeline.stages.contain import ANCHOR_KEYS, AnchoredSpec, UniteSpec, anchored, unite
from pipeline.stages.order import LINE, ORDER
from pipeline.stages.part import PartRef, save_parts

SPEC = AnchorSpec()
WORDS = [f"w{number}" for number in range(3000)]
COLUMNS = [(name, LINE[name]) for name in LINE.names or () if name != "anchors"]
ANCHORED_LINE = np.dtype([*COLUMNS, ("anchors", "<u4")])


class Document(NamedTuple):
    text: str
    flags: int = 0
    lost: bool = False


def pairs_of(
    root: Path,
    documents: Sequence[Document | str],
    share: str = "0.9",
    parts: int = 2,
    tasks: int = 4,
) -> set[tuple[int, int]]:
    """Run both tasks over documents in `parts` parts, longest first; give (holder, held) pairs."""
    entries = [Document(one) if isinstance(one, str) else one for one in documents]
    bounds = [len(entries) * part // parts for part in range(parts + 1)]
    refs, counts = [], [0]
    for number, (start, stop) in enumerate(pairwise(bounds)):
        texts = [entry.text for entry in entries[start:stop]]
        sizes = np.array([max(0, len(text.split()) - 4) for text in texts], np.int64)
        found = anchors([sample(run, SPEC) for run in shingle_runs(texts, 5)], sizes, SPEC)
        records = np.zeros(len(found.keys), BANDS)
        records["key"], records["at"] = found.keys, found.documents
        (root / "screen" / str(number)).mkdir(parents=True)
        spill = KeySpill(root / "screen" / str(number) / ANCHOR_KEYS)
        spill.add(records)
        spill.close()
        refs.append(PartRef("screen", str(number), len(texts)))
        counts += found.counts.tolist()
    order(root, entries, counts[1:])
    return decide(root, tuple(refs), share, tasks)


def order(root: Path, entries: list[Document], counts: list[int]) -> None:
    lines = np.zeros(len(entries), ANCHORED_LINE)
    lines["flags"], lines["lost"] = [e.flags for e in entries], [e.lost for e in entries]
    lines["anchors"] = counts
    standing = [0 if e.flags & GHOST else 1 if e.flags & EARLIER else 2 for e in entries]
    lengths = [-len(entry.text.split()) for entry in entries]
    lines["rank"][np.lexsort([lengths, standing])] = np.arange(len(lines))
    (root / "order" / "o").mkdir(parents=True)
    np.save(root / "order" / "o" / ORDER, lines)


def decide(root: Path, parts: tuple[PartRef, ...], share: str, tasks: int) -> set[tuple[int, int]]:
    for task in range(tasks):
        out = root / "anchored" / str(task)
        out.mkdir(parents=True)
        first, end = PREFIXES * task // tasks, PREFIXES * (task + 1) // tasks
        left = save_parts(Work(root), parts)
        cut = AnchoredSpec(parts=left, order="o", first=first, end=end, containment=share)
        anchored(cut, Context(root, Work(root), out))
    out = root / "contain"
    out.mkdir()
    names = tuple(str(task) for task in range(tasks))
    record = unite(
        UniteSpec(order="o", anchored=names, anchors=SPEC, containment=share),
        Context(root, Work(root), out),
    )
    pairs = read_pairs(out)
    assert record["pairs"] == len(pairs)
    assert pairs.tolist() == unique_pairs(pairs).tolist()
    rank = np.load(root / "order" / "o" / ORDER)["rank"]
    return {(a, b) if rank[a] < rank[b] else (b, a) for a, b in pairs.tolist()}


def shingles(text: str) -> set[tuple[str, ...]]:
    words = text.split()
    return {tuple(words[place : place + 5]) for place in range(len(words) - 4)}


def held_by(texts: list[str], share: Fraction) -> set[tuple[int, int]]:
    """Every (holder, held) pair, by the definition."""
    sets = [shingles(text) for text in texts]
    return {
        (holder, held)
        for held, inner in enumerate(sets)
        for holder, outer in enumerate(sets)
        if len(inner) < len(outer) and len(inner & outer) >= share * len(inner)
    }


def prose(draw: random.Random, count: int) -> list[str]:
    return draw.choices(WORDS, k=count)


def edited(draw: random.Random, words: list[str], edits: int) -> list[str]:
    words = list(words)
    for _ in range(edits):
        words[draw.randrange(len(words))] = draw.choice(WORDS)
    return words


def cut_out(draw: random.Random, words: list[str]) -> list[str]:
    """A prefix, a middle piece or several passages of at least 50 words, some with a few edits."""
    kind, size = draw.randrange(3), draw.randrange(50, 250)
    if kind == 0:
        return edited(draw, words[:size], size // 120)
    if kind == 1:
        start = draw.randrange(len(words) - size)
        return edited(draw, words[start : start + size], size // 120)
    pieces = []
    for _ in range(size // 50):
        start = draw.randrange(len(words) - 60)
        pieces += words[start : start + 60]
    return pieces


def test_recall_by_the_definition(tmp_path: Path) -> None:
    draw = random.Random(5)
    long = [prose(draw, draw.randrange(400, 3000)) for _ in range(60)]
    short = [cut_out(draw, draw.choice(long)) for _ in range(700)]
    texts = [" ".join(words) for words in (*long, *short)]
    truth = held_by(texts, Fraction(9, 10))
    found = pairs_of(tmp_path, texts)
    assert len(truth) > 600
    assert len(truth & found) >= 0.995 * len(truth)
    assert len(found) < 2 * len(truth)


def test_the_share_that_is_asked_for_counts(tmp_path: Path) -> None:
    draw = random.Random(6)
    long = [prose(draw, 1500) for _ in range(10)]
    held: dict[float, list[str]] = {0.95: [], 0.7: [], 0.1: []}
    for share, texts in held.items():
        for words in long:
            inside = int(600 * share)
            texts.append(" ".join(words[100 : 100 + inside] + prose(draw, 600 - inside)))
    texts = [" ".join(words) for words in long]
    for each in held.values():
        texts += each
    found = {share: pairs_of(tmp_path / share, texts, share) for share in ("0.9", "0.65")}
    assert found["0.9"] >= {(n, 10 + n) for n in range(10)}
    assert found["0.65"] >= {(n, 10 + n) for n in range(10)} | {(n, 20 + n) for n in range(10)}
    assert not found["0.65"] & {(n, 30 + n) for n in range(10)}
    assert len(found["0.9"] & {(n, 20 + n) for n in range(10)}) < 8


def loss(shingle_count: int, share: Fraction) -> float:
    """Probability that a document held at just `share` is no candidate: counted out, term by term."""
    inside, rate = ceil(share * shingle_count), 1 / SPEC.one_in
    least, missed = least_shared(SPEC, share), 0.0
    for drawn in range(shingle_count + 1):
        chance = comb(shingle_count, drawn) * rate**drawn * (1 - rate) ** (shingle_count - drawn)
        asked = min(drawn, SPEC.probes)
        fewer = sum(
            comb(inside, shared) * comb(shingle_count - inside, asked - shared)
            for shared in range(least[asked])
            if shared <= asked
        )
        missed += chance * fewer / comb(shingle_count, asked)
    return missed


@pytest.mark.parametrize(("count", "most"), [(40, 0.0085), (46, 0.004), (100, 1e-4), (300, 1e-4)])
def test_the_stated_loss(count: int, most: float) -> None:
    assert loss(count, Fraction(9, 10)) <= most
    assert loss(count, Fraction(1)) <= most


def test_documents_that_share_a_header_meet_few_others(tmp_path: Path) -> None:
    draw = random.Random(7)
    header, count = prose(draw, 300), 3000
    bodies = [prose(draw, draw.randrange(60, 120)) for _ in range(count)]
    held = [header + body[:50] for body in bodies[:40]]
    texts = [" ".join(words) for words in [header + body for body in bodies] + held]
    found = pairs_of(tmp_path, texts)
    # By ill luck one of them has no anchor in its own 50 words, (7 / 8) ** 50 of all such.
    assert len(found & {(n, count + n) for n in range(40)}) >= 39
    assert len(found) < 40 * len(texts)


def test_what_lies_in_all_of_a_crowd_meets_one_of_them(tmp_path: Path) -> None:
    draw = random.Random(8)
    header = prose(draw, 100)
    crowd = [
        header + prose(draw, 600) for _ in range(400)
    ]  # longer ones that share the header alone
    template = prose(draw, 200)
    family = [header + edited(draw, template, 2) + prose(draw, 150) for _ in range(200)]
    texts = [" ".join(words) for words in (*crowd, *family, header + template)]
    held = len(texts) - 1
    inner = shingles(texts[held])
    holds = [10 * len(shingles(text) & inner) >= 9 * len(inner) for text in texts[:held]]
    truth = {(holder, held) for holder in range(held) if holds[holder]}
    assert len(truth) > 100
    assert pairs_of(tmp_path, texts) & truth


def test_who_may_hold_whom(tmp_path: Path) -> None:
    draw = random.Random(9)
    words = prose(draw, 400)
    outer, inner, least = (" ".join(words[:size]) for size in (400, 200, 120))

    def found(*documents: Document) -> set[tuple[int, int]]:
        return pairs_of(tmp_path / str(draw.random()), documents)

    assert found(Document(outer), Document(inner)) == {(0, 1)}
    assert found(Document(outer), Document(inner), Document(least)) == {(0, 1), (0, 2), (1, 2)}
    assert found(Document(outer, lost=True), Document(inner)) == set()
    for flag in (GHOST, EARLIER):
        assert found(Document(outer, flag), Document(inner)) == {(0, 1)}
        assert found(Document(outer), Document(inner, flag)) == set()
        assert found(Document(outer, GHOST), Document(inner, flag)) == set()
    assert found(Document(outer), Document(inner, QUESTION)) == set()
    assert found(Document(outer, QUESTION), Document(inner)) == set()
    assert found(Document(outer, GHOST), Document(inner, QUESTION)) == {(0, 1)}
    assert found(Document(outer, GHOST | QUESTION), Document(inner)) == {(0, 1)}


def test_ghosts_answer_in_a_crowd(tmp_path: Path) -> None:
    draw = random.Random(10)
    header = prose(draw, 300)
    crowd = [Document(" ".join(header + prose(draw, 500))) for _ in range(150)]
    ghost = Document(" ".join(header + prose(draw, 30)), GHOST)
    documents = [*crowd, ghost, Document(" ".join(header))]
    assert (150, 151) in pairs_of(tmp_path, documents)


def test_who_answers_in_a_crowd() -> None:
    draw = np.random.default_rng(13)
    count, window = 5000, 4
    kinds = draw.permutation(np.repeat([LIVING, ASKED, KNOWN, OPTED_OUT], count // 4))
    rank = np.argsort(np.lexsort([draw.random(count), -kinds * (kinds >= KNOWN)]))
    anchors = draw.integers(1, 10_000, count)
    lines = np.arange(count, dtype=np.uint64)
    entries = Entries(np.full(count, 9, np.uint64), lines, rank, anchors, kinds.astype(np.uint8))
    crowd = crowds(entries, 64, window)
    hosts = crowd.entries.lines[crowd.hosts].astype(np.int64)
    able = np.flatnonzero(kinds != ASKED)
    expected = set(able[np.argsort(-anchors[able], kind="stable")][:window].tolist())
    for kind in (LIVING, KNOWN, OPTED_OUT):
        alike = np.flatnonzero(kinds == kind)
        expected |= set(alike[np.argsort(rank[alike])][:window].tolist())
    assert expected >= set(hosts.tolist())
    assert len(expected ^ set(hosts.tolist())) <= 2  # of equal length the first in rank
    met = np.concatenate(list(meetings(crowd, Fraction(1, 100), 1000)))
    assert 0 < len(met) < count * 4 * window
    pairs = kinds[lines_of(pair_of(met))]
    assert allowed_pairs(ghosts_only=False)[pairs[:, 0], pairs[:, 1]].all()


def test_short_documents_are_left_alone(tmp_path: Path) -> None:
    words = prose(random.Random(11), 300)
    texts = [" ".join(words), " ".join(words[: SPEC.least + 3]), "", "one two"]
    assert pairs_of(tmp_path / "short", texts) == set()
    texts[1] = " ".join(words[: SPEC.least + 4])
    assert pairs_of(tmp_path / "enough", texts) == {(0, 1)}


def test_no_documents_no_pairs(tmp_path: Path) -> None:
    assert pairs_of(tmp_path, []) == set()


@pytest.mark.parametrize("at_once", [40, 700])
def test_how_much_is_held_at_once_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    draw = random.Random(12)
    header = prose(draw, 80)
    long = [header + prose(draw, 300) for _ in range(90)]
    texts = [" ".join(words) for words in [*long, *(words[:150] for words in long)]]
    whole = pairs_of(tmp_path / "whole", texts)
    monkeypatch.setattr(contain, "_AT_ONCE", at_once)
    assert pairs_of(tmp_path / "pieces", texts) == whole
    assert len(whole) >= 90


def test_a_sample_of_nothing_is_refused() -> None:
    for wrong in ({"one_in": 0}, {"least": 0}, {"probes": 0}, {"probes": 256}):
        with pytest.raises(ConfigError, match="containment"):
            AnchorSpec(**wrong)
