"""Forks in a corpus: what goes, who stands for what went, and that nothing depends on where documents lie."""

from __future__ import annotations

import hashlib
import random
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.engine.task import Context
from pipeline.engine.work import Work
from pipeline.spill import EARLIER, GHOST, QUESTION, write_array
from pipeline.stages.edges import EDGE, EDGES
from pipeline.stages.exact import LOSER
from pipeline.stages.forks import FORKED, FORKS, HEIRS, ForksSpec, forks
from pipeline.stages.order import FATE, LINE, ORDER
from pipeline.stages.part import ROWS, ROWS_SCHEMA, PartRef, read_stream

GPL, MIT = 255 - 3, 255
RULE = {"threshold": "0.8", "containment": "", "copies": "0.7", "share": "0.75", "least": 2}


class Document(NamedTuple):
    """`text` names what is equal; `salt` orders documents that are alike in all else."""

    text: int
    repo: str = ""
    strictness: int = MIT
    priority: int = 1
    flags: int = 0
    salt: int = 0

    @property
    def standing(self) -> int:
        return 0 if self.flags & GHOST else 1 if self.flags & EARLIER else 2

    @property
    def order(self) -> tuple[int, ...]:
        rank = (0, 0) if self.standing < 2 else (self.strictness, self.priority)
        return (self.standing, *rank, self.text, self.salt)


Similar = dict[tuple[int, int], tuple[int, int]]
"""The shingles that two texts share and have together; a text is in here once, the lesser first."""


class Corpus(NamedTuple):
    documents: list[Document]
    similar: Similar

    def losers(self) -> dict[int, tuple[int, int]]:
        """Line of each exact loser: survivor, and whether that is opted out."""
        found = {}
        for text in {document.text for document in self.documents}:
            lines = [n for n, document in enumerate(self.documents) if document.text == text]
            first = min(lines, key=lambda n: self.documents[n].order)
            for line in lines:
                if line != first and self.documents[line].standing == 2:
                    found[line] = first, int(self.documents[first].standing == 0)
        return found


class Result(NamedTuple):
    """Who went with which fork, to which partner, how similar; the table; losers; heirs."""

    files: dict[int, tuple[str, int, int, int]]
    table: dict[str, tuple[str, int, int]]
    losers: dict[int, tuple[int, int]]
    heirs: dict[int, int]


def write(root: Path, corpus: Corpus, cut: int) -> tuple[PartRef, ...]:
    """Lay out what the stages before would have left, in two parts cut at a document."""
    documents = corpus.documents
    for folder in ("screen/a", "screen/b", "order/o", "verify/v", "out"):
        (root / folder).mkdir(parents=True)
    for name, mine in (("a", documents[:cut]), ("b", documents[cut:])):
        write_rows(root / "screen" / name / ROWS, mine)
    losers = corpus.losers()
    lines = np.zeros(len(documents), LINE)
    order = sorted(range(len(documents)), key=lambda n: documents[n].order)
    lines["rank"][order] = np.arange(len(order))
    lines["flags"] = [document.flags for document in documents]
    lines["lost"][list(losers)] = 1
    np.save(root / "order/o" / ORDER, lines)
    fates = np.array([(line, *losers[line]) for line in sorted(losers)], LOSER)
    np.save(root / "order/o" / FATE, fates)
    edges = []
    for a, b in combinations(sorted(set(range(len(documents))) - set(losers)), 2):
        pair = corpus.similar.get(tuple(sorted((documents[a].text, documents[b].text))))  # type: ignore[arg-type]  # a pair
        if pair is not None:
            edges.append((a, b, *pair, pair[1]))
    write_array(root / "verify/v" / EDGES, np.array(edges, EDGE))
    return PartRef("screen", "a", cut), PartRef("screen", "b", len(documents) - cut)


def write_rows(path: Path, documents: list[Document]) -> None:
    blank: dict[str, Any] = {"row": 0, "high": 0, "low": 0, "tie": 0, "bucket": 0, "frame": 0}
    blank |= dict.fromkeys(("id", "group", "request", "detail"), "") | {"place": 0, "shingles": 9}
    rows = [
        blank
        | {
            "rank": d.strictness << 40 | (d.priority + (1 << 31)) << 1,
            "repo": d.repo,
            "flags": d.flags,
        }
        for d in documents
    ]
    with pa.ipc.new_stream(str(path), ROWS_SCHEMA) as file:
        for start in range(0, len(rows), 3):
            file.write_batch(pa.RecordBatch.from_pylist(rows[start : start + 3], ROWS_SCHEMA))


def run(root: Path, corpus: Corpus, cut: int = 0, **rule: Any) -> Result:
    parts = write(root, corpus, cut)
    spec = ForksSpec(parts=parts, order="o", verify=("v",), **(RULE | rule))
    record = forks(spec, Context(root, Work(root), root / "out"))
    table = read_stream(root / "out" / FORKS).to_pylist()
    files = np.load(root / "out" / FORKED).tolist()
    losers = np.load(root / "out" / FATE).tolist()
    heirs = np.load(root / "out" / HEIRS).tolist()
    assert record == {"forks": len(table), "files": len(files), "exact": len(losers)}
    for lines in ([row[0] for row in rows] for rows in (files, losers, heirs)):
        assert lines == sorted(lines)
    return Result(
        {line: (table[fork]["repository"], *rest) for line, fork, *rest in files},
        {row["repository"]: (row["fork_of"], row["shared"], row["files"]) for row in table},
        {line: (survivor, optout) for line, survivor, optout in losers},
        dict(heirs),
    )


def expected(corpus: Corpus) -> Result:  # noqa: C901  the definition in one place
    documents, losers = corpus.documents, corpus.losers()
    share, threshold, copies = (Fraction(RULE[k]) for k in ("share", "threshold", "copies"))  # type: ignore[arg-type]  # decimal strings

    def similarity(a: int, b: int) -> Fraction:
        pair = tuple(sorted((documents[a].text, documents[b].text)))
        return Fraction(1) if pair[0] == pair[1] else Fraction(*corpus.similar.get(pair, (0, 1)))  # type: ignore[call-overload]  # a pair

    ghosts = [n for n, document in enumerate(documents) if document.flags & GHOST]
    living = [
        n
        for n, document in enumerate(documents)
        if document.flags == 0 and not any(similarity(n, ghost) >= copies for ghost in ghosts)
    ]
    names = {documents[n].repo for n in living} - {""}
    of = {name: [n for n in living if documents[n].repo == name] for name in names}
    order = sorted(
        names,
        key=lambda name: (
            min(documents[n].priority for n in of[name]),
            -len(of[name]),
            hashlib.sha256(name.encode()).digest(),
        ),
    )
    table: dict[str, tuple[str, int, int]] = {}

    def near(n: int, others: list[int]) -> list[int]:
        return [other for other in others if similarity(n, other) >= threshold]

    def launders(mine: str, other: str) -> bool:
        for n in of[mine]:
            for lax in near(n, [x for x in living if documents[x].repo != mine]):
                guards = [
                    g
                    for g in near(n, of[other])
                    if documents[g].strictness <= documents[n].strictness
                ]
                if documents[lax].text == documents[n].text:
                    guards = [g for g in guards if documents[g].text == documents[n].text]
                if documents[lax].strictness > documents[n].strictness and not guards:
                    return True
        return False

    for index, mine in enumerate(order):
        kept = [name for name in order[:index] if name not in table]
        shared = {name: sum(bool(near(n, of[name])) for n in of[mine]) for name in kept}
        fit = [
            name
            for name in kept
            if len(of[mine]) >= int(RULE["least"])
            and shared[name] >= share * len(of[mine])
            and not launders(mine, name)
        ]
        if fit:
            best = max(fit, key=lambda name: (shared[name], -kept.index(name)))
            table[mine] = best, shared[best], len(of[mine])
    files: dict[int, tuple[str, int, int, int]] = {}
    for mine, (other, _, _) in table.items():
        for n in of[mine]:
            partner = min(
                near(n, of[other]),
                key=lambda p: (
                    documents[p].text != documents[n].text,
                    -similarity(n, p),
                    documents[p].order,
                ),
                default=-1,
            )
            shares = (0, 0)
            if partner >= 0:
                pair = tuple(sorted((documents[n].text, documents[partner].text)))
                shares = (1, 1) if pair[0] == pair[1] else corpus.similar[pair]  # type: ignore[index]  # a pair
            files[n] = mine, partner, *shares
    heirs, left = {}, {}
    for text in {documents[n].text for n in files}:
        members = [n for n, d in enumerate(documents) if d.text == text and d.standing == 2]
        first = min(members, key=lambda n: documents[n].order)
        stay = [n for n in members if n not in files]
        if first in files and first not in losers:
            heirs[first] = min(stay, key=lambda n: documents[n].order, default=-1)
    for n, (survivor, optout) in losers.items():
        if n not in files and heirs.get(survivor, survivor) != n:
            left[n] = heirs.get(survivor, survivor), optout
    return Result(files, table, left, heirs)


@st.composite
def corpora(draw: st.DrawFn) -> Corpus:
    choose = random.Random(draw(st.integers(0, 2**32)))
    licences = draw(st.sampled_from([(MIT,), (MIT, MIT, MIT, GPL)]))
    flags = draw(st.sampled_from([(0,), (0,) * 12 + (GHOST, EARLIER, QUESTION)]))
    documents: list[Document] = []
    texts: list[list[int]] = []
    for number in range(draw(st.integers(1, 5))):
        base = choose.choice(texts) if texts and choose.random() < 0.7 else []
        texts.append(
            [text for text in base if choose.random() < 0.9]
            + [choose.randrange(30) for _ in range(choose.randrange(2 if base else 9))]
        )
        # one repository may lie in two sources
        priorities = choose.choice([(1,), (1,), (2,), (1, 2)])
        documents += [
            Document(
                text,
                f"r{number}",
                choose.choice(licences),
                choose.choice(priorities),
                choose.choice(flags),
            )
            for text in texts[-1]
        ]
    documents += [
        Document(choose.randrange(30), "", choose.choice(licences), 1, choose.choice(flags))
        for _ in range(choose.randrange(4))
    ]
    choose.shuffle(documents)
    documents = [document._replace(salt=salt) for salt, document in enumerate(documents)]
    similar = {
        (a, b): (choose.randrange(15, 20), 20)
        for a, b in combinations(range(30), 2)
        if choose.random() < 0.08
    }
    return Corpus(documents, similar)


@settings(max_examples=200)
@given(corpora(), st.data())
def test_the_stage_does_what_the_definition_says(
    tmp_path_factory: pytest.TempPathFactory, corpus: Corpus, data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(corpus.documents)))
    assert run(tmp_path_factory.mktemp("w"), corpus, cut) == expected(corpus)


@settings(max_examples=50)
@given(corpora(), st.randoms(use_true_random=False))
def test_where_documents_lie_means_nothing(
    tmp_path_factory: pytest.TempPathFactory, corpus: Corpus, choose: random.Random
) -> None:
    order = list(range(len(corpus.documents)))
    choose.shuffle(order)
    moved = Corpus([corpus.documents[n] for n in order], corpus.similar)
    before = run(tmp_path_factory.mktemp("w"), corpus)
    after = run(tmp_path_factory.mktemp("w"), moved, len(order) // 2)
    back = dict(enumerate([*order, -1])) | {-1: -1}
    assert after.table == before.table
    assert {back[n]: (f, back[p], i, u) for n, (f, p, i, u) in after.files.items()} == before.files
    assert {back[n]: (back[s], o) for n, (s, o) in after.losers.items()} == before.losers
    assert {back[n]: back[h] for n, h in after.heirs.items()} == before.heirs


def project(name: str, texts: range | list[int], **facts: Any) -> list[Document]:
    return [Document(text, name, **facts) for text in texts]


def salted(*documents: Document) -> list[Document]:
    return [document._replace(salt=salt) for salt, document in enumerate(documents)]


def test_a_repository_is_the_same_however_it_is_spelled(tmp_path: Path) -> None:
    mine = ["https://github.com/Owner/Name", "git@github.com:owner/name.git", "owner/name"]
    other = salted(*project("u/fork", [0, 1]), *(Document(n, mine[n]) for n in range(3)))
    assert run(tmp_path, Corpus(other, {})).table == {
        "github.com/u/fork": ("github.com/owner/name", 2, 2)
    }


def test_who_stood_for_its_copies_is_followed_by_the_first_that_stays(tmp_path: Path) -> None:
    documents = salted(*project("u/fork", [*range(4), 9]), *project("o/p", range(6)), Document(0))
    found = run(tmp_path, Corpus(documents, {}))
    assert found.files == {
        n: ("github.com/u/fork", *((n + 5, 1, 1) if n < 4 else (-1, 0, 0))) for n in range(5)
    }
    assert found.heirs == {0: 5, 1: 6, 2: 7, 3: 8, 4: -1}
    assert found.losers == {11: (5, 0)}


def test_no_fork_goes_for_a_laxer_licence(tmp_path: Path) -> None:
    documents = salted(
        *project("o/p", range(5)), *project("u/fork", range(4), strictness=GPL, priority=2)
    )
    found = run(tmp_path / "strict", Corpus(documents, {}))
    assert found == Result({}, {}, {n: (n + 5, 0) for n in range(4)}, {})
    alike = [document._replace(strictness=GPL) for document in documents]
    assert set(run(tmp_path / "alike", Corpus(alike, {})).files) == {5, 6, 7, 8}


def test_the_priority_of_the_source_comes_before_the_number_of_files(tmp_path: Path) -> None:
    documents = salted(*project("o/p", range(5), priority=2), *project("u/fork", range(4)))
    table = run(tmp_path, Corpus(documents, {})).table
    assert table == {"github.com/o/p": ("github.com/u/fork", 4, 5)}


def test_an_opted_out_document_is_no_file_of_a_repository(tmp_path: Path) -> None:
    documents = salted(
        *project("o/p", range(6)),
        *project("u/fork", [0, 1, 7, 8]),
        Document(7, "x/y", flags=GHOST),
        Document(9, "x/y", flags=GHOST),
    )
    found = run(tmp_path, Corpus(documents, {(8, 9): (15, 20)}))
    assert found.table == {"github.com/u/fork": ("github.com/o/p", 2, 2)}
    assert set(found.files) == {6, 7}
    assert found.losers == {8: (10, 1)}  # and the near copy, line 9, is left to resolve


@pytest.mark.parametrize(
    ("own", "other", "goes"), [(18, 50, True), (19, 50, False), (18, 15, False)]
)
def test_a_part_of_an_opted_out_document_is_none_either(
    tmp_path: Path, own: int, other: int, goes: bool
) -> None:
    documents = salted(
        *project("o/p", range(6)), *project("u/fork", [0, 1, 8]), Document(9, flags=GHOST)
    )
    parts = write(tmp_path, Corpus(documents, {}), 0)
    # 9 of the own shingles are in the opted-out document, which is longer or not
    edge = (8, 9, 9, own + other - 9, own)
    write_array(tmp_path / "verify/v" / EDGES, np.array([edge], EDGE))
    rule = RULE | {"containment": "0.5"}
    spec = ForksSpec(parts=parts, order="o", verify=("v",), **rule)  # type: ignore[arg-type]  # values of all kinds
    assert (forks(spec, Context(tmp_path, Work(tmp_path), tmp_path / "out"))["forks"] == 1) == goes


def test_nothing_in_nothing_out(tmp_path: Path) -> None:
    assert run(tmp_path, Corpus([], {})) == Result({}, {}, {}, {})
    spec = ForksSpec(parts=(), order="o", verify=(), **RULE)  # type: ignore[arg-type]  # values of all kinds
    assert forks(spec, Context(tmp_path, Work(tmp_path), tmp_path / "out"))["forks"] == 0
