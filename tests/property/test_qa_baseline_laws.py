"""Laws of the baselines: spans are spans of the context, figures are numbers, more doubt is more silence."""

from __future__ import annotations

import random
from functools import cache
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.korean import is_hangul
from filters.qa import Answer
from pipeline.qa.baseline import appearance, features, lexicon, overlap
from pipeline.qa.baseline.calibration import isotonic
from pipeline.qa.baseline.decoding import CONSIDERED, choices, likeness, rules_for
from pipeline.qa.baseline.labels import grades, right_spans
from pipeline.qa.baseline.page import Page, matches, page_of, prompt_of
from pipeline.qa.baseline.ranker import MOST_SPANS, Told
from pipeline.qa.baseline.spans import CLASSES, LONGEST
from pipeline.qa.baseline.units import MARK, units_of
from pipeline.qa.baseline.unlearned import best_sentence, sliding_window
from tests.unit.test_qa_baseline import asked

WORDS = st.sampled_from(
    ["who", "What", "mill", "Mills", "the", "Ada", "1848", "$3", "12%", "(", ")", "[", '"', ".", "!", ",", "\n", "'s",
     "don't", "서울은", "1989년에", "누구", "《", "》", "의", "東京", "が", "U.S.", "\u0301", "\U0001f33e", "é"]
)  # fmt: skip
texts = st.one_of(
    st.lists(WORDS, max_size=60).map(" ".join),
    st.lists(WORDS, max_size=60).map("".join),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60),
)
shares = st.floats(0, 1, allow_nan=False)


@cache
def known() -> lexicon.Lexicon:
    """A lexicon of a small world."""
    questions = asked(120)
    pages = [page_of(each.context) for each in questions]
    prompts = [prompt_of(each.question) for each in questions]
    words = lexicon.words_of(pages, prompts)
    tally = lexicon.empty_tally(words)
    for each, page, prompt in zip(questions, pages, prompts, strict=True):
        lexicon.count(tally, words, page, prompt, right_spans(page, each.answers))
    return lexicon.lexicon_of(words, tally)


def spans_of(page: Page, question: str, most: int = MOST_SPANS) -> features.Spans:
    return features.spans_of(
        known(), page, features.known_of(known(), page), prompt_of(question), most
    )


@given(texts)
def test_units_cover_all_but_white_space_in_order(text: str) -> None:
    units = units_of(text)
    places = list(zip(units.start.tolist(), units.end.tolist(), strict=True))
    assert all(start < end for start, end in places)
    assert all(end <= start for (_, end), (start, _) in pairwise(places))
    held = set().union(*(range(start, end) for start, end in places)) if places else set()
    assert all(char.isspace() for at, char in enumerate(text) if at not in held)
    steps = np.diff(units.sentence)
    assert ((steps == 0) | (steps == 1)).all()


@given(texts)
def test_every_candidate_is_a_span_of_one_sentence(text: str) -> None:
    page = page_of(text)
    for index, (first, last) in enumerate(page.places.tolist()):
        start, end = page.span(index)
        assert 0 <= start < end <= len(text)
        assert first <= last < first + LONGEST
        assert page.units.sentence[first] == page.units.sentence[last]
        assert not page.units.shapes[first] & MARK
        assert page.brackets[first : last + 1].sum() == 0
    assert ((page.classes >= 0) & (page.classes < CLASSES)).all()
    assert len({tuple(each) for each in page.places.tolist()}) == len(page.places)


@settings(max_examples=200)
@given(texts, texts)
def test_features_are_numbers_and_have_names(context: str, question: str) -> None:
    found = spans_of(page_of(context), question)
    assert found.features.shape == (len(found.indexes), len(features.NAMES))
    assert len(set(features.NAMES)) == len(features.NAMES)
    assert np.isfinite(found.features).all()
    table = dict(zip(features.NAMES, found.features.T, strict=True))
    for name in (*overlap.OF_SENTENCES, "own", "around_2", "around_4", "around_8", "around_16"):
        assert ((table[name] >= 0) & (table[name] <= 1 + 1e-5)).all()
    assert (table["around_2"] <= table["around_16"] + 1e-5).all()
    assert (table["sentence"] <= table["context"] + 1e-5).all()
    for name in (each for each in features.NAMES if each.endswith("_to_best")):
        assert (table[name] <= 0).all()
    assert (table["units"] >= 1).all()
    assert set(appearance.NAMES) <= set(table)


@given(texts, texts, st.integers(1, 20))
def test_fewer_spans_are_the_first_of_more(context: str, question: str, most: int) -> None:
    page = page_of(context)
    few, many = spans_of(page, question, most), spans_of(page, question)
    assert few.indexes.tolist() == many.indexes.tolist()[:most]


@given(texts, texts)
def test_what_learns_nothing_answers_with_spans(context: str, question: str) -> None:
    page, prompt = page_of(context), prompt_of(question)
    for method in (best_sentence, sliding_window):
        start, end = method(page, prompt)
        assert 0 <= start <= end <= len(context)
        assert (start < end) == bool(context.strip()) or not len(page.units.start)


@given(texts, texts)
def test_matches_are_forms_of_one_word(context: str, question: str) -> None:
    page, prompt = page_of(context), prompt_of(question)
    for stem, match in zip(page.units.stems, matches(page, prompt).tolist(), strict=True):
        assert match < 0 or prompt.units.stems[match] == stem


@given(texts, st.integers(0, 60), st.integers(1, 30))
def test_answers_are_graded_highest_where_they_are(text: str, start: int, length: int) -> None:
    page = page_of(text)
    answer = Answer(text[start : start + length], start, min(start + length, len(text)))
    if not answer.text.strip():
        return
    right = right_spans(page, [answer])
    given_ = grades(page, np.arange(len(page.places), dtype=np.int32), right)
    assert (given_ == 4).sum() == len(right)
    assert sum(share for _, share in right) in {0.0, 1.0}


@given(st.lists(texts.filter(str.strip), min_size=1, max_size=CONSIDERED), st.randoms())
def test_choices_share_what_there_is(answers: list[str], chance: random.Random) -> None:
    raw = np.array([chance.random() + 1e-3 for _ in answers])
    found = choices(answers, raw / raw.sum(), rules_for(answers[0]))
    assert 0 < sum(each.share for each in found) <= 1 + 1e-9
    assert all(0 <= each.share <= 1 and 0 <= each.f1 <= 1 for each in found)
    assert len({rules_for(answers[0]).plain(answers[each.place]) for each in found}) == len(found)
    values = [each.share + each.f1 for each in found]
    assert values == sorted(values, reverse=True)


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=4), min_size=1, max_size=6))
def test_likeness_is_that_of_the_scorer(answers: list[list[str]]) -> None:
    found = likeness(answers)
    rules = rules_for("")
    joined = [
        " ".join(letter * 2 for letter in each) for each in answers
    ]  # "a" alone is an article
    for row, one in enumerate(joined):
        for column, other in enumerate(joined):
            assert abs(found[row, column] - rules.f1(one, other)) < 1e-9


@given(st.lists(st.tuples(shares, st.sampled_from([0.0, 0.5, 1.0])), max_size=200), shares, shares)
def test_isotonic_steps_never_fall(
    pairs: list[tuple[float, float]], one: float, other: float
) -> None:
    steps = isotonic([each for each, _ in pairs], [was for _, was in pairs])
    low, high = sorted((one, other))
    assert 0.0 <= steps(low) <= steps(high) <= 1.0


@given(st.lists(shares), shares, shares)
def test_a_higher_threshold_is_never_more_silent(
    odds: list[float], one: float, other: float
) -> None:
    told = [Told(str(number), "x", 0.5, 0.5, each) for number, each in enumerate(odds)]
    low, high = sorted((one, other))
    silent = [{each.id for each in told if not each.abstaining(at)} for at in (low, high)]
    assert silent[1] <= silent[0]


@given(texts)
def test_korean_rules_are_for_korean(text: str) -> None:
    assert (rules_for(text) is rules_for("가")) == any(map(is_hangul, text))
