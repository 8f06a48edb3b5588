"""Laws of quality filters: thresholds only cut, and stored scores say what fresh ones do."""

from __future__ import annotations

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from filters.document import Document
from filters.quality import QUALITY_FILTERS, Measures, QualityFilter, measure, score
from filters.quality.figures import TEXT_SCORES
from filters.quality.signs import SPACE, code_points, signs_of
from filters.quality.word_kernels import cut_words
from filters.tags import tag
from pipeline.stages.refuse import judge_stored, reasons_of
from pipeline.stages.scores import Stored, table_of

WORDS = [
    "the",
    "mill",
    "of",
    "and",
    "wheat.",
    "...",
    "#",
    "- oats",
    "{",
    "don't",
    "42",
    "\n",
    "\n\n",
    "x=1",
    "강가",
]
texts = st.one_of(
    st.lists(st.sampled_from(WORDS), max_size=120).map(" ".join),
    st.text(st.characters(codec="utf-8"), max_size=60),
)
documents = st.builds(
    lambda text, path, language: Document(
        id="1", text=text, sha256="", source="s", path=path, language=language
    ),
    texts,
    st.sampled_from(["", "a.py", "a.json", "a.md"]),
    st.sampled_from(["", "en", "ko", "ja"]),
)
limits = st.one_of(st.just("off"), st.floats(0, 1), st.floats(0, 100))


@st.composite
def filters(draw: st.DrawFn) -> QualityFilter:
    """A filter with some thresholds of its own."""
    each = draw(st.sampled_from(QUALITY_FILTERS))
    fields = sorted({rule.field for rule in each.rules})
    changed = draw(st.dictionaries(st.sampled_from(fields), limits, max_size=4))
    return msgspec.structs.replace(each, **changed, languages=("*",))


@given(st.lists(documents, max_size=6), st.lists(filters(), min_size=1, max_size=3))
def test_stored_scores_say_what_a_document_says(
    given: list[Document], chosen: list[QualityFilter]
) -> None:
    scored = [score(each.text, tag(each), Measures()) for each in given]
    named = tuple((each.name, each) for each in chosen)
    refused = judge_stored(Stored(table_of([*scored, None])), named)
    found = {
        int(line): (reasons_of(named)[reason], round(figure, 6))
        for line, reason, figure in refused.tolist()
    }
    for row, (document, known) in enumerate(zip(given, scored, strict=True)):
        verdicts = [each.judge(document) for each in chosen]
        assert verdicts == [each.judge_scored(known) for each in chosen]
        dropped = [each for each in verdicts if not each.keep]
        expected = (dropped[0].reason, dropped[0].detail["figure"]) if dropped else None
        assert found.get(row) == expected
    assert len(given) not in found  # a ghost is judged by nobody


@given(documents, filters(), st.floats(0, 50), st.floats(0, 50), st.data())
def test_raising_a_minimum_or_lowering_a_maximum_never_keeps_more(
    document: Document, each: QualityFilter, one: float, other: float, data: st.DataObject
) -> None:
    rule = data.draw(st.sampled_from(each.rules))
    lax, strict = sorted((one, other), reverse=not rule.least)
    loose = msgspec.structs.replace(each, **{rule.field: lax})
    tight = msgspec.structs.replace(each, **{rule.field: strict})
    assert loose.judge(document).keep or not tight.judge(document).keep


@given(texts)
def test_figures_are_finite_and_shares_are_shares(text: str) -> None:
    figures = measure(text, Measures())
    assert tuple(figures) == TEXT_SCORES
    assert np.isfinite(list(figures.values())).all()
    for name in (
        "alphabetic",
        "bulleted",
        "ellipsis",
        "lines",
        "line-characters",
        "terminal-lines",
    ):
        assert 0 <= figures[name] <= 1
    for n in range(5, 11):
        assert 0 <= figures[f"repeated-{n}-gram"] <= 1
    assert 0 <= figures["encoded"] <= 1


@given(st.text(st.characters(codec="utf-8"), max_size=80))
def test_words_are_the_text_without_its_blanks(text: str) -> None:
    points = code_points(text)
    signs = signs_of(points)
    spans = cut_words(points, signs).tolist()
    joined = "".join(text[start:end] for start, end in spans)
    blank = (signs & SPACE) != 0
    assert joined == "".join(sign for sign, gone in zip(text, blank, strict=True) if not gone)
    assert all(start < end for start, end in spans)
