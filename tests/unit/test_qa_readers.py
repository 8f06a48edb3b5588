"""What each format of questions says, in its own terms."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from filters.qa import Answer
from pipeline.config import Config, Release, Source
from pipeline.decontam import Protect
from pipeline.errors import InputError
from pipeline.evaluation_sets import File
from pipeline.evaluation_sets import items as evaluation_items
from pipeline.plan import freeze_inputs
from pipeline.qa.asked import read_asked
from pipeline.qa.files import read_gold
from pipeline.sources import Bad, Damage, FieldMap, Item, Raw, Said, read
from pipeline.sources.questions.record import Repaired, extra_of, repair
from pipeline.sources.stackexchange.posts import license_of
from pipeline.sources.stackexchange.questions import site_of
from pipeline.stages.questions import Read, Unasked, read_question
from tests.shapes import dump, row

MILL = "The mill on the river grinds rye."


def items(folder: Path, kind: str, data: Any, name: str = "qa.jsonl", **said: Any) -> list[Item]:
    path = folder / name
    lines = data if isinstance(data, list) else [data]
    raw = (
        data
        if isinstance(data, bytes)
        else b"".join(json.dumps(each).encode() + b"\n" for each in lines)
    )
    path.write_bytes(raw)
    return list(read(path, kind, said=Said(**said)))


def asked(item: Item) -> Repaired:
    assert isinstance(item, Raw)
    found = repair(item.record)
    assert isinstance(found, Repaired), found
    return found


def refused(item: Item) -> str:
    assert isinstance(item, Raw)
    found = repair(item.record)
    assert isinstance(found, str), found
    return found


def page(context: str, text: str, start: int, **article: Any) -> dict[str, Any]:
    answer = {"text": text, "answer_start": start, "html_answer_text": "?", "html_answer_start": 1}
    qas = [{"id": 8089, "question": "어디?", "answer": answer}]
    return {
        "version": "KorQuAD_2.0_train",
        "data": [{"title": "t", "context": context, "qas": qas} | article],
    }


PAGE = "<!DOCTYPE html>\n<html><head><title>강 - 위키</title></head><p>그 강은 <a>독일</a>에 &amp; 있다.</p>"


def test_a_page_of_korquad_2_is_text_and_the_answer_goes_with_it(tmp_path: Path) -> None:
    document = page(
        PAGE, "<a>독일</a>", PAGE.index("<a>"), raw_html="<p>long", url="https://x.example"
    )
    (item,) = items(tmp_path, "squad", document)
    found = asked(item)
    assert found.question.id == "8089"
    assert found.question.context == "강 - 위키\n\n그 강은 독일에 & 있다."
    assert [each.text for each in found.question.answers] == ["독일"]
    assert found.repairs == ()
    assert isinstance(item, Raw)
    assert extra_of(item.record) == {"url": "https://x.example", "version": "KorQuAD_2.0_train"}


@pytest.mark.parametrize(
    ("text", "start", "answer", "repairs"),
    [
        ("독일", PAGE.index("독일"), "독일", ()),
        ("<a>독일</a>", PAGE.index("<a>") - 2, "독일", ("near",)),
        ("독일", len(PAGE[: PAGE.index("독일")].encode()), "독일", ("bytes",)),
        ("에 &amp; 있다", PAGE.index("에 &amp;"), "에 & 있다", ()),
    ],
)
def test_a_start_in_a_page_is_repaired_where_certain(
    tmp_path: Path, text: str, start: int, answer: str, repairs: tuple[str, ...]
) -> None:
    found = asked(items(tmp_path, "squad", page(PAGE, text, start))[0])
    assert [each.text for each in found.question.answers] == [answer]
    assert found.repairs == repairs


@pytest.mark.parametrize(
    ("text", "start"), [("a>독일", PAGE.index("a>독일")), ("<p>", PAGE.index("<p>")), ("없다", 3)]
)
def test_an_answer_that_cuts_markup_is_refused_and_is_gold_all_the_same(
    tmp_path: Path, text: str, start: int
) -> None:
    (item,) = items(tmp_path, "squad", page(PAGE, text, start), name="page.json")
    assert refused(item) == "qa:span"
    assert [each.answers for each in read_gold(tmp_path / "page.json")] == [(text,)]
    with pytest.raises(InputError, match=r"page\.json#0: qa:span"):
        list(read_asked(tmp_path / "page.json"))


def test_where_only_the_page_as_served_is_there_its_own_offsets_count(tmp_path: Path) -> None:
    article = page("", "x", 0)["data"][0]
    del article["context"]
    article["raw_html"] = '<p class="a">In <b>Köln</b></p>'
    article["qas"][0]["answer"] |= {"html_answer_text": "<b>Köln</b>", "html_answer_start": 16}
    found = asked(items(tmp_path, "squad", {"data": [article]})[0])
    assert (found.question.context, found.question.answers[0].text) == ("In Köln", "Köln")


def test_a_page_that_is_text_already_stays_as_it_is(tmp_path: Path) -> None:
    (item,) = items(tmp_path, "squad", page("a < b  and c", "b", 4))
    assert asked(item).question.context == "a < b  and c"
    assert isinstance(item, Raw)
    assert not item.edited


def line(*detected: Any, **asked_: Any) -> list[Any]:
    one = {"qid": "m", "id": "-", "question": "What?", "detected_answers": list(detected)}
    return [
        {"header": {"dataset": "NewsQA", "split": "dev"}},
        {"id": "p", "context": MILL, "qas": [one | {"answers": ["Mill", "rye"]} | asked_]},
    ]


def test_mrqa_counts_the_last_code_point_in_and_each_span_is_an_answer(tmp_path: Path) -> None:
    detected = {"text": "the", "char_spans": [[0, 2], [12, 14]], "token_spans": [[0, 0]]}
    (item,) = items(tmp_path, "mrqa", line(detected))
    found = asked(item).question
    assert [(each.text, each.start, each.end) for each in found.answers] == [
        ("The", 0, 3), ("the", 12, 15),
    ]  # fmt: skip
    assert isinstance(item, Raw)
    assert (item.row, item.line) == (0, 2)
    assert extra_of(item.record) == {
        "question.id": "-", "gold": ["Mill", "rye"], "dataset": "NewsQA", "split": "dev",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "span", "answer"),
    [
        ("rye", [29, 31], "rye"),
        ("RYE ", [29, 31], "rye"),
        ("rye", [28, 31], "rye"),  # a span with the space before it
        ("grinds  rye", [22, 31], "grinds rye"),
        ("rye", [30, 31], "rye"),  # one off: repaired
    ],
)
def test_the_span_s_own_text_counts_where_case_and_space_differ(
    tmp_path: Path, text: str, span: list[int], answer: str
) -> None:
    found = asked(items(tmp_path, "mrqa", line({"text": text, "char_spans": [span]}))[0])
    assert [each.text for each in found.question.answers] == [answer]


@pytest.mark.parametrize("span", [[4, 7], [31, 29], [-3, -1], [29], "29", [True, 3], [29.0, 31]])
def test_a_span_that_holds_another_text_is_refused(tmp_path: Path, span: Any) -> None:
    (item,) = items(tmp_path, "mrqa", line({"text": "rye", "char_spans": [span]}))
    assert refused(item) == "qa:span"


def test_lines_of_mrqa_of_another_shape_are_one_bad_row_each(tmp_path: Path) -> None:
    data = [*line(), {"context": 3}, {"context": "a", "qas": ["b"]}, {"context": "c", "qas": []}]
    found = items(tmp_path, "mrqa", data)
    assert [each.reason if isinstance(each, Bad) else "" for each in found] == [
        "", "shape:paragraph", "shape:question",
    ]  # fmt: skip
    assert refused(found[0]) == "qa:no-answer"


def flat(**changes: Any) -> dict[str, Any]:
    answers = {"text": ["rye"], "answer_start": [29]}
    return {
        "id": "f",
        "context": MILL,
        "question": "What?",
        "answers": answers,
        "level": 3,
    } | changes


@pytest.mark.parametrize(
    "answers",
    [
        {"text": ["rye"], "answer_start": [29]},
        [{"text": "rye", "start": 29}],
        [{"text": "rye", "answer_start": 29, "end": 32}],
        [{"text": "rye", "start": 29, "end": 31}],
        [{"text": "rye"}],
    ],
)
def test_flat_answers_come_in_several_shapes(tmp_path: Path, answers: Any) -> None:
    (item,) = items(tmp_path, "questions", flat(answers=answers))
    found = asked(item).question
    assert [(each.text, each.start, each.end) for each in found.answers] == [("rye", 29, 32)]
    assert isinstance(item, Raw)
    assert extra_of(item.record) == {"level": 3}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"answers": [{"text": "rye", "start": 29, "end": 40}]}, "qa:span"),
        ({"answers": {"text": ["rye"], "answer_start": []}}, "qa:answers"),
        ({"answers": {"text": "rye", "answer_start": 29}}, "qa:answers"),
        ({"answers": "rye"}, "qa:answers"),
        ({"answers": []}, "qa:no-answer"),
        ({"answers": [{"text": "rye", "start": 29, "how": "trust me"}], "id": None}, "qa:no-id"),
    ],
)
def test_flat_questions_that_are_none(tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    assert refused(items(tmp_path, "questions", flat(**changes))[0]) == reason


def test_two_empty_lists_say_that_there_is_no_answer(tmp_path: Path) -> None:
    nothing = {"text": [], "answer_start": []}
    assert asked(items(tmp_path, "questions", flat(answers=nothing))[0]).question.is_impossible
    (item,) = items(tmp_path, "questions", flat(answers=nothing, is_impossible=False))
    assert refused(item) == "qa:no-answer"


def test_no_input_names_a_repair(tmp_path: Path) -> None:
    answers = [{"text": "rye", "start": 29, "how": "a private text"}]
    assert asked(items(tmp_path, "questions", flat(answers=answers))[0]).repairs == ()


def test_a_page_of_korquad_2_may_come_flat(tmp_path: Path) -> None:
    given = {
        "id": "8", "question": "?", "title": "t", "context": PAGE, "raw_html": "<p>", "url": "u",
        "answer": {"text": "<a>독일</a>", "answer_start": PAGE.index("<a>"), "html_answer_start": 1},
    }  # fmt: skip
    (item,) = items(tmp_path, "questions", given)
    assert asked(item).question.answers[0].text == "독일"
    assert isinstance(item, Raw)
    assert item.edited


def test_what_a_release_s_record_carries_survives(tmp_path: Path) -> None:
    extra = json.dumps({"level": 3, "source": "first"})
    record = flat(
        schema="qa/1", context_sha256="0", source="old", license="MIT", language="en", url="",
        title="Mill", group="Mill", meta={"redactions": '[[0,3,"email"]]', "extra": extra},
        synthetic={"method": "cloze", "seed": 1}, answers=[{"text": "rye", "start": 29, "end": 32}],
    )  # fmt: skip
    del record["level"]
    (item,) = items(tmp_path, "questions", record, name="a.jsonl")
    assert isinstance(item, Raw)
    assert extra_of(item.record) == {
        "license": "MIT", "synthetic": {"method": "cloze", "seed": 1}, "level": 3,
        "source": "first", "redactions": [[0, 3, "email"]],
    }  # fmt: skip


def test_what_a_release_s_record_says_was_redacted_is_carried(tmp_path: Path) -> None:
    text = "Ask REDACTED_EMAIL: the mill grinds rye."
    given = {
        "schema": "qa/1", "source": "s", "context": text, "question": "Who is REDACTED_NAME?",
        "answers": [{"text": "rye", "start": 36}],
    }  # fmt: skip
    of_context, of_question = '[[4,18,"EMAIL"]]', '[[7,20,"NAME"]]'
    meta = {"redactions": of_context, "question_redactions": of_question, "extra": "{}"}

    def read(**changes: Any) -> Raw:
        (item,) = items(tmp_path, "questions", flat(**given, meta=meta | changes))
        assert isinstance(item, Raw)
        assert asked(item).question.answers[0].start == 36
        return item

    whole = read()
    assert whole.carried == (((4, 18, "EMAIL"),), ((7, 20, "NAME"),))
    assert not {"redactions", "question_redactions"} & extra_of(whole.record).keys()
    stale = read(question_redactions=of_context)
    assert stale.carried == (((4, 18, "EMAIL"),), ())
    assert extra_of(stale.record)["question_redactions"] == [[4, 18, "EMAIL"]]
    swapped = read(redactions='[[0,3,"EMAIL"]]', extra='{"redactions": 1}')
    assert swapped.carried == ((), ((7, 20, "NAME"),))
    assert extra_of(swapped.record)["redactions"] == 1


@pytest.mark.parametrize("extra", ["[", "3", "[" * 5000, '{"a": 1e999}', None, '{"\\ud800": 1}'])
def test_an_extra_that_is_none_stays_as_it_is(tmp_path: Path, extra: Any) -> None:
    record = flat(schema="qa/1", meta={"redactions": "[]", "extra": extra})
    (item,) = items(tmp_path, "questions", record)
    assert isinstance(item, Raw)
    assert item.record["meta"]["extra"] == extra


POST: dict[str, str] = {
    "Id": "1",
    "PostTypeId": "1",
    "Title": "Why?",
    "Body": "<p>b</p>",
    "AcceptedAnswerId": "2",
}
ANSWER: dict[str, str] = {"Id": "2", "PostTypeId": "2", "ParentId": "1", "Body": "<p>So.</p>"}


@pytest.mark.parametrize(
    ("post", "name"),
    [
        ({"CreationDate": "2011-04-07T23:59:59.999"}, "CC-BY-SA-2.5"),
        ({"CreationDate": "2011-04-08T00:00:00.000"}, "CC-BY-SA-3.0"),
        ({"CreationDate": "2018-05-01T23:59:59.999"}, "CC-BY-SA-3.0"),
        ({"CreationDate": "2018-05-02T00:00:00.000"}, "CC-BY-SA-4.0"),
        ({"CreationDate": "2009-01-01", "ContentLicense": "CC BY-SA 4.0"}, "CC-BY-SA-4.0"),
        ({"ContentLicense": "MIT"}, "MIT"),
        ({"CreationDate": "yesterday"}, ""),
        ({}, ""),
    ],
)
def test_the_licence_of_a_post_is_stated_or_follows_from_its_day(
    post: dict[str, str], name: str
) -> None:
    assert license_of(post) == name


@pytest.mark.parametrize(
    ("names", "site"),
    [
        (("dumps/cooking.stackexchange.com/Posts.xml",), "cooking.stackexchange.com"),
        (("s3://b/pt.stackoverflow.com/Posts.xml.gz", "x"), "pt.stackoverflow.com"),
        (("Posts.xml", "mathoverflow.net"), "mathoverflow.net"),
        (("evil.example/Posts.xml", "data.org"), ""),
        (("notstackexchange.com/Posts.xml",), ""),
    ],
)
def test_the_site_is_the_folder_s_or_the_source_s_name(names: tuple[str, ...], site: str) -> None:
    assert site_of(*names) == site


@pytest.mark.parametrize(
    ("post", "answer"),
    [
        (POST | {"AcceptedAnswerId": "3"}, ANSWER),
        (POST | {"AcceptedAnswerId": "x"}, ANSWER),
        (POST | {"AcceptedAnswerId": "9" * 30}, ANSWER),
        (POST, ANSWER | {"ParentId": "7"}),
        (POST, ANSWER | {"PostTypeId": "1", "Title": "not an answer"}),
    ],
)
def test_a_question_without_its_accepted_answer_is_dropped(
    tmp_path: Path, post: dict[str, str], answer: dict[str, str]
) -> None:
    first, *_ = items(
        tmp_path, "stackexchange", dump(row(**post) + row(**answer)), name="Posts.xml"
    )
    outcome = read_question(Source(name="s", id_prefix="x/"), _raw(first))
    assert isinstance(outcome, Unasked)
    assert (outcome.reason, outcome.document.id) == ("no-accepted-answer", "x/1")


def _raw(item: Item) -> Raw:
    assert isinstance(item, Raw), item
    return item


def test_an_answer_may_stand_before_its_question_and_the_first_of_two_counts(
    tmp_path: Path,
) -> None:
    rows = row(**ANSWER) + row(**ANSWER | {"Body": "later"}) + row(**POST)
    (item,) = items(tmp_path, "stackexchange", dump(rows), name="Posts.xml")
    assert asked(item).question.context == "So."


def test_rows_that_are_none_are_told_by_their_line(tmp_path: Path) -> None:
    rows = (
        row(**POST) + row(**ANSWER)
        + "  <row Id='9' PostTypeId='1' Title='&undeclared;' />\n"
        + "  <row Id='9' />\n  <row Id='9' PostTypeId='1' Title=' ' />\n  <users/>\n"
        + "  <!DOCTYPE a [<!ENTITY b 'c'>]><row Id='9' PostTypeId='1' Title='&b;'/>\n"
        + "  <row Id='9'/><row Id='8'/>\n" + row(Id="10", PostTypeId="16") + "junk\n"
    )  # fmt: skip
    found = items(tmp_path, "stackexchange", dump(rows), name="Posts.xml")
    told = [(each.row, each.line, each.reason) for each in found if isinstance(each, Bad)]
    assert told == [
        (1, 5, "xml"), (2, 6, "shape:post"), (3, 7, "shape:post"), (4, 8, "xml"), (5, 9, "xml"),
        (6, 10, "xml"), (7, 12, "xml"),
    ]  # fmt: skip


def test_a_dump_that_is_cut_short_gives_what_is_whole(tmp_path: Path) -> None:
    data = gzip.compress(dump(row(**ANSWER) + row(**POST) * 400), compresslevel=1)[:-30]
    *found, last = items(tmp_path, "stackexchange", data, name="Posts.xml.gz")
    assert isinstance(last, Damage)
    assert last.row == len(found)


def test_the_documents_of_a_pair_s_question_say_all_that_the_page_said(tmp_path: Path) -> None:
    given = {
        "key": "d",
        "body": "Q: Who?\nA: She.",
        "meta": {"repo": "https://github.com/a/b", "path": "faq.md"},
    }
    said = {"name": "s", "fields": FieldMap(text="body", id="key")}
    (item,) = items(tmp_path, "faq", given | {"license": "MIT", "title": "Mill"}, **said)
    outcome = read_question(Source(name="s", license="CC0-1.0"), _raw(item))
    assert isinstance(outcome, Read)
    document = outcome.document
    assert (document.id, document.license, document.repo) == (
        "d#1",
        "MIT",
        "https://github.com/a/b",
    )
    assert document.extra == {"repo": "https://github.com/a/b", "path": "faq.md"}
    assert (outcome.question.title, document.normalised) == ("Mill", False)


def test_sections_of_a_long_document_are_contexts_of_one_group(tmp_path: Path) -> None:
    text = "\n".join(f"## What is {n}?\n\nIt is {'x' * 3000} {n}.\n" for n in range(9))
    found = [asked(each).question for each in items(tmp_path, "faq", {"id": "d", "text": text})]
    assert len(found) == 9
    assert {each.group for each in found} == {"d"}
    for number, each in enumerate(found):
        assert len(each.context) <= 8_000
        assert f"## What is {number}?" in each.context
        assert each.answers[0].text.endswith(f"{number}.")


@pytest.mark.parametrize(
    ("given", "reason"),
    [({"id": "d"}, "text-missing"), ({"text": 3}, "text-type"), ({"text": "a\0"}, "nul")],
)
def test_what_is_no_document_is_bad(tmp_path: Path, given: dict[str, Any], reason: str) -> None:
    (item,) = items(tmp_path, "faq", given)
    assert isinstance(item, Bad)
    assert item.reason == reason


def test_gold_is_read_from_every_format(tmp_path: Path) -> None:
    items(tmp_path, "mrqa", line({"text": "nowhere", "char_spans": [[0, 3]]}), name="m.jsonl")
    items(
        tmp_path,
        "questions",
        flat(answers={"text": ["nowhere"], "answer_start": [3]}),
        name="f.jsonl",
    )
    items(
        tmp_path,
        "stackexchange",
        dump(row(**POST) + row(**ANSWER) + row(**POST | {"Id": "3"})),
        name="Posts.xml",
    )
    assert [each.answers for each in read_gold(tmp_path / "m.jsonl")] == [("nowhere",)]
    assert [each.answers for each in read_gold(tmp_path / "f.jsonl")] == [("nowhere",)]
    assert [each.answers for each in read_gold(tmp_path / "Posts.xml")] == [("So.",)]
    (only,) = read_asked(tmp_path / "Posts.xml")
    assert only.question.answers == (Answer("So.", 0, 3),)


NAMES = (
    "a.json", "b.json.gz", "c.jsonl", "d.jsonl.zst", "e.ndjson", "f.parquet", "Posts.xml",
    "x/Posts.xml.gz", "Users.xml", "notes.txt", ".hidden.json",
)  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("squad", {"a.json", "b.json.gz"}),
        ("mrqa", {"a.json", "b.json.gz", "c.jsonl", "d.jsonl.zst"}),
        ("questions", {"a.json", "b.json.gz", "c.jsonl", "d.jsonl.zst", "e.ndjson", "f.parquet"}),
        ("stackexchange", {"Posts.xml", "x/Posts.xml.gz"}),
        ("faq", {"a.json", "b.json.gz", "c.jsonl", "d.jsonl.zst", "e.ndjson"}),
    ],
)
def test_a_folder_gives_the_files_of_the_format(tmp_path: Path, kind: str, names: set[str]) -> None:
    (tmp_path / "in/x").mkdir(parents=True)
    for name in NAMES:
        (tmp_path / "in" / name).write_bytes(b"")
    source = Source(name="s", format=kind, paths=("in",))
    found = freeze_inputs(Config(release=Release(name="r"), sources=(source,)), tmp_path)
    assert {each.path for each in found} == {f"in/{name}" for name in names}


def test_a_post_is_to_opt_outs_what_it_says_of_itself(tmp_path: Path) -> None:
    told = {"CreationDate": "2019-01-02T03:04:05.678", "OwnerDisplayName": "Ada"}
    rows = row(**POST) + row(**ANSWER | told)
    (item,) = items(tmp_path, "stackexchange", dump(rows), name="Posts.xml", site="superuser.com")
    outcome = read_question(Source(name="s"), _raw(item))
    assert isinstance(outcome, Read)
    document = outcome.document
    assert (document.id, document.url) == ("superuser.com/q/1", "https://superuser.com/a/2")
    assert (document.author, document.created) == ("Ada", "2019-01-02T03:04:05.678")
    assert document.license == "CC-BY-SA-4.0"


def test_how_a_released_question_was_made_is_read_from_its_shard(tmp_path: Path) -> None:
    made = {"method": "cloze", "seed": 7}
    items(tmp_path, "questions", flat(synthetic=made, license="MIT"), name="train.jsonl")
    (found,) = read_asked(tmp_path / "train.jsonl")
    assert (found.synthetic, found.license) == ("cloze", "MIT")


def test_a_protected_set_of_pages_is_their_text(tmp_path: Path) -> None:
    document = page(PAGE, "독일", PAGE.index("독일"), url="u")
    path = tmp_path / "dev.json.gz"
    path.write_bytes(gzip.compress(json.dumps(document).encode()))
    protect = Protect(name="dev", paths=("dev.json.gz",), format="squad")
    (item,) = evaluation_items(protect, (File(path, "0" * 64),))
    assert (item.name, item.title, item.question) == ("8089", "t", "어디?")
    assert item.texts == ("강 - 위키\n\n그 강은 독일에 & 있다.",)
