"""What can be an answer, how it is asked, and what each way of making questions promises."""

from __future__ import annotations

import json
import string

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.qa import Answer, Question, Synthetic, check, group_of, qa_record
from filters.qa_quality import says
from filters.qa_words import sentence_around
from manifests.record import Question as Record
from manifests.record import decode_question
from pipeline.qa.likeness import SQUAD_2
from pipeline.qa.make.cloze import clozes
from pipeline.qa.make.negatives import negatives
from pipeline.qa.make.origin import Made
from pipeline.qa.make.swap import swaps
from pipeline.qa.make.values import kind_of, nouns, values
from pipeline.qa.make.wording import ask

CLOZE, NEGATIVES, SWAP = (Synthetic(name, 1) for name in ("cloze", "negatives", "swap"))
MILL = (
    "The mill stands on the Aach near Überlingen. In 1743 the guild of Konstanz paid 1,200 florins"
    " for its wheel. The wheel turned until 4 March 1811. Jakob Weber of Meersburg bought the ruin"
    " in 1820 and sold 40 percent of the land to the town of Radolfzell."
)
KOREAN = (
    "서울은 대한민국의 수도이다. 1394년에 한양은 조선의 수도가 되었다. 한양을 세운 정도전은 궁궐의 이름을 지었다."
    " 사람들은 한양에서 300명의 군사를 보았다. 조선이 한양의 성을 쌓았다."
)


def found(text: str) -> list[tuple[str, str]]:
    return [(text[each.start : each.end], each.kind) for each in values(text)]


def test_values_are_dates_figures_and_names() -> None:
    assert found("On March 4, 1861 Mr. Lincoln of Springfield paid $2.5 million, or 40%, to 1,200 men.") == [
        ("March 4, 1861", "date"), ("Lincoln of Springfield", "name"), ("$2.5 million", "money"), ("40%", "share"),
        ("1,200", "number"),
    ]  # fmt: skip
    assert found("In 1743 they met J. Smith, the Duke of York with Ada's aunt.") == [
        ("1743", "year"), ("J. Smith", "name"), ("Duke of York", "name"),
    ]  # fmt: skip
    assert found("1394년 10월 5일에 300명이 13세기 성에 왔다") == [
        ("1394년 10월 5일", "date"), ("300명", "number"), ("13세기", "number"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "Wheels turn.", "Room 12-B, version 2.4.1, at 10:30, 3/4 full, x=5, 2–7.", "An English mill.",
        "A letter to REDACTED_EMAIL went off.", "It is my Constitution.", "The Miller–Urey test.",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_value_is_none(text: str) -> None:
    assert [value for value in found(text) if value[0] != "Miller"] == []


def test_kinds_of_answers() -> None:
    kinds = [kind_of(each) for each in ("1743", "Jakob Weber", "40 percent", "of oak", "3월 4일")]
    assert kinds == ["year", "name", "share", "", "date"]


def test_korean_nouns_are_known_by_their_particles() -> None:
    assert nouns(KOREAN) == {"한양", "조선"}
    assert nouns("사람은 간다. 사람을 본다. 아름다운은 아름다운을") == frozenset()


@pytest.mark.parametrize(
    ("before", "answer", "after", "kind", "language", "question"),
    [
        ("In ", "1743", " it burnt.", "year", "en", "In what year it burnt?"),
        ("", "Ada", " wrote.", "name", "en", "Who or what wrote?"),
        ("She met the ", "Ada", " there.", "name", "en", "She met who or what there?"),
        ("It stands near ", "York", ".", "name", "en", "It stands near what?"),
        ("It has ", "40", " wheels.", "number", "en", "It has how many wheels?"),
        ("It rose by ", "40", ".", "number", "en", ""),
        ("On ", "4 March 1811", " it burnt.", "date", "en", "On what date it burnt?"),
        ("", "서울", "은 크다.", "word", "ko", "무엇은 크다?"),
        ("", "나무", "는 크다.", "word", "ko", "무엇은 크다?"),
        ("그 배는 ", "바다", "로 갔다.", "word", "ko", "그 배는 무엇으로 갔다?"),
        ("", "1394년", "에 섰다.", "year", "ko", "몇 년에 섰다?"),
        ("", "300명", "이 왔다.", "number", "ko", "몇 명이 왔다?"),
        ("", "3월 4일", "에 갔다.", "date", "ko", "언제 갔다?"),
        ("", "3월 4일", "은 맑다.", "date", "ko", "언제는 맑다?"),
        ("Im Jahr ", "1743", " brannte sie ab.", "year", "de", "Im Jahr _____ brannte sie ab."),
    ],
)  # fmt: skip
def test_the_answer_gives_way_to_words_that_ask_for_it(
    before: str, answer: str, after: str, kind: str, language: str, question: str
) -> None:
    assert ask(before, answer, after, kind, language) == question


def test_a_document_gives_clozes() -> None:
    made = {MILL[each.low : each.high]: each.question for each in clozes(MILL, "en", [], 4, 40)}
    assert made["1743"] == "In what year the guild of Konstanz paid 1,200 florins for its wheel?"
    assert made["1,200"].startswith("In 1743 the guild of Konstanz paid how many florins")
    assert made["4 March 1811"] == "The wheel turned until what date?"
    korean = {KOREAN[each.low : each.high] for each in clozes(KOREAN, "ko", [], 3, 40)}
    assert {"한양", "1394년", "300명"} <= korean


def test_nothing_redacted_is_asked_or_answered() -> None:
    start = MILL.index("1743")
    made = list(clozes(MILL, "en", [(start, start + 4)], 4, 40))
    assert made
    assert not any("guild" in each.question for each in made)
    assert all(not each.low <= start < each.high for each in made)


def test_lines_that_were_broken_to_fit_a_page_are_joined() -> None:
    first_line = "In 1743 the guild of Konstanz paid more for the new wheel of its"
    lines = f"{first_line}\nmill than for the house. It burnt down again."
    (first, *_) = clozes(lines, "en", [], 4, 40)
    assert first.question.endswith("for the new wheel of its mill than for the house?")
    listed = "Mills\nIn 1743 the guild of Konstanz paid. It burnt down again in the winter."
    assert all("Mills" not in each.question for each in clozes(listed, "en", [], 4, 40))


document = st.lists(
    st.sampled_from(
        [
            *("The guild of Konstanz paid 1,200 florins in 1743.", "Jakob Weber met Ada Miller in York."),
            *("It burnt.", "서울은 1394년에 수도가 되었다.", "On 4 March 1811 Weber fell.\n", "\n\n", "🌾 grows."),
        ]
    ),
    max_size=12,
).map(" ".join)  # fmt: skip


@given(document, st.sampled_from(["en", "ko", "de"]), st.data())
def test_a_cloze_holds_its_answer_at_its_span_and_not_in_its_question(
    text: str, language: str, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(text)))
    redacted = [(at, min(at + 5, len(text)))]
    for each in clozes(text, language, redacted, 2, 40):
        answer = text[each.low : each.high]
        assert each.start <= each.low < each.high <= each.end
        assert answer == answer.strip() != ""
        assert answer not in each.question
        assert not any(a < each.high and each.low < b for a, b in redacted)


def record(name: str, context: str, question: str, *answers: str, title: str = "Mill") -> Record:
    asked = Question(
        id=name,
        question=question,
        context=context,
        answers=tuple(Answer(a, context.index(a), context.index(a) + len(a)) for a in answers),
        is_impossible=not answers,
        title=title,
        group=group_of(title, context),
    )
    line = qa_record(
        asked, source="s", license="MIT", language="en", url="u", redactions=[], extra={}
    )
    return decode_question(line)


OTHER = "The wheel of the mill at Sipplingen was built of larch, and Anna Huber ran it until 1902."
ARTICLE = [
    record("a", MILL, "When did the wheel of the mill stop?", "4 March 1811"),
    record("b", MILL, "What did the guild of Konstanz pay in 1743?", "1,200 florins"),
    record("c", OTHER, "What was the wheel of the mill built of?", "larch"),
]


def made_of(found: object) -> list[Made]:
    return [each for each in found if isinstance(each, Made)]  # type: ignore[attr-defined]


def test_a_question_meets_the_passage_that_has_most_of_its_words_and_no_answer() -> None:
    made = {each.origin.id: each for each in made_of(negatives(ARTICLE, NEGATIVES, 0.4))}
    assert made["a"].question.context == OTHER
    assert made["c"].question.context == MILL
    assert "b" not in made
    assert [a.text for a in made["a"].question.plausible_answers] == []
    asked = record("y", MILL, "When was the wheel bought?", "1743")
    year = made_of(negatives([asked, ARTICLE[2]], NEGATIVES, 0.4))[0]
    assert [a.text for a in year.question.plausible_answers] == ["1902"]


def test_what_was_redacted_in_a_question_is_told_of_those_that_are_made_of_it() -> None:
    text = "What did REDACTED_EMAIL of the guild of Konstanz pay REDACTED_IP in 1743?"
    (asked,) = [each for each in ARTICLE if each.id == "b"]
    spans = [(9, 23, "EMAIL"), (53, 64, "IP")]
    meta = msgspec.structs.replace(asked.meta, question_redactions=json.dumps(spans))
    redacted = msgspec.structs.replace(asked, question=text, meta=meta)
    seen = set()
    for seed in range(12):
        article = [ARTICLE[0], redacted, ARTICLE[2]]
        for each in made_of(swaps(article, Synthetic("swap", seed))):
            if each.origin.id == "b":
                said = each.question.question
                assert [(said[a:b], kind) for a, b, kind in each.asked] == [
                    ("REDACTED_EMAIL", "EMAIL"), ("REDACTED_IP", "IP"),
                ]  # fmt: skip
                seen.add(said)
    assert len({each.index("REDACTED_IP") for each in seen}) > 1
    other = record("o", MILL + " It is old.", "Why?", title="Mill")
    for each in made_of(negatives([redacted, other], NEGATIVES, 0.0)):
        if each.origin.id == "b":
            assert each.asked == spans
            line = json.loads(each.line(NEGATIVES))
            assert json.loads(line["meta"]["question_redactions"]) == [[*span] for span in spans]


def test_one_value_of_the_question_gives_way_to_its_like() -> None:
    (made,) = [each for each in made_of(swaps(ARTICLE, SWAP)) if each.origin.id == "b"]
    assert made.question.question in {
        "What did the guild of Konstanz pay in 1820?", "What did the guild of Konstanz pay in 1902?",
        "What did the guild of Radolfzell pay in 1743?",
    }  # fmt: skip
    assert [a.text for a in made.question.plausible_answers] == ["1,200 florins"]
    thai = "The Thai course of medicine takes 6 years. The one in Thailand and Laos is old. It is long."
    asked = record("t", thai, "How long is the Laos course in Thai medicine?", "6 years")
    assert all("Thailand" not in each.question.question for each in made_of(swaps([asked], SWAP)))
    assert list(swaps([record("x", MILL, "Who came?", "Jakob Weber")], SWAP)) == ["no-value"]


names = st.sampled_from(
    ["Konstanz", "Radolfzell", "Sipplingen", "Meersburg", "Ada Miller", "Jakob Weber"]
)
figures = st.sampled_from(["1743", "1811", "1902", "1,200", "40 percent", "$5 million"])
passage = st.builds(
    "The guild in {} paid {} to {}. Then {} came to {} with {} men.".format,
    names, figures, names, names, names, figures,
)  # fmt: skip


@st.composite
def articles(draw: st.DrawFn) -> list[Record]:
    found = []
    for number, text in enumerate(draw(st.lists(passage, min_size=1, max_size=4, unique=True))):
        answer = draw(st.sampled_from([each for each in text.split() if each[0] in string.ascii_letters]))  # fmt: skip
        question = draw(st.builds("What did the guild in {} do with {}?".format, names, figures))
        found.append(record(f"q{number}", text, question, answer.strip(".,")))
    return found


@given(articles(), st.integers(0, 5))
@settings(max_examples=200)
def test_a_negative_passage_holds_no_answer(article: list[Record], seed: int) -> None:
    asked = {each.id: each for each in article}
    for each in made_of(negatives(article, Synthetic("negatives", seed), 0.1)):
        origin = asked[each.origin.id]
        assert check(each.question) is None
        assert each.question.is_impossible
        assert each.question.question == origin.question
        assert each.question.context in {one.context for one in article} - {origin.context}
        for answer in origin.answers:
            assert answer.text not in each.question.context
            plain = f" {SQUAD_2.plain(each.question.context)} "
            assert (
                SQUAD_2.plain(answer.text) == "" or f" {SQUAD_2.plain(answer.text)} " not in plain
            )


@given(articles(), st.integers(0, 5))
@settings(max_examples=200)
def test_a_swap_changes_one_value_for_another_that_no_answer_s_sentence_says(
    article: list[Record], seed: int
) -> None:
    asked = {each.id: each for each in article}
    for each in made_of(swaps(article, Synthetic("swap", seed))):
        origin = asked[each.origin.id]
        start, end = each.told["at"]
        new, old = each.question.question, origin.question
        assert check(each.question) is None
        assert new[:start] == old[:start]
        assert old.endswith(new[end:])
        assert new[start:end] != old[start : len(old) - len(new[end:])]
        assert kind_of(new[start:end]) == each.told["swapped"]
        assert any(new[start:end] in one.context for one in article)
        for answer in origin.answers:
            low, high = sentence_around(origin.context, answer.start, answer.end)
            assert not says(origin.context[low:high], new[start:end])
        assert each.question.context == origin.context
        assert [a.text for a in each.question.plausible_answers] == [a.text for a in origin.answers]
