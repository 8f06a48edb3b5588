"""Laws of repeated passages: nothing is lost, nothing stands twice, and plain Python agrees."""

from __future__ import annotations

import random
import re
from collections import Counter
from typing import Any, NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.dedup.passages import PASSAGE, PassageRule, cut, find, passage_records
from pipeline.stages.passages import find_repeats

LINES = [
    "",
    " ",
    "\t\f",
    "ab",
    "abcd",
    "  abcd ",
    "abcd\r",
    "ABCD",
    "\u00e9abc d",
    "\u65e5\u672c\u8a9e\u6587",
    "\u2028abcde",
    "ab\x85cd",
    "Write to REDACTED_EMAIL now",
    "REDACTED_KEY",
]
REDACTED = re.compile(r"REDACTED_[A-Z]+")
texts = st.one_of(
    st.lists(st.sampled_from(LINES), max_size=9).map("\n".join),
    st.text("ab \n\r\u2028\u00e9", max_size=30),
)
corpora = st.lists(texts, max_size=7)
rules = st.builds(
    PassageRule, unit=st.sampled_from(("line", "paragraph")), least=st.sampled_from((1, 2, 4, 8))
)


def blocks(text: str, rule: PassageRule) -> list[tuple[str, str]]:
    """Cut a text by hand into (all of a block, what is compared), lines and blank lines one by one."""
    lines = [line + "\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    if rule.unit == "line":
        return [(line, line.strip()) for line in lines if line]
    found: list[tuple[str, str]] = []
    after_blank = True
    for line in lines:
        blank = line.strip() == ""
        if found and (blank or not after_blank):
            found[-1] = (found[-1][0] + line, found[-1][1] + ("" if blank else line))
        elif line:
            found.append((line, "" if blank else line))
        # blank lines at the top are a block of their own
        after_blank = blank
    return [(whole, core.strip()) for whole, core in found]


def naive(corpus: list[str], rule: PassageRule) -> list[str | None]:
    """Walk the documents in their order and leave out what was seen; `None` for one that this empties."""
    seen: set[str] = set()
    out: list[str | None] = []
    for text in corpus:
        left = []
        for whole, core in blocks(text, rule):
            if len(core) >= rule.least:
                if core in seen:
                    continue
                seen.add(core)
            left.append(whole)
        joined = "".join(left)
        out.append(None if joined != text and joined.strip() == "" else joined)
    return out


class Curated(NamedTuple):
    """What came of a corpus: texts (`None` when emptied), the cuts, and the passages found."""

    texts: list[str | None]
    cuts: Any
    passages: Any


def curate(corpus: list[str], rule: PassageRule, draw: random.Random | None = None) -> Curated:
    """Run the kernels; documents come in the survivor order, their lines in any."""
    rank = np.arange(len(corpus), dtype=np.int64)
    if draw is not None:
        draw.shuffle(rank)
    laid = [corpus[place] for place in rank.tolist()]
    passages, whole = passage_records(laid, np.arange(len(laid), dtype=np.int64), rule)
    cuts = find_repeats(passages[np.random.default_rng(len(laid)).permutation(len(passages))], rank)
    out: list[str | None] = [None] * len(corpus)
    for line, text in enumerate(laid):
        spans = [(start, end) for at, start, end, _ in cuts.tolist() if at == line]
        if not spans or len(spans) != whole[line]:
            out[int(rank[line])] = cut(text, [], spans).text
    return Curated(out, cuts, passages)


@given(texts, rules)
def test_passages_are_those_that_one_finds_by_hand(text: str, rule: PassageRule) -> None:
    at, expected = 0, []
    for whole, core in blocks(text, rule):
        if len(core) >= rule.least:
            expected.append((at, at + len(whole), core))
        at += len(whole)
    found = find(text, rule)
    assert [(start, end, text[start:end].strip()) for start, end, _ in found] == expected
    assert len({digest for _, _, digest in found}) == len({core for _, _, core in expected})


@given(texts, rules)
def test_whole_counts_the_passages_of_a_text_that_is_nothing_else(
    text: str, rule: PassageRule
) -> None:
    records, whole = passage_records([text, ""], np.array([4, 9]), rule)
    left = cut(text, [], [(start, end) for *_, start, end in records.tolist()]).text
    assert whole.tolist() == [len(records) if left.strip() == "" else 0, 0]
    assert set(records["at"].tolist()) <= {4}


@given(corpora, rules, st.randoms(use_true_random=False))
@settings(max_examples=200)
def test_a_walk_in_plain_python_gives_the_same_texts(
    corpus: list[str], rule: PassageRule, draw: random.Random
) -> None:
    assert curate(corpus, rule, draw).texts == naive(corpus, rule)


@given(corpora, rules)
@settings(max_examples=200)
def test_every_passage_is_kept_or_cut_and_stands_exactly_once(
    corpus: list[str], rule: PassageRule
) -> None:
    done = curate(corpus, rule)
    cores = [core for text in corpus for _, core in blocks(text, rule) if len(core) >= rule.least]
    left = Counter(
        text[start:end].strip()
        for text in done.texts
        if text is not None
        for start, end, _ in find(text, rule)
    )
    assert len(done.passages) == len(cores)
    assert left.total() + len(done.cuts) == len(cores)
    assert left == Counter(set(cores))


@given(corpora, rules)
def test_each_cut_names_the_document_in_which_its_passage_still_stands(
    corpus: list[str], rule: PassageRule
) -> None:
    done = curate(corpus, rule)
    for line, start, end, first in done.cuts.tolist():
        home = done.texts[first]
        assert home is not None
        core = corpus[line][start:end].strip()
        assert core in {home[a:b].strip() for a, b, _ in find(home, rule)}


@given(corpora, rules, st.randoms(use_true_random=False))
def test_a_second_time_nothing_is_cut_whatever_the_order(
    corpus: list[str], rule: PassageRule, draw: random.Random
) -> None:
    once = [text for text in curate(corpus, rule).texts if text is not None]
    draw.shuffle(once)
    again = curate(once, rule)
    assert len(again.cuts) == 0
    assert again.texts == once


@given(corpora, rules, st.randoms(use_true_random=False))
def test_where_documents_lie_decides_nothing(
    corpus: list[str], rule: PassageRule, draw: random.Random
) -> None:
    assert curate(corpus, rule, draw).texts == curate(corpus, rule).texts


@given(
    st.lists(st.sampled_from(LINES), max_size=9).map("\n".join),
    rules,
    st.sets(st.integers(0, 5)),
    st.randoms(use_true_random=False),
)
@settings(max_examples=200)
def test_redactions_hold_the_same_placeholders_after_a_cut(
    text: str, rule: PassageRule, which: set[int], draw: random.Random
) -> None:
    passages = enumerate(find(text, rule))
    spans = [(start, end) for number, (start, end, _) in passages if number in which]
    redactions = [(match.start(), match.end(), match[0]) for match in REDACTED.finditer(text)]
    done = cut(text, redactions, draw.sample(spans, len(spans)))
    assert [done.text[start:end] for start, end, _ in done.redactions] == [
        kind for _, _, kind in done.redactions
    ]
    assert done.redactions == [
        (match.start(), match.end(), match[0]) for match in REDACTED.finditer(done.text)
    ]
    assert done.spans == sorted(spans)


def test_no_documents_have_no_passages() -> None:
    records, whole = passage_records([], np.zeros(0, np.int64), PassageRule())
    assert records.dtype == PASSAGE
    assert len(records) == len(whole) == len(find_repeats(records, np.zeros(0, np.int64))) == 0
