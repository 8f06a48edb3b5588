"""Repeated passages: what is cut and where, documents that are emptied, and the release line after a cut."""

from __future__ import annotations

import hashlib
import json
import random
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manifests.record import Meta, Record, decode, encode, record_flaw
from pipeline.dedup.passages import PASSAGES, PassageRule, cut, find, flaws, passage_records
from pipeline.engine.task import Context
from pipeline.engine.work import Work
from pipeline.spill import PREFIXES, KeySpill
from pipeline.stages.order import LINE, ORDER
from pipeline.stages.part import ROWS, PartRef, save_parts
from pipeline.stages.passages import (
    CUTS,
    EMPTIED,
    HEIRS,
    NAMED,
    WHOLE,
    RepeatsSpec,
    UniteSpec,
    apply,
    details_by_line,
    read_cuts,
    repeats,
    spans_by_line,
    unite,
)
from pipeline.stages.place import EXACT, KEPT, NEAR, PLACE, PLACED, STANDING

PARAGRAPHS = PassageRule(least=5)
LINES = PassageRule(unit="line", least=5)


class Doc(NamedTuple):
    """A document with its rank in the survivor order, its fate and whom it lost to, by rank."""

    rank: int
    text: str
    fate: int = KEPT
    survivor: int = -1


class Stages(NamedTuple):
    """What the stages left, and the documents by line."""

    docs: list[Doc]
    folder: Path
    counts: dict[str, Any]

    def array(self, name: str) -> Any:
        return np.load(self.folder / name)

    def texts(self) -> dict[int, str]:
        """Give the text of every document that is still kept, by rank."""
        fates = self.array(PLACED)["fate"]
        lines = np.flatnonzero(fates == KEPT)
        spans = spans_by_line(read_cuts(self.folder, 0, len(self.docs)), lines)
        return {
            self.docs[line].rank: cut(self.docs[line].text, [], spans.get(line, [])).text
            for line in lines.tolist()
        }


def run(
    work: Path, parts: list[list[Doc]], rule: PassageRule, ranges: int = 1, earlier: int = 0
) -> Stages:
    """Write the parts as the screen does, order and place as those stages do; run both tasks."""
    docs = [doc for part in parts for doc in part]
    line_of = {doc.rank: line for line, doc in enumerate(docs)}
    order, placed = np.zeros(len(docs) + earlier, LINE), np.zeros(len(docs) + earlier, PLACE)
    order["rank"] = [*(doc.rank + earlier for doc in docs), *range(earlier)]
    placed["fate"] = [*(doc.fate for doc in docs), *([STANDING] * earlier)]
    placed["survivor"] = [*(line_of.get(doc.survivor, -1) for doc in docs), *([-1] * earlier)]
    for phase, file, array in (("order", ORDER, order), ("place", PLACED, placed)):
        (work / phase / "0").mkdir(parents=True)
        np.save(work / phase / "0" / file, array)
    refs = tuple(PartRef("screen", str(n), len(part)) for n, part in enumerate(parts))
    for ref, part in zip(refs, parts, strict=True):
        write_part(work / "screen" / ref.fingerprint, part, rule)
    step = PREFIXES // ranges
    for first in range(0, PREFIXES, step):
        out = work / "repeats" / str(first)
        out.mkdir(parents=True)
        left = save_parts(Work(work), refs)
        spec = RepeatsSpec(parts=left, order="0", place="0", first=first, end=first + step)
        repeats(spec, Context(work, Work(work), out))
    out = work / "passages"
    out.mkdir()
    tasks = tuple(str(first) for first in range(0, PREFIXES, step))
    counts = unite(
        UniteSpec(parts=refs, place="0", repeats=tasks, forks=None, pardons=None),
        Context(work, Work(work), out),
    )
    return Stages(docs, out, counts)


def write_part(folder: Path, docs: list[Doc], rule: PassageRule) -> None:
    folder.mkdir(parents=True)
    spill, wholes = KeySpill(folder / PASSAGES), []
    for start in range(0, len(docs), 2):  # blocks, as the screen has them
        block = [doc.text for doc in docs[start : start + 2]]
        records, whole = passage_records(block, np.arange(start, start + len(block)), rule)
        spill.add(records)
        wholes += whole.tolist()
    spill.close()
    table = pa.table({WHOLE: pa.array(wholes, pa.uint32())})
    with pa.ipc.new_stream(str(folder / ROWS), table.schema) as writer:
        writer.write_table(table)


@pytest.mark.parametrize(
    ("unit", "text", "cut_out"),
    [
        ("line", "short\nlong enough\nend\n", ["long enough\n"]),
        ("line", "long enough", ["long enough"]),
        ("line", "   long enough \r\n\r\nx", ["   long enough \r\n"]),
        ("line", "       a       \n", []),
        ("paragraph", "one two\nthree\n\nx\n\n", ["one two\nthree\n\n"]),
        ("paragraph", "\n \n  one two\n \n\t\nthree four", ["  one two\n \n\t\n", "three four"]),
        ("paragraph", "one two\n   ", ["one two\n   "]),
        ("paragraph", "one two\r\n\r\nx", ["one two\r\n\r\n"]),
        ("paragraph", " \n\t", []),
        ("paragraph", "", []),
    ],
)
def test_a_cut_takes_the_passage_with_what_ends_it(
    unit: Any, text: str, cut_out: list[str]
) -> None:
    found = find(text, PassageRule(unit=unit, least=7))
    assert [text[start:end] for start, end, _ in found] == cut_out


def test_only_outer_white_space_is_looked_past() -> None:
    def digest(text: str) -> bytes:
        (passage,) = find(text, PassageRule(unit="line", least=5))
        return passage.digest

    assert digest("  The mill\t\r\n") == digest("The mill")
    assert digest("The mill") == hashlib.blake2b(b"The mill", digest_size=16).digest()
    for other in ("the mill", "The  mill", "The mi\u2113l", "The mill."):
        assert digest(other) != digest("The mill")


def test_length_is_counted_in_code_points() -> None:
    assert find("\U0001f33e\u00e9\u6c34", PassageRule(least=4)) == []
    assert len(find("\U0001f33e\u00e9\u6c34\u7530", PassageRule(least=4))) == 1


@pytest.mark.parametrize("unit", ["line", "paragraph"])
@pytest.mark.parametrize("text", ["\n" * 400_000, " \n" * 200_000, " " * 400_000, "a\n" * 200_000])
def test_a_text_made_to_be_slow_is_not(unit: Any, text: str) -> None:
    assert len(find(text, PassageRule(unit=unit))) == (unit == "paragraph" and "a" in text)


def test_who_takes_part() -> None:
    rule = PassageRule(sources=("web",))
    assert rule.of("web", question=False) == PassageRule()
    assert rule.of("code", question=False) is None
    assert PassageRule().of("code", question=False) == PassageRule()
    assert PassageRule().of("qa", question=True) is None
    assert flaws(rule) == []
    assert flaws(PassageRule(least=0)) == ["least: 0 is no length: must be at least 1"]


def test_the_first_in_the_survivor_order_stays_wherever_it_lies(tmp_path: Path) -> None:
    parts = [
        [Doc(2, "late one\n\nshared by all\n\nown words two"), Doc(0, "x\n\nshared by all\n\ny")],
        [Doc(1, "shared by all\n\nown words one\n\nshared by all\n")],
    ]
    stages = run(tmp_path, parts, PARAGRAPHS)
    assert stages.texts() == {
        0: "x\n\nshared by all\n\ny",
        1: "own words one\n\n",
        2: "late one\n\nown words two",
    }
    assert stages.array(CUTS).tolist() == [(0, 10, 25, 1), (2, 0, 15, 1), (2, 30, 44, 1)]
    assert {name: stages.counts[name] for name in ("cuts", "documents", "emptied")} == {
        "cuts": 3,
        "documents": 2,
        "emptied": 0,
    }


def test_a_document_that_is_not_kept_neither_loses_nor_holds_a_passage(tmp_path: Path) -> None:
    docs = [
        Doc(0, "shared by all\nshared by all", NEAR, 2),
        Doc(1, "shared by all\na", EXACT, 2),
        Doc(2, "shared by all\nb"),
    ]
    stages = run(tmp_path, [docs], LINES)
    assert len(stages.array(CUTS)) == 0
    assert stages.texts() == {2: "shared by all\nb"}


def test_an_emptied_document_is_dropped_and_names_where_its_text_stands(tmp_path: Path) -> None:
    parts = [
        [Doc(0, "first words\nx"), Doc(3, "a copy of 2", NEAR, 2), Doc(4, "a twin", EXACT, 2)],
        [Doc(2, "\nsecond words\n \nfirst words\n"), Doc(1, "second words"), Doc(5, "z", NEAR, 1)],
    ]
    stages = run(tmp_path, parts, LINES)
    placed = stages.array(PLACED)
    assert placed["fate"].tolist() == [KEPT, NEAR, EXACT, EMPTIED, KEPT, NEAR]
    # 4 is where the first of its passages stands; those who lost to it are handed on
    assert placed["survivor"].tolist() == [-1, 4, 4, 4, -1, 4]
    assert stages.array(HEIRS).tolist() == [(1, 3), (2, 3)]
    assert stages.array(NAMED).tolist() == [0, 3, 4]
    assert stages.texts() == {0: "first words\nx", 1: "second words"}
    assert (stages.counts["cuts"], stages.counts["documents"], stages.counts["emptied"]) == (
        0,
        0,
        1,
    )
    fates = stages.counts["fates"]
    assert [(row[KEPT], row[EXACT], row[NEAR], row[EMPTIED]) for row in fates] == [
        (1, 1, 1, 0),
        (1, 0, 1, 1),
    ]
    ids = {0: "zero", 4: "four"}
    assert list(details_by_line(read_cuts(stages.folder, 0, 6), ids)) == [
        (3, [(1, 14, "four"), (16, 28, "zero")])
    ]


def test_a_document_that_keeps_a_short_line_is_not_emptied(tmp_path: Path) -> None:
    docs = [Doc(0, "shared words"), Doc(1, "shared words\n.\n")]
    assert run(tmp_path, [docs], LINES).texts() == {0: "shared words", 1: ".\n"}


def test_a_document_that_repeats_itself_alone_keeps_one(tmp_path: Path) -> None:
    docs = [Doc(0, "again and\n" * 3)]
    stages = run(tmp_path, [docs], LINES)
    assert stages.texts() == {0: "again and\n"}
    assert stages.counts["emptied"] == 0


@pytest.mark.parametrize("parts", [[], [[]], [[], [Doc(0, "the only one")], []]])
def test_of_nothing_nothing_is_cut(tmp_path: Path, parts: list[list[Doc]]) -> None:
    stages = run(tmp_path, parts, LINES)
    assert len(stages.array(CUTS)) == stages.counts["cuts"] == stages.counts["emptied"] == 0
    assert len(read_cuts(stages.folder, 0, len(stages.docs))) == 0
    assert list(details_by_line(stages.array(CUTS), {})) == []


def test_documents_of_earlier_releases_stay_as_they_are(tmp_path: Path) -> None:
    docs = [Doc(0, "shared words"), Doc(1, "shared words"), Doc(2, "shared words\n.")]
    stages = run(tmp_path, [docs], LINES, earlier=3)
    placed = stages.array(PLACED)
    assert placed["fate"].tolist() == [KEPT, EMPTIED, KEPT, STANDING, STANDING, STANDING]
    assert placed["survivor"].tolist() == [-1, 0, -1, -1, -1, -1]
    assert len(stages.counts["fates"]) == 1
    assert stages.texts() == {0: "shared words", 2: "."}


def test_cuts_are_read_for_a_range_of_lines_alone(tmp_path: Path) -> None:
    docs = [Doc(rank, f"shared words\nown words {rank}") for rank in range(6)]
    stages = run(tmp_path, [docs], LINES)
    assert stages.array(CUTS)["line"].tolist() == [1, 2, 3, 4, 5]
    assert read_cuts(stages.folder, 2, 4)["line"].tolist() == [2, 3]
    assert spans_by_line(read_cuts(stages.folder, 0, 6), np.array([0, 5])) == {5: [(0, 13)]}


def test_one_passage_in_very_many_documents_is_left_in_one(tmp_path: Path) -> None:
    count = (1 << 16) + 5000  # more than one slice
    docs = [Doc(count - 1 - line, "the licence\n" + "x" * (line % 4)) for line in range(count)]
    stages = run(tmp_path, [docs[:7], docs[7:]], LINES)
    cuts = stages.array(CUTS)
    assert cuts["line"].tolist() == list(range(count - 1))
    assert set(cuts["first"].tolist()) == {count - 1}
    assert stages.counts["emptied"] == len(range(0, count - 1, 4))


pool = [
    "",
    " ",
    "shared",
    "shared ",
    "common one",
    "common two",
    "ab",
    "\u6c34\u8eca\u5c0f\u5c4b\u3060",
]
documents = st.lists(st.lists(st.sampled_from(pool), max_size=5).map("\n".join), max_size=6)


@given(
    documents,
    st.sampled_from((LINES, PARAGRAPHS)),
    st.sampled_from((1, 2, 8)),
    st.randoms(use_true_random=False),
)
@settings(max_examples=25)
def test_order_shards_and_ranges_change_nothing(
    texts: list[str], rule: PassageRule, ranges: int, draw: random.Random
) -> None:
    docs = [Doc(rank, text) for rank, text in enumerate(texts)]
    shuffled = draw.sample(docs, len(docs))
    at = draw.randint(0, len(docs))
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        plain = run(Path(one), [docs], rule)
        cut_up = run(Path(other), [shuffled[:at], [], shuffled[at:]], rule, ranges)
        assert cut_up.texts() == plain.texts()
        for name in ("cuts", "documents", "emptied"):
            assert cut_up.counts[name] == plain.counts[name]


def release_line(text: str, redactions: list[list[Any]]) -> bytes:
    meta = Meta(
        pile_set_name="s",
        repo="",
        path="",
        natural_language="en",
        redactions=json.dumps(redactions, separators=(",", ":")),
        extra='{"stars":1}',
    )
    record = Record(
        id="a",
        text=text,
        source="s",
        license="MIT",
        language="en",
        url="",
        created="",
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        meta=meta,
    )
    return encode(record)


def test_a_release_line_stays_canonical_and_true_to_its_text() -> None:
    text = "\u00e9 REDACTED_IP\nREDACTED_EMAIL was here\nwrite REDACTED_KEY"
    marks = [(2, 13, "IP"), (14, 28, "EMAIL"), (44, 56, "KEY")]
    line = release_line(text, [list(mark) for mark in marks])
    after = apply(line, [(14, 38)])
    record = decode(after)
    assert after.endswith(b"\n")
    assert record.text == "\u00e9 REDACTED_IP\nwrite REDACTED_KEY"
    assert record_flaw(record) == ""
    assert json.loads(record.meta.redactions) == [[2, 13, "IP"], [20, 32, "KEY"]]
    assert (record.id, record.meta.extra) == ("a", '{"stars":1}')
    assert apply(line.rstrip(b"\n"), []) == line


@pytest.mark.parametrize(
    ("start", "end", "left"),
    [
        (0, 3, [(0, 3)]),
        (3, 3, [(3, 3)]),
        (3, 4, []),
        (5, 5, []),
        (2, 9, []),
        (6, 7, []),
        (7, 7, [(3, 3)]),
        (7, 9, [(3, 5)]),
        (9, 11, []),
        (12, 13, [(6, 7)]),
    ],
)
def test_a_redaction_goes_only_with_a_cut_that_touches_it(
    start: int, end: int, left: list[tuple[int, int]]
) -> None:
    done = cut("abcdefghijklmn", [(start, end, "KEY")], [(10, 12), (3, 7)])
    assert done.text == "abchijmn"
    assert [(a, b) for a, b, _ in done.redactions] == left


@pytest.mark.parametrize("spans", [[(0, 99)], [(3, 5), (4, 6)], [(5, 3)], [(0, 11)]])
def test_a_cut_that_is_not_of_this_text_is_refused(spans: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match="cut") as caught:
        apply(release_line("secret line", []), spans)
    assert "secret" not in str(caught.value)
