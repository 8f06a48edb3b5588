"""Words, sentences and the measures of a question."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.qa import Answer
from filters.qa_quality import overlap, quality_of, says
from filters.qa_words import content_words, sentence_around, sentences, stem, words

MILL = "The mill was built in 1850 by J. Smith. It burnt down. Dr. Kim bought it for 1,200 marks."


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It's 1,200.5 km—no: 12!", ["It's", "1,200.5", "km", "no", "12"]),
        ("서울은 크다.", ["서울은", "크다"]),
        ("東京は大きい", ["東", "京", "は", "大", "き", "い"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("𠀀a🌾b", ["𠀀", "a🌾b"]),
        ("  ?! ", []),
    ],
)
def test_words_by_script(text: str, found: list[str]) -> None:
    assert words(text) == found


@pytest.mark.parametrize(
    ("word", "left"),
    [
        ("서울은", "서울"), ("서울에서는", "서울"), ("학교가", "학교"), ("국가", "국가"),
        ("사과", "사과"), ("수도", "수도"), ("1850년에", "1850년"), ("3월에", "3월"), ("NASA는", "NASA"),
        ("5는", "5"), ("서울로", "서울"), ("부산으로", "부산"), ("Ada's", "Ada"), ("", ""), ("은", "은"),
    ],
)  # fmt: skip
def test_a_particle_is_taken_where_the_sound_agrees(word: str, left: str) -> None:
    assert stem(word) == left


def test_sentences_end_where_they_end() -> None:
    found = [MILL[a:b] for a, b in sentences(MILL)]
    assert found == [
        "The mill was built in 1850 by J. Smith.",
        "It burnt down.",
        "Dr. Kim bought it for 1,200 marks.",
    ]
    assert [b - a for a, b in sentences("水車。回る！\n 粉")] == [3, 3, 1]
    assert list(sentences(" \n ")) == []


@given(st.text("aB .!?\n。é", max_size=40))
def test_sentences_hold_all_but_blanks_in_order(text: str) -> None:
    spans = list(sentences(text))
    assert "".join("".join(text[a:b] for a, b in spans).split()) == "".join(text.split())
    assert all(a < b for a, b in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))


@given(st.text("aB .!?\n", min_size=1, max_size=40), st.data())
def test_the_sentence_around_holds_what_is_no_blank_of_the_span(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    low, high = sentence_around(text, start, end)
    assert all(text[at].isspace() for at in range(start, end) if not low <= at < high)


def test_the_measures_of_a_question() -> None:
    start = MILL.index("1850")
    found = quality_of("When was the mill built?", MILL, [Answer("1850", start, start + 4)])
    assert (found.question_words, found.answer_words, found.places) == (5, 1, 1)
    assert (found.overlap, found.leak) == (1.0, False)
    start = MILL.index("Kim")
    found = quality_of("Did Kim build a MILL?", MILL, [Answer("Kim", start, start + 3)])
    assert (found.overlap, found.leak) == (0.3333, True)


def test_without_an_answer_the_plausible_one_tells_the_sentence() -> None:
    start = MILL.index("1850")
    found = quality_of("When was it built?", MILL, [], [Answer("1850", start, start + 4)])
    assert (found.answer_words, found.places, found.leak, found.overlap) == (0, 0, False, 1.0)
    assert quality_of("Who bought bread?", MILL, []).overlap == 0.5
    assert quality_of("What is it?", MILL, []).overlap == 0.0


def test_korean_words_overlap_without_their_particles() -> None:
    assert overlap("서울이 수도인가?", "서울은 크다.") == 0.5
    assert content_words("서울은 서울이 서울") == {"서울"}


def test_an_answer_is_said_by_whole_words() -> None:
    assert says("Where is New York City?", "new york")
    assert not says("Where is Newark?", "new")
    assert says("서울은 어디인가?", "서울")
    assert not says("Where?", "!")
