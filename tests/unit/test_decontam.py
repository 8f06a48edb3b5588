"""Words as they are compared, what a shared n-gram is, and what is no evidence."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from filters.decontam import Method, Protected, digest_of, make_keys, title_digest
from filters.decontam_index import MOST_SETS, Passage, build
from filters.decontam_words import words_of
from filters.document import Document, Verdict
from pipeline.decontam import Format, Protect, ProtectedSet, judge_of, save_protected
from pipeline.engine.work import Work
from pipeline.errors import InputError
from pipeline.evaluation_sets import File, Item, items

MILL = (
    "The miller of the lower valley ground rye for nine villages until the great flood of 1897"
    " carried his wheel, his sluice and half of the granary down to the sea."
)
KOREAN = (
    "제분소의 물레방아는 강물이 불어나는 봄마다 멈추었고 마을 사람들은 이웃 고을까지 곡식을 지고 가서"
    " 빻아야 했으며 그 일은 대개 사흘이 걸렸다."
)
CHINESE = (
    "这座磨坊建于一七四三年，当时河上仍有运送谷物的驳船，从湖边一直驶到上城，后来它两次被烧毁。"
)
THAI = "โรงสีแห่งนี้สร้างขึ้นเมื่อแม่น้ำยังมีเรือบรรทุกข้าวแล่นจากทะเลสาบไปจนถึงเมืองตอนบนทุกปี"


def protect(
    passages: Iterable[Passage],
    *,
    ngram: int = 13,
    by: tuple[Method, ...] = ("ngram", "id", "title"),
    ids: tuple[str, ...] = (),
    titles: tuple[str, ...] = (),
    sets: tuple[str, ...] = ("dev", "other"),
) -> Protected:
    return Protected(
        ngram=ngram,
        by=by,
        sets=sets,
        index=build(passages, ngram),
        ids=make_keys((digest_of(each), 0) for each in ids),
        titles=make_keys((title_digest(each), 0) for each in titles),
    )


def judge(protected: Protected, text: str, name: str = "page", title: str = "") -> Verdict:
    extra = {"title": title} if title else {}
    return protected.judge(Document(id=name, text=text, sha256="", source="web", extra=extra))


def only(text: str, *, ngram: int = 13) -> Protected:
    return protect([Passage(0, "item", text)], ngram=ngram)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hello, World! It’s", "hello world its"),
        ("café Ökonomie naïve", "CAFE okonomie NAÏVE"),
        ("1,000.50 grams", "100050 grams"),
        ("a <b class='x y'>bold</b> word<br/>", "a bold word"),
        ("AT&amp;T &nbsp; caf&#233; don&#x27;t don&rsquo;t", "at t cafe dont dont"),
        ("[linked](http://a.example/b_c?d=e) text[12] and[a] more", "linked text and more"),
        ("_snake_ **strong** `code` ~~gone~~ > quoted", "snake strong code gone quoted"),
        ("well\u00adknown zero\u200dwidth", "wellknown zerowidth"),
        ("ｆｕｌｌ　ｗｉｄｔｈ ﬁne ｶﾀｶﾅ", "full width fine カタカナ"),
        ("제분소 물레", "제분소물레"),
        ("a < b, c > d & e", "a b c d e"),
        ("&lt; &#; &#xZZ; &bogus", "bogus"),
        ("arr[i] = x[10];", "arr = x"),
    ],
)
def test_words_are_the_same_in_another_dress(one: str, other: str) -> None:
    assert words_of(one).hashes.tolist() == words_of(other).hashes.tolist()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("an ice", "a nice"),
        ("磨坊", "坊磨"),
        ("10", "1 0"),
        ("go", "gо"),
        ("x", ""),
    ],  # a Cyrillic o
)
def test_other_words_are_others(one: str, other: str) -> None:
    assert words_of(one).hashes.tolist() != words_of(other).hashes.tolist()


def test_words_know_where_they_stand() -> None:
    text = "Ä <i>磨坊</i> don't 3.5"
    words = words_of(text, places=True)
    data = text.encode()
    spans = zip(words.starts, words.ends, strict=True)
    found = [data[start:end].decode() for start, end in spans]
    assert found == ["Ä", "磨", "坊", "don't", "3.5"]


@pytest.mark.parametrize(
    "text", ["", " ", "<", "&", "[", "](", "<a", "&#", "[1", "é", "\U0010ffff"]
)
def test_odd_ends_of_a_text_are_read(text: str) -> None:
    assert len(words_of(text).hashes) <= 1
    assert words_of(f"{text} tail").hashes[-1] == words_of("tail").hashes[0]


def test_thirteen_words_in_a_row_are_found_and_twelve_are_not() -> None:
    protected = only(MILL)
    words = MILL.split()
    for start in range(len(words) - 12):
        assert not judge(protected, f"so {' '.join(words[start : start + 13])} said").keep
        assert judge(protected, f"so {' '.join(words[start : start + 12])} said").keep


def test_the_detail_says_where_and_how_much() -> None:
    text = f"Ein Müller: «{MILL}» (1900)"
    verdict = judge(only(MILL), text)
    assert verdict.reason == "ngram:dev"
    start, end = verdict.detail.pop("span")
    assert text[start:end] == MILL.rstrip(".")
    assert verdict.detail == {
        "method": "ngram",
        "set": "dev",
        "item": "item",
        "ngrams": len(MILL.split()) - 12,
        "score": 1.0,
    }


def test_a_passage_found_twice_counts_once() -> None:
    twice = judge(only(MILL), f"{MILL} And again: {MILL}").detail
    halves = judge(only(MILL), f"{MILL[:90]} said he. Then: {MILL[:90]}").detail
    assert twice["score"] == 1.0
    assert 0 < halves["score"] < 0.5


def test_of_several_passages_the_one_with_most_in_the_text_is_named() -> None:
    passages = [Passage(0, "some", MILL[:90]), Passage(0, "all", MILL)]
    assert judge(protect(passages), f"x {MILL}").detail["item"] == "all"


@pytest.mark.parametrize("text", [KOREAN, CHINESE, THAI])
def test_languages_are_compared_as_they_are_written(text: str) -> None:
    protected = only(text)
    clean = "오늘은 날씨가 좋다. 今天天气很好。 วันนี้อากาศดี "
    assert not judge(protected, f"{clean}{text}{clean}").keep
    assert not judge(protected, text.replace(" ", "")).keep
    assert not judge(protected, text[len(text) // 3 :]).keep
    assert judge(protected, clean * 5).keep
    assert judge(protected, text[: len(text) // 5]).keep


def test_decomposed_text_is_found_once_it_is_composed() -> None:
    decomposed = unicodedata.normalize("NFD", MILL.replace("sea", "Überlinger See"))
    assert not judge(only(MILL), unicodedata.normalize("NFC", decomposed)).keep


def test_a_passage_of_fewer_words_must_be_there_as_a_whole() -> None:
    short = "Grain becomes flour at the upper mill."
    protected = only(short)
    assert not judge(protected, "They say: grain becomes flour, at THE upper mill, they say.").keep
    assert judge(protected, "Grain becomes flour at the upper").keep
    assert judge(protected, "Grain becomes flour at the lower mill.").keep


def test_a_passage_of_less_than_five_words_is_no_evidence() -> None:
    assert judge(only("See the table below"), "See the table below").keep


@pytest.mark.parametrize(
    "text",
    [
        " ".join(map(str, range(100, 160))),
        "0.0, " * 80,
        "no " * 60,
        "yes no 1 2 3 4 5 6 7 8 9 " * 6,
        "ha ha ho ho 哈哈哈哈 " * 12,
    ],
)
def test_counting_and_repeating_are_no_evidence(text: str) -> None:
    assert judge(only(text), text).keep


def test_ids_count_when_they_cannot_be_counters() -> None:
    protected = protect([], ids=("56be4db0acb8001400a502ec", "1234"))
    verdict = judge(protected, "text", name="56be4db0acb8001400a502ec")
    assert (verdict.reason, verdict.detail["item"]) == ("id:dev", "56be4db0acb8001400a502ec")
    assert judge(protected, "text", name="1234").keep
    assert judge(protected, "text", name="56be4db0acb8001400a502ed").keep


def test_titles_are_compared_by_their_words() -> None:
    protected = protect([], titles=("Beyonc%C3%A9_Knowles", "1973_oil_crisis"))
    assert judge(protected, "text", title="Beyoncé Knowles").reason == "title:dev"
    assert judge(protected, "text", title="1973 Oil crisis").reason == "title:dev"
    assert judge(protected, "text", title="1973 oil crises").keep
    assert judge(protected, "text", title="").keep


def test_only_the_asked_rules_count() -> None:
    passages = [Passage(0, "item", MILL)]
    by_id = protect(passages, by=("id",), ids=("question-1",))
    by_ngram = protect(passages, by=("ngram",), ids=("question-1",))
    assert judge(by_id, MILL).keep
    assert not judge(by_id, "x", name="question-1").keep
    assert judge(by_ngram, "x", name="question-1").keep


def test_a_passage_of_two_sets_counts_while_one_of_them_does(tmp_path: Path) -> None:
    protected = protect([Passage(0, "a", MILL), Passage(1, "b", MILL.upper())])
    sets = tuple(
        ProtectedSet(name=name, format="squad", files=files, items=1, passages=1)
        for name, files in (("dev", ("aa",)), ("other", ("bb",)))
    )
    save_protected(Work(tmp_path), "digest", protected, sets)

    def reason(spared: str) -> str:
        return judge(judge_of(Work(tmp_path), "digest", "", spared), MILL).reason

    assert reason("") == "ngram:dev"
    assert reason("aa") == "ngram:other"
    assert reason("cc") == "ngram:dev"


def test_too_many_sets_are_refused() -> None:
    with pytest.raises(ValueError, match="more than 64 sets"):
        build([Passage(MOST_SETS, "item", MILL)], 13)


def test_an_index_of_nothing_finds_nothing() -> None:
    assert judge(protect([]), MILL).keep
    assert len(build([], 13).sets) == 0
    assert np.array_equal(build([], 13).firsts, [1])


def items_of(path: Path, text: str, form: Format, *fields: str) -> list[Item]:
    path.write_text(text, encoding="utf-8")
    protect_ = Protect(name="set", paths=("x",), format=form, fields=fields)
    return list(items(protect_, (File(path, "ab" * 32),)))


def test_mrqa_is_read_line_by_line_and_its_marks_part_passages(tmp_path: Path) -> None:
    asked = {"qid": "q1", "question": "Who?", "answers": ["he"], "detected_answers": []}
    lines = [
        {"header": {"dataset": "NewsQA"}},
        {"id": "", "context": "[TLE] Mills [PAR] One. [PAR] Two.", "qas": [asked, {"qid": "q2"}]},
        {"id": "", "context": "Nobody asks.", "qas": []},
    ]
    found = items_of(tmp_path / "x", "\n".join(map(json.dumps, lines)), "mrqa")
    assert [each.name for each in found] == ["q1", "q2", f"{'ab' * 6}#2"]
    assert found[0].texts == ("", " Mills ", " One. ", " Two.")
    assert (found[0].question, found[1].texts) == ("Who?", ())


def test_of_json_lines_every_text_is_taken_or_the_named_ones(tmp_path: Path) -> None:
    line = {
        "id": 7,
        "title": "T",
        "url": "u",
        "text": "a",
        "more": {"b": ["c", {"id": "x", "d": "e"}]},
    }
    (every,) = items_of(tmp_path / "x", json.dumps(line), "jsonl")
    assert (every.name, every.title, every.texts) == ("7", "T", ("c", "e", "a"))
    (named,) = items_of(tmp_path / "x", json.dumps(line), "jsonl", "text")
    assert named.texts == ("a",)


@pytest.mark.parametrize(
    ("text", "form", "problem"),
    [
        ('{"data": 1}', "squad", "not of SQuAD's shape"),
        ('{"text": "a"}\nsecret words', "jsonl", "line 2 is no JSON object"),
        ('{"id": "a"}', "mrqa", "line 1 is not of MRQA's shape"),
        ('{"id": "a"}', "jsonl", "line 1 has no field 'text'"),
    ],
)
def test_what_is_of_another_shape_is_refused_and_not_quoted(
    tmp_path: Path, text: str, form: Format, problem: str
) -> None:
    with pytest.raises(InputError, match=problem) as error:
        items_of(tmp_path / "x", text, form, *(["text"] if "id" in text else []))
    assert "secret" not in str(error.value)
